"""Credentials in a file for another machine."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine.core.errors import NoSuchCredential, UsageError, VaultCorrupt, VaultError, VaultKeyWrong
from engine.vault import transfer
from engine.vault.vault import Vault
from tests.unit.engine.vault.conftest import ME, other_letter

PASSPHRASE = "for the journey"


@pytest.fixture
def other(filled: Vault, tmp_path: Path) -> Vault:
    vault = Vault(tmp_path / "other", filled.access)
    vault.add("Shop", "api_key", {"key": "the one here"}, ME)
    return vault


def test_everything_arrives_and_nothing_can_be_read_on_the_way(filled: Vault, tmp_path: Path) -> None:
    file = tmp_path / "all.rpacred"
    assert transfer.export(filled, file, PASSPHRASE, ME) == 3
    assert not {"erp", "ada", "tr0ub4dor&3", "login"} & set(json.loads(file.read_text()))
    assert "tr0ub4dor" not in file.read_text() and "erp" not in file.read_text()
    fresh = Vault(tmp_path / "fresh", filled.access)
    done = transfer.merge(fresh, transfer.read(file, PASSPHRASE), ME)
    assert done.added == ("erp", "shop", "safe")
    for name in done.added:
        assert fresh.held(name, ME).fields == filled.held(name, ME).fields
    assert {one.event for one in filled.audit.entries()} >= {"exported"}
    assert {one.event for one in fresh.audit.entries()} >= {"imported"}


@pytest.mark.parametrize(
    ("conflict", "names", "key"),
    [
        ("keep", ["erp", "Shop"], "the one here"),
        ("replace", ["erp", "Shop"], "k-7Q2w9xZr"),
        ("rename", ["erp", "Shop", "shop-2"], "the one here"),
    ],
)
def test_names_that_are_taken(
    filled: Vault, other: Vault, tmp_path: Path, conflict: transfer.Conflict, names: list[str], key: str
) -> None:
    file = tmp_path / "two.rpacred"
    transfer.export(filled, file, PASSPHRASE, ME, names=("erp", "shop"))
    with pytest.raises(UsageError, match="shop") as refused:
        transfer.merge(other, transfer.read(file, PASSPHRASE), ME)
    assert "--conflict" in refused.value.hint and len(other.records()) == 1
    transfer.merge(other, transfer.read(file, PASSPHRASE), ME, conflict=conflict)
    assert [record.name for record in other.records()] == names
    assert other.held("Shop", ME).fields["key"] == key


def test_what_does_not_open_or_is_no_export_is_told(filled: Vault, tmp_path: Path) -> None:
    file = tmp_path / "all.rpacred"
    transfer.export(filled, file, PASSPHRASE, ME)
    with pytest.raises(VaultKeyWrong, match="passphrase is another one"):
        transfer.read(file, PASSPHRASE + " ")
    given = json.loads(file.read_text())
    for change in ({"sealed": given["sealed"][:-8]}, {"sealed": other_letter(given["sealed"]) + given["sealed"][1:]}):
        file.write_text(json.dumps({**given, **change}))
        with pytest.raises(VaultKeyWrong):
            transfer.read(file, PASSPHRASE)
    for text in ("", "{}", "[1]", json.dumps({**given, "argon2id": {}}), "\0"):
        file.write_text(text)
        with pytest.raises(VaultCorrupt, match="not an export"):
            transfer.read(file, PASSPHRASE)
    file.write_text(json.dumps({**given, "version": 9}))
    with pytest.raises(VaultError, match="newer"):
        transfer.read(file, PASSPHRASE)
    with pytest.raises(VaultError, match="cannot read"):
        transfer.read(tmp_path / "nowhere", PASSPHRASE)
    with pytest.raises(NoSuchCredential):
        transfer.export(filled, file, PASSPHRASE, ME, names=("nope",))
