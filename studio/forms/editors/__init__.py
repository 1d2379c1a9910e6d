"""One editor a kind of shape: it shows a value, and tells what a person made of it.

`make` chooses. An editor never changes a value by itself, keeps a text that is no value as it was typed, and says by
`accepts` which values it can show; the field shows any other as YAML.
"""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from studio.forms.context import FormContext
from studio.forms.editors.editor import ValueEditor
from studio.forms.shape import Declared, Shape

__all__ = ["ValueEditor", "make"]

_SEGMENTS, _LETTERS = 3, 26


def make(declared: Declared, context: FormContext, parent: QWidget | None = None) -> ValueEditor:
    """The editor of a field."""
    shape = declared.shape
    kind = shape.kind
    if kind in ("integer", "number"):
        from studio.forms.editors.number import NumberEditor

        return NumberEditor(declared, context, parent)
    if kind == "switch":
        from studio.forms.editors.choice import FlagEditor, SwitchEditor

        return FlagEditor(declared, context, parent) if shape.nullable else SwitchEditor(declared, context, parent)
    if kind == "choice":
        from studio.forms.editors.choice import ListBoxEditor, SegmentEditor

        return (SegmentEditor if _short(shape) else ListBoxEditor)(declared, context, parent)
    if kind == "secret":
        from studio.forms.editors.secret import SecretEditor

        return SecretEditor(declared, context, parent)
    if kind in ("credential", "integration"):
        from studio.forms.editors.name import NameEditor

        return NameEditor(declared, context, parent)
    if kind == "code" and shape.language != "regex":
        from studio.forms.editors.code import CodeEditor

        return CodeEditor(declared, context, parent)
    if kind in ("list", "mapping", "table") and _on_one_line(shape.item):
        from studio.forms.editors.cells import CellsEditor

        return CellsEditor(declared, context, parent)
    if kind in ("record", "records"):
        from studio.forms.editors.records import RecordEditor, RecordsEditor

        return (RecordEditor if kind == "record" else RecordsEditor)(declared, context, parent)
    from studio.forms.editors.text import AnyEditor, TextEditor

    if kind in ("any", "list", "mapping", "table"):
        return AnyEditor(declared, context, parent)
    return TextEditor(declared, context, parent)


def _short(shape: Shape) -> bool:
    from studio.forms.editors.choice import choice_label

    texts = [choice_label(one) for one in shape.choices]
    return not shape.free and 1 < len(texts) <= _SEGMENTS and sum(map(len, texts)) <= _LETTERS and all(texts)


def _on_one_line(item: Shape | None) -> bool:
    return item is not None and item.kind in (
        "text", "scalar", "integer", "number", "switch", "choice", "path", "date", "duration", "expression", "secret",
    )  # fmt: skip
