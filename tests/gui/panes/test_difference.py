from __future__ import annotations

import asyncio
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from engine.api import Edge, Place, load, loads
from studio.base.actions import Actions
from studio.designer import edits
from studio.designer.difference import DifferencePane, bind_difference
from studio.designer.difference.items import DETAIL, ITEM
from studio.designer.editor import Editor
from tests.gui.bridge.stories import until
from tests.gui.panes.conftest import Open

Key, Left = Qt.Key, Qt.MouseButton.LeftButton
TEXT = """\
rpa: 1
name: Orders
steps:
  - id: read
    activity: files.read
    with:
      path: a.txt
  - id: mail
    activity: files.write
    with:
      path: x
      text: y
  - id: log
    activity: control.log
    with:
      message: m
edges:
  - read.next -> mail
  - mail.next -> log
layout:
  steps:
    read: {x: 0, y: 0}
    mail: {x: 240, y: 0}
    log: {x: 480, y: 0}
"""


@pytest.fixture
def shown(qtbot: QtBot) -> Callable[[Editor | None], DifferencePane]:
    def show(editor: Editor | None) -> DifferencePane:
        pane = DifferencePane()
        qtbot.addWidget(pane)
        pane.resize(700, 220)
        pane.show()
        pane.show_editor(editor)
        return pane

    return show


@pytest.fixture
def saved(tmp_path: Path, opened: Open) -> Editor:
    """A workflow from a file, changed since: a step gone, one changed and moved, one new."""
    file = tmp_path / "orders.rpa.yaml"
    file.write_text(TEXT)
    editor = opened(load(file))
    document = editor.document
    document.edit("1", edits.delete(document.workflow, ["mail"]))
    document.edit("2", edits.set_parameter(document.workflow, "read", "path", "b.txt"))
    document.edit("3", edits.place(document.workflow, {"log": Place(480, 96)}))
    workflow, _ = edits.add_step(document.workflow, editor.catalog, "files.copy", 720, 0, source=("log", "next"))
    document.edit("4", workflow)
    return editor


def rows(pane: DifferencePane) -> list[str]:
    found = []
    for row in range(pane.model.rowCount()):
        index = pane.model.index(row, 0)
        found.append(f"{index.data()}: {index.data(DETAIL)}")
        for inner in range(pane.model.rowCount(index)):
            below = pane.model.index(inner, 0, index)
            found.append(f"  {below.data()}: {below.data(DETAIL)}")
    return found


def has(pane: DifferencePane, count: int) -> bool:
    return pane.comparison is not None and len(pane.comparison.items) == count


EXPECTED = [
    "Read text file: changed",
    "  with.path: a.txt → b.txt",
    "Write to the log: moved",
    "Copy file: added",
    "Write text file: removed",
]


def test_it_tells_and_draws_what_was_changed_since_it_was_saved(awaited: Any, saved: Editor, shown: Any) -> None:
    async def story() -> None:
        pane = shown(saved)
        assert pane.nothing.title.text() == "Nothing is compared."
        await pane.compare_saved()
        assert rows(pane) == EXPECTED
        assert (pane.title.text(), pane.count.text()) == ("The saved version", "4 differences")
        assert (saved.scene.steps["read"].mark, saved.scene.steps["log"].mark, saved.scene.steps["copy"].mark) == (
            "changed", "moved", "added",
        )  # fmt: skip
        ghosts = pane._session.ghosts
        assert ghosts is not None and ghosts.scene() is saved.scene
        assert ghosts.boxes.keys() == {"mail"} and len(ghosts.paths) == 2
        QTest.mouseClick(pane.close_button, Left)
        assert saved.scene.steps["read"].mark == "" and pane.comparison is None
        assert pane.nothing.title.text() == "Nothing is compared."

    awaited(story())


def test_one_goes_from_difference_to_difference(awaited: Any, saved: Editor, shown: Any) -> None:
    async def story() -> None:
        saved.resize(500, 300)
        saved.show()
        pane = shown(saved)
        await pane.compare_saved()
        QTest.mouseClick(pane.next, Left)
        assert saved.selection.only_step == "read"
        QTest.mouseClick(pane.next, Left)
        assert saved.selection.only_step == "log"
        QTest.mouseClick(pane.previous, Left)
        QTest.mouseClick(pane.previous, Left)
        assert pane._item().name == "mail"
        pane.view.setFocus()
        QTest.keyClick(pane.view, Key.Key_Up)
        assert saved.selection.only_step == "copy"

    awaited(story())


def test_taking_one_after_the_other_ends_where_nothing_differs(awaited: Any, saved: Editor, shown: Any) -> None:
    async def story() -> None:
        pane = shown(saved)
        await pane.compare_saved()
        count = saved.document.undo_stack.count()
        for left in (3, 2, 1, 0):
            QTest.mouseClick(pane.next, Left)
            QTest.mouseClick(pane.take, Left)
            await until(partial(has, pane, left))
        assert saved.document.undo_stack.count() == count + 4
        assert saved.document.workflow == loads(TEXT).workflow
        assert pane.nothing.title.text() == "No differences."
        saved.document.undo()
        await until(lambda: pane.comparison is not None and len(pane.comparison.items) == 1)

    awaited(story())


def test_all_of_it_is_taken_as_one_command(awaited: Any, saved: Editor, shown: Any) -> None:
    async def story() -> None:
        pane = shown(saved)
        await pane.compare_saved()
        count = saved.document.undo_stack.count()
        QTest.mouseClick(pane.take_all, Left)
        assert saved.document.undo_stack.count() == count + 1
        assert saved.document.workflow == loads(TEXT).workflow
        await until(lambda: pane.comparison is not None and not pane.comparison.items)

    awaited(story())


def test_another_file_and_one_that_cannot_be_read(awaited: Any, saved: Editor, shown: Any, tmp_path: Path) -> None:
    async def story() -> None:
        pane = shown(saved)
        other = tmp_path / "other.rpa.yaml"
        other.write_text(TEXT.replace("Orders", "Others"))
        await pane.compare_file(other)
        assert pane.title.text() == "other.rpa.yaml" and "Name: changed" in rows(pane)
        for content in (b"\xff\x00\xfe", b"- 1\n", b""):
            other.write_bytes(content)
            await pane.compare_file(other)
            assert not rows(pane) and str(other) in pane.nothing.title.text()
            assert not saved.scene._marks
        await pane.compare_file(tmp_path / "gone.rpa.yaml")
        assert "there is no file" in pane.nothing.title.text()

    awaited(story())


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_a_revision_is_chosen_from_a_list(
    awaited: Any, saved: Editor, shown: Any, actions: Actions, tmp_path: Path
) -> None:
    async def story() -> None:
        def git(*arguments: str) -> None:
            who = ("-c", "user.name=Ada", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
            subprocess.run(["git", *who, *arguments], cwd=tmp_path, check=True, capture_output=True)

        git("init", "-q")
        for name in ("Orders", "Second", "Third"):
            (tmp_path / "orders.rpa.yaml").write_text(TEXT.replace("Orders", name))
            git("add", "orders.rpa.yaml")
            git("commit", "-qm", f"Call it {name}")
        pane = shown(saved)
        bind_difference(actions, pane)
        for name in ("document", "saved"):
            actions.set_context(name, True)
        actions.trigger("file.compare_git")
        await until(lambda: pane.choice.isVisible())
        assert [pick.text for pick in pane.choice.picks] == ["Call it Third", "Call it Second", "Call it Orders"]
        field = pane.window().focusWidget()
        assert field is pane.choice.field  # whoever asked by keys goes on by keys
        QTest.keyClicks(field, "second")
        QTest.keyClick(field, Key.Key_Return)
        await until(lambda: pane.comparison is not None)
        await until(lambda: pane.window().focusWidget() is pane.view)
        assert pane.title.text().endswith("Call it Second") and not pane.choice.isVisible()
        assert rows(pane)[-2:] == ["Name: changed", "  name: Second → Orders"]

    awaited(story())


def test_a_file_that_git_does_not_know_says_what_to_do(
    awaited: Any, saved: Editor, shown: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async def story() -> None:
        pane = shown(saved)
        monkeypatch.setenv("PATH", str(tmp_path))
        await pane.compare_git()
        assert pane.nothing.title.text() == "git is not installed."
        assert "Install git" in pane.nothing.text.text()

    awaited(story())


def test_every_editor_has_a_comparison_of_its_own(awaited: Any, saved: Editor, opened: Open, shown: Any) -> None:
    async def story() -> None:
        pane = shown(saved)
        await pane.compare_saved()
        other = opened(TEXT)
        pane.show_editor(other)
        assert not rows(pane)
        saved.document.edit("5", replace(saved.document.workflow, name="New"))
        pane.show_editor(saved)
        await until(lambda: "Name: changed" in rows(pane))
        pane.show_editor(None)
        assert not rows(pane)

    awaited(story())


def test_a_removed_wire_is_drawn_and_taken_back(awaited: Any, tmp_path: Path, opened: Open, shown: Any) -> None:
    async def story() -> None:
        file = tmp_path / "a.rpa.yaml"
        file.write_text(TEXT)
        editor = opened(load(file))
        edge = Edge("mail", "next", "log")
        editor.document.edit("1", edits.disconnect(editor.document.workflow, [edge]))
        pane = shown(editor)
        await pane.compare_saved()
        assert rows(pane) == ["mail.next -> log: wire removed"]
        QTest.mouseClick(pane.next, Left)
        assert pane._item().edge == edge and pane.model.index(0, 0).data(ITEM).edge == edge
        QTest.mouseClick(pane.take, Left)
        assert edge in editor.document.workflow.edges
        await until(lambda: pane.comparison is not None and not pane.comparison.items)

    awaited(story())


def test_a_closed_editor_takes_its_comparison_along(awaited: Any, saved: Editor, shown: Any) -> None:
    async def story() -> None:
        pane = shown(saved)
        task = asyncio.ensure_future(pane.compare_saved())
        await asyncio.sleep(0)
        pane.show_editor(None)
        await task
        assert not rows(pane)

    awaited(story())
