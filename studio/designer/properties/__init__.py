"""The workflow itself: its name, inputs, variables, outputs, settings and error handler.

`columns` says what the tables hold and what editing a cell means (pure), `table` is such a table, `pane` the whole. May
import `engine.api`, `studio.forms`, `studio.widgets`, `studio.base` and the designer's document and edits.
"""

from __future__ import annotations

from studio.designer.properties.pane import PropertiesPane

__all__ = ["PropertiesPane"]
