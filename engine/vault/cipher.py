"""The cryptography of the vault, in the few forms it uses.

Sealing is AES-256-GCM with a random nonce (NIST SP 800-38D) and the context as associated data; passphrases go through
Argon2id (RFC 9106, the second recommended choice); keys are derived by HKDF-Expand with SHA-256 (RFC 5869), one block.
"""

from __future__ import annotations

import base64
import hmac
import json
import os
import unicodedata
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

KEY = 32
"""Bytes of every key."""
_NONCE = 12
_SALT = 16


class Forged(Exception):
    """What was to be opened was sealed with another key, for another place, or changed since."""


def random_key() -> bytes:
    return os.urandom(KEY)


def derived(key: bytes, purpose: str) -> bytes:
    """A key of its own for a purpose."""
    return hmac.digest(key, purpose.encode("ascii") + b"\x01", "sha256")


def canonical(value: Any) -> bytes:
    """Plain data as the same bytes wherever it is written."""
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode("ascii")


def tag(key: bytes, data: bytes) -> str:
    """What only a holder of the key can give of `data` (HMAC with SHA-256, in hexadecimal)."""
    return hmac.digest(key, data, "sha256").hex()


def same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode("utf-8", "replace"), other.encode("utf-8", "replace"))


def seal(key: bytes, data: bytes, about: Any) -> str:
    """`data` sealed for the place that `about` describes, as Base64."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce = os.urandom(_NONCE)
    return base64.b64encode(nonce + AESGCM(key).encrypt(nonce, data, canonical(about))).decode("ascii")


def unseal(key: bytes, text: str, about: Any) -> bytes:
    """What was sealed. Raises `Forged`."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    try:
        sealed = base64.b64decode(text, validate=True)
        return AESGCM(key).decrypt(sealed[:_NONCE], sealed[_NONCE:], canonical(about))
    except (InvalidTag, ValueError):
        raise Forged from None


def read_key(text: str) -> bytes | None:
    """A key of 32 bytes written in hexadecimal or Base64 (also that of addresses); None for anything else."""
    text = text.strip()
    try:
        key = bytes.fromhex(text) if len(text) == 2 * KEY else base64.b64decode(_padded(text), validate=True)
    except ValueError:
        return None
    return key if len(key) == KEY else None


def write_key(key: bytes) -> str:
    return base64.b64encode(key).decode("ascii")


def _padded(text: str) -> str:
    text = text.rstrip("=").replace("-", "+").replace("_", "/")
    return text + "=" * (-len(text) % 4)


@dataclass(frozen=True, slots=True)
class Argon2id:
    """How a passphrase becomes a key. `memory` is in KiB."""

    salt: str
    memory: int = 65536
    iterations: int = 3
    lanes: int = 4

    @classmethod
    def fresh(cls) -> Argon2id:
        return cls(base64.b64encode(os.urandom(_SALT)).decode("ascii"))

    @classmethod
    def read(cls, given: Any) -> Argon2id:
        """From plain data. Raises `ValueError` for parameters that are weak, or that would take the machine down."""
        if not isinstance(given, Mapping) or set(given) != {"salt", "memory", "iterations", "lanes"}:
            raise ValueError("no parameters of Argon2id")
        numbers = [given[name] for name in ("memory", "iterations", "lanes")]
        if not all(type(number) is int for number in numbers) or not isinstance(given["salt"], str):
            raise ValueError("parameters of Argon2id of a wrong type")
        memory, iterations, lanes = numbers
        if not (19_456 <= memory <= 1_048_576 and 1 <= iterations <= 20 and 1 <= lanes <= 16):
            raise ValueError("parameters of Argon2id out of range")
        if len(base64.b64decode(given["salt"], validate=True)) < _SALT:
            raise ValueError("a salt that is too short")
        return cls(given["salt"], memory, iterations, lanes)

    def plain(self) -> dict[str, Any]:
        return asdict(self)

    def key(self, passphrase: str) -> bytes:
        """The key that the passphrase gives; it is normalized first (NFC), as keyboards differ."""
        from cryptography.hazmat.primitives.kdf.argon2 import Argon2id as Function

        function = Function(
            salt=base64.b64decode(self.salt),
            length=KEY,
            iterations=self.iterations,
            lanes=self.lanes,
            memory_cost=self.memory,
        )
        return function.derive(unicodedata.normalize("NFC", passphrase).encode("utf-8", "surrogatepass"))
