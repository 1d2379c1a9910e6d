"""Short ways to write workflows, and an engine to run them on."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from engine.api import Engine
from engine.sdk.catalog import Catalog
from engine.store import open_store
from engine.workflow import codec
from engine.workflow.model import Workflow
from tests.support import ledger


def catalog() -> Catalog:
    """The built-in activities and those of `tests.support.ledger`."""
    made = Catalog(entry_points=False)
    made.add_module(ledger)
    return made


def workflow(text: str) -> Workflow:
    """A workflow from the YAML of its body; the header is added."""
    document = codec.loads("rpa: 1\nname: test\n" + text)
    assert not document.problems, document.problems
    return document.workflow


def chain(*steps: Mapping[str, Any], port: str = "next") -> Workflow:
    """Steps one after the other; each a mapping as in the file."""
    lines: dict[str, Any] = {"rpa": 1, "name": "chain", "steps": list(steps)}
    lines["edges"] = [f"{a['id']}.{port} -> {b['id']}" for a, b in itertools.pairwise(steps)]
    return codec.loads(yaml.safe_dump(lines, sort_keys=False, allow_unicode=True)).workflow


def memory_engine(**options: Any) -> Engine:
    """An engine over an in-memory store."""
    return Engine(open_store("memory:"), catalog=catalog(), **options)


def file_engine(folder: Path, **options: Any) -> Engine:
    """An engine over a SQLite store in that folder."""
    return Engine(open_store(folder / "store.db"), catalog=catalog(), **options)
