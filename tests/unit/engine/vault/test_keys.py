"""Where the master key comes from, and what is said where it cannot be had."""

from __future__ import annotations

import base64
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.core.errors import VaultKeyWrong, VaultLocked
from engine.vault import cipher, keychain
from engine.vault.keys import KEY, NEW_PASSPHRASE, PASSPHRASE, Access, Question, preferred
from engine.vault.vault import Vault
from tests.unit.engine.vault.conftest import ME

ROOT = Path(__file__).parents[4]
NO_BUS = {"DBUS_SESSION_BUS_ADDRESS": "unix:path=/nowhere"}


def answering(answers: dict[Question, str]) -> Callable[[Question], str]:
    return lambda question: answers[question]


@pytest.mark.parametrize(
    "write",
    [
        bytes.hex,
        lambda key: base64.b64encode(key).decode(),
        lambda key: base64.urlsafe_b64encode(key).decode().rstrip("="),
    ],
)
def test_a_key_in_any_usual_spelling(tmp_path: Path, write: Callable[[bytes], str]) -> None:
    key = bytes(range(224, 256))
    assert cipher.read_key(f" {write(key)}\n") == key
    Vault(tmp_path, Access({KEY: write(key)})).add("a", "token", {"token": "t-1"}, ME)
    assert Vault(tmp_path, Access({KEY: key.hex()})).verify() == 1


@pytest.mark.parametrize("text", ["secret", "ab" * 31, "ä" * 64, base64.b64encode(b"x" * 31).decode(), "=" * 64])
def test_what_is_no_key_is_told(tmp_path: Path, text: str) -> None:
    with pytest.raises(VaultKeyWrong, match="is not a key") as refused:
        Vault(tmp_path, Access({KEY: text})).add("a", "token", {"token": "t-1"}, ME)
    assert "openssl rand" in refused.value.hint and text not in refused.value.message


def test_a_vault_under_a_passphrase(tmp_path: Path) -> None:
    vault = Vault(tmp_path, Access({PASSPHRASE: "correct horse staple"}))
    vault.add("a", "token", {"token": "t-1"}, ME)
    assert vault.lock is not None and vault.lock.origin == "passphrase"
    assert (vault.lock.argon2id is not None) and vault.lock.argon2id.memory == 65536
    assert Vault(tmp_path, Access({}, answering({"open": "correct horse staple"}))).verify() == 1
    with pytest.raises(VaultKeyWrong, match="passphrase is not that"):
        Vault(tmp_path, Access({}, answering({"open": "correct horse stable"}))).open()
    with pytest.raises(VaultLocked, match="nobody here") as refused:
        Vault(tmp_path, Access({})).open()
    assert PASSPHRASE in refused.value.hint
    changing = Access({}, answering({"open": "correct horse staple", "new": "another one entirely"}))
    Vault(tmp_path, changing).rotate(ME)
    assert Vault(tmp_path, Access({PASSPHRASE: "another one entirely"})).verify() == 1


def test_a_passphrase_is_the_same_however_the_keyboard_writes_it(tmp_path: Path) -> None:
    Vault(tmp_path, Access({PASSPHRASE: "café au lait"})).add("a", "token", {"token": "t-1"}, ME)
    assert Vault(tmp_path, Access({PASSPHRASE: "cafe\u0301 au lait"})).verify() == 1


def test_a_short_passphrase_is_refused(tmp_path: Path) -> None:
    with pytest.raises(VaultLocked, match="shorter"):
        Vault(tmp_path, Access({PASSPHRASE: "short"})).add("a", "token", {"token": "t-1"}, ME)
    assert not (tmp_path / "vault.json").exists()


def test_rotating_unattended_takes_a_new_passphrase(tmp_path: Path) -> None:
    environment = {PASSPHRASE: "correct horse staple"}
    Vault(tmp_path, Access(environment)).add("a", "token", {"token": "t-1"}, ME)
    with pytest.raises(VaultLocked, match="needs one"):
        Vault(tmp_path, Access(environment)).rotate(ME)
    Vault(tmp_path, Access({**environment, NEW_PASSPHRASE: "another one entirely"})).rotate(ME)
    assert Vault(tmp_path, Access({PASSPHRASE: "another one entirely"})).verify() == 1


@pytest.mark.parametrize(
    "change",
    [
        {"memory": 4_000_000_000},
        {"memory": 8},
        {"iterations": 10_000},
        {"lanes": 0},
        {"salt": ""},
        {"salt": 5},
        {"lanes": True},
        {"more": 1},
    ],
)
def test_parameters_that_are_weak_or_would_take_the_machine_down_are_refused(change: dict[str, object]) -> None:
    given = {**cipher.Argon2id.fresh().plain(), **change}
    with pytest.raises(ValueError):
        cipher.Argon2id.read(given)


@pytest.mark.parametrize(
    "backend",
    [
        "keyring.backends.null.Keyring",
        "keyring.backends.fail.Keyring",
        "keyring.backends.chainer.ChainerBackend",
        "keyrings.alt.file.PlaintextKeyring",
        "keyrings.alt.file.EncryptedKeyring",
    ],
)
def test_a_back_end_that_does_not_keep_secrets_safe_is_refused(backend: str, tmp_path: Path) -> None:
    with pytest.raises(VaultLocked, match="does not keep secrets safe"):
        keychain.name({keychain.CHOICE: backend})
    assert preferred(Access({keychain.CHOICE: backend})) == "passphrase"
    with pytest.raises(VaultLocked):
        Vault(tmp_path, Access({keychain.CHOICE: backend})).add("a", "token", {"token": "t"}, ME)
    assert list(tmp_path.glob("vault.json*")) == [tmp_path / "vault.json.lock"]


PROGRAM = """
import os, sys
from pathlib import Path
from engine.core.errors import VaultError
from engine.vault import keychain
from engine.vault.keys import Access
from engine.vault.vault import Vault
from tests.unit.engine.vault.conftest import ME
vault = Vault(Path(sys.argv[1]), Access(dict(os.environ)))
try:
    for word in sys.argv[2:]:
        if word == "add":
            vault.add("erp", "login", {"username": "ada", "password": "tr0ub4dor&3"}, ME)
        elif word == "open":
            print(vault.held("erp", ME).fields["username"], vault.lock.origin, keychain.name())
        elif word == "rotate":
            former = vault.lock.item
            vault.rotate(ME)
            try:
                keychain.read(former, prompt=False)
            except VaultError:
                print("former key forgotten")
            vault.close()
        elif word == "lock":
            import secretstorage
            connection = secretstorage.dbus_init()
            secretstorage.get_default_collection(connection).lock()
            connection.close()
            vault.close()
        elif word == "spoil":
            keychain.write(vault.lock.item, b"7" * 32)
            vault.close()
        elif word == "garble":
            keychain._backend(os.environ).set_password(keychain.SERVICE, vault.lock.item, "nonsense")
            vault.close()
        elif word == "lose":
            keychain.remove(vault.lock.item)
            vault.close()
except VaultError as error:
    print(type(error).__name__, error.message, "|", error.hint)
"""


def in_session(tmp_path: Path, *words: str) -> str:
    """What the program says in a desktop session of its own, with GNOME's keyring in it, which ends with the session."""
    for program in ("dbus-run-session", "gnome-keyring-daemon"):
        assert shutil.which(program), f"{program} is missing"
    folder = tmp_path / "home"
    for name in (folder, tmp_path / "run"):
        name.mkdir(mode=0o700, exist_ok=True)
    start = "printf pw | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1"
    script = f'{start}; \'{sys.executable}\' -c "$PROGRAM" "$@"'
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    environment = {
        **kept,
        "HOME": str(folder),
        "XDG_RUNTIME_DIR": str(tmp_path / "run"),
        "PYTHONPATH": str(ROOT),
        "PROGRAM": PROGRAM,
    }
    run = subprocess.run(
        ["dbus-run-session", "--", "bash", "-c", script, "bash", str(tmp_path), *words],
        env=environment,
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert run.returncode == 0, run.stderr
    return run.stdout


def test_the_key_is_kept_in_the_keyring_of_the_system(tmp_path: Path) -> None:
    said = in_session(tmp_path, "add", "open", "rotate", "open")
    assert said.splitlines() == ["ada keyring SecretService", "former key forgotten", "ada keyring SecretService"]


@pytest.mark.parametrize(
    ("words", "said", "hint"),
    [
        (("add", "lock", "open"), "VaultLocked the keyring of this system is locked", "rpa credentials unlock"),
        (
            ("add", "spoil", "open"),
            "VaultKeyWrong the key in the keyring of this system is not that",
            "bring the former",
        ),
        (("add", "garble", "open"), "VaultKeyWrong what the keyring of this system holds", "bring it back"),
        (
            ("add", "lose", "open"),
            "VaultKeyWrong the keyring of this system has no key for this vault",
            "Import an export",
        ),
    ],
)
def test_a_keyring_that_does_not_give_the_key_is_told_with_what_to_do(
    tmp_path: Path, words: tuple[str, ...], said: str, hint: str
) -> None:
    told = in_session(tmp_path, *words)
    assert told.startswith(said) and hint in told


def test_without_a_desktop_session_the_vault_of_one_says_so(tmp_path: Path) -> None:
    in_session(tmp_path, "add")
    environment = {**os.environ, **NO_BUS, "PYTHONPATH": str(ROOT)}
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path), "open"],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert run.stdout.startswith("VaultLocked this system has no keyring that can be used"), run.stderr
    assert "RPA_VAULT_KEY" in run.stdout
