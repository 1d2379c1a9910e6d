"""The audit log: who used what, and whether its lines are as they were written."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.core.errors import VaultError
from engine.core.secrets import Use
from engine.vault import audit
from engine.vault.audit import AuditLog
from engine.vault.vault import Vault
from tests.unit.engine.vault.conftest import ME

KEY_ = b"k" * 32
STEP = Use("http.request", "0190-execution", "each[3]/send")


def test_every_use_and_change_is_a_line(filled: Vault) -> None:
    filled.held("erp", STEP)
    filled.held("erp", Use("rpa credentials reveal", reason="ticket 12"), event="revealed", fields=("password",))
    filled.rename("erp", "ERP", ME)
    filled.remove("ERP", ME)
    events = [(one.event, one.credential, one.by) for one in reversed(filled.audit.entries())]
    assert events == [
        ("added", "erp", "a test"),
        ("added", "shop", "a test"),
        ("added", "safe", "a test"),
        ("used", "erp", "http.request"),
        ("revealed", "erp", "rpa credentials reveal"),
        ("renamed", "ERP", "a test"),
        ("removed", "ERP", "a test"),
    ]
    (used,) = filled.audit.entries(execution="execution")
    assert (used.step, used.execution, used.user != "") == ("each[3]/send", "0190-execution", True)
    assert [one.reason for one in filled.audit.entries(credential="erp", limit=1)] == ["ticket 12"]
    assert filled.verify_audit() == (7, [])


def test_the_last_use_follows_a_name(filled: Vault) -> None:
    assert filled.audit.last_uses() == {}
    filled.held("erp", STEP)
    filled.held("shop", STEP)
    assert set(filled.audit.last_uses()) == {"erp", "shop"}
    filled.rename("erp", "ERP", ME)
    filled.remove("shop", ME)
    assert set(filled.audit.last_uses()) == {"ERP"} == set(AuditLog(filled.path.parent).last_uses())


def drop_first(lines: list[bytes]) -> None:
    del lines[0]


def drop_middle(lines: list[bytes]) -> None:
    del lines[3]


def drop_last(lines: list[bytes]) -> None:
    del lines[-1]


def swap(lines: list[bytes]) -> None:
    lines[3], lines[4] = lines[4], lines[3]


def change(lines: list[bytes]) -> None:
    lines[3] = lines[3].replace(b"http.request", b"http.replied")


def put_in(lines: list[bytes]) -> None:
    lines.insert(3, lines[3])


def garble(lines: list[bytes]) -> None:
    lines[3] = lines[3][:20]


@pytest.mark.parametrize("tamper", [drop_first, drop_middle, drop_last, swap, change, put_in, garble])
def test_a_log_that_was_tampered_with_is_told(filled: Vault, tamper: Callable[[list[bytes]], None]) -> None:
    filled.held("erp", STEP)
    filled.held("shop", STEP)
    filled.remove("safe", ME)
    assert filled.verify_audit() == (6, [])
    lines = filled.audit.path.read_bytes().splitlines()
    tamper(lines)
    filled.audit.path.write_bytes(b"\n".join(lines) + b"\n")
    assert filled.verify_audit()[1] != []


def test_a_line_that_was_cut_off_does_not_spoil_the_next(filled: Vault) -> None:
    filled.held("erp", STEP)
    with open(filled.audit.path, "ab") as stream:
        stream.write(b'{"seq": 5, "at": 17')
    filled.held("shop", STEP)
    filled.held("shop", STEP)
    count, findings = filled.verify_audit()
    assert (count, [(one.line, str(one.text)) for one in findings]) == (6, [(5, "the line is not whole")])
    assert [one.event for one in filled.audit.entries()] == ["used"] * 3 + ["added"] * 3


def test_it_is_kept_small_and_holds_across_its_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "LARGEST", 2_000)
    monkeypatch.setattr(audit, "KEPT", 4)
    log = AuditLog(tmp_path)
    for number in range(120):
        log.append(KEY_, "used", STEP, credential=f"c{number}")
        assert set(log.last_uses()) == {f"c{one}" for one in range(number + 1)}
    assert len(log.files()) == 4 and sum(path.stat().st_size for path in log.files()) < 10_000
    count, findings = log.verify(KEY_, 0)
    assert 20 < count < 120 and findings == []
    assert [one.credential for one in log.entries(limit=count)] == [f"c{119 - back}" for back in range(count)]
    log.files()[1].unlink()
    assert log.verify(KEY_, 0)[1] != []


def test_many_threads_make_one_chain(tmp_path: Path) -> None:
    threads = [
        threading.Thread(target=lambda: [AuditLog(tmp_path).append(KEY_, "used", STEP) for _ in range(25)])
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert AuditLog(tmp_path).verify(KEY_, 100) == (100, [])


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a device that is always full")
def test_without_a_record_there_is_no_use(filled: Vault) -> None:
    filled.audit.path.unlink()
    filled.audit.path.symlink_to("/dev/full")
    with pytest.raises(VaultError, match="cannot be written to the audit log"):
        filled.held("erp", STEP)


def test_no_line_holds_a_value(filled: Vault) -> None:
    filled.change("erp", {"password": "n3w-password"}, ME)
    for line in filled.audit.path.read_text().splitlines():
        assert not {"tr0ub4dor&3", "n3w-password", "ada"} & {str(value) for value in json.loads(line).values()}
