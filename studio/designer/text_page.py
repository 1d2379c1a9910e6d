"""A file that is no workflow (yet), as text: the place that keeps it from being one is marked, and it can be saved."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from engine.api import Problem, loads
from engine.core.errors import DocumentError
from studio.base.i18n import sentence, tr, tr_sentence
from studio.base.tasks import spawn
from studio.designer.disk import Disk, News, Stamp, look, write
from studio.designer.open_file import Message
from studio.designer.reading import decoded
from studio.widgets.banner import Banner
from studio.widgets.code_edit import CodeEdit

if TYPE_CHECKING:
    from studio.designer.disk import Watched
    from studio.designer.recorder import TextRecorder

_PAUSE = 250
"""Milliseconds without typing after which the text is read again."""
_SMALL = 100_000
"""Characters up to which every edit is kept for recovery at once; a longer text is kept after the pause."""
_COLOURED = 1_000_000
"""Characters up to which the text is coloured."""


class TextPage(QWidget):
    """`note` says why the text may not be what it was, such as another encoding.

    `canvas_wanted` comes when the text is a workflow and shall be shown as one; `save_as_wanted` when another name is
    needed.
    """

    dirty_changed = Signal(bool)
    path_changed = Signal()
    canvas_wanted = Signal()
    save_as_wanted = Signal()

    def __init__(
        self,
        path: Path,
        text: str,
        known: Stamp,
        disk: Disk,
        recorder: TextRecorder,
        note: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.path = path
        self.readable = False
        """Whether the text as it is now can be shown on the canvas."""
        self._disk = disk
        self._recorder = recorder
        self._saved = text
        self._news: News | None = None
        self._revision = 0
        self.banner = Banner(self, margin=8)
        self.notice = Banner(self, margin=8)
        self.edit = CodeEdit("yaml" if len(text) <= _COLOURED else "", self, indent="  ")
        self.edit.setAccessibleName(tr("Text of {name}", name=path.name))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for widget in (self.notice, self.banner):
            column.addWidget(widget)
        column.addWidget(self.edit, 1)
        self.setFocusProxy(self.edit)
        self._put(text)
        self._note(note)
        self._timer = QTimer(self, singleShot=True, interval=_PAUSE)
        self._timer.timeout.connect(self._read_soon)
        self.edit.text_edited.connect(self._edited)
        self.edit.document().modificationChanged.connect(self.dirty_changed)
        self._watched: Watched | None = None
        self._watch(path, known)
        self._read_soon()

    @property
    def title(self) -> str:
        return self.path.name

    @property
    def dirty(self) -> bool:
        return self.edit.document().isModified()

    @property
    def text(self) -> str:
        """What saving writes: as it was read where nobody edited it, with the line ends it had."""
        raw = self.edit.document().toRawText().replace("\u2029", "\n")  # `toPlainText` would change blanks
        if raw == _lines(self._saved):
            return self._saved
        return raw.replace("\n", "\r\n") if _windows(self._saved) else raw

    @property
    def known(self) -> Stamp:
        """What the file holds, as far as is known."""
        return self._watched.known if self._watched is not None else Stamp()

    def release(self) -> None:
        """It is no longer open."""
        self._timer.stop()
        if self._watched is not None:
            self._disk.release(self._watched)
            self._watched = None
        self._recorder.drop()

    def restore(self, text: str) -> None:
        """Show what an earlier session left unsaved."""
        self.edit.set_text(text)
        self.edit.document().setModified(True)
        self._read_soon()
        if self._watched is not None:
            self._watched.look_soon(thorough=True)

    async def save(self, path: Path | None = None, *, force: bool = False) -> None:
        """Write the text. Raises `ChangedOnDisk` unless `force`, and `DocumentError`."""
        text = self.text
        if self._watched is not None and path in (None, self.path):
            await self._watched.write(text, force=force)
        else:
            target = path or self.path
            self._watch(target, await self._disk.run(write, target, text, None))
            self.path = target
            self.path_changed.emit()
        self._saved = text
        if self.text == text:
            self.edit.document().setModified(False)
            self._recorder.drop()
        self.notice.hide()

    async def revert(self) -> None:
        """Show what the file holds. Raises `DocumentError`."""
        news: News = await self._disk.run(look, self.path, Stamp("nothing"))
        if news.kind != "changed":
            raise DocumentError(tr("{name} can no longer be read.", name=self.path.name))
        self._take(news)

    def _watch(self, path: Path, known: Stamp) -> None:
        if self._watched is not None:
            self._disk.release(self._watched)
        self._watched = self._disk.watch(path, known)
        self._watched.news.connect(self.meet)

    def _edited(self) -> None:
        self._timer.start()
        if self.edit.document().characterCount() <= _SMALL:
            self._recorder.keep(self.path, self.text, self.known.hash)

    def _put(self, text: str) -> None:
        self._saved = text
        self.edit.set_text(text)
        self.edit.document().setModified(False)

    def _note(self, note: str) -> None:
        """Say why saving would write something else than was read, if it would."""
        if note:
            self.notice.show_message("warn", note, tr("Saving writes UTF-8."))
            self.edit.document().setModified(True)

    # Reading what is typed.

    def _read_soon(self) -> None:
        self._revision += 1
        if self.dirty:
            self._recorder.keep(self.path, self.text, self.known.hash)
        spawn(self._read(self._revision, self.text))

    async def _read(self, revision: int, text: str) -> None:
        problems: tuple[Any, ...]
        try:
            await self._disk.run(_parse, text, self.path.name)
            error, problems = None, ()
        except DocumentError as caught:
            error, problems = caught, caught.problems
        if revision != self._revision:
            return
        self.readable = error is None
        found = [problem for problem in problems if isinstance(problem, Problem) and problem.line]
        self.edit.set_marks({problem.line: ("error", sentence(problem.message)) for problem in found})
        if error is None:
            self.banner.show_message(
                "info",
                tr("This is a workflow."),
                "",
                [(tr("Open on the canvas"), self.canvas_wanted.emit)],
                closable=False,
            )
            return
        first = found[0] if found else None
        self.banner.show_message(
            "error",
            tr("{name} cannot be shown on the canvas.", name=self.path.name),
            _explained(error, first),
            [(tr("Go to line {line}", line=first.line), lambda: self._go_to(first))] if first is not None else (),
            closable=False,
        )

    def _go_to(self, problem: Problem) -> None:
        self.banner.show()
        self.edit.go_to(problem.line, max(problem.column, 1))
        self.edit.setFocus(Qt.FocusReason.ShortcutFocusReason)

    # What others do to the file.

    def meet(self, news: News) -> None:
        """Say that the file is another, and let the person choose."""
        self._news = news
        name = self.path.name
        if news.kind == "same":
            self.notice.hide()
        elif news.kind == "changed" and not self.dirty:
            self._take(news)
        elif news.kind == "changed":
            self._say(
                Message(
                    "warn",
                    tr("{name} was changed by another program.", name=name),
                    tr("You have unsaved changes here."),
                    ((tr("Keep mine"), self._keep), (tr("Take theirs"), lambda: self._take(news))),
                )
            )
        else:
            deleted = news.kind == "deleted"
            self.edit.document().setModified(True)
            self._say(
                Message(
                    "warn",
                    tr("{name} was deleted or moved.", name=name)
                    if deleted
                    else tr("{name} can no longer be read.", name=name),
                    tr("What is open here is all that is left of it."),
                    ((tr("Save as…"), self.save_as_wanted.emit),),
                )
            )

    def _say(self, message: Message) -> None:
        self.notice.show_message(message.level, message.title, message.text, message.buttons)

    def say(self, message: Message | None) -> None:
        """Show a message above the text, or none."""
        if message is None:
            self.notice.hide()
        else:
            self._say(message)

    def _keep(self) -> None:
        if self._watched is not None and self._news is not None:
            self._watched.accept(self._news.stamp)

    def _take(self, news: News) -> None:
        try:
            text, note = decoded(news.content)
        except DocumentError as error:
            self.edit.document().setModified(True)
            self._say(
                Message(
                    "warn",
                    tr("{name} was changed by another program.", name=self.path.name),
                    " ".join((sentence(error.message), tr("What is open here is as it was before."))),
                    ((tr("Keep mine"), self._keep), (tr("Save as…"), self.save_as_wanted.emit)),
                )
            )
            return
        if self._watched is not None:
            self._watched.accept(news.stamp)
        self.notice.hide()
        self._recorder.drop()
        self._put(text)
        self._note(note)
        self._read_soon()


def _parse(text: str, name: str) -> None:
    loads(text, name=name)


def _explained(error: DocumentError, first: Problem | None) -> str:
    if first is None:
        return f"{sentence(error.message)} {sentence(error.hint)}".strip()
    reason = tr("Line {line}: {reason}", line=first.line, reason=tr_sentence(first.message))
    return f"{sentence(reason)} {sentence(first.hint)}".strip()


def _windows(text: str) -> bool:
    return "\r\n" in text and text.count("\r\n") == text.count("\n")


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2029", "\n")
