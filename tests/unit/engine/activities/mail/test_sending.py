from __future__ import annotations

import asyncio
import base64
import email
import email.policy
import ssl
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from engine.activities import mail
from engine.core.errors import BusinessError, StepTimeout, SystemFault
from engine.core.values import FileRef
from engine.sdk.testing import ActivityEnvironment
from tests.support.authority import Authority
from tests.support.outside import Outside
from tests.support.servers import free_port
from tests.support.workflows import file_engine, workflow
from tests.unit.engine.activities.mail.conftest import login, token

PASSWORD = "hunter2-hunter2"
Post = Callable[..., "Office"]
pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH")
Cut = Callable[..., Any]


class Office:
    """What arrives; `refuse` answers for a recipient, `judge` for a whole mail."""

    def __init__(self) -> None:
        self.mails: list[Envelope] = []
        self.refuse: dict[str, str] = {}
        self.judge = "250 2.0.0 Ok: queued as 17"
        self.users: list[str] = []
        self.port = 0

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.refuse:
            return self.refuse[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.judge.startswith("250"):
            self.mails.append(envelope)
        return self.judge

    def authenticate(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        assert isinstance(data, LoginPassword)
        self.users.append(data.login.decode())
        return AuthResult(success=data.password.decode() == PASSWORD, handled=False)

    async def auth_XOAUTH2(self, server: SMTP, args: list[str]) -> AuthResult:
        user, bearer = base64.b64decode(args[1]).decode().split("\1")[:2]
        self.users.append(user.removeprefix("user="))
        return AuthResult(success=bearer == f"auth=Bearer {PASSWORD}", handled=False)

    def last(self) -> EmailMessage:
        content = self.mails[-1].content
        assert isinstance(content, bytes)
        message = email.message_from_bytes(content, policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        return message

    @property
    def where(self) -> dict[str, Any]:
        return {"host": f"127.0.0.1:{self.port}", "security": "none", "sender": "Shop <shop@example.com>"}


class _Controller(Controller):
    tls = False

    def factory(self) -> SMTP:
        return SMTP(self.handler, **self.SMTP_kwargs)


@pytest.fixture
def post() -> Iterator[Post]:
    """Start servers: `post(tls=context, starttls=context, auth=True, size=...)`."""
    running: list[Controller] = []

    def start(
        tls: ssl.SSLContext | None = None, starttls: ssl.SSLContext | None = None, auth: bool = False, **options: Any
    ) -> Office:
        office = Office()
        if auth:
            options.update(authenticator=office.authenticate, auth_require_tls=False, auth_required=True)
        controller = _Controller(
            office, hostname="127.0.0.1", port=free_port(), ssl_context=tls, tls_context=starttls,
            require_starttls=starttls is not None, enable_SMTPUTF8=True, **options,
        )  # fmt: skip
        controller.start()
        running.append(controller)
        office.port = controller.port
        return office

    yield start
    for controller in running:
        controller.stop()


@pytest.fixture
def env(tmp_path: Path) -> ActivityEnvironment:
    return ActivityEnvironment(
        tmp_path,
        credentials=[
            login("right", "ada@example.com", PASSWORD),
            login("wrong", "ada@example.com", "tr0ub4dor-tr0ub4dor"),
            token("token", PASSWORD),
            token("stale", "0ld-t0ken-0ld"),
        ],
    )


HELLO = {"to": "bob@example.com", "subject": "Hello", "text": "Text."}


async def test_a_mail_with_all_there_is(env: ActivityEnvironment, post: Post, tmp_path: Path) -> None:
    (tmp_path / "фактура 1.pdf").write_bytes(b"%PDF-1.7\0\xff")
    (tmp_path / "logo.png").write_bytes(b"\x89PNG")
    office = post()
    sent = await env.run(
        mail.send,
        **office.where,
        to=["Боб <bob@example.com>, carl@example.com", "Dora <dora@bücher.example>"],
        cc="eve@example.com",
        bcc=["hidden@example.com"],
        reply_to="answers@example.com",
        subject="Фактура\r\nBcc: evil@example.com",
        text="Здравей\n.\nдве",
        html='<b>Здравей</b> <img src="cid:logo">',
        attachments=["фактура 1.pdf", {"path": str(tmp_path / "logo.png")}],
        pictures={"logo": "logo.png"},
        headers={"X-Order": "17"},
    )
    message = office.last()
    assert office.mails[0].mail_from == "shop@example.com"
    everybody = [
        "bob@example.com",
        "carl@example.com",
        "dora@xn--bcher-kva.example",
        "eve@example.com",
        "hidden@example.com",
    ]
    assert office.mails[0].rcpt_tos == sent.recipients == everybody
    assert message["from"] == "Shop <shop@example.com>" and "Боб" in message["to"] and message["bcc"] is None
    assert message["subject"] == "Фактура Bcc: evil@example.com" and message["x-order"] == "17"
    assert message["reply-to"] == "answers@example.com" and message["message-id"] == sent.message_id
    plain, html = message.get_body(("plain",)), message.get_body(("html",))
    assert plain is not None and html is not None
    assert plain.get_content().split() == ["Здравей", ".", "две"] and "Здравей" in html.get_content()
    files = {part.get_filename(): part.get_content() for part in message.iter_attachments()}
    assert files == {"фактура 1.pdf": b"%PDF-1.7\0\xff", "logo.png": b"\x89PNG"}
    shown = [part for part in message.walk() if part["content-id"] == "<logo>"]
    assert shown and shown[0].get_content_disposition() == "inline"
    assert (sent.refused, sent.answer) == ([], "2.0.0 Ok: queued as 17") and sent.size == len(
        office.mails[0].content or b""
    )


async def test_the_message_id_tells_a_repetition(env: ActivityEnvironment, post: Post, tmp_path: Path) -> None:
    office = post()
    first, second = [await env.run(mail.send, **office.where, **HELLO) for _ in range(2)]
    other = await ActivityEnvironment(tmp_path, step="other").run(mail.send, **office.where, **HELLO)
    assert first.message_id == second.message_id != other.message_id
    assert first.message_id.endswith("@example.com>")


async def test_signing_in(env: ActivityEnvironment, post: Post) -> None:
    office = post(auth=True)
    await env.run(mail.send, **office.where, **HELLO, credential="right")
    assert "unencrypted" in env.lines[0].message
    await env.run(mail.send, **{**office.where, "sender": ""}, **HELLO, credential="right")
    assert office.last()["from"] == "ada@example.com"
    await env.run(mail.send, **office.where, **HELLO, credential="token", username="shop@example.com")
    assert office.users[-1] == "shop@example.com"
    for credential in ("wrong", "stale"):
        with pytest.raises(
            BusinessError, match=r"refuses the sign-in of ada@example\.com: .*credentials invalid"
        ) as caught:
            await env.run(mail.send, **office.where, **HELLO, credential=credential, username="ada@example.com")
        assert "0ub4dor" not in str(caught.value)
    with pytest.raises(BusinessError, match="as whom"):
        await env.run(mail.send, **office.where, **HELLO, credential="token")
    with pytest.raises(BusinessError, match="530"):
        await env.run(mail.send, **office.where, **HELLO)
    with pytest.raises(BusinessError, match="takes no sign-in"):
        await env.run(mail.send, **post().where, **HELLO, credential="right")
    assert len(office.mails) == 3


async def test_encryption(env: ActivityEnvironment, post: Post, authority: Authority) -> None:
    good, old = authority.server_context("smtp"), authority.server_context("smtp-old", expired=True)
    for security, context, expired in (
        ("tls", {"tls": good}, {"tls": old}),
        ("starttls", {"starttls": good}, {"starttls": old}),
    ):
        office = post(**context, auth=True)
        where = {**office.where, "security": security, "credential": "right"}
        await env.run(mail.send, **where, **HELLO, authority=authority.pem)
        await env.run(mail.send, **where, **HELLO, verify=False)
        with pytest.raises(BusinessError, match="cannot be trusted"):
            await env.run(mail.send, **where, **HELLO)
        outdated = {**where, "host": f"127.0.0.1:{post(**expired).port}"}
        with pytest.raises(BusinessError, match="certificate has expired"):
            await env.run(mail.send, **outdated, **HELLO, authority=authority.pem)
        assert len(office.mails) == 2 and env.lines == []
    with pytest.raises(BusinessError, match="offers no encryption"):
        await env.run(mail.send, **{**post().where, "security": "starttls"}, **HELLO)
    with pytest.raises(SystemFault, match="no encrypted connection"):
        await env.run(mail.send, **{**post().where, "security": "tls"}, **HELLO, timeout=5)


async def test_recipients_that_are_refused(env: ActivityEnvironment, post: Post) -> None:
    office = post()
    office.refuse = {"bob@example.com": "550 5.1.1 No such user", "late@example.com": "450 4.2.1 Try later"}
    with pytest.raises(BusinessError, match=r"nothing was sent: bob@example.com \(550 5.1.1 No such user\)"):
        await env.run(mail.send, **office.where, to="bob@example.com, ada@example.com", subject="x")
    with pytest.raises(SystemFault, match=r"late@example\.com"):
        await env.run(mail.send, **office.where, to="late@example.com", subject="x")
    with pytest.raises(BusinessError, match="nothing was sent"):
        await env.run(mail.send, **office.where, to="bob@example.com", subject="x", partly=True)
    assert office.mails == []
    sent = await env.run(mail.send, **office.where, to="bob@example.com, ada@example.com", subject="x", partly=True)
    assert sent.recipients == ["ada@example.com"] and [one.status for one in sent.refused] == [550]


async def test_a_mail_that_is_refused(env: ActivityEnvironment, post: Post, tmp_path: Path) -> None:
    office = post(data_size_limit=100_000)
    office.judge = "554 5.7.1 Looks like spam"
    with pytest.raises(BusinessError, match=r"answered 554: 5\.7\.1 Looks like spam"):
        await env.run(mail.send, **office.where, **HELLO)
    office.judge = "451 4.3.0 Try again"
    with pytest.raises(SystemFault, match="answered 451") as caught:
        await env.run(mail.send, **office.where, **HELLO)
    assert not isinstance(caught.value, StepTimeout)
    (tmp_path / "big.bin").write_bytes(b"x" * 200_000)
    with pytest.raises(BusinessError, match=r"the mail has 0.3 MB, and .* takes no more than 0.1 MB"):
        await env.run(mail.send, **office.where, **HELLO, attachments="big.bin")


@pytest.mark.parametrize(
    ("said", "error"), [(b"354", StepTimeout), (b"Text.", StepTimeout), (b"RCPT", SystemFault), (b"MAIL", SystemFault)]
)
async def test_a_connection_that_breaks(
    env: ActivityEnvironment, post: Post, line: Cut, said: bytes, error: type[SystemFault]
) -> None:
    office = post()
    way = line(office.port, lambda sent, received: said in sent + received, before=said != b"Text.")
    with pytest.raises(SystemFault) as caught:
        await env.run(mail.send, **{**office.where, "host": f"127.0.0.1:{way.port}"}, **HELLO)
    assert type(caught.value) is error
    assert ("nobody knows whether it was sent" in str(caught.value)) == (error is StepTimeout)
    assert error is SystemFault or "Message-ID <" in caught.value.hint
    assert error is StepTimeout or "retry" in caught.value.hint


async def test_a_server_that_is_gone_or_silent(env: ActivityEnvironment, post: Post) -> None:
    with pytest.raises(SystemFault, match="cannot be reached: Connection refused"):
        await env.run(mail.send, **{**post().where, "host": f"127.0.0.1:{free_port()}"}, **HELLO)
    silent = await asyncio.start_server(_silent, "127.0.0.1", 0)
    async with silent:
        port = silent.sockets[0].getsockname()[1]
        with pytest.raises(SystemFault, match="cannot be reached: it did not answer in time"):
            await env.run(mail.send, **{**post().where, "host": f"127.0.0.1:{port}"}, **HELLO, timeout=0.3)
    busy = await asyncio.start_server(_busy, "127.0.0.1", 0)
    async with busy:
        port = busy.sockets[0].getsockname()[1]
        with pytest.raises(SystemFault, match="answered 421: Too busy"):
            await env.run(mail.send, **{**post().where, "host": f"127.0.0.1:{port}"}, **HELLO)


async def _silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()
    writer.close()


async def _busy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"421 Too busy\r\n")
    await writer.drain()
    writer.close()


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"to": ""}, "no recipient"),
        ({"to": "nobody"}, "'nobody' is not a mail address"),
        ({"to": "a b@example.com"}, "is not a mail address"),
        ({"to": "bob@example.com", "cc": "bob@"}, "is not a mail address"),
        ({"sender": "a@example.com, b@example.com"}, "one sender"),
        ({"sender": ""}, "one sender"),
        ({"headers": {"X-A": "1\r\nBcc: x@example.com"}}, "cannot be written"),
        ({"headers": {"Bcc": "x@example.com"}}, "made by the step itself"),
        ({"text": "\ud800"}, "cannot be written"),
        ({"attachments": ["missing.pdf"]}, "no file or folder"),
        ({"pictures": {"a": "missing.png"}}, "no HTML text"),
        ({"host": ""}, "which server to use"),
    ],
)
async def test_what_cannot_be_sent(env: ActivityEnvironment, post: Post, values: dict[str, Any], told: str) -> None:
    office = post()
    with pytest.raises(BusinessError, match=told):
        await env.run(mail.send, **{**office.where, **HELLO, **values})
    assert office.mails == []


async def test_addresses_in_other_scripts(env: ActivityEnvironment, post: Post) -> None:
    office = post()
    await env.run(mail.send, **office.where, to="пощальон@example.com", subject="x")
    assert office.mails[0].rcpt_tos == ["пощальон@example.com"] and office.mails[0].smtp_utf8


async def test_in_a_workflow_with_kept_files(tmp_path: Path, post: Post, box: Any) -> None:
    office = post()
    (tmp_path / "note.txt").write_text("Kept.")
    text = f"""
steps:
  - id: send
    activity: mail.send
    with:
      to: ada@example.com
      subject: "Order {{{{ 10 + 7 }}}}"
      text: Text
      sender: shop@example.com
      host: "127.0.0.1:{office.port}"
      security: none
      attachments: [note.txt]
outputs: {{id: "{{{{ steps.send.output.message_id }}}}"}}
"""
    async with file_engine(tmp_path, home=tmp_path) as engine:
        outcome = await engine.wait(await engine.start(workflow(text), folder=tmp_path))
    assert outcome.status == "succeeded", outcome.error
    assert outcome.output["id"] == office.last()["message-id"]
    box.put(office.mails[0].content)
    where = f'host: "127.0.0.1:{box.server.port}", security: none, credential: box'
    back = f"""
steps:
  - {{id: find, activity: mail.search, with: {{{where}}}}}
  - {{id: save, activity: mail.attachments, with: {{{where}, mails: "{{{{ steps.find.output.mails }}}}"}}}}
  - id: again
    activity: mail.send
    with:
      to: ada@example.com
      subject: Again
      sender: shop@example.com
      host: "127.0.0.1:{office.port}"
      security: none
      attachments: ["{{{{ steps.save.output.files[0].file }}}}"]
outputs: {{file: "{{{{ steps.save.output.files[0].file }}}}", found: "{{{{ steps.find.output.mails }}}}"}}
edges: [find.next -> save, save.next -> again]
"""

    class Vault:
        async def credential(self, name: str, use: Any) -> Any:
            return box.credential

        async def reveal(self, name: str, use: Any) -> Any:
            return box.credential.secret()

    async with file_engine(tmp_path, home=tmp_path, secrets=Vault()) as engine:
        outcome = await engine.wait(await engine.start(workflow(back), folder=tmp_path))
    assert outcome.status == "succeeded", outcome.error
    assert isinstance(outcome.output["file"], FileRef) and outcome.output["file"].name == "note.txt"
    (attached,) = office.last().iter_attachments()
    assert (attached.get_filename(), attached.get_content()) == ("note.txt", "Kept.")


async def test_a_retry_of_the_step_does_not_repeat_what_may_have_been_sent(
    tmp_path: Path, post: Post, line: Cut
) -> None:
    office = post()
    way = line(office.port, lambda sent, received: b"queued as" in received)
    text = f"""
steps:
  - id: send
    activity: mail.send
    retry: {{attempts: 3, delay: 0.01}}
    with: {{to: a@example.com, subject: x, sender: s@example.com, host: "127.0.0.1:{way.port}", security: none}}
"""
    async with file_engine(tmp_path, home=tmp_path) as engine:
        outcome = await engine.wait(await engine.start(workflow(text), folder=tmp_path))
    assert outcome.error is not None and "nobody knows" in outcome.error["message"]
    assert len(office.mails) == 1 == way.connections


async def test_by_an_integration(env: ActivityEnvironment, post: Post, box: Any) -> None:
    office = post(auth=True)
    options = {"security": "none", "imap_host": "127.0.0.1", "imap_port": box.server.port, "imap_security": "none"}
    there = Outside(
        "post", "smtp", f"127.0.0.1:{office.port}", {**options, "sender": "shop@example.com"}, env.credentials["right"]
    )
    away = Outside("away", "smtp", f"127.0.0.1:{free_port()}", {"security": "none", "sender": "shop@example.com"})
    env.integrations = {"post": there, "away": away}
    await env.run(mail.send, **HELLO, integration="post")
    assert office.mails[0].mail_from == "shop@example.com" and office.users == ["ada@example.com"]
    office.judge = "554 no"
    with pytest.raises(BusinessError):
        await env.run(mail.send, **HELLO, integration="post")
    with pytest.raises(SystemFault):
        await env.run(mail.send, **HELLO, integration="away")
    assert there.calls == ["", "BusinessError"] and away.calls == ["SystemFault"]
    there.credential = box.credential
    assert (await env.run(mail.search, integration="post")).count == 0
    assert there.calls[2:] == [""]
    with pytest.raises(BusinessError, match="names no IMAP server"):
        await env.run(mail.search, integration="away")
    with pytest.raises(BusinessError, match="both an integration and an address"):
        await env.run(mail.send, **HELLO, integration="post", host="127.0.0.1")
