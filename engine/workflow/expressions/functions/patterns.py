"""Functions over regular expressions.

The syntax is that of Python, `\\w` and `\\b` know all alphabets. Every search runs under the time that the evaluation
has left, and a pattern is measured before it is compiled, because compiling `(a{1000}){1000}` is itself a bomb.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from engine.core.errors import ExpressionError
from engine.core.sentences import say
from engine.workflow.expressions.functions.arguments import text, whole
from engine.workflow.expressions.functions.registry import function
from engine.workflow.expressions.limits import Meter

_A_PATTERN = say("a pattern")
_THE_NUMBER_OF_A_GROUP = say("the number of a group")

if TYPE_CHECKING:
    import regex

_PATTERNS = "regular expressions"
_LENGTH = 500
_STATES = 5_000
_NESTED = 20
_PART = re.compile(
    r"""
    \\[pPN]\{[^}]*\}
  | \\[Lg]\s*<                          (?P<foreign>)
  | \\.
  | \[\^?\]                             (?P<bracket>)
  | \[ (?:[^\]\\]|\\.)* \]
  | \((?:\?(?:[:>=!]|<[=!]|P?<\w+>|P=\w+\)|[aims]+(?:-[ims]+)?[:)])|(?![?*])) (?P<group>)
  | (?P<wrong>\([?*])
  | \)                                  (?P<end>)
  | \{(?P<low>\d*)(?:,(?P<high>\d*))?\}
  | (?P<brace>\{)
  | .
    """,
    re.VERBOSE | re.DOTALL,
)


def _compiled(meter: Meter, pattern: Any) -> regex.Pattern[str]:
    import regex

    written = text(pattern, _A_PATTERN)
    _measure(written)
    meter.turns(len(written))
    try:
        return regex.compile(written)
    except regex.error as error:
        raise ExpressionError(say("the pattern is not a regular expression: {error}", error=error)) from None
    except Exception:
        raise ExpressionError(say("the pattern is not a regular expression")) from None


def _measure(pattern: str) -> None:
    """Refuse a pattern that unfolds into too much, or that uses more than the syntax of Python."""
    if len(pattern) > _LENGTH:
        raise ExpressionError(say("the pattern is longer than {length} characters", length=_LENGTH))
    sizes = [0]
    latest = 0
    for part in _PART.finditer(pattern):
        if part["foreign"] is not None or part["wrong"]:
            raise ExpressionError(say("'{group}' is not part of a pattern", group=part.group()))
        if part["bracket"] is not None:
            raise ExpressionError(say("a bracket inside [ ] is written \\]"))
        if part["brace"]:
            raise ExpressionError(say("a brace that is meant as text is written \\{{"))
        if part["group"] is not None:
            if part.group().endswith(")"):
                continue
            sizes.append(0)
            latest = 0
        elif part["end"] is not None:
            latest = sizes.pop() if len(sizes) > 1 else 0
            sizes[-1] += latest
        elif part["low"] is not None:
            times = max(int(part["low"] or 0), int(part["high"] or 0), 1) if len(part.group()) < 12 else _STATES + 1
            sizes[-1] += latest * (times - 1)
            latest *= times
        elif part.group() not in "?*+":
            latest = 1
            sizes[-1] += 1
        if len(sizes) > _NESTED or max(sizes[-1], latest) > _STATES:
            raise ExpressionError(say("the pattern is too large"))


def _subject(meter: Meter, value: Any) -> str:
    found = text(value)
    meter.text(len(found))
    return found


def _late(error: TimeoutError) -> ExpressionError:
    hint = say("Repetitions inside repetitions, such as (a+)+, take forever on some texts")
    return ExpressionError(say("the pattern takes too long on this text"), hint=hint)


@function(_PATTERNS)
def matches(meter: Meter, text: str, pattern: str) -> bool:
    """Whether the whole text has the form of the pattern: matches('A-12', '[A-Z]-\\d+')."""
    compiled = _compiled(meter, pattern)
    try:
        return compiled.fullmatch(_subject(meter, text), timeout=meter.left) is not None
    except TimeoutError as error:
        raise _late(error) from None


@function(_PATTERNS)
def regex_find(meter: Meter, text: str, pattern: str, group: int | str = 0) -> str | None:
    """The first part of the text that has the form of the pattern, or that group of it; null where there is none."""
    compiled = _compiled(meter, pattern)
    try:
        match = compiled.search(_subject(meter, text), timeout=meter.left)
    except TimeoutError as error:
        raise _late(error) from None
    return None if match is None else _group(match, group)


@function(_PATTERNS)
def regex_find_all(meter: Meter, text: str, pattern: str, group: int | str = 0) -> list[str | None]:
    """Every part of the text that has the form of the pattern, or that group of each."""
    compiled = _compiled(meter, pattern)
    out: list[str | None] = []
    try:
        for match in compiled.finditer(_subject(meter, text), timeout=meter.left):
            meter.turns(1)
            out.append(_group(match, group))
    except TimeoutError as error:
        raise _late(error) from None
    meter.items(len(out))
    return out


@function(_PATTERNS)
def regex_groups(meter: Meter, text: str, pattern: str) -> Any:
    """The groups of the first match: a mapping where they have names, else a list; null where nothing matches."""
    compiled = _compiled(meter, pattern)
    try:
        match = compiled.search(_subject(meter, text), timeout=meter.left)
    except TimeoutError as error:
        raise _late(error) from None
    if match is None:
        return None
    return match.groupdict() or list(match.groups())


@function(_PATTERNS)
def regex_replace(meter: Meter, text: str, pattern: str, new: str) -> str:
    """The text with every match replaced; in the new text \\1 or \\g<name> stands for a group."""
    compiled = _compiled(meter, pattern)
    subject = _subject(meter, text)
    template = _subject(meter, new)
    out: list[str] = []
    at = 0
    try:
        for match in compiled.finditer(subject, timeout=meter.left):
            meter.turns(1)
            put = match.expand(template) if "\\" in template else template
            meter.text(match.start() - at + len(put))
            out += (subject[at : match.start()], put)
            at = match.end()
    except TimeoutError as error:
        raise _late(error) from None
    except (IndexError, ValueError) as error:
        raise ExpressionError(
            say("{template} names a group that the pattern does not have", template=_short(template))
        ) from error
    out.append(subject[at:])
    meter.text(sum(map(len, out)))
    return "".join(out)


@function(_PATTERNS)
def regex_split(meter: Meter, text: str, pattern: str) -> list[str]:
    """The parts of the text between the matches."""
    compiled = _compiled(meter, pattern)
    subject = _subject(meter, text)
    out: list[str] = []
    at = 0
    try:
        for match in compiled.finditer(subject, timeout=meter.left):
            meter.turns(1)
            if match.end() > match.start():
                out.append(subject[at : match.start()])
                at = match.end()
    except TimeoutError as error:
        raise _late(error) from None
    out.append(subject[at:])
    meter.items(len(out))
    return out


def _group(match: regex.Match[str], group: Any) -> str | None:
    name = group if type(group) is str else whole(group, _THE_NUMBER_OF_A_GROUP, 0, 100)
    try:
        return match[name]
    except (IndexError, KeyError):
        raise ExpressionError(say("the pattern has no group {name}", name=name)) from None


def _short(value: str) -> str:
    return repr(value[:40])
