"""A broker that lets in one user, and refuses everybody else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.contract.secrets.world import Case, World
from tests.support.authority import Authority
from tests.support.mosquitto import Mosquitto, mosquitto

PASSWORD = "m0squitto=canary word"


@contextmanager
def server(world: World) -> Iterator[Mosquitto]:
    world.keep("broker", "login", {"username": "ada", "password": PASSWORD})
    folder = world.folder / "authority"
    folder.mkdir()
    authority = Authority(folder)
    with mosquitto(authority.issue("mqtt"), authority.pem, {"ada": PASSWORD}) as running:
        yield running


def cases(world: World, served: Mosquitto) -> dict[str, Case]:
    at: dict[str, Any] = {"host": f"127.0.0.1:{served.password_port}", "security": "none", "topic": "open/canary"}
    publish: dict[str, Any] = {**at, "message": "sung", "retain": True}
    wait: dict[str, Any] = {**at, "within": "10s"}
    return {
        "mqtt.publish": Case({**publish, "credential": "broker"}, {**publish, "credential": "login-quotes"}),
        "mqtt.wait": Case({**wait, "credential": "broker"}, {**wait, "credential": "login-cyrillic"}),
    }
