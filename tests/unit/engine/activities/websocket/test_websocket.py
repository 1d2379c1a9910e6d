from __future__ import annotations

import asyncio
import base64
import json
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from engine.activities import websocket
from engine.activities.websocket.channel import Channel, opened, target
from engine.core.errors import BusinessError, StepTimeout, SystemFault
from engine.core.secrets import Credential, Secret
from engine.sdk import Effect
from engine.sdk.activity import declared
from engine.sdk.testing import ActivityEnvironment
from tests.support.authority import Authority
from tests.support.outside import Outside
from tests.support.servers import Line, free_port
from tests.support.workflows import file_engine, workflow

Talk = Callable[[ServerConnection], Awaitable[None]]
Begin = Callable[..., Awaitable["Place"]]


class Place:
    """A server: its address, and what it received, by connection."""

    def __init__(self, server: Server, scheme: str) -> None:
        self.port: int = next(iter(server.sockets)).getsockname()[1]
        self.url = f"{scheme}://127.0.0.1:{self.port}/chat"
        self.received: list[Any] = []
        self.headers: list[Any] = []
        self.connections = 0


async def echo(connection: ServerConnection) -> None:
    async for message in connection:
        await connection.send(message)


@pytest_asyncio.fixture
async def begin(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Begin]:
    """Start servers: `begin(talk, tls=context, ...)`."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    running: list[Server] = []

    async def start(talk: Talk = echo, tls: ssl.SSLContext | None = None, **options: Any) -> Place:
        async def handle(connection: ServerConnection) -> None:
            place.connections += 1
            assert connection.request is not None
            place.headers.append(connection.request.headers)
            receive = connection.recv

            async def noted(*args: Any) -> Any:
                message = await receive(*args)
                place.received.append(message)
                return message

            connection.recv = noted  # type: ignore[method-assign, assignment]
            try:
                await talk(connection)
            except ConnectionClosed:
                pass

        server = await serve(handle, "127.0.0.1", 0, ssl=tls, **options)
        running.append(server)
        place = Place(server, "wss" if tls else "ws")
        return place

    yield start
    for server in running:
        server.close()
        await server.wait_closed()


@pytest.fixture
def line() -> Iterator[Callable[..., Line]]:
    made: list[Line] = []

    def make(port: int, cut: Callable[[bytes, bytes], bool], **options: Any) -> Line:
        made.append(Line(port, cut, **options))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def env(tmp_path: Path) -> ActivityEnvironment:
    def credential(name: str, kind: str, chief: str, value: str, **shown: str) -> Credential:
        return Credential(name, kind, chief, shown, {chief: Secret(value, name)})

    return ActivityEnvironment(
        tmp_path,
        credentials=[
            credential("login", "login", "password", "correct-horse-1", username="ada"),
            credential("token", "token", "token", "t0ken-t0ken"),
            credential("key", "api_key", "key", "k3y-k3y-k3y", header="X-Key"),
            credential("lines", "token", "token", "hunter2\r\nX: y"),
        ],
    )


def test_effects_are_declared_honestly() -> None:
    effects = {name: declared(getattr(websocket, name)).effect for name in websocket.__all__}  # type: ignore[union-attr]
    assert effects == {"send": Effect.ONCE, "use": Effect.IDEMPOTENT, "wait": Effect.IDEMPOTENT}


async def test_sending_and_answers(env: ActivityEnvironment, begin: Begin) -> None:
    place = await begin()
    sent = await env.run(websocket.send, url=place.url, messages="alone")
    assert (sent.sent, sent.answers, sent.answer) == (1, [], None)
    asked = await env.run(
        websocket.send,
        url=place.url,
        messages=[{"id": 1}, "текст", b"\0\xff", [1, 2], 17],
        answers=2,
        condition=lambda message: message != "текст" and message != {"id": 1},
    )
    assert asked.sent == 5 and asked.answers == [b"\0\xff", [1, 2]] and asked.answer == b"\0\xff"
    as_text = await env.run(websocket.send, url=place.url, messages="17", answers=1, form="text")
    assert as_text.answer == "17"


async def test_what_is_sent_at_last_still_arrives(env: ActivityEnvironment, begin: Begin) -> None:
    async def slow(connection: ServerConnection) -> None:
        await asyncio.sleep(0.2)
        async for message in connection:
            read.append(message)

    read: list[Any] = []
    place = await begin(slow)
    await env.run(websocket.send, url=place.url, messages=[str(number) for number in range(50)])
    async with asyncio.timeout(10):
        while len(read) < 50:  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def test_signing_in(env: ActivityEnvironment, begin: Begin) -> None:
    def judge(connection: ServerConnection, request: Request) -> Response | None:
        if (
            request.path.startswith("/chat")
            and "Authorization" not in request.headers
            and "X-Key" not in request.headers
        ):
            return connection.respond(HTTPStatus.UNAUTHORIZED, "who?")
        return connection.respond(HTTPStatus.SERVICE_UNAVAILABLE, "later") if request.path == "/busy" else None

    place = await begin(process_request=judge)
    for name in ("login", "token", "key"):
        await env.run(websocket.send, url=place.url, messages="x", credential=name, headers={"X-More": "y"})
    basic, bearer, key = place.headers
    assert base64.b64decode(basic["Authorization"].split()[1]) == b"ada:correct-horse-1"
    assert (bearer["Authorization"], key["X-Key"], key["X-More"]) == ("Bearer t0ken-t0ken", "k3y-k3y-k3y", "y")
    with pytest.raises(BusinessError, match="was answered with 401") as caught:
        await env.run(websocket.send, url=place.url + "?key=hunter2", messages="x")
    assert "hunter2" not in str(caught.value) and "credential" in caught.value.hint
    with pytest.raises(SystemFault, match="was answered with 503"):
        await env.run(websocket.send, url=place.url.replace("chat", "busy"), messages="x", credential="token")
    with pytest.raises(BusinessError, match="no header may hold") as caught:
        await env.run(websocket.send, url=place.url, messages="x", credential="lines")
    assert "hunter2" not in str(caught.value)


async def test_encryption(env: ActivityEnvironment, begin: Begin, tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    place = await begin(tls=authority.server_context("ws"))
    await env.run(websocket.send, url=place.url, messages="x", authority=authority.pem)
    await env.run(websocket.send, url=place.url, messages="x", verify=False)
    with pytest.raises(BusinessError, match="cannot be trusted"):
        await env.run(websocket.send, url=place.url, messages="x")
    old = await begin(tls=authority.server_context("old", expired=True))
    with pytest.raises(BusinessError, match="certificate has expired"):
        await env.run(websocket.send, url=old.url, messages="x", authority=authority.pem)


async def test_a_host_that_is_gone_or_something_else(env: ActivityEnvironment, begin: Begin) -> None:
    await begin()
    for activity, values in ((websocket.send, {"messages": "x"}), (websocket.wait, {})):
        with pytest.raises(SystemFault, match="cannot be reached: Connection refused"):
            await env.run(activity, url=f"ws://127.0.0.1:{free_port()}", **values)

    async def web(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(web, "127.0.0.1", 0) as server:
        url = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        answer = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
        with pytest.raises(BusinessError, match="was answered with 200"):
            await env.run(websocket.send, url=url, messages="x")
        answer = b"HTTP/1.1 101 Switching Protocols\r\n\r\n"
        with pytest.raises(BusinessError, match="speaks no WebSocket that fits"):
            await env.run(websocket.send, url=url, messages="x")
        answer = b"220 mail ready\r\n\r\n"
        with pytest.raises(SystemFault, match="cannot be reached"):
            await env.run(websocket.send, url=url, messages="x")


async def test_nobody_knows_after_the_first_message(
    env: ActivityEnvironment, begin: Begin, line: Callable[..., Line]
) -> None:
    async def refuse(connection: ServerConnection) -> None:
        await connection.recv()
        await connection.close(1008, "not like this")

    async def silent(connection: ServerConnection) -> None:
        await connection.recv()
        await connection.wait_closed()

    place = await begin(refuse)
    with pytest.raises(StepTimeout, match="1008 not like this, so nobody knows"):
        await env.run(websocket.send, url=place.url, messages="x", answers=1)
    quiet = await begin(silent)
    with pytest.raises(StepTimeout, match=r"gave 0 of 1 answers within 200ms, so nobody knows"):
        await env.run(websocket.send, url=quiet.url, messages="x", answers=1, within=0.2)
    whole = await begin(silent)
    way = line(
        whole.port, lambda sent, received: sent.count(b"\r\n\r\n") > 0 and len(sent.split(b"\r\n\r\n", 1)[1]) > 0
    )
    with pytest.raises(StepTimeout, match="nobody knows what it did"):
        await env.run(websocket.send, url=f"ws://127.0.0.1:{way.port}/", messages="x")
    assert way.connections == 1


async def test_waiting(env: ActivityEnvironment, begin: Begin) -> None:
    async def feed(connection: ServerConnection) -> None:
        subscribed = json.loads(await connection.recv())
        for number in range(subscribed["from"], 100):
            await connection.send(json.dumps({"n": number}))

    place = await begin(feed)
    heard = await env.run(
        websocket.wait, url=place.url, subscribe={"from": 3}, count=2, condition=lambda message: message["n"] % 5 == 0
    )
    assert (heard.messages, heard.count, heard.first) == ([{"n": 5}, {"n": 10}], 2, {"n": 5})
    quiet = await begin()
    with pytest.raises(StepTimeout, match="0 of 1 messages came from"):
        await env.run(websocket.wait, url=quiet.url, within=0.3)
    with pytest.raises(BusinessError, match="nothing to wait for"):
        await env.run(websocket.wait, url=quiet.url, count=0)
    stopped = asyncio.create_task(env.run(websocket.wait, url=quiet.url, within=None))
    await asyncio.sleep(0.2)
    stopped.cancel()
    with pytest.raises(asyncio.CancelledError):
        await stopped


async def test_a_wait_goes_on_over_a_broken_connection(env: ActivityEnvironment, begin: Begin) -> None:
    async def flaky(connection: ServerConnection) -> None:
        await connection.recv()
        if place.connections == 1:
            await connection.send("first")
            connection.transport.abort()
        else:
            await connection.send("second")
            await connection.wait_closed()

    place = await begin(flaky)
    heard = await env.run(websocket.wait, url=place.url, subscribe="go", count=2, within=20)
    assert heard.messages == ["first", "second"] and place.received == ["go", "go"]
    assert "trying again" in env.lines[0].message


async def test_a_message_that_is_too_large(env: ActivityEnvironment, begin: Begin) -> None:
    async def shout(connection: ServerConnection) -> None:
        await connection.recv()
        await connection.send("x" * 200_000)

    place = await begin(shout)
    with pytest.raises(StepTimeout, match="exceeds limit"):
        await env.run(websocket.send, url=place.url, messages="x", answers=1, max_size=0.1)
    assert (await env.run(websocket.send, url=place.url, messages="x", answers=1)).answer == "x" * 200_000


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"url": ""}, "which server to use"),
        ({"url": "http://127.0.0.1"}, "not the address of a WebSocket"),
        ({"url": "ws://[::1"}, "not the address of a WebSocket"),
        ({"url": "ws://"}, "not the address of a WebSocket"),
        ({"headers": {"X-A": "1\r\nX-B: 2"}}, "not fit for one"),
        ({"headers": {"X-A": "••••••"}}, "masked secret"),
        ({"messages": []}, "no message"),
        ({"messages": ["\ud800"]}, "half a character"),
        ({"messages": [[float("inf")]]}, "cannot be written"),
        ({"url": "", "session": "none"}, "no WebSocket session 'none'"),
    ],
)
async def test_what_cannot_be_sent(env: ActivityEnvironment, begin: Begin, values: dict[str, Any], told: str) -> None:
    place = await begin()
    with pytest.raises(BusinessError, match=told):
        await env.run(websocket.send, **{"url": place.url, "messages": "x", **values})


async def test_a_session_keeps_what_comes_between_steps(env: ActivityEnvironment, begin: Begin) -> None:
    place = await begin()
    there = target(None, place.url, None, {}, [], 20.0, 10.0, True, None)
    env.context.sessions.add(await opened(there), "socket")
    for number in range(3):
        await env.run(websocket.send, session="socket", messages={"n": number})
    heard = await env.run(websocket.wait, session="socket", count=2)
    assert heard.messages == [{"n": 0}, {"n": 1}]
    asked = await env.run(websocket.send, session="socket", messages="more", answers=2)
    assert asked.answers == [{"n": 2}, "more"] and place.connections == 1
    assert await env.context.sessions.close(Channel, "socket")


async def test_a_session_in_a_workflow(tmp_path: Path, begin: Begin) -> None:
    place = await begin()
    text = f"""
steps:
  - {{id: socket, activity: websocket.use, with: {{url: "{place.url}"}}}}
  - {{id: sign, activity: websocket.send, with: {{session: socket, messages: hello, answers: 1}}}}
  - {{id: ask, activity: websocket.send, with: {{session: socket, messages: {{n: 17}}, answers: 1, condition: "{{{{ message.n == 17 }}}}"}}}}
  - {{id: hear, activity: websocket.wait, with: {{session: socket, within: 0.2}}, continue_on_error: true}}
  - {{id: keep, activity: control.set, with: {{values: {{n: "{{{{ steps.ask.output.answer.n }}}}"}}}}}}
outputs: {{n: "{{{{ vars.n }}}}"}}
edges: [socket.restore -> sign, socket.body -> ask, ask.next -> hear, hear.next -> keep]
"""
    async with file_engine(tmp_path, home=tmp_path) as engine:
        outcome = await engine.wait(await engine.start(workflow(text), folder=tmp_path))
    assert outcome.status == "succeeded", outcome.error
    assert outcome.output == {"n": 17} and place.connections == 1
    assert place.received == ["hello", '{"n": 17}']


async def test_by_an_integration(env: ActivityEnvironment, begin: Begin) -> None:
    def judge(connection: ServerConnection, request: Request) -> Response | None:
        paths.append(request.path)
        return connection.respond(HTTPStatus.TOO_MANY_REQUESTS, "slowly") if request.path == "/busy" else None

    paths: list[str] = []
    place = await begin(process_request=judge)
    options = {"headers": {"Authorization": "Bearer t0ken-t0ken"}, "query": {"key": "a b"}}
    there = Outside("feed", "websocket", place.url + "?v=1", options, env.credentials["token"])
    busy = Outside("busy", "websocket", place.url.replace("chat", "busy"))
    env.integrations = {"feed": there, "busy": busy}
    sent = await env.run(websocket.send, integration="feed", messages="x", answers=1)
    assert (
        sent.answer == "x"
        and place.headers[0]["Authorization"] == "Bearer t0ken-t0ken"
        and paths == ["/chat?v=1&key=a+b"]
    )
    with pytest.raises(StepTimeout):
        await env.run(websocket.wait, integration="feed", within=0.3)
    with pytest.raises(SystemFault, match="429"):
        await env.run(websocket.send, integration="busy", messages="x")
    assert there.calls == ["", ""] and busy.calls == ["Overloaded"]
