"""How each family uses its secrets, for the canary: a module a family, with `cases(world)` that gives a
`tests.contract.secrets.world.Case` for each activity of the family that takes a secret or a credential, by its id.

A family that needs a server starts it in `server()`, a context manager that gives what `cases` takes as `served`.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from tests.contract.secrets.world import Case, World


def families() -> list[str]:
    return sorted(one.name for one in pkgutil.iter_modules(__path__))


@contextmanager
def all_cases(world: World, chosen: list[str]) -> Iterator[dict[str, Case]]:
    """The cases of these families, while their servers run."""
    found: dict[str, Case] = {}
    with ExitStack() as stack:
        for family in chosen:
            module = importlib.import_module(f"{__name__}.{family}")
            given = {}
            if hasattr(module, "server"):
                given["served"] = stack.enter_context(module.server(world))
            found.update(module.cases(world, **given))
        yield found
