"""Each kind tells of a real system whether it works, and in words what does not."""

from __future__ import annotations

import asyncio
import socket
import sqlite3
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.core.secrets import Credential, Secret
from engine.integrations.adapter import Adapter, Site
from engine.integrations.diagnosis import checked, examined
from engine.integrations.kinds import read
from tests import postgres
from tests.support.certificates import certificate
from tests.support.file_servers import PASSWORD, USER, ftp_server, sftp_server
from tests.support.mosquitto import Mosquitto, mosquitto
from tests.support.servers import free_port
from tests.support.web_server import Answer, Request, WebServer
from tests.unit.engine.integrations.conftest import login

Serve = Callable[[Answer], WebServer]


def made(kind: str, address: str, **options: Any) -> Adapter:
    adapter, findings = read({"kind": kind, "address": address, **options})
    assert adapter is not None, findings
    return adapter


async def outcome(adapter: Adapter, credential: Credential | None = None, timeout: float = 5.0) -> tuple[bool, str]:
    good, said, _, _ = await checked(adapter, Site(timeout, credential))
    return good, said


@pytest.mark.parametrize(
    ("status", "good", "told"),
    [
        (200, True, "it answers: 200 OK"),
        (404, True, "it answers: 404"),
        (401, False, "does not let us in: 401"),
        (429, False, "asked too much"),
        (503, False, "answers with an error: 503"),
    ],
)
async def test_rest(serve: Serve, status: int, good: bool, told: str) -> None:
    server = serve(lambda request: request.reply(status))
    found = await outcome(made("rest", f"{server.url}/v1", health={"path": "status", "method": "HEAD"}))
    assert found[0] == good and told in found[1]
    assert server.requests[0][:2] == ("HEAD", "/v1/status")


async def test_rest_that_must_succeed_and_that_is_slow(serve: Serve) -> None:
    server = serve(lambda request: request.reply(404))
    good, said = await outcome(made("rest", server.url, health={"expect": "success"}))
    assert not good and "404" in said

    def dawdle(request: Request) -> None:
        request.server.stopping.wait(5)
        request.reply()

    slow = serve(dawdle)
    good, said = await outcome(made("rest", slow.url), timeout=0.2)
    assert not good and "did not answer in time" in said


@pytest.mark.parametrize(
    ("credential", "options", "header", "value"),
    [
        (login("c", "ada", "pw-12345"), {}, "Authorization", "Basic YWRhOnB3LTEyMzQ1"),
        (Credential("c", "token", "token", {}, {"token": Secret("tok-1")}), {}, "Authorization", "Bearer tok-1"),
        (Credential("c", "api_key", "key", {"header": "X-K"}, {"key": Secret("key-1")}), {}, "X-K", "key-1"),
        (
            Credential("c", "api_key", "key", {}, {"key": Secret("key-1")}),
            {"headers": {"X-Tenant": "t", "X-Key": "k ${credential}"}},
            "X-Key",
            "k key-1",
        ),
        (login("c", "ada", "pw-12345"), {"headers": {"X-User": "${credential.username}"}}, "X-User", "ada"),
    ],
)
async def test_signing_in(
    serve: Serve, credential: Credential, options: dict[str, Any], header: str, value: str
) -> None:
    server = serve(lambda request: request.reply())
    adapter = made("rest", server.url, credential="c", **options)
    assert (await outcome(adapter, credential))[0]
    assert server.requests[0][2][header] == value


async def test_a_key_in_the_query(serve: Serve) -> None:
    server = serve(lambda request: request.reply())
    key = Credential("c", "api_key", "key", {}, {"key": Secret("k 1")})
    assert (await outcome(made("rest", server.url, credential="c", sign_in="query", key_name="api"), key))[0]
    assert server.requests[0][1] == "/?api=k+1"


async def test_graphql_and_soap(serve: Serve) -> None:
    server = serve(lambda request: request.reply(404 if request.path == "/no" else 200))
    assert await outcome(made("graphql", f"{server.url}/graphql")) == (True, "it answers: 200 OK")
    assert not (await outcome(made("graphql", f"{server.url}/no")))[0]
    assert await outcome(made("soap", f"{server.url}/orders?wsdl")) == (True, "it answers: 200 OK")
    assert [one[:2] for one in server.requests] == [("POST", "/graphql"), ("POST", "/no"), ("GET", "/orders?wsdl")]


async def test_websocket() -> None:
    from websockets.asyncio.server import ServerConnection, serve
    from websockets.http11 import Request as Upgrade
    from websockets.http11 import Response

    def gate(connection: ServerConnection, request: Upgrade) -> Response | None:
        known = request.headers.get("Authorization") == "Bearer tok-1"
        return None if known else connection.respond(401, "no")

    async def wait(connection: ServerConnection) -> None:
        await connection.wait_closed()

    async with serve(wait, "127.0.0.1", 0, process_request=gate) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        adapter = made("websocket", f"ws://127.0.0.1:{port}/x", credential="t")
        token = Credential("t", "token", "token", {}, {"token": Secret("tok-1")})
        assert await outcome(adapter, token) == (True, "it takes connections")
        good, said = await outcome(adapter)
        assert not good and "does not let us in: 401" in said
    good, said = await outcome(adapter)
    assert not good and "cannot be reached" in said


async def test_sqlite(tmp_path: Path) -> None:
    path = tmp_path / "shop.db"
    good, said = await outcome(made("database", f"sqlite:///{path}"))
    assert not good and "there is no file" in said and not path.exists()
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE orders (id)")
    connection.commit()
    connection.close()
    assert (await outcome(made("database", f"sqlite:///{path}", health={"query": "SELECT count(*) FROM orders"})))[0]
    path.write_bytes(b"no database at all" * 100)
    good, said = await outcome(made("database", f"sqlite:///{path}", health={"query": "SELECT * FROM sqlite_master"}))
    assert not good and "does not work" in said


@pytest.fixture(scope="module")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.getbasetemp()
    with postgres.shared_server(folder if folder.name == "basetemp" else folder.parent) as url:
        yield url


async def test_postgresql(postgresql: str) -> None:
    good, said = await outcome(made("database", postgresql))
    assert good and said.startswith("postgresql 1")
    good, said = await outcome(made("database", postgresql.replace("/postgres", "/nothing")))
    assert not good and "does not let us in" in said
    good, said = await outcome(made("database", f"postgresql://127.0.0.1:{free_port()}/x"))
    assert not good and "cannot be reached" in said
    good, said = await outcome(made("database", postgresql, health={"query": "SELECT * FROM nothing_there"}))
    assert not good


async def test_ftp(tmp_path: Path) -> None:
    with ftp_server(tmp_path) as server:
        adapter = made("ftp", f"ftp://127.0.0.1:{server.port}", credential="c")
        assert await outcome(adapter, login("c", USER, PASSWORD)) == (True, "it lets us in")
        good, said = await outcome(adapter, login("c", USER, "wrong-one"))
        assert not good and "does not let us in" in said and "wrong-one" not in said
    good, said = await outcome(adapter, login("c", USER, PASSWORD))
    assert not good and "cannot be reached" in said


async def test_ftp_with_tls(tmp_path: Path) -> None:
    pem = certificate(tmp_path / "server.pem")
    (tmp_path / "files").mkdir()
    with ftp_server(tmp_path / "files", pem) as server:
        address = f"ftpes://127.0.0.1:{server.port}"
        assert (await outcome(made("ftp", address, authority=str(pem)), login("c", USER, PASSWORD)))[0]
        good, said = await outcome(made("ftp", address), login("c", USER, PASSWORD))
        assert not good and "cannot be trusted" in said


async def test_sftp(tmp_path: Path) -> None:
    import asyncssh

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        key = asyncssh.generate_private_key("ssh-ed25519")
        async with sftp_server(tmp_path, key) as server:
            address = f"sftp://127.0.0.1:{server.port}/"
            adapter = made("ftp", address, verify=False)
            assert await outcome(adapter, login("c", USER, PASSWORD)) == (True, "it lets us in")
            good, said = await outcome(adapter, login("c", USER, "wrong-one"))
            assert not good and "does not let us in" in said
            text = Secret(key.export_private_key().decode())
            mine = Credential("c", "ssh_key", "key", {"username": USER}, {"key": text})
            assert (await outcome(adapter, mine))[0]
            good, said = await outcome(made("ftp", address), login("c", USER, PASSWORD))
            assert not good and "its key is not known" in said


async def test_smtp() -> None:
    from aiosmtpd.controller import Controller
    from aiosmtpd.smtp import AuthResult, LoginPassword

    def authenticate(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        good = isinstance(data, LoginPassword) and data.password == b"pw-12345"
        return AuthResult(success=good, handled=False)

    controller = Controller(
        object(), hostname="127.0.0.1", port=free_port(), authenticator=authenticate, auth_require_tls=False
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        controller.start()
    try:
        adapter = made("smtp", f"127.0.0.1:{controller.port}", security="none", credential="c")
        assert await outcome(adapter) == (True, "it greets us")
        assert await outcome(adapter, login("c", "ada", "pw-12345")) == (True, "it lets us in")
        good, said = await outcome(adapter, login("c", "ada", "wrong-one"))
        assert not good and "does not let us in" in said and "wrong-one" not in said
        good, said = await outcome(made("smtp", f"127.0.0.1:{controller.port}", security="tls"))
        assert not good
    finally:
        controller.stop()


def test_smtp_is_encrypted_unless_somebody_says_otherwise() -> None:
    for address, security, tls, port in (
        ("mail.example", "tls", True, 465),
        ("smtp://mail.example", "tls", True, 465),
        ("smtps://mail.example", "none", True, 465),
        ("smtp://mail.example", "starttls", False, 587),
        ("smtp://mail.example", "none", False, 25),
    ):
        adapter: Any = made("smtp", address, security=security)
        assert (adapter.tls, adapter.host_and_port()) == (tls, ("mail.example", port)), (address, security)


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Mosquitto, Path]]:
    pem = certificate(tmp_path_factory.mktemp("mqtt") / "server.pem")
    with mosquitto(pem, pem, {"ada": "pw-12345"}) as running:
        yield running, pem


@pytest.mark.parametrize("version", ["5", "3.1.1"])
async def test_mqtt(broker: tuple[Mosquitto, Path], version: str) -> None:
    running, pem = broker
    assert (await outcome(made("mqtt", f"mqtt://127.0.0.1:{running.port}", version=version)))[0]
    closed = made("mqtt", f"127.0.0.1:{running.password_port}", security="none", version=version, credential="c")
    assert (await outcome(closed, login("c", "ada", "pw-12345")))[0]
    good, said = await outcome(closed, login("c", "ada", "wrong-one"))
    assert not good and "does not let us in" in said
    assert (await outcome(made("mqtt", f"mqtts://127.0.0.1:{running.tls_port}", authority=str(pem))))[0]
    good, said = await outcome(made("mqtt", f"mqtts://127.0.0.1:{running.tls_port}"))
    assert not good and "cannot be trusted" in said
    good, said = await outcome(made("mqtt", f"mqtt://127.0.0.1:{free_port()}"))
    assert not good and "cannot be reached" in said


async def test_mqtt_that_never_answers() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        good, said = await outcome(made("mqtt", f"mqtt://127.0.0.1:{silent.getsockname()[1]}"), timeout=0.5)
    assert not good and "in time" in said


async def test_custom() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        adapter = made("custom", f"127.0.0.1:{server.getsockname()[1]}", extras={"line": 4})
        assert await outcome(adapter) == (True, "it takes connections")
    assert adapter.options(None)["line"] == 4
    good, said = await outcome(adapter)
    assert not good and "cannot be reached" in said


async def test_what_a_test_tells_step_by_step(serve: Serve, tmp_path: Path) -> None:
    async def stages(adapter: Adapter) -> list[tuple[str, bool]]:
        return [(stage.name, stage.good) async for stage in examined(adapter, Site(3.0))]

    server = serve(lambda request: request.reply(500))
    assert await stages(made("rest", server.url)) == [("Address", True), ("Connection", True), ("Answer", False)]
    assert await stages(made("rest", server.url.replace("http", "https"))) == [
        ("Address", True),
        ("Connection", True),
        ("Encryption", False),
    ]
    assert await stages(made("rest", "http://nowhere.invalid")) == [("Address", False)]
    assert await stages(made("custom", f"127.0.0.1:{free_port()}")) == [("Address", True), ("Connection", False)]
    assert await stages(made("database", f"sqlite:///{tmp_path}/no.db")) == [("Answer", False)]


async def test_checks_that_hang_keep_no_thread_that_steps_need() -> None:
    """Twenty brokers that never answer: a step's own thread is there at once."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as silent:
        adapter = made("mqtt", f"mqtt://127.0.0.1:{silent.getsockname()[1]}")
        hanging = [asyncio.create_task(outcome(adapter, timeout=1.5)) for _ in range(20)]
        await asyncio.sleep(0.1)
        assert await asyncio.wait_for(asyncio.to_thread(lambda: 5), 1.0) == 5
        assert not any(task.done() for task in hanging)
        assert {good for good, _ in await asyncio.gather(*hanging)} == {False}
