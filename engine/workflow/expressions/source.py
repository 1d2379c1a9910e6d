"""Expression source: its tokens, and its syntax tree with places in the source.

The tokens are checked before Python's parser sees the text: how long and how deep it is, and that it holds no
character, prefix or operator that the language does not have.
"""

from __future__ import annotations

import ast
import re
from bisect import bisect_left
from dataclasses import dataclass

from engine.core.errors import ExpressionError
from engine.core.sentences import say
from engine.workflow.expressions.limits import Limits

_TOKEN = re.compile(
    r"""
    (?P<space>[ \t\r\n]+)
  | (?P<triple>'''|\"\"\")
  | (?P<text>"(?:[^"\\\r\n]|\\[^\r\n])*"|'(?:[^'\\\r\n]|\\[^\r\n])*')
  | (?P<number>(?:0[xX][0-9a-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+
        |(?:[0-9][0-9_]*\.?[0-9_]*|\.[0-9][0-9_]*)(?:[eE][+-]?[0-9][0-9_]*)?)(?![\w.]))
  | (?P<name>[^\W\d]\w*)
  | (?P<open>[(\[{])
  | (?P<close>[)\]}])
  | (?P<operator>==|!=|<=|>=|//|\*\*|[-+*/%<>|.,:=])
    """,
    re.VERBOSE,
)
_PAIRS = {")": "(", "]": "[", "}": "{"}
_ESCAPES = frozenset("nrt\\'\"xuU")
_PREFIX = frozenset({"-", "+", "not"})
_RAW = frozenset({"r", "R"})


@dataclass(frozen=True, slots=True)
class Token:
    kind: str
    text: str
    start: int
    """Characters from the start of the source."""

    @property
    def end(self) -> int:
        return self.start + len(self.text)


def tokens(source: str, limits: Limits) -> list[Token]:
    """The tokens of `source`, without blanks. Raises `ExpressionError` at the first that the language does not have."""
    if len(source) > limits.source:
        raise _error(source[:200], 0, say("the expression is longer than {source:,} characters", source=limits.source))
    found: list[Token] = []
    opened: list[Token] = []
    run = branches = 0
    place = 0
    while place < len(source):
        match = _TOKEN.match(source, place)
        if match is None:
            raise _error(source, place, _strange(source, place))
        token = Token(match.lastgroup or "", match.group(), place)
        place = match.end()
        if token.kind == "space":
            continue
        if token.kind == "triple":
            raise _error(source, token.start, say("texts take one quotation mark on each side, not three"))
        if token.kind == "open":
            opened.append(token)
        elif token.kind == "close" and (not opened or opened.pop().text != _PAIRS[token.text]):
            raise _error(source, token.start, say("'{text}' has no opening bracket", text=token.text))
        elif token.kind == "text" and found and found[-1].kind == "name" and found[-1].end == token.start:
            prefix = found[-1].text
            if prefix not in _RAW:
                raise _error(source, found[-1].start, say("a text cannot have the prefix '{prefix}'", prefix=prefix))
        # Prefix operators, conditionals and powers nest to the right without a bracket.
        run = run + 1 if token.text in _PREFIX else 0
        branches += token.text in ("else", "**", "lambda")
        if max(len(opened), run, branches) > limits.depth:
            raise _error(
                source, token.start, say("the expression nests deeper than {depth} levels", depth=limits.depth)
            )
        found.append(token)
    if opened:
        raise _error(source, opened[-1].start, say("'{bracket}' is never closed", bracket=opened[-1].text))
    if not found:
        raise _error(source, 0, say("the expression is empty"))
    return found


def _strange(source: str, place: int) -> str:
    char = source[place]
    if char in "'\"":
        return say("the text that begins here has no end")
    if char.isdigit() or char == ".":
        return say("this is not a number")
    if char == "#":
        return say("an expression cannot hold a comment")
    if char == "&" or char == "!":
        return say("'{char}' is not an operator; write 'and', 'not' or '!='", char=char)
    if char.isprintable():
        return say("'{char}' cannot stand here", char=char)
    return say("{char!a} cannot stand here", char=char)


def _error(source: str, place: int, message: str) -> ExpressionError:
    return ExpressionError(message, source=source, column=place + 1)


class Syntax:
    """The syntax tree of a source, and where its nodes stand."""

    def __init__(self, source: str, limits: Limits) -> None:
        self.source = source
        self.tokens = tokens(source, limits)
        self._added: list[int] = []
        self._text = self._prepared()
        self._ascii = self._text.isascii()
        try:
            self.root: ast.expr = ast.parse(self._text, "<expression>", "eval").body
        except SyntaxError as error:
            message = error.msg.split(". Perhaps")[0].split(" (")[0]
            message = say("invalid syntax") if message == "invalid syntax" else message
            place = self._place(min(max((error.offset or 1) - 1, 0), len(self._text)))
            raise _error(
                source, min(place, len(source)), say("this is not an expression: {message}", message=message)
            ) from None
        except (ValueError, UnicodeError):
            raise _error(source, 0, say("the expression holds a character that is not text")) from None
        except (RecursionError, MemoryError):
            raise _error(
                source, 0, say("the expression nests deeper than {depth} levels", depth=limits.depth)
            ) from None

    def start(self, node: ast.AST) -> int:
        """Where `node` begins: characters from the start of the source."""
        return self._place(self._char(node.col_offset))  # type: ignore[attr-defined]

    def end(self, node: ast.AST) -> int:
        """Where `node` ends."""
        return self._place(self._char(node.end_col_offset))  # type: ignore[attr-defined]

    def _prepared(self) -> str:
        """One line in brackets, with a backslash doubled where it is no escape: Python would warn about those."""
        pieces = ["("]
        at = 0
        for position, token in enumerate(self.tokens):
            pieces.append(" " * (token.start - at))
            raw = position and self.tokens[position - 1].text in _RAW and self.tokens[position - 1].end == token.start
            if token.kind == "text" and "\\" in token.text and not raw:
                pieces.append(self._escaped(token))
            else:
                pieces.append(token.text)
            at = token.end
        return "".join(pieces) + ")"

    def _escaped(self, token: Token) -> str:
        out: list[str] = []
        place = 0
        text = token.text
        while place < len(text):
            char = text[place]
            out.append(char)
            place += 1
            if char == "\\":
                if text[place] not in _ESCAPES:
                    out.append("\\")
                    self._added.append(1 + token.start + place + len(self._added))
                out.append(text[place])
                place += 1
        return "".join(out)

    def _char(self, offset: int) -> int:
        """The parser counts bytes of UTF-8."""
        return offset if self._ascii else len(self._text.encode()[:offset].decode())

    def _place(self, prepared: int) -> int:
        return max(prepared - 1 - bisect_left(self._added, prepared), 0)
