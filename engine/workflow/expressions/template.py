"""A parameter value: plain data of any nesting whose texts may hold `{{ … }}`.

A text that is one expression and nothing else, not even a blank, keeps the type of its value; anything around it makes
text. Keys of mappings are never expressions. Two opening braces that are meant as text are written `{{ '{{' }}`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from engine.core.errors import ExpressionError
from engine.core.sentences import say
from engine.workflow.expressions.access import Names
from engine.workflow.expressions.expression import Expression, compile_expression
from engine.workflow.expressions.limits import DEFAULT_LIMITS, Limits, Meter
from engine.workflow.expressions.rendering import as_text

Path = tuple[str | int, ...]
Build = Callable[[Names, Meter | None], Any]

_INSIDE = re.compile(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|}}|[{}'"]""", re.DOTALL)
_NESTED = 100
"""How deep a parameter value may nest."""


class Template:
    """A compiled parameter value; immutable."""

    __slots__ = ("_build", "_limits", "_raw", "_shared", "constant", "expressions")

    def __init__(self, value: Any, limits: Limits = DEFAULT_LIMITS) -> None:
        found: list[tuple[Path, Expression]] = []
        build = _compile(value, (), limits, found)
        self.expressions: tuple[tuple[Path, Expression], ...] = tuple(found)
        """Each expression and where in the value it stands: `("columns", 0, "name")`."""
        self.constant = not found
        """No expression inside."""
        self._build = build
        self._limits = limits
        self._raw = value
        self._shared = len(found) > 1

    def __repr__(self) -> str:
        return f"Template({self._raw!r})"

    def evaluate(self, names: Names) -> Any:
        """The value with its expressions evaluated under one budget, in lists and mappings of its own.

        Raises `ExpressionError`; its message begins with the path inside the value, its source is the whole text
        that holds the expression, and its column counts within that text.
        """
        return self._build(names, Meter(self._limits) if self._shared else None)

    def renamed_steps(self, names: Mapping[str, str]) -> Any:
        """The value as written, with `steps.old` made to read `steps.new` in every expression; `names` maps them."""
        return _renamed(self._raw, names, self._limits)


def compile_template(value: Any, limits: Limits = DEFAULT_LIMITS) -> Template:
    """The template that `value` writes. Raises `ExpressionError` as `Template.evaluate` does."""
    return Template(value, limits)


def _compile(value: Any, path: Path, limits: Limits, found: list[tuple[Path, Expression]]) -> Build:
    if len(path) > _NESTED:
        raise ExpressionError(say("the value nests deeper than {depth} levels", depth=_NESTED))
    before = len(found)
    if type(value) is str:
        return _compile_text(value, path, limits, found) if "{{" in value else lambda names, meter: value
    if type(value) is dict:
        for key in value:
            if type(key) is str and "{{" in key:
                message = _at((*path, key), say("the key of a mapping cannot be an expression"))
                raise ExpressionError(message, source=key, column=key.index("{{") + 1)
        fields = [(key, _compile(item, (*path, key), limits, found)) for key, item in value.items()]
        if len(found) == before and not _holds_groups(value.values()):
            return lambda names, meter: value.copy()
        return lambda names, meter: {key: build(names, meter) for key, build in fields}
    if type(value) is list or type(value) is tuple:
        items = [_compile(item, (*path, index), limits, found) for index, item in enumerate(value)]
        if len(found) == before and not _holds_groups(value):
            return lambda names, meter: list(value)
        return lambda names, meter: [build(names, meter) for build in items]
    return lambda names, meter: value


def _holds_groups(items: Any) -> bool:
    return any(type(item) in (dict, list, tuple) for item in items)


def _compile_text(text: str, path: Path, limits: Limits, found: list[tuple[Path, Expression]]) -> Build:
    parts: list[str | tuple[Expression, int]] = []
    try:
        for piece, start, inside in _pieces(text, limits):
            parts.append((_compiled(piece, start, text, limits), start) if inside else piece)
    except ExpressionError as error:
        error.args = (_at(path, error.message),)
        raise
    found.extend((path, part[0]) for part in parts if type(part) is tuple)
    if len(parts) == 1 and type(parts[0]) is tuple:
        only, start = parts[0]
        return lambda names, meter: _evaluated(only, start, text, path, names, meter)

    def build(names: Names, meter: Meter | None) -> str:
        meter = meter or Meter(limits)
        out: list[str] = []
        try:
            for part in parts:
                if type(part) is tuple:
                    value = _evaluated(part[0], part[1], text, path, names, meter)
                    piece = value if type(value) is str else as_text(value, limits)
                else:
                    piece = str(part)
                meter.text(len(piece))
                out.append(piece)
            whole = "".join(out)
            meter.text(len(whole))
        except ExpressionError as error:
            raise error if error.source else _within(error, 0, text, path) from None
        return whole

    return build


def _compiled(piece: str, start: int, text: str, limits: Limits) -> Expression:
    try:
        return compile_expression(piece) if limits is DEFAULT_LIMITS else compile_expression(piece, limits)
    except ExpressionError as error:
        raise _within(error, start, text, ()) from None


def _evaluated(expression: Expression, start: int, text: str, path: Path, names: Names, meter: Meter | None) -> Any:
    try:
        return expression.evaluate(names, meter)
    except ExpressionError as error:
        raise _within(error, start, text, path) from None


def _within(error: ExpressionError, start: int, text: str, path: Path) -> ExpressionError:
    """The error of an expression as one of the text that holds it."""
    error.args = (_at(path, error.message),)
    error.column = start + max(error.column, 1)
    error.source = text
    return error


def _at(path: Path, message: str) -> str:
    """`columns[2].value: …`."""
    place = "".join(f"[{part}]" if type(part) is int else f".{part}" for part in path).removeprefix(".")
    return say("{place}: {reason}", place=place, reason=message) if place else message


def _pieces(text: str, limits: Limits) -> list[tuple[str, int, bool]]:
    """The text cut up: what stands there, where it starts, and whether it is an expression."""
    out: list[tuple[str, int, bool]] = []
    at = 0
    while (opening := text.find("{{", at)) >= 0:
        closing = _closing(text, opening + 2, limits)
        if opening > at:
            out.append((text[at:opening], at, False))
        out.append((text[opening + 2 : closing], opening + 2, True))
        at = closing + 2
    if at < len(text):
        out.append((text[at:], at, False))
    return out


def _closing(text: str, start: int, limits: Limits) -> int:
    """Where the `}}` stands that ends the expression; braces of mappings and quoted texts are passed over."""
    depth = 0
    place = start
    last = start + limits.source + 2
    while (match := _INSIDE.search(text, place, last)) is not None:
        found = match.group()
        if found in ("'", '"'):
            message = say("the text that begins here has no end")
            raise ExpressionError(message, source=text, column=match.start() + 1)
        if found == "}}" and depth == 0:
            return match.start()
        if found == "{":
            depth += 1
        elif found == "}" or found == "}}":
            depth = max(depth - 1, 0)
            place = match.start() + 1
            continue
        place = match.end()
    if last < len(text):
        message = say("the expression that begins here is longer than {source:,} characters", source=limits.source)
        raise ExpressionError(message, source=text, column=start - 1)
    hint = say("End the expression with }}}}; two braces that are meant as text are written {{{{ '{{{{' }}}}")
    raise ExpressionError(say("the expression that begins here has no }}}}"), hint=hint, source=text, column=start - 1)


def _renamed(value: Any, names: Mapping[str, str], limits: Limits) -> Any:
    if type(value) is str and "{{" in value:
        return "".join(
            "{{" + _compiled(piece, start, value, limits).renamed_steps(names) + "}}" if inside else piece
            for piece, start, inside in _pieces(value, limits)
        )
    if type(value) is dict:
        return {key: _renamed(item, names, limits) for key, item in value.items()}
    if type(value) in (list, tuple):
        return [_renamed(item, names, limits) for item in value]
    return value
