"""Access tokens from a token server on this machine, in good days and bad."""

from __future__ import annotations

import asyncio
import base64
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

from engine.core.errors import BusinessError, SystemFault
from engine.core.secrets import Use, redact
from engine.vault.keys import Access
from engine.vault.source import VaultSecrets
from engine.vault.vault import Token, Vault
from tests.unit.engine.vault.conftest import ME

USE = Use("http.request", "an-execution", "send")


@dataclass
class TokenServer:
    """Answers as it is told; `asked` holds the forms it got and how the client was named."""

    url: str
    answers: list[tuple[int, Any]] = field(default_factory=list)
    asked: list[dict[str, str]] = field(default_factory=list)
    called: threading.Event = field(default_factory=threading.Event)
    delay: float = 0.0
    count: int = 0

    def answer(self, form: dict[str, str]) -> tuple[int, Any]:
        self.asked.append(form)
        self.called.set()
        time.sleep(self.delay)
        if self.answers:
            return self.answers.pop(0)
        self.count += 1
        return 200, {"access_token": f"access-{self.count:04}", "token_type": "Bearer", "expires_in": 3600}


@pytest.fixture
def server() -> Iterator[TokenServer]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            scheme, _, pair = self.headers.get("Authorization", "").partition(" ")
            if scheme == "Basic":
                form["basic"] = base64.b64decode(pair).decode()
            status, answer = told.answer(form)
            data = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
            self.send_response(status)
            if status == 302:
                self.send_header("Location", told.url)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *arguments: object) -> None:
            pass

    running = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    running.daemon_threads = True
    told = TokenServer(f"http://127.0.0.1:{running.server_port}/token")
    thread = threading.Thread(target=running.serve_forever, args=(0.02,))
    thread.start()
    yield told
    running.shutdown()
    thread.join()
    running.server_close()


@pytest.fixture
def source(vault: Vault, server: TokenServer) -> VaultSecrets:
    fields = {"token_url": server.url, "client_id": "robot", "client_secret": "s3cr3t/+ one", "scope": "read write"}
    vault.add("api", "oauth2", fields, ME)
    return VaultSecrets(vault.path.parent, environment=vault.access.environment)


async def test_the_client_is_granted_a_token_which_is_kept(
    source: VaultSecrets, server: TokenServer, access: Access
) -> None:
    assert (await source.reveal("api", USE)).reveal() == "access-0001"
    assert server.asked == [
        {"grant_type": "client_credentials", "scope": "read write", "basic": "robot:s3cr3t%2F%2B+one"}
    ]
    found = await source.credential("api", USE)
    assert (found.secret().reveal(), found.text("client_id")) == ("access-0001", "robot")
    assert redact("Bearer access-0001") == "Bearer ••••••"
    other = VaultSecrets(source.vault.path.parent, environment=access.environment)
    assert (await other.reveal("api", USE)).reveal() == "access-0001"
    assert (await other.reveal("api.client_secret", USE)).reveal() == "s3cr3t/+ one"
    assert len(server.asked) == 1
    assert "access-0001" not in source.vault.path.read_text()
    assert [one.event for one in reversed(source.vault.audit.entries())] == [
        "added",
        "used",
        "refreshed",
        "used",
        "used",
        "used",
    ]


async def test_a_refresh_token_is_exchanged_for_the_new_one(source: VaultSecrets, server: TokenServer) -> None:
    source.vault.change("api", {"refresh_token": "refresh-1"}, ME)
    server.answers = [(200, {"access_token": "access-a", "expires_in": "1", "refresh_token": "refresh-2"})]
    assert (await source.reveal("api", USE)).reveal() == "access-a"
    await asyncio.sleep(0.6)
    assert (await source.reveal("api", USE)).reveal() == "access-0001"
    assert [form["refresh_token"] for form in server.asked] == ["refresh-1", "refresh-2"]
    assert {form["grant_type"] for form in server.asked} == {"refresh_token"}


async def test_a_token_is_refreshed_before_it_expires_or_when_the_clock_went_back(
    source: VaultSecrets, server: TokenServer
) -> None:
    now = time.time()
    for number, token in enumerate(
        (
            Token("old-1", now + 50, now - 3550),
            Token("old-2", now + 7200, now + 3600),
            Token("good", now + 70, now - 3530),
        )
    ):
        held = source.vault.peek("api")
        source.vault.keep_token(held, token, {}, ME)
        got = (await source.reveal("api", USE)).reveal()
        assert (got == "good") == (number == 2), got
    assert len(server.asked) == 2


async def test_many_that_ask_at_once_cause_one_request(
    source: VaultSecrets, server: TokenServer, access: Access
) -> None:
    server.delay = 0.1
    sources = [source, VaultSecrets(source.vault.path.parent, environment=access.environment)]
    found = await asyncio.gather(*(sources[number % 2].reveal("api", USE) for number in range(10)))
    assert {secret.reveal() for secret in found} == {"access-0001"}
    assert len(server.asked) == 1


async def test_a_server_that_wants_the_client_in_the_body(source: VaultSecrets, server: TokenServer) -> None:
    server.answers = [(401, {"error": "invalid_client"})]
    assert (await source.reveal("api", USE)).reveal() == "access-0001"
    assert server.asked[1]["client_secret"] == "s3cr3t/+ one" and "basic" not in server.asked[1]


@pytest.mark.parametrize(
    ("answers", "kind", "told", "hint"),
    [
        (
            [(400, {"error": "invalid_grant", "error_description": "expired"})],
            BusinessError,
            "invalid_grant: expired",
            "sign in again",
        ),
        ([(401, {"error": "invalid_client"})] * 2, BusinessError, "invalid_client", "client secret"),
        ([(400, {"error": "invalid_scope"})], BusinessError, "invalid_scope", "scopes"),
        ([(404, b"<html>")], BusinessError, "HTTP 404", "token address"),
        ([(302, b"")], BusinessError, "HTTP 302", "token address"),
        ([(200, b"<html>")], BusinessError, "HTTP 200", "token address"),
        ([(200, {"access_token": ""})], BusinessError, "HTTP 200", "token address"),
        ([(200, [1])], BusinessError, "HTTP 200", "token address"),
        ([(503, b"")], SystemFault, "HTTP 503", "later"),
        ([(429, {"error": "slow_down"})], SystemFault, "slow_down", "later"),
        ([(200, b"[" * 100_000)], BusinessError, "HTTP 200", "token address"),
    ],
)
async def test_a_server_that_refuses_is_told_by_name(
    source: VaultSecrets, server: TokenServer, answers: list[Any], kind: type[Exception], told: str, hint: str
) -> None:
    server.answers = list(answers)
    with pytest.raises(kind, match=told) as refused:
        await source.reveal("api", USE)
    assert hint in refused.value.hint and "127.0.0.1" in str(refused.value)  # type: ignore[attr-defined]
    assert (await source.reveal("api", USE)).reveal() == "access-0001"


async def test_a_secret_that_the_server_repeats_is_masked(source: VaultSecrets, server: TokenServer) -> None:
    server.answers = [(400, {"error": "bad", "error_description": "secret 's3cr3t/+ one' is wrong"})]
    with pytest.raises(BusinessError) as refused:
        await source.reveal("api", USE)
    assert "s3cr3t" not in str(refused.value)


async def test_a_server_that_is_not_there(source: VaultSecrets) -> None:
    source.vault.change("api", {"token_url": "http://127.0.0.1:9/token"}, ME)
    with pytest.raises(SystemFault, match="cannot be reached"):
        await source.reveal("api", USE)


async def test_what_was_granted_is_kept_also_when_nobody_waits_any_more(
    source: VaultSecrets, server: TokenServer
) -> None:
    source.vault.change("api", {"refresh_token": "refresh-1"}, ME)
    server.delay = 0.2
    server.answers = [(200, {"access_token": "access-a", "expires_in": 3600, "refresh_token": "refresh-2"})]
    task = asyncio.ensure_future(source.reveal("api", USE))
    await asyncio.to_thread(server.called.wait)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert source.vault.peek("api").fields["refresh_token"] == "refresh-2"


async def test_a_credential_changed_meanwhile_keeps_its_change(source: VaultSecrets, server: TokenServer) -> None:
    held = source.vault.peek("api")
    source.vault.change("api", {"client_secret": "another"}, ME)
    source.vault.keep_token(replace(held), Token("late", time.time() + 100, time.time()), {"refresh_token": "x"}, ME)
    assert source.vault.peek("api").fields["client_secret"] == "another"
    assert source.vault.peek("api").token is None


def test_a_token_says_nothing_of_itself(tmp_path: Path) -> None:
    assert "access" not in repr(Token("access-0001", 1.0, 0.0))
