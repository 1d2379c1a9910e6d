"""What a user gets when the world is not as it should be: never a traceback, never a loss."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.e2e.conftest import GREET, Rpa

posix = pytest.mark.skipif(os.name == "nt", reason="signals and permissions of POSIX")


def as_other(rpa: Rpa, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run without the rights of root, where the tests have them: nothing is forbidden to root."""
    command = rpa.command(*arguments)
    if os.geteuid() == 0:
        if not shutil.which("setpriv"):
            pytest.skip("run as root, without setpriv")
        command = ["setpriv", "--bounding-set=-all", "--inh-caps=-all", *command]
    return subprocess.run(command, cwd=rpa.folder, env=rpa.environment(), capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"rpa: 1\nsteps: [\n", "did not find"),
        (b"\xff\xfe\x00r", "UTF-8"),
        (b"", ""),
        (b"- 1\n- 2\n", ""),
        (b"a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n", ""),
        (b"rpa: 1\nrpa: 1\nsteps: []\n", ""),
        (b"rpa: 99\nsteps: []\n", "format 99"),
        (b"rpa: 1\nname: \x00\n", ""),
        (b"rpa: 1\nsteps: " + b"[" * 5000, ""),
    ],
)
def test_a_file_that_is_no_workflow(rpa: Rpa, content: bytes, message: str) -> None:
    (rpa.folder / "bad.rpa.yaml").write_bytes(content)
    for command in ("run", "validate"):
        done = rpa(command, "bad.rpa.yaml", code=3)
        assert message in done.stdout + done.stderr
        assert "bad.rpa.yaml" in done.stdout + done.stderr
    assert rpa.json("run", "bad.rpa.yaml", code=3)["status"] == "not_started"


def test_a_file_that_is_a_folder_or_missing(rpa: Rpa) -> None:
    assert "folder" in rpa("run", ".", code=3).stderr
    assert "no file" in rpa("run", "gone.rpa.yaml", code=3).stderr
    rpa("diff", "greet.rpa.yaml", "gone.rpa.yaml", code=3)


@posix
def test_a_file_without_permission(rpa: Rpa) -> None:
    (rpa.folder / "greet.rpa.yaml").chmod(0)
    done = as_other(rpa, "run", "greet.rpa.yaml")
    assert done.returncode == 3
    assert "may not be read" in done.stderr


def test_a_home_that_is_a_file(rpa: Rpa) -> None:
    rpa.home.write_text("")
    done = rpa("run", "greet.rpa.yaml", code=2)
    assert str(rpa.home) in done.stderr
    rpa("doctor", code=1)


@posix
def test_a_home_that_is_read_only(rpa: Rpa) -> None:
    rpa.json("run", "greet.rpa.yaml")
    rpa.home.chmod(0o555)
    for file in rpa.home.iterdir():
        file.chmod(0o555 if file.is_dir() else 0o444)
    try:
        done = as_other(rpa, "run", "greet.rpa.yaml")
        assert done.returncode == 1, done
        assert done.stderr.startswith("error: ")
        assert "Traceback" not in done.stderr
        listed = as_other(rpa, "executions", "--json")
        assert len(json.loads(listed.stdout)) == 1, listed
        assert as_other(rpa, "doctor", "--quick").returncode == 1
    finally:
        rpa.home.chmod(0o755)


def test_a_store_that_is_damaged_or_from_another_program(rpa: Rpa) -> None:
    rpa.home.mkdir()
    store = rpa.home / "store.db"
    store.write_bytes(b"this is no database" * 1000)
    for command in (["run", "greet.rpa.yaml"], ["executions"], ["doctor"]):
        done = rpa(*command, code=1)
        assert str(store) in done.stdout + done.stderr
    store.unlink()
    connection = sqlite3.connect(store)
    connection.execute("CREATE TABLE mine (a)")
    connection.commit()
    connection.close()
    assert "another program" in rpa("run", "greet.rpa.yaml", code=1).stderr


def test_a_store_of_a_newer_version(rpa: Rpa) -> None:
    rpa.json("run", "greet.rpa.yaml")
    connection = sqlite3.connect(rpa.home / "store.db")
    connection.execute("PRAGMA user_version = 99")
    connection.commit()
    connection.close()
    for command in (["run", "greet.rpa.yaml"], ["executions"], ["doctor"]):
        done = rpa(*command, code=1)
        assert "99" in done.stdout + done.stderr


def test_a_second_process_reads_and_is_refused_or_queues(rpa: Rpa) -> None:
    first = rpa.start("run", "patient.rpa.yaml")
    try:
        under_way(first)
        refused = rpa("run", "greet.rpa.yaml", code=1)
        assert "Another RPA Studio process" in refused.stderr
        assert "--wait" in refused.stderr
        assert rpa.json("run", "greet.rpa.yaml", code=1)["error"]["type"] == "store_locked"
        assert "patient" in rpa("executions").stdout
        assert "Another RPA Studio process" in rpa("doctor", "--quick").stdout
        second = rpa.start("run", "greet.rpa.yaml", "--wait")
    finally:
        first.send_signal(signal.SIGINT if os.name != "nt" else signal.SIGTERM)
        first.communicate(timeout=30)
    output, _ = second.communicate(timeout=30)
    assert second.returncode == 0, output


def under_way(process: subprocess.Popen[str]) -> None:
    """Return when the patient workflow is somewhere in its loop."""
    assert process.stdout is not None
    for line in process.stdout:
        if "first" in line:
            time.sleep(0.5)
            return
    raise AssertionError("it ended before it came to that")


@posix
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_pauses_and_resume_goes_on(rpa: Rpa, number: int) -> None:
    rpa.write("patient.rpa.yaml", (rpa.folder / "patient.rpa.yaml").read_text().replace("1000", "8"))
    process = rpa.start("run", "patient.rpa.yaml")
    under_way(process)
    process.send_signal(number)
    output, _ = process.communicate(timeout=30)
    assert process.returncode == 130, output
    id_ = rpa.json("executions")[0]["id"]
    assert f"rpa resume {id_[-8:]}" in output
    assert rpa.json("show", id_)["status"] == "paused"
    done = rpa.json("resume", id_[-8:])
    assert (done["execution"], done["status"]) == (id_, "succeeded")
    rounds = [e["scope"] for e in rpa.json("journal", id_) if e["event"] == "IterationFinished"]
    assert sorted(rounds) == sorted(f"rest[{n}]" for n in range(8))


@posix
def test_a_second_signal_stops_at_once(rpa: Rpa) -> None:
    rpa.write(
        "nap.rpa.yaml",
        "rpa: 1\nname: nap\nsteps:\n"
        "  - {id: first, activity: control.log, with: {message: first}}\n"
        "  - {id: nap, activity: control.delay, with: {length: 20s}}\n"
        "edges: [first.next -> nap]\n",
    )
    process = rpa.start("run", "nap.rpa.yaml")
    under_way(process)
    process.send_signal(signal.SIGINT)
    try:
        process.wait(1.0)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=15)
    assert process.returncode == 130, output
    assert "rpa resume " in output


@posix
def test_killed_and_resumed(rpa: Rpa) -> None:
    rpa.write("patient.rpa.yaml", (rpa.folder / "patient.rpa.yaml").read_text().replace("1000", "8"))
    process = rpa.start("run", "patient.rpa.yaml")
    under_way(process)
    process.kill()
    process.communicate(timeout=30)
    id_ = rpa.json("executions")[0]["id"]
    assert rpa.json("resume", id_)["status"] == "succeeded"


@posix
def test_a_step_cut_off_is_in_doubt_and_settled_by_a_person(rpa: Rpa) -> None:
    rpa.write(
        "pay.rpa.yaml",
        """rpa: 1
name: pay
outputs: {receipt: "{{ steps.pay.output.receipt }}"}
steps:
  - id: pay
    activity: script.shell
    with: {code: "touch started; sleep 30"}
""",
    )
    process = rpa.start("run", "pay.rpa.yaml")
    while not (rpa.folder / "started").exists():
        assert process.poll() is None
        time.sleep(0.05)
    process.kill()
    process.communicate(timeout=30)
    id_ = rpa.json("executions")[0]["id"][-8:]
    asked = rpa("resume", id_, code=4)
    assert "sleep 30" in asked.stdout
    for decision in ("done", "retry", "fail"):
        assert f"rpa resume {id_} --decide pay={decision}\n" in asked.stdout
    found = rpa.json("resume", id_, code=4)
    assert (found["status"], found["in_doubt"][0]["step"]) == ("in_doubt", "pay")
    settled = rpa.json("resume", id_, "--decide", "pay=done", "--output", '{"receipt": 17}')
    assert (settled["status"], settled["output"]) == ("succeeded", {"receipt": 17})


def test_cancelling_what_rests(rpa: Rpa) -> None:
    process = rpa.start("run", "patient.rpa.yaml")
    under_way(process)
    process.kill()
    process.communicate(timeout=30)
    id_ = rpa.json("executions")[0]["id"]
    assert rpa.json("cancel", id_[-8:], "--reason", "no longer needed")["status"] == "cancelled"
    assert rpa.json("executions")[0]["status"] == "cancelled"
    assert "no longer needed" in rpa("journal", id_).stdout


@posix
def test_a_reader_that_goes_away(rpa: Rpa) -> None:
    rpa.write("many.rpa.yaml", (rpa.folder / "patient.rpa.yaml").read_text().replace("200ms", "0s"))
    id_ = rpa.json("run", "many.rpa.yaml")["execution"]
    for arguments in (["journal", id_], ["journal", id_, "--json"]):
        command = " ".join(rpa.command(*arguments))
        done = subprocess.run(
            ["bash", "-c", f"set -o pipefail; {command} | head -n 2"],
            cwd=rpa.folder,
            env=rpa.environment(),
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert len(done.stdout.splitlines()) == 2
        assert (done.returncode, done.stderr) == (0, "")


@posix
def test_a_reader_that_goes_away_does_not_stop_the_work(rpa: Rpa) -> None:
    command = " ".join(rpa.command("run", "greet.rpa.yaml"))
    subprocess.run(["bash", "-c", f"{command} | true"], cwd=rpa.folder, env=rpa.environment(), check=True, timeout=60)
    assert rpa.json("executions")[0]["status"] == "succeeded"


@posix
@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&- >&- 2>&-"])
def test_streams_that_are_closed(rpa: Rpa, closed: str) -> None:
    for arguments in (["run", "greet.rpa.yaml"], ["executions", "--json"], ["--help"], ["--version"]):
        command = f"{' '.join(rpa.command(*arguments))} {closed}"
        done = subprocess.run(
            ["bash", "-c", command], cwd=rpa.folder, env=rpa.environment(), capture_output=True, text=True, timeout=60
        )
        assert (done.returncode, done.stderr) == (0, ""), done
    assert rpa.json("executions")[0]["status"] == "succeeded"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
@pytest.mark.parametrize("arguments", [["run", "greet.rpa.yaml"], ["--help"]])
def test_an_output_that_is_full(rpa: Rpa, arguments: list[str]) -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            rpa.command(*arguments),
            cwd=rpa.folder,
            env=rpa.environment(),
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
        )
    assert done.returncode == 1
    assert done.stderr == "error: the output cannot be written: No space left on device\n"
    if arguments[0] == "run":
        assert rpa.json("executions")[0]["status"] == "succeeded"


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8"])
def test_every_encoding(rpa: Rpa, encoding: str) -> None:
    rpa.write("greet.rpa.yaml", GREET.replace("Hello", "Здравей ✓"))
    done = subprocess.run(
        rpa.command("run", "greet.rpa.yaml", "--json"),
        cwd=rpa.folder,
        env=rpa.environment(PYTHONIOENCODING=encoding, LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0"),
        capture_output=True,
        timeout=60,
    )
    assert done.returncode == 0
    assert json.loads(done.stdout.decode(encoding))["output"]["greeting"] == "Здравей ✓, world!"
    plain = rpa("executions", environment={"PYTHONIOENCODING": encoding, "LC_ALL": "C"})
    assert "greet" in plain.stdout


def test_lone_surrogates_and_nul_bytes_in_inputs(rpa: Rpa) -> None:
    rpa.write("in.json", '{"name": "a\\u0000b\\ud800"}')
    found = rpa.json("run", "greet.rpa.yaml", "--inputs", "in.json")
    assert found["output"]["greeting"] == "Hello, a\x00b\ud800!"
    rpa("run", "greet.rpa.yaml", "--inputs", "in.json")
    rpa("show", rpa.json("executions")[0]["id"])


@pytest.mark.skipif(sys.platform != "linux", reason="needs a file system that can be made small")
def test_a_full_disk(rpa: Rpa, tmp_path: Path) -> None:
    small = tmp_path / "small"
    small.mkdir()
    if os.geteuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", small]).returncode:
        pytest.skip("no file system can be mounted here")
    try:
        rpa.home = small / "home"
        rpa.write("many.rpa.yaml", (rpa.folder / "patient.rpa.yaml").read_text().replace("200ms", "0s"))
        done = rpa("run", "many.rpa.yaml", code=1)
        assert "space" in done.stderr
        assert "Traceback" not in done.stderr
        found = rpa.json("run", "many.rpa.yaml", code=1)
        assert found["status"] in ("interrupted", "not_started")
        assert found["error"]["type"] == "store_full"
    finally:
        subprocess.run(["umount", "-l", small], check=True)
