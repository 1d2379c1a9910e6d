"""Where a step gets its secrets from, and what it costs a run that uses none."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from engine.core.errors import BusinessError, SystemFault
from engine.core.secrets import Use
from engine.vault.keys import KEY
from engine.vault.source import EnvironmentSecrets, VaultSecrets
from engine.vault.vault import Vault
from tests.unit.engine.vault.conftest import ME
from tests.unit.engine.vault.pki import certificate

USE = Use("http.request", "an-execution", "send")


def source(vault: Vault, **environment: str) -> VaultSecrets:
    return VaultSecrets(vault.path.parent, environment={**vault.access.environment, **environment})


async def test_a_secret_is_the_chief_field_or_the_one_that_is_named(filled: Vault) -> None:
    secrets = source(filled)
    assert (await secrets.reveal("erp", USE)).reveal() == "tr0ub4dor&3"
    assert (await secrets.reveal("safe.pin", USE)).reveal() == "481-516"
    found = await secrets.credential("erp", USE)
    assert (found.kind, found.text("username"), found.secret().reveal()) == ("login", "ada", "tr0ub4dor&3")
    assert [(one.event, one.credential, one.fields, one.step) for one in filled.audit.entries(limit=3)] == [
        ("used", "erp", (), "send"),
        ("used", "safe", ("pin",), "send"),
        ("used", "erp", (), "send"),
    ]
    with pytest.raises(BusinessError, match="has no token"):
        await secrets.reveal("erp.token", USE)


async def test_the_environment_comes_first(filled: Vault) -> None:
    secrets = source(
        filled,
        RPA_SECRET_ERP="from outside",
        RPA_SECRET_SFTP_USERNAME="ada",
        RPA_SECRET_SFTP_PASSWORD="pw-of-sftp",
        RPA_SECRET_SAFE_PIN="pin-of-outside",
        RPA_SECRET_KEYED_KEY="a-key",
    )
    assert (await secrets.reveal("erp", USE)).reveal() == "from outside"
    assert (await secrets.credential("erp", USE)).secret().reveal() == "from outside"
    login = await secrets.credential("sftp", USE)
    assert (login.kind, login.text("username"), login.secret().reveal()) == ("login", "ada", "pw-of-sftp")
    assert (await secrets.reveal("sftp", USE)).reveal() == "pw-of-sftp"
    assert (await secrets.reveal("safe.pin", USE)).reveal() == "pin-of-outside"
    assert (await secrets.credential("keyed", USE)).kind == "api_key"
    assert len(filled.audit.entries()) == 3
    assert (await secrets.reveal("shop", USE)).reveal() == "k-7Q2w9xZr"


async def test_what_is_nowhere_is_told_with_both_ways(filled: Vault, tmp_path: Path) -> None:
    with pytest.raises(BusinessError, match="there is no secret 'shopp'") as refused:
        await source(filled).reveal("shopp", USE)
    assert "'shop'" in refused.value.hint and "RPA_SECRET_SHOPP" in refused.value.hint
    with pytest.raises(BusinessError) as refused:
        await VaultSecrets(tmp_path / "nowhere", environment={}).credential("erp", USE)
    assert "rpa credentials add" in refused.value.hint and not (tmp_path / "nowhere").exists()
    with pytest.raises(BusinessError):
        await EnvironmentSecrets({}).credential("erp", USE)
    with pytest.raises(BusinessError):
        await EnvironmentSecrets({}).reveal("erp", USE)


async def test_a_vault_that_does_not_open_is_a_fault_where_a_retry_may_help(filled: Vault) -> None:
    closed = VaultSecrets(filled.path.parent, environment={})
    with pytest.raises(SystemFault, match="RPA_VAULT_KEY") as locked:
        await closed.reveal("erp", USE)
    assert locked.value.hint
    with pytest.raises(BusinessError, match="not that of this vault"):
        await VaultSecrets(filled.path.parent, environment={KEY: "00" * 32}).reveal("erp", USE)
    filled.path.write_text("{")
    with pytest.raises(BusinessError, match="damaged") as damaged:
        await source(filled).credential("erp", USE)
    assert "repair" in damaged.value.hint


async def test_a_certificate_that_expired_is_told_when_it_is_used(vault: Vault) -> None:
    chain, key = certificate(-1)
    vault.add("tls", "certificate", {"certificate": chain, "key": key}, ME)
    day = time.strftime("%Y-%m-%d", time.localtime(vault.record("tls").expires))
    with pytest.raises(BusinessError, match=f"expired on {day}") as refused:
        await source(vault).credential("tls", USE)
    assert "rpa credentials edit" in refused.value.hint


def test_a_run_without_secrets_imports_nothing_for_them(tmp_path: Path) -> None:
    (tmp_path / "a.rpa.yaml").write_text(
        "rpa: 1\nname: a\nsteps:\n  - {id: s, activity: control.set, with: {values: {a: 1}}}\n"
    )
    program = f"""
import os, sys
os.environ["RPA_HOME"] = {str(tmp_path / "home")!r}
from engine.cli.main import interpret
code = interpret(["run", {str(tmp_path / "a.rpa.yaml")!r}])
heavy = {{"cryptography", "keyring", "secretstorage", "httpx", "engine.vault.vault", "engine.vault.fields"}}
print(code, sorted(heavy & set(sys.modules)), file=sys.stderr)
"""
    root = Path(__file__).parents[4]
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=root)
    assert run.stderr.strip() == "0 []", run.stderr
