"""The frame around the pages: window, title row with menus and command field, rail, status bar, command palette, and
that there is one window a person.

Imports `studio.widgets` and `studio.base`. It knows no page: `studio.app` gives it their entries.
"""

from __future__ import annotations
