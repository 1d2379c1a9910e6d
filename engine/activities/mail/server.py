"""Mail servers: the parameters that name one, declared once, and what they come to."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from engine.core.sentences import say
from engine.sdk import BusinessError, Credential, Integration, Param
from engine.sdk.durations import Duration
from engine.sdk.endpoint import Endpoint, either, host_and_port

Security = Literal["tls", "starttls", "none"]

Configured = Annotated[Integration | None, Param("Integration", "Or the server below.", accepts=("smtp",))]
SmtpHost = Annotated[str, Param("SMTP server", placeholder="smtp.example.com")]
ImapHost = Annotated[str, Param("IMAP server", placeholder="imap.example.com")]
SignIn = Annotated[
    Credential | None,
    Param("Credential", "A login, or an OAuth 2 client or token.", accepts=("login", "oauth2", "token")),
]
Username = Annotated[
    str, Param("Sign in as", "With OAuth 2 or a token: the address of the mailbox.", "me@example.com", advanced=True)
]
Port = Annotated[int | None, Param("Port", "Empty for the usual one.", advanced=True)]
Encryption = Annotated[
    Security, Param("Encryption", "tls: from the start; starttls: asked for; none: passwords can be read on the way.")
]
Timeout = Annotated[Duration, Param("Time limit", "For each answer of the server.", advanced=True)]

_PORTS: dict[tuple[str, Security], int] = {
    ("smtp", "tls"): 465,
    ("smtp", "starttls"): 587,
    ("smtp", "none"): 25,
    ("imap", "tls"): 993,
    ("imap", "starttls"): 143,
    ("imap", "none"): 143,
}


@dataclass(frozen=True)
class Server(Endpoint):
    """A mail server, how it is spoken to, and as whom."""

    security: Security = "tls"
    username: str = ""

    @property
    def token(self) -> bool:
        """Whether the credential is a token, and not a password."""
        return self.credential is not None and self.credential.kind != "login"


def server(
    protocol: Literal["smtp", "imap"],
    integration: Integration | None,
    host: str,
    credential: Credential | None,
    username: str,
    port: int | None,
    security: Security,
    timeout: float,
    verify: bool,
    authority: Path | None,
) -> Server:
    """What the parameters of a step come to. Raises `BusinessError` for what does not fit together.

    Of an integration the SMTP server is the address; its options `security`, `imap_host`, `imap_port`,
    `imap_security`, `verify`, `authority` and `username` say the rest.
    """
    what = "SMTP server" if protocol == "smtp" else "IMAP server"
    options: dict[str, Any] = dict(integration.options) if integration is not None else {}
    before = "" if protocol == "smtp" else "imap_"
    if integration is not None:
        credential = credential or integration.credential
        username = username or str(options.get("username") or "")
        security = options.get(f"{before}security") or security
        verify = verify and bool(options.get("verify", True))
        authority = authority or (Path(options["authority"]) if options.get("authority") else None)
        timeout = integration.timeout
    address = either(integration, host, what)
    if integration is not None and protocol == "imap":
        address = str(options.get("imap_host") or "")
        if not address:
            raise BusinessError(
                say("the integration {name!r} names no IMAP server", name=integration.name),
                hint=say("Add its IMAP server to the integration, or give the server in the step."),
            )
        port = port or options.get("imap_port")
    scheme = address.partition("://")[0] if "://" in address else ""
    if scheme in ("smtps", "imaps"):
        security = "tls"
    name, number = host_and_port(address, port or _PORTS[protocol, security])
    if credential is not None:
        username = username or credential.text("username")
    return Server(name, number, credential, timeout, verify, authority, integration, security, plain_text(username))


def plain_text(text: str) -> str:
    """`text`, if it has no line break or other control character, by which a command would end.

    Raises `BusinessError`.
    """
    if any(ord(sign) < 32 or ord(sign) == 127 or "\ud800" <= sign <= "\udfff" for sign in text):
        raise BusinessError(
            say("{text!a} holds a line break or another character that may not stand there", text=text[:100]),
            hint=say("Take it out."),
        )
    return text


def no_user(server: Server) -> BusinessError:
    """What a step fails with that does not know as whom to sign in."""
    return BusinessError(
        say("it is not said as whom to sign in at {shown}", shown=server.shown), hint=say("Fill in 'Sign in as'.")
    )


def refused(server: Server, said: str) -> BusinessError:
    """What a step fails with whose sign-in was refused."""
    return BusinessError(
        say("{shown} refuses the sign-in of {user}: {said}", shown=server.shown, user=server.username, said=said),
        hint=say("Check the credential; some providers want a password made for programs, or OAuth 2."),
    )
