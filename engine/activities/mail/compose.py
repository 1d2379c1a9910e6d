"""A mail made from its parts."""

from __future__ import annotations

import mimetypes
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, getaddresses, localtime
from pathlib import Path

from engine.core.sentences import say
from engine.sdk import BusinessError
from engine.sdk.files import read_bytes

_OWN = {"from", "to", "cc", "bcc", "reply-to", "subject", "date", "message-id", "mime-version", "content-type",
        "content-transfer-encoding"}  # fmt: skip


@dataclass(frozen=True)
class Draft:
    """What a person says of a mail. Addresses are texts such as `Ada <ada@example.com>`, several with commas."""

    sender: str
    to: list[str]
    subject: str = ""
    text: str = ""
    html: str = ""
    cc: list[str] = field(default_factory=list)
    bcc: list[str] = field(default_factory=list)
    reply_to: list[str] = field(default_factory=list)
    attachments: list[Path] = field(default_factory=list)
    pictures: Mapping[str, Path] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Letter:
    """A mail ready to be sent. `international`: it has an address that only SMTPUTF8 can carry."""

    sender: str
    recipients: list[str]
    message_id: str
    content: bytes
    international: bool


def composed(draft: Draft, key: str) -> Letter:
    """The mail, with a Message-ID that is always the same for `key`. It reads files: call it in a thread.

    Raises `BusinessError` for an address, a header or a picture that is none, as `file_error` for files.
    """
    senders = addresses([draft.sender])
    if len(senders) != 1:
        raise BusinessError(say("a mail has one sender, not {count}", count=len(senders)))
    sender = senders[0]
    to, cc, bcc = addresses(draft.to), addresses(draft.cc), addresses(draft.bcc)
    recipients = list(dict.fromkeys(one.addr_spec for one in (*to, *cc, *bcc)))
    if not recipients:
        raise BusinessError(say("the mail has no recipient"), hint=say("Fill in 'To'."))
    message = EmailMessage(SMTP)
    message_id = f"<{uuid.uuid5(uuid.NAMESPACE_OID, key)}@{sender.domain}>"
    try:
        message["From"] = sender
        for name, them in (("To", to), ("Cc", cc), ("Reply-To", addresses(draft.reply_to))):
            if them:
                message[name] = them
        message["Subject"] = " ".join(draft.subject.split())
        message["Date"] = format_datetime(localtime())
        message["Message-ID"] = message_id
        for name, value in draft.headers.items():
            if name.lower() in _OWN:
                raise BusinessError(
                    say("the header {name} is made by the step itself", name=name), hint=say("Take it out.")
                )
            message[name] = str(value)
        _fill(message, draft)
        international = any(not one.isascii() for one in (sender.addr_spec, *recipients))
        content = message.as_bytes(policy=SMTP.clone(utf8=True) if international else SMTP)
    except (ValueError, UnicodeError, LookupError, MessageError, TypeError) as error:
        raise BusinessError(
            say("the mail cannot be written: {error}", error=error),
            hint=say("Check the headers for line breaks, and the texts for characters that are none."),
        ) from None
    return Letter(sender.addr_spec, recipients, message_id, content, international)


def addresses(texts: Iterable[str]) -> list[Address]:
    """The addresses in texts. Raises `BusinessError` for a text that is none."""
    found = []
    for text in texts:
        if not text.strip():
            continue
        for name, spec in getaddresses([text.replace(";", ",")]):
            user, at, domain = spec.rpartition("@")
            try:
                if not (user and at and domain) or any(sign.isspace() or not sign.isprintable() for sign in spec):
                    raise ValueError
                if not domain.isascii():
                    domain = domain.encode("idna").decode("ascii")
                found.append(Address(name, user, domain))
            except (ValueError, UnicodeError, IndexError, MessageError):
                raise BusinessError(
                    say("{text!a} is not a mail address", text=text[:200]),
                    hint=say("Write ada@example.com, or Ada Lovelace <ada@example.com>."),
                ) from None
    return found


def _fill(message: EmailMessage, draft: Draft) -> None:
    if draft.text or not draft.html:
        message.set_content(draft.text)
    if draft.html:
        if draft.text:
            message.add_alternative(draft.html, subtype="html")
        else:
            message.set_content(draft.html, subtype="html")
    if draft.pictures:
        if not draft.html:
            raise BusinessError(say("there are pictures, but no HTML text that shows them"))
        shown = message.get_body(("html",))
        if shown is None:
            raise BusinessError(say("there are pictures, but no HTML text that shows them"))
        for name, path in draft.pictures.items():
            main, sub = _media_type(path)
            shown.add_related(read_bytes(path), main, sub, cid=f"<{name}>", filename=path.name, disposition="inline")
    for path in draft.attachments:
        main, sub = _media_type(path)
        message.add_attachment(read_bytes(path), main, sub, filename=path.name)


def _media_type(path: Path) -> tuple[str, str]:
    kind, encoding = mimetypes.guess_type(path.name)
    main, _, sub = (kind if kind and not encoding else "application/octet-stream").partition("/")
    return main, sub
