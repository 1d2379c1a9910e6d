"""The keyring of the operating system, where the master key is kept.

Only back ends that are known to encrypt are used. They are named here, and looked for in this order: what other
packages bring, and what configures the `keyring` library, is never asked, so no plaintext file can slip in.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from engine.core.errors import VaultKeyWrong, VaultLocked
from engine.core.sentences import say
from engine.vault import cipher

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

SERVICE = "RPA Studio vault"
CHOICE = "PYTHON_KEYRING_BACKEND"
TRUSTED = (
    "keyring.backends.macOS.Keyring",
    "keyring.backends.Windows.WinVaultKeyring",
    "keyring.backends.SecretService.Keyring",
    "keyring.backends.kwallet.DBusKeyring",
)
_SECRET_SERVICE = TRUSTED[2]
_DEFAULT = "/org/freedesktop/secrets/aliases/default"
_WITHOUT = say("Or keep the vault under a passphrase (`rpa credentials rotate --to passphrase`), or in RPA_VAULT_KEY.")


def name(environment: Mapping[str, str] = os.environ) -> str:
    """The back end that would be used, such as `SecretService`. Raises `VaultLocked` where there is none."""
    return type(_backend(environment)).__module__.rpartition(".")[2]


def read(item: str, *, prompt: bool, environment: Mapping[str, str] = os.environ) -> bytes:
    """The key kept as `item`. With `prompt` the system may ask a person to unlock the keyring.

    Raises `VaultLocked` where the keyring cannot be read, `VaultKeyWrong` where it has no such key.
    """
    backend = _backend(environment)
    with _refusals():
        if not prompt:
            _require_unlocked(backend)
        text = backend.get_password(SERVICE, item)
    if text is None:
        raise VaultKeyWrong(
            say("the keyring of this system has no key for this vault"),
            hint=say(
                "The vault was made by another user or on another machine, or the key was deleted there. "
                "Import an export of it into a new vault, or bring the key back ({service}, {item}).",
                service=SERVICE,
                item=item,
            ),
        )
    key = cipher.read_key(text)
    if key is None:
        raise VaultKeyWrong(
            say("what the keyring of this system holds for this vault is not a key"),
            hint=say("Somebody changed the entry {service}, {item}; bring it back.", service=SERVICE, item=item),
        )
    return key


def write(item: str, key: bytes, *, environment: Mapping[str, str] = os.environ) -> None:
    """Keep a key, and see that it is kept. Raises `VaultLocked`."""
    backend = _backend(environment)
    with _refusals():
        backend.set_password(SERVICE, item, cipher.write_key(key))
        kept = backend.get_password(SERVICE, item)
    if kept != cipher.write_key(key):
        raise VaultLocked(say("the keyring of this system did not keep the key of the vault"), hint=_WITHOUT)


def remove(item: str, *, environment: Mapping[str, str] = os.environ) -> None:
    """Forget a key; does nothing where it is not there or cannot be."""
    from keyring.errors import KeyringError

    try:
        _backend(environment).delete_password(SERVICE, item)
    except (KeyringError, VaultLocked):
        pass


def _backend(environment: Mapping[str, str]) -> KeyringBackend:
    chosen = environment.get(CHOICE, "")
    if chosen and chosen not in TRUSTED:
        raise VaultLocked(
            say("{variable} names {backend}, which does not keep secrets safe", variable=CHOICE, backend=chosen[:100]),
            hint=say("Unset it. {without}", without=_WITHOUT),
        )
    for path in (chosen,) if chosen else TRUSTED:
        module, _, kind = path.rpartition(".")
        try:
            found: type[KeyringBackend] = getattr(importlib.import_module(module), kind)
            found.priority  # noqa: B018 - raises where the back end cannot be used
            return found()
        except (ImportError, RuntimeError, AttributeError, OSError):
            continue
    raise VaultLocked(
        say("this system has no keyring that can be used"),
        hint=say(
            "On Linux that takes a desktop session with D-Bus and GNOME Keyring or KWallet. {without}", without=_WITHOUT
        ),
    )


def _require_unlocked(backend: KeyringBackend) -> None:
    """Raises `VaultLocked` for a locked collection, instead of letting the system wait for somebody at a prompt."""
    if f"{type(backend).__module__}.{type(backend).__name__}" != _SECRET_SERVICE:
        return
    import secretstorage

    connection = secretstorage.dbus_init()
    try:
        if secretstorage.Collection(connection, _DEFAULT).is_locked():
            raise _locked()
    except secretstorage.exceptions.ItemNotFoundException:
        pass
    finally:
        connection.close()


@contextmanager
def _refusals() -> Iterator[None]:
    """What a keyring refuses with, as an error for a person."""
    from keyring.errors import InitError, KeyringError, KeyringLocked

    try:
        yield
    except (KeyringLocked, InitError):
        raise _locked() from None
    except KeyringError as error:
        raise VaultLocked(
            say("the keyring of this system refused: {error}", error=str(error)[:200]), hint=_WITHOUT
        ) from None
    except VaultLocked:
        raise
    except Exception as error:  # of D-Bus, through whatever library the back end uses
        raise VaultLocked(
            say("the keyring of this system does not answer ({error})", error=type(error).__name__),
            hint=say("Log in to the desktop again, or start its keyring. {without}", without=_WITHOUT),
        ) from None


def _locked() -> VaultLocked:
    return VaultLocked(
        say("the keyring of this system is locked"),
        hint=say(
            "Unlock it: log in to the desktop, or run `rpa credentials unlock` there. {without}", without=_WITHOUT
        ),
    )
