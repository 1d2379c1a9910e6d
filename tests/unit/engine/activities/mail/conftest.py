from __future__ import annotations

import imaplib
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from engine.core.secrets import Credential, Secret
from engine.sdk.testing import ActivityEnvironment
from tests.support.authority import Authority
from tests.support.dovecot import PASSWORD, Dovecot, dovecot
from tests.support.servers import Line

_numbers = itertools.count(1)


def login(name: str, username: str, password: str) -> Credential:
    return Credential(name, "login", "password", {"username": username}, {"password": Secret(password, name)})


def token(name: str, value: str) -> Credential:
    return Credential(name, "token", "token", {}, {"token": Secret(value, name)})


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="session")
def server(authority: Authority) -> Iterator[Dovecot]:
    with dovecot(authority.issue("imap")) as running:
        yield running


@pytest.fixture(scope="session")
def plain_server(authority: Authority) -> Iterator[Dovecot]:
    """One that can do no more than the protocol of 2003 asks for."""
    with dovecot(authority.issue("plain"), "IMAP4rev1") as running:
        yield running


@dataclass(frozen=True)
class Box:
    """Somebody's mailbox."""

    server: Dovecot
    user: str

    @property
    def where(self) -> dict[str, Any]:
        return {"host": f"127.0.0.1:{self.server.port}", "security": "none", "credential": "box"}

    @property
    def credential(self) -> Credential:
        return login("box", self.user, PASSWORD)

    def client(self) -> imaplib.IMAP4:
        client = imaplib.IMAP4("127.0.0.1", self.server.port)
        client.login(self.user, PASSWORD)
        return client

    def put(self, *mails: bytes | str, folder: str = "INBOX", flags: str = "") -> None:
        client = self.client()
        if folder != "INBOX":
            client.create(folder)
        for mail in mails:
            data = mail if isinstance(mail, bytes) else mail.encode()
            said, _ = client.append(folder, flags, "", data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))
            assert said == "OK"
        client.logout()

    def count(self, folder: str = "INBOX") -> int:
        client = self.client()
        said, found = client.select(folder, readonly=True)
        client.logout()
        return int(found[0] or 0) if said == "OK" else -1


@pytest.fixture
def box(server: Dovecot) -> Box:
    return Box(server, f"user{next(_numbers)}")


@pytest.fixture
def plain_box(plain_server: Dovecot) -> Box:
    return Box(plain_server, f"user{next(_numbers)}")


@pytest.fixture
def env(tmp_path: Path, box: Box) -> ActivityEnvironment:
    return ActivityEnvironment(
        tmp_path,
        credentials=[box.credential, login("wrong", box.user, "hunter2-hunter2"), token("token", "t0ken-t0ken")],
    )


@pytest.fixture
def line() -> Iterator[Callable[..., Line]]:
    """`line(port, cut)`: a way to a server that is cut."""
    made: list[Line] = []

    def make(port: int, cut: Callable[[bytes, bytes], bool], **options: Any) -> Line:
        made.append(Line(port, cut, **options))
        return made[-1]

    yield make
    for one in made:
        one.close()


def mail(subject: str = "Hello", sender: str = "Ada <ada@example.com>", body: str = "Text.", more: str = "") -> str:
    """A plain mail."""
    return (
        f"From: {sender}\nTo: shop@example.com\nSubject: {subject}\nMessage-ID: <{next(_numbers)}@example.com>\n"
        f"Date: Mon, 23 Nov 2026 10:00:00 +0200\n{more}\n{body}\n"
    )
