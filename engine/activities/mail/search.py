"""Which mails are wanted, and finding them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any, Literal

from engine.activities.mail.ids import MailId
from engine.activities.mail.mailbox import mailbox, select
from engine.activities.mail.mails import Mail
from engine.activities.mail.server import (
    Configured,
    Encryption,
    ImapHost,
    Port,
    SignIn,
    Timeout,
    Username,
    plain_text,
    server,
)
from engine.sdk import Context, Effect, Param, activity
from engine.sdk.endpoint import Authority, Verify

if TYPE_CHECKING:
    from imapclient import IMAPClient

Folder = Annotated[str, Param("Folder", placeholder="INBOX")]
From = Annotated[str, Param("From", "A part of the sender's name or address.", "ada@example.com")]
To = Annotated[str, Param("To", "A part of a recipient's name or address.")]
Subject = Annotated[str, Param("Subject holds", placeholder="Invoice")]
Body = Annotated[str, Param("Mail holds", "Anywhere in it, as the server searches.")]
Since = Annotated[datetime | None, Param("Arrived since", placeholder="2026-11-01")]
Before = Annotated[datetime | None, Param("Arrived before", advanced=True)]
State = Annotated[Literal["unseen", "seen", "any"], Param("Which mails")]
Files = Annotated[bool | None, Param("With attachments", "Empty for either.", advanced=True)]
Limit = Annotated[int, Param("No more than", "The newest.", unit="mails")]

_HEAD = "BODY.PEEK[HEADER.FIELDS (FROM TO CC REPLY-TO SUBJECT DATE MESSAGE-ID)]"
_ABOUT = ["FLAGS", "INTERNALDATE", "RFC822.SIZE", _HEAD]
_AT_ONCE = 100


@dataclass(frozen=True)
class Found:
    """The mails, newest first, how many they are, and how many there would be without the limit.

    With a condition on attachments it is not known how many there would be: `total` is as many as were found.
    """

    mails: list[Mail]
    count: int
    total: int


@dataclass(frozen=True)
class Wanted:
    """What a mail must be like. Moments without a time zone are local ones."""

    sender: str = ""
    to: str = ""
    subject: str = ""
    text: str = ""
    since: datetime | None = None
    before: datetime | None = None
    state: Literal["unseen", "seen", "any"] = "any"
    attachments: bool | None = None
    after_uid: int = 0

    def criteria(self) -> list[Any]:
        """It in the words of IMAP, whose dates are days in the server's idea of them; `fits` does the rest."""
        asked: list[Any] = [] if self.state == "any" else [self.state.upper()]
        for key, text in (("FROM", self.sender), ("TO", self.to), ("SUBJECT", self.subject), ("TEXT", self.text)):
            if text.strip():
                asked += [key, plain_text(text.strip())]
        if self.since is not None:
            asked += ["SINCE", (self.since - timedelta(days=1)).date()]
        if self.before is not None:
            asked += ["BEFORE", (self.before + timedelta(days=2)).date()]
        if self.after_uid:
            asked += ["UID", f"{self.after_uid}:*"]
        return [*asked, "UNDELETED"]

    def fits(self, received: datetime) -> bool:
        """Whether a mail arrived in the time that is meant."""
        if self.since is not None and received < self.since.astimezone():
            return False
        return self.before is None or received < self.before.astimezone()


@activity(
    "mail.search",
    label="Find mails",
    icon="magnifying-glass",
    effect=Effect.IDEMPOTENT,
    keywords=("imap", "inbox", "list", "email"),
)
async def search(
    ctx: Context,
    folder: Folder = "INBOX",
    state: State = "any",
    sender: From = "",
    to: To = "",
    subject: Subject = "",
    text: Body = "",
    since: Since = None,
    before: Before = None,
    attachments: Files = None,
    limit: Limit = 100,
    integration: Configured = None,
    host: ImapHost = "",
    credential: SignIn = None,
    security: Encryption = "tls",
    username: Username = "",
    port: Port = None,
    timeout: Timeout = 60.0,
    verify: Verify = True,
    authority: Authority = None,
) -> Found:
    """Find mails in a folder, without reading their texts.

    Nothing changes: unread mails stay so. The output holds `mails`, each with `id`, `sender`, `to`, `subject`, `date`,
    `size`, `seen` and the rest of its headers, newest first; their `count`, and the `total` without the limit.
    """
    source = server("imap", integration, host, credential, username, port, security, timeout, verify, authority)
    wanted = Wanted(sender, to, subject, text, since, before, state, attachments)

    def work(client: IMAPClient) -> Found:
        validity = select(client, folder)[b"UIDVALIDITY"]
        total, uids = matching(client, wanted, limit, ctx)
        mails = list(heads(client, MailId(folder, validity, 0), uids, ctx))
        return Found(mails, len(mails), total)

    async with mailbox(source) as box:
        return await box.do(work)


def matching(client: IMAPClient, wanted: Wanted, limit: int, ctx: Context) -> tuple[int, list[int]]:
    """How many mails of the selected folder are like that, and the UIDs of the newest `limit` of them, newest first."""
    criteria = wanted.criteria()
    charset = None if all(not isinstance(one, str) or one.isascii() for one in criteria) else "UTF-8"
    found = sorted(set(client.search(criteria, charset)), reverse=True)
    found = [uid for uid in found if uid >= wanted.after_uid]
    if wanted.since is None and wanted.before is None and wanted.attachments is None:
        return len(found), found[:limit]
    kept: list[int] = []
    for start in range(0, len(found), _AT_ONCE):
        ctx.check()
        piece = found[start : start + _AT_ONCE]
        details = client.fetch(piece, ["INTERNALDATE", *(["BODYSTRUCTURE"] if wanted.attachments is not None else [])])
        for uid in piece:
            known = details.get(uid)
            if known is None or not wanted.fits(known[b"INTERNALDATE"]):
                continue
            if wanted.attachments is None or _has_files(known[b"BODYSTRUCTURE"]) == wanted.attachments:
                kept.append(uid)
        if wanted.attachments is not None and len(kept) >= limit:
            return len(kept[:limit]), kept[:limit]
    return len(kept), kept[:limit]


def heads(client: IMAPClient, place: MailId, uids: list[int], ctx: Context) -> Iterator[Mail]:
    """Those mails of the selected folder that are still there, without their texts."""
    for start in range(0, len(uids), _AT_ONCE):
        ctx.check()
        piece = uids[start : start + _AT_ONCE]
        details = client.fetch(piece, _ABOUT)
        for uid in piece:
            if b"INTERNALDATE" in details.get(uid, {}):
                yield mail(place._replace(uid=uid), details[uid])
        ctx.progress(start + len(piece), len(uids))


def mail(id: MailId, fetched: dict[bytes, Any], whole: bytes | None = None) -> Mail:
    """The mail, from what the server said of it and, if it is known, its `whole` text."""
    from engine.activities.mail import message as letter

    source = whole
    if source is None:
        source = next((value for key, value in fetched.items() if key.startswith(b"BODY[HEADER")), None) or b""
    message = letter.parsed(source)
    received = fetched[b"INTERNALDATE"].astimezone()
    senders = letter.addresses(message, "from") or letter.addresses(message, "sender") or [("", "")]
    flags = {bytes(flag).lower() for flag in fetched.get(b"FLAGS", ())}
    text, html = letter.texts(message) if whole is not None else ("", "")
    return Mail(
        id=str(id),
        folder=id.folder,
        sender=senders[0][1],
        sender_name=senders[0][0],
        to=[address for _, address in letter.addresses(message, "to")],
        cc=[address for _, address in letter.addresses(message, "cc")],
        reply_to=[address for _, address in letter.addresses(message, "reply-to")],
        subject=letter.header(message, "subject"),
        date=letter.date(message) or received,
        received=received,
        message_id=letter.header(message, "message-id"),
        seen=b"\\seen" in flags,
        flagged=b"\\flagged" in flags,
        size=int(fetched.get(b"RFC822.SIZE", 0)),
        text=text,
        html=html,
        attachments=[one for one, _ in letter.files(message)] if whole is not None else [],
        headers={name.lower(): letter.decoded(str(value)) for name, value in reversed(message.items())}
        if whole is not None
        else {},
    )


def _has_files(structure: Any) -> bool:
    """Whether a BODYSTRUCTURE (RFC 3501, 7.4.2) shows a part that is a file and not a picture of the text."""
    if isinstance(structure[0], (list, tuple)):
        inner = structure[0] if isinstance(structure[0], list) else [one for one in structure if isinstance(one, tuple)]
        return any(_has_files(one) for one in inner)
    main, sub = (_lower(structure[index]) for index in (0, 1))
    dispositions = [one for one in structure[7:] if isinstance(one, tuple) and one and isinstance(one[0], bytes)]
    disposition = next((_lower(one[0]) for one in dispositions if _lower(one[0]) in (b"attachment", b"inline")), b"")
    if disposition == b"attachment":
        return True
    if main == b"image" and (disposition == b"inline" or structure[3]):
        return False
    if main == b"text" and sub in (b"plain", b"html"):
        pairs = structure[2] or ()
        return any(_lower(one) in (b"name", b"name*", b"name*0*", b"name*0") for one in pairs[::2])
    return True


def _lower(value: Any) -> bytes:
    return value.lower() if isinstance(value, bytes) else b""
