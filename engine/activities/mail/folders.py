"""The folders of a mailbox."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from engine.activities.mail.mailbox import mailbox
from engine.activities.mail.server import Configured, Encryption, ImapHost, Port, SignIn, Timeout, Username, server
from engine.sdk import Context, Effect, Param, activity
from engine.sdk.endpoint import Authority, Verify

if TYPE_CHECKING:
    from imapclient import IMAPClient

_ROLES = {b"\\all", b"\\archive", b"\\drafts", b"\\flagged", b"\\junk", b"\\sent", b"\\trash"}


@dataclass(frozen=True)
class MailFolder:
    """A folder: its name as other steps take it, what it is for (`sent`, `trash`, … or nothing), and what is in it."""

    name: str
    role: str
    mails: int
    unseen: int


@dataclass(frozen=True)
class MailFolders:
    """The folders by name, and how many there are."""

    folders: list[MailFolder]
    count: int


@activity(
    "mail.folders", label="Mail folders", icon="folders", effect=Effect.IDEMPOTENT, keywords=("imap", "list", "email")
)
async def folders(
    ctx: Context,
    counts: Annotated[bool, Param("Count the mails", "It takes longer in large mailboxes.")] = True,
    integration: Configured = None,
    host: ImapHost = "",
    credential: SignIn = None,
    security: Encryption = "tls",
    username: Username = "",
    port: Port = None,
    timeout: Timeout = 60.0,
    verify: Verify = True,
    authority: Authority = None,
) -> MailFolders:
    """List the folders of a mailbox.

    The output holds `folders`, each with `name`, `role`, `mails` and `unseen`, in the order of their names; and their
    `count`.
    """
    source = server("imap", integration, host, credential, username, port, security, timeout, verify, authority)

    def work(client: IMAPClient) -> MailFolders:
        found = []
        listed = sorted(client.list_folders(), key=lambda one: str(one[2]))
        for number, (flags, _, name) in enumerate(listed, 1):
            ctx.check()
            marks = {bytes(flag).lower() for flag in flags}
            if marks & {b"\\noselect", b"\\nonexistent"}:
                continue
            said = client.folder_status(name, ["MESSAGES", "UNSEEN"]) if counts else {}
            role = next((mark[1:].decode() for mark in sorted(marks & _ROLES)), "")
            found.append(MailFolder(str(name), role, said.get(b"MESSAGES", 0), said.get(b"UNSEEN", 0)))
            ctx.progress(number, len(listed))
        return MailFolders(found, len(found))

    async with mailbox(source) as box:
        return await box.do(work)
