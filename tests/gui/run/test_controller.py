"""Running what is on the canvas: keys, problems, banners, several at once, stopping, failures, doubt."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QHelpEvent, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QToolTip
from pytestqt.qtbot import QtBot

from engine.api import Document, Edge, step_ports
from engine.core.secrets import SecretRef
from studio.base.actions import Actions
from studio.base.tasks import cancel_all
from studio.bridge import Bridge
from studio.designer.actions import ACTIONS
from studio.designer.document import WorkflowDocument
from studio.designer.editor import Editor
from studio.designer.page import DesignerPage
from studio.designer.run.controller import RunController
from studio.designer.run.data import DataPane
from studio.designer.run.inputs import InputsDialog, remember, remembered
from studio.designer.run.log import LogPane
from studio.designer.run.model import RunModel
from studio.designer.run.notices import DoubtDialog, DoubtNotice, DoubtPane
from studio.designer.run.popover import HoverValues
from studio.designer.run.state import RunState
from studio.forms.expression_edit import ExpressionEdit
from tests.gui.bridge.stories import until
from tests.gui.run.conftest import Awaited
from tests.support.workflows import workflow

NO_BUTTON = Qt.MouseButton.NoButton
NO_KEYS = Qt.KeyboardModifier.NoModifier
GOOD = "steps: [{id: a, activity: ledger.give, with: {value: [1, 2]}}, {id: b, label: Second, activity: ledger.give}]\nedges: [a.next -> b]"
SLOW = "steps: [{id: nap, activity: ledger.slow, with: {seconds: 20}}]"


@dataclass
class Desk:
    """A designer page with its run panes."""

    page: DesignerPage
    controller: RunController
    actions: Actions
    log: LogPane
    data: DataPane
    state: RunState
    doubt: DoubtPane
    awaited: Awaited

    def open(self, text: str, path: Path | None = None) -> Editor:
        async def open_() -> Editor:
            return self._open(text, path)

        return self._open(text, path) if asyncio._get_running_loop() else self.awaited(open_())

    def _open(self, text: str, path: Path | None) -> Editor:
        work = workflow(text)
        catalog = self.page.bridge.catalog
        document = WorkflowDocument(
            Document(work, path=path), lambda step: step_ports(step, catalog.get(step.activity))
        )
        editor = Editor(document, self.page.bridge, self.actions)
        self.controller.attach(editor)
        self.page.add(editor, document.title)
        self.actions.set_context("document", True)
        return editor

    def shown(self, editor: Editor) -> RunModel:
        model = self.controller.runs(editor).shown
        assert model is not None
        return model


@pytest.fixture
def desk(qtbot: QtBot, bridge: Bridge, awaited: Awaited) -> Iterator[Desk]:
    actions = Actions()
    actions.add(ACTIONS)
    page = DesignerPage(bridge, actions)
    qtbot.addWidget(page)
    actions.attach("window", page)
    controller = RunController(bridge, actions, lambda: page.editor, page)
    log, data, doubt, state = (
        LogPane(controller),
        DataPane(controller, bridge),
        DoubtPane(controller),
        RunState(controller),
    )
    page.tool_row.end.addWidget(state)
    page.add_pane("log", "Log", log, "bottom")
    page.add_pane("data", "Data", data, "bottom")
    page.add_pane("doubt", "Doubt", doubt, "right")
    page.current_changed.connect(controller.front_changed)
    page.resize(1400, 900)
    page.show()
    bridge.start()
    awaited(until_open(bridge))
    yield Desk(page, controller, actions, log, data, state, doubt, awaited)
    awaited(cancel_all())


async def until_open(bridge: Bridge) -> None:
    await until(lambda: bridge.ready)


async def finished(desk: Desk, editor: Editor) -> RunModel:
    await until(lambda: desk.controller.runs(editor).shown is not None)
    model = desk.shown(editor)
    await until(lambda: model.resting)
    return model


def messages(desk: Desk) -> list[str]:
    model = desk.log.table.model()
    return [line.message for line in model.rows()]  # type: ignore[attr-defined]


def test_f5_runs_what_is_on_the_canvas(desk: Desk, awaited: Awaited, qtbot: QtBot) -> None:
    editor = desk.open(GOOD)

    async def story() -> RunModel:
        qtbot.keyClick(editor.view, Qt.Key.Key_F5)
        return await finished(desk, editor)

    model = awaited(story())
    assert model.status == "succeeded"
    assert editor.scene.live("a") == model.steps["a"] and editor.scene.live("b").status == "done"  # type: ignore[union-attr]
    assert desk.state.chip.status == "done" and desk.state.chip.text.startswith("Done ")
    assert desk.state.steps.text() == "2 of 2 steps"
    assert messages(desk)[0].startswith("Execution") and messages(desk)[-1].startswith("Succeeded in")
    assert "2 items, in" in messages(desk)[1]
    assert not desk.actions.possible("run.stop") and desk.log.chooser.text() == "Last run"


def test_without_highlighting_the_canvas_stays_calm(desk: Desk, awaited: Awaited, qtbot: QtBot) -> None:
    editor = desk.open(GOOD)

    async def story() -> RunModel:
        qtbot.keyClick(editor.view, Qt.Key.Key_F5, Qt.KeyboardModifier.ControlModifier)
        return await finished(desk, editor)

    assert awaited(story()).status == "succeeded"
    assert editor.scene.live("a") is None and desk.state.chip.status == "done"


def test_shift_f5_stops_it_and_says_what_is_kept(desk: Desk, awaited: Awaited, qtbot: QtBot) -> None:
    editor = desk.open(SLOW)

    async def story() -> RunModel:
        qtbot.keyClick(editor.view, Qt.Key.Key_F5)
        await until(lambda: editor.scene.live("nap") is not None)
        assert desk.actions.possible("run.stop") and desk.controller.status_text().startswith("Running test, 00:0")
        qtbot.keyClick(editor.view, Qt.Key.Key_F5, Qt.KeyboardModifier.ShiftModifier)
        return await finished(desk, editor)

    assert awaited(story()).status == "cancelled"
    assert "every finished step is kept" in desk.controller.status_text()
    assert desk.state.chip.status == "stopped"


def test_problems_keep_it_from_running_and_the_first_is_shown(desk: Desk, awaited: Awaited, qtbot: QtBot) -> None:
    editor = desk.open(
        "steps: [{id: a, activity: ledger.give}, {id: b, activity: no.such}, {id: c, activity: no.other}]"
    )
    found: list[Editor] = []
    desk.controller.problems_found.connect(found.append)

    async def story() -> None:
        qtbot.keyClick(editor.view, Qt.Key.Key_F5)
        await until(lambda: editor.banner.isVisible())

    awaited(story())
    assert "2 problems keep it from running" in editor.banner.message and editor.selection.only_step == "b"
    assert desk.controller.runs(editor).shown is None and found == [editor]


def test_a_failed_step_is_shown_with_what_to_do(desk: Desk, awaited: Awaited, qtbot: QtBot) -> None:
    editor = desk.open(
        "steps: [{id: a, activity: ledger.give}, {id: bad, activity: ledger.fail, with: {message: the disk is gone}}, {id: odd, activity: ledger.fail}]\n"
        "edges: [a.next -> bad, a.next -> odd]"
    )
    asked: list[tuple[str, str]] = []
    desk.controller.details_wanted.connect(lambda editor, step, address: asked.append((step, address)))

    async def story() -> None:
        qtbot.keyClick(editor.view, Qt.Key.Key_F5)
        await finished(desk, editor)
        assert editor.selection.only_step in ("bad", "odd")
        editor.selection.clear()
        qtbot.keyClick(editor.view, Qt.Key.Key_F8)
        assert editor.selection.only_step == "bad"
        qtbot.keyClick(editor.view, Qt.Key.Key_F8)
        assert editor.selection.only_step == "odd"
        qtbot.keyClick(editor.view, Qt.Key.Key_F8)
        assert editor.selection.only_step == "bad"
        editor.view.link_clicked.emit("bad", "details")
        assert asked == [("bad", "bad")]
        desk.log.show_address("bad")
        assert "The disk is gone" in desk.log.table.selected_text()

    awaited(story())


def test_editing_meanwhile_is_allowed_and_marked(desk: Desk, awaited: Awaited, qtbot: QtBot) -> None:
    from dataclasses import replace

    editor = desk.open(GOOD)

    async def story() -> RunModel:
        qtbot.keyClick(editor.view, Qt.Key.Key_F5)
        return await finished(desk, editor)

    model = awaited(story())
    before = editor.document.workflow
    steps = (replace(before.steps[0], parameters={"value": 3}), before.steps[1])
    editor.document.edit("Change", replace(before, steps=steps))
    assert "edited since" in editor.scene.live("a").text and "edited since" not in editor.scene.live("b").text  # type: ignore[union-attr]
    assert model.workflow is before
    editor.document.undo()
    assert "edited since" not in editor.scene.live("a").text  # type: ignore[union-attr]


def test_two_editors_run_at_once_and_each_shows_its_own(desk: Desk, awaited: Awaited, qtbot: QtBot) -> None:
    one = desk.open(SLOW)
    two = desk.open(GOOD)

    async def story() -> None:
        desk.page.show_page(one)
        qtbot.keyClick(one.view, Qt.Key.Key_F5)
        await until(lambda: one.scene.live("nap") is not None)
        desk.page.show_page(two)
        qtbot.keyClick(two.view, Qt.Key.Key_F5)
        assert (await finished(desk, two)).status == "succeeded"
        assert desk.controller.running == 1 and desk.state.chip.status == "done"
        desk.page.show_page(one)
        assert desk.state.chip.status == "running" and desk.actions.possible("run.stop")
        qtbot.keyClick(one.view, Qt.Key.Key_F5, Qt.KeyboardModifier.ShiftModifier)
        await finished(desk, one)

    awaited(story())


def test_earlier_executions_can_be_chosen(desk: Desk, awaited: Awaited, qtbot: QtBot) -> None:
    editor = desk.open(GOOD)

    async def story() -> None:
        qtbot.keyClick(editor.view, Qt.Key.Key_F5)
        first = await finished(desk, editor)
        qtbot.keyClick(editor.view, Qt.Key.Key_F5)
        await until(lambda: desk.shown(editor) is not first and desk.shown(editor).resting)
        again = desk.open(GOOD)  # the same workflow in a new editor: it knows them from the store alone
        desk.log.chooser.choices.aboutToShow.emit()
        menu = desk.log.chooser.choices
        await until(lambda: len(menu.actions()) == 2 and all(action.isEnabled() for action in menu.actions()))
        menu.actions()[1].trigger()
        await until(lambda: desk.controller.runs(again).shown is not None)
        model = desk.shown(again)
        assert model.execution == first.execution and model.status == "succeeded"
        assert again.scene.live("a") == first.steps["a"]
        assert messages(desk)[-1].startswith("Succeeded")

    awaited(story())


def test_the_data_of_a_step_is_shown(desk: Desk, awaited: Awaited, qtbot: QtBot) -> None:
    editor = desk.open(
        """
steps:
  - {id: rows, label: Rows, activity: ledger.give, with: {value: [{name: Ada, n: 1}, {name: Bo, n: 2}]}}
  - {id: each, activity: control.foreach, with: {items: "{{ steps.rows.output }}"}}
  - {id: inner, activity: ledger.give, with: {value: "{{ item.name }}"}}
  - {id: never, activity: ledger.give, disabled: true}
edges: [rows.next -> each, each.body -> inner, each.done -> never]
"""
    )

    async def story() -> None:
        desk.page.docks["data"].raise_()
        editor.selection.select_steps(["rows"])
        assert desk.data.empty.title.text() != ""
        qtbot.keyClick(editor.view, Qt.Key.Key_F5)
        await finished(desk, editor)
        await until(lambda: desk.data.view.isVisible() or desk.data.pages.currentIndex() == 1)
        assert desk.data.view.mode == "table" and desk.data.view.value == [
            {"name": "Ada", "n": 1},
            {"name": "Bo", "n": 2},
        ]
        editor.selection.select_steps(["inner"])
        await until(lambda: desk.data.view.value == "Bo")
        assert desk.data.round.maximum() == 2
        desk.data.round.setFocus()
        qtbot.keyClick(desk.data.round, Qt.Key.Key_Down)
        await until(lambda: desk.data.view.value == "Ada")
        editor.selection.select_steps(["never"])
        await until(lambda: desk.data.empty.title.text() == "Skipped.")

    awaited(story())


def test_previews_see_what_the_step_saw(desk: Desk, awaited: Awaited, qtbot: QtBot, bridge: Bridge) -> None:
    from engine.api import compile_expression
    from engine.core.errors import ExpressionError
    from studio.forms.preview import names_of

    big = "x" * 50_000
    editor = desk.open(
        f"""
variables: {{greeting: hi}}
steps:
  - {{id: big, activity: ledger.give, with: {{value: [{{text: "{big}"}}, {{text: b}}]}}}}
  - {{id: each, activity: control.foreach, with: {{items: "{{{{ steps.big.output }}}}"}}}}
  - {{id: first, activity: ledger.give, with: {{value: "{{{{ item.text[:1] }}}}"}}}}
  - {{id: deep, activity: control.foreach, with: {{items: 3}}}}
  - {{id: leaf, activity: ledger.give, with: {{value: "{{{{ steps.first.output }}}}{{{{ index }}}}"}}}}
  - {{id: off, activity: ledger.give, disabled: true}}
  - {{id: end, activity: ledger.give}}
edges: [big.next -> each, each.body -> first, first.next -> deep, deep.body -> leaf, each.done -> off, off.next -> end]
"""
    )

    async def story() -> None:
        qtbot.keyClick(editor.view, Qt.Key.Key_F5)
        model = await finished(desk, editor)
        assert model.status == "succeeded", messages(desk)
        values = desk.controller.runs(editor).values

        def look(step: str, round: int, source: str) -> Any:
            lookup = values.lookup(step, round)
            assert lookup is not None
            return compile_expression(source).evaluate(names_of(lookup))

        assert values.rounds("first") == 2 and values.rounds("leaf") == 3 and values.rounds("big") == 0
        run = bridge.run
        assert await run(look, "first", 0, "len(item.text)") == 50_000
        assert await run(look, "first", 1, "item.text + str(index)") == "b1"
        assert await run(look, "leaf", 2, "steps.first.output + str(index)") == "b2"
        assert await run(look, "leaf", 2, "len(steps.big.output)") == 2
        assert await run(look, "deep", 0, "steps.first.output") == "x"
        assert await run(look, "end", 0, "vars.greeting") == "hi"
        assert await run(look, "end", 0, "steps.each.output.count") == 2
        assert await run(look, "end", 0, "steps.off.status + steps.leaf.status") == "skippednot_run"
        for source in ("steps.off.output", "steps.leaf.output", "steps.nowhere", "item"):
            with pytest.raises(ExpressionError):
                await run(look, "end", 0, source)

    awaited(story())


def test_the_last_value_is_shown_where_the_mouse_rests(
    desk: Desk, awaited: Awaited, qtbot: QtBot, bridge: Bridge
) -> None:
    editor = desk.open(
        """
steps: [{id: a, label: First, activity: ledger.give, with: {value: [{name: Ada, n: 1}]}}, {id: b, activity: ledger.give}]
edges: [a.next -> b]
layout: {steps: {a: {x: 0, y: 0}, b: {x: 320, y: 0}}}
"""
    )
    popover = HoverValues(desk.controller.runs(editor), bridge).popover
    view, port = editor.view, editor.view.viewport()

    def rest(x: float, y: float) -> None:
        at = view.mapFromScene(x, y)
        QTest.mouseMove(port, at)
        there = QPointF(port.mapToGlobal(at))
        QApplication.sendEvent(
            port, QMouseEvent(QEvent.Type.MouseMove, QPointF(at), there, NO_BUTTON, NO_BUTTON, NO_KEYS)
        )

    async def story() -> None:
        qtbot.keyClick(view, Qt.Key.Key_F5)
        await finished(desk, editor)
        editor.selection.clear()
        rest(60, 20)
        await until(popover.isVisible)
        assert popover.title.text() == "First" and "Ada" in popover.body.text()
        rest(60, 300)
        assert not popover.isVisible()
        wire = editor.scene.geometry.curves[Edge("a", "next", "b")].middle
        rest(*wire)
        await until(popover.isVisible)
        assert "Ada" in popover.body.text()
        # A tooltip would lie over it, and who presses looks no longer.
        at = view.mapFromScene(*wire)
        QApplication.sendEvent(port, QHelpEvent(QEvent.Type.ToolTip, at, port.mapToGlobal(at)))
        assert not QToolTip.isVisible()
        QTest.mousePress(port, Qt.MouseButton.LeftButton, pos=at)
        assert not popover.isVisible()
        QTest.mouseRelease(port, Qt.MouseButton.LeftButton, pos=at)

    awaited(story())


async def cut_off(bridge: Bridge, id: str) -> None:
    """Stop an execution as a kill would: nothing is recorded."""

    async def abandon(client: Any) -> None:
        _, task = client.machine._running[id]
        task.cancel()
        await asyncio.wait({task})

    await bridge.call(abandon)


PAY = "steps: [{id: pay, label: Pay the bill, activity: ledger.slow, with: {seconds: 20}}, {id: then, activity: ledger.give}]\nedges: [pay.next -> then]"


async def in_doubt(desk: Desk, editor: Editor, qtbot: QtBot) -> RunModel:
    qtbot.keyClick(editor.view, Qt.Key.Key_F5)
    await until(lambda: editor.scene.live("pay") is not None)
    model = desk.shown(editor)
    await cut_off(desk.page.bridge, model.execution)
    await desk.controller.resume(editor, model.execution)
    await until(lambda: model.status == "in_doubt")
    return model


@pytest.mark.parametrize(("choice", "status"), [("yes", "succeeded"), ("stop", "failed")])
def test_a_step_in_doubt_is_asked_about(desk: Desk, awaited: Awaited, qtbot: QtBot, choice: str, status: str) -> None:
    editor = desk.open(PAY)
    notice = DoubtNotice(desk.controller, editor, editor)
    editor.column.insertWidget(1, notice)

    async def story() -> RunModel:
        model = await in_doubt(desk, editor, qtbot)
        assert editor.selection.only_step == "pay" and notice.isVisible() and "Pay the bill" in notice.message
        qtbot.mouseClick(notice.buttons[1], Qt.MouseButton.LeftButton)
        [dialog] = editor.window().findChildren(DoubtDialog)
        assert dialog.isVisible() and notice.isVisible()
        card = dialog.card
        assert not any(button.isDefault() for button in dialog.findChildren(QPushButton))
        assert dialog.focusWidget() not in (card.yes, card.no, card.stop)
        assert "seconds" in " ".join(label.text() for label in card.findChildren(QLabel))
        QTest.keyClick(dialog, Qt.Key.Key_Return)
        await asyncio.sleep(0.05)
        assert model.status == "in_doubt" and dialog.isVisible()
        qtbot.mouseClick(getattr(card, choice), Qt.MouseButton.LeftButton, pos=QPoint(30, 20))
        await until(lambda: model.resting and model.status != "in_doubt")
        await until(lambda: not notice.isVisible())
        return model

    model = awaited(story())
    assert model.status == status


def test_an_answer_beside_the_canvas_with_an_output(desk: Desk, awaited: Awaited, qtbot: QtBot) -> None:
    editor = desk.open(PAY)

    async def story() -> RunModel:
        model = await in_doubt(desk, editor, qtbot)
        card = desk.doubt.card
        assert card is not None and desk.doubt.isVisible()
        qtbot.mouseClick(card.with_output, Qt.MouseButton.LeftButton)
        qtbot.keyClicks(card.output, "{not json")
        qtbot.mouseClick(card.yes, Qt.MouseButton.LeftButton, pos=QPoint(30, 20))
        assert "JSON" in card.wrong.text() and model.status == "in_doubt"
        card.output.clear()
        qtbot.keyClicks(card.output, '{"receipt": 17}')
        card.setFocus()
        qtbot.keyClick(card, Qt.Key.Key_1)
        assert card.yes.hasFocus() and model.status == "in_doubt"
        qtbot.keyClick(card.yes, Qt.Key.Key_Return)
        await until(lambda: model.status == "succeeded")
        return model

    model = awaited(story())
    assert model.fold.tallies["pay"].output == {"receipt": 17} and desk.doubt.card is None


def test_inputs_are_asked_and_remembered_but_for_secrets(desk: Desk, awaited: Awaited, qtbot: QtBot) -> None:
    editor = desk.open(
        "inputs: {who: {type: text, label: Who}, key: {type: secret, required: false}, n: {type: integer, default: 3}}\n"
        "steps: [{id: a, activity: ledger.give, with: {value: '{{ inputs.who }} {{ inputs.n }}'}}]"
    )

    def dialog() -> InputsDialog | None:
        return next((one for one in desk.page.findChildren(InputsDialog) if one.isVisible()), None)

    async def asked() -> InputsDialog:
        desk.page.activateWindow()
        await until(lambda: desk.page.isActiveWindow())
        qtbot.keyClick(editor.view, Qt.Key.Key_F5)
        await until(lambda: dialog() is not None)
        found = dialog()
        assert found is not None
        return found

    async def story() -> None:
        first = await asked()
        qtbot.mouseClick(first.run_button, Qt.MouseButton.LeftButton)
        assert first.isVisible()  # who is missing
        who = first.focusWidget()
        assert who is not first.run_button
        qtbot.keyClicks(who, "Ada")
        qtbot.mouseClick(first.run_button, Qt.MouseButton.LeftButton)
        model = await finished(desk, editor)
        assert model.fold.tallies["a"].output == "Ada 3" and model.fold.inputs["key"] is None
        second = await asked()
        qtbot.mouseClick(second.cancel_button, Qt.MouseButton.LeftButton)
        await until(lambda: dialog() is None)
        await asyncio.sleep(0.05)
        assert desk.shown(editor) is model
        third = await asked()
        focused = third.focusWidget()
        assert isinstance(focused, ExpressionEdit)
        qtbot.keyClick(focused, Qt.Key.Key_Return)
        await until(lambda: desk.shown(editor) is not model)
        assert (await finished(desk, editor)).fold.inputs["who"] == "Ada"

    awaited(story())
    work = editor.document.workflow
    remember(work, "test", {"who": "Bo", "key": SecretRef("mail"), "n": 4})
    assert remembered(work, "test") == {"who": "Bo", "n": 4}


def test_a_closed_editor_leaves_its_run_alone(desk: Desk, awaited: Awaited, qtbot: QtBot, bridge: Bridge) -> None:
    editor = desk.open("steps: [{id: nap, activity: ledger.slow, with: {seconds: 0.3}}]")

    async def story() -> str:
        qtbot.keyClick(editor.view, Qt.Key.Key_F5)
        await until(lambda: editor.scene.live("nap") is not None)
        id = desk.shown(editor).execution
        desk.page.remove(editor)
        desk.controller.detach(editor)
        return (await bridge.call(lambda client: client.wait(id))).status

    assert awaited(story()) == "succeeded"


def test_the_log_is_filtered_followed_and_copied(desk: Desk, awaited: Awaited, qtbot: QtBot) -> None:
    editor = desk.open(
        "steps: [{id: each, activity: control.foreach, with: {items: 300}}, {id: say, label: Say, activity: control.log, with: {message: 'number {{ index }}'}}]\n"
        "edges: [each.body -> say]"
    )

    async def story() -> None:
        qtbot.keyClick(editor.view, Qt.Key.Key_F5)
        await finished(desk, editor)
        await until(lambda: len(messages(desk)) >= 302)
        await asyncio.sleep(0.05)
        bar = desk.log.table.verticalScrollBar()
        assert bar.value() == bar.maximum() > 0
        qtbot.keyClicks(desk.log.filter, "number 29 say")
        await until(lambda: len(messages(desk)) == 13)
        desk.log.table.selectRow(0)
        qtbot.keyClick(desk.log.table, Qt.Key.Key_Return)
        assert editor.selection.only_step == "say"
        qtbot.keyClick(desk.log.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)

    awaited(story())
    from PySide6.QtGui import QGuiApplication

    assert "each[29]/say\tnumber 29" in QGuiApplication.clipboard().text()
