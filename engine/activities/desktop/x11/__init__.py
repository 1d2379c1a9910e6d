"""The desktop of Linux: X11 for mouse, keys, windows, screen and clipboard, AT-SPI for what is in the windows.

Nothing of it is imported before a step needs it. Sees `engine.activities.desktop.platform`, `sdk` and `core`.
"""
