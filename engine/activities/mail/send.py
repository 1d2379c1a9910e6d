"""A mail sent, once."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BeforeValidator

from engine.activities.mail.server import (
    Configured,
    Encryption,
    Port,
    Server,
    SignIn,
    SmtpHost,
    Timeout,
    Username,
    no_user,
    refused,
    server,
)
from engine.core.secrets import redact
from engine.core.sentences import say
from engine.sdk import ActivityError, BusinessError, Context, Effect, Param, StepTimeout, SystemFault, activity
from engine.sdk.endpoint import Authority, Verify, reason, unreached

if TYPE_CHECKING:
    from aiosmtplib import SMTP

    from engine.activities.mail.compose import Letter

_SLOWEST = 20_000
"""Bytes a second that a line is trusted to carry."""
_GOODBYE = 5.0


def _listed(value: Any) -> Any:
    """One is a list of one; an item of the output of `files.list` stands for its path."""
    items = value if isinstance(value, list) else [] if value in (None, "") else [value]
    return [item["path"] if isinstance(item, Mapping) and "path" in item else item for item in items]


Addresses = Annotated[list[str], BeforeValidator(_listed, json_schema_input_type=str | list[str])]
Files = Annotated[list[Path], BeforeValidator(_listed, json_schema_input_type=str | list[str | dict[str, Any]])]


@dataclass(frozen=True)
class Refused:
    """A recipient that the server does not take, the status of its answer, and what it said."""

    address: str
    status: int
    reason: str


@dataclass(frozen=True)
class Sent:
    """What was sent: its Message-ID, whom the server took it for, whom not, its size in bytes, and the answer."""

    message_id: str
    recipients: list[str]
    refused: list[Refused] = field(default_factory=list)
    size: int = 0
    answer: str = ""


@activity("mail.send", label="Send mail", icon="paper-plane-tilt", effect=Effect.ONCE, keywords=("smtp", "email"))
async def send(
    ctx: Context,
    to: Annotated[Addresses, Param("To", "Several with commas.", "Ada Lovelace <ada@example.com>")],
    subject: Annotated[str, Param("Subject")],
    text: Annotated[str, Param("Text", kind="text")] = "",
    html: Annotated[
        str, Param("HTML text", "With the text as well, each program shows what it can.", kind="code", language="html")
    ] = "",
    sender: Annotated[str, Param("From", "Empty for the user of the sign-in.", "shop@example.com")] = "",
    cc: Annotated[Addresses, Param("Copy to")] = [],  # noqa: B006
    bcc: Annotated[Addresses, Param("Hidden copy to", "The others do not see them.")] = [],  # noqa: B006
    attachments: Annotated[Files, Param("Attachments", "Paths, or files that steps gave.", kind="file")] = [],  # noqa: B006
    integration: Configured = None,
    host: SmtpHost = "",
    credential: SignIn = None,
    security: Encryption = "starttls",
    reply_to: Annotated[Addresses, Param("Answers go to", advanced=True)] = [],  # noqa: B006
    pictures: Annotated[
        dict[str, Path],
        Param(
            "Pictures", 'Name and file; the HTML text shows them by <img src="cid:NAME">.', kind="table", advanced=True
        ),
    ] = {},  # noqa: B006
    headers: Annotated[dict[str, str], Param("Headers", kind="table", advanced=True)] = {},  # noqa: B006
    partly: Annotated[
        bool,
        Param(
            "Send though some are refused", "Else a refused recipient is an error, and nobody gets it.", advanced=True
        ),
    ] = False,
    username: Username = "",
    port: Port = None,
    timeout: Timeout = 60.0,
    verify: Verify = True,
    authority: Authority = None,
) -> Sent:
    """Send a mail, once.

    Until the text itself is handed over, a failure means that nothing was sent, and the step may be retried. When the
    connection breaks after that, nobody knows whether the mail is on its way: that is an error which no retry of the
    step repeats. The Message-ID is the same in every attempt, so that a receiver can tell a repetition.
    The output holds `message_id`, `recipients`, those `refused`, the `size` and the server's `answer`.
    """
    from engine.activities.mail.compose import Draft, composed

    target = server("smtp", integration, host, credential, username, port, security, timeout, verify, authority)
    options: Mapping[str, Any] = integration.options if integration is not None else {}
    draft = Draft(
        sender or str(options.get("sender") or "") or target.username, to, subject, text, html, cc, bcc, reply_to,
        attachments, {name: ctx.folder / path.expanduser() for name, path in pictures.items()}, headers,
    )  # fmt: skip
    letter = await asyncio.to_thread(composed, draft, ctx.key)
    if target.credential is not None and target.security == "none":
        ctx.log(f"the password for {target.shown} travels unencrypted", "warning")
    async with target.call():
        return await _deliver(target, letter, partly)


async def _deliver(target: Server, letter: Letter, partly: bool) -> Sent:
    from aiosmtplib import SMTP, SMTPDataError, SMTPException, SMTPRecipientRefused

    client = SMTP(
        hostname=target.host,
        port=target.port,
        timeout=target.timeout,
        use_tls=target.security == "tls",
        start_tls=False,
        tls_context=None if target.security == "none" else await asyncio.to_thread(target.trust),
    )
    try:
        try:
            await client.connect()
        except (SMTPException, OSError) as error:
            raise _answered(error, target) or unreached(error, target.shown) from None
        try:
            await _prepare(client, target, letter)
            await client.mail(letter.sender, options=_options(client, letter), encoding="utf-8")
            taken, not_taken = [], []
            for recipient in letter.recipients:
                try:
                    await client.rcpt(recipient, encoding="utf-8")
                    taken.append(recipient)
                except SMTPRecipientRefused as error:
                    if error.code == 421:
                        raise
                    not_taken.append(Refused(recipient, error.code, _said(error.message)))
        except (SMTPException, OSError) as error:
            raise _answered(error, target) or _broken(error, target) from None
        if not_taken and not (partly and taken):
            raise _nobody(target, not_taken)
        try:
            answer = await client.data(letter.content, timeout=target.timeout + len(letter.content) / _SLOWEST)
        except SMTPDataError as error:
            raise _answered(error, target) or _broken(error, target) from None
        except (SMTPException, OSError) as error:
            raise StepTimeout(
                say(
                    "the connection to {shown} broke while the mail was handed over ({reason}), so nobody knows "
                    "whether it was sent",
                    shown=target.shown,
                    reason=reason(error),
                ),
                hint=say("Look for the Message-ID {id} at the receiver before it is sent again.", id=letter.message_id),
            ) from None
        try:
            await client.quit(timeout=_GOODBYE)
        except (SMTPException, OSError):
            pass  # it has said that it takes the mail
        return Sent(letter.message_id, taken, not_taken, len(letter.content), _said(answer.message))
    finally:
        client.close()


async def _prepare(client: SMTP, target: Server, letter: Letter) -> None:
    """Encrypt, sign in, and see that the server can take the mail."""
    await client.ehlo()
    if target.security == "starttls":
        if not client.supports_extension("starttls"):
            raise BusinessError(
                say("{shown} offers no encryption", shown=target.shown),
                hint=say("Choose 'tls' with its port, or 'none' if the network can be trusted."),
            )
        await client.starttls()
        await client.ehlo()
    if target.credential is not None:
        await _sign_in(client, target)
    limit = client.esmtp_extensions.get("size", "").strip()
    if limit.isdigit() and 0 < int(limit) < len(letter.content):
        raise BusinessError(
            say(
                "the mail has {size} MB, and {shown} takes no more than {limit} MB",
                size=round(len(letter.content) / 1e6, 1),
                shown=target.shown,
                limit=round(int(limit) / 1e6, 1),
            ),
            hint=say("Send fewer or smaller attachments, or a link to them."),
        )
    if letter.international and not client.supports_extension("smtputf8"):
        raise BusinessError(
            say("{shown} takes no addresses with letters outside of ASCII", shown=target.shown),
            hint=say("Use another address, or a server with SMTPUTF8."),
        )


async def _sign_in(client: SMTP, target: Server) -> None:
    from aiosmtplib import SMTPAuthenticationError

    if target.credential is None:
        return
    if not target.username:
        raise no_user(target)
    if not client.supports_extension("auth"):
        raise BusinessError(
            say("{shown} takes no sign-in", shown=target.shown),
            hint=say("Many servers do only when the connection is encrypted; else leave the credential empty."),
        )
    secret = target.credential.secret().reveal()
    try:
        if target.token:
            await client.auth_xoauth2(target.username, secret)
        else:
            await client.login(target.username, secret)
    except SMTPAuthenticationError as error:
        if error.code < 500:
            raise
        raise refused(target, _said(error.message)) from None
    except UnicodeError:
        raise refused(target, say("a character is not ASCII")) from None


def _options(client: SMTP, letter: Letter) -> list[str]:
    options = [f"SIZE={len(letter.content)}"] if client.supports_extension("size") else []
    if client.supports_extension("8bitmime"):
        options.append("BODY=8BITMIME")
    return [*options, "SMTPUTF8"] if letter.international else options


def _answered(error: Exception, target: Server) -> ActivityError | None:
    """The error for an answer that is a refusal; None if it is none: 4xx passes by itself, 5xx does not."""
    from aiosmtplib import SMTPResponseException

    if not isinstance(error, SMTPResponseException) or error.code < 400:
        return None
    message = say("{shown} answered {code}: {said}", shown=target.shown, code=error.code, said=_said(error.message))
    if error.code < 500:
        return SystemFault(message, hint=say("It is busy, or wants the mail again later: retry the step."))
    return BusinessError(message, hint=say("See what it says of the mail, its sender or the sign-in."))


def _broken(error: Exception, target: Server) -> ActivityError:
    if isinstance(found := unreached(error, target.shown), BusinessError):
        return found
    return SystemFault(
        say(
            "the connection to {shown} broke before the mail was sent: {reason}",
            shown=target.shown,
            reason=reason(error),
        ),
        hint=say("Nothing was sent: retry the step."),
    )


def _nobody(target: Server, them: list[Refused]) -> ActivityError:
    listed = "; ".join(f"{one.address} ({one.status} {one.reason})" for one in them)
    message = say("{shown} refuses recipients, and nothing was sent: {listed}", shown=target.shown, listed=listed)
    if any(one.status >= 500 for one in them):
        return BusinessError(message, hint=say("Correct the addresses, or send though some are refused."))
    return SystemFault(message, hint=say("It may take them later: retry the step."))


def _said(text: str) -> str:
    return redact(" ".join(text.split()))[:300]
