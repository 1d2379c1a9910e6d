"""Closing with unsaved work: what is asked, once for all that is closed, and what the answer means.

Nothing is asked where nothing would be lost. What a person does not want to save is given up for good; what ends
without an answer (a crash, the end of the desktop session) is kept for recovery.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Literal, Protocol, TypeVar

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from studio.base.i18n import tr, trn
from studio.widgets.dialog import Button, ask

MOST = 8
"""Names that are listed; the others are counted."""


class Closable(Protocol):
    """What can be open: a workflow, or a text."""

    @property
    def title(self) -> str: ...

    @property
    def dirty(self) -> bool: ...


Thing = TypeVar("Thing", bound=Closable)


async def may_close(
    parent: QWidget | None, things: Callable[[], Sequence[Thing]], save: Callable[[Thing], Awaitable[bool]]
) -> bool:
    """Whether these may be closed: ask about what is unsaved, and save it if that is the answer.

    `save` gives false where a thing was not saved; then nothing is closed. What is edited while others are being saved
    is asked about again.
    """
    while unsaved := [thing for thing in things() if thing.dirty]:
        answer = await _answer(parent, [thing.title for thing in unsaved])
        if answer != "save":
            return answer == "discard"
        for thing in unsaved:
            if thing.dirty and not await save(thing):
                return False
    return True


async def _answer(parent: QWidget | None, names: list[str]) -> Literal["save", "discard", ""]:
    if len(names) == 1:
        title = tr("Save “{name}”?", name=names[0])
        text = tr("It has changes that are not saved.")
        save = tr("Save")
    else:
        title = trn("Save {n} workflow?", "Save {n} workflows?", len(names))
        shown = [f"• {name}" for name in names[:MOST]]
        if len(names) > MOST:
            shown.append(trn("and {n} more", "and {n} more", len(names) - MOST))
        text = "\n".join([tr("They have changes that are not saved:"), *shown])
        save = tr("Save all")
    answer = await ask(
        parent,
        title,
        text,
        (
            Button("discard", tr("Don't save"), "danger"),
            Button("cancel", tr("Cancel")),
            Button("save", save, "primary"),
        ),
    )
    return "save" if answer == "save" else "discard" if answer == "discard" else ""


class Session(Protocol):
    """The part of `QSessionManager` that matters here."""

    def allowsInteraction(self) -> bool: ...

    def cancel(self) -> None: ...

    def release(self) -> None: ...


Commit = Callable[[Session], None]


def guard_session(things: Callable[[], Sequence[Closable]], close: Callable[[], object]) -> Commit:
    """Have the end of the desktop session wait while something is unsaved: it is put off, and `close` asks.

    A session that lets nobody ask is not held up; every edit is in a recovery file already. Gives what `leave_session`
    takes.
    """

    def commit(session: Session) -> None:
        if any(thing.dirty for thing in things()) and session.allowsInteraction():
            session.cancel()
            session.release()
            close()

    app = QGuiApplication.instance()
    if isinstance(app, QGuiApplication):
        app.commitDataRequest.connect(commit)
    return commit


def leave_session(commit: Commit) -> None:
    """The end of the desktop session is nobody's business any more."""
    app = QGuiApplication.instance()
    if isinstance(app, QGuiApplication):
        app.commitDataRequest.disconnect(commit)
