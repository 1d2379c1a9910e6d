"""YAML text to plain data, with the place of everything in it and its comments.

Built on the event stream of libyaml, because a tree with places is needed and a person's file is not to be trusted:
no tags, no aliases, one document, text for keys, and a cap on nesting and size. What each unquoted value means is
said in `scalars`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, NoReturn

import yaml

from engine.core.errors import DocumentError
from engine.core.sentences import say
from engine.workflow.comments import Comments, KeyPath
from engine.workflow.problem import Problem
from engine.workflow.scalars import resolve

LARGEST = 10 * 1024 * 1024
"""The most bytes a document may have."""

DEEPEST = 100
"""The most lists and mappings that may stand inside each other."""

_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
_COMMENT = re.compile(r"(?:^|(?<=\s))#.*")
_CONTROL = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_SURROGATE = re.compile(r"\\(?:u|U0000)[dD][89a-fA-F][0-9a-fA-F]{2}")


class Mark(NamedTuple):
    """Where a key with its value, or an item of a list, begins (counting from 1), and the span of the value's text."""

    line: int
    column: int
    start: int
    end: int


Marks = Mapping[KeyPath, Mark]


@dataclass(frozen=True, slots=True)
class Syntax:
    """A text as plain data. Places go by index in every list."""

    data: dict[str, Any]
    marks: dict[KeyPath, Mark]
    comments: Comments
    problems: tuple[Problem, ...]


def parse(text: str, name: str) -> Syntax:
    """Read a text without byte-order mark. Raises `DocumentError` that says where and what to do."""
    control = _CONTROL.search(text)
    if control is not None:
        line, column = position(text, control.start())
        _fail(
            name,
            say("it holds the character U+{code:04X}, which no text file may hold", code=ord(control[0])),
            line,
            column,
            say(r'remove it, or write it inside double quotes as an escape such as "\0"'),
        )
    reader = _Reader(text, name)
    # libyaml knows no escape of a lone surrogate; the parser in Python does, and is slow, so it reads only those files.
    pure = _SURROGATE.search(text) is not None or not yaml.__with_libyaml__
    try:
        for event in yaml.parse(text, Loader=yaml.SafeLoader if pure else yaml.CSafeLoader):
            reader.take(event)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark is not None else (0, 0)
        reason, hint = _explain(error.problem or "", text, line)
        _fail(name, reason, line, column, hint)
    except yaml.YAMLError as error:
        _fail(name, say("it is not YAML: {error}", error=error), 0, 0, "")
    return reader.result()


def position(text: str, index: int) -> tuple[int, int]:
    """Line and column, counting from 1, of a place in a text."""
    return text.count("\n", 0, index) + 1, index - text.rfind("\n", 0, index)


def _fail(name: str, reason: str, line: int, column: int, hint: str) -> NoReturn:
    problem = Problem("error", "syntax", reason, line=line, column=column, hint=hint)
    what = name or say("the document")
    message = say("{name} cannot be read: {reason}", name=what, reason=reason)
    if line:
        message = say(
            "{name} cannot be read: {reason} in line {line}, column {column}",
            name=what,
            reason=reason,
            line=line,
            column=column,
        )
    raise DocumentError(message, hint=hint, problems=(problem,))


def _explain(reason: str, text: str, line: int) -> tuple[str, str]:
    lines = text.split("\n")
    here = lines[line - 1] if 0 < line <= len(lines) else ""
    if "cannot start any token" in reason:
        if "\t" in here[: len(here) - len(here.lstrip())]:
            return say("a tab indents this line"), say("indent with spaces")
        return say("a text cannot begin with this character"), say("put the text in quotes")
    if "mapping values are not allowed" in reason:
        return say("a ':' stands where no key can"), say(
            "put a text that holds ': ' in quotes, or check the indentation"
        )
    if "could not find expected ':'" in reason:
        return say("a key without ':'"), say("write 'key: value', and put a text of several lines under 'key: |'")
    if "expected key" in reason or "block end" in reason or "'-' indicator" in reason or "<block end>" in reason:
        return say("this line does not fit the ones above it"), say(
            "check its indentation, and that a key ends with ':'"
        )
    if "expected ',' or" in reason:
        hint = say("close it, or put a text that begins with a bracket in quotes")
        return say("a list or mapping in brackets does not end"), hint
    if "document start" in reason:
        return say("this does not belong to what stands above it"), say("check the indentation")
    if "unexpected end of stream" in reason:
        return say("a quoted text does not end"), say("add the closing quote")
    if "escape" in reason:
        return say("a backslash in double quotes begins an escape that does not exist"), say(
            "use single quotes, or write \\\\"
        )
    return reason or say("it is not YAML"), ""


class _Frame:
    __slots__ = ("column", "data", "flow", "key", "key_column", "key_line", "path", "start")

    def __init__(self, data: Any, path: KeyPath, column: int, flow: bool, start: int) -> None:
        self.data = data
        self.path = path
        self.column = column
        self.flow = flow
        self.start = start
        self.key: str | None = None
        self.key_line = self.key_column = 0


class _Reader:
    """Takes events one by one; what stands between two of them is searched for comments."""

    def __init__(self, text: str, name: str) -> None:
        self.text = text
        self.name = name
        self.root: Any = None
        self.documents = 0
        self.stack: list[_Frame] = []
        self.marks: dict[KeyPath, Mark] = {}
        self.problems: list[Problem] = []
        self.done = 0
        """Index in the text up to which everything is read."""
        self.owner: KeyPath | None = None
        """What was read last; a comment behind it on its line is its own."""
        self.item: tuple[KeyPath, int] | None = None
        """The outermost item of a list that begins with the next token, and the column of its dash."""
        self.head: tuple[str, ...] = ()
        self.foot: tuple[str, ...] = ()
        self.before: dict[KeyPath, tuple[str, ...]] = {}
        self.inline: dict[KeyPath, str] = {}
        self.after: dict[KeyPath, tuple[str, ...]] = {}

    def result(self) -> Syntax:
        if self.root is None:
            _fail(self.name, say("it is empty"), 0, 0, say("a workflow begins with 'rpa: 1'"))
        if not isinstance(self.root, dict):
            _fail(self.name, say("it is not a mapping of keys to values"), 1, 1, say("a workflow begins with 'rpa: 1'"))
        self.gap(len(self.text), None, 0)
        comments = Comments(self.head, self.before, self.inline, self.after, self.foot)
        return Syntax(self.root, self.marks, comments, tuple(self.problems))

    def take(self, event: Any) -> None:
        kind = type(event)
        if kind is yaml.ScalarEvent:
            self.scalar(event)
        elif kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
            self.open(event, {} if kind is yaml.MappingStartEvent else [])
        elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
            self.close(event)
        elif kind is yaml.AliasEvent:
            self.refuse(
                event,
                say("'*{anchor}' refers to another place of the file", anchor=event.anchor),
                say("write the value itself here"),
            )
        elif kind is yaml.DocumentStartEvent:
            self.documents += 1
            if self.documents > 1:
                self.refuse(event, say("a second document begins with '---'"), say("keep one workflow a file"))

    def refuse(self, event: Any, reason: str, hint: str) -> NoReturn:
        _fail(self.name, reason, event.start_mark.line + 1, event.start_mark.column + 1, hint)

    def check(self, event: Any) -> None:
        if event.tag is not None:
            self.refuse(event, say("the tag {tag!r} has no meaning in a workflow", tag=event.tag), say("remove it"))
        if event.anchor is not None:
            self.refuse(
                event, say("'&{anchor}' names this place for use elsewhere", anchor=event.anchor), say("remove it")
            )

    def place(self, event: Any) -> KeyPath:
        """The place of the value that begins with `event`; notes an item of a list."""
        if not self.stack:
            return ()
        frame = self.stack[-1]
        if isinstance(frame.data, dict):
            if frame.key is None:
                reason, hint = say("a list or mapping stands where a key belongs"), say("write a text as the key")
                if self.text.startswith("{{", frame.start):
                    reason, hint = say("an expression stands outside quotes"), say('write it in quotes: "{{{{ … }}}}"')
                self.refuse(event, reason, hint)
            path: KeyPath = (*frame.path, frame.key)
            self.marks[path] = Mark(frame.key_line, frame.key_column, event.start_mark.index, event.end_mark.index)
            return path
        path = (*frame.path, len(frame.data))
        column = event.start_mark.column if frame.flow else frame.column
        self.marks[path] = Mark(event.start_mark.line + 1, column + 1, event.start_mark.index, event.end_mark.index)
        if self.item is None:
            self.item = path, column
        return path

    def put(self, value: Any) -> None:
        if not self.stack:
            self.root = value
            return
        frame = self.stack[-1]
        if isinstance(frame.data, dict):
            frame.data[frame.key] = value
            frame.key = None
        else:
            frame.data.append(value)

    def open(self, event: Any, data: Any) -> None:
        self.check(event)
        path = self.place(event)
        start = event.start_mark
        if len(self.stack) >= DEEPEST:
            self.refuse(
                event,
                say("lists and mappings nest more than {depth} deep here", depth=DEEPEST),
                say("make it flatter"),
            )
        if event.flow_style:
            self.gap(start.index, *(self.item or (path, start.column)))
            self.done, self.owner, self.item = start.index + 1, path, None
        self.put(data)
        self.stack.append(_Frame(data, path, start.column, event.flow_style, start.index))

    def close(self, event: Any) -> None:
        frame = self.stack.pop()
        mark = self.marks.get(frame.path)
        if mark is not None:
            self.marks[frame.path] = mark._replace(start=frame.start, end=event.end_mark.index)
        if frame.flow:
            self.gap(event.start_mark.index, None, -1)
            self.done, self.owner = event.end_mark.index, frame.path

    def scalar(self, event: Any) -> None:
        self.check(event)
        frame = self.stack[-1] if self.stack else None
        start, end = event.start_mark, event.end_mark
        if frame is not None and isinstance(frame.data, dict) and frame.key is None:
            path = (*frame.path, event.value)
            frame.key, frame.key_line, frame.key_column = event.value, start.line + 1, start.column + 1
            if event.value in frame.data:
                self.duplicate(frame, path)
            self.gap(start.index, *(self.item or (path, start.column)))
            self.done, self.owner, self.item = end.index, path, None
            return
        path = self.place(event)
        plain = event.style in (None, "")
        self.put(resolve(event.value) if plain else event.value)
        self.gap(start.index, *(self.item or (path, start.column)))
        self.done, self.owner, self.item = end.index, path, None
        if event.style in ("|", ">"):
            self.block(start.index, path)

    def block(self, start: int, path: KeyPath) -> None:
        """Find the comment behind the header of a literal block, and give back the blank lines below its text."""
        header = _BREAK.split(self.text[start : self.done], maxsplit=1)[0]
        comment = _COMMENT.search(header)
        if comment is not None:
            self.inline[path] = comment[0].rstrip()
        if "+" not in header:
            self.done = start + len(self.text[start : self.done].rstrip())

    def duplicate(self, frame: _Frame, path: KeyPath) -> None:
        message = say(
            "the key {key!r} stands here and in line {line}; only this one counts",
            key=frame.key,
            line=self.marks[path].line,
        )
        hint = say("remove one of them")
        line, column = frame.key_line, frame.key_column
        self.problems.append(
            Problem("error", "duplicate-key", message, line=line, column=column, hint=hint, place=path)
        )

    def gap(self, end: int, target: KeyPath | None, column: int) -> None:
        """Keep the comments between what was read last and `target`, which begins at `end` in that column."""
        start, owner = self.done, self.owner
        between = self.text[start:end]
        if "#" not in between and between.count("\n") < 2:
            return
        lines = _BREAK.split(between)
        if owner is not None:
            found = _COMMENT.search(lines[0])
            place = self.hold(owner)
            if found is not None and place in self.inline:
                self.add(self.before, place, [found[0].rstrip()])
            elif found is not None:
                self.inline[place] = found[0].rstrip()
            lines = lines[1:]
        if target is not None or end < len(self.text):
            lines = lines[:-1]
        self.lines(lines, owner, target, column)

    def lines(self, lines: list[str], owner: KeyPath | None, target: KeyPath | None, column: int) -> None:
        waiting: list[str] = []
        rest: list[str] = []
        inside = owner is not None and (target is None or target[: len(owner)] != owner)
        for line in lines:
            found = _COMMENT.search(line)
            if found is None:
                if not line.strip() and (not waiting or waiting[-1]):
                    waiting.append("")
                continue
            waiting.append(found[0].rstrip())
            anchor = self.ancestor(owner, found.start()) if inside and owner is not None else ()
            deeper = found.start() > column and not line[: found.start()].strip()
            # Right before the next key or item of the same level is that one's place.
            if anchor and deeper and (target is None or anchor[:-1] != target[:-1]):
                self.add(self.after, anchor, waiting)
            else:
                inside = False
                rest += waiting
            waiting = []
        if target is not None:
            rest += waiting
        if not rest:
            return
        if owner is None:
            self.head = tuple(rest if rest[0] else rest[1:])
        elif target is None:
            self.foot = tuple(rest)
        else:
            self.add(self.before, target, rest)

    def add(self, kind: dict[KeyPath, tuple[str, ...]], path: KeyPath, lines: list[str]) -> None:
        path = self.hold(path)
        kind[path] = (*kind.get(path, ()), *lines)

    def ancestor(self, path: KeyPath, column: int) -> KeyPath:
        """The innermost part of `path` that begins in `column` or left of it."""
        while len(path) > 1:
            mark = self.marks.get(path)
            if mark is not None and mark.column - 1 <= column:
                break
            path = path[:-1]
        return path

    @staticmethod
    def hold(path: KeyPath) -> KeyPath:
        """Where a comment at `path` can stand: the place of a step on the canvas is written on one line."""
        return path[:3] if path[:2] == ("layout", "steps") else path
