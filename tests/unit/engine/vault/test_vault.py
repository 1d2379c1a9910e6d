"""What the vault keeps, what it refuses, and what is left on the disk."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from engine.core import faults
from engine.core.errors import BusinessError, NoSuchCredential, UsageError, VaultBusy, VaultCorrupt, VaultError
from engine.core.secrets import redact
from engine.vault import file
from engine.vault.keys import KEY, Access
from engine.vault.vault import Vault
from tests.unit.engine.vault.conftest import ME


def test_what_was_put_in_comes_out_also_of_another_process(filled: Vault, access: Access) -> None:
    again = Vault(filled.path.parent, access)
    assert [record.name for record in again.records()] == ["erp", "safe", "shop"]
    assert dict(again.held("erp", ME).fields) == {"username": "ada", "password": "tr0ub4dor&3"}
    assert again.held("safe", ME).fields["note"] == "line one\nline two 😀"
    assert again.generation == 3


def test_names_need_no_key_and_values_stand_nowhere(filled: Vault) -> None:
    text = filled.path.read_text() + filled.audit.path.read_text() + file.backup(filled.path).read_text()
    for value in ("tr0ub4dor&3", "k-7Q2w9xZr", "481-516", '"ada"', "line one"):
        assert value not in text
    assert [record.kind for record in Vault(filled.path.parent, Access({})).records()] == ["login", "custom", "api_key"]
    if os.name != "nt":
        assert {stat.S_IMODE(path.stat().st_mode) for path in filled.path.parent.iterdir()} == {0o600}


def test_what_the_vault_holds_is_masked_in_this_process(filled: Vault, access: Access) -> None:
    assert "tr0ub4dor" not in redact("password tr0ub4dor&3")
    assert repr(filled.held("erp", ME)).count("tr0ub4dor") == 0


def test_changing_renaming_and_removing(filled: Vault) -> None:
    filled.change("erp", {"password": "n3w-password"}, ME)
    assert dict(filled.held("erp", ME).fields) == {"username": "ada", "password": "n3w-password"}
    filled.change("safe", {"note": None}, ME)
    assert dict(filled.held("safe", ME).fields) == {"pin": "481-516"}
    assert filled.rename("erp", "ERP", ME).revision == 3
    with pytest.raises(NoSuchCredential) as refused:
        filled.held("erp", ME)
    assert "'ERP'" in refused.value.hint
    filled.remove("ERP", ME)
    assert [record.name for record in filled.records()] == ["safe", "shop"]


@pytest.mark.parametrize(
    ("name", "kind", "fields", "told"),
    [
        ("Shop", "token", {"token": "x" * 9}, "already"),
        ("a.b", "token", {"token": "x"}, "cannot be the name"),
        ("", "token", {"token": "x"}, "cannot be the name"),
        ("a\nb", "token", {"token": "x"}, "cannot be the name"),
        ("new", "tokens", {"token": "x"}, "no kind"),
        ("new", "token", {"tokn": "x"}, "no field"),
        ("new", "login", {"username": "ada"}, "lacks: password"),
        ("new", "login", {"username": "ada", "password": ""}, "lacks: password"),
        ("new", "custom", {"two words": "x"}, "name of a field"),
        ("new", "custom", {}, "needs a field"),
        ("new", "token", {"token": "x" * 1_000_001}, "longer than"),
        ("new", "database", {"url": "postgresql://a:b@host/db", "username": "a", "password": "b"}, "holds a password"),
        ("new", "oauth2", {"token_url": "http://login.example.com/t", "client_id": "a"}, "unencrypted"),
        ("new", "oauth2", {"token_url": "login", "client_id": "a"}, "not an address"),
    ],
)
def test_what_cannot_be_right_is_refused(
    filled: Vault, name: str, kind: str, fields: dict[str, str], told: str
) -> None:
    before = filled.path.read_bytes()
    with pytest.raises((UsageError, BusinessError), match=told):
        filled.add(name, kind, fields, ME)
    assert filled.path.read_bytes() == before


def test_every_value_survives(vault: Vault, access: Access) -> None:
    values = {"a": "\0", "b": "\ud800", "c": "é\r\n", "d": '"\\', "e": " \t", "f": "x" * 100_000}
    vault.add("all", "custom", values, ME)
    assert dict(Vault(vault.path.parent, access).held("all", ME).fields) == values


def test_another_vault_sees_a_change_at_once(filled: Vault, access: Access) -> None:
    other = Vault(filled.path.parent, access)
    stamp = other.stamp
    other.open()
    filled.change("erp", {"password": "from the other one"}, ME)
    assert other.stamp != stamp
    assert other.held("erp", ME).fields["password"] == "from the other one"


def test_two_writers_lose_nothing(tmp_path: Path, access: Access) -> None:
    def add(writer: int) -> None:
        vault = Vault(tmp_path, access)
        for number in range(8):
            vault.add(f"c{writer}-{number}", "token", {"token": f"{writer}-{number}"}, ME)

    threads = [threading.Thread(target=add, args=(writer,)) for writer in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    vault = Vault(tmp_path, access)
    assert vault.verify() == 24 == vault.generation
    assert vault.verify_audit() == (24, [])


def test_a_writer_that_does_not_end_is_told(filled: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file, "PATIENCE", 0.1)
    monkeypatch.setattr(file.writing.__wrapped__, "__defaults__", (0.1,))  # type: ignore[attr-defined]
    with file.writing(filled.path), pytest.raises(VaultBusy):
        Vault(filled.path.parent, filled.access).remove("erp", ME)
    assert "erp" in {record.name for record in filled.records()}


@pytest.mark.parametrize(("point", "nth"), [(file.BACKED_UP, 1), (file.WRITTEN, 1), (file.WRITTEN, 2)])
def test_a_crash_while_writing_leaves_the_vault_before_or_after(filled: Vault, point: str, nth: int) -> None:
    program = f"""
from pathlib import Path
from engine.vault.vault import Vault
from tests.unit.engine.vault.conftest import ME
Vault(Path({str(filled.path.parent)!r})).change("erp", {{"password": "after"}}, ME)
"""
    environment = {**os.environ, KEY: filled.access.environment[KEY], faults.VARIABLE: f"{point}:{nth}"}
    run = subprocess.run([sys.executable, "-c", program], env=environment, cwd=Path(__file__).parents[4])
    assert run.returncode == -9
    again = Vault(filled.path.parent, filled.access)
    assert again.verify() == 3
    assert again.held("erp", ME).fields["password"] == "tr0ub4dor&3"
    again.change("erp", {"password": "after"}, ME)
    assert again.verify_audit()[1] == []


def test_a_disk_that_refuses_is_told_and_nothing_is_lost(filled: Vault) -> None:
    before = filled.path.read_bytes()
    with faults.arm(file.WRITTEN, "io"), pytest.raises(VaultError, match="cannot write"):
        filled.change("erp", {"password": "after"}, ME)
    assert filled.path.read_bytes() == before
    assert filled.held("erp", ME).fields["password"] == "tr0ub4dor&3"
    assert not list(filled.path.parent.glob("*.tmp"))


def test_rotating_makes_the_former_key_useless(filled: Vault, access: Access, tmp_path: Path) -> None:
    from engine.vault import cipher
    from engine.vault.keys import NEW_KEY

    fresh = cipher.write_key(b"\x07" * 32)
    rotating = Vault(tmp_path, Access({**access.environment, NEW_KEY: fresh}))
    sealed = {record.id: record.sealed for record in filled.records()}
    rotating.rotate(ME)
    assert {record.id: record.sealed for record in filled.records()} == sealed
    assert file.backup(filled.path).read_bytes() == filled.path.read_bytes()
    with pytest.raises(VaultError, match="not that of this vault"):
        Vault(tmp_path, access).open()
    again = Vault(tmp_path, Access({KEY: fresh, NEW_KEY: access.environment[KEY]}))
    assert again.verify() == 3
    again.rotate(ME, data=True)
    assert not {record.sealed for record in again.records()} & set(sealed.values())
    assert Vault(tmp_path, access).verify() == 3
    assert Vault(tmp_path, access).verify_audit()[1] == []


def test_only_a_backup_is_no_empty_vault(filled: Vault) -> None:
    filled.path.unlink()
    for call in (filled.records, lambda: filled.add("new", "token", {"token": "x"}, ME), filled.open):
        with pytest.raises(VaultCorrupt, match="only its backup"):
            call()


def test_a_vault_of_a_newer_version_is_left_alone(filled: Vault) -> None:
    given = json.loads(filled.path.read_text())
    filled.path.write_text(json.dumps({**given, "version": 2, "more": 1}))
    with pytest.raises(VaultError, match="newer version"):
        Vault(filled.path.parent, filled.access).records()


def test_many_processes_read_while_one_writes(filled: Vault) -> None:
    program = f"""
from pathlib import Path
from engine.vault.vault import Vault
from tests.unit.engine.vault.conftest import ME
vault = Vault(Path({str(filled.path.parent)!r}))
for _ in range(60):
    vault.held("erp", ME)
"""
    environment = {**os.environ, KEY: filled.access.environment[KEY]}
    root = Path(__file__).parents[4]
    readers = [subprocess.Popen([sys.executable, "-c", program], env=environment, cwd=root) for _ in range(2)]
    for number in range(25):
        filled.change("erp", {"password": f"p-{number:03}"}, ME)
    assert [reader.wait() for reader in readers] == [0, 0]
    assert filled.verify_audit() == (3 + 25 + 120, [])
