from __future__ import annotations

import asyncio
import os
import resource
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication

from engine.api import LARGEST, Document, load, text_hash
from engine.core.errors import DocumentError
from studio.bridge import Bridge
from studio.designer.disk import ChangedOnDisk, Disk, Stamp, look, stamp
from studio.designer.document import WorkflowDocument
from studio.designer.open_file import Message, OpenFile, failure
from studio.designer.recovery import Recovery
from tests.gui.safety.conftest import Awaited, Until, Within


@pytest.fixture
def opened(file: Path, disk: Disk, recovery: Recovery) -> Iterator[OpenFile]:
    document = WorkflowDocument(load(file))
    recovery.record(document)
    made = OpenFile(document, disk, recovery, Stamp(text_hash(document.document.text)))
    yield made
    made.close()


def rename(opened: OpenFile, name: str) -> None:
    opened.document.edit(f"Call it {name}", replace(opened.document.workflow, name=name))


def theirs(file: Path, name: str = "Theirs") -> None:
    """Another program writes the file."""
    file.write_text(file.read_text().replace("name: Random", f"name: {name}"))


def press(opened: OpenFile, label: str) -> None:
    assert opened.message is not None
    dict(opened.message.buttons)[label]()


def test_saving_writes_the_file_and_is_no_news(
    opened: OpenFile, file: Path, awaited: Awaited, disk: Disk, within: Within
) -> None:
    rename(opened, "Mine")
    awaited(opened.save())
    assert load(file).workflow.name == "Mine"
    assert not opened.dirty
    rename(opened, "Mine too")
    awaited(opened.save())
    within(lambda: disk.look_at_all(thorough=True))
    awaited(_rest())
    assert opened.message is None
    assert opened.document.undo_stack.count() == 2


async def _rest(seconds: float = 0.4) -> None:
    await asyncio.sleep(seconds)


@pytest.mark.parametrize("way", ["in place", "by rename", "deleted and written again"])
def test_an_unedited_workflow_is_read_anew_by_itself(way: str, opened: OpenFile, file: Path, until: Until) -> None:
    text = file.read_text().replace("name: Random", "name: Theirs")
    steps = opened.document.workflow.steps
    if way == "in place":
        file.write_text(text)
    elif way == "by rename":
        other = file.with_suffix(".new")
        other.write_text(text)
        other.replace(file)
    else:
        file.unlink()
        file.write_text(text)
    until(lambda: opened.document.workflow.name == "Theirs")
    assert not opened.dirty
    assert opened.message is not None and opened.message.level == "info"
    assert all(new is old for new, old in zip(opened.document.workflow.steps, steps, strict=True))
    opened.document.undo()
    assert opened.document.workflow.name == "Random"
    assert opened.dirty
    # And once more: the system tells about the file that took its place, too.
    file.write_text(text.replace("Theirs", "Again"))
    until(lambda: opened.message is not None and opened.message.level == "warn")


def test_a_touched_file_is_no_news(opened: OpenFile, file: Path, awaited: Awaited) -> None:
    os.utime(file)
    awaited(_rest())
    assert opened.message is None


def test_mine_is_kept_and_then_written_over_theirs(
    opened: OpenFile, file: Path, until: Until, awaited: Awaited
) -> None:
    rename(opened, "Mine")
    theirs(file)
    until(lambda: opened.message is not None)
    assert opened.document.workflow.name == "Mine"
    assert [label for label, _ in opened.message.buttons] == ["Keep mine", "Take theirs", "Compare"]  # type: ignore[union-attr]
    press(opened, "Keep mine")
    assert opened.message is None
    assert load(file).workflow.name == "Theirs"
    awaited(opened.save())
    assert load(file).workflow.name == "Mine"


def test_theirs_is_taken_as_an_edit_that_can_be_undone(opened: OpenFile, file: Path, until: Until) -> None:
    rename(opened, "Mine")
    theirs(file)
    until(lambda: opened.message is not None)
    compared: list[Document] = []
    opened.compare_wanted.connect(compared.append)
    press(opened, "Compare")
    assert compared[0].workflow.name == "Theirs"
    press(opened, "Take theirs")
    assert opened.document.workflow.name == "Theirs"
    assert not opened.dirty
    assert opened.message is None
    opened.document.undo()
    assert opened.document.workflow.name == "Mine"
    assert opened.dirty


def test_a_change_that_the_system_does_not_tell_is_found_before_saving(
    opened: OpenFile, file: Path, awaited: Awaited
) -> None:
    rename(opened, "Mine")
    theirs(file)
    with pytest.raises(ChangedOnDisk, match=r"order.rpa.yaml was changed by another program"):
        awaited(opened.save())
    assert load(file).workflow.name == "Theirs"
    assert opened.dirty
    awaited(opened.save(force=True))
    assert load(file).workflow.name == "Mine"


def test_a_change_that_the_system_does_not_tell_is_found_on_focus(
    file: Path, disk: Disk, recovery: Recovery, until: Until, within: Within
) -> None:
    document = WorkflowDocument(load(file))
    theirs(file)
    opened = OpenFile(document, disk, recovery, Stamp(text_hash(document.document.text)))
    within(disk.look_at_all)
    until(lambda: opened.document.workflow.name == "Theirs")
    opened.close()


def test_the_same_change_on_both_sides_is_no_question(opened: OpenFile, file: Path, until: Until) -> None:
    rename(opened, "Theirs")
    theirs(file)
    until(lambda: not opened.dirty)
    assert opened.message is None


def test_a_change_that_is_taken_back_takes_the_question_back(opened: OpenFile, file: Path, until: Until) -> None:
    before = file.read_text()
    rename(opened, "Mine")
    theirs(file)
    until(lambda: opened.message is not None)
    file.write_text(before)
    until(lambda: opened.message is None)


def test_a_deleted_file_leaves_the_work_and_can_be_saved_again(
    opened: OpenFile, file: Path, home: Path, until: Until, within: Within
) -> None:
    file.unlink()
    until(lambda: opened.message is not None)
    assert opened.message is not None and opened.message.title == "order.rpa.yaml was deleted or moved."
    assert opened.dirty
    assert len(list((home / "recovery").glob("*/*.jsonl"))) == 1
    within(lambda: press(opened, "Save it again"))
    until(lambda: not opened.dirty)
    assert load(file).workflow == opened.document.workflow
    assert opened.message is None


def test_a_folder_in_its_place_is_told(opened: OpenFile, file: Path, until: Until) -> None:
    file.unlink()
    file.mkdir()
    until(lambda: opened.message is not None)
    assert opened.message is not None and opened.message.title == "order.rpa.yaml can no longer be read."
    assert "Your work is still here." in opened.message.text


@pytest.mark.parametrize("content", [b"no: [workflow", b"\xff\xfe\x00", b"", b"rpa: 1\nsteps: 5\n"])
def test_a_file_that_became_something_else_is_told_and_not_taken(
    content: bytes, opened: OpenFile, file: Path, until: Until, awaited: Awaited
) -> None:
    workflow = opened.document.workflow
    file.write_bytes(content)
    until(lambda: opened.message is not None)
    assert opened.message is not None and "is no workflow any more" in opened.message.title
    assert opened.document.workflow is workflow
    assert opened.dirty
    press(opened, "Keep mine")
    awaited(opened.save())
    assert load(file).workflow == workflow


def test_saving_under_another_name_goes_on_there(
    opened: OpenFile, file: Path, tmp_path: Path, awaited: Awaited, until: Until
) -> None:
    rename(opened, "Mine")
    other = tmp_path / "other.rpa.yaml"
    awaited(opened.save(other))
    assert (opened.path, opened.dirty) == (other, False)
    assert load(file).workflow.name == "Random"
    theirs(file)
    awaited(_rest())
    assert opened.message is None
    other.write_text(other.read_text().replace("name: Mine", "name: Theirs"))
    until(lambda: opened.document.workflow.name == "Theirs")


def test_edits_made_while_it_is_being_saved_stay_unsaved(opened: OpenFile, file: Path, awaited: Awaited) -> None:
    rename(opened, "First")

    async def both() -> None:
        saving = asyncio.ensure_future(opened.save())
        await asyncio.sleep(0)
        rename(opened, "Second")
        await saving

    awaited(both())
    assert load(file).workflow.name == "First"
    assert opened.dirty
    awaited(opened.save())
    assert load(file).workflow.name == "Second"
    assert not opened.dirty


def test_two_savings_at_once_come_one_after_the_other(opened: OpenFile, file: Path, awaited: Awaited) -> None:
    async def both() -> None:
        rename(opened, "First")
        one = asyncio.ensure_future(opened.save())
        await asyncio.sleep(0)
        rename(opened, "Second")
        await asyncio.gather(one, opened.save())

    awaited(both())
    assert load(file).workflow.name == "Second"
    assert not opened.dirty


def _full(folder: Path) -> Callable[[], None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk_leaves_the_file_and_the_work(opened: OpenFile, file: Path, awaited: Awaited) -> None:
    rename(opened, "Mine")
    undo = _full(file.parent)
    try:
        with pytest.raises(DocumentError) as caught:
            awaited(opened.save())
    finally:
        undo()
    assert load(file).workflow.name == "Random"
    assert list(file.parent.iterdir()) == [file]
    assert opened.dirty
    message = failure(caught.value, lambda: None, lambda: None)
    assert isinstance(message, Message)
    assert message.title == "The workflow is not saved."
    assert "The old file is untouched." in message.text
    assert [label for label, _ in message.buttons] == ["Try again", "Save as…"]
    awaited(opened.save())
    assert load(file).workflow.name == "Mine"


def test_places_that_cannot_be_saved_to_are_told(
    opened: OpenFile, file: Path, tmp_path: Path, awaited: Awaited
) -> None:
    for path, words in (
        (tmp_path / "gone" / "a.rpa.yaml", "there is no folder"),
        (tmp_path / ("a" * 300 + ".rpa.yaml"), "too long"),
        (tmp_path, "is a folder"),
    ):
        with pytest.raises(DocumentError, match=words):
            awaited(opened.save(path))
        assert opened.path == file
    rename(opened, "Mine")
    awaited(opened.save())
    assert load(file).workflow.name == "Mine"


def test_a_link_stays_a_link(tmp_path: Path, file: Path, disk: Disk, recovery: Recovery, awaited: Awaited) -> None:
    link = tmp_path / "link.rpa.yaml"
    link.symlink_to(file)
    document = WorkflowDocument(load(link))
    opened = OpenFile(document, disk, recovery, Stamp(text_hash(document.document.text)))
    rename(opened, "Mine")
    awaited(opened.save())
    assert link.is_symlink()
    assert load(file).workflow.name == "Mine"
    awaited(_rest(0.2))
    assert opened.message is None
    opened.close()


def test_reverting_is_an_edit_that_can_be_undone(opened: OpenFile, file: Path, awaited: Awaited) -> None:
    rename(opened, "Mine")
    awaited(opened.revert())
    assert (opened.document.workflow.name, opened.dirty) == ("Random", False)
    opened.document.undo()
    assert (opened.document.workflow.name, opened.dirty) == ("Mine", True)
    file.unlink()
    with pytest.raises(DocumentError, match="deleted"):
        awaited(opened.revert())


def test_after_a_crash_what_others_did_meanwhile_is_told(
    file: Path, home: Path, disk: Disk, recovery: Recovery, until: Until, within: Within
) -> None:
    before = Recovery(home)
    document = WorkflowDocument(load(file))
    before.record(document)
    document.edit("Call it Mine", replace(document.workflow, name="Mine"))
    before.close()
    theirs(file)
    (unsaved,) = recovery.found()
    found: list[OpenFile] = []
    within(lambda: found.append(OpenFile.recovered(unsaved, WorkflowDocument(), disk, recovery)))
    (opened,) = found
    until(lambda: opened.message is not None)
    assert opened.message is not None and opened.message.title == "order.rpa.yaml was changed by another program."
    press(opened, "Keep mine")
    assert opened.document.workflow.name == "Mine"
    opened.close()


def test_a_folder_that_is_removed_while_open_leaves_the_work(
    opened: OpenFile, file: Path, home: Path, until: Until, within: Within, awaited: Awaited, disk: Disk
) -> None:
    rename(opened, "Mine")
    shutil.rmtree(file.parent)
    until(lambda: opened.message is not None)
    assert opened.message is not None and "was deleted or moved" in opened.message.title
    within(lambda: press(opened, "Save it again"))
    until(lambda: opened.message is not None and opened.message.level == "error")
    assert "There is no folder" in opened.message.text
    assert opened.message.buttons[-1][0] == "Save as…"
    assert len(list((home / "recovery").glob("*/*.jsonl"))) == 1
    file.parent.mkdir()
    awaited(opened.save())
    assert load(file).workflow.name == "Mine"
    # What others do there is seen again.
    theirs_now = file.read_text().replace("name: Mine", "name: Theirs")
    awaited(_rest())
    file.write_text(theirs_now)
    until(lambda: opened.document.workflow.name == "Theirs")


def test_a_file_that_is_renamed_and_comes_back_is_as_before(opened: OpenFile, file: Path, until: Until) -> None:
    moved = file.rename(file.with_name("elsewhere.rpa.yaml"))
    until(lambda: opened.message is not None)
    assert opened.dirty
    moved.rename(file)
    until(lambda: opened.message is None)
    assert not opened.dirty


def test_a_file_that_is_gone_and_comes_back_does_not_save_what_was_edited(
    opened: OpenFile, file: Path, until: Until
) -> None:
    moved = file.rename(file.with_name("elsewhere.rpa.yaml"))
    until(lambda: opened.message is not None)
    rename(opened, "Mine")
    moved.rename(file)
    until(lambda: opened.message is None)
    assert opened.dirty


def test_another_file_in_the_place_of_one_that_is_gone_is_not_written_over(
    opened: OpenFile, file: Path, until: Until, awaited: Awaited
) -> None:
    rename(opened, "Mine")
    text = file.read_text()
    file.unlink()
    until(lambda: opened.message is not None)
    file.write_text(text.replace("name: Random", "name: Theirs"))
    with pytest.raises(ChangedOnDisk):
        awaited(opened.save())
    assert load(file).workflow.name == "Theirs"


@pytest.mark.parametrize("edited", [False, True])
def test_a_checkout_of_another_branch_is_taken_or_asked_about(
    edited: bool, opened: OpenFile, file: Path, until: Until, awaited: Awaited
) -> None:
    def git(*arguments: str) -> None:
        name = ["-c", "user.name=somebody", "-c", "user.email=somebody@localhost"]
        subprocess.run(["git", *name, *arguments], cwd=file.parent, check=True, capture_output=True)

    git("init", "-b", "main")
    git("add", ".")
    git("commit", "-m", "mine")
    git("checkout", "-b", "theirs")
    theirs(file)
    git("commit", "-am", "theirs")
    git("checkout", "main")
    awaited(_rest())
    if edited:
        rename(opened, "Mine")
    git("checkout", "theirs")
    if not edited:
        until(lambda: opened.document.workflow.name == "Theirs")
        git("checkout", "main")
        until(lambda: opened.document.workflow.name == "Random")
        assert not opened.dirty
        return
    until(lambda: opened.message is not None and opened.message.level == "warn")
    assert opened.document.workflow.name == "Mine"
    git("checkout", "main")
    until(lambda: opened.message is None)
    awaited(opened.save())
    assert load(file).workflow.name == "Mine"


def test_two_windows_on_one_file_write_nothing_over(
    opened: OpenFile, file: Path, bridge: Bridge, home: Path, awaited: Awaited, within: Within, qapp: QApplication
) -> None:
    other_disk, other_recovery = Disk(bridge), Recovery(home)
    document = WorkflowDocument(load(file))
    other = OpenFile(document, other_disk, other_recovery, Stamp(text_hash(document.document.text)))
    rename(opened, "Mine")
    rename(other, "Other")
    awaited(opened.save())
    with pytest.raises(ChangedOnDisk):
        awaited(other.save())
    assert load(file).workflow.name == "Mine"
    assert other.document.workflow.name == "Other"
    other.close()
    other_disk.close()
    other_recovery.close()
    qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def test_a_file_set_back_in_time_with_the_same_length_is_another_all_the_same(file: Path) -> None:
    os.utime(file, (1_000_000_000, 1_000_000_000))
    known = stamp(file.read_bytes(), file.stat())
    assert look(file, known, thorough=False).stamp is known  # its numbers are believed
    file.write_text(file.read_text().replace("name: Random", "name: Theirs"))
    os.utime(file, (1_000_000_000, 1_000_000_000))
    assert file.stat().st_size == known.size
    assert look(file, known, thorough=False).kind == "changed"


@pytest.mark.parametrize("ahead", [-(10**9), 10**9])
def test_a_clock_that_jumps_hides_no_change(ahead: int, file: Path) -> None:
    content = file.read_bytes()
    os.utime(file, (time.time() + ahead,) * 2)
    known = stamp(content, file.stat())
    file.write_bytes(content.replace(b"name: Random", b"name: Theirs"))
    for moment in (time.time() + ahead, time.time(), 1.0):
        os.utime(file, (moment, moment))
        assert look(file, known, thorough=False).kind == "changed"


def test_a_workflow_that_is_closed_while_it_is_saved_is_saved_and_looked_after_no_more(
    opened: OpenFile, file: Path, disk: Disk, awaited: Awaited
) -> None:
    rename(opened, "Mine")

    async def both() -> None:
        saving = asyncio.ensure_future(opened.save())
        await asyncio.sleep(0)
        opened.close()
        await saving

    awaited(both())
    assert load(file).workflow.name == "Mine"
    assert disk._watched == []


def test_a_file_that_becomes_too_large_is_told_and_not_taken(opened: OpenFile, file: Path, until: Until) -> None:
    workflow = opened.document.workflow
    file.write_bytes(b"# " + b"x" * (LARGEST + 10))
    until(lambda: opened.message is not None)
    assert opened.message is not None and "is no workflow any more" in opened.message.title
    assert opened.document.workflow is workflow and opened.dirty
