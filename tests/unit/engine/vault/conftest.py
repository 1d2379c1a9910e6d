"""A vault under a key that is given, so that no keyring is needed and no time is lost on Argon2id."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.core.secrets import Use
from engine.vault import cipher
from engine.vault.keys import KEY, Access
from engine.vault.vault import Vault

ME = Use("a test")


@pytest.fixture
def access() -> Access:
    return Access({KEY: cipher.write_key(bytes(range(32)))})


@pytest.fixture
def vault(tmp_path: Path, access: Access) -> Iterator[Vault]:
    yield Vault(tmp_path, access)


@pytest.fixture
def filled(vault: Vault) -> Vault:
    """A login, an API key and a credential of custom fields."""
    vault.add("erp", "login", {"username": "ada", "password": "tr0ub4dor&3"}, ME)
    vault.add("shop", "api_key", {"key": "k-7Q2w9xZr"}, ME)
    vault.add("safe", "custom", {"pin": "481-516", "note": "line one\nline two 😀"}, ME)
    return vault


def other_letter(text: str) -> str:
    """A letter of Base64 that `text` does not begin with."""
    return "B" if text.startswith("A") else "A"
