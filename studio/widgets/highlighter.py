"""Colours for code: a few regular expressions a language, enough to tell words, texts and comments apart."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache

from PySide6.QtGui import QFont, QSyntaxHighlighter, QTextCharFormat, QTextDocument

from studio.base.theme import theme

COLORS = {
    "comment": "text-3",
    "text": "done",
    "number": "running",
    "word": "accent-text",
    "name": "paused",
    "key": "accent-text",
    "mark": "failed",
}
"""Token of the theme for each class of a language's words."""

_LONGEST_LINE = 20_000
"""Characters; a longer line (data, not code) is left plain."""

_EXPRESSION = re.compile(r"\{\{.*?(?:\}\}|$)")
_HASH = r"(?P<comment>\#.*$)"
_QUOTED = r"(?P<text>\"(?:[^\"\\]|\\.)*(?:\"|$)|'(?:[^'\\]|\\.)*(?:'|$))"
_NUMBER = r"(?P<number>(?<![\w.])-?(?:0x[0-9a-fA-F]+|\d[\d_]*(?:\.\d+)?(?:[eE][-+]?\d+)?)\b)"


def _words(text: str) -> str:
    return rf"(?P<word>\b(?:{'|'.join(text.split())})\b)"


@dataclass(frozen=True, slots=True)
class Language:
    """How one language is coloured. `pattern` has groups named as in `COLORS`; `blocks` are pairs that enclose texts or
    comments of several lines: (opening, closing, class)."""

    pattern: re.Pattern[str]
    blocks: tuple[tuple[str, str, str], ...] = ()
    comment: str = ""
    """What begins a comment that runs to the end of the line."""


@cache
def language(name: str) -> Language | None:
    """The language of that name, or None when it is not known."""
    source = _SOURCES.get({"yml": "yaml", "bash": "shell", "sh": "shell", "py": "python"}.get(name, name))
    if source is None:
        return None
    flags = re.IGNORECASE if source.ignores_case else re.NOFLAG
    return Language(re.compile("|".join(source.parts), flags), source.blocks, source.comment)


@dataclass(frozen=True, slots=True)
class _Source:
    parts: tuple[str, ...]
    blocks: tuple[tuple[str, str, str], ...] = ()
    comment: str = "#"
    ignores_case: bool = field(default=False)


_SOURCES: dict[str, _Source] = {
    "python": _Source(
        (
            _HASH,
            r"(?P<text>\b[rbfuRBFU]{0,2}(?:\"(?:[^\"\\]|\\.)*(?:\"|$)|'(?:[^'\\]|\\.)*(?:'|$)))",
            _NUMBER,
            r"(?P<mark>^\s*@[\w.]+)",
            _words(
                "and as assert async await break case class continue def del elif else except finally for from global"
                " if import in is lambda match nonlocal not or pass raise return try while with yield None True False"
            ),
            r"(?P<name>\b\w+(?=\s*\())",
        ),
        (('"""', '"""', "text"), ("'''", "'''", "text")),
    ),
    "shell": _Source(
        (
            r"(?P<comment>(?:^|(?<=\s))\#.*$)",
            _QUOTED,
            r"(?P<number>\$(?:\w+|\{[^}]*\}|[@#?*!$-]))",
            _words(
                "if then else elif fi for in do done while until case esac function return exit export local set"
                " param foreach try catch finally throw"
            ),
            r"(?P<name>(?<=\s)--?[A-Za-z][\w-]*)",
        )
    ),
    "json": _Source(
        (
            r"(?P<key>\"(?:[^\"\\]|\\.)*\"(?=\s*:))",
            r"(?P<text>\"(?:[^\"\\]|\\.)*(?:\"|$))",
            _NUMBER,
            _words("true false null"),
        ),
        comment="",
    ),
    "sql": _Source(
        (
            r"(?P<comment>--.*$)",
            r"(?P<text>'(?:[^']|'')*(?:'|$))",
            _NUMBER,
            r"(?P<mark>[:@$]\w+)",
            _words(
                "select from where and or not in is null as join left right full inner outer cross on using group by"
                " order having limit offset union all distinct insert into values update set delete create alter drop"
                " table view index primary key foreign references default case when then else end with exists between"
                " like asc desc begin commit rollback returning over partition"
            ),
            r"(?P<name>\b\w+(?=\s*\())",
        ),
        (("/*", "*/", "comment"),),
        comment="--",
        ignores_case=True,
    ),
    "yaml": _Source(
        (
            r"(?P<comment>(?:^|(?<=\s))\#.*$)",
            r"(?P<key>(?:^|(?<=^-)|(?<=\s))(?:\"[^\"]*\"|'[^']*'|[^\s#\"'{}\[\],:&*|>-][^#:{}\[\],]*?)(?=:(?:\s|$)))",
            _QUOTED,
            r"(?P<mark>->|[|>][-+]?$)",
            _NUMBER,
            _words("true false null"),
        )
    ),
    "regex": _Source(
        (
            r"(?P<number>\\[pP]\{[^}]*\}|\\.)",
            r"(?P<text>\[(?:[^\]\\]|\\.)*\])",
            r"(?P<name>\(\?(?:P?<\w+>|[:=!]|<[=!])|[()])",
            r"(?P<word>[*+?|^$]|\{\d*,?\d*\})",
        ),
        comment="",
    ),
    "markdown": _Source(
        (
            r"(?P<key>^\#{1,6} .*$)",
            r"(?P<text>`[^`]*`)",
            r"(?P<name>\[[^\]]*\]\([^)]*\))",
            r"(?P<word>\*\*[^*]+\*\*|^\s*(?:[-*+]|\d+\.)(?=\s))",
        ),
        (("```", "```", "text"),),
        comment="",
    ),
}


class Highlighter(QSyntaxHighlighter):
    """Colours the text of a document as `name` writes it; `{{ … }}` stands out in any language."""

    def __init__(self, document: QTextDocument, name: str = "") -> None:
        super().__init__(document)
        self._language = language(name)
        self._formats: dict[str, QTextCharFormat] = {}
        self._restyle()
        theme().changed.connect(self._restyle)

    def set_language(self, name: str) -> None:
        """Colour the text as another language does."""
        self._language = language(name)
        self.rehighlight()

    @property
    def language(self) -> Language | None:
        return self._language

    def _restyle(self) -> None:
        for name, token in COLORS.items():
            found = QTextCharFormat()
            found.setForeground(theme().color(token))
            if name == "comment":
                found.setFontItalic(True)
            if name == "word":
                found.setFontWeight(QFont.Weight.Medium)
            self._formats[name] = found
        inside = QTextCharFormat()
        inside.setForeground(theme().color("accent-text"))
        inside.setBackground(theme().color("expression-soft"))
        self._formats["expression"] = inside
        self.rehighlight()

    def highlightBlock(self, text: str) -> None:
        self.setCurrentBlockState(-1)
        if len(text) > _LONGEST_LINE:
            return
        if self._language is not None:
            self._color(text, self._language)
        for match in _EXPRESSION.finditer(text) if "{{" in text else ():
            self.setFormat(match.start(), match.end() - match.start(), self._formats["expression"])

    def _color(self, text: str, language: Language) -> None:
        place, state = 0, self.previousBlockState()
        while True:
            start = inside = place
            if not 0 <= state < len(language.blocks):
                state, start = self._words(text, place, language)
                if state < 0:
                    return
                inside = start + len(language.blocks[state][0])
            _, closing, kind = language.blocks[state]
            end = text.find(closing, inside)
            place = len(text) if end < 0 else end + len(closing)
            self.setFormat(start, place - start, self._formats[kind])
            if end < 0:
                self.setCurrentBlockState(state)
                return
            state = -1

    def _words(self, text: str, place: int, language: Language) -> tuple[int, int]:
        """Colour words from `place` on, up to where a block opens: its number and place, or -1."""
        while True:
            found = [(text.find(block[0], place), number) for number, block in enumerate(language.blocks)]
            start, number = min(((at, number) for at, number in found if at >= 0), default=(len(text), -1))
            match = language.pattern.search(text, place)
            if match is None or match.start() >= start:
                return number, start
            if match.end() > match.start():
                self.setFormat(match.start(), match.end() - match.start(), self._formats[match.lastgroup or "word"])
            place = max(match.end(), match.start() + 1)
