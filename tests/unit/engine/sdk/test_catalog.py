from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

from engine.core.errors import CatalogError
from engine.sdk.catalog import GROUP, Catalog, Family

SOURCE = '''
from __future__ import annotations
from engine.sdk import Effect, Family, activity

FAMILY = Family("Greetings", icon="hand", order=1)

@activity("greet.hello", label="Hello", effect=Effect.PURE, replaces=("greet.hi",))
async def hello() -> None:
    """Say hello."""

@activity("greet.broken", label="Broken", effect=Effect.PURE)
async def broken(untyped) -> None:
    """Have a parameter without a type."""
'''

Install = Callable[..., None]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Put a plug-in package where Python finds it, with the entry point that its metadata names."""
    before = set(sys.modules)
    monkeypatch.syspath_prepend(tmp_path)

    def put(name: str, source: str | None, group: str = GROUP) -> None:
        if source is not None:
            (tmp_path / f"{name}.py").write_text(source, "utf-8")
        metadata = tmp_path / f"{name}-1.0.dist-info"
        metadata.mkdir()
        (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        (metadata / "entry_points.txt").write_text(f"[{group}]\n{name} = {name}\n")

    yield put
    for name in set(sys.modules) - before:
        if name.startswith("plug_"):
            del sys.modules[name]


def test_the_families_of_the_house_are_found_without_entry_points() -> None:
    catalog = Catalog(entry_points=False)
    assert {"control", "data", "excel", "files", "text", "time"} <= set(catalog.families())
    assert catalog.errors == {}
    assert catalog.ids() == sorted(set(catalog.ids()))
    assert catalog.require("files.copy").label == "Copy file"
    orders = [family.order for family in catalog.families().values()]
    assert orders == sorted(orders)


def test_only_the_family_that_is_asked_for_is_loaded() -> None:
    catalog = Catalog(entry_points=False)
    assert catalog.get("time.now") is not None
    assert set(catalog._activities) == {id for id in catalog._activities if id.startswith("time.")}


def test_a_plug_in_is_found_by_its_entry_point(install: Install) -> None:
    install("plug_greet", SOURCE)
    catalog = Catalog()
    assert catalog.require("greet.hello").summary == "Say hello."
    assert catalog.require("greet.hi") is catalog.require("greet.hello"), "a former name still finds it"
    assert catalog.families()["greet"] == Family("Greetings", icon="hand", order=1)
    assert list(catalog.errors) == ["plug_greet.broken"]
    assert "no type" in catalog.errors["plug_greet.broken"]


@pytest.mark.parametrize(
    "source", ["raise RuntimeError('no licence')", "import sys; sys.exit('no display')", "this is not Python", None]
)
def test_a_broken_plug_in_is_told_and_harms_nothing(install: Install, source: str | None) -> None:
    install("plug_broken", source)
    catalog = Catalog()
    assert catalog.get("files.copy") is not None
    assert catalog.get("broken.one") is None
    assert "cannot be loaded" in catalog.errors["plug_broken"]


def test_an_id_that_is_taken_stays_with_its_owner(install: Install) -> None:
    install("plug_thief", SOURCE.replace("greet.hello", "files.copy"))
    catalog = Catalog()
    catalog.ids()
    assert catalog.require("files.copy").function.__module__.startswith("engine.activities.files")
    assert "already does" in catalog.errors["files.copy"]


def test_an_unknown_id_gets_similar_ones() -> None:
    with pytest.raises(CatalogError, match=r"'files\.copi'") as caught:
        Catalog(entry_points=False).require("files.copi")
    assert "files.copy" in caught.value.hint


def test_a_family_that_says_nothing_is_called_by_its_name() -> None:
    module = ModuleType("plug_plain")
    exec(SOURCE.replace("FAMILY", "OTHER").replace("greet.", "warm_words."), vars(module))
    catalog = Catalog(entry_points=False)
    catalog.add_module(module)
    assert catalog.families()["warm_words"].label == "Warm words"


def test_threads_may_ask_at_once() -> None:
    catalog = Catalog(entry_points=False)
    found: list[list[str]] = []
    threads = [threading.Thread(target=lambda: found.append(catalog.ids())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert all(ids == found[0] for ids in found)
