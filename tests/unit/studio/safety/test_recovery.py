from __future__ import annotations

import os
import random
import resource
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from engine.api import Document, Workflow, dumps, load, save
from studio.designer import recorder as module
from studio.designer.document import LIMIT, WorkflowDocument
from studio.designer.recovery import Recovery
from studio.designer.unsaved import Unsaved, digest
from tests.unit.studio.safety.child import operate
from tests.unit.studio.safety.edits import change, start


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "order.rpa.yaml"
    save(path, start())
    return path


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def later(home: Path) -> Iterator[Recovery]:
    """The studio that is started after the crash."""
    recovery = Recovery(home)
    yield recovery
    recovery.close()


def crash(recovery: Recovery) -> None:
    """Leave the files as they are, and let go of the locks, as the end of a process does."""
    recovery.close()


def state(document: WorkflowDocument) -> tuple[object, ...]:
    return (
        document.workflow,
        document.document.comments,
        [text for text, _ in document.history()],
        document.undo_stack.index(),
        document.dirty,
        document.path,
    )


def taken_up(later: Recovery, unsaved: Unsaved) -> WorkflowDocument:
    document = WorkflowDocument()
    later.take_up(document, unsaved)
    return document


def rename(document: WorkflowDocument, name: str, *, merge: str = "") -> None:
    document.edit(f"Call it {name}", replace(document.workflow, name=name), merge=merge)


@pytest.mark.parametrize("seed", range(3))
def test_after_a_kill_everything_acknowledged_is_there_with_its_history(
    seed: int, tmp_path: Path, file: Path, home: Path, later: Recovery
) -> None:
    first = tmp_path / "first.rpa.yaml"
    shutil.copy(file, first)
    command = [sys.executable, "-m", "tests.unit.studio.safety.child", str(home), str(file), str(seed)]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, env={**os.environ, "QT_QPA_PLATFORM": "offscreen"})
    assert child.stdout is not None
    stop = random.Random(seed).randrange(20, 400)
    acknowledged = 0
    while acknowledged < stop:
        acknowledged = int(child.stdout.readline())
    child.kill()
    acknowledged += child.stdout.read().count(b"\n")
    child.stdout.close()
    child.wait()
    left = later.found()
    # The same edits once more, without a crash; the child may have made one that it could not tell any more.
    again = WorkflowDocument(replace(load(first), path=tmp_path / "again.rpa.yaml"))
    for number in range(acknowledged):
        operate(again, seed, number)
    if not left:
        if again.dirty:
            operate(again, seed, acknowledged)
        assert not again.dirty
        assert dumps(load(file).workflow) == dumps(again.workflow)
        return
    (unsaved,) = left
    assert not unsaved.complaint
    document = taken_up(later, unsaved)
    if state(document)[:5] != state(again)[:5]:
        operate(again, seed, acknowledged)
    assert state(document)[:5] == state(again)[:5]
    while document.undo_stack.canUndo():
        document.undo()
        again.undo()
        assert document.workflow == again.workflow
    while document.undo_stack.canRedo():
        document.redo()
        again.redo()
    assert state(document)[:5] == state(again)[:5]


def edited(home: Path, file: Path, *names: str) -> tuple[Recovery, WorkflowDocument]:
    recovery = Recovery(home)
    document = WorkflowDocument(load(file))
    recovery.record(document)
    for name in names:
        rename(document, name)
    return recovery, document


def files(home: Path) -> list[Path]:
    return sorted((home / "recovery").glob("*/*.jsonl"))


def test_nothing_is_kept_of_what_was_not_edited(home: Path, file: Path, later: Recovery) -> None:
    recovery, _ = edited(home, file)
    assert files(home) == []
    crash(recovery)
    assert later.found() == []


def test_what_was_saved_or_undone_is_not_offered(home: Path, file: Path, later: Recovery) -> None:
    recovery, document = edited(home, file, "one", "two")
    save(file, document.document)
    document.mark_saved()
    second = WorkflowDocument(load(file))
    recovery.record(second)
    rename(second, "three")
    second.undo()
    crash(recovery)
    assert later.found() == []
    assert files(home) == []


def test_the_history_reaches_back_beyond_the_last_save(home: Path, file: Path, later: Recovery) -> None:
    recovery, document = edited(home, file, "one", "two")
    save(file, document.document)
    document.mark_saved()
    document.undo()
    crash(recovery)
    (unsaved,) = later.found()
    assert (unsaved.title, unsaved.done, unsaved.saved, unsaved.changed) == ("one", 1, 2, False)
    again = taken_up(later, unsaved)
    assert again.dirty
    again.redo()
    assert not again.dirty
    assert [text for text, _ in again.history()] == ["Call it one", "Call it two"]


def test_an_untitled_workflow_comes_back(home: Path, later: Recovery) -> None:
    recovery = Recovery(home)
    document = WorkflowDocument()
    recovery.record(document)
    document.edit("Start", start().workflow)
    crash(recovery)
    (unsaved,) = later.found()
    assert unsaved.document.path is None
    assert taken_up(later, unsaved).workflow == start().workflow


def test_saving_as_moves_the_workflow(home: Path, file: Path, tmp_path: Path, later: Recovery) -> None:
    recovery, document = edited(home, file, "one")
    other = tmp_path / "other.rpa.yaml"
    save(other, document.document)
    document.mark_saved(other)
    rename(document, "two")
    crash(recovery)
    (unsaved,) = later.found()
    assert unsaved.document.path == other
    assert (unsaved.saved, unsaved.changed) == (1, False)


def test_what_goes_on_after_recovery_survives_the_next_crash(home: Path, file: Path) -> None:
    recovery, _ = edited(home, file, "one", "two")
    crash(recovery)
    second = Recovery(home)
    (unsaved,) = second.found()
    document = taken_up(second, unsaved)
    document.undo()
    rename(document, "three")
    crash(second)
    third = Recovery(home)
    (unsaved,) = third.found()
    again = taken_up(third, unsaved)
    assert state(again) == state(document)
    third.forget(again)
    third.close()
    assert files(home) == []
    assert list((home / "recovery").glob("*/")) == []


def test_an_open_studio_keeps_its_own(home: Path, file: Path, later: Recovery) -> None:
    recovery, document = edited(home, file, "one")
    assert later.found() == []
    rename(document, "two")
    crash(recovery)
    (unsaved,) = later.found()
    assert unsaved.done == 2
    third = Recovery(home)
    assert third.found() == []
    third.close()


@pytest.mark.parametrize(
    ("damage", "done", "complains"),
    [
        (lambda content: content[:-1], 2, False),
        (lambda content: content[:-20], 2, False),
        (lambda content: content + b'{"kind":"edi', 3, False),
        (lambda content: content + b"\x00" * 4096, 3, False),
        (lambda content: content + b"garbage\n" + content.splitlines(keepends=True)[-1], 3, True),
        (lambda content: content + b'{"kind":"undone"}\n' * 9, 0, True),
        (lambda content: content + b'{"kind":"redone"}\n', 3, True),
        (lambda content: content + b'{"kind":"saved"}\n', 3, True),
        (lambda content: content + b"\xff\xfe\n", 3, True),
        (lambda content: content[: content.index(b"\n") + 1] + b"\n", 0, True),
    ],
)
def test_a_damaged_file_gives_what_can_be_read_and_says_so(
    damage: object, done: int, complains: bool, home: Path, file: Path
) -> None:
    recovery, _ = edited(home, file, "one", "two", "three")
    crash(recovery)
    (path,) = files(home)
    path.write_bytes(damage(path.read_bytes()))  # type: ignore[operator]
    second = Recovery(home)
    (unsaved,) = second.found()
    assert (unsaved.done, bool(unsaved.complaint)) == (done, complains)
    document = taken_up(second, unsaved)
    assert document.workflow.name == ["Random", "one", "two", "three"][done]
    rename(document, "more")
    crash(second)
    third = Recovery(home)
    (unsaved,) = third.found()
    assert not unsaved.complaint
    assert taken_up(third, unsaved).workflow.name == "more"
    third.close()


@pytest.mark.parametrize(
    "content",
    [b"", b'{"recovery":1', b"junk\n", b"[]\n", b'{"recovery":99}\n', b"\xff\n", b"[" * 99_999 + b"\n", b"{}\nx\n"],
)
def test_a_file_that_says_nothing_is_put_aside(content: bytes, home: Path, file: Path, later: Recovery) -> None:
    recovery, _ = edited(home, file, "one")
    crash(recovery)
    (path,) = files(home)
    path.write_bytes(content)
    assert later.found() == []
    assert files(home) == []


def test_a_text_that_was_tampered_with_is_not_trusted(home: Path, file: Path, later: Recovery) -> None:
    recovery, _ = edited(home, file, "one")
    crash(recovery)
    (path,) = files(home)
    path.write_bytes(path.read_bytes().replace(b"data.x", b"evil.x"))
    assert later.found() == []
    assert list((home / "recovery").glob("*/*.damaged"))


def test_a_file_that_somebody_changed_meanwhile_is_told(home: Path, file: Path, later: Recovery) -> None:
    recovery, _ = edited(home, file, "one")
    crash(recovery)
    file.write_text(file.read_text().replace("Random", "Theirs"))
    (unsaved,) = later.found()
    assert unsaved.changed
    assert taken_up(later, unsaved).workflow.name == "one"


def test_a_full_disk_is_told_once_and_nothing_is_lost_when_there_is_room_again(home: Path, file: Path) -> None:
    recovery, document = edited(home, file, "one")
    told: list[str] = []
    recovery.troubled.connect(lambda title, text: told.append(f"{title} {text}"))
    relieved: list[bool] = []
    recovery.relieved.connect(lambda: relieved.append(True))
    (path,) = files(home)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + 30, hard))
    try:
        rename(document, "two")
        rename(document, "three")
        document.undo()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert told == [
        "Your edits cannot be kept in case of a crash. There is no space left. Free some, or save your work now."
    ]
    assert path.read_bytes().endswith(b"\n")
    rename(document, "four")
    assert relieved == [True]
    crash(recovery)
    later = Recovery(home)
    (unsaved,) = later.found()
    assert state(taken_up(later, unsaved)) == state(document)
    later.close()


def test_a_folder_that_cannot_be_used_is_told_and_the_work_goes_on(home: Path, file: Path) -> None:
    home.mkdir()
    (home / "recovery").write_text("in the way")
    told: list[str] = []
    recovery = Recovery(home)
    recovery.troubled.connect(lambda title, text: told.append(text))
    document = WorkflowDocument(load(file))
    recovery.record(document)
    rename(document, "one")
    rename(document, "two")
    assert document.workflow.name == "two"
    assert len(told) == 1
    with pytest.raises(OSError):
        recovery.found()
    (home / "recovery").unlink()
    rename(document, "three")
    crash(recovery)
    later = Recovery(home)
    (unsaved,) = later.found()
    assert unsaved.done == 3
    later.close()


def test_typing_is_one_edit_as_it_was(home: Path, file: Path, later: Recovery) -> None:
    recovery, document = edited(home, file)
    for end in range(1, 6):
        rename(document, "hello"[:end], merge="typing")
    document.undo()
    document.redo()
    rename(document, "other", merge="typing")
    crash(recovery)
    (unsaved,) = later.found()
    assert state(taken_up(later, unsaved)) == state(document)
    assert unsaved.done == 2


def test_a_long_session_keeps_as_many_edits_as_can_be_undone(home: Path, file: Path, later: Recovery) -> None:
    recovery, document = edited(home, file)
    for number in range(LIMIT + 50):
        rename(document, str(number))
        if number == 20:
            document.mark_saved()
    crash(recovery)
    (unsaved,) = later.found()
    again = taken_up(later, unsaved)
    assert state(again) == state(document)
    assert len(again.history()) == LIMIT


def test_a_large_file_begins_anew_when_the_workflow_is_saved(
    home: Path, file: Path, later: Recovery, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LARGE", 200)
    recovery, document = edited(home, file, "one", "two", "three")
    recorder = recovery.recorder(document)
    assert recorder is not None
    (old,) = files(home)
    save(file, document.document)
    document.mark_saved()
    recorder.restart(file.read_text())
    (new,) = files(home)
    assert new != old
    # What came before is no longer in the file, and can be undone all the same.
    document.undo()
    document.undo()
    document.redo()
    rename(document, "end")
    document.undo()
    crash(recovery)
    (unsaved,) = later.found()
    again = taken_up(later, unsaved)
    assert (again.workflow, again.dirty) == (document.workflow, True)
    assert [text for text, _ in again.history()][:2] == ["Undo Call it three", "Undo Call it two"]


def test_an_edit_that_cannot_be_written_down_stops_the_file_at_what_it_can_tell(
    home: Path, file: Path, later: Recovery
) -> None:
    recovery, document = edited(home, file, "one")
    told: list[str] = []
    recovery.troubled.connect(lambda title, text: told.append(text))
    document.edit("Bytes", replace(document.workflow, variables={"x": b"bytes"}))
    rename(document, "two")
    assert len(told) == 1 and "bytes" in told[0]
    document.edit("No bytes", replace(document.workflow, variables={}))
    save(file, document.document)
    document.mark_saved()
    rename(document, "three")
    crash(recovery)
    (unsaved,) = later.found()
    assert taken_up(later, unsaved).workflow == document.workflow


def test_what_is_open_and_no_longer_on_disk_is_kept_without_an_edit(home: Path, file: Path, later: Recovery) -> None:
    recovery, document = edited(home, file)
    recorder = recovery.recorder(document)
    assert recorder is not None
    file.unlink()
    document.mark_unsaved()
    recorder.keep_unsaved()
    crash(recovery)
    (unsaved,) = later.found()
    again = taken_up(later, unsaved)
    assert again.dirty
    assert again.workflow == document.workflow


def test_only_the_person_may_read_the_files(home: Path, file: Path) -> None:
    recovery, _ = edited(home, file, "one")
    (path,) = files(home)
    assert path.stat().st_mode & 0o077 == 0
    assert path.parent.stat().st_mode & 0o077 == 0
    recovery.close()


def test_many_random_edits_of_several_workflows_come_back(home: Path, tmp_path: Path, later: Recovery) -> None:
    recovery = Recovery(home)
    documents = []
    for seed in range(4):
        document = WorkflowDocument(Document(Workflow(f"w{seed}")))
        recovery.record(document)
        documents.append(document)
    chance = random.Random(1)
    for _ in range(200):
        chance.choice(documents).edit_document("x", lambda before: change(before, chance.randrange(10**6)))
    crash(recovery)
    again = [taken_up(later, unsaved) for unsaved in later.found()]
    assert len(again) == 4
    for document in documents:
        assert any(state(document) == state(one) for one in again)


@pytest.mark.parametrize("clean", [False, True])
@pytest.mark.parametrize("what", ["file", "session", "recovery", "home"])
def test_a_recovery_file_that_somebody_removes_is_written_again_with_its_history(
    what: str, clean: bool, home: Path, file: Path
) -> None:
    recovery, document = edited(home, file, "one", "two", "three")
    if clean:
        document.undo()
        save(file, document.document)
        document.mark_saved()
    (kept,) = files(home)
    if what == "file":
        kept.unlink()
    else:
        shutil.rmtree({"session": kept.parent, "recovery": home / "recovery", "home": home}[what])
    document.undo()
    assert len(files(home)) == 1
    crash(recovery)
    later = Recovery(home)
    (unsaved,) = later.found()
    again = taken_up(later, unsaved)
    assert state(again) == state(document)
    assert not unsaved.changed
    for step in ("undo", "redo", "redo"):
        getattr(again, step)()
        getattr(document, step)()
        assert (again.workflow, again.dirty) == (document.workflow, document.dirty)
    later.close()


@pytest.mark.parametrize("step", ["edit", "merge", "undo", "redo", "saved", "unsaved"])
def test_whatever_comes_first_after_that_is_in_it(step: str, home: Path, file: Path) -> None:
    recovery, document = edited(home, file, "one", "two", "three")
    rename(document, "four", merge="m")
    document.undo()
    if step == "merge":
        rename(document, "mine", merge="m")
    (kept,) = files(home)
    kept.unlink()
    if step in ("edit", "merge"):
        rename(document, "five", merge="m" if step == "merge" else "")
    elif step in ("undo", "redo"):
        getattr(document, step)()
    elif step == "saved":
        save(file, document.document)
        document.mark_saved()
    else:
        document.mark_unsaved()
        recorder = recovery.recorder(document)
        assert recorder is not None
        recorder.keep_unsaved()
    crash(recovery)
    later = Recovery(home)
    left = later.found()
    if step == "saved":
        assert left == []
    else:
        assert state(taken_up(later, left[0])) == state(document)
    later.close()


def test_a_text_is_kept_again_where_somebody_removed_its_folder(home: Path, file: Path) -> None:
    recovery = Recovery(home)
    recorder = recovery.record_text()
    recorder.keep(file, "one: [", "")
    shutil.rmtree(home)
    recorder.keep(file, "two: [", "")
    crash(recovery)
    later = Recovery(home)
    (unsaved,) = later.found()
    assert (unsaved.plain, unsaved.document.text) == (True, "two: [")
    later.close()


def test_a_text_with_half_a_character_is_kept(home: Path, file: Path, later: Recovery) -> None:
    recovery = Recovery(home)
    recovery.record_text().keep(file, "half \ud800 [", "")
    crash(recovery)
    (unsaved,) = later.found()
    assert unsaved.document.text == "half \ud800 ["


@pytest.mark.parametrize("moment", [-3e9, 0, 2e10])
def test_a_clock_that_jumped_hides_no_offer(moment: float, home: Path, file: Path, later: Recovery) -> None:
    recovery, _ = edited(home, file, "one")
    other = WorkflowDocument()
    recovery.record(other)
    rename(other, "now")
    crash(recovery)
    first = next(path for path in files(home) if b"order.rpa.yaml" in path.read_bytes())
    for path in (first, first.parent, home / "recovery", file):
        os.utime(path, (moment, moment))
    found = later.found()
    assert {unsaved.title for unsaved in found} == {"one", "now"}
    assert not any(unsaved.changed for unsaved in found)


def test_a_file_that_was_written_by_others_and_set_back_in_time_is_told(
    home: Path, file: Path, later: Recovery
) -> None:
    recovery, _ = edited(home, file, "one")
    before = file.stat()
    crash(recovery)
    file.write_text(file.read_text().replace("Random", "Theirs"))
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    (unsaved,) = later.found()
    assert unsaved.changed


def test_what_cannot_be_read_is_named_and_hides_nothing_else(home: Path, file: Path, later: Recovery) -> None:
    recovery, _ = edited(home, file, "one")
    other = WorkflowDocument()
    recovery.record(other)
    rename(other, "two")
    crash(recovery)
    first = next(path for path in files(home) if b"order.rpa.yaml" in path.read_bytes())
    first.write_bytes(b"junk\n")
    (unsaved,) = later.found()
    assert unsaved.title == "two"
    assert later.unreadable == [first.with_suffix(".damaged")]
    assert later.unreadable[0].read_bytes() == b"junk\n"


def test_a_pipe_in_the_place_of_the_workflow_holds_nobody_up(home: Path, file: Path, later: Recovery) -> None:
    recovery, _ = edited(home, file, "one")
    crash(recovery)
    file.unlink()
    os.mkfifo(file)
    (unsaved,) = later.found()
    assert unsaved.title == "one"


def test_what_others_wrote_and_was_taken_over_is_known_after_a_crash(home: Path, file: Path, later: Recovery) -> None:
    recovery, document = edited(home, file, "one")
    file.write_text("# in words of their own\n" + file.read_text())
    document.mark_saved(known=digest(file.read_text()))
    rename(document, "two")
    crash(recovery)
    (unsaved,) = later.found()
    assert (unsaved.changed, unsaved.known) == (False, digest(file.read_text()))
