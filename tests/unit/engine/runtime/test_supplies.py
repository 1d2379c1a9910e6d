"""What a step is given in place of names, and the files that steps give."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import pytest

from engine.api import Engine
from engine.core.errors import BusinessError
from engine.core.secrets import Credential as Known
from engine.core.secrets import Secret, Use
from engine.core.values import FileRef, decode, encode, plain
from engine.runtime.keeping import safe_name
from engine.sdk import Credential, Effect, File, Integration, Param, activity
from tests.support.workflows import file_engine, workflow


@dataclass
class Shot:
    """A picture."""

    picture: File
    width: int


@activity("shop.shot", label="Shot", effect=Effect.PURE)
async def shot(name: str = "shot.png", size: int = 100_000) -> Shot:
    """Take a picture."""
    return Shot(File(b"\x89" * size, name, "image/png"), 7)


@activity("shop.fail", label="Fail", effect=Effect.PURE)
def fail(password: Annotated[Credential | None, Param("Credential")] = None) -> None:
    """Fail, and show what it saw."""
    seen = f"<p>{password.secret().reveal()}</p>" if password else "<p/>"
    raise BusinessError("no such field", files=(File(seen.encode(), "page.html", "text/html"),))


@activity("shop.length", label="Length", effect=Effect.PURE)
def length(file: Path) -> list[Any]:
    """How long a file is."""
    return [file.name, len(file.read_bytes())]


@activity("shop.sign", label="Sign in", effect=Effect.PURE)
async def sign(
    credential: Annotated[Credential, Param("Credential", accepts=("login",))],
    system: Annotated[Integration | None, Param("System")] = None,
) -> list[Any]:
    """Sign in."""
    return [credential.text("username"), len(credential.secret().reveal()), system.address if system else None]


@activity("shop.leak", label="Leak", effect=Effect.PURE)
async def leak(credential: Annotated[Credential, Param("Credential")]) -> File:
    """Give the secret away in the name of a file."""
    return File(b"x", f"{credential.secret().reveal()}.txt", "application/octet-stream")


class Vault:
    uses: list[Use]

    def __init__(self) -> None:
        self.uses = []

    async def reveal(self, name: str, use: Use) -> Secret:
        return (await self.credential(name, use)).secret()

    async def credential(self, name: str, use: Use) -> Known:
        self.uses.append(use)
        if name != "erp":
            raise BusinessError(f"there is no credential {name!r}")
        return Known("erp", "login", "password", {"username": "ada"}, {"password": Secret("tr0ub4dor&3", "erp")})


def shop(folder: Path, **options: Any) -> Engine:
    engine = file_engine(folder, home=folder, secrets=Vault(), **options)
    engine.catalog.add_module(sys.modules[__name__])
    return engine


async def outcome(folder: Path, text: str) -> Any:
    async with shop(folder) as engine:
        return await engine.wait(await engine.start(workflow(text), folder=folder))


async def test_a_file_is_kept_once_read_by_its_fields_and_taken_where_a_path_is(tmp_path: Path) -> None:
    text = """
steps:
  - {id: a, activity: shop.shot, with: {name: "../ordner/bild: 1.png"}}
  - {id: b, activity: shop.length, with: {file: "{{ steps.a.output.picture }}"}}
outputs:
  picture: "{{ steps.a.output.picture }}"
  told: "{{ steps.a.output.picture.name }} {{ steps.a.output.picture.size }} {{ steps.a.output.picture }}"
  length: "{{ steps.b.output }}"
edges: [a.next -> b]
"""
    found = await outcome(tmp_path, text)
    assert found.status == "succeeded", found.error
    picture = found.output["picture"]
    assert isinstance(picture, FileRef) and (picture.size, picture.media_type) == (100_000, "image/png")
    assert found.output["told"] == "bild_ 1.png 100000 bild_ 1.png"
    assert found.output["length"] == ["bild_ 1.png", 100_000]
    async with shop(tmp_path) as engine:
        assert await engine.store.fetch(picture.hash) == b"\x89" * 100_000
    assert not any((tmp_path / "scratch").glob("*"))


async def test_what_a_failed_step_saw_is_kept_with_its_error_without_secrets(tmp_path: Path) -> None:
    found = await outcome(tmp_path, "steps:\n  - {id: a, activity: shop.fail, with: {password: erp}}\n")
    (seen,) = found.error["files"]
    assert isinstance(seen, FileRef) and seen.name == "page.html"
    async with shop(tmp_path) as engine:
        assert (await engine.store.fetch(seen.hash)).decode() == "<p>••••••</p>"


async def test_a_credential_is_taken_by_name_and_its_use_told(tmp_path: Path) -> None:
    text = """
steps:
  - {id: a, activity: shop.sign, with: {credential: erp}}
  - {id: b, activity: shop.sign, with: {credential: "{{ secret('erp') }}", system: ""}}
outputs: {a: "{{ steps.a.output }}", b: "{{ steps.b.output }}"}
edges: [a.next -> b]
"""
    async with shop(tmp_path) as engine:
        vault: Any = engine._secrets
        execution = await engine.start(workflow(text), folder=tmp_path)
        found = await engine.wait(execution)
    assert found.output == {"a": ["ada", 11, None], "b": ["ada", 11, None]}
    assert vault.uses == [Use("shop.sign", execution, "a"), Use("shop.sign", execution, "b")]


async def test_a_secret_in_the_name_of_a_file_is_masked(tmp_path: Path) -> None:
    found = await outcome(
        tmp_path, "steps:\n  - {id: a, activity: shop.leak, with: {credential: erp}}\noutputs: {f: '{{ steps.a.output }}'}\n"
    )
    assert found.output["f"].name == "••••••.txt"


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("{credential: crm}", "there is no credential 'crm'"),
        ("{credential: erp, system: shop}", "there is no integration 'shop'"),
        ("{credential: ''}", "Credential"),
    ],
)
async def test_a_name_that_stands_for_nothing_is_told(tmp_path: Path, given: str, told: str) -> None:
    found = await outcome(tmp_path, f"steps:\n  - {{id: a, activity: shop.sign, with: {given}}}\n")
    assert found.status == "failed" and told in found.error["message"]


def test_a_file_travels_through_the_journal_and_a_field_it_lacks_is_told() -> None:
    ref = FileRef("ab" * 32, 5, "a.txt", "text/plain")
    assert decode(encode({"f": [plain(ref)]})) == {"f": [ref]}


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("a.pdf", "a.pdf"),
        ("..", "file"),
        ("", "file"),
        ("C:\\x\\y.txt", "y.txt"),
        ("a\0b\n.txt", "a_b_.txt"),
        ("x" * 300 + ".tar", "x" * 146 + ".tar"),
        ("\ud800.txt", "_.txt"),
        ("фактура 1.pdf", "фактура 1.pdf"),
    ],
)
def test_names_of_files_are_made_safe(name: str, safe: str) -> None:
    assert safe_name(name) == safe
