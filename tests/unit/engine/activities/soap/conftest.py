from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from engine.core.secrets import Credential, Secret
from tests.support.soap_service import PASSWORD, SCHEMA, USER, WSDL, Shop
from tests.unit.engine.activities.http.conftest import Exchange, Handler, Server

LOGIN = Credential("erp", "login", "password", {"username": USER}, {"password": Secret(PASSWORD, "erp")})


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Handler], Server]]:
    """Start servers: `serve(answer)`, where `answer` is called with each request."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    started: list[tuple[Server, threading.Thread]] = []

    def start(answer: Handler) -> Server:
        server = Server()
        server.answer = answer
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        started.append((server, thread))
        return server

    yield start
    for server, thread in started:
        server.shutdown()
        server.server_close()
        thread.join()


class Running:
    """A service on a server; `first` may answer a call in its place."""

    def __init__(self, serve: Callable[[Handler], Server], schema: str = SCHEMA) -> None:
        self.shop = Shop()
        self.schema = schema
        self.first: Any = None
        self.server = serve(self._answer)
        self.wsdl = f"{self.server.url}/shop?wsdl"

    @property
    def text(self) -> str:
        return WSDL.format(schema=self.schema, address=f"{self.server.url}/shop")

    def _answer(self, exchange: Exchange) -> None:
        if exchange.command == "GET":
            content = SCHEMA if exchange.path.endswith(".xsd") else self.text
            exchange.reply(body=content.encode(), Content_Type="text/xml")
            return
        if self.first is not None:
            first, self.first = self.first, None
            first(exchange)
            return
        status, body = self.shop.answer(exchange.body)
        exchange.reply(status, body, Content_Type="text/xml; charset=utf-8")


@pytest.fixture
def shop(serve: Callable[[Handler], Server]) -> Running:
    return Running(serve)
