from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine.api import Catalog, Document, loads
from studio.base.actions import Actions
from studio.bridge import Bridge
from studio.designer import clipboard
from studio.designer.actions import ACTIONS
from studio.designer.document import WorkflowDocument
from studio.designer.editor import Editor
from studio.designer.edits import ports_of
from studio.designer.part import OFFSET
from tests.gui.safety.conftest import Until, Within

CTRL = Qt.KeyboardModifier.ControlModifier
SOURCE = """\
rpa: 1
name: Order report
steps:
  - id: read
    activity: data.read_csv
    with:
      path: orders.csv
  - id: write
    activity: files.write_text
    with:
      text: "{{ steps.read.output.rows }}"
edges:
  - read.next -> write
layout:
  steps:
    read: {x: 0, y: 0}
    write: {x: 240, y: 0}
"""


class Bench:
    """Two windows with an editor each, and their actions."""

    def __init__(self, bridge: Bridge, qtbot: QtBot) -> None:
        ports = ports_of(Catalog(entry_points=False))
        self.said: list[str] = []
        self.editors: list[Editor] = []
        for document in (loads(SOURCE), Document(loads("rpa: 1\nname: Other\nsteps: []\n").workflow)):
            actions = Actions()
            actions.add(ACTIONS)
            for name in ("document", "selection"):
                actions.set_context(name)
            opened = WorkflowDocument(document, lambda step: tuple(ports(step)))
            editor = Editor(opened, bridge, actions)
            clipboard.bind_clipboard(actions, partial(self._editor, len(self.editors)), self._say)
            editor.resize(900, 600)
            with qtbot.waitExposed(editor):
                editor.show()
            editor.view.setFocus()
            self.editors.append(editor)

    def _editor(self, window: int) -> Editor:
        return self.editors[window]

    def _say(self, editor: Editor, title: str, text: str) -> None:
        self.said.append(f"{title} {text}")

    def press(self, key: Qt.Key, window: int = 0) -> None:
        self.front(window)
        QTest.keyClick(self.editors[window].view, key, CTRL)

    def front(self, window: int = 0) -> None:
        editor = self.editors[window]
        if not editor.isActiveWindow():
            editor.activateWindow()
            assert QTest.qWaitForWindowActive(editor)
        editor.view.setFocus()


@pytest.fixture
def bench(bridge: Bridge, qtbot: QtBot, qapp: QApplication) -> Iterator[Bench]:
    QCursor.setPos(QPoint(3000, 3000))
    qapp.clipboard().clear()
    made = Bench(bridge, qtbot)
    yield made
    for editor in made.editors:
        editor.close()
        editor.deleteLater()
    qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def ids(bench: Bench, window: int = 0) -> list[str]:
    return [step.id for step in bench.editors[window].document.workflow.steps]


def test_copy_puts_readable_text_on_the_clipboard_and_paste_takes_it(bench: Bench, qapp: QApplication) -> None:
    first = bench.editors[0]
    first.selection.select_steps(["read", "write"])
    bench.press(Qt.Key.Key_C)
    text = qapp.clipboard().text()
    assert text == SOURCE
    bench.press(Qt.Key.Key_V)
    assert ids(bench) == ["read", "write", "read_2", "write_2"]
    copy = first.document.workflow.step("write_2")
    assert copy.parameters["text"] == "{{ steps.read_2.output.rows }}"
    assert first.selection.steps == {"read_2", "write_2"}
    assert first.document.undo_stack.undoText() == "Paste 2 steps"
    first.document.undo()
    assert ids(bench) == ["read", "write"]


def test_paste_goes_to_another_window(bench: Bench) -> None:
    bench.editors[0].selection.select_steps(["read", "write"])
    bench.press(Qt.Key.Key_C)
    bench.press(Qt.Key.Key_V, window=1)
    assert ids(bench, 1) == ["read", "write"]
    assert len(bench.editors[1].document.workflow.edges) == 1


def test_cut_takes_away_and_is_one_edit(bench: Bench, qapp: QApplication) -> None:
    first = bench.editors[0]
    first.selection.select_steps(["read"])
    bench.press(Qt.Key.Key_X)
    assert ids(bench) == ["write"]
    assert first.document.workflow.edges == ()
    assert "data.read_csv" in qapp.clipboard().text()
    assert first.document.undo_stack.undoText() == "Cut 1 step"
    first.document.undo()
    assert ids(bench) == ["read", "write"]


def test_duplicate_leaves_the_clipboard_alone(bench: Bench, qapp: QApplication) -> None:
    first = bench.editors[0]
    qapp.clipboard().setText("mine")
    first.selection.select_steps(["read"])
    bench.press(Qt.Key.Key_D)
    assert ids(bench) == ["read", "write", "read_2"]
    place = first.document.workflow.layout.steps["read_2"]
    assert (place.x, place.y) == (OFFSET, OFFSET)
    assert qapp.clipboard().text() == "mine"


def test_pasting_under_the_mouse(bench: Bench, qtbot: QtBot) -> None:
    first = bench.editors[0]
    first.selection.select_steps(["read"])
    bench.press(Qt.Key.Key_C)
    port = first.view.viewport()
    spot = QPoint(300, 400)
    QCursor.setPos(port.mapToGlobal(spot))
    QTest.mouseMove(port, spot)
    qtbot.waitUntil(port.underMouse)
    bench.press(Qt.Key.Key_V)
    wanted = first.view.mapToScene(spot)
    place = first.document.workflow.layout.steps["read_2"]
    assert abs(place.x - wanted.x()) <= 4 and abs(place.y - wanted.y()) <= 4


@pytest.mark.parametrize("text", ["", "Dear Maria", "a: [", "rpa: 1\nname: nothing in it\n", "\x00", "x" * 200_000])
def test_pasting_anything_else_says_a_sentence_and_changes_nothing(
    text: str, bench: Bench, qapp: QApplication, within: Within, until: Until
) -> None:
    qapp.clipboard().setText(text)
    bench.front()
    within(lambda: bench.press(Qt.Key.Key_V))
    until(lambda: bench.said)
    assert bench.said[0].startswith("The clipboard holds no ")
    assert ids(bench) == ["read", "write"]
    assert not bench.editors[0].document.dirty


def test_a_large_part_is_read_beside_the_window(bench: Bench, qapp: QApplication, within: Within, until: Until) -> None:
    lines = "".join(f"  - id: step_{number}\n    activity: control.stop\n" for number in range(2_000))
    qapp.clipboard().setText(f"rpa: 1\nsteps:\n{lines}")
    bench.front()
    within(lambda: bench.press(Qt.Key.Key_V))
    until(lambda: len(ids(bench)) == 2_002)
    assert len(bench.editors[0].document.workflow.layout.steps) == 2_002


def test_nothing_selected_leaves_the_clipboard_alone(bench: Bench, qapp: QApplication) -> None:
    qapp.clipboard().setText("mine")
    bench.editors[0].selection.clear()
    for key in (Qt.Key.Key_C, Qt.Key.Key_X, Qt.Key.Key_D):
        bench.press(key)
    assert qapp.clipboard().text() == "mine"
    assert ids(bench) == ["read", "write"]
