"""HTTP on 127.0.0.1: reads requests within limits, draws faults, and closes without leaving a thread behind."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from engine.practice import office, rooms
from engine.practice.pages import page
from engine.practice.state import State, find
from engine.practice.web import MAX_FORM, MAX_UPLOAD, Refused, Reply, Request, redirect

HOST = "127.0.0.1"
MAX_CONNECTIONS = 200
IDLE = 30.0
"""Seconds after which a connection on which nothing comes is closed."""
_NAMES = (HOST, "localhost")
_UPLOADS = ("/files",)


class Server(ThreadingHTTPServer):
    """The site's socket and its threads, one a connection."""

    daemon_threads = False  # so that closing waits for them
    request_queue_size = 128

    def __init__(self, port: int, state: State) -> None:
        self.state = state
        self._open: set[socket.socket] = set()
        self._torn: set[socket.socket] = set()
        self._lock = threading.Lock()
        super().__init__((HOST, port), Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._lock:
            crowded = len(self._open) >= MAX_CONNECTIONS or self.state.closed.is_set()
            if not crowded:
                self._open.add(request)
        if crowded:
            super().shutdown_request(request)
            return
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._lock:
            self._open.discard(request)
            torn = request in self._torn
            self._torn.discard(request)
        if torn:
            self.close_request(request)  # a shutdown would end it in good order
        else:
            super().shutdown_request(request)

    def tear(self, request: socket.socket) -> None:
        """Have the connection reset when its handler returns."""
        request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        with self._lock:
            self._torn.add(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no news."""

    def close(self) -> None:
        """Stop taking requests, close the connections, and wait for the threads."""
        self.state.closed.set()
        self.shutdown()
        with self._lock:
            left = list(self._open)
        for one in left:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        self.server_close()


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    server: Server
    protocol_version = "HTTP/1.1"
    server_version = "practice"
    sys_version = ""
    timeout = IDLE
    disable_nagle_algorithm = True
    wbufsize = -1

    def do_GET(self) -> None:
        self._serve()

    do_HEAD = do_GET

    def do_POST(self) -> None:
        self._serve()

    def log_message(self, format: str, *arguments: Any) -> None:
        """The scoreboard tells what happened."""

    def _serve(self) -> None:
        state = self.server.state
        state.scoreboard.count("requests")
        try:
            reply = self._answer(self._request(), state)
        except Refused as refused:
            reply = page("refused", refused.message, status=refused.status, message=refused.message)
            if refused.status in (400, 408, 411, 413):
                self.close_connection = True  # what is left of the body is not the next request
        if reply.cut is not None:
            self._tear(reply)
            return
        self._head(reply)
        if self.command != "HEAD":
            self.wfile.write(reply.body)
        self.wfile.flush()

    def _answer(self, request: Request, state: State) -> Reply:
        method = "GET" if request.method == "HEAD" else request.method
        route, parts, known = find(method, request.path)
        if route is None:
            raise Refused(405, "This page takes no such request.") if known else Refused(404, "There is no such page.")
        if not route.steady:
            kind = state.trouble.draw()
            if kind:
                return rooms.fault(kind)
            state.wait(state.slow)
        key = request.cookie(office.SESSION)
        if route.inner and not state.gate.knows(key):
            query: dict[str, str] = {"expired": "1"} if key else {}
            if method == "GET":
                query["next"] = self.path
            return redirect(f"/login?{urllib.parse.urlencode(query)}")
        return route.handler(state, request, **parts)

    def _request(self) -> Request:
        """Read the request. Raises `Refused` for what is too large, and for a page of another site that asks."""
        headers = {name.lower(): value for name, value in self.headers.items()}
        if headers.get("host", "").rpartition(":")[0] not in _NAMES and headers.get("host") not in _NAMES:
            self.close_connection = True
            raise Refused(421, "This site has no such name.")
        split = urllib.parse.urlsplit(self.path)
        path = urllib.parse.unquote(split.path)
        try:
            query = dict(urllib.parse.parse_qsl(split.query, keep_blank_values=True, max_num_fields=100))
        except ValueError:
            raise Refused(400, "The address has too many fields.") from None
        body = b""
        if self.command == "POST":
            if "transfer-encoding" in headers:
                raise Refused(411, "Say how long the body is with Content-Length.")
            length = headers.get("content-length", "")
            if not length.isdecimal():
                raise Refused(411, "Say how long the body is with Content-Length.")
            if len(length) > 10 or int(length) > (MAX_UPLOAD if path in _UPLOADS else MAX_FORM):
                raise Refused(413, "That is more than this page takes.")
            body = self.rfile.read(int(length))
            if len(body) < int(length):
                raise Refused(400, "The body ended too early.")
        return Request(self.command, path, query, headers, body)

    def _head(self, reply: Reply) -> None:
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.media_type)
        self.send_header("Content-Length", str(len(reply.body)))
        self.send_header("X-Content-Type-Options", "nosniff")
        for name, value in {"Cache-Control": "no-store", **reply.headers}.items():
            self.send_header(name, value.encode("ascii", "backslashreplace").decode())
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()

    def _tear(self, reply: Reply) -> None:
        """Send what comes before the cut, and reset the connection."""
        if reply.cut:
            self._head(reply)
            self.wfile.write(reply.body[: reply.cut])
            self.wfile.flush()
        self.close_connection = True
        self.server.tear(self.connection)
