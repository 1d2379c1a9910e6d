"""Certificates and private keys, looked at before they are kept: can they be read, do they belong together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.core.errors import BusinessError
from engine.core.sentences import say

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes


def check_certificate(certificate: str, key: str, passphrase: str) -> float:
    """When it expires, in seconds since 1970: the first of a chain, which is the one that the key belongs to.

    Raises `BusinessError` for what cannot be read, and for a key that is not that of the certificate.
    """
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    try:
        found = x509.load_pem_x509_certificates(certificate.encode("utf-8", "replace"))
        public = found[0].public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    except (ValueError, TypeError):
        raise BusinessError(
            say("the certificate cannot be read"),
            hint=say("It has to be in PEM: text that begins with -----BEGIN CERTIFICATE-----."),
        ) from None
    private = _private_key(key, passphrase)
    if private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo) != public:
        raise BusinessError(
            say("the private key is not that of the certificate"),
            hint=say("Where there are several certificates, the first has to be your own."),
        )
    return found[0].not_valid_after_utc.timestamp()


def check_ssh_key(key: str, passphrase: str) -> None:
    """Raises `BusinessError` for a key that cannot be read, or not with this passphrase."""
    _private_key(key, passphrase)


def _private_key(key: str, passphrase: str) -> PrivateKeyTypes:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_ssh_private_key

    data = (key.strip() + "\n").encode("utf-8", "replace")
    load = load_ssh_private_key if b"BEGIN OPENSSH" in data else load_pem_private_key
    password = passphrase.encode("utf-8", "surrogatepass") or None
    try:
        return load(data, password)
    except TypeError:
        if password is None:
            raise BusinessError(
                say("the private key is encrypted"), hint=say("Give the passphrase of the key too.")
            ) from None
        raise BusinessError(
            say("the private key is not encrypted, but there is a passphrase"), hint=say("Leave the passphrase out.")
        ) from None
    except (ValueError, UnsupportedAlgorithm):
        if password is not None:
            raise BusinessError(
                say("the private key cannot be read with this passphrase"), hint=say("Check the passphrase.")
            ) from None
        if b"PuTTY-User-Key-File" in data:
            hint = say("It is a PuTTY key: export it as an OpenSSH key with PuTTYgen.")
        else:
            hint = say("It has to be text that begins with -----BEGIN, whole to its last line.")
        raise BusinessError(say("the private key cannot be read"), hint=hint) from None
