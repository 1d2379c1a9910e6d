"""Whole starts of the studio, one after the other on one home folder: killed, closed, and where the disk says no."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLineEdit, QPushButton

from engine.api import load
from studio.base import open_files
from studio.base.preferences import FILE, preferences
from studio.designer.editor import Editor
from studio.designer.recovered import RecoveredDialog
from studio.widgets.banner import Banner
from tests.support.ordinary import as_ordinary, give
from tests.support.person import Person

ROOT = Path(__file__).parents[3]
TEXT = """\
rpa: 1
name: NAME
steps:
  - id: only
    activity: control.log
    with: {message: one}
"""
T = TypeVar("T")
CTRL = Qt.KeyboardModifier.ControlModifier
pytestmark = [pytest.mark.timeout(120), pytest.mark.skipif(sys.platform == "win32", reason="kills and permissions")]


class Place:
    """A folder with workflows, and a home folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.home = folder / "home"
        self.work = folder / "work"
        self.ordinary = False
        self.running: list[subprocess.Popen[str]] = []
        self.work.mkdir()
        self.home.mkdir()

    def file(self, name: str) -> Path:
        path = self.work / f"{name}.rpa.yaml"
        path.write_text(TEXT.replace("NAME", name))
        return path

    def begin(self, visit: str, *files: Path | str, **environment: str) -> subprocess.Popen[str]:
        """Start the studio, and let that function use it."""
        script = f"{Path(__file__)}:{visit}"
        command = [sys.executable, "-m", "tests.support.person", script, str(self.home), *map(str, files)]
        process = subprocess.Popen(
            as_ordinary(command) if self.ordinary else command,
            cwd=ROOT,
            env={
                **os.environ,
                "QT_QPA_PLATFORM": "offscreen",
                "HOME": str(self.folder),
                "PYTHONDONTWRITEBYTECODE": "1",
                **environment,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.running.append(process)
        return process

    def visit(self, visit: str, *files: Path | str, code: int = 0) -> str:
        """The same, to its end; what it printed."""
        process = self.begin(visit, *files)
        said, _ = process.communicate(timeout=100)
        assert process.returncode == code, said
        return said

    def killed(self, visit: str, *files: Path | str) -> None:
        self.visit(visit, *files, code=-signal.SIGKILL)

    def end(self) -> None:
        for process in self.running:
            if process.poll() is None:
                process.kill()
                process.wait()
            if process.stdout is not None:
                process.stdout.close()

    @property
    def state(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.home / FILE).read_text())["state"][open_files.STATE]
        return found


@pytest.fixture
def place() -> Iterator[Place]:
    folder = Path(tempfile.mkdtemp(prefix="rpa-"))  # that of pytest is for its owner alone
    folder.chmod(0o755)
    made = Place(folder)
    yield made
    made.end()
    shutil.rmtree(folder)


# What a person does at the window.


async def opened(person: Person, count: int) -> list[Any]:
    """All that is open, once it is so many, and the start is over."""
    files = person.studio.workspace.files
    await person.until(lambda: person.studio._begun and len(files.things) == count)
    return files.things


async def answer(person: Person, label: str) -> None:
    """Press that button of the offer."""

    def offer() -> RecoveredDialog | None:
        found = [one for one in QApplication.topLevelWidgets() if isinstance(one, RecoveredDialog) and one.isVisible()]
        return found[0] if found else None

    dialog = await person.until(offer)
    assert dialog is not None
    (button,) = [one for one in dialog.findChildren(QPushButton) if one.text() == label]
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


async def press(person: Person, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    """Press a key on the canvas."""
    editor = person.editor
    person.studio.window.activateWindow()
    await person.until(editor.isActiveWindow)
    editor.view.setFocus()
    await person.until(editor.view.hasFocus)
    QTest.keyClick(editor.view, key, modifier)


async def rename(person: Person, name: str) -> None:
    """Call the selected step by another name, as with F2."""
    editor = person.editor
    editor.selection.select_steps(["only"])
    await press(person, Qt.Key.Key_F2)
    field = await person.until(lambda: field_in(editor))
    assert field is not None
    QTest.keyClick(field, Qt.Key.Key_A, CTRL)
    QTest.keyClicks(field, name)
    QTest.keyClick(field, Qt.Key.Key_Return)
    await person.until(lambda: editor.document.workflow.steps[0].label == name)


def field_in(editor: Editor) -> Any:
    return next((one for one in editor.findChildren(QLineEdit) if one.isVisible()), None)


def names(things: list[Any]) -> list[str]:
    return [thing.path.name.split(".")[0] for thing in things]


async def remembered(person: Person, *wanted: str) -> None:
    """Wait until these open files would be found again after a crash."""
    file = preferences().file

    def found() -> bool:
        state = json.loads(file.read_text())["state"].get(open_files.STATE, {}) if file.is_file() else {}
        return [Path(name).name.split(".")[0] for name in state.get("files", [])] == list(wanted)

    await person.until(found)


def shown(person: Person) -> str:
    return " ".join(one.message for one in person.studio.window.findChildren(Banner) if one.isVisible())


def buttons(person: Person) -> list[str]:
    found = [one for one in person.studio.window.findChildren(Banner) if one.isVisible()]
    return [button.text() for one in found for button in one.buttons]


# Open again what was open.


async def edit_the_second_and_die(person: Person) -> None:
    things = await opened(person, 3)
    page = person.studio.workspace.page
    page.show_page(page.tabs.pages[1])
    await rename(person, "Unsaved")
    await remembered(person, *names(things))
    await asyncio.sleep(0.5)
    person.die()


async def find_all_in_order(person: Person) -> None:
    await answer(person, "Open")
    things = await opened(person, 3)
    assert names(things) == ["a", "b", "c"]
    assert [thing.dirty for thing in things] == [False, True, False]
    assert person.editor.document is things[1].document
    assert person.editor.document.workflow.steps[0].label == "Unsaved"
    await press(person, Qt.Key.Key_Z, CTRL)
    assert person.editor.document.workflow.steps[0].label != "Unsaved"
    assert not shown(person)
    await person.until(lambda: not things[1].dirty)


async def find_the_second_as_it_was_saved(person: Person) -> None:
    await answer(person, "Later")
    things = await opened(person, 3)
    assert names(things) == ["a", "b", "c"]
    assert not any(thing.dirty for thing in things)


def test_after_a_kill_all_that_was_open_is_open_again_in_its_order(place: Place) -> None:
    place.killed("edit_the_second_and_die", place.file("a"), place.file("b"), place.file("c"))
    place.visit("find_the_second_as_it_was_saved")
    place.visit("find_all_in_order")


async def wait_and_die(person: Person) -> None:
    await remembered(person, *names(await opened(person, 2)))
    person.die()


async def miss_one(person: Person) -> None:
    things = await opened(person, 1)
    assert names(things) == ["b"]
    assert person.says("1 file that was open cannot be opened any more.") and person.says("a.rpa.yaml")
    assert QApplication.activeModalWidget() is None
    await remembered(person, "b")


async def miss_nothing(person: Person) -> None:
    assert names(await opened(person, 1)) == ["b"]
    assert not shown(person)


def test_a_file_that_is_gone_is_told_calmly_and_not_looked_for_again(place: Place) -> None:
    first, second = place.file("a"), place.file("b")
    place.killed("wait_and_die", first, second)
    first.unlink()
    place.visit("miss_one")
    place.visit("miss_nothing")


async def find_nothing(person: Person) -> None:
    await opened(person, 0)
    assert person.studio.window.page_id == "home"


async def miss_all(person: Person) -> None:
    await find_nothing(person)
    assert person.says("2 files that were open cannot be opened any more.")


def test_when_all_are_gone_the_first_page_is_shown(place: Place) -> None:
    first, second = place.file("a"), place.file("b")
    place.killed("wait_and_die", first, second)
    first.unlink()
    second.unlink()
    second.mkdir()
    place.visit("miss_all")
    place.visit("find_nothing")


async def close_in_order(person: Person) -> None:
    await opened(person, 2)


async def find_both(person: Person) -> None:
    assert names(await opened(person, 2)) == ["a", "b"]


async def find_three(person: Person) -> None:
    assert names(await opened(person, 3)) == ["a", "b", "c"]
    assert person.editor.document.title == "c"


async def want_them_not(person: Person) -> None:
    await opened(person, 2)
    preferences().set("reopen", False)


def test_after_an_ordinary_end_they_are_opened_if_that_is_preferred(place: Place) -> None:
    first, second = place.file("a"), place.file("b")
    place.visit("close_in_order", first, second)
    assert place.state["ended"] is True
    place.visit("find_both")
    place.visit("want_them_not")
    place.visit("find_nothing")
    # A crash is no wish to begin afresh.
    place.killed("wait_and_die", first, second)
    place.visit("find_both")
    place.visit("find_nothing")


def test_files_of_the_command_come_in_addition_and_in_front(place: Place) -> None:
    place.visit("close_in_order", place.file("a"), place.file("b"))
    place.visit("find_three", place.file("c"))


async def find_the_first_in_front(person: Person) -> None:
    assert names(await opened(person, 3)) == ["a", "b", "c"]
    assert person.editor.document.title == "a"


def test_a_file_of_the_command_that_was_open_comes_to_the_front(place: Place) -> None:
    first = place.file("a")
    place.visit("find_three", first, place.file("b"), place.file("c"))
    place.visit("find_the_first_in_front", first)


async def only_that(person: Person) -> None:
    await person.until(lambda: person.studio._begun)
    assert names(person.studio.workspace.files.things) == ["c"]
    await asyncio.sleep(30)


def test_a_run_without_a_person_leaves_the_session_alone(place: Place) -> None:
    place.visit("close_in_order", place.file("a"), place.file("b"))
    before = place.state
    place.visit("only_that", "--run", "--then-quit", place.file("c"))
    assert place.state == before


# Where edits cannot be kept.


async def be_told_once(person: Person) -> None:
    """At the start, and not again; and what can be kept again is."""
    told: list[str] = []
    person.studio.workspace.files.warned.connect(lambda title, text: told.append(title))
    await opened(person, 1)
    words = "Your edits cannot be kept in case of a crash."
    assert person.says(words)
    assert person.says("is no folder. Move that file away") or person.says("may not be written. Allow it")
    before = len(told)
    await rename(person, "One")
    await rename(person, "Two")
    assert len(told) == before
    assert person.editor.document.dirty
    root = preferences().file.parent / "recovery"
    if root.is_file():
        root.unlink()
    else:
        root.chmod(0o700)
    await rename(person, "Three")
    await person.until(lambda: not person.says(words))
    (kept,) = root.glob("*/*.jsonl")
    assert kept.read_text().count('"kind":"edited"') == 3
    person.die()


async def find_three_edits(person: Person) -> None:
    await answer(person, "Open")
    await opened(person, 1)
    assert person.editor.document.undo_stack.index() == 3
    person.die()


@pytest.mark.parametrize("trouble", ["a file in its place", "not writable"])
def test_a_recovery_folder_that_cannot_be_used_is_told_at_the_start(trouble: str, place: Place) -> None:
    file = place.file("a")
    place.ordinary = True
    root = place.home / "recovery"
    if trouble == "not writable":
        root.mkdir(mode=0o500)
        give(root)
    else:
        root.write_text("in the way")
    give(place.folder, place.home, place.work, file)
    place.killed("be_told_once", file)
    place.killed("find_three_edits")


async def be_told_of_a_full_disk(person: Person) -> None:
    await answer(person, "Open")
    await opened(person, 1)
    assert person.editor.document.workflow.steps[0].label == "Kept"
    assert person.says("Your edits cannot be kept in case of a crash. There is no space left.")
    await rename(person, "One")
    assert person.editor.document.dirty
    await press(person, Qt.Key.Key_S, CTRL)
    await person.until(lambda: not person.editor.document.dirty)


@pytest.fixture
def small(place: Place) -> Iterator[Path]:
    """A home folder on a disk that is full."""
    mount = ["mount", "-t", "tmpfs", "-o", "size=200k", "tmpfs", str(place.home)]
    if os.geteuid() != 0 or subprocess.run(mount, stderr=subprocess.DEVNULL).returncode:
        pytest.skip("no file system can be mounted here")
    yield place.home
    subprocess.run(["umount", "-l", place.home], check=True)


def fill(home: Path) -> None:
    with pytest.raises(OSError), (home / "full").open("wb", buffering=0) as file:
        while True:
            file.write(bytes(512))


def test_a_full_disk_is_told_at_the_start_and_hides_no_offer(place: Place, small: Path) -> None:
    file = place.file("a")
    place.killed("edit_and_die", file)
    fill(small)
    place.visit("be_told_of_a_full_disk", file)


async def edit_and_die(person: Person) -> None:
    await opened(person, 1)
    await rename(person, "Kept")
    person.die()


# Where a person may not write.


async def fail_to_save(person: Person) -> None:
    """It is said, the work is kept, another name is offered, and helps."""
    await opened(person, 1)
    await rename(person, "Kept")
    await press(person, Qt.Key.Key_S, CTRL)
    await person.until(lambda: person.says("The workflow is not saved."))
    assert "may not be written. Save it somewhere else, or ask for permission." in shown(person)
    assert buttons(person) == ["Try again", "Save as…"]
    assert person.editor.document.dirty
    assert len(list(preferences().file.parent.glob("recovery/*/*.jsonl"))) == 1
    (button,) = [one for one in person.editor.banner.buttons if one.text() == "Save as…"]
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    dialog = await person.until(lambda: next((one for one in all_of(QFileDialog) if one.isVisible()), None))
    assert dialog is not None
    field = dialog.findChild(QLineEdit, "fileNameEdit")
    assert field is not None
    field.clear()
    target = person.home() / "mine.rpa.yaml"
    QTest.keyClicks(field, str(target))
    QTest.keyClick(field, Qt.Key.Key_Return)
    await person.until(lambda: not person.editor.document.dirty)
    assert load(target).workflow.steps[0].label == "Kept"
    assert not person.says("The workflow is not saved.")


def all_of(kind: type[T]) -> list[T]:
    return [one for one in QApplication.topLevelWidgets() if isinstance(one, kind)]


@pytest.mark.parametrize("what", ["folder", "file"])
def test_what_may_not_be_written_is_told_and_saved_under_another_name(what: str, place: Place) -> None:
    file = place.file("a")
    place.ordinary = True
    give(place.folder, place.home, place.work, file)
    (place.work if what == "folder" else file).chmod(0o555)
    place.visit("fail_to_save", file)
    assert file.read_text() == TEXT.replace("NAME", "a")
    assert list(place.work.iterdir()) == [file]


async def work_without_a_home(person: Person) -> None:
    """Nothing can be kept and nothing run, which is said; drawing and saving work."""
    await opened(person, 1)
    assert person.says("Your edits cannot be kept in case of a crash.")
    assert person.says("may not be written. Allow it, and save your work often until then.")
    await person.until(lambda: person.studio.bridge.error is not None or person.studio.bridge.refusal is not None)
    await person.until(
        lambda: "Drawing and saving work." in shown(person) or "drawing and saving work" in shown(person)
    )
    await rename(person, "Kept")
    await press(person, Qt.Key.Key_S, CTRL)
    await person.until(lambda: not person.editor.document.dirty)


def test_a_home_folder_that_may_not_be_written_is_told_at_the_start(place: Place) -> None:
    file = place.file("a")
    place.ordinary = True
    give(place.folder, place.home, place.work, file)
    place.home.chmod(0o555)
    said = place.visit("work_without_a_home", file)
    assert "Traceback" not in said
    assert load(file).workflow.steps[0].label == "Kept"
    assert list(place.home.iterdir()) == []


def test_a_home_folder_that_cannot_be_made_is_told_in_words(place: Place) -> None:
    place.ordinary = True
    place.home.rmdir()
    place.work.chmod(0o555)
    place.home = place.work / "home"
    said = place.visit("work_without_a_home", code=2)
    assert "the home folder" in said and "Permission denied" in said
    assert "--home FOLDER" in said and "Traceback" not in said


async def close(person: Person) -> None:
    await opened(person, 1)
    await person.until(lambda: person.studio.bridge.ready)


async def work_without_a_store(person: Person) -> None:
    await opened(person, 1)
    await person.until(lambda: "rawing and saving work" in shown(person))
    assert str(preferences().file.parent / "store.db") in shown(person)
    assert "Errno" not in shown(person)
    assert "Give yourself write permission to the file and its folder" in shown(person)
    await rename(person, "Kept")
    await press(person, Qt.Key.Key_S, CTRL)
    await person.until(lambda: not person.editor.document.dirty)


def test_a_store_that_may_not_be_written_is_told_and_drawing_goes_on(place: Place) -> None:
    file = place.file("a")
    place.ordinary = True
    give(place.folder, place.home, place.work, file)
    place.visit("close", file)
    for path in place.home.glob("store*"):
        path.chmod(0o555 if path.is_dir() else 0o444)
    place.visit("work_without_a_store")
    assert load(file).workflow.steps[0].label == "Kept"
