"""Real web servers on free ports of 127.0.0.1, each answering as a function says."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


class Request(http.server.BaseHTTPRequestHandler):
    """One request: `command`, `path`, `headers` and `body`; `reply` answers it."""

    protocol_version = "HTTP/1.1"
    timeout = 10  # a connection that a client keeps open must not keep the server from ending
    server: WebServer

    def handle_any(self) -> None:
        self.body = self.rfile.read(int(self.headers.get("content-length") or 0))
        with self.server.lock:
            self.server.requests.append((self.command, self.path, dict(self.headers)))
        try:
            self.server.answer(self)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    do_GET = do_POST = do_PUT = do_HEAD = do_OPTIONS = handle_any

    def reply(self, status: int = 200, body: bytes = b"{}", **headers: str) -> None:
        self.send_response(status)
        for name, value in {"content_type": "application/json", **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None: ...


Answer = Callable[[Request], None]


class WebServer(http.server.ThreadingHTTPServer):
    """`requests` holds what came: command, path and headers."""

    daemon_threads = False
    request_queue_size = 128

    def __init__(self, answer: Answer) -> None:
        super().__init__(("127.0.0.1", 0), Request)
        self.answer = answer
        self.lock = threading.Lock()
        self.requests: list[tuple[str, str, dict[str, str]]] = []
        self.stopping = threading.Event()
        self.url = f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request: Any, client_address: Any) -> None: ...


@contextmanager
def serving() -> Iterator[Callable[[Answer], WebServer]]:
    """Start servers, and stop them behind the block."""
    started: list[tuple[WebServer, threading.Thread]] = []

    def start(answer: Answer) -> WebServer:
        server = WebServer(answer)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        started.append((server, thread))
        return server

    try:
        yield start
    finally:
        for server, thread in started:
            server.stopping.set()
            server.shutdown()
            server.server_close()
            thread.join()
