"""Edits, undo and redo, merging, saving."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from engine.api import Document, Edge, Step, Workflow
from studio.designer.delta import Delta
from studio.designer.document import Moment, WorkflowDocument


def named(name: str) -> Any:
    return lambda workflow: replace(workflow, name=name)


@pytest.fixture
def document() -> WorkflowDocument:
    return WorkflowDocument(Document(Workflow(steps=(Step("read", "a.b"), Step("write", "a.b")))))


def test_an_edit_is_undone_and_done_again(document: WorkflowDocument, qtbot: QtBot) -> None:
    start = document.workflow
    with qtbot.waitSignal(document.changed) as caught:
        assert document.edit("Connect", replace(start, edges=(Edge("read", "next", "write"),)))
    assert caught.args is not None and caught.args[0].edges_added == {Edge("read", "next", "write")}
    assert document.dirty
    assert document.undo_stack.undoText() == "Connect"
    with qtbot.waitSignal(document.changed) as caught:
        document.undo()
    assert caught.args is not None and caught.args[0].edges_removed == {Edge("read", "next", "write")}
    assert document.workflow == start
    assert not document.dirty
    document.redo()
    assert document.workflow.edges == (Edge("read", "next", "write"),)


def test_what_changes_nothing_is_no_edit(document: WorkflowDocument) -> None:
    assert not document.edit("Nothing", document.workflow)
    assert not document.edit("Nothing", named(""))
    assert document.undo_stack.count() == 0


def test_typing_is_one_edit(document: WorkflowDocument) -> None:
    moments: list[Moment] = []
    document.happened.connect(moments.append)
    for name in ("O", "Or", "Ord"):
        document.edit("Rename", named(name), merge="name")
    document.edit("Describe", lambda workflow: replace(workflow, description="All"), merge="description")
    assert [moment.kind for moment in moments] == ["edited", "merged", "merged", "edited"]
    assert document.undo_stack.count() == 2
    document.undo()
    document.undo()
    assert document.workflow.name == ""
    document.redo()
    assert document.workflow.name == "Ord"


def test_nothing_merges_into_what_was_saved_or_undone(document: WorkflowDocument) -> None:
    document.edit("Rename", named("a"), merge="name")
    document.mark_saved(Path("a.rpa.yaml"))
    document.edit("Rename", named("b"), merge="name")
    assert document.undo_stack.count() == 2
    document.undo()
    assert not document.dirty
    document.edit("Rename", named("c"), merge="name")
    assert [text for text, _ in document.history()] == ["Rename", "Rename"]
    document.undo()
    assert document.workflow.name == "a"


def test_a_change_that_fails_changes_nothing(document: WorkflowDocument) -> None:
    def fail(workflow: Workflow) -> Workflow:
        raise KeyError("gone")

    start = document.workflow
    with pytest.raises(KeyError):
        document.edit("Fail", fail)
    assert document.workflow is start
    assert document.undo_stack.count() == 0


def test_a_session_is_taken_up(document: WorkflowDocument) -> None:
    for name in ("a", "b", "c"):
        document.edit(f"Call it {name}", named(name))
    document.undo()
    again = WorkflowDocument()
    again.restore(document.document, document.history(), 2, saved=1)
    assert again.workflow == document.workflow
    assert again.dirty
    again.redo()
    assert again.workflow.name == "c"
    for _ in range(2):
        again.undo()
    assert again.workflow.name == "a"
    assert not again.dirty
    again.undo()
    assert again.workflow.name == ""
    assert again.undo_stack.redoText() == "Call it a"


def test_a_long_history_forgets_its_beginning(document: WorkflowDocument, monkeypatch: pytest.MonkeyPatch) -> None:
    document.undo_stack.setUndoLimit(3)
    for number in range(6):
        document.edit("Rename", named(str(number)))
    assert [text for text, _ in document.history()] == ["Rename"] * 3
    while document.undo_stack.canUndo():
        document.undo()
    assert document.workflow.name == "2"
    assert isinstance(document.history()[0][1], Delta)
