"""Fill a template: its placeholders become values, and rows of its tables are repeated."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from engine.activities.word.document import open_document
from engine.core.errors import BusinessError
from engine.core.sentences import say
from engine.sdk import Context, Effect, Param, activity
from engine.sdk.cells import cell_text
from engine.sdk.files import atomic_write

if TYPE_CHECKING:
    from docx.document import Document

_PLACE = re.compile(r"\{\{\s*([^{}]+?)\s*\}\}")
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_SPACE = "{http://www.w3.org/XML/1998/namespace}space"


@dataclass(frozen=True)
class FilledDocument:
    """Where it was written, the names that were filled in, those of values that no placeholder has, and those that
    have no value and were left or emptied."""

    path: Path
    filled: list[str]
    unused: list[str]
    missing: list[str]


@activity(
    "word.fill_template",
    label="Fill Word template",
    icon="file-doc",
    effect=Effect.IDEMPOTENT,
    keywords=("docx", "letter", "contract", "mail merge", "placeholder"),
)
def fill_template(
    template: Annotated[Path, Param("Template", "A .docx with placeholders such as {{ name }}.", kind="file")],
    target: Annotated[Path, Param("Save as", "A file that is there is replaced.", kind="save")],
    values: Annotated[dict[str, Any], Param("Values", "By the name of the placeholder.", kind="table")],
    ctx: Context,
    missing: Annotated[
        Literal["fail", "empty", "keep"], Param("A placeholder without a value", advanced=True)
    ] = "fail",
) -> FilledDocument:
    """Fill in the placeholders of a Word template: {{ name }}, {{ customer.name }}, in the look they have there.

    They may stand in text, tables, headers, footers and text boxes. A row of a table with {{ items.price }}, where
    `items` is a list, is repeated for each of them. The output holds `path`, `filled`, `unused` and `missing`.
    """
    document = open_document(template)
    filling = _Filling(values, missing, template.name)
    for element in _parts(document):
        for row in reversed(list(element.iter(_word("tr")))):  # rows of inner tables first
            ctx.check()
            filling.repeat(row)
        for place, paragraph in enumerate(element.iter(_word("p"))):
            if not place % 100:
                ctx.check()
            filling.fill(paragraph, values)
    if missing == "fail" and filling.missing:
        names = ", ".join(values) or say("none")
        raise BusinessError(
            say("{name} has a placeholder without a value: {place}", name=template.name, place=min(filling.missing)),
            hint=say("The values are named: {names}.", names=names),
        )
    with atomic_write(target) as stream:
        document.save(stream)
    unused = [name for name in values if name not in filling.used]
    return FilledDocument(target, sorted(filling.filled), unused, sorted(filling.missing))


def _parts(document: Document) -> Iterator[Any]:
    """The XML of the body, the headers and the footers."""
    yield document.element
    for part in document.part.package.iter_parts():
        if re.search(r"/(header|footer)\d*\.xml$", str(part.partname)) and hasattr(part, "element"):
            yield part.element


class _Filling:
    """What was filled in so far."""

    def __init__(self, values: Mapping[str, Any], missing: str, template: str) -> None:
        self._values = values
        self._missing = missing
        self._template = template
        self.filled: set[str] = set()
        self.used: set[str] = set()
        self.missing: set[str] = set()

    def repeat(self, row: Any) -> None:
        """Put a row whose placeholders name a list there once for each of its items."""
        own = [one for one in row.iter(_word("p")) if next(one.iterancestors(_word("tr"))) is row]
        names = [name for paragraph in own for name in _PLACE.findall(_text(paragraph))]
        lists = {
            first: self._values[first]
            for name in names
            if isinstance(self._values.get(first := name.partition(".")[0]), list)
        }
        if not lists:
            return
        if len(lists) > 1:
            raise BusinessError(
                say("a row of a table in {name} names two lists: {lists}", name=self._template, lists=", ".join(lists)),
                hint=say("Give each list a row of its own."),
            )
        ((first, items),) = lists.items()
        self.used.add(first)
        for item in items:
            made = copy.deepcopy(row)
            row.addprevious(made)
            for paragraph in made.iter(_word("p")):
                self.fill(paragraph, {**self._values, first: item})
        row.getparent().remove(row)

    def fill(self, paragraph: Any, values: Mapping[str, Any]) -> None:
        """Put values in the place of the placeholders of a paragraph, however its text is cut into pieces."""
        texts = _texts(paragraph)
        found = list(_PLACE.finditer("".join(text.text or "" for text in texts)))
        for match in reversed(found):
            name = match[1]
            self.used.add(name.partition(".")[0])
            known, value = _looked_up(values, name)
            if not known:
                self.missing.add(name)
                if self._missing != "empty":
                    continue
                value = ""
            else:
                self.filled.add(name)
            _replace(texts, match.start(), match.end(), _NO_XML.sub("", cell_text(value)))
        if found:
            for text in texts:
                _break_lines(text)


@cache
def _word(name: str) -> str:
    """The name of an element, with its name space."""
    from docx.oxml.ns import qn

    return qn(f"w:{name}")


def _texts(paragraph: Any) -> list[Any]:
    """The text elements of a paragraph; not those of a text box that is anchored in it."""
    return [text for text in paragraph.iter(_word("t")) if next(text.iterancestors(_word("p"))) is paragraph]


def _text(paragraph: Any) -> str:
    return "".join(text.text or "" for text in _texts(paragraph))


def _looked_up(values: Mapping[str, Any], name: str) -> tuple[bool, Any]:
    """Whether there is a value of that name, and the value; `a.b` is what `a` has under `b`."""
    if name in values:
        return True, values[name]
    value: Any = values
    for key in name.split("."):
        if not isinstance(value, Mapping) or key not in value:
            return False, None
        value = value[key]
    return True, value


def _replace(texts: list[Any], start: int, end: int, value: str) -> None:
    """Replace a span of the joined texts: the value goes where the span starts, and takes the look that is there."""
    place = 0
    for text in texts:
        content = text.text or ""
        here, place = place, place + len(content)
        if place <= start or here >= end:
            continue
        before = content[: max(0, start - here)]
        after = content[max(0, end - here) :] if end < place else ""
        text.text = before + (value if here <= start else "") + after
        text.set(_SPACE, "preserve")


def _break_lines(text: Any) -> None:
    """Make line breaks of the line ends in a text."""
    first, *more = (text.text or "").replace("\r\n", "\n").split("\n")
    if not more:
        return
    text.text = first
    last = text
    for line in more:
        mark = text.makeelement(_word("br"), {})
        following = text.makeelement(_word("t"), {_SPACE: "preserve"})
        following.text = line
        last.addnext(mark)
        mark.addnext(following)
        last = following
