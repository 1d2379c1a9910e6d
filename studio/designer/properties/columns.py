"""What the tables of inputs, variables and outputs hold, and what an edit of a cell does to the document. No Qt.

A row is an `Input`, or a pair of name and value. A change raises `RpaError` for what a person must write otherwise.
"""

from __future__ import annotations

import json
import re
import typing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from engine.api import Document, Input, Workflow, rename_input, rename_variable
from engine.core.errors import UsageError
from studio.base.i18n import N_, tr
from studio.designer import edits
from studio.forms.yaml_text import TooLarge, scalar, scalar_text

Row = Any
Change = Callable[[Document], Document]

TYPES: Mapping[str, str] = {
    "text": N_("Text"),
    "number": N_("Number"),
    "integer": N_("Whole number"),
    "boolean": N_("Yes or no"),
    "date": N_("Date"),
    "datetime": N_("Date and time"),
    "list": N_("List"),
    "mapping": N_("Mapping"),
    "file": N_("File"),
    "folder": N_("Folder"),
    "secret": N_("Secret"),
    "any": N_("Anything"),
}
"""What the types of inputs are called."""

_UNWRITABLE = re.compile("[\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")
"""What no YAML may hold as it is."""


@dataclass(frozen=True, slots=True)
class Column:
    """`read` gives a cell's text, or true or false where `check` is set; `write` the row with another one. Where there
    are `choices`, a cell is one of those values, each with its label."""

    title: str
    read: Callable[[Row], Any]
    write: Callable[[Row, Any], Row]
    choices: Mapping[str, str] | None = None
    check: bool = False
    code: bool = False
    width: int = 110


@dataclass(frozen=True, slots=True)
class Declarations:
    """One table. The first column is the name; `rename` gives it another one wherever it is read."""

    columns: Sequence[Column]
    rows: Callable[[Workflow], Sequence[Row]]
    with_rows: Callable[[Workflow, Sequence[Row]], Workflow]
    rename: Callable[[Document, str, str], Document]
    new: Callable[[str], Row]
    base: str
    """What a new one is called."""
    texts: tuple[str, str, str, str, str]
    """What is done, for the history: add, change, rename, remove, move."""

    def name(self, row: Row) -> str:
        return str(self.columns[0].read(row))

    def changed(self, rank: int, column: int, value: Any) -> Change:
        """The change that another value in a cell makes."""

        def change(document: Document) -> Document:
            rows = list(self.rows(document.workflow))
            if column == 0:
                old, new = self.name(rows[rank]), str(value).strip()
                if not new:
                    raise UsageError(tr("It needs a name."))
                return document if old == new else self.rename(document, old, new)
            rows[rank] = self.columns[column].write(rows[rank], value)
            return self._with(document, rows)

        return change

    def added(self) -> Change:
        """One more, at the end."""

        def change(document: Document) -> Document:
            rows = list(self.rows(document.workflow))
            name = edits.spare_id(self.base, {self.name(row) for row in rows})
            return self._with(document, [*rows, self.new(name)])

        return change

    def removed(self, ranks: Sequence[int]) -> Change:
        def change(document: Document) -> Document:
            rows = self.rows(document.workflow)
            return self._with(document, [row for rank, row in enumerate(rows) if rank not in ranks])

        return change

    def moved(self, rank: int, by: int) -> Change:
        def change(document: Document) -> Document:
            rows = list(self.rows(document.workflow))
            rows.insert(rank + by, rows.pop(rank))
            return self._with(document, rows)

        return change

    def _with(self, document: Document, rows: Sequence[Row]) -> Document:
        return replace(document, workflow=self.with_rows(document.workflow, rows))


def value_text(value: Any) -> str:
    """A value as a cell shows it."""
    try:
        return scalar_text(value, groups=True)
    except TooLarge:
        text = json.dumps(value, ensure_ascii=False, default=repr)
        return _UNWRITABLE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def value_of(text: str) -> Any:
    """The value that a cell's text means: a number, true, false, null, a list or mapping in brackets, or a text."""
    return scalar(text, groups=True)


def _choices(value: Any) -> tuple[Any, ...]:
    text = str(value).strip()
    if text.startswith("["):
        found = value_of(text)
        if isinstance(found, list):
            return tuple(found)
    return tuple(value_of(part.strip()) for part in text.split(",") if part.strip())


def _choices_text(row: Input) -> str:
    text = ", ".join(value_text(choice) for choice in row.choices)
    # By their texts, because 1 and true are equal.
    return text if repr(_choices(text)) == repr(tuple(row.choices)) else value_text(list(row.choices))


def _default_text(row: Input) -> str:
    return "" if row.default is None else value_text(row.default)


def _field(name: str) -> Callable[[Input], str]:
    return lambda row: str(getattr(row, name))


def _set(name: str) -> Callable[[Input, Any], Input]:
    def write(row: Input, value: Any) -> Input:
        return replace(row, **{name: value})

    return write


def inputs() -> Declarations:
    """What a workflow is started with."""
    known = typing.get_args(typing.get_type_hints(Input)["type"])
    return Declarations(
        columns=(
            Column(tr("Name"), _field("name"), _set("name"), code=True, width=120),
            Column(tr("Type"), _field("type"), _set("type"), {kind: tr(TYPES.get(kind, kind)) for kind in known}),
            Column(tr("Label"), _field("label"), _set("label"), width=130),
            Column(tr("Required"), lambda row: bool(row.required), _set("required"), check=True, width=76),
            Column(
                tr("Default"),
                _default_text,
                lambda row, text: replace(row, default=None if text == "" else value_of(text)),
                code=True,
            ),
            Column(tr("Choices"), _choices_text, lambda row, text: replace(row, choices=_choices(text)), width=130),
            Column(tr("Help"), _field("help"), _set("help"), width=220),
        ),
        rows=lambda workflow: workflow.inputs,
        with_rows=lambda workflow, rows: replace(workflow, inputs=tuple(rows)),
        rename=rename_input,
        new=lambda name: Input(name, "text"),
        base="input",
        texts=(tr("Add input"), tr("Change input"), tr("Rename input"), tr("Remove input"), tr("Move input")),
    )


def _pair(value: str, width: int) -> tuple[Column, Column]:
    """The columns of what is a name and a value; `value` says what the value is."""
    return (
        Column(tr("Name"), lambda row: row[0], lambda row, text: (text, row[1]), code=True, width=140),
        Column(
            value, lambda row: value_text(row[1]), lambda row, text: (row[0], value_of(text)), code=True, width=width
        ),
    )


def variables() -> Declarations:
    """What steps can set, with the values they begin with."""
    return Declarations(
        columns=_pair(tr("Begins as"), 260),
        rows=lambda workflow: tuple(workflow.variables.items()),
        with_rows=lambda workflow, rows: replace(workflow, variables=dict(rows)),
        rename=rename_variable,
        new=lambda name: (name, None),
        base="variable",
        texts=(
            tr("Add variable"), tr("Change variable"), tr("Rename variable"), tr("Remove variable"),
            tr("Move variable"),
        ),
    )  # fmt: skip


def outputs() -> Declarations:
    """What an execution gives."""

    def rename(document: Document, old: str, new: str) -> Document:
        found = document.workflow.outputs
        if new in found:
            raise UsageError(tr("There is already an output “{name}”.", name=new), hint=tr("Choose another name."))
        renamed = {new if name == old else name: value for name, value in found.items()}
        return replace(
            document,
            workflow=replace(document.workflow, outputs=renamed),
            comments=document.comments.moved(
                lambda path: ("outputs", new, *path[2:]) if path[:2] == ("outputs", old) else path
            ),
        )

    return Declarations(
        columns=_pair(tr("Value or expression"), 360),
        rows=lambda workflow: tuple(workflow.outputs.items()),
        with_rows=lambda workflow, rows: replace(workflow, outputs=dict(rows)),
        rename=rename,
        new=lambda name: (name, ""),
        base="output",
        texts=(tr("Add output"), tr("Change output"), tr("Rename output"), tr("Remove output"), tr("Move output")),
    )
