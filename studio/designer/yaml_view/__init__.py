"""The selection, or the whole workflow, as YAML that can be edited.

`fragment` turns a part of a document into text and a changed text into a changed document (pure); `pane` shows it.
May import `engine.api`, `engine.core`, `studio.widgets`, `studio.base` and the designer's clipboard, document, edits
and selection.
"""

from __future__ import annotations

from studio.designer.yaml_view.pane import YamlPane

__all__ = ["YamlPane"]
