"""Old documents brought up to date: each migration turns the plain data of format n into that of format n + 1.

They run on plain data, before it becomes a model, so the model only ever knows the newest format. A migration may
change its argument and returns the result; it must not look at anything else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from engine.core.errors import DocumentError
from engine.core.sentences import say
from engine.workflow.model import FORMAT

Migration = Callable[[dict[str, Any]], dict[str, Any]]

MIGRATIONS: Mapping[int, Migration] = {}
"""By the format they start from. There has been one format so far."""


def migrate(
    data: dict[str, Any],
    *,
    name: str = "",
    newest: int = FORMAT,
    migrations: Mapping[int, Migration] = MIGRATIONS,
) -> dict[str, Any]:
    """Bring `data` to the newest format. Raises `DocumentError` for a format that is unknown or too new."""
    what = name or say("the document")
    found = data.get("rpa", newest)
    if not isinstance(found, int) or isinstance(found, bool):
        raise DocumentError(
            say("{what}: 'rpa' must be the number of its format", what=what),
            hint=say("write 'rpa: {newest}'", newest=newest),
        )
    if found > newest:
        raise DocumentError(
            say(
                "{what} has format {found}, and this version reads formats up to {newest}",
                what=what,
                found=found,
                newest=newest,
            ),
            hint=say("update RPA Studio"),
        )
    for number in range(found, newest):
        step = migrations.get(number)
        if step is None:
            raise DocumentError(
                say("{what} has format {found}, which never existed", what=what, found=found),
                hint=say("write 'rpa: {newest}'", newest=newest),
            )
        data = {**step(data), "rpa": number + 1}
    return data
