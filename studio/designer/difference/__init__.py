"""What the open workflow has that another one has not: drawn on the canvas, told in a list, taken back one by one.

`changes` compares (pure), `revisions` asks git, `ghosts` draws what only the other one has, `items` lists, `pane` is
the whole. May import `engine.api`, `engine.core`, `studio.bridge`, `studio.widgets`, `studio.base` and the designer's
document, edits, canvas and selection.
"""

from __future__ import annotations

from studio.designer.difference.changes import Comparison, Item, compared
from studio.designer.difference.pane import DifferencePane, bind_difference

__all__ = ["Comparison", "DifferencePane", "Item", "bind_difference", "compared"]
