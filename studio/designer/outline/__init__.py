"""The outline: the workflow as a tree, for keyboards, screen readers and very large workflows.

`tree` says what stands under what (pure), `model` keeps Qt's tree like it with as few row changes as can be, `row`
draws, `pane` is the whole. May import `engine.api`, `studio.widgets`, `studio.base` and the designer's document,
edits, selection and canvas look.
"""

from __future__ import annotations

from studio.designer.outline.pane import OutlinePane

__all__ = ["OutlinePane"]
