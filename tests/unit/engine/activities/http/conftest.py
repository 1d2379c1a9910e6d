from __future__ import annotations

import http.server
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from typing import Any

import pytest

Handler = Callable[["Exchange"], None]
PEM = Path(__file__).with_name("localhost.pem")
"""A certificate for 127.0.0.1 that nobody signed, and its key; of no use but here."""


@dataclass(frozen=True)
class Received:
    """What a client sent."""

    command: str
    path: str
    headers: Message
    body: bytes


class Exchange(http.server.BaseHTTPRequestHandler):
    """One request; `server.answer` decides what comes back."""

    protocol_version = "HTTP/1.1"
    server: Server

    def handle_any(self) -> None:
        length = int(self.headers.get("content-length") or 0)
        self.body = self.rfile.read(length)
        self.server.requests.append(Received(self.command, self.path, self.headers, self.body))
        try:
            self.server.answer(self)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = handle_any

    def reply(self, status: int = 200, body: bytes = b"", length: int | None = None, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)
        if length is not None:
            self.wfile.flush()
            self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None: ...


class Server(http.server.ThreadingHTTPServer):
    """A real server on a free port, in threads that end with the test."""

    daemon_threads = False

    def __init__(self, tls: bool = False) -> None:
        super().__init__(("127.0.0.1", 0), Exchange)
        self.requests: list[Received] = []
        self.stopping = threading.Event()
        self.answer: Handler = lambda exchange: exchange.reply()
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(PEM)
            self.socket = context.wrap_socket(self.socket, server_side=True)
        self.url = f"http{'s' if tls else ''}://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request: Any, client_address: Any) -> None: ...


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Server]]:
    """Start servers: `serve(answer)`, where `answer` is called with each request."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    started: list[tuple[Server, threading.Thread]] = []

    def start(answer: Handler, tls: bool = False) -> Server:
        server = Server(tls)
        server.answer = answer
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        started.append((server, thread))
        return server

    yield start
    for server, thread in started:
        server.stopping.set()
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Pauses between tries, taken down instead of waited for."""
    import asyncio

    from engine.sdk.http import exchange

    pauses: list[float] = []

    class Asyncio:
        def __getattr__(self, name: str) -> Any:
            return getattr(asyncio, name)

        async def sleep(self, seconds: float) -> None:
            pauses.append(seconds)

    monkeypatch.setattr(exchange, "asyncio", Asyncio())
    return pauses
