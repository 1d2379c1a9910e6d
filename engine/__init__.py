"""The engine of RPA Studio: everything that runs without a window. It never imports Qt or `studio`."""

from __future__ import annotations

__version__ = "0.1.0"
