"""Pages served on a free port, and one browser for all tests of a process that do nothing to the browser itself."""

from __future__ import annotations

import http.server
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import pytest_asyncio

from engine.activities import browser
from engine.activities.browser.session import Answers, Browser
from engine.core.secrets import Credential, Secret
from engine.core.values import plain
from engine.sdk.testing import ActivityEnvironment

PASSWORD = "corr3ct-horse-battery"
LOGIN = Credential("shop", "login", "password", {"username": "ada"}, {"password": Secret(PASSWORD, "shop")})
Answer = tuple[int, str, bytes, dict[str, str]]


class Site(http.server.ThreadingHTTPServer):
    """A real server on a free port: `pages` holds what it answers, by path."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.pages: dict[str, str | Answer | Callable[[], str | Answer]] = {}
        self.asked: list[str] = []
        self.url = f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request: Any, client_address: Any) -> None: ...


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.0"
    timeout = 0.5  # a browser opens connections ahead of time
    server: Site

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        self.server.asked.append(self.path)
        found = self.server.pages.get(path, (404, "text/html", b"<h1>nothing here</h1>", {}))
        made = found() if callable(found) else found
        if isinstance(made, str):
            made = (200, "text/html; charset=utf-8", f"<!doctype html><meta charset=utf-8>{made}".encode(), {})
        status, kind, body, headers = made
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", headers.pop("Content-Length", str(len(body))))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None: ...


@pytest.fixture(scope="session")
def shared_site() -> Iterator[Site]:
    site = Site()
    thread = threading.Thread(target=site.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield site
    site.shutdown()
    site.server_close()
    thread.join()


@pytest.fixture
def site(shared_site: Site) -> Iterator[Site]:
    yield shared_site
    shared_site.pages.clear()
    shared_site.asked.clear()


class Web:
    """Runs activities in an environment, and gives plain data."""

    def __init__(self, folder: Path) -> None:
        self.environment = ActivityEnvironment(folder, credentials=[LOGIN])
        self.site: Site | None = None

    async def __call__(self, function: Callable[..., Any], **values: Any) -> Any:
        return plain(await self.environment.run(function, **values))

    async def show(self, html: str) -> None:
        """Serve a page and go to it."""
        assert self.site is not None
        self.site.pages["/"] = html
        await self(browser.go_to, address=self.site.url)

    async def js(self, code: str) -> Any:
        return (await self(browser.run_javascript, code=code))["value"]


async def ended(environment: ActivityEnvironment) -> None:
    await environment.close()
    await environment.context.sessions._shared.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session", autouse=True)
async def shared_web(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Web]:
    web = Web(tmp_path_factory.mktemp("web"))
    await web(browser.open_browser, timeout=5)
    yield web
    await ended(web.environment)


@pytest_asyncio.fixture(loop_scope="session")
async def web(shared_web: Web, site: Site) -> AsyncIterator[Web]:
    """The shared browser, with one tab and no memory."""
    shared_web.site = site
    yield shared_web
    open_ = shared_web.environment.context.sessions.get(Browser, "browser")
    assert open_ is not None
    for page in open_.pages[1:]:
        await page.close()
    open_.heard()
    open_.answers = Answers()
    await open_.context.clear_cookies()


@pytest_asyncio.fixture
async def alone(tmp_path: Path, site: Site) -> AsyncIterator[Web]:
    """An environment of one's own, without a browser yet."""
    web = Web(tmp_path)
    web.site = site
    yield web
    await ended(web.environment)
