"""Fuzzy search: which items a few typed letters mean, best first, and which letters to highlight."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")

Span = tuple[int, int]
"""Start and end of a run of characters, the end not included."""

_EXACT, _BEGINS, _WORD, _INITIALS, _INSIDE, _SCATTERED = 120.0, 100.0, 80.0, 60.0, 40.0, 10.0
_ELSEWHERE = 0.7
"""What a find is worth that is not in the name: less than the beginning of a word in it."""
_LONGEST = 200
"""Characters of a text that are looked at; names are shorter, and a pasted page must not stall the typing."""


@dataclass(frozen=True, slots=True)
class Match(Generic[T]):
    """An item that was found. `spans` are places in the first of its texts; `score` grows with the fit."""

    item: T
    score: float
    spans: tuple[Span, ...] = ()


def rank(query: str, items: Iterable[T], text: Callable[[T], Sequence[str]]) -> list[Match[T]]:
    """The items that fit `query`, best first; equals keep their order, and an empty query keeps all of them.

    `text` gives the texts of an item, its name first, then what else it may be found by (its name in English, an id,
    keywords). Every word of the query must be found in one of them, in any order. In falling order of worth a word
    is the text, its beginning, the beginning of a word in it, beginnings of several words ("wrex" is Write Excel), a
    piece of it, or its letters in their order with few gaps ("exel" is Excel).
    """
    words = _fold(query[:_LONGEST]).split()
    if not words:
        return [Match(item, 0.0) for item in items]
    found = []
    for item in items:
        match = _match(words, item, text(item))
        if match is not None:
            found.append(match)
    found.sort(key=lambda match: -match.score)
    return found


def nearest(query: str, names: Iterable[str]) -> str:
    """The one of `names` that a mistyped `query` most likely means, or nothing."""
    import difflib

    by_word: dict[str, str] = {}
    for name in names:
        for word in (_fold(name), *_fold(name).split()):
            by_word.setdefault(word, name)
    close = difflib.get_close_matches(_fold(query).strip()[:_LONGEST], by_word, n=1, cutoff=0.6)
    return by_word[close[0]] if close else ""


def _match(words: Sequence[str], item: T, texts: Sequence[str]) -> Match[T] | None:
    folded = [_fold(one[:_LONGEST]) for one in texts]
    total = 0.0
    spans: list[Span] = []
    for word in words:
        best: tuple[float, list[Span]] | None = None
        for index, one in enumerate(folded):
            if not _has_in_order(word, one):
                continue
            found = _place(word, one, texts[index])
            if found is None:
                continue
            score = found[0] * (1.0 if index == 0 else _ELSEWHERE)
            if best is None or score > best[0]:
                best = (score, found[1] if index == 0 else [])
        if best is None:
            return None
        total += best[0]
        spans += best[1]
    if len(words) > 1 and folded and folded[0].startswith(" ".join(words)):
        total += _BEGINS
    length = len(folded[0]) if folded else 0
    return Match(item, total / len(words) - length / (2 * _LONGEST), _merged(spans))


def _has_in_order(word: str, text: str) -> bool:
    at = 0
    for letter in word:
        at = text.find(letter, at) + 1
        if not at:
            return False
    return True


def _place(word: str, text: str, written: str) -> tuple[float, list[Span]] | None:
    """The best way to find `word` in the folded `text`; `written` has the capitals, which begin words as well."""
    if text.startswith(word):
        return (_EXACT if len(word) == len(text) else _BEGINS), [(0, len(word))]
    starts = [at for at in range(len(text)) if _begins_word(written, at)]
    for at in starts:
        if text.startswith(word, at):
            return _WORD, [(at, at + len(word))]
    initials = _beginnings(word, text, starts)
    if initials is not None:
        return _INITIALS - len(initials), initials
    at = text.find(word)
    if at >= 0:
        return _INSIDE, [(at, at + len(word))]
    runs = _runs(word, text)
    if len(runs) <= len(word) * 2 // 3:
        return _SCATTERED - len(runs), runs
    return None


def _begins_word(written: str, at: int) -> bool:
    if at == 0:
        return True
    before, here = written[at - 1], written[at]
    return here.isalnum() and (not before.isalnum() or (here.isupper() and before.islower()))


def _beginnings(word: str, text: str, starts: Sequence[int]) -> list[Span] | None:
    """`word` as the beginnings of several words of `text` one after the other, the longest ones first."""
    ends = [*starts[1:], len(text)]
    hopeless: set[tuple[int, int]] = set()

    def fit(done: int, index: int) -> list[Span] | None:
        if done == len(word):
            return []
        if (done, index) in hopeless:
            return None
        for number in range(index, len(starts)):
            at, length = starts[number], 0
            while done + length < len(word) and at + length < ends[number] and text[at + length] == word[done + length]:
                length += 1
            for taken in range(length, 0, -1):
                rest = fit(done + taken, number + 1)
                if rest is not None:
                    return [(at, at + taken), *rest]
        hopeless.add((done, index))
        return None

    return fit(0, 0)


def _runs(word: str, text: str) -> list[Span]:
    """The letters of `word` in `text`, found from the back so that they lie close together."""
    runs: list[Span] = []
    at = len(text)
    for letter in reversed(word):
        at = text.rfind(letter, 0, at)
        if runs and runs[-1][0] == at + 1:
            runs[-1] = (at, runs[-1][1])
        else:
            runs.append((at, at + 1))
    return runs[::-1]


def _merged(spans: list[Span]) -> tuple[Span, ...]:
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)


def _fold(text: str) -> str:
    """Lower case, one character for one, so that places in the result are places in the text."""
    lower = text.lower()
    return lower if len(lower) == len(text) else "".join(one.lower() if len(one.lower()) == 1 else one for one in text)
