"""The earlier versions of a file that git keeps. Only ever reads; to be called beside the window, as git may be slow.

What a repository's own settings could make git run (signature programs, filters, file watchers) is switched off: a
folder from a stranger must be harmless to look at.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from engine.api import LARGEST, Document, loads
from engine.core.errors import DocumentError
from studio.base.i18n import tr

TIMEOUT = 10.0
"""Seconds that one call of git may take."""
MOST = 300
"""Revisions that are listed."""

_QUIET = ("-c", "core.fsmonitor=false", "-c", "log.showSignature=false", "-c", "core.quotePath=false")

_RECORD = re.compile("\x1e(?=[0-9a-f]{40,64}\x1f)")


@dataclass(frozen=True, slots=True)
class Revision:
    """A commit that changed the file; `path` is what the file was called then, from the root of the repository."""

    commit: str
    author: str
    when: datetime
    subject: str
    path: str


def revisions(file: Path) -> list[Revision]:
    """The commits that changed `file`, newest first, also under former names.

    Raises `DocumentError` that says why there are none: git is missing, the file is in no repository, or never was
    committed.
    """
    form = "%x1e%H%x1f%an%x1f%at%x1f%s%x1f"
    arguments = ("log", "--follow", f"--max-count={MOST}", f"--format={form}", "--name-only", "-z", "--", file.name)
    text = _git(file, *arguments).decode("utf-8", "replace")
    found = []
    for record in _RECORD.split(text)[1:]:
        head, _, names = record.rpartition("\x1f")
        commit, author, when, subject = head.split("\x1f", 3)
        path = next((name for name in (part.strip("\n") for part in names.split("\x00")) if name), file.name)
        found.append(Revision(commit, author, datetime.fromtimestamp(int(when), UTC), subject, path))
    if not found:
        raise DocumentError(
            tr("{name} has no earlier version in git.", name=file.name),
            hint=tr("Commit it once, then it can be compared."),
        )
    return found


def document_at(file: Path, revision: Revision) -> Document:
    """The document as it was then. Raises `DocumentError` where it cannot be read."""
    blob = f"{revision.commit}:{revision.path}"
    size = _git(file, "cat-file", "-s", blob).strip()
    if not size.isdigit() or int(size) > LARGEST:
        raise DocumentError(tr("{name} was larger than {size} MB then.", name=file.name, size=LARGEST // 1024 // 1024))
    content = _git(file, "cat-file", "blob", blob)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise DocumentError(tr("{name} was no text then.", name=file.name)) from None
    return loads(text, name=f"{file.name} ({revision.commit[:8]})")


def _git(file: Path, *arguments: str) -> bytes:
    program = shutil.which("git")
    if program is None:
        raise DocumentError(tr("git is not installed."), hint=tr("Install git, or compare with a file instead."))
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environment |= {
        "LC_ALL": "C",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_LITERAL_PATHSPECS": "1",
    }
    try:
        done = subprocess.run(
            [program, "--no-pager", *_QUIET, *arguments],
            cwd=file.parent,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=TIMEOUT,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
    except subprocess.TimeoutExpired:
        raise DocumentError(
            tr("git did not answer within {n} seconds.", n=round(TIMEOUT)), hint=tr("Try again later.")
        ) from None
    except (OSError, ValueError) as error:
        raise DocumentError(tr("git cannot be run: {reason}", reason=error)) from None
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        if any("not a git repository" in line for line in said):
            raise DocumentError(
                tr("{name} is in no git repository.", name=file.name), hint=tr("Compare with a file instead.")
            )
        if any("does not have any commits" in line for line in said):
            raise DocumentError(
                tr("{name} has no earlier version in git.", name=file.name),
                hint=tr("Commit it once, then it can be compared."),
            )
        reason = said[0].removeprefix("fatal: ") if said else f"exit code {done.returncode}"
        raise DocumentError(tr("git cannot tell: {reason}", reason=reason))
    return done.stdout
