"""The palette: every activity there is, by family, to drag or to insert.

`entries` reads the catalog, `model` is the tree, `row` draws a row and the picture that is dragged, `pane` is the
whole. May import `engine.api`, `studio.widgets`, `studio.base`; the editor only for its types.
"""

from __future__ import annotations

from studio.designer.palette.model import MIME
from studio.designer.palette.pane import PalettePane

__all__ = ["MIME", "PalettePane"]
