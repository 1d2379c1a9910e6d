"""What is imported is declared, what is declared is imported, and the lock holds both."""

from __future__ import annotations

import re
import sys
from importlib.metadata import packages_distributions

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.architecture.tree import PACKAGES, ROOT, imports, modules, project

NAMED_BY_STRING = {
    "aiomysql": "SQLAlchemy finds its driver by the address of the database",
    "aiosqlite": "SQLAlchemy finds its driver by the address of the store",
    "asyncpg": "likewise",
    "tzdata": "zoneinfo reads it where the system brings no time zones",
}


def declared(*extras: str) -> dict[str, Requirement]:
    of = project()["project"]
    lines = [*of["dependencies"], *(line for extra in extras for line in of["optional-dependencies"][extra])]
    return {canonicalize_name(requirement.name): requirement for requirement in map(Requirement, lines)}


def imported() -> set[str]:
    """The distributions whose packages the product imports; what no distribution brings keeps its own name."""
    names = {name for module in modules() for name in imports(module)} - sys.stdlib_module_names - set(PACKAGES)
    brought_by = packages_distributions()
    return {str(canonicalize_name(brought_by.get(name, [name])[0])) for name in names}


def test_what_is_imported_is_declared() -> None:
    assert imported() - set(declared("studio")) == set()


def test_what_is_declared_is_imported() -> None:
    assert set(declared("studio")) - imported() - set(NAMED_BY_STRING) == set()


def test_the_lock_holds_what_is_declared() -> None:
    lock = dict(re.findall(r"^([a-z0-9.-]+)==(\S+)", (ROOT / "requirements.lock").read_text("utf-8"), re.MULTILINE))
    for name, requirement in declared("studio", "dev").items():
        assert name in lock, "run `python3 dev.py lock`"
        assert requirement.specifier.contains(lock[name]), f"{requirement}: run `python3 dev.py lock`"
