"""What can be written at a place of an expression: names, fields as far as anything is known of them, functions.

What is known comes from two sides: the JSON schema that an activity declares for its output, and the real data of the
last execution, in which any expression before the dot can simply be evaluated.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from engine.core.errors import RpaError
from studio.base.i18n import tr
from studio.forms.context import ROOTS, Names
from studio.forms.shown import brief

if TYPE_CHECKING:
    from engine.api import Function

Data = Mapping[str, Any]
Kind = Literal["step", "field", "input", "variable", "name", "function", "word"]

_MOST = 400
"""Suggestions; of a mapping with more keys the rest is found by typing."""
_WORD = re.compile(r"\w*\Z")
_KEY = re.compile(r"\[\s*(?P<quote>['\"])(?P<word>[^'\"\[\]]*)\Z")
_SECRET = re.compile(r"\bsecret\(\s*['\"]([\w.-]*)\Z")
_CONSTANTS = ("true", "false", "null")
_OPEN, _CLOSE = "([{", ")]}"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What to put in place of the word at the cursor: `text`, after which the cursor goes back by `back`. `detail` says
    what it is or holds, `help` explains it."""

    label: str
    text: str
    kind: Kind
    detail: str = ""
    help: str = ""
    back: int = 0


@dataclass(frozen=True, slots=True)
class Completion:
    """`suggestions` replace the text from `start` to the cursor. `signature` is that of the function around it."""

    start: int
    suggestions: tuple[Suggestion, ...] = ()
    signature: str = ""
    help: str = ""


def inside(text: str, cursor: int) -> tuple[int, int] | None:
    """The bounds of the expression around `cursor`, without its braces; None where the cursor is in plain text."""
    place = 0
    while (opening := text.find("{{", place)) >= 0 and opening + 2 <= cursor:
        end = _closing(text, opening + 2)
        if cursor <= end:
            return opening + 2, end
        place = end + 2
    return None


def _closing(text: str, place: int) -> int:
    """Where the expression that begins at `place` ends; where the text does, if nothing closes it."""
    quote, depth = "", 0
    while place < len(text):
        letter = text[place]
        if quote:
            if letter == "\\":
                place += 1
            elif letter == quote:
                quote = ""
        elif letter in "'\"":
            quote = letter
        elif letter == "{":
            depth += 1
        elif letter == "}":
            if depth:
                depth -= 1
            elif text.startswith("}}", place):
                return place
        place += 1
    return len(text)


def complete(text: str, cursor: int, names: Names, data: Data | None, secrets: Sequence[str] = ()) -> Completion | None:
    """What can stand at `cursor` of a parameter's text; None outside of expressions. `secrets` are names."""
    bounds = inside(text, cursor)
    if bounds is None:
        return None
    source = text[bounds[0] : cursor]
    signature, help = _around(source)
    key = _KEY.search(source)
    if key is not None:
        base = _base(source[: key.start()])
        quote = key["quote"]
        closed = text.startswith(f"{quote}]", cursor)
        found = [
            Suggestion(one.label, one.label if closed else f"{one.label}{quote}]", one.kind, one.detail, one.help)
            for one in _fields(base, names, data)
            if quote not in one.label
        ]
        return Completion(cursor - len(key["word"]), _ranked(found, key["word"]), signature, help)
    if _quoted(source):
        secret = _SECRET.search(source)
        found = [Suggestion(one, one, "name") for one in secrets] if secret else []
        typed = secret[1] if secret else ""
        return Completion(cursor - len(typed), _ranked(found, typed), signature, help)
    match = _WORD.search(source)
    word = match.group() if match else ""
    before = source[: len(source) - len(word)].rstrip()
    start = cursor - len(word)
    if before.endswith("."):
        found = list(_after_dot(before[:-1], names, data))
        return Completion(start, _ranked(found, word), signature, help)
    if before.endswith("|"):
        return Completion(start, _ranked(_functions(piped=True), word), signature, help)
    if word[:1].isdigit():
        return Completion(start, (), signature, help)
    constants = (Suggestion(one, one, "word") for one in _CONSTANTS)
    found = [*_roots(names), *constants, *_functions(piped=False)]
    return Completion(start, _ranked(found, word), signature, help)


def _ranked(found: Iterable[Suggestion], word: str) -> tuple[Suggestion, ...]:
    """What begins with the word, then what holds it, then what holds its letters in this order."""
    wanted = word.lower()
    if not wanted:
        return tuple(found)[:_MOST]
    levels: tuple[list[Suggestion], ...] = ([], [], [])
    letters = re.compile(".*?".join(map(re.escape, wanted)))
    for one in found:
        label = one.label.lower()
        if label.startswith(wanted):
            levels[0].append(one)
        elif wanted in label:
            levels[1].append(one)
        elif letters.search(label):
            levels[2].append(one)
    ranked = tuple(one for level in levels for one in level)[:_MOST]
    return () if len(ranked) == 1 and ranked[0].label == word and ranked[0].kind != "function" else ranked


# What there is


def _roots(names: Names) -> Iterator[Suggestion]:
    for name in names.roots():
        yield Suggestion(name, name, "name", tr(ROOTS[name]))


def _functions(piped: bool) -> Iterator[Suggestion]:
    from engine.api import FUNCTIONS

    for function in FUNCTIONS.values():
        if not (piped and not function.shape.parameters):
            yield _call(function, piped)


def _call(function: Function, piped: bool) -> Suggestion:
    needed = [one for one in function.shape.parameters.values() if one.default is one.empty]
    more = len(needed) - piped > 0
    plain = piped and not more
    text = function.name if plain else f"{function.name}()"
    back = 1 if not plain and (more or function.shape.parameters) else 0
    return Suggestion(function.name, text, "function", function.signature, tr(function.help), back)


def _after_dot(base: str, names: Names, data: Data | None) -> Iterator[Suggestion]:
    for one in _fields(_base(base), names, data):
        if one.label.isidentifier() and not one.label.startswith("_"):
            yield one


def _base(source: str) -> str:
    """The longest chain at the end of `source` that a dot or bracket can follow: `a.b[0]`, `f(x)`, `(a + b)`."""
    place = len(source.rstrip())
    while place > 0:
        letter = source[place - 1]
        if letter.isalnum() or letter == "_" or letter == ".":
            place -= 1
        elif letter in _CLOSE:
            opening = _opening(source, place - 1)
            if opening < 0:
                break
            place = opening
        else:
            break
    return source[place:].strip().lstrip(".")


def _opening(source: str, end: int) -> int:
    """Where the bracket that closes at `end` opens, or -1."""
    stack: list[int] = []
    quote = ""
    for place, letter in enumerate(source[: end + 1]):
        if quote:
            quote = "" if letter == quote and source[place - 1] != "\\" else quote
        elif letter in "'\"":
            quote = letter
        elif letter in _OPEN:
            stack.append(place)
        elif letter in _CLOSE:
            if not stack:
                return -1
            opened = stack.pop()
            if place == end:
                return opened
    return -1


def _quoted(source: str) -> bool:
    """Whether the end of `source` is inside a quoted text."""
    quote, place = "", 0
    while place < len(source):
        letter = source[place]
        if letter == "\\" and quote:
            place += 1
        elif quote:
            quote = "" if letter == quote else quote
        elif letter in "'\"":
            quote = letter
        place += 1
    return bool(quote)


def _around(source: str) -> tuple[str, str]:
    """Signature and help of the function in whose brackets the end of `source` is."""
    from engine.api import FUNCTIONS

    stack: list[str] = []
    quote = ""
    for place, letter in enumerate(source):
        if quote:
            quote = "" if letter == quote and source[place - 1] != "\\" else quote
        elif letter in "'\"":
            quote = letter
        elif letter in _OPEN:
            called = re.search(r"(\w+)\s*\Z", source[:place]) if letter == "(" else None
            stack.append(called[1] if called else "")
        elif letter in _CLOSE and stack:
            stack.pop()
    for name in reversed(stack):
        if name in FUNCTIONS:
            return FUNCTIONS[name].signature, FUNCTIONS[name].help
    return "", ""


def _fields(base: str, names: Names, data: Data | None) -> list[Suggestion]:
    """What can be read of `base`: what the data holds first, then what is only declared."""
    found = {one.label: one for one in _declared(base, names)}
    real = list(_real(base, data))
    merged = {one.label: one for one in real}
    if base in ("steps", "inputs"):
        # The workflow being edited says which there are; the last run may be of another day.
        for label, one in found.items():
            if label in merged and not one.detail:
                found[label] = merged[label]
        return list(found.values()) or list(merged.values())
    return [*merged.values(), *(one for label, one in found.items() if label not in merged)]


def _declared(base: str, names: Names) -> Iterator[Suggestion]:
    if base == "steps":
        for step in sorted(names.steps, key=lambda step: not step.upstream):
            detail = step.label or step.activity
            if not step.upstream:
                detail = tr("{step} · may not have run", step=detail)
            yield Suggestion(step.id, step.id, "step", detail)
        return
    if base in ("inputs", "vars"):
        kind: Kind = "input" if base == "inputs" else "variable"
        for name, about in (names.inputs if base == "inputs" else names.variables).items():
            yield Suggestion(name, name, kind, about)
        return
    match = re.fullmatch(r"steps(?:\.(\w+)|\[(?:'([^']*)'|\"([^\"]*)\")\])(.*)", base, re.DOTALL)
    step_ = names.step(next(filter(None, match.groups()[:3]), "")) if match else None
    if match is None or step_ is None:
        return
    rest = match[4]
    if not rest:
        yield Suggestion("output", "output", "field", tr("What the step gave"))
        yield Suggestion("status", "status", "field", tr("succeeded, failed, skipped or not_run"))
        yield Suggestion("error", "error", "field", tr("The error it failed with"))
    elif rest.startswith(".output"):
        yield from _of_schema(rest[len(".output") :], step_.schema)


def _of_schema(path: str, schema: Mapping[str, Any]) -> Iterator[Suggestion]:
    found = walk(schema, path)
    if found is None:
        return
    definitions = schema.get("$defs", {})
    for name, one in found.get("properties", {}).items():
        about = str(one.get("description", ""))
        yield Suggestion(name, name, "field", kind_of(one, definitions), about)


def walk(schema: Mapping[str, Any], path: str) -> Mapping[str, Any] | None:
    """The schema of what `path` (`.rows[0].total`) reads from a value of `schema`; None where it does not say."""
    definitions = schema.get("$defs", {})
    found: Mapping[str, Any] | None = _resolved(schema, definitions)
    for key in re.findall(r"\.(\w+)|\[([^\]]*)\]", path):
        if found is None:
            return None
        name = key[0] or key[1].strip("'\" ")
        properties = found.get("properties", {})
        if name in properties:
            found = _resolved(properties[name], definitions)
        elif re.fullmatch(r"-?\d+", name) and "items" in found:
            found = _resolved(found["items"], definitions)
        else:
            more = found.get("additionalProperties")
            found = _resolved(more, definitions) if isinstance(more, Mapping) else None
    return found


def _resolved(schema: Any, definitions: Mapping[str, Any]) -> Mapping[str, Any] | None:
    for _ in range(8):
        if not isinstance(schema, Mapping):
            return None
        if "$ref" in schema:
            schema = definitions.get(str(schema["$ref"]).rpartition("/")[2])
        elif "anyOf" in schema:
            real = [one for one in schema["anyOf"] if isinstance(one, Mapping) and one.get("type") != "null"]
            schema = real[0] if len(real) == 1 else None
        else:
            return schema
    return None


def kind_of(schema: Any, definitions: Mapping[str, Any]) -> str:
    """What a JSON schema means, in a word."""
    found = _resolved(schema, definitions) or {}
    words = {
        "string": tr("text"),
        "integer": tr("whole number"),
        "number": tr("number"),
        "boolean": tr("true or false"),
        "array": tr("list"),
        "object": tr("mapping"),
    }
    return words.get(str(found.get("type", "")), "")


def _real(base: str, data: Data | None) -> Iterator[Suggestion]:
    """The fields that `base` has in the data of the last execution."""
    from engine.api import Lookup, compile_expression

    if data is None or not base:
        return
    value: Any
    if base in data:
        value = data[base]
    else:
        parts = re.fullmatch(r"steps\.(\w+)", base)
        try:
            if parts and isinstance(data.get("steps"), Lookup):
                value = data["steps"].get(parts[1])
            else:
                value = compile_expression(base).evaluate(data)
        except RpaError:
            return
    if isinstance(value, Lookup):
        for name in value.names():
            yield Suggestion(name, name, "field")
    elif isinstance(value, Mapping):
        for number, (name, one) in enumerate(value.items()):
            if number >= _MOST:
                return
            yield Suggestion(str(name), str(name), "field", brief(one, 40))
