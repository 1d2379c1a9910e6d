"""An open workflow and the file it is kept in: saving, what happens on the disk meanwhile, and going back.

What shows a workflow shows its `message` too. Nothing here asks or waits on the GUI's thread.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QObject, Signal

from engine.api import Document, dumps, loads
from engine.core.errors import DocumentError
from studio.base.i18n import sentence, tr, tr_sentence
from studio.base.tasks import spawn
from studio.designer.disk import Disk, News, Stamp, Watched, look, write
from studio.designer.document import WorkflowDocument

if TYPE_CHECKING:
    from studio.designer.recovery import Recovery
    from studio.designer.unsaved import Unsaved

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Message:
    """What a banner above the workflow says; `buttons` are labels and what they do."""

    level: str
    title: str
    text: str = ""
    buttons: tuple[tuple[str, Callable[[], object]], ...] = ()


class OpenFile(QObject):
    """A workflow on the canvas, with its file if it has one.

    `messaged` comes with a `Message` to show, or None to hide it. `compare_wanted` comes when the person wants to see
    what somebody else changed, with that document; `save_as_wanted` when another name is needed.
    """

    messaged = Signal(object)
    compare_wanted = Signal(object)
    save_as_wanted = Signal()

    def __init__(
        self,
        document: WorkflowDocument,
        disk: Disk,
        recovery: Recovery,
        known: Stamp | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.document = document
        self.message: Message | None = None
        self._disk = disk
        self._recovery = recovery
        self._watched: Watched | None = None
        self._saving = asyncio.Lock()
        self._heard: News | None = None
        self._theirs: tuple[News, Document] | None = None
        self._orphan: Document | None = None
        """What the file held until it held something else."""
        self._closed = False
        document.setParent(self)
        if document.path is not None and known is not None:
            self._watch(document.path, known)

    @property
    def title(self) -> str:
        return self.document.title

    @property
    def path(self) -> Path | None:
        return self.document.path

    @property
    def dirty(self) -> bool:
        return self.document.dirty

    def close(self) -> None:
        """It is no longer open: nothing is watched, and nothing is kept for recovery."""
        self._closed = True
        if self._watched is not None:
            self._disk.release(self._watched)
            self._watched = None
        self._recovery.forget(self.document)

    def say(self, message: Message | None) -> None:
        if message is not self.message:
            self.message = message
            self.messaged.emit(message)

    # Saving.

    async def save(self, path: Path | None = None, *, force: bool = False) -> None:
        """Write the workflow to its file, or to another one that is its file from then on.

        Raises `ChangedOnDisk` where somebody else changed the file (unless `force`), and `DocumentError` where it
        cannot be written. Edits made meanwhile stay unsaved.
        """
        target = path or self.path
        if target is None:
            raise DocumentError(tr("The workflow has no file yet."))
        async with self._saving:
            snapshot = self.document.document
            text: str = await self._disk.run(dumps, snapshot.workflow, snapshot.comments)
            if self._watched is not None and target == self._watched.path:
                await self._watched.write(text, force=force)
            else:
                self._watch(target, await self._disk.run(write, target, text, None))
        if self._closed:  # while it was being written
            self.close()
            return
        current = self.document.document
        self.document.mark_saved(target, self._hash)
        recorder = self._recovery.recorder(self.document)
        if current is snapshot:
            if recorder is not None:
                recorder.restart(text)
        else:
            self.keep_unsaved()
        self._theirs = None
        self.say(None)

    def keep_unsaved(self) -> None:
        """What is open is not what the file holds, although nobody edited it here."""
        if not self.dirty:
            self._orphan = self.document.document
        self.document.mark_unsaved()
        recorder = self._recovery.recorder(self.document)
        if recorder is not None:
            recorder.keep_unsaved()

    @property
    def _hash(self) -> str:
        """Of what the file holds, as far as is known."""
        return self._watched.known.hash if self._watched is not None else ""

    def _watch(self, path: Path, known: Stamp) -> None:
        if self._watched is not None:
            self._disk.release(self._watched)
        self._watched = self._disk.watch(path, known)
        self._watched.news.connect(self.meet)

    # What others do to the file.

    async def revert(self) -> None:
        """Take what the file holds, as an edit that can be undone. Raises `DocumentError`."""
        if self._watched is None:
            raise DocumentError(tr("The workflow has no file yet."))
        news: News = await self._disk.run(look, self._watched.path, Stamp("nothing"))
        if news.kind != "changed":
            raise DocumentError(_reason(self._watched.path, news))
        self._take(news, await self._disk.run(_read, self._watched.path, news), tr("Revert to saved"))

    def meet(self, news: News) -> None:
        """Say that the file is another, and let the person choose."""
        self._heard = news
        spawn(self._heed(news))

    async def _heed(self, news: News) -> None:
        watched = self._watched
        if watched is None:
            return
        self._theirs = None
        name = watched.path.name
        if news.kind == "same":
            if self._orphan is self.document.document:
                self.document.mark_saved(known=self._hash)
            if self.message is not None:
                self.say(None)
            return
        save_as = (tr("Save as…"), self.save_as_wanted.emit)
        if news.kind == "deleted":
            self.keep_unsaved()
            self.say(
                Message(
                    "warn",
                    tr("{name} was deleted or moved.", name=name),
                    tr("What is open here is all that is left of it."),
                    ((tr("Save it again"), self._save_over), save_as),
                )
            )
        elif news.kind == "unreadable":
            self.say(
                Message(
                    "warn",
                    tr("{name} can no longer be read.", name=name),
                    tr("{reason}. Your work is still here.", reason=news.reason.rstrip(".")),
                    (save_as,),
                )
            )
        else:
            try:
                theirs = await self._disk.run(_read, watched.path, news)
            except DocumentError as error:
                if news is not self._heard:
                    return
                self.keep_unsaved()
                self.say(
                    Message(
                        "warn",
                        tr("{name} was changed by another program and is no workflow any more.", name=name),
                        tr_sentence(error.message),
                        ((tr("Keep mine"), lambda: self.keep_mine(news)), save_as),
                    )
                )
                return
            if news is self._heard and watched is self._watched:
                self._take_or_ask(watched, news, theirs)

    def _take_or_ask(self, watched: Watched, news: News, theirs: Document) -> None:
        """Another program wrote a workflow: take it where nothing is lost by that, else let the person choose."""
        if (theirs.workflow, theirs.comments) == (self.document.workflow, self.document.document.comments):
            watched.accept(news.stamp)
            self.document.mark_saved(known=self._hash)
            self.say(None)
        elif not self.dirty:
            self._take(news, theirs, tr("Changed by another program"))
            self.say(
                Message(
                    "info",
                    tr("{name} was changed by another program and read anew.", name=watched.path.name),
                    tr("Undo brings back what was open before."),
                )
            )
        else:
            self._theirs = (news, theirs)
            self.say(self._choice(watched.path.name))

    def _choice(self, name: str) -> Message:
        return Message(
            "warn",
            tr("{name} was changed by another program.", name=name),
            tr("You have unsaved changes here."),
            (
                (tr("Keep mine"), self.keep_mine),
                (tr("Take theirs"), self.take_theirs),
                (tr("Compare"), self.compare),
            ),
        )

    def keep_mine(self, news: News | None = None) -> None:
        """What is open goes on; saving writes over what somebody else wrote."""
        news = news or (self._theirs[0] if self._theirs else None)
        if news is not None and self._watched is not None:
            self._watched.accept(news.stamp)
            self.keep_unsaved()
            self._orphan = None
        self._theirs = None
        self.say(None)

    def take_theirs(self) -> None:
        """The open workflow becomes what somebody else wrote, as an edit that can be undone."""
        if self._theirs is not None:
            self._take(*self._theirs, tr("Take over from the disk"))
        self.say(None)

    def compare(self) -> None:
        """Ask for the difference to be shown; the question stays."""
        if self._theirs is not None and self._watched is not None:
            self.say(None)
            self.say(self._choice(self._watched.path.name))
            self.compare_wanted.emit(self._theirs[1])

    def _save_over(self) -> None:
        spawn(self.save(force=True), failed=self._complain)

    def _complain(self, error: Exception) -> None:
        if not isinstance(error, DocumentError):
            raise error
        self.say(failure(error, self.save_as_wanted.emit))

    def _take(self, news: News, theirs: Document, text: str) -> None:
        if self._watched is not None:
            self._watched.accept(news.stamp)
        self._theirs = None
        self.document.edit_document(text, lambda mine: _alike(mine, theirs))
        self.document.mark_saved(known=self._hash)

    @classmethod
    def recovered(
        cls, unsaved: Unsaved, document: WorkflowDocument, disk: Disk, recovery: Recovery, parent: QObject | None = None
    ) -> OpenFile:
        """A workflow that an earlier session left unsaved, with its history. What others did meanwhile is told."""
        recovery.take_up(document, unsaved)
        made = cls(document, disk, recovery, Stamp(unsaved.known), parent)
        if made._watched is not None:
            made._watched.look_soon(thorough=True)
        return made


def failure(error: DocumentError, save_as: Callable[[], object], again: Callable[[], object] | None = None) -> Message:
    """What to say when a workflow could not be saved."""
    buttons = [(tr("Try again"), again)] if again is not None else []
    return Message(
        "error",
        tr("The workflow is not saved."),
        f"{sentence(error.message)} {sentence(error.hint)}".strip(),
        (*buttons, (tr("Save as…"), save_as)),
    )


def _reason(path: Path, news: News) -> str:
    if news.kind == "deleted":
        return tr("{name} was deleted or moved.", name=path.name)
    return tr("{name} can no longer be read.", name=path.name)


def _read(path: Path, news: News) -> Document:
    """The document that a file holds now. Raises `DocumentError`."""
    return replace(loads(news.text, name=path.name), path=path)


def _alike(mine: Document, theirs: Document) -> Document:
    """`theirs`, made of the steps, edges, notes and frames of `mine` where they say the same, so that a reload changes
    only what differs."""

    def same(old: tuple[Item, ...], new: tuple[Item, ...], key: Callable[[Item], object]) -> tuple[Item, ...]:
        known = {key(item): item for item in old}
        return tuple(found if (found := known.get(key(item))) == item and found is not None else item for item in new)

    before, after = mine.workflow, theirs.workflow
    layout = replace(
        after.layout,
        notes=same(before.layout.notes, after.layout.notes, lambda note: note.id),
        frames=same(before.layout.frames, after.layout.frames, lambda frame: frame.id),
    )
    workflow = replace(
        after,
        inputs=same(before.inputs, after.inputs, lambda item: item.name),
        steps=same(before.steps, after.steps, lambda step: step.id),
        edges=same(before.edges, after.edges, lambda edge: edge),
        layout=layout,
    )
    return replace(theirs, workflow=workflow)
