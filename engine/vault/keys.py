"""Where the master key comes from, and how it opens the data key of a vault.

The data key seals the records; the master key seals the data key. So the master key can change without a record being
touched, and what is kept outside the file opens nothing but this one vault.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, cast, get_args

from engine.core.errors import VaultCorrupt, VaultKeyWrong, VaultLocked
from engine.core.ids import new_id
from engine.core.sentences import say
from engine.vault import cipher, keychain

Origin = Literal["keyring", "passphrase", "variable"]
ORIGINS: tuple[Origin, ...] = get_args(Origin)
Question = Literal["open", "new"]
Ask = Callable[[Question], str]
"""Asks a person for the passphrase of the vault; for a new one it is asked twice. Gives it, or raises."""

KEY = "RPA_VAULT_KEY"
NEW_KEY = "RPA_VAULT_NEW_KEY"
PASSPHRASE = "RPA_VAULT_PASSPHRASE"
NEW_PASSPHRASE = "RPA_VAULT_NEW_PASSPHRASE"
SHORTEST = 8
"""Characters of a passphrase."""
REPAIR = say("Look at what can be saved with `rpa credentials repair`; the damaged file is kept.")


@dataclass(frozen=True, slots=True)
class Access:
    """What there is to open a vault with: variables, and a person to ask where there is one."""

    environment: Mapping[str, str] = field(default_factory=lambda: os.environ, repr=False)
    ask: Ask | None = None

    def passphrase(self) -> str:
        """Raises `VaultLocked` where there is neither the variable nor anybody to ask."""
        given = self.environment.get(PASSPHRASE)
        if given:
            return given
        if self.ask is None:
            raise VaultLocked(
                say("the vault is under a passphrase, and there is nobody here to ask for it"),
                hint=say("Give it in {variable}, or run this where it can be typed.", variable=PASSPHRASE),
            )
        return self.ask("open")

    def new_passphrase(self, *, again: bool) -> str:
        """Raises `VaultLocked` as above, and where it is too short."""
        variable = NEW_PASSPHRASE if again else PASSPHRASE
        given = self.environment.get(variable)
        if not given and self.ask is None:
            raise VaultLocked(
                say("a vault under a passphrase needs one, and there is nobody here to ask for it"),
                hint=say("Give it in {variable}.", variable=variable),
            )
        passphrase = given or cast(Ask, self.ask)("new")
        if len(passphrase) < SHORTEST:
            raise VaultLocked(
                say("the passphrase is shorter than {count} characters", count=SHORTEST),
                hint=say("Take several words that do not belong together."),
            )
        return passphrase


@dataclass(frozen=True, slots=True)
class Lock:
    """The data key under a master key, as it stands in the file. `item` names the master key in the keyring, `check`
    tells a wrong key from a damaged file."""

    origin: Origin
    wrapped: str
    check: str
    item: str = ""
    argon2id: cipher.Argon2id | None = None

    @classmethod
    def read(cls, given: Any) -> Lock:
        """From plain data. Raises `ValueError`."""
        if not isinstance(given, Mapping) or not {"origin", "wrapped", "check"} <= set(given):
            raise ValueError("no lock")
        texts = {name: given.get(name, "") for name in ("origin", "wrapped", "check", "item")}
        if not all(isinstance(text, str) for text in texts.values()) or texts["origin"] not in ORIGINS:
            raise ValueError("a lock of an unknown kind")
        stretch = cipher.Argon2id.read(given["argon2id"]) if texts["origin"] == "passphrase" else None
        return cls(**texts, argon2id=stretch)

    def plain(self) -> dict[str, Any]:
        given: dict[str, Any] = {"origin": self.origin, "wrapped": self.wrapped, "check": self.check}
        if self.item:
            given["item"] = self.item
        if self.argon2id is not None:
            given["argon2id"] = self.argon2id.plain()
        return given

    def open(self, vault: str, access: Access) -> bytes:
        """The data key. Raises `VaultLocked`, `VaultKeyWrong`, `VaultCorrupt`."""
        master = self._master(access)
        try:
            return cipher.unseal(master, self.wrapped, _about(vault, self.origin, self.item, self.argon2id))
        except cipher.Forged:
            if cipher.same(_check(master), self.check):
                raise VaultCorrupt(say("the key part of the vault is damaged"), hint=REPAIR) from None
            raise _wrong(self.origin) from None

    def _master(self, access: Access) -> bytes:
        if self.origin == "keyring":
            return keychain.read(self.item, prompt=access.ask is not None, environment=access.environment)
        if self.argon2id is not None:
            return self.argon2id.key(access.passphrase())
        return _variable(KEY, access)


def preferred(access: Access) -> Origin:
    """Where the master key of a new vault goes: the variable where it is set, the keyring where there is one, else a
    passphrase."""
    if access.environment.get(KEY):
        return "variable"
    if access.environment.get(PASSPHRASE):
        return "passphrase"
    try:
        keychain.name(access.environment)
    except VaultLocked:
        return "passphrase"
    return "keyring"


def new_lock(origin: Origin, vault: str, data_key: bytes, access: Access, *, again: bool = False) -> Lock:
    """A lock with a new master key, which is in its place when this returns. `again`: the vault had one before."""
    item = new_id() if origin == "keyring" else ""
    stretch = cipher.Argon2id.fresh() if origin == "passphrase" else None
    if origin == "keyring":
        master = cipher.random_key()
        keychain.write(item, master, environment=access.environment)
    elif stretch is not None:
        master = stretch.key(access.new_passphrase(again=again))
    else:
        master = _variable(NEW_KEY if again else KEY, access)
    wrapped = cipher.seal(master, data_key, _about(vault, origin, item, stretch))
    return Lock(origin, wrapped, _check(master), item, stretch)


def _variable(name: str, access: Access) -> bytes:
    text = access.environment.get(name, "")
    hint = say("It takes 32 random bytes in Base64 or hexadecimal, as `openssl rand -base64 32` makes them.")
    if not text:
        message = say("the vault is under a key that {name} has to hold, which is not set", name=name)
        raise VaultLocked(message, hint=hint)
    key = cipher.read_key(text)
    if key is None:
        raise VaultKeyWrong(say("what {name} holds is not a key", name=name), hint=hint)
    return key


def _wrong(origin: Origin) -> VaultKeyWrong:
    if origin == "passphrase":
        return VaultKeyWrong(
            say("the passphrase is not that of this vault"), hint=say("Try again; look at Caps Lock and the layout.")
        )
    if origin == "keyring":
        return VaultKeyWrong(
            say("the key in the keyring of this system is not that of this vault"),
            hint=say("It was changed there; bring the former one back, or import an export into a new vault."),
        )
    return VaultKeyWrong(
        say("the key in {name} is not that of this vault", name=KEY), hint=say("Look where it comes from.")
    )


def _check(master: bytes) -> str:
    return cipher.tag(cipher.derived(master, "check"), b"rpa-vault")


def _about(vault: str, origin: str, item: str, stretch: cipher.Argon2id | None) -> list[Any]:
    return ["rpa-vault key", vault, origin, item, stretch.plain() if stretch is not None else None]
