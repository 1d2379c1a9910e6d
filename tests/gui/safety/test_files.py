from __future__ import annotations

import asyncio
import os
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QFileDialog, QLabel, QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from engine.api import LARGEST, load, save_text, text_hash
from studio.base.actions import Actions
from studio.base.tasks import spawn
from studio.bridge import Bridge
from studio.designer.actions import ACTIONS
from studio.designer.closing import guard_session, leave_session
from studio.designer.document import WorkflowDocument
from studio.designer.editor import Editor
from studio.designer.files import Files, bind_files
from studio.designer.open_file import OpenFile
from studio.designer.page import DesignerPage
from studio.designer.recovered import RecoveredDialog
from studio.designer.recovery import Recovery
from studio.designer.text_page import TextPage
from studio.widgets.dialog import Dialog
from tests.gui.safety.conftest import Awaited, Until, Within
from tests.unit.studio.safety.edits import start


@pytest.fixture
def actions(qapp: QApplication) -> Actions:
    made = Actions()
    made.add(ACTIONS)
    for name in ("text-or-document", "document", "tab", "dirty", "saved"):
        made.set_context(name)
    return made


@pytest.fixture
def page(bridge: Bridge, actions: Actions, qtbot: QtBot, qapp: QApplication) -> Iterator[DesignerPage]:
    made = DesignerPage(bridge, actions)
    made.resize(1000, 700)
    actions.attach("window", made)
    with qtbot.waitExposed(made):
        made.show()
    yield made
    made.close()
    made.deleteLater()
    qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def files(page: DesignerPage, actions: Actions, recovery: Recovery) -> Iterator[Files]:
    made = Files(page, recovery=recovery)
    bind_files(actions, made, lambda: page.current)
    yield made
    made.close()


def rename(thing: Any, name: str) -> None:
    document = thing.document
    document.edit(f"Call it {name}", replace(document.workflow, name=name))


def press(label: str) -> None:
    """Click the button of the question that is open."""
    dialogs = [one for one in QApplication.topLevelWidgets() if isinstance(one, QDialog) and one.isVisible()]
    (dialog,) = dialogs
    (button,) = [one for one in dialog.findChildren(QPushButton) if one.text() == label]
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def asked() -> Dialog | None:
    found = [one for one in QApplication.topLevelWidgets() if isinstance(one, Dialog) and one.isVisible()]
    return found[0] if found else None


def words() -> str:
    dialog = asked()
    assert dialog is not None
    return " ".join(label.text() for label in dialog.findChildren(QLabel))


@pytest.fixture
def answer(within: Within, until: Until) -> Callable[[Callable[[], object], str], str]:
    """Do something that asks, press the button, and give what was asked."""

    def run(do: Callable[[], object], label: str) -> str:
        within(do)
        until(asked)
        said = words()
        within(lambda: press(label))
        until(lambda: asked() is None)
        return said

    return run


Answer = Callable[[Callable[[], object], str], str]


def chosen(path: Path, accept: bool = True) -> Callable[[], None]:
    """Choose a file in the dialog that is open."""

    def choose() -> None:
        (dialog,) = [one for one in QApplication.topLevelWidgets() if isinstance(one, QFileDialog) and one.isVisible()]
        if not accept:
            dialog.reject()
            return
        line = dialog.findChild(QLineEdit, "fileNameEdit")
        assert line is not None
        line.clear()
        QTest.keyClicks(line, str(path))
        QTest.keyClick(line, Qt.Key.Key_Return)

    return choose


def dialog_open() -> bool:
    return any(isinstance(one, QFileDialog) and one.isVisible() for one in QApplication.topLevelWidgets())


def test_a_workflow_opens_on_the_canvas(files: Files, page: DesignerPage, file: Path, awaited: Awaited) -> None:
    used: list[tuple[Path, str]] = []
    files.used.connect(lambda path, name: used.append((path, name)))
    awaited(files.open([file]))
    assert isinstance(page.current, Editor)
    assert page.current.document.workflow == start().workflow
    assert used == [(file, "Random")]
    assert files.paths == [file]


def test_tabs_of_one_title_are_told_apart_by_their_folders(
    files: Files, page: DesignerPage, file: Path, tmp_path: Path, awaited: Awaited, qtbot: QtBot
) -> None:
    bar = page.tabs.bar
    awaited(files.open([file]))
    assert bar.tabData(0) == ""
    places = [tmp_path / "march" / file.name, tmp_path / "april" / file.name]
    for place in places:
        place.parent.mkdir()
        shutil.copy(file, place)
    awaited(files.open(places))
    assert [bar.tabText(index) for index in range(3)] == ["Random"] * 3
    assert [bar.tabData(index) for index in range(3)] == [file.parent.name, "march", "april"]
    assert [bar.accessibleTabName(index) for index in (1, 2)] == ["Random, march", "Random, april"]
    assert [bar.tabToolTip(index) for index in (1, 2)] == [str(place) for place in places]
    assert isinstance(page.current, Editor)
    rename(page.current, "Another")
    assert [bar.tabData(index) for index in range(3)] == [file.parent.name, "march", ""]
    assert bar.accessibleTabName(2) == "Another, unsaved"
    awaited(files.close_tab(page.tabs.pages[0]))
    assert [bar.tabData(index) for index in range(2)] == ["", ""]


def test_the_same_file_is_open_once(
    files: Files, page: DesignerPage, file: Path, tmp_path: Path, awaited: Awaited
) -> None:
    link = tmp_path / "link.rpa.yaml"
    link.symlink_to(file)
    other = tmp_path / "other.rpa.yaml"
    shutil.copy(file, other)

    async def twice() -> None:
        await asyncio.gather(files.open([file]), files.open([link]))

    awaited(twice())
    awaited(files.open([other, file.parent / ".." / file.parent.name / file.name]))
    assert len(page.tabs.pages) == 2
    assert isinstance(page.current, Editor)
    assert page.current.document.path is not None and page.current.document.path.samefile(file)


def test_a_folder_with_one_workflow_opens_it(files: Files, page: DesignerPage, file: Path, awaited: Awaited) -> None:
    awaited(files.open([file.parent]))
    assert files.paths == [file]


def test_a_folder_with_several_asks_which(
    files: Files, file: Path, within: Within, until: Until, awaited: Awaited
) -> None:
    shutil.copy(file, file.with_name("b.rpa.yaml"))
    within(lambda: spawn(files.open([file.parent])))
    until(dialog_open)
    (dialog,) = [one for one in QApplication.topLevelWidgets() if isinstance(one, QFileDialog) and one.isVisible()]
    assert Path(dialog.directory().absolutePath()) == file.parent
    within(dialog.reject)
    until(lambda: not dialog_open())
    assert files.things == []


BAD: dict[str, tuple[Callable[[Path], object], str]] = {
    "missing": (lambda path: None, "There is no such file."),
    "an empty folder": (lambda path: path.mkdir(), "is a folder without workflows"),
    "too large": (lambda path: path.write_bytes(b"#" * (LARGEST + 1)), "It is larger than 10 MB."),
    "no text": (lambda path: path.write_bytes(b"PK\x03\x04\x00\x00\xff\xfe"), "It is no text file."),
    "a pipe": (lambda path: os.mkfifo(path), "It is no file, but a device or a pipe."),
}


@pytest.mark.parametrize(("make", "said"), BAD.values(), ids=BAD)
def test_what_cannot_be_opened_is_told(
    make: Callable[[Path], object], said: str, files: Files, tmp_path: Path, answer: Answer
) -> None:
    path = tmp_path / "it.rpa.yaml"
    make(path)
    assert said in answer(lambda: spawn(files.open([path])), "Close")
    assert files.things == []


def opened_text(files: Files, page: DesignerPage, path: Path, awaited: Awaited, until: Until) -> TextPage:
    awaited(files.open([path]))
    assert isinstance(page.current, TextPage)
    until(lambda: not page.current.banner.isHidden())  # type: ignore[union-attr]
    return page.current


def test_a_file_that_does_not_parse_opens_as_text_is_mended_and_goes_to_the_canvas(
    files: Files, page: DesignerPage, file: Path, qtbot: QtBot, awaited: Awaited, until: Until, actions: Actions
) -> None:
    good = file.read_text()
    file.write_text(good.replace("steps:\n", "steps: [\n", 1))
    text = opened_text(files, page, file, awaited, until)
    assert "cannot be shown on the canvas" in text.banner.message
    assert "Line " in text.banner.message
    assert text.banner.buttons[0].text().startswith("Go to line ")
    assert not text.dirty
    # Mend it with the keyboard, as a person would.
    cursor = text.edit.textCursor()
    place = text.edit.toPlainText().index("steps: [") + len("steps: [")
    cursor.setPosition(place)
    text.edit.setTextCursor(cursor)
    qtbot.keyClick(text.edit, Qt.Key.Key_Backspace)
    assert text.dirty
    until(lambda: text.readable)
    awaited(files.save(text))
    assert not text.dirty
    assert load(file).workflow == start().workflow
    (button,) = text.banner.buttons
    assert button.text() == "Open on the canvas"

    async def click() -> None:
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)

    awaited(click())
    until(lambda: isinstance(page.current, Editor))
    assert len(page.tabs.pages) == 1
    assert not files.things[0].dirty


def test_a_broken_text_can_be_saved_and_keeps_its_line_ends_and_blanks(
    files: Files, page: DesignerPage, file: Path, qtbot: QtBot, awaited: Awaited, until: Until
) -> None:
    file.write_bytes("no: [workflow\r\nname: \u00a0x\r\n".encode())
    text = opened_text(files, page, file, awaited, until)
    qtbot.keyClick(text.edit, Qt.Key.Key_X)
    awaited(files.save(text))
    assert file.read_bytes() == "xno: [workflow\r\nname: \u00a0x\r\n".encode()
    qtbot.keyClick(text.edit, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert text.dirty
    awaited(files.save(text))
    assert file.read_bytes() == "no: [workflow\r\nname: \u00a0x\r\n".encode()


def test_a_text_in_another_encoding_is_shown_with_a_word_of_warning(
    files: Files, page: DesignerPage, file: Path, awaited: Awaited, until: Until
) -> None:
    file.write_bytes("rpa: 1\nname: caf\u00e9\n".encode("cp1252"))
    text = opened_text(files, page, file, awaited, until)
    assert "is not UTF-8 text and is shown as cp1252" in text.notice.message
    assert text.text == "rpa: 1\nname: caf\u00e9\n"
    assert text.dirty
    awaited(files.save(text))
    assert file.read_text("utf-8") == "rpa: 1\nname: caf\u00e9\n"
    assert not text.dirty


def test_a_text_that_others_change_is_read_anew_or_asked_about(
    files: Files, page: DesignerPage, file: Path, qtbot: QtBot, awaited: Awaited, until: Until
) -> None:
    file.write_text("no: [workflow\n")
    text = opened_text(files, page, file, awaited, until)
    file.write_text("still: [none\n")
    until(lambda: text.text == "still: [none\n")
    qtbot.keyClick(text.edit, Qt.Key.Key_X)
    file.write_text("theirs: [\n")
    until(lambda: not text.notice.isHidden())
    assert [button.text() for button in text.notice.buttons] == ["Keep mine", "Take theirs"]
    assert awaited(files.save(text)) is False
    assert file.read_text() == "theirs: [\n"
    text.notice.buttons[0].click()
    assert awaited(files.save(text)) is True
    assert file.read_text() == "xstill: [none\n"


def test_an_empty_file_opens_as_an_empty_canvas(
    files: Files, page: DesignerPage, tmp_path: Path, awaited: Awaited
) -> None:
    path = tmp_path / "new.rpa.yaml"
    path.touch()
    awaited(files.open([path]))
    assert isinstance(page.current, Editor)
    rename(files.things[0], "Mine")
    assert awaited(files.save(files.things[0])) is True
    assert load(path).workflow.name == "Mine"


def test_a_new_workflow_asks_where_to_go_when_it_is_saved(
    files: Files, page: DesignerPage, tmp_path: Path, actions: Actions, within: Within, until: Until
) -> None:
    editor = files.new()
    rename(files.things[0], "Мой отчет")
    within(lambda: actions.trigger("file.save"))
    until(dialog_open)
    within(chosen(tmp_path, accept=False))
    until(lambda: not dialog_open())
    assert editor.document.dirty
    within(lambda: actions.trigger("file.save"))
    until(dialog_open)
    within(chosen(tmp_path / "mine"))
    until(lambda: not editor.document.dirty)
    assert editor.document.path == tmp_path / "mine.rpa.yaml"
    assert load(tmp_path / "mine.rpa.yaml").workflow.name == "Мой отчет"


def test_saving_over_a_file_that_is_open_elsewhere_is_refused(
    files: Files, file: Path, awaited: Awaited, within: Within, until: Until, actions: Actions
) -> None:
    awaited(files.open([file]))
    files.new()
    rename(files.things[1], "Other")
    within(lambda: actions.trigger("file.save"))
    until(dialog_open)
    (dialog,) = [one for one in QApplication.topLevelWidgets() if isinstance(one, QFileDialog) and one.isVisible()]
    dialog.setOption(QFileDialog.Option.DontConfirmOverwrite)
    within(chosen(file))
    until(asked)
    assert "is open in another tab" in words()
    within(lambda: press("Close"))
    until(lambda: asked() is None)
    assert load(file).workflow.name == "Random"


def test_a_save_that_fails_says_so_and_offers_another_name(
    files: Files, page: DesignerPage, file: Path, awaited: Awaited, until: Until
) -> None:
    awaited(files.open([file]))
    rename(files.things[0], "Mine")
    folder = file.parent.rename(file.parent.with_name("moved"))
    assert awaited(files.save(files.things[0])) is False
    editor = page.current
    assert isinstance(editor, Editor)
    assert "The workflow is not saved." in editor.banner.message
    assert "There is no folder" in editor.banner.message
    assert [button.text() for button in editor.banner.buttons] == ["Try again", "Save as…"]
    folder.rename(file.parent)
    assert awaited(files.save(files.things[0])) is True
    assert editor.banner.isHidden()
    assert load(file).workflow.name == "Mine"


def test_closing_what_is_saved_asks_nothing(
    files: Files, page: DesignerPage, file: Path, awaited: Awaited, actions: Actions
) -> None:
    awaited(files.open([file]))
    assert awaited(files.close_tab(page.current)) is True  # type: ignore[arg-type]
    assert page.tabs.pages == ()
    assert files.things == []


@pytest.mark.parametrize(
    ("label", "closed", "name"), [("Save", True, "Mine"), ("Don't save", True, "Random"), ("Cancel", False, "Random")]
)
def test_closing_what_is_unsaved_asks(
    label: str,
    closed: bool,
    name: str,
    files: Files,
    page: DesignerPage,
    file: Path,
    home: Path,
    awaited: Awaited,
    until: Until,
    actions: Actions,
    answer: Answer,
) -> None:
    awaited(files.open([file]))
    rename(files.things[0], "Mine")
    assert len(list(home.glob("recovery/*/*.jsonl"))) == 1
    said = answer(lambda: actions.trigger("file.close"), label)
    assert "Save “Mine”?" in said
    until(lambda: bool(page.tabs.pages) is not closed)
    assert load(file).workflow.name == name
    # What was saved or given up is not offered again.
    assert len(list(home.glob("recovery/*/*.jsonl"))) == (0 if closed else 1)


def test_closing_several_names_them_and_saves_them_all(
    files: Files, page: DesignerPage, file: Path, awaited: Awaited, within: Within, until: Until
) -> None:
    other = file.with_name("other.rpa.yaml")
    shutil.copy(file, other)
    awaited(files.open([file, other]))
    for thing, name in zip(files.things, ("One", "Two"), strict=True):
        rename(thing, name)
    results: list[bool] = []

    async def close() -> None:
        results.append(await files.may_close())

    within(lambda: spawn(close()))
    until(asked)
    assert "• One" in words() and "• Two" in words() and "Save 2 workflows?" in words()
    within(lambda: press("Save all"))
    until(lambda: results)
    assert results == [True]
    assert [load(path).workflow.name for path in (file, other)] == ["One", "Two"]


def test_a_save_that_fails_keeps_the_window_open(
    files: Files, file: Path, awaited: Awaited, within: Within, until: Until
) -> None:
    awaited(files.open([file]))
    rename(files.things[0], "Mine")
    shutil.rmtree(file.parent)
    results: list[bool] = []

    async def close() -> None:
        results.append(await files.may_close())

    within(lambda: spawn(close()))
    until(asked)
    within(lambda: press("Save"))
    until(lambda: results)
    assert results == [False]


def crashed(home: Path, file: Path) -> None:
    """An earlier session that ended with an unsaved workflow."""
    recovery = Recovery(home)
    document = WorkflowDocument(load(file))
    recovery.record(document)
    document.edit("Call it Mine", replace(document.workflow, name="Mine"))
    document.edit("Call it Ours", replace(document.workflow, name="Ours"))
    recovery.close()


def offered() -> QWidget | None:
    found = [one for one in QApplication.topLevelWidgets() if isinstance(one, RecoveredDialog) and one.isVisible()]
    return found[0] if found else None


@pytest.mark.parametrize("label", ["Open", "Discard", "Later"])
def test_what_a_crash_left_is_offered(
    label: str, files: Files, page: DesignerPage, file: Path, home: Path, within: Within, until: Until, awaited: Awaited
) -> None:
    crashed(home, file)
    results: list[bool] = []

    async def begin() -> None:
        results.append(await files.restore())

    within(lambda: spawn(begin()))
    until(offered)
    within(lambda: press(label))
    until(lambda: results)
    assert results == [label == "Open"]
    if label == "Open":
        (thing,) = files.things
        assert isinstance(thing, OpenFile)
        assert (thing.document.workflow.name, thing.dirty) == ("Ours", True)
        thing.document.undo()
        assert thing.document.workflow.name == "Mine"
        awaited(files.save(thing))
        assert load(file).workflow.name == "Mine"
    left = list(home.glob("recovery/*/*.jsonl"))
    assert len(left) == (0 if label == "Discard" else 1)


class _Session:
    """`QSessionManager` cannot be made by a program."""

    def __init__(self, interaction: bool) -> None:
        self.interaction = interaction
        self.done: list[str] = []

    def allowsInteraction(self) -> bool:
        return self.interaction

    def cancel(self) -> None:
        self.done.append("cancel")

    def release(self) -> None:
        self.done.append("release")


@pytest.mark.parametrize(
    ("dirty", "interaction", "done"),
    [(True, True, ["cancel", "release", "close"]), (True, False, []), (False, True, [])],
)
def test_the_end_of_the_desktop_session_waits_for_an_answer(
    dirty: bool, interaction: bool, done: list[str], files: Files, file: Path, awaited: Awaited
) -> None:
    awaited(files.open([file]))
    if dirty:
        rename(files.things[0], "Mine")
    session = _Session(interaction)
    commit = guard_session(lambda: files.things, lambda: session.done.append("close"))
    commit(session)
    leave_session(commit)
    assert session.done == done


def test_a_text_that_a_crash_left_is_offered_too(
    files: Files,
    page: DesignerPage,
    file: Path,
    home: Path,
    bridge: Bridge,
    qtbot: QtBot,
    within: Within,
    until: Until,
    awaited: Awaited,
) -> None:
    file.write_text("no: [workflow\n")
    before = Recovery(home)
    recorder = before.record_text()
    recorder.keep(file, "still no: [workflow\n", text_hash("no: [workflow\n"))
    before.close()
    within(lambda: spawn(files.restore()))
    until(offered)
    within(lambda: press("Open"))
    until(lambda: isinstance(page.current, TextPage))
    text = page.current
    assert isinstance(text, TextPage)
    assert (text.text, text.dirty) == ("still no: [workflow\n", True)
    assert len(list(home.glob("recovery/*/*.jsonl"))) == 1
    qtbot.keyClick(text.edit, Qt.Key.Key_X)
    (kept,) = home.glob("recovery/*/*.jsonl")
    assert "xstill no" in kept.read_text()
    awaited(files.save(text))
    assert file.read_text() == "xstill no: [workflow\n"
    assert list(home.glob("recovery/*/*.jsonl")) == []


@pytest.mark.parametrize("kind", ["hard link", "link", "link to the folder", "detour"])
def test_another_name_of_an_open_file_shows_the_open_tab(
    kind: str, files: Files, page: DesignerPage, file: Path, tmp_path: Path, awaited: Awaited
) -> None:
    awaited(files.open([file]))
    other = tmp_path / "other.rpa.yaml"
    if kind == "hard link":
        os.link(file, other)
    elif kind == "link":
        other.symlink_to(file)
    elif kind == "link to the folder":
        (tmp_path / "folder").symlink_to(file.parent)
        other = tmp_path / "folder" / file.name
    else:
        other = file.parent / ".." / file.parent.name / file.name
    awaited(files.open([other, other]))
    assert len(page.tabs.pages) == 1


def test_two_names_opened_at_once_are_one_tab(
    files: Files, page: DesignerPage, file: Path, tmp_path: Path, awaited: Awaited
) -> None:
    other = tmp_path / "other.rpa.yaml"
    os.link(file, other)

    async def both() -> None:
        await asyncio.gather(files.open([file]), files.open([other]))

    awaited(both())
    assert len(page.tabs.pages) == 1


def test_a_name_in_other_letters_is_another_file(
    files: Files, page: DesignerPage, file: Path, awaited: Awaited
) -> None:
    other = file.with_name(file.name.upper())
    if other.exists():
        pytest.skip("the case of letters means nothing here")
    shutil.copy(file, other)
    awaited(files.open([file, other]))
    assert len(page.tabs.pages) == 2


@pytest.mark.parametrize("label", ["Save", "Don't save"])
def test_what_is_edited_while_the_others_are_saved_is_asked_about_again(
    label: str,
    files: Files,
    file: Path,
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    awaited: Awaited,
    within: Within,
    until: Until,
) -> None:
    """As a person can on a slow disk."""
    awaited(files.open([file]))
    rename(files.things[0], "First")

    def save_slowly(path: Path, text: str) -> None:
        time.sleep(0.3)
        save_text(path, text)

    monkeypatch.setattr("studio.designer.disk.save_text", save_slowly)
    results: list[bool] = []

    async def close() -> None:
        results.append(await files.may_close())

    within(lambda: spawn(close()))
    until(asked)
    within(lambda: press("Save"))
    until(lambda: asked() is None)
    rename(files.things[0], "Second")
    until(asked)
    assert not results and "Save “Second”?" in words()
    within(lambda: press(label))
    until(lambda: results)
    assert results == [True]
    assert load(file).workflow.name == ("Second" if label == "Save" else "First")
    files.close()
    assert list(home.glob("recovery/*/*.jsonl")) == []


def test_what_is_edited_after_the_answer_is_offered_the_next_time(
    files: Files, file: Path, home: Path, awaited: Awaited
) -> None:
    awaited(files.open([file]))
    assert awaited(files.may_close()) is True
    rename(files.things[0], "Late")
    files.close()
    assert len(list(home.glob("recovery/*/*.jsonl"))) == 1


def test_a_text_that_others_changed_after_a_crash_is_not_written_over(
    files: Files, page: DesignerPage, file: Path, home: Path, within: Within, until: Until, awaited: Awaited
) -> None:
    file.write_text("no: [workflow\n")
    before = Recovery(home)
    before.record_text().keep(file, "mine: [\n", text_hash("no: [workflow\n"))
    before.close()
    file.write_text("theirs: [\n")
    within(lambda: spawn(files.restore()))
    until(offered)
    within(lambda: press("Open"))
    until(lambda: isinstance(page.current, TextPage))
    text = page.current
    assert isinstance(text, TextPage)
    until(lambda: not text.notice.isHidden())
    assert [button.text() for button in text.notice.buttons] == ["Keep mine", "Take theirs"]
    assert awaited(files.save(text)) is False
    assert (file.read_text(), text.text) == ("theirs: [\n", "mine: [\n")


def test_a_text_that_others_write_in_another_encoding_is_shown_or_told(
    files: Files, page: DesignerPage, file: Path, awaited: Awaited, until: Until
) -> None:
    file.write_text("no: [workflow\n")
    text = opened_text(files, page, file, awaited, until)
    file.write_bytes("no: [caf\u00e9\n".encode("cp1252"))
    until(lambda: text.text == "no: [caf\u00e9\n")
    assert "is not UTF-8 text and is shown as cp1252" in text.notice.message
    assert text.dirty
    file.write_bytes(b"PK\x03\x04\x00\x00\xff\xfe")
    until(lambda: "was changed by another program" in text.notice.message)
    assert awaited(files.save(text)) is False
    assert file.read_bytes().startswith(b"PK")
