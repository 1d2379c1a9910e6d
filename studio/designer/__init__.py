"""The designer: open workflows on the canvas and everything around it.

`document` is the workflow behind a `QObject`; `edits`, `rules` and `arrange` are pure functions on it; `canvas`
draws it and takes gestures; panes (`palette`, `inspector`, `outline`, `problems`, ...) follow the editor in front.
Imports `forms`, `bridge`, `widgets` and `base`; no other page.
"""

from __future__ import annotations
