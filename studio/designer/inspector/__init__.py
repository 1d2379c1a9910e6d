"""The inspector: the form of the selected step, what came out of it, its notes and its documentation.

`pane` follows the selection, `step_page` shows one step; `reach` says what its expressions can read. Every change goes
through the document, one field's typing as one edit. Imports `studio.forms`, `studio.widgets`, `studio.base`, and of
the designer `editor`, `edits`, `fixes`, `selection`, `canvas.look`; what ran is given by whoever composes the window.
"""

from __future__ import annotations

from studio.designer.inspector.data import LastData
from studio.designer.inspector.pane import Inspector

__all__ = ["Inspector", "LastData"]
