"""Find, replace, split and join text, plainly or by regular expressions, which never run longer than they may."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal

from engine.core.errors import BusinessError
from engine.core.sentences import say
from engine.sdk import Effect, Param, activity
from engine.sdk.cells import cell_text
from engine.sdk.tables import Row, shown

if TYPE_CHECKING:
    import regex

_SECONDS = 5.0
_MAX_PATTERN = 10_000
_MAX_MATCHES = 1_000_000


@dataclass(frozen=True)
class Matches:
    """Whether and what was found: the first match as text, its named groups, and every match."""

    found: bool
    text: str | None
    groups: dict[str, str | None]
    matches: list[Row]
    count: int


@dataclass(frozen=True)
class Replaced:
    """The new text, and how many replacements there were."""

    text: str
    count: int


@dataclass(frozen=True)
class Parts:
    """The parts, and how many there are."""

    parts: list[str]
    count: int


@dataclass(frozen=True)
class Joined:
    """The text."""

    text: str


@activity(
    "text.find",
    label="Find in text",
    icon="magnifying-glass",
    effect=Effect.PURE,
    keywords=("regex", "extract", "match"),
)
def find(
    text: Annotated[str, Param("Text", kind="text")],
    pattern: Annotated[
        str,
        Param(
            "Pattern",
            "Regular expression; (?P<name>…) names a group.",
            r"Order (?P<number>\d+)",
            kind="code",
            language="regex",
        ),
    ],
    ignore_case: Annotated[bool, Param("Upper and lower case are alike")] = False,
    multiline: Annotated[bool, Param("^ and $ also at line ends", advanced=True)] = False,
    dot_all: Annotated[bool, Param("A dot is also a line end", advanced=True)] = False,
    limit: Annotated[int | None, Param("At most", unit="matches", advanced=True)] = None,
    required: Annotated[bool, Param("Fail if nothing is found")] = False,
) -> Matches:
    """Find what matches a regular expression, and take it apart.

    The output holds `found`; `text`, the first match, and `groups`, its named groups; `matches`, each with `text`,
    `start`, `end` (places from 0), `groups` (by name) and `parts` (all groups in order); and `count`.
    """
    compiled = _compiled(pattern, ignore_case, multiline, dot_all)
    made: list[Row] = []
    wanted = _MAX_MATCHES if limit is None else min(limit, _MAX_MATCHES)
    try:
        for match in compiled.finditer(text, timeout=_SECONDS, concurrent=True):
            if len(made) >= wanted:
                break
            made.append(
                {
                    "text": match.group(),
                    "start": match.start(),
                    "end": match.end(),
                    "groups": match.groupdict(),
                    "parts": list(match.groups()),
                }
            )
    except TimeoutError:
        raise _too_long(pattern) from None
    if required and not made:
        raise BusinessError(say("nothing in the text {text} matches {pattern!r}", text=shown(text), pattern=pattern))
    first: Row = made[0] if made else {"text": None, "groups": dict.fromkeys(compiled.groupindex)}
    return Matches(bool(made), first["text"], first["groups"], made, len(made))


@activity("text.replace", label="Replace in text", icon="swap", effect=Effect.PURE, keywords=("regex", "substitute"))
def replace(
    text: Annotated[str, Param("Text", kind="text")],
    find: Annotated[str, Param("Find")],
    replacement: Annotated[str, Param("Replace with", r"With a pattern, \1 or \g<name> is a group.")] = "",
    pattern: Annotated[bool, Param("Find is a regular expression")] = False,
    ignore_case: Annotated[bool, Param("Upper and lower case are alike")] = False,
    multiline: Annotated[
        bool, Param("^ and $ also at line ends", show_when={"pattern": (True,)}, advanced=True)
    ] = False,
    dot_all: Annotated[bool, Param("A dot is also a line end", show_when={"pattern": (True,)}, advanced=True)] = False,
    limit: Annotated[int | None, Param("At most", unit="times", advanced=True)] = None,
) -> Replaced:
    """Replace a text, or what matches a regular expression, everywhere.

    The output holds `text` and `count`, how often it was replaced.
    """
    import regex

    if not find:
        raise BusinessError(say("there is nothing to find"), hint=say("Give the text or pattern to replace."))
    if limit is not None and limit < 1:
        return Replaced(text, 0)
    compiled = _compiled(find if pattern else regex.escape(find), ignore_case, multiline, dot_all)
    new: Any = replacement if pattern else lambda _: replacement
    try:
        made, count = compiled.subn(new, text, count=limit or 0, timeout=_SECONDS, concurrent=True)
    except TimeoutError:
        raise _too_long(find) from None
    except (regex.error, IndexError) as error:
        raise BusinessError(
            say("the replacement {replacement} cannot be used: {error}", replacement=shown(replacement), error=error)
        ) from None
    return Replaced(made, count)


@activity(
    "text.split", label="Split text", icon="scissors", effect=Effect.PURE, keywords=("lines", "words", "separate")
)
def split(
    text: Annotated[str, Param("Text", kind="text")],
    separator: Annotated[str, Param("Separator", "Empty for any white space.")] = ",",
    by: Annotated[
        Literal["separator", "lines", "pattern", "length"],
        Param("Split by", "Length cuts pieces of so many characters."),
    ] = "separator",
    length: Annotated[int, Param("Length", show_when={"by": ("length",)}, unit="characters")] = 100,
    trim: Annotated[bool, Param("Trim the parts")] = True,
    skip_empty: Annotated[bool, Param("Leave out empty parts")] = False,
    limit: Annotated[int | None, Param("At most", "The last part holds the rest.", unit="parts", advanced=True)] = None,
) -> Parts:
    """Split a text into parts.

    The output holds `parts`, a list of texts, and `count`.
    """
    if limit is not None and limit < 1:
        raise BusinessError(say("at least one part must be asked for"))
    if by == "lines":
        parts = text.splitlines()
        if limit is not None and len(parts) > limit:
            parts = [*parts[: limit - 1], "\n".join(parts[limit - 1 :])]
    elif by == "length":
        if length < 1:
            raise BusinessError(say("a part must have at least one character"))
        parts = [text[at : at + length] for at in range(0, len(text), length)]
        if limit is not None and len(parts) > limit:
            parts = [*parts[: limit - 1], "".join(parts[limit - 1 :])]
    elif by == "pattern":
        compiled = _compiled(separator, False, False, False)
        try:
            found = [] if limit == 1 else list(compiled.finditer(text, timeout=_SECONDS, concurrent=True))
        except TimeoutError:
            raise _too_long(separator) from None
        found = [match for match in found if match.end() > match.start()][: None if limit is None else limit - 1]
        edges = [0, *(edge for match in found for edge in match.span()), len(text)]
        parts = [text[start:end] for start, end in zip(edges[::2], edges[1::2], strict=True)]
    else:
        parts = text.split(separator or None, -1 if limit is None else limit - 1)
    if trim:
        parts = [part.strip() for part in parts]
    if skip_empty:
        parts = [part for part in parts if part]
    return Parts(parts, len(parts))


@activity("text.join", label="Join texts", icon="git-merge", effect=Effect.PURE, keywords=("concatenate", "list"))
async def join(
    items: Annotated[list[Any], Param("Items")],
    separator: Annotated[str, Param("Separator")] = ", ",
    last_separator: Annotated[
        str | None, Param("Before the last", "Such as ' and '; empty for the same.", advanced=True)
    ] = None,
    skip_empty: Annotated[bool, Param("Leave out empty items")] = False,
) -> Joined:
    """Join the items of a list to one text.

    Numbers, dates and other values are written as in a CSV file. The output holds `text`.
    """
    texts = [cell_text(item) for item in items]
    if skip_empty:
        texts = [text for text in texts if text.strip()]
    if last_separator is not None and len(texts) > 1:
        return Joined(last_separator.join((separator.join(texts[:-1]), texts[-1])))
    return Joined(separator.join(texts))


def _compiled(pattern: str, ignore_case: bool, multiline: bool, dot_all: bool) -> regex.Pattern[str]:
    import regex

    if not pattern:
        raise BusinessError(say("the regular expression is empty"))
    if len(pattern) > _MAX_PATTERN:
        raise BusinessError(say("the regular expression has more than {most:,} characters", most=_MAX_PATTERN))
    flags = regex.VERSION0 | regex.UNICODE
    for wanted, flag in ((ignore_case, regex.IGNORECASE), (multiline, regex.MULTILINE), (dot_all, regex.DOTALL)):
        flags |= flag if wanted else 0
    try:
        return regex.compile(pattern, flags)
    except regex.error as error:
        raise BusinessError(
            say("{pattern} is not a regular expression: {error}", pattern=shown(pattern), error=error)
        ) from None
    except (RecursionError, OverflowError, MemoryError):
        raise BusinessError(say("{pattern} is nested or repeated beyond measure", pattern=shown(pattern))) from None


def _too_long(pattern: str) -> BusinessError:
    return BusinessError(
        say(
            "the regular expression {pattern} took longer than {seconds:g} seconds",
            pattern=shown(pattern),
            seconds=_SECONDS,
        ),
        hint=say("Repetitions inside repetitions, such as (a+)+, can take forever; write it more exactly."),
    )
