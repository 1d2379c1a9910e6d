"""Fields of a PDF form: read what is in them, fill them in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from engine.activities.pdf.document import Password, reading, save
from engine.activities.pdf.pages import Target
from engine.core.errors import BusinessError
from engine.core.sentences import say
from engine.sdk import Effect, Param, activity
from engine.sdk.cells import cell_text

if TYPE_CHECKING:
    from pypdf import PdfReader

_KINDS = {"/Tx": "text", "/Ch": "choice", "/Sig": "signature"}
_PUSH, _RADIO = 1 << 16, 1 << 15
_OFF = "/Off"


@dataclass(frozen=True)
class FormField:
    """A field. `type` is text, check, radio, choice or signature; `choices` are the values it may have."""

    name: str
    type: str
    value: str | bool | None
    choices: list[str]


@dataclass(frozen=True)
class PdfForm:
    """The fields, and what is in them by name."""

    fields: list[FormField]
    values: dict[str, str | bool | None]
    count: int


@dataclass(frozen=True)
class FilledPdf:
    """Where it was written, and the names of the fields that were filled in and of those left as they were."""

    path: Path
    filled: list[str]
    left: list[str]


@activity("pdf.read_form", label="Read PDF form", icon="textbox", effect=Effect.PURE, keywords=("fields", "acroform"))
def read_form(path: Annotated[Path, Param("PDF", kind="file")], password: Password = None) -> PdfForm:
    """Read the fields of a PDF form and what is in them.

    A check box is true or false. The output holds `fields` (each with `name`, `type`, `value`, `choices`), `values` by
    name, and `count`; a PDF without a form has none.
    """
    with reading(path, password) as reader:
        fields = _fields(reader)
    return PdfForm(fields, {one.name: one.value for one in fields}, len(fields))


@activity(
    "pdf.fill_form", label="Fill PDF form", icon="textbox", effect=Effect.IDEMPOTENT, keywords=("fields", "enter")
)
def fill_form(
    path: Annotated[Path, Param("PDF form", kind="file")],
    target: Target,
    values: Annotated[dict[str, Any], Param("Values", "By the name of the field; true ticks a box.", kind="table")],
    flatten: Annotated[bool, Param("Make it final", "What was filled in can no longer be changed.")] = False,
    password: Password = None,
) -> FilledPdf:
    """Fill in the fields of a PDF form and save it as a new PDF.

    A field that is not there, or a choice that it does not have, is an error that lists those there are.
    The output holds `path`, `filled` and `left`, the names of fields.
    """
    import pypdf

    with reading(path, password) as reader:
        fields = {one.name: one for one in _fields(reader)}
        if not fields:
            if reader.xfa:
                raise BusinessError(
                    say("{name} is an XFA form, which only its own program fills in", name=path.name),
                    hint=say("Ask for it as an ordinary PDF form."),
                )
            raise BusinessError(say("{name} has no fields to fill in", name=path.name))
        given = {name: _given(fields, name, value, reader, path) for name, value in values.items()}
        writer = pypdf.PdfWriter(clone_from=reader)
        writer.update_page_form_field_values(None, given, auto_regenerate=False, flatten=flatten)
        if flatten:
            writer.remove_annotations(subtypes="/Widget")
            writer.root_object.pop("/AcroForm", None)
        save(writer, target)
    return FilledPdf(target, list(given), [name for name in fields if name not in given])


def _fields(reader: PdfReader) -> list[FormField]:
    found = []
    for name, field in (reader.get_fields() or {}).items():
        kind = str(field.get("/FT", ""))
        flags = int(field.get("/Ff", 0))
        value = field.get("/V")
        if kind == "/Btn":
            if flags & _PUSH:
                continue
            states = _states(field)
            radio = bool(flags & _RADIO)
            chosen = str(value or _OFF)
            choices = [state[1:] for state in states] if radio else []
            said: str | bool | None = (None if chosen == _OFF else chosen[1:]) if radio else chosen != _OFF
            found.append(FormField(name, "radio" if radio else "check", said, choices))
        elif kind in _KINDS:
            choices = [_option(one) for one in field.get("/Opt", field.get("/_States_", []))] if kind == "/Ch" else []
            found.append(FormField(name, _KINDS[kind], None if value is None else str(value), choices))
    return found


def _given(fields: Mapping[str, FormField], name: str, value: Any, reader: PdfReader, path: Path) -> str:
    """What is written into the field."""
    field = fields.get(name)
    if field is None:
        raise BusinessError(
            say("{file} has no field {name!r}", file=path.name, name=name),
            hint=say("Its fields are: {names}.", names=", ".join(fields)),
        )
    if field.type == "check":
        on = str(value).strip().lower() in ("true", "yes", "on", "1", "x")
        states = _states((reader.get_fields() or {})[name])
        return (states or ["/Yes"])[0] if on else _OFF
    text = cell_text(value)
    if field.type == "signature":
        raise BusinessError(say("the field {name!r} is for a signature", name=name))
    if field.choices and text not in field.choices and text:
        raise BusinessError(
            say("the field {name!r} has no choice {text!r}", name=name, text=text),
            hint=say("Its choices are: {choices}.", choices=", ".join(field.choices)),
        )
    return f"/{text}" if field.type == "radio" else text


def _states(field: Mapping[str, Any]) -> list[str]:
    """The states of a check box or of radio buttons in which something is chosen."""
    return [str(state) for state in field.get("/_States_", []) if str(state) != _OFF]


def _option(option: Any) -> str:
    return str(option[-1]) if isinstance(option, list) else str(option)
