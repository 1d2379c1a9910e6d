"""The engine of RPA Studio: everything that runs without a window. It never imports Qt or `studio`."""

__version__ = "0.1.0"
