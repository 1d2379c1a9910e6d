"""Waiting until a mail is there."""

from __future__ import annotations

import asyncio
import selectors
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

from engine.activities.mail.ids import MailId
from engine.activities.mail.mailbox import Mailbox, select
from engine.activities.mail.mails import Mail
from engine.activities.mail.read import whole
from engine.activities.mail.search import Body, Files, Folder, Found, From, State, Subject, To, Wanted, matching
from engine.activities.mail.server import Configured, Encryption, ImapHost, Port, SignIn, Timeout, Username, server
from engine.core import durations
from engine.core.sentences import say
from engine.sdk import Context, Effect, Param, StepTimeout, SystemFault, activity
from engine.sdk.durations import Duration
from engine.sdk.endpoint import Authority, Verify

if TYPE_CHECKING:
    from imapclient import IMAPClient

_SLICE = 1.0
_LOOK_AGAIN = 29.0
"""Seconds of silence after which it looks all the same: some servers forget to tell."""
_LONGEST_PAUSE = 30.0


@activity(
    "mail.wait",
    label="Wait for a mail",
    icon="hourglass",
    effect=Effect.IDEMPOTENT,
    keywords=("imap", "idle", "arrive", "email"),
)
async def wait(
    ctx: Context,
    folder: Folder = "INBOX",
    sender: From = "",
    to: To = "",
    subject: Subject = "",
    text: Body = "",
    state: State = "unseen",
    attachments: Files = None,
    within: Annotated[Duration | None, Param("At most", "Empty to wait for ever.", "10m")] = 600.0,
    only_new: Annotated[
        bool, Param("Only what arrives from now on", "After a crash, now is when it goes on.", advanced=True)
    ] = False,
    poll: Annotated[
        Duration, Param("Look every", "Where the server does not tell by itself (IDLE).", advanced=True)
    ] = 10.0,
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
    """Wait until there is a mail like that, and read it.

    A mail that is there already counts, unless only new ones are wanted. The server tells by itself when something
    arrives, or is asked from time to time. A connection that breaks is made again. Nothing changes: the mail stays
    unread. The output holds `mails`, read whole, newest first, as "Read mails" gives them; their `count` and `total`.
    """
    source = server("imap", integration, host, credential, username, port, security, timeout, verify, authority)
    watch = _Watch(folder, Wanted(sender, to, subject, text, None, None, state, attachments), only_new, ctx)
    started = time.monotonic()
    failures = 0
    try:
        async with asyncio.timeout(within):
            while True:
                box = Mailbox(source)
                try:
                    async with source.call():
                        await box.open()
                        found = await box.do(watch.enter)
                    failures = 0
                    while not found:
                        ctx.progress(time.monotonic() - started, within, "")
                        changed = await box.do(watch.idle) if watch.idles else await _pause(poll)
                        found = await box.do(watch.look) if changed else found
                    return Found(found, len(found), watch.total)
                except SystemFault as error:
                    if not watch.entered:
                        raise
                    failures += 1
                    pause = min(_LONGEST_PAUSE, 2.0 ** (failures - 1))
                    ctx.log(f"{error.message}; trying again in {durations.text(pause)}", "warning")
                finally:
                    await box.close()
                await asyncio.sleep(pause)
    except TimeoutError:
        raise StepTimeout(
            say(
                "no such mail came to {folder!r} of {shown} within {within}",
                folder=folder,
                shown=source.shown,
                within=durations.text(within or 0.0),
            ),
            hint=say("Check the conditions, or wait longer."),
        ) from None


async def _pause(seconds: float) -> bool:
    await asyncio.sleep(seconds)
    return True


class _Watch:
    """What is waited for, over all the connections that it takes."""

    def __init__(self, folder: str, wanted: Wanted, only_new: bool, ctx: Context) -> None:
        self.entered = False
        self.idles = False
        self.total = 0
        self._folder = folder
        self._wanted = wanted
        self._only_new = only_new
        self._ctx = ctx
        self._validity = 0
        self._idling = False
        self._looked = 0.0

    def enter(self, client: IMAPClient) -> list[Mail]:
        """Select the folder of a new connection, and look."""
        said = select(client, self._folder, self._validity or None)
        self._validity = said[b"UIDVALIDITY"]
        if self._only_new and not self.entered:
            self._wanted = replace(self._wanted, after_uid=said.get(b"UIDNEXT", 1))
        self.entered = True
        self._idling = False
        self.idles = bool(client.has_capability("IDLE"))
        return self.look(client)

    def look(self, client: IMAPClient) -> list[Mail]:
        """The mails that are like that, read whole."""
        if self._idling:
            client.idle_done()
            self._idling = False
        else:
            client.noop()
        self._looked = time.monotonic()
        self.total, uids = matching(client, self._wanted, 20, self._ctx)
        found = [whole(client, MailId(self._folder, self._validity, uid), self._ctx) for uid in uids]
        return [one[0] for one in found if one is not None]

    def idle(self, client: IMAPClient) -> bool:
        """Listen for a moment, and give whether it is worth looking."""
        if not self._idling:
            client.idle()
            self._idling = True
        said = client.idle_check(_SLICE)
        # Where there is something to read that is no answer, the other side is gone: looking tells.
        return bool(said) or _readable(client) or time.monotonic() - self._looked > _LOOK_AGAIN


def _readable(client: IMAPClient) -> bool:
    with selectors.DefaultSelector() as selector:
        selector.register(client.socket(), selectors.EVENT_READ)
        return bool(selector.select(0))
