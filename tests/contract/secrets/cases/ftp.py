"""A server that lets in one user, and refuses everybody else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.contract.secrets.world import Case, World
from tests.support.file_servers import PASSWORD, USER, FileServer, ftp_server


@contextmanager
def server(world: World) -> Iterator[FileServer]:
    world.keep("ftp", "login", {"username": USER, "password": PASSWORD})
    root = world.folder / "there"
    root.mkdir(exist_ok=True)
    with ftp_server(root) as running:
        yield running


def cases(world: World, served: FileServer) -> dict[str, Case]:
    at = f"ftp://127.0.0.1:{served.port}"
    source = world.write("sent.txt", "content")
    given: dict[str, dict[str, Any]] = {
        "put": {"source": source, "path": "/here/sent.txt"},
        "list": {"path": "/here"},
        "get": {"path": "/here/sent.txt", "destination": f"{world.folder}/got.txt"},
        "make_folder": {"path": "/made"},
        "move": {"path": "/here/sent.txt", "destination": "/made/moved.txt", "if_exists": "replace"},
        "delete": {"path": "/made/moved.txt"},
    }
    wrong = ("login-quotes", "login-cyrillic", "login-spaces")
    return {
        f"ftp.{name}": Case(
            {**values, "address": at, "credential": "ftp"},
            {**values, "address": at, "credential": wrong[number % 3], "timeout": "5s"},
        )
        for number, (name, values) in enumerate(given.items())
    }
