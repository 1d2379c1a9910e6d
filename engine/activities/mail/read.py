"""Mails read whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from engine.activities.mail.ids import Ids, MailId, by_folder
from engine.activities.mail.mailbox import mailbox, select
from engine.activities.mail.mails import Mail
from engine.activities.mail.search import (
    Before,
    Body,
    Files,
    Folder,
    Found,
    From,
    Limit,
    Since,
    State,
    Subject,
    To,
    Wanted,
    mail,
    matching,
)
from engine.activities.mail.server import Configured, Encryption, ImapHost, Port, SignIn, Timeout, Username, server
from engine.core.sentences import say
from engine.sdk import BusinessError, Context, Effect, Param, activity
from engine.sdk.endpoint import Authority, Verify

if TYPE_CHECKING:
    from imapclient import IMAPClient

_PARTS = ["FLAGS", "INTERNALDATE", "RFC822.SIZE", "BODY.PEEK[]"]
WHOLE = b"BODY[]"


@activity(
    "mail.read",
    label="Read mails",
    icon="envelope-open",
    effect=Effect.IDEMPOTENT,
    keywords=("imap", "inbox", "fetch", "email"),
)
async def read(
    ctx: Context,
    folder: Folder = "INBOX",
    state: State = "unseen",
    sender: From = "",
    to: To = "",
    subject: Subject = "",
    text: Body = "",
    since: Since = None,
    before: Before = None,
    attachments: Files = None,
    limit: Limit = 20,
    integration: Configured = None,
    host: ImapHost = "",
    credential: SignIn = None,
    security: Encryption = "tls",
    mails: Annotated[
        Ids, Param("Or these mails", "As a step found them; the conditions above do not matter then.", advanced=True)
    ] = [],  # noqa: B006
    username: Username = "",
    port: Port = None,
    timeout: Timeout = 60.0,
    verify: Verify = True,
    authority: Authority = None,
) -> Found:
    """Read mails of a folder, with their texts.

    Nothing changes: unread mails stay so, until "Mark mails" or "Move mails" says that they are done with. A mail
    whose parts are damaged is read as far as it goes. The output holds `mails`, each with `id`, `sender`, `to`,
    `subject`, `date`, `text`, `html`, the names and sizes of its `attachments` and its `headers`, newest first; their
    `count`, and the `total` without the limit.
    """
    source = server("imap", integration, host, credential, username, port, security, timeout, verify, authority)
    wanted = Wanted(sender, to, subject, text, since, before, state, attachments)
    given = by_folder(mails)

    def work(client: IMAPClient) -> Found:
        if given:
            read: list[Mail] = []
            for (place, validity), uids in given.items():
                select(client, place, validity)
                for uid in uids:
                    found = whole(client, MailId(place, validity, uid), ctx)
                    if found is None:
                        raise gone(MailId(place, validity, uid))
                    read.append(found[0])
            return Found(read, len(read), len(read))
        validity = select(client, folder)[b"UIDVALIDITY"]
        total, uids = matching(client, wanted, limit, ctx)
        read = []
        for number, uid in enumerate(uids, 1):
            found = whole(client, MailId(folder, validity, uid), ctx)
            read += found[:1] if found is not None else ()
            ctx.progress(number, len(uids))
        return Found(read, len(read), total)

    async with mailbox(source) as box:
        return await box.do(work)


def whole(client: IMAPClient, id: MailId, ctx: Context) -> tuple[Mail, bytes] | None:
    """A mail of the selected folder and its bytes; None if it is not there any more."""
    ctx.check()
    fetched: dict[bytes, Any] = client.fetch([id.uid], _PARTS).get(id.uid, {})
    if fetched.get(WHOLE) is None:
        return None
    return mail(id, fetched, fetched[WHOLE]), fetched[WHOLE]


def gone(id: MailId) -> BusinessError:
    """What a step fails with whose mail somebody moved or deleted."""
    return BusinessError(
        say("the mail {id!r} is not in its folder any more", id=str(id)),
        hint=say("Somebody moved or deleted it: find the mails again."),
    )
