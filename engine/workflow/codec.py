"""Reading and writing `NAME.rpa.yaml`.

::

    document = load(Path("orders.rpa.yaml"))      # DocumentError when it cannot be read at all
    document.problems                             # what did not fit, with line and column; `problems.check` finds more
    save(document.path, replace(document, workflow=changed))

What `dumps` writes, `loads` reads back the same: every value in its type, every unknown key, every comment.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import secrets
import stat
from dataclasses import dataclass, field, replace
from pathlib import Path

from engine.core.errors import DocumentError
from engine.core.sentences import say
from engine.workflow.comments import Comments, KeyPath, named
from engine.workflow.emitter import emit
from engine.workflow.migrations import migrate
from engine.workflow.model import FORMAT, Workflow
from engine.workflow.problem import Problem
from engine.workflow.shape import Flaw, build, unbuild
from engine.workflow.syntax import LARGEST, Mark, Marks, parse, position

__all__ = ["Comments", "Document", "Mark", "Marks", "content_hash", "dumps", "load", "loads", "save", "save_text"]


@dataclass(frozen=True, slots=True)
class Document:
    """A workflow with the text it was read from: where everything stands in it, and its comments.

    An editor keeps the comments by changing only the workflow: `replace(document, workflow=changed)`. `marks` go by
    place (see `comments`) and belong to `text`.
    """

    workflow: Workflow
    text: str = ""
    path: Path | None = None
    comments: Comments = field(default_factory=Comments)
    marks: Marks = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()


def loads(text: str, *, name: str = "") -> Document:
    """Read a document; `name` is what messages call it.

    Raises `DocumentError` with `problems` when it cannot be read at all: no YAML, no mapping, too large or too deep, of
    a newer format, or with something in it that no workflow has room for.
    """
    if len(text) > LARGEST:
        raise _too_large(name)
    syntax = parse(text.removeprefix("\ufeff"), name)
    known = named(syntax.data)
    marks = {known(path): mark for path, mark in syntax.marks.items()}
    written = "rpa" in syntax.data
    workflow, flaws = build(migrate(syntax.data, name=name))
    if not written:
        flaws.insert(
            0,
            Flaw(
                (),
                "missing-key",
                say("the key 'rpa' is missing"),
                say("begin the file with 'rpa: {format}'", format=FORMAT),
            ),
        )
    problems = sorted(
        [*syntax.problems, *(_located(flaw, marks) for flaw in flaws)], key=lambda found: (found.line, found.column)
    )
    fatal = [flaw for flaw in flaws if flaw.fatal]
    if fatal:
        first = _located(fatal[0], marks)
        what = name or say("the document")
        raise DocumentError(
            say(
                "{name} cannot be read: {reason} in line {line}, column {column}",
                name=what,
                reason=first.message,
                line=first.line,
                column=first.column,
            ),
            hint=first.hint,
            problems=tuple(problems),
        )
    return Document(workflow, text, None, syntax.comments.moved(known), marks, tuple(problems))


def _located(flaw: Flaw, marks: Marks) -> Problem:
    mark = nearest(marks, flaw.path)
    step = str(flaw.path[1]) if len(flaw.path) > 1 and flaw.path[0] == "steps" else ""
    line, column = mark.line, mark.column
    return Problem("error", flaw.code, flaw.message, step, line=line, column=column, hint=flaw.hint, place=flaw.path)


def nearest(marks: Marks, path: KeyPath) -> Mark:
    """Where `path` stands in the text, or else the innermost thing around it that is written there."""
    while path:
        mark = marks.get(path)
        if mark is not None:
            return mark
        path = path[:-1]
    return Mark(1, 1, 0, 0)


def dumps(workflow: Workflow, comments: Comments | None = None) -> str:
    """The text of a workflow. Raises `DocumentError` for values that no file can hold."""
    return emit(unbuild(workflow, comments), comments)


def content_hash(workflow: Workflow) -> str:
    """What executions are pinned to: the hash of the workflow's text without comments."""
    return text_hash(dumps(workflow))


def text_hash(text: str) -> str:
    """The SHA-256 of the text's UTF-8, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def load(path: Path) -> Document:
    """Read the file at `path`. Raises `DocumentError` that says what is wrong with it, and what to do."""
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except OSError as error:
        raise _unreadable(path, error) from None
    except ValueError:
        raise DocumentError(
            say("{path!r} is not a file name", path=str(path)), hint=say("it holds a NUL character")
        ) from None
    if len(content) > LARGEST:
        raise _too_large(str(path))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line, column = position(content[: error.start].decode("utf-8-sig"), error.start)
        problem = Problem("error", "encoding", say("this is not UTF-8"), line=line, column=max(1, column))
        raise DocumentError(
            say("{path} is not UTF-8 text (line {line})", path=path, line=line),
            hint=say("save it as UTF-8"),
            problems=(problem,),
        ) from None
    return replace(loads(text, name=str(path)), path=path)


def _too_large(name: str) -> DocumentError:
    what = name or say("the document")
    return DocumentError(
        say("{name} is larger than {megabytes} MB", name=what, megabytes=LARGEST // 1024 // 1024),
        hint=say("keep data in files of its own and read them with a step"),
    )


def _unreadable(path: Path, error: OSError) -> DocumentError:
    if os.path.isdir(path):
        return DocumentError(
            say("{path} is a folder, not a workflow", path=path), hint=say("name the .rpa.yaml file in it")
        )
    if isinstance(error, (FileNotFoundError, NotADirectoryError)):
        return DocumentError(say("there is no file {path}", path=path), hint=say("check its name and folder"))
    if isinstance(error, PermissionError):
        return DocumentError(
            say("{path} may not be read", path=path), hint=say("ask its owner for permission to read it")
        )
    return DocumentError(say("{path} cannot be read: {reason}", path=path, reason=error.strerror or error))


def save(path: Path, document: Document | Workflow) -> None:
    """Write the document to `path`, whole or not at all, also when the power fails or the disk is full.

    A file that is there keeps its permissions; a link stays a link. Raises `DocumentError`.
    """
    save_text(path, dumps(document) if isinstance(document, Workflow) else dumps(document.workflow, document.comments))


def save_text(path: Path, text: str) -> None:
    """The same for a text that need not be a workflow. Raises `DocumentError`."""
    try:
        content = text.encode("utf-8")
    except UnicodeEncodeError as error:
        line, column = position(text[: error.start], error.start)
        raise DocumentError(
            say("{path} cannot be saved: line {line} holds half of a character", path=path, line=line),
            hint=say("remove it, near column {column}", column=column),
        ) from None
    if len(content) > LARGEST:
        raise _too_large(str(path))
    try:
        _replace(Path(os.path.realpath(path)), content)
    except OSError as error:
        raise _unwritable(path, error) from None
    except ValueError:
        raise DocumentError(
            say("{path!r} is not a file name", path=str(path)), hint=say("it holds a NUL character")
        ) from None


def _replace(target: Path, content: bytes) -> None:
    mode = None
    with contextlib.suppress(FileNotFoundError):
        mode = stat.S_IMODE(target.stat().st_mode)
        if os.path.isdir(target):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        if not target.is_file():
            raise OSError(errno.ENODEV, "it is a device, a pipe or a socket")
        if not os.access(target, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    temporary = target.with_name(f".{target.name[:60]}.{secrets.token_hex(6)}.tmp")
    try:
        with temporary.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if mode is not None:
            temporary.chmod(mode)
        temporary.replace(target)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise
    if os.name == "posix":
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _unwritable(path: Path, error: OSError) -> DocumentError:
    if os.path.isdir(path):
        return DocumentError(
            say("{path} is a folder; a workflow cannot be saved over it", path=path), hint=say("choose a file name")
        )
    if isinstance(error, (FileNotFoundError, NotADirectoryError)):
        return DocumentError(
            say("there is no folder {parent}", parent=path.parent), hint=say("create it, or save somewhere else")
        )
    if isinstance(error, PermissionError) or error.errno == errno.EROFS:
        return DocumentError(
            say("{path} may not be written", path=path), hint=say("save it somewhere else, or ask for permission")
        )
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DocumentError(
            say("there is no space left to save {path}", path=path),
            hint=say("free some space; the old file is untouched"),
        )
    if error.errno == errno.ENAMETOOLONG:
        return DocumentError(say("the name {name}… is too long", name=path.name[:40]), hint=say("choose a shorter one"))
    return DocumentError(
        say("{path} cannot be saved: {reason}", path=path, reason=error.strerror or error),
        hint=say("the old file is untouched"),
    )
