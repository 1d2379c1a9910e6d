"""What is wrong with the open workflow: checked in the background, listed, shown on the canvas, repaired.

`checker` asks the engine beside the window, `row` draws a problem, `pane` is the list with its fixes. May import
`engine.api`, `studio.bridge`, `studio.widgets`, `studio.base` and the designer's document, fixes and selection.
"""

from __future__ import annotations

from studio.designer.problems.checker import Checker
from studio.designer.problems.pane import ProblemsPane

__all__ = ["Checker", "ProblemsPane"]
