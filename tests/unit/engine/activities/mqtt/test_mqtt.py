from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.activities import mqtt
from engine.activities.mqtt.publish import check_topic
from engine.core.errors import BusinessError, StepTimeout, SystemFault
from engine.core.secrets import Credential, Secret
from engine.sdk import Effect
from engine.sdk.activity import declared
from engine.sdk.testing import ActivityEnvironment
from tests.support.authority import Authority
from tests.support.mosquitto import Mosquitto, mosquitto
from tests.support.outside import Outside
from tests.support.servers import Line, free_port
from tests.support.workflows import file_engine, workflow

PASSWORD = "correct-horse-1"
_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def broker(authority: Authority) -> Iterator[Mosquitto]:
    with mosquitto(authority.issue("mqtt"), authority.pem, {"ada": PASSWORD}) as running:
        yield running


@pytest.fixture
def where(broker: Mosquitto) -> dict[str, Any]:
    return {"host": f"127.0.0.1:{broker.port}", "security": "none"}


@pytest.fixture
def topic() -> str:
    return f"shop/{next(_numbers)}"


@pytest.fixture
def env(tmp_path: Path, authority: Authority) -> ActivityEnvironment:
    text = authority.issue("robot", client=True).read_text()
    key, mark, certificate = text.partition("-----BEGIN CERTIFICATE")
    logins = {"right": PASSWORD, "wrong": "hunter2-hunter2"}
    return ActivityEnvironment(
        tmp_path,
        credentials=[
            *(
                Credential(name, "login", "password", {"username": "ada"}, {"password": Secret(password, name)})
                for name, password in logins.items()
            ),
            Credential(
                "robot", "certificate", "key", {"certificate": mark + certificate}, {"key": Secret(key, "robot")}
            ),
            Credential("half", "certificate", "key", {"certificate": "x"}, {"key": Secret("no key at all", "half")}),
        ],
    )


@pytest.fixture
def line() -> Iterator[Callable[..., Line]]:
    made: list[Line] = []

    def make(port: int, cut: Callable[[bytes, bytes], bool], **options: Any) -> Line:
        made.append(Line(port, cut, **options))
        return made[-1]

    yield make
    for one in made:
        one.close()


async def waiting(env: ActivityEnvironment, **values: Any) -> asyncio.Task[Any]:
    """A wait that has subscribed."""
    told = len(env.progressed)
    task = asyncio.create_task(env.run(mqtt.wait, **values))
    await until(lambda: len(env.progressed) > told or task.done())
    return task


async def until(it_is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not it_is_so():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


def test_effects_are_declared_honestly() -> None:
    assert {name: declared(getattr(mqtt, name)).effect for name in mqtt.__all__} == {  # type: ignore[union-attr]
        "publish": Effect.ONCE,
        "wait": Effect.IDEMPOTENT,
    }


@pytest.mark.parametrize("version", ["5", "3.1.1"])
@pytest.mark.parametrize("quality", [0, 1, 2])
async def test_what_is_published_arrives(
    env: ActivityEnvironment, where: dict[str, Any], topic: str, version: str, quality: int
) -> None:
    where = {**where, "version": version, "quality": quality}
    task = await waiting(env, **where, topic=f"{topic}/#", count=4, within=20)
    first = await env.run(mqtt.publish, **where, topic=f"{topic}/a", message={"n": [1, "ж"]})
    await env.run(mqtt.publish, **where, topic=f"{topic}/a", message="текст")
    await env.run(mqtt.publish, **where, topic=f"{topic}/b", message=b"\0\xff")
    await env.run(mqtt.publish, **where, topic=f"{topic}/b")
    received = await task
    assert [(one.topic.rpartition("/")[2], one.content) for one in received.messages] == [
        ("a", {"n": [1, "ж"]}),
        ("a", "текст"),
        ("b", b"\0\xff"),
        ("b", ""),
    ]
    assert received.count == 4 and received.first.quality == quality
    assert first.heard is (True if quality and version == "5" else None)


async def test_conditions_and_kept_messages(env: ActivityEnvironment, where: dict[str, Any], topic: str) -> None:
    silent = await env.run(mqtt.publish, **where, topic=topic, message="unheard")
    assert silent.heard is False
    await env.run(mqtt.publish, **where, topic=topic, message={"state": "old"}, retain=True)
    kept = await env.run(mqtt.wait, **where, topic=topic, within=10)
    assert kept.first.content == {"state": "old"} and kept.first.retained
    task = await waiting(
        env, **where, topic=topic, retained=False, within=20,
        condition=lambda message: message["content"]["state"] == "done",
    )  # fmt: skip
    for state in ("open", "done"):
        await env.run(mqtt.publish, **where, topic=topic, message={"state": state}, properties={"by": "test"})
    received = await task
    assert received.first.content == {"state": "done"} and received.first.properties == {"by": "test"}
    await env.run(mqtt.publish, **where, topic=topic, retain=True)
    with pytest.raises(StepTimeout, match=f"0 of 1 messages came to '{topic}'"):
        await env.run(mqtt.wait, **where, topic=topic, within=0.5)


async def test_how_messages_are_read(env: ActivityEnvironment, where: dict[str, Any], topic: str) -> None:
    await env.run(mqtt.publish, **where, topic=topic, message="17", retain=True)
    for form, content in (("auto", 17), ("json", 17), ("text", "17"), ("bytes", b"17")):
        assert (await env.run(mqtt.wait, **where, topic=topic, form=form)).first.content == content
    await env.run(mqtt.publish, **where, topic=topic, message=b"\xff", retain=True)
    for form in ("json", "text"):
        with pytest.raises(BusinessError, match="is no text"):
            await env.run(mqtt.wait, **where, topic=topic, form=form)
    await env.run(mqtt.publish, **where, topic=topic, message="{", retain=True)
    with pytest.raises(BusinessError, match="is not JSON"):
        await env.run(mqtt.wait, **where, topic=topic, form="json")


@pytest.mark.parametrize("version", ["5", "3.1.1"])
async def test_a_subscription_that_stays(
    env: ActivityEnvironment, where: dict[str, Any], topic: str, version: str
) -> None:
    where = {**where, "version": version}
    session = topic.replace("/", "-")
    with pytest.raises(StepTimeout):
        await env.run(mqtt.wait, **where, topic=topic, session=session, within=0.3)
    for number in range(3):
        await env.run(mqtt.publish, **where, topic=topic, message=number)
    for number in range(3):
        received = await env.run(mqtt.wait, **where, topic=topic, session=session, within=10)
        assert received.first.content == number, "what was not looked at is told again"


async def test_signing_in(env: ActivityEnvironment, broker: Mosquitto, topic: str) -> None:
    where = {"host": f"127.0.0.1:{broker.password_port}", "security": "none"}
    for credential in ("wrong", None):
        for version in ("5", "3.1.1"):
            with pytest.raises(BusinessError, match="refuses the connection: Not authorized") as caught:
                await env.run(mqtt.publish, **where, topic="open/x", credential=credential, version=version)
            assert "credential" in caught.value.hint and "hunter2" not in str(caught.value)
    with pytest.raises(BusinessError, match="refuses it for 'closed/x': Not authorized"):
        await env.run(mqtt.publish, **where, topic="closed/x", credential="right")
    await env.run(mqtt.publish, **where, topic="open/x", credential="right", message="in", retain=True)
    assert (await env.run(mqtt.wait, **where, topic="open/x", credential="right")).first.content == "in"


async def test_encryption(env: ActivityEnvironment, broker: Mosquitto, authority: Authority, topic: str) -> None:
    where = {"host": f"127.0.0.1:{broker.tls_port}", "topic": topic}
    await env.run(mqtt.publish, **where, authority=authority.pem)
    await env.run(mqtt.publish, **where, verify=False)
    with pytest.raises(BusinessError, match="cannot be trusted"):
        await env.run(mqtt.publish, **where)
    proved = {"host": f"mqtts://127.0.0.1:{broker.certificate_port}", "topic": topic, "authority": authority.pem}
    await env.run(mqtt.publish, **proved, credential="robot")
    assert list(env.context.scratch.iterdir()) == []
    with pytest.raises(BusinessError, match="holds no certificate with its key"):
        await env.run(mqtt.publish, **proved, credential="half")
    with pytest.raises(SystemFault):
        await env.run(mqtt.publish, **proved)
    with pytest.raises(BusinessError, match="without encryption"):
        await env.run(mqtt.publish, host="127.0.0.1", security="none", topic=topic, credential="robot")
    with (
        mosquitto(authority.issue("old", expired=True), authority.pem, {"ada": PASSWORD}) as old,
        pytest.raises(BusinessError, match="certificate has expired"),
    ):
        await env.run(mqtt.publish, host=f"127.0.0.1:{old.tls_port}", topic=topic, authority=authority.pem)


async def test_a_broker_that_is_gone_or_silent(
    env: ActivityEnvironment, where: dict[str, Any], broker: Mosquitto, topic: str
) -> None:
    for activity in (mqtt.publish, mqtt.wait):
        with pytest.raises(SystemFault, match="cannot be reached: Connection refused"):
            await env.run(activity, host=f"127.0.0.1:{free_port()}", security="none", topic=topic)
    with pytest.raises(SystemFault, match="did not take the connection"):
        await env.run(mqtt.publish, host=f"127.0.0.1:{broker.tls_port}", security="none", topic=topic, timeout=2)
    with pytest.raises(SystemFault, match=r"no encrypted connection|cannot be reached"):
        await env.run(mqtt.publish, host=f"127.0.0.1:{broker.port}", topic=topic, timeout=2)
    with pytest.raises(BusinessError, match="which server to use"):
        await env.run(mqtt.publish, topic=topic)


@pytest.mark.parametrize("before", [True, False])
async def test_a_connection_that_breaks_while_publishing(
    env: ActivityEnvironment, broker: Mosquitto, line: Callable[..., Line], topic: str, before: bool
) -> None:
    way = line(broker.port, lambda sent, received: b"precious" in sent, before=before)
    with pytest.raises(StepTimeout, match="nobody knows whether it was published"):
        await env.run(mqtt.publish, host=f"127.0.0.1:{way.port}", security="none", topic=topic, message="precious")
    assert way.connections == 1, "nothing repeats it by itself"


async def test_a_wait_goes_on_over_a_broken_connection_and_can_be_stopped(
    env: ActivityEnvironment, where: dict[str, Any], broker: Mosquitto, line: Callable[..., Line], topic: str
) -> None:
    way = line(broker.port, lambda sent, received: b"break" in received)
    task = await waiting(env, host=f"127.0.0.1:{way.port}", security="none", topic=topic, count=2, within=30)
    await env.run(mqtt.publish, **where, topic=topic, message="first")
    await until(lambda: len(env.progressed) == 2)
    await env.run(mqtt.publish, **where, topic=topic, message="break")
    way.cut = lambda sent, received: False
    await until(lambda: way.connections == 2)
    while not task.done():
        await env.run(mqtt.publish, **where, topic=topic, message="second")
        await asyncio.sleep(0.1)
    assert [one.content for one in task.result().messages] == ["first", "second"]
    assert "trying again" in env.lines[0].message
    stopped = await waiting(env, **where, topic=topic, within=None)
    stopped.cancel()
    with pytest.raises(asyncio.CancelledError):
        await stopped


@pytest.mark.parametrize("topic", ["", "a/+/b", "a/#", "a\0", "\ud800", "a/b#", "x" * 65_536])
async def test_what_is_no_topic(env: ActivityEnvironment, where: dict[str, Any], topic: str) -> None:
    with pytest.raises(BusinessError, match=r"is not a topic|stands for many"):
        await env.run(mqtt.publish, **where, topic=topic)
    if topic in ("a/+/b", "a/#"):
        check_topic(topic, wildcards=True)


async def test_what_cannot_be_published(env: ActivityEnvironment, where: dict[str, Any], topic: str) -> None:
    with pytest.raises(BusinessError, match="cannot be written"):
        await env.run(mqtt.publish, **where, topic=topic, message=[float("nan")])
    with pytest.raises(BusinessError, match="half a character"):
        await env.run(mqtt.publish, **where, topic=topic, message="\ud800")
    with pytest.raises(BusinessError, match="need version 5"):
        await env.run(mqtt.publish, **where, topic=topic, properties={"a": "b"}, version="3.1.1")
    with pytest.raises(BusinessError, match="nothing to wait for"):
        await env.run(mqtt.wait, **where, topic=topic, count=0)


async def test_in_a_workflow(tmp_path: Path, where: dict[str, Any], topic: str) -> None:
    text = f"""
steps:
  - {{id: tell, activity: mqtt.publish, with: {{host: "{where["host"]}", security: none, topic: "{topic}", message: {{n: 17}}, retain: true}}}}
  - id: hear
    activity: mqtt.wait
    with: {{host: "{where["host"]}", security: none, topic: "{topic}", condition: "{{{{ message.content.n > 16 }}}}", within: 20s}}
outputs: {{n: "{{{{ steps.hear.output.first.content.n }}}}"}}
edges: [tell.next -> hear]
"""
    async with file_engine(tmp_path, home=tmp_path) as engine:
        outcome = await engine.wait(await engine.start(workflow(text), folder=tmp_path))
    assert outcome.output == {"n": 17}, outcome.error


async def test_by_an_integration(env: ActivityEnvironment, broker: Mosquitto, authority: Authority, topic: str) -> None:
    there = Outside(
        "plant", "mqtt", f"mqtts://127.0.0.1:{broker.tls_port}", {"authority": authority.pem, "client_id": "robot"}
    )
    old = Outside("old", "mqtt", f"127.0.0.1:{broker.password_port}", {}, env.credentials["right"])
    env.integrations = {"plant": there, "old": old}
    await env.run(mqtt.publish, topic=topic, message="kept", retain=True, integration="plant")
    assert (await env.run(mqtt.wait, topic=topic, integration="plant")).first.content == "kept"
    with pytest.raises(BusinessError, match="refuses it for"):
        await env.run(mqtt.publish, topic="closed", integration="old")
    assert there.calls == ["", ""] and old.calls == ["BusinessError"]
