"""What is open: opening, saving and closing files, each in a tab of its own.

A file that is a workflow opens on the canvas, any other text as text. Reading happens beside the window. The same file
is open once, whatever names and links lead to it.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from engine.api import SUFFIX, Document, Workflow, loads
from engine.core.errors import DocumentError
from studio.base.i18n import sentence, tr, trn
from studio.base.tasks import spawn
from studio.designer import closing
from studio.designer.disk import ChangedOnDisk, Disk, Stamp
from studio.designer.distinction import distinctions
from studio.designer.document import WorkflowDocument
from studio.designer.editor import Editor
from studio.designer.edits import ports_of
from studio.designer.open_file import Message, OpenFile, failure
from studio.designer.reading import IsFolder, IsMissing, Loaded, read
from studio.designer.recovered import offer
from studio.designer.recovery import Recovery
from studio.designer.text_page import TextPage
from studio.designer.unsaved import Unsaved
from studio.widgets.dialog import Button, ask, open_files, save_file

if TYPE_CHECKING:
    from studio.base.actions import Actions
    from studio.designer.page import DesignerPage

Thing = OpenFile | TextPage


class Files(QObject):
    """The files of one window, in the tabs of its designer.

    `make` makes the editor of a document. `used` comes with a path and a name when a file was opened or saved, `saved`
    with a path when it was saved, `changed` whenever what is open, or is unsaved, is another.
    """

    used = Signal(object, str)
    saved = Signal(object)
    warned = Signal(str, str)
    """A title and a text about all that is open."""
    relieved = Signal(str)
    """What was warned of under that title is over."""
    changed = Signal()
    compare_wanted = Signal(object, object)
    """An editor, and the document of somebody else to compare its own with."""

    def __init__(
        self,
        page: DesignerPage,
        *,
        make: Callable[[WorkflowDocument], Editor] | None = None,
        recovery: Recovery | None = None,
    ) -> None:
        super().__init__(page)
        self._page = page
        self._bridge = page.bridge
        self._make = make or (lambda document: Editor(document, page.bridge, page.actions_of))
        self.recovery = recovery or Recovery(page.bridge.settings.home, self)
        self.disk = Disk(page.bridge, self)
        self._files: dict[Editor, OpenFile] = {}
        self._opening: dict[tuple[object, ...], asyncio.Future[None]] = {}
        self._folder: Path | None = None
        self.recovery.troubled.connect(self._tell_trouble)
        self.recovery.relieved.connect(self._tell_relief)
        self._trouble = ""
        page.tabs.close_wanted.connect(lambda tab: spawn(self.close_tab(tab)))
        page.tabs.bar.tabMoved.connect(lambda source, target: self.changed.emit())
        self._given_up: list[Thing] = []
        self._commit: closing.Commit | None = closing.guard_session(lambda: self.things, lambda: page.window().close())

    @property
    def things(self) -> list[Thing]:
        """What is open, in the order of the tabs."""
        found = [self.thing(tab) for tab in self._page.tabs.pages]
        return [thing for thing in found if thing is not None]

    def thing(self, tab: QWidget | None) -> Thing | None:
        """The file in a tab."""
        return tab if isinstance(tab, TextPage) else self._files.get(tab) if isinstance(tab, Editor) else None

    @property
    def paths(self) -> list[Path]:
        """The files that are open."""
        return [thing.path for thing in self.things if thing.path is not None]

    # Opening.

    def new(self, document: Document | None = None) -> Editor:
        """Open a workflow that has no file yet."""
        opened = self._document(document or Document(Workflow()))
        self.recovery.record(opened)
        return self._show(OpenFile(opened, self.disk, self.recovery, parent=self))

    async def ask_and_open(self) -> None:
        """Let the person choose files, and open them."""
        await self.open(await open_files(self._window, tr("Open workflow"), self._start_folder(), _filters()))

    async def open(self, paths: Sequence[Path]) -> None:
        """Open these files; of a folder, those that the person chooses. Says what could not be opened, and why."""
        for path in paths:
            try:
                await self._open(path)
            except IsFolder as error:
                await self._open_folder(error)
            except DocumentError as error:
                await self._refuse(path, error)

    async def _open(self, path: Path) -> None:
        one = await self._bridge.run(_identity, path)
        while one in self._opening:
            await asyncio.wait([self._opening[one]])
        self._opening[one] = done = asyncio.get_running_loop().create_future()
        try:
            there = await self._thing_at(path)
            if there is not None:
                self._page.show_page(self._tab(there))
                return
            loaded: Loaded = await self._bridge.run(read, path)
            self._folder = loaded.path.parent
            if loaded.document is not None:
                self._show_document(loaded.document, loaded.known)
            else:
                self._show_text(self._text_page(loaded))
        finally:
            del self._opening[one]
            done.set_result(None)

    def _text_page(self, loaded: Loaded, file: Path | None = None) -> TextPage:
        recorder = self.recovery.record_text(file)
        return TextPage(loaded.path, loaded.text, loaded.known, self.disk, recorder, loaded.note)

    async def _thing_at(self, path: Path) -> Thing | None:
        """What is open of the file at `path`, whatever other name it goes by."""
        open = [(thing, thing.path) for thing in self.things if thing.path is not None]
        one, *others = await self._bridge.run(_identities, [path, *(other for _, other in open)])
        return next((thing for (thing, _), other in zip(open, others, strict=True) if other == one), None)

    def _document(self, document: Document | None = None) -> WorkflowDocument:
        ports = ports_of(self._bridge.catalog)
        return WorkflowDocument(document, lambda step: tuple(ports(step)))

    def _show_document(self, document: Document, known: Stamp) -> OpenFile:
        opened = self._document(document)
        self.recovery.record(opened)
        file = OpenFile(opened, self.disk, self.recovery, known, self)
        self._show(file)
        if file.path is not None:
            self.used.emit(file.path, file.title)
        return file

    async def _open_folder(self, folder: IsFolder) -> None:
        if len(folder.files) == 1:
            await self._open(folder.files[0])
        elif folder.files:
            await self.open(await open_files(self._window, tr("Open workflow"), folder.path, _filters()))
        else:
            await self._refuse(folder.path, folder)

    async def _refuse(self, path: Path, error: DocumentError) -> None:
        text = f"{sentence(error.message)} {sentence(error.hint)}".strip()
        title = tr("“{name}” was not opened", name=path.name or str(path))
        await ask(self._window, title, f"{text}\n{path}", [Button("close", tr("Close"), "primary")])

    def _show(self, file: OpenFile) -> Editor:
        editor = self._make(file.document)
        self._files[editor] = file
        document = file.document
        document.dirty_changed.connect(self._describe)
        document.path_changed.connect(self._describe)
        document.changed.connect(lambda delta: self._describe() if "name" in delta.fields else None)
        file.messaged.connect(lambda message: _banner(editor, message))
        file.compare_wanted.connect(lambda theirs: self.compare_wanted.emit(editor, theirs))
        file.save_as_wanted.connect(lambda: spawn(self.save_as(file)))
        self._page.add(editor, file.title)
        _banner(editor, file.message)
        self._describe()
        return editor

    def _show_text(self, page: TextPage) -> None:
        page.dirty_changed.connect(self._describe)
        page.path_changed.connect(self._describe)
        page.save_as_wanted.connect(lambda: spawn(self.save_as(page)))
        page.canvas_wanted.connect(lambda: spawn(self._to_canvas(page)))
        self._page.add(page, page.title, "file-text")
        self._describe()

    async def _to_canvas(self, page: TextPage) -> None:
        """Show a text that has become a workflow on the canvas, in place of the text."""
        text = page.text
        try:
            document = await self._bridge.run(_parsed, text, page.path)
        except DocumentError:
            return  # it was edited since, and the page says so
        known, dirty = page.known, page.dirty
        file = self._show_document(document, known)
        if dirty:
            file.keep_unsaved()
        page.release()
        self._page.remove(page)
        self._describe()

    async def restore(self, paths: Sequence[Path] = (), front: Path | None = None) -> bool:
        """Bring back an earlier session: what it left unsaved, if the person wants that, and these files, in this order
        and with that one in front. Whether anything was opened. What cannot be had is told."""
        unsaved = await self._offered()
        gone: list[str] = []
        for path in paths:
            here = [one for one in unsaved if one.document.path == path]
            for one in here:
                unsaved.remove(one)
                await self._recover(one)
            if not here:
                try:
                    await self._open(path)
                except DocumentError as error:
                    gone.append(str(path) if isinstance(error, IsMissing) else f"{path}: {sentence(error.message)}")
        for one in unsaved:
            await self._recover(one)
        if gone:
            self.warned.emit(
                trn(
                    "{n} file that was open cannot be opened any more.",
                    "{n} files that were open cannot be opened any more.",
                    len(gone),
                ),
                _listed(gone),
            )
        shown = next((thing for thing in self.things if front is not None and thing.path == front), None)
        if shown is not None:
            self._page.show_page(self._tab(shown))
        return bool(self.things)

    async def _offered(self) -> list[Unsaved]:
        """What an earlier session left unsaved, as far as the person wants it back now."""
        found: list[Unsaved] = []
        try:
            found = await self._bridge.run(self.recovery.found)
            await self._bridge.run(self.recovery.check)
        except OSError as error:
            self.recovery.fail(self.recovery, error)
        if self.recovery.unreadable:
            self.warned.emit(
                tr("Unsaved work of an earlier session could not be read."),
                tr("It is kept here: {files}", files=_listed([str(file) for file in self.recovery.unreadable])),
            )
        if not found:
            return []
        answer, chosen = await offer(self._window, found)
        if answer == "open":
            return chosen
        for unsaved in chosen:
            self.recovery.discard(unsaved)
        return []

    async def _recover(self, unsaved: Unsaved) -> None:
        if not unsaved.plain:
            self._show(OpenFile.recovered(unsaved, self._document(), self.disk, self.recovery, self))
            return
        path = unsaved.document.path or Path(unsaved.title)
        try:
            loaded: Loaded = await self._bridge.run(read, path)
        except DocumentError:
            loaded = Loaded(path, Stamp(), "")
        page = self._text_page(replace(loaded, known=Stamp(unsaved.known)), unsaved.file)
        page.restore(unsaved.document.text)
        self._show_text(page)

    # Saving.

    async def save(self, thing: Thing) -> bool:
        """Save; false where it was not, which is told then."""
        if thing.path is None:
            return await self.save_as(thing)
        return await self._save(thing, None)

    async def save_as(self, thing: Thing) -> bool:
        """Ask for a file and save there; false where it was not."""
        proposed = thing.path or (self._start_folder() or Path.home()) / f"{_file_name(thing.title)}{SUFFIX}"
        target = await save_file(self._window, tr("Save workflow"), proposed, _filters(), SUFFIX.removeprefix("."))
        if target is None:
            return False
        if await self._thing_at(target) not in (None, thing):
            await ask(
                self._window,
                tr("“{name}” is open in another tab", name=target.name),
                tr("Close it there first, or choose another name."),
                [Button("close", tr("Close"), "primary")],
            )
            return False
        return await self._save(thing, target)

    async def _save(self, thing: Thing, path: Path | None) -> bool:
        try:
            await thing.save(path)
        except ChangedOnDisk as error:
            thing.meet(error.news)
            return False
        except DocumentError as error:
            thing.say(failure(error, lambda: spawn(self.save_as(thing)), lambda: spawn(self._save(thing, path))))
            return False
        if thing.path is not None:
            self._folder = thing.path.parent
            self.used.emit(thing.path, thing.title)
            self.saved.emit(thing.path)
        return True

    async def revert(self, thing: Thing) -> None:
        """Take what the file holds; it can be undone."""
        try:
            await thing.revert()
        except DocumentError as error:
            thing.say(Message("error", sentence(error.message), sentence(error.hint)))

    # Closing.

    async def close_tab(self, tab: QWidget) -> bool:
        """Close a tab, after asking where something would be lost; whether it is closed."""
        thing = self.thing(tab)
        if thing is None:
            return False
        if thing.dirty:
            self._page.show_page(tab)
        if not await closing.may_close(self._window, lambda: [thing], self.save):
            return False
        if tab in self._page.tabs.pages:  # asked twice, it may be gone by now
            self._remove(tab, thing)
        return True

    async def may_close(self) -> bool:
        """Whether the window may be closed; what the person does not want to save is given up then."""
        if not await closing.may_close(self._window, lambda: self.things, self.save):
            return False
        self._given_up = [thing for thing in self.things if thing.dirty]
        return True

    def close(self) -> None:
        """The window is closed. What is unsaved, and was not given up, is offered the next time."""
        if self._commit is None:
            return
        closing.leave_session(self._commit)
        self._commit = None
        for thing in self.things:
            if thing.dirty and thing not in self._given_up:
                continue
            if isinstance(thing, TextPage):
                thing.release()
            else:
                self.recovery.forget(thing.document)
        self.disk.close()
        self.recovery.close()

    def _remove(self, tab: QWidget, thing: Thing) -> None:
        if isinstance(thing, TextPage):
            thing.release()
        else:
            thing.close()
            self._files = {editor: file for editor, file in self._files.items() if file is not thing}
        self._page.remove(tab)
        if isinstance(thing, OpenFile):
            thing.deleteLater()
        self._describe()

    # What all of it needs.

    @property
    def _window(self) -> QWidget:
        return self._page.window()

    def _tab(self, thing: Thing) -> QWidget:
        if isinstance(thing, TextPage):
            return thing
        return next(editor for editor, file in self._files.items() if file is thing)

    def _describe(self) -> None:
        """Call each tab by its title, and by its folder too where others have that title."""
        things = self.things
        paths: dict[str, list[Path | None]] = {}
        for thing in things:
            paths.setdefault(thing.title, []).append(thing.path)
        apart = {title: iter(distinctions(same)) for title, same in paths.items()}
        for thing in things:
            tip = str(thing.path) if thing.path is not None else tr("Never saved")
            tab = self._tab(thing)
            self._page.tabs.describe(tab, thing.title, tip, unsaved=thing.dirty, apart=next(apart[thing.title]))
        self.changed.emit()

    def _start_folder(self) -> Path | None:
        current = self.thing(self._page.current)
        return current.path.parent if current is not None and current.path is not None else self._folder

    def _tell_trouble(self, title: str, text: str) -> None:
        self._trouble = title
        self.warned.emit(title, text)

    def _tell_relief(self) -> None:
        self.relieved.emit(self._trouble)


def bind_files(actions: Actions, files: Files, current: Callable[[], QWidget | None]) -> None:
    """Bind save, save as, revert and close of the tab in front."""

    def act(do: Callable[[Thing], Awaitable[object]]) -> Callable[[], None]:
        def handler() -> None:
            thing = files.thing(current())
            if thing is not None:
                spawn(_awaited(do(thing)))

        return handler

    actions.bind("file.save", act(files.save))
    actions.bind("file.save_as", act(files.save_as))
    actions.bind("file.revert", act(files.revert))

    def close() -> None:
        tab = current()
        if tab is not None:
            spawn(files.close_tab(tab))

    actions.bind("file.close", close)


async def _awaited(what: Awaitable[object]) -> None:
    await what


def _banner(editor: Editor, message: Message | None) -> None:
    if message is None:
        editor.banner.hide()
    else:
        editor.banner.show_message(message.level, message.title, message.text, message.buttons)


def _filters() -> str:
    return ";;".join((tr("Workflows") + f" (*{SUFFIX})", tr("All files") + " (*)"))


def _file_name(title: str) -> str:
    """A name for a file after a title, that every system takes."""
    kept = "".join(letter if letter.isalnum() or letter in " -_" else " " for letter in title)
    return "-".join(kept.lower().split())[:60] or "workflow"


def _listed(names: Sequence[str]) -> str:
    """Names in a row, not too many."""
    more = [trn("and {n} more", "and {n} more", len(names) - closing.MOST)] if len(names) > closing.MOST else []
    return ", ".join([*names[: closing.MOST], *more])


def _identity(path: Path) -> tuple[object, ...]:
    """What is the same for all names of a file: links, and other cases of letters where they mean nothing."""
    try:
        found = os.stat(path)
    except (OSError, ValueError):
        found = None
    if found is not None and found.st_ino:
        return found.st_dev, found.st_ino
    return (os.path.normcase(os.path.realpath(path)),)


def _identities(paths: Sequence[Path]) -> list[tuple[object, ...]]:
    return [_identity(path) for path in paths]


def _parsed(text: str, path: Path) -> Document:
    return replace(loads(text, name=path.name), path=path)
