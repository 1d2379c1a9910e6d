"""Mails moved, marked and deleted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any

from engine.activities.mail.ids import MailId, Mails, by_folder
from engine.activities.mail.mailbox import mailbox, no_folder, select
from engine.activities.mail.server import (
    Configured,
    Encryption,
    ImapHost,
    Port,
    Server,
    SignIn,
    Timeout,
    Username,
    plain_text,
    server,
)
from engine.core.sentences import say
from engine.sdk import BusinessError, Context, Effect, Param, activity
from engine.sdk.endpoint import Authority, Verify

if TYPE_CHECKING:
    from imapclient import IMAPClient


@dataclass(frozen=True)
class Filed:
    """The mails it was done to, by their ids before; how many; and those that were not in their folder any more.

    `moved` holds their ids from now on, where the server tells them.
    """

    mails: list[str] = field(default_factory=list)
    count: int = 0
    missing: list[str] = field(default_factory=list)
    moved: list[str] = field(default_factory=list)


@activity(
    "mail.move", label="Move mails", icon="folder", effect=Effect.IDEMPOTENT, keywords=("imap", "archive", "email")
)
async def move(
    mails: Mails,
    destination: Annotated[str, Param("Destination", "A folder of the mailbox.", "Archive/2026")],
    ctx: Context,
    create: Annotated[bool, Param("Make the folder if it is missing")] = True,
    integration: Configured = None,
    host: ImapHost = "",
    credential: SignIn = None,
    security: Encryption = "tls",
    username: Username = "",
    port: Port = None,
    timeout: Timeout = 60.0,
    verify: Verify = True,
    authority: Authority = None,
) -> Filed:
    """Move mails to another folder.

    A mail that is not there any more is listed as `missing`, and is no error: it may have been moved before a crash.
    Servers without MOVE copy the mails and then delete them; a connection that breaks in between can leave both.
    The output holds the `mails`, their `count`, the `missing` and the new ids in `moved`.
    """
    source = server("imap", integration, host, credential, username, port, security, timeout, verify, authority)

    def work(client: IMAPClient, place: MailId, uids: list[int]) -> list[str]:
        _destination(client, destination, create)
        if destination == place.folder:
            return [str(place._replace(uid=uid)) for uid in uids]
        return _moved(client, destination, uids)

    return await _each(source, mails, ctx, work)


@activity(
    "mail.mark",
    label="Mark mails",
    icon="flag",
    effect=Effect.IDEMPOTENT,
    keywords=("imap", "seen", "unread", "star", "email"),
)
async def mark(
    mails: Mails,
    ctx: Context,
    seen: Annotated[bool | None, Param("Read", "Empty to leave it as it is.")] = True,
    flagged: Annotated[bool | None, Param("Flagged", "Empty to leave it as it is.")] = None,
    answered: Annotated[bool | None, Param("Answered", "Empty to leave it as it is.", advanced=True)] = None,
    integration: Configured = None,
    host: ImapHost = "",
    credential: SignIn = None,
    security: Encryption = "tls",
    username: Username = "",
    port: Port = None,
    timeout: Timeout = 60.0,
    verify: Verify = True,
    authority: Authority = None,
) -> Filed:
    """Mark mails as read or unread, flagged or not, answered or not.

    The output holds the `mails`, their `count`, and the `missing` that are not there any more.
    """
    source = server("imap", integration, host, credential, username, port, security, timeout, verify, authority)
    marks = {r"\Seen": seen, r"\Flagged": flagged, r"\Answered": answered}

    def work(client: IMAPClient, place: MailId, uids: list[int]) -> list[str]:
        for change, wanted in ((client.add_flags, True), (client.remove_flags, False)):
            flags = [flag for flag, on in marks.items() if on is wanted]
            if flags:
                change(uids, flags, silent=True)
        return []

    return await _each(source, mails, ctx, work)


@activity(
    "mail.delete", label="Delete mails", icon="trash", effect=Effect.IDEMPOTENT, keywords=("imap", "remove", "email")
)
async def delete(
    mails: Mails,
    ctx: Context,
    for_good: Annotated[bool, Param("For good", "Else they go to the mailbox's folder for deleted mails.")] = False,
    integration: Configured = None,
    host: ImapHost = "",
    credential: SignIn = None,
    security: Encryption = "tls",
    username: Username = "",
    port: Port = None,
    timeout: Timeout = 60.0,
    verify: Verify = True,
    authority: Authority = None,
) -> Filed:
    """Delete mails: to the mailbox's folder for deleted mails, or for good.

    The output holds the `mails`, their `count`, the `missing` that were not there any more and, for those in the folder
    for deleted mails, their ids in `moved`.
    """
    source = server("imap", integration, host, credential, username, port, security, timeout, verify, authority)

    def work(client: IMAPClient, place: MailId, uids: list[int]) -> list[str]:
        if for_good:
            _expunge(client, uids)
            return []
        bin = client.find_special_folder(rb"\Trash")
        if not bin:
            raise BusinessError(
                say("the mailbox names no folder for deleted mails"),
                hint=say("Delete them for good, or move them to a folder."),
            )
        if bin == place.folder:
            return [str(place._replace(uid=uid)) for uid in uids]
        return _moved(client, bin, uids)

    return await _each(source, mails, ctx, work)


async def _each(
    source: Server, mails: list[str], ctx: Context, work: Callable[[IMAPClient, MailId, list[int]], list[str]]
) -> Filed:
    """Do `work` to the mails that are there, folder by folder, where it gives their new ids."""
    given = by_folder(mails)

    def all_of_them(client: IMAPClient) -> Filed:
        done: list[str] = []
        missing: list[str] = []
        moved: list[str] = []
        for (folder, validity), uids in given.items():
            ctx.check()
            select(client, folder, validity, change=True)
            there = set(client.search(["UID", ",".join(map(str, uids))]))
            present = [uid for uid in uids if uid in there]
            missing += [str(MailId(folder, validity, uid)) for uid in uids if uid not in there]
            if present:
                moved += work(client, MailId(folder, validity, 0), present)
            done += [str(MailId(folder, validity, uid)) for uid in present]
            ctx.progress(len(done), len(mails))
        return Filed(done, len(done), missing, moved)

    async with mailbox(source) as box:
        return await box.do(all_of_them)


def _destination(client: IMAPClient, folder: str, create: bool) -> None:
    from imapclient.exceptions import IMAPClientError

    if client.folder_exists(plain_text(folder)):
        return
    if not create:
        raise BusinessError(
            say("the mailbox has no folder {folder!r}", folder=folder), hint=say("'Mail folders' lists what there is.")
        )
    try:
        client.create_folder(folder)
    except client.AbortError:
        raise
    except IMAPClientError as error:
        if not client.folder_exists(folder):
            raise no_folder(folder, error) from None


def _moved(client: IMAPClient, folder: str, uids: list[int]) -> list[str]:
    """Move mails of the selected folder, and give their new ids, if the server tells them (RFC 4315)."""
    if client.has_capability("MOVE"):
        said = client.move(uids, folder)
        answers = [said, *(client._imap.untagged_responses.pop("OK", None) or ()), *_codes(client)]
    else:
        said = client.copy(uids, folder)
        answers = [said, *_codes(client)]
        _expunge(client, uids)
    return _new_ids(folder, uids, answers)


def _codes(client: IMAPClient) -> list[bytes]:
    """The COPYUID that came in an answer of its own, as MOVE tells it."""
    return [b"COPYUID " + one for one in client._imap.untagged_responses.pop("COPYUID", None) or () if one]


def _new_ids(folder: str, uids: list[int], answers: list[Any]) -> list[str]:
    import re

    for answer in answers:
        text = answer.decode("ascii", "replace") if isinstance(answer, bytes) else str(answer)
        found = re.search(r"COPYUID (\d+) ([\d:,]+) ([\d:,]+)", text)
        if found:
            new = dict(zip(_numbers(found[2]), _numbers(found[3]), strict=False))
            return [str(MailId(folder, int(found[1]), new[uid])) for uid in uids if uid in new]
    return []


def _numbers(text: str) -> list[int]:
    found: list[int] = []
    for part in text.split(","):
        first, _, last = part.partition(":")
        low, high = sorted((int(first), int(last or first)))
        found += range(low, min(high, low + 1_000_000) + 1)
    return found


def _expunge(client: IMAPClient, uids: list[int]) -> None:
    """Delete mails of the selected folder, and no others that somebody marked as deleted."""
    client.add_flags(uids, [r"\Deleted"], silent=True)
    if client.has_capability("UIDPLUS"):
        client.uid_expunge(uids)
        return
    others = [uid for uid in client.search(["DELETED"]) if uid not in set(uids)]
    if others:
        client.remove_flags(others, [r"\Deleted"], silent=True)
    client.expunge()
    if others:
        client.add_flags(others, [r"\Deleted"], silent=True)
