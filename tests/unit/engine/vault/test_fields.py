"""Certificates and keys are looked at before they are kept."""

from __future__ import annotations

import time

import pytest

from engine.core.errors import BusinessError
from engine.vault.fields import assembled, checked
from engine.vault.vault import Vault
from tests.unit.engine.vault.conftest import ME
from tests.unit.engine.vault.pki import certificate, ssh_key

PUTTY = "PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\n"


def test_a_certificate_and_when_it_expires(vault: Vault) -> None:
    chain, key = certificate(30)
    other, _ = certificate()
    record = vault.add("tls", "certificate", {"certificate": chain + other, "key": key}, ME)
    assert abs(record.expires - time.time() - 30 * 86400) < 60
    late, late_key = certificate(-2)
    changed = vault.change("tls", {"certificate": late, "key": late_key}, ME)
    assert changed.expires < time.time()


def test_an_encrypted_key_with_its_passphrase() -> None:
    chain, key = certificate(passphrase="let me in")
    assert checked("certificate", {"certificate": chain, "key": key, "passphrase": "let me in"})[1] > time.time()
    locked = ssh_key("let me in")
    checked("ssh_key", {"username": "ada", "key": locked, "passphrase": "let me in"})
    checked("ssh_key", {"username": "ada", "key": ssh_key().replace("\n", "\r\n")})
    for wrong, told in (("", "is encrypted"), ("let me out", "cannot be read with this passphrase")):
        for kind, fields in (
            ("certificate", {"certificate": chain, "key": key}),
            ("ssh_key", {"username": "ada", "key": locked}),
        ):
            with pytest.raises(BusinessError, match=told):
                checked(kind, {**fields, "passphrase": wrong})


@pytest.mark.parametrize(
    ("key", "passphrase", "told"),
    [
        ("not a key", "", "cannot be read"),
        (PUTTY, "", "cannot be read"),
        ("-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----", "", "cannot be read"),
        ("", "", "lacks: key"),
        (ssh_key(), "one too many", "not encrypted"),
        ("\ud800", "", "cannot be read"),
    ],
)
def test_a_key_that_is_none_is_refused_without_showing_it(key: str, passphrase: str, told: str) -> None:
    with pytest.raises(BusinessError, match=told) as refused:
        checked("ssh_key", {"username": "ada", "key": key, "passphrase": passphrase})
    assert not key.strip() or key.splitlines()[0] not in refused.value.message
    assert (key == PUTTY) == ("PuTTYgen" in refused.value.hint)


def test_a_key_of_another_certificate_is_refused() -> None:
    chain, _ = certificate()
    _, key = certificate()
    with pytest.raises(BusinessError, match="not that of the certificate"):
        checked("certificate", {"certificate": chain, "key": key})
    with pytest.raises(BusinessError, match="the certificate cannot be read"):
        checked(
            "certificate", {"certificate": "-----BEGIN CERTIFICATE-----\nAA\n-----END CERTIFICATE-----", "key": key}
        )


def test_what_may_be_shown_and_what_stands_for_the_whole() -> None:
    login = assembled("erp", "login", {"username": "ada", "password": "tr0ub4dor&3"})
    assert (login.text("username"), login.secret().reveal(), login.text("password")) == ("ada", "tr0ub4dor&3", "")
    one = assembled("safe", "custom", {"pin": "481516"})
    assert one.secret().reveal() == "481516"
    two = assembled("safe", "custom", {"pin": "481516", "value": "the chief"})
    assert two.secret().reveal() == "the chief" and two.shown == {}
    newer = assembled("new", "passkey", {"blob": "of a newer version"})
    assert newer.secret("blob").reveal() == "of a newer version"
