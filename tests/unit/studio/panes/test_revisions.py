from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from engine.core.errors import DocumentError
from studio.designer.difference import revisions as module
from studio.designer.difference.revisions import document_at, revisions

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")


def git(folder: Path, *arguments: str) -> None:
    given = ("-c", "user.name=Ада", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *given, *arguments], cwd=folder, check=True, capture_output=True)


def commit(folder: Path, name: str, text: str | bytes, subject: str) -> None:
    (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", subject)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q")
    return tmp_path


@needs_git
def test_versions_are_listed_newest_first_also_under_former_names(folder: Path) -> None:
    commit(folder, "поръчки.rpa.yaml", "rpa: 1\nname: One\ndescription: the same in all of them\n", "First")
    git(folder, "mv", "поръчки.rpa.yaml", "b [1].rpa.yaml")
    git(folder, "commit", "-qm", "Call it b")
    commit(folder, "b [1].rpa.yaml", "rpa: 1\nname: Two\ndescription: the same in all of them\n", "Say two\x1f no")
    commit(folder, "other.txt", "x", "Something else")
    file = folder / "b [1].rpa.yaml"
    found = revisions(file)
    assert [one.subject for one in found][1:] == ["Call it b", "First"]
    assert found[0].subject.startswith("Say two")
    assert found[2].path == "поръчки.rpa.yaml" and found[2].author == "Ада"
    assert [document_at(file, one).workflow.name for one in found] == ["Two", "One", "One"]


@needs_git
def test_a_version_that_was_no_text_or_no_workflow_says_so(folder: Path) -> None:
    commit(folder, "a.rpa.yaml", b"\xff\xfe\x00", "Binary")
    commit(folder, "a.rpa.yaml", "- 1\n", "List")
    file = folder / "a.rpa.yaml"
    newest, oldest = revisions(file)
    with pytest.raises(DocumentError, match="cannot be read"):
        document_at(file, newest)
    with pytest.raises(DocumentError, match="no text"):
        document_at(file, oldest)


@needs_git
def test_a_version_that_was_too_large_is_not_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commit(folder, "a.rpa.yaml", "rpa: 1\nname: long\n", "One")
    monkeypatch.setattr(module, "LARGEST", 4)
    with pytest.raises(DocumentError, match="larger"):
        document_at(folder / "a.rpa.yaml", revisions(folder / "a.rpa.yaml")[0])


@needs_git
def test_nothing_of_the_repository_is_run_or_written(folder: Path) -> None:
    commit(folder, "a.rpa.yaml", "rpa: 1\nname: x\n", "One")
    script = folder / "evil.sh"
    script.write_text(f"#!/bin/sh\ntouch {folder / 'ran'}\ncat\n")
    script.chmod(0o755)
    for name, value in (
        ("core.fsmonitor", str(script)),
        ("gpg.program", str(script)),
        ("log.showSignature", "true"),
        ("core.pager", str(script)),
        ("diff.external", str(script)),
        ("filter.x.smudge", str(script)),
        ("diff.x.textconv", str(script)),
    ):
        git(folder, "config", name, value)
    (folder / ".gitattributes").write_text("* filter=x diff=x\n")
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    file = folder / "a.rpa.yaml"
    assert document_at(file, revisions(file)[0]).workflow.name == "x"
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == before


@needs_git
@pytest.mark.parametrize("made", ["", "init"])
def test_a_file_that_git_does_not_know_says_so(tmp_path: Path, made: str) -> None:
    if made:
        git(tmp_path, "init", "-q")
    (tmp_path / "a.rpa.yaml").write_text("rpa: 1\n")
    with pytest.raises(DocumentError, match="no earlier version" if made else "in no git repository"):
        revisions(tmp_path / "a.rpa.yaml")


@needs_git
def test_a_file_that_was_never_committed_says_so(folder: Path) -> None:
    commit(folder, "other.txt", "x", "One")
    (folder / "a.rpa.yaml").write_text("rpa: 1\n")
    with pytest.raises(DocumentError, match="no earlier version"):
        revisions(folder / "a.rpa.yaml")


def test_without_git_it_is_said_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(DocumentError, match="not installed") as caught:
        revisions(tmp_path / "a.rpa.yaml")
    assert "Install git" in caught.value.hint


def test_a_git_that_hangs_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "git"
    program.write_text("#!/bin/sh\nexec /bin/sleep 30\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(module, "TIMEOUT", 0.2)
    with pytest.raises(DocumentError, match="did not answer"):
        revisions(tmp_path / "a.rpa.yaml")


def test_a_folder_that_is_gone_says_so(tmp_path: Path) -> None:
    with pytest.raises(DocumentError):
        revisions(tmp_path / "gone" / "a.rpa.yaml")
