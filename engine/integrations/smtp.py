"""A mail server, and where its mailboxes are read."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal

from engine.core.errors import BusinessError, SystemFault
from engine.core.secrets import redact
from engine.core.sentences import say
from engine.integrations.adapter import Adapter, Authority, Flaw, Site, Verify, apart
from engine.sdk.endpoint import host_and_port, unreached
from engine.sdk.params import Param

Security = Literal["tls", "starttls", "none"]
_PORTS: dict[Security, int] = {"tls": 465, "starttls": 587, "none": 25}


@dataclass(frozen=True, kw_only=True)
class Smtp(Adapter):
    """A server that takes mail; with an IMAP server beside it, also one that mail is read from."""

    kind: ClassVar = "smtp"
    label: ClassVar = say("Mail (SMTP)")
    icon: ClassVar = "envelope-simple"
    example: ClassVar = "mail.example.com"
    accepts: ClassVar[tuple[str, ...]] = ("login", "oauth2", "token")
    ports: ClassVar = {"smtp": 25, "smtps": 465}

    security: Annotated[
        Security,
        Param(
            say("Encryption"),
            say("tls: from the start; starttls: asked for; none: passwords can be read on the way."),
        ),
    ] = "tls"
    username: Annotated[
        str, Param(say("Sign in as"), say("With OAuth 2 or a token: the address of the mailbox."), "me@example.com")
    ] = ""
    sender: Annotated[str, Param(say("Sender"), say("Where a step gives none."), "me@example.com")] = ""
    imap_host: Annotated[str, Param(say("IMAP server"), "", "imap.example.com")] = ""
    imap_port: Annotated[int | None, Param(say("IMAP port"), say("Empty for the usual one."), advanced=True)] = None
    imap_security: Annotated[Security, Param(say("IMAP encryption"), advanced=True)] = "tls"
    verify: Verify = True
    authority: Authority = None

    @property
    def tls(self) -> bool:
        return self.scheme == "smtps" or self.security == "tls"

    def flaws(self) -> Iterator[Flaw]:
        yield from super().flaws()
        if self.credential and self.security == "none" and not self.tls and not self._local():
            yield Flaw(
                "security",
                say("the password would go over the net for everybody to read"),
                say("Choose tls or starttls."),
            )

    def _local(self) -> bool:
        try:
            return host_and_port(self.address, 1)[0] in ("localhost", "127.0.0.1", "::1")
        except BusinessError:
            return True

    def host_and_port(self) -> tuple[str, int] | None:
        return host_and_port(self.address.strip(), _PORTS["tls" if self.tls else self.security])

    async def check(self, site: Site) -> str:
        return await apart(self._greet, site, *(self.host_and_port() or ("", 0)))

    def _greet(self, site: Site, host: str, port: int) -> str:
        import smtplib

        options: dict[str, Any] = {"timeout": site.timeout, "local_hostname": "localhost"}
        try:
            with (
                smtplib.SMTP_SSL(host, port, context=self.trust(), **options)
                if self.tls
                else smtplib.SMTP(host, port, **options)
            ) as client:
                client.ehlo_or_helo_if_needed()
                if self.security == "starttls" and not self.tls:
                    client.starttls(context=self.trust())
                    client.ehlo()
                if site.credential is not None:
                    self._sign_in(client, site)
                client.noop()
            return say("it lets us in") if site.credential is not None else say("it greets us")
        except (smtplib.SMTPAuthenticationError, smtplib.SMTPNotSupportedError) as error:
            raise BusinessError(
                say("it does not let us in: {said}", said=_said(error)),
                hint=say("Check the credential and encryption."),
            ) from None
        except smtplib.SMTPServerDisconnected:
            raise unreached(ConnectionResetError(), f"{host}:{port}") from None
        except smtplib.SMTPException as error:
            raise SystemFault(say("it answers with an error: {said}", said=_said(error))) from None
        except OSError as error:
            raise unreached(error, f"{host}:{port}") from None

    def _sign_in(self, client: Any, site: Site) -> None:
        credential = site.credential
        assert credential is not None
        username = self.username or credential.text("username")
        if credential.kind == "login":
            client.login(username, credential.secret().reveal())
            return
        text = f"user={username}\1auth=Bearer {credential.secret().reveal()}\1\1"
        code, said = client.docmd("AUTH", "XOAUTH2 " + base64.b64encode(text.encode()).decode("ascii"))
        if code != 235:
            import smtplib

            raise smtplib.SMTPAuthenticationError(code, said)


def _said(error: Exception) -> str:
    said = getattr(error, "smtp_error", b"") or str(error)
    return redact(said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said))[:200]
