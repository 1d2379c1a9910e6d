"""A vault that was damaged or tampered with is refused, and what can be saved of it is."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine.core.errors import VaultCorrupt, VaultError, VaultKeyWrong
from engine.vault import cipher, file, repair
from engine.vault.keys import KEY, NEW_KEY, Access
from engine.vault.vault import Vault
from tests.unit.engine.vault.conftest import ME, other_letter

NAMES = ["erp", "safe", "shop"]


def again(vault: Vault) -> Vault:
    return Vault(vault.path.parent, vault.access)


def test_a_flipped_bit_in_any_byte_is_refused(filled: Vault) -> None:
    whole = filled.path.read_bytes()
    chance = random.Random(7)
    for place in range(len(whole)):
        flipped = bytearray(whole)
        flipped[place] ^= 1 << chance.randrange(8)
        filled.path.write_bytes(flipped)
        with pytest.raises(VaultError):
            again(filled).open()
    filled.path.write_bytes(whole)
    assert again(filled).verify() == 3


def test_a_truncated_file_is_refused_at_every_length(filled: Vault) -> None:
    whole = filled.path.read_bytes()
    for length in range(len(whole) - 1):
        filled.path.write_bytes(whole[:length])
        with pytest.raises(VaultCorrupt) as refused:
            again(filled).open()
    assert "rpa credentials repair" in refused.value.hint


def swap_values(given: Any) -> None:
    records = given["records"]
    records[0]["sealed"], records[1]["sealed"] = records[1]["sealed"], records[0]["sealed"]


def swap_names(given: Any) -> None:
    records = given["records"]
    records[0]["name"], records[1]["name"] = records[1]["name"], records[0]["name"]


def drop(given: Any) -> None:
    del given["records"][0]


def reorder(given: Any) -> None:
    given["records"].reverse()


def repeat(given: Any) -> None:
    given["records"].append(given["records"][0])


def weaken(given: Any) -> None:
    given["records"][0]["kind"] = "custom"


def refresh(given: Any) -> None:
    given["records"][0]["expires"] = 9e9


def count(given: Any) -> None:
    given["generation"] += 1


@pytest.mark.parametrize("change", [swap_values, swap_names, drop, reorder, repeat, weaken, refresh, count])
def test_tampering_is_noticed(filled: Vault, change: Callable[[Any], None]) -> None:
    given = json.loads(filled.path.read_text())
    change(given)
    filled.path.write_text(json.dumps(given, indent=1) + "\n")
    with pytest.raises(VaultCorrupt, match="damaged, or was changed"):
        again(filled).held("erp", ME)


def test_a_former_record_in_a_newer_file_is_noticed(filled: Vault) -> None:
    former = json.loads(filled.path.read_text())
    filled.change("erp", {"password": "n3w-password"}, ME)
    now = json.loads(filled.path.read_text())
    now["records"][0] = former["records"][0]
    filled.path.write_text(json.dumps(now, indent=1) + "\n")
    with pytest.raises(VaultCorrupt):
        again(filled).open()


def test_a_former_file_put_back_is_told_by_the_audit_log(filled: Vault) -> None:
    former = filled.path.read_bytes()
    filled.change("erp", {"password": "n3w-password"}, ME)
    filled.path.write_bytes(former)
    _, findings = again(filled).verify_audit()
    assert "a former file was put back" in findings[0].text


def test_a_record_of_another_vault_is_refused(filled: Vault, tmp_path: Path) -> None:
    other = Vault(tmp_path / "other", filled.access)
    other.add("erp", "login", {"username": "eve", "password": "mine"}, ME)
    given = json.loads(filled.path.read_text())
    given["records"][0] = json.loads(other.path.read_text())["records"][0]
    filled.path.write_text(json.dumps(given, indent=1) + "\n")
    with pytest.raises(VaultCorrupt):
        again(filled).open()


def test_another_key_is_told_from_a_damaged_file(filled: Vault) -> None:
    with pytest.raises(VaultKeyWrong, match="RPA_VAULT_KEY is not that"):
        Vault(filled.path.parent, Access({KEY: cipher.write_key(b"\x01" * 32)})).open()
    given = json.loads(filled.path.read_text())
    wrapped = given["lock"]["wrapped"]
    given["lock"]["wrapped"] = other_letter(wrapped) + wrapped[1:]
    filled.path.write_text(json.dumps(given, indent=1) + "\n")
    with pytest.raises(VaultCorrupt, match="the key part"):
        again(filled).open()


def mended(vault: Vault) -> repair.RepairPlan:
    before = vault.path.read_bytes() if vault.path.exists() else None
    plan = repair.plan(vault)
    assert (vault.path.read_bytes() if vault.path.exists() else None) == before
    assert not plan.healthy
    damaged = repair.carry_out(vault, plan, ME)
    assert (damaged.read_bytes() if damaged is not None else None) == before
    assert again(vault).verify() == len(plan.kept) + len(plan.restored)
    assert again(vault).verify_audit()[1] == []
    return plan


def test_a_healthy_vault_needs_no_repair(filled: Vault) -> None:
    assert repair.plan(filled).healthy


def test_what_is_whole_is_kept_and_the_rest_comes_from_the_backup(filled: Vault) -> None:
    filled.change("shop", {"key": "k-newer-one"}, ME)
    given = json.loads(filled.path.read_text())
    given["records"][0]["sealed"] = "AAAA" + given["records"][0]["sealed"][4:]
    filled.path.write_text(json.dumps(given, indent=1) + "\n")
    plan = mended(filled)
    assert (plan.kept, plan.restored, plan.lost) == (("safe", "shop"), ("erp",), ())
    assert again(filled).held("shop", ME).fields["key"] == "k-newer-one"
    assert again(filled).held("erp", ME).fields["password"] == "tr0ub4dor&3"


@pytest.mark.parametrize("content", [b"", b"{", b"\0" * 100, None])
def test_a_file_that_is_gone_or_no_vault_any_more_comes_from_the_backup(filled: Vault, content: bytes | None) -> None:
    filled.rename("erp", "ERP", ME)
    if content is None:
        filled.path.unlink()
    else:
        filled.path.write_bytes(content)
    plan = mended(filled)
    assert (plan.kept, sorted(plan.restored)) == ((), NAMES)


def test_a_damaged_key_part_comes_from_the_backup(filled: Vault) -> None:
    filled.change("shop", {"key": "k-newer-one"}, ME)
    given = json.loads(filled.path.read_text())
    given["lock"]["wrapped"] = given["lock"]["check"] = ""
    filled.path.write_text(json.dumps(given, indent=1) + "\n")
    assert mended(filled).kept == ("erp", "safe", "shop")
    assert again(filled).held("shop", ME).fields["key"] == "k-newer-one"


def test_a_record_put_back_from_an_older_file_is_taken_from_the_backup(filled: Vault) -> None:
    former = json.loads(filled.path.read_text())["records"][0]
    filled.change("erp", {"password": "n3w-password"}, ME)
    filled.remove("shop", ME)
    now = json.loads(filled.path.read_text())
    now["records"][0] = former
    filled.path.write_text(json.dumps(now, indent=1) + "\n")
    assert "erp" in mended(filled).restored
    assert again(filled).held("erp", ME).fields["password"] == "n3w-password"


def test_what_neither_file_has_is_said_to_be_lost(filled: Vault) -> None:
    for path in (filled.path, file.backup(filled.path)):
        given = json.loads(path.read_text())
        given["records"] = [
            {**record, "sealed": ""} if record["name"] == "erp" else record for record in given["records"]
        ]
        path.write_text(json.dumps(given, indent=1) + "\n")
    plan = mended(filled)
    assert plan.lost == ("erp",) and set(plan.kept) | set(plan.restored) == {"safe", "shop"}


def test_repair_takes_the_key(filled: Vault) -> None:
    filled.path.write_bytes(b"{")
    with pytest.raises(VaultKeyWrong):
        repair.plan(Vault(filled.path.parent, Access({KEY: cipher.write_key(b"\x01" * 32)})))
    file.backup(filled.path).write_bytes(b"")
    with pytest.raises(VaultCorrupt, match="neither"):
        repair.plan(again(filled))


def test_a_crash_between_the_files_of_a_rotation_can_be_repaired(filled: Vault) -> None:
    rotating = Vault(filled.path.parent, Access({**filled.access.environment, NEW_KEY: cipher.write_key(b"\x07" * 32)}))
    former = filled.path.read_bytes()
    rotating.rotate(ME)
    file.write(file.backup(filled.path), former)
    assert Vault(filled.path.parent, Access({KEY: cipher.write_key(b"\x07" * 32)})).verify() == 3
