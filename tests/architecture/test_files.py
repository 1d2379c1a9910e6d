"""The tree speaks of itself alone: no outside host that is not meant, no path of one machine."""

from __future__ import annotations

import re

import pytest

from tests.architecture.tree import ROOT, files, shown

URL = re.compile(r"[a-z][a-z0-9+.-]*://(?:[^\s/@'\"<>`]*@)?\[?([A-Za-z0-9.-]+\.[A-Za-z0-9-]+|\{)", re.IGNORECASE)
RESERVED = re.compile(r"\{|127\.0\.0\.\d+|.*\bexample(\.(com|org|net))?|.*\.(test|invalid|localhost)", re.IGNORECASE)
MEANT = {"keepachangelog.com", "semver.org", "json-schema.org", "docs.python.org", "www.w3.org", "scripts.sil.org"} | {
    "schemas.xmlsoap.org",  # names of namespaces, by which SOAP knows its parts
    "docs.oasis-open.org",
}
MACHINE = re.compile(r"(?<![\w.~/-])(?:/(?:home|root|Users|work|opt)/[\w.-]+|[A-Z]:\\Users\\\w+)")

TEXTS = {shown(path): text for path in files() if b"\0" not in (text := path.read_bytes())}


def test_there_is_something_to_check() -> None:
    assert {"pyproject.toml", "engine/__init__.py", ".ci/run", "tests/architecture/test_files.py"} <= set(TEXTS)


def test_no_outside_host() -> None:
    found = [
        f"{name}: {host}"
        for name, text in TEXTS.items()
        for host in URL.findall(text.decode("utf-8"))
        if host not in MEANT and not RESERVED.fullmatch(host)
    ]
    assert found == []


def test_no_path_of_one_machine() -> None:
    assert [f"{name}: {path}" for name, text in TEXTS.items() for path in MACHINE.findall(text.decode())] == []


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("see " + "https:" + "//registry.acme.io/simple", True),
        ("https:" + "//me:secret@registry.acme.io", True),
        ("http://127.0.0.1:8080/a", False),
        ("https://api.example.com/v1", False),
        ("http://{host}:{port}/", False),
        ("sqlite+aiosqlite:///a.db", False),
    ],
)
def test_the_net_for_hosts(text: str, seen: bool) -> None:
    hosts = URL.findall(text)
    assert any(host not in MEANT and not RESERVED.fullmatch(host) for host in hosts) == seen


def test_the_lock_names_no_host_and_pins_every_file() -> None:
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    assert "://" not in lock
    assert "--index-url" not in lock
    pinned = re.findall(r"^([a-z0-9][\w.\[\]-]*==.*?)(?=^[a-z0-9]|\Z)", lock, re.MULTILINE | re.DOTALL)
    assert len(pinned) > 30
    assert [pin.split()[0] for pin in pinned if "--hash=sha256:" not in pin] == []
