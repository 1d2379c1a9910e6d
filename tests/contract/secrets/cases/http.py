"""The server repeats what it is sent: headers, address, body."""

from __future__ import annotations

from tests.contract.secrets.world import Case, World

PLAIN = ("login", "login-spaces", "key", "key-slashes", "token", "token-long", "database", "oauth")
"""Credentials whose secrets can stand in a header."""


def cases(world: World) -> dict[str, Case]:
    upload = world.write("upload.txt", "content")
    found = {}
    for number, name in enumerate(("get", "query", "send", "upload", "download", "pages")):
        ways = (
            {"auth": "bearer", "credential": world.secret(*PLAIN)},
            {"auth": "query", "key_name": "api_key", "credential": world.secret()},
            {"auth": "header", "key_name": "X-Key", "credential": world.secret(*PLAIN)},
            {"auth": "basic", "username": "ada", "credential": world.secret()},
        )
        more = {
            "upload": {"path": upload},
            "download": {"path": f"{world.folder}/downloaded-{number}.json"},
            "pages": {"by": "url", "next": "{{ body.next }}"},
        }.get(name, {})
        good, bad = ways[number % 4], ways[(number + 1) % 4]
        found[f"http.{name}"] = Case(
            {"url": f"{world.echo}/ok/{name}", **good, **more},
            {"url": f"{world.echo}/bad/{name}", **bad, **more},
        )
    return found
