"""Secrets as references: a workflow, the journal and every expression hold a name, never a value.

The value appears in one place only, the parameter of the activity that uses it, wrapped so that neither `repr`,
a log nor an error shows it. What was once revealed is known here, so that texts can be cleaned of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

MASK = "••••••"
_SHORTEST_REDACTED = 4
_revealed: set[str] = set()


@dataclass(frozen=True, slots=True)
class SecretRef:
    """The name of a secret; plain data like any other value."""

    name: str

    def __str__(self) -> str:
        return MASK


class Secret:
    """A secret at the moment of its use. `reveal()` gives the text; nothing else does."""

    __slots__ = ("_value", "name")

    def __init__(self, value: str, name: str = "") -> None:
        self._value = value
        self.name = name
        if len(value) >= _SHORTEST_REDACTED:
            _revealed.add(value)

    def reveal(self) -> str:
        return self._value

    def __repr__(self) -> str:
        return f"Secret({self.name or MASK})"

    def __str__(self) -> str:
        return MASK

    def __bool__(self) -> bool:
        return bool(self._value)


class SecretSource(Protocol):
    """Where the values of secrets are kept."""

    async def reveal(self, name: str) -> Secret:
        """The secret of that name. Raises `ActivityError` when there is none."""


def redact(text: str) -> str:
    """`text` with every secret value that this process has seen replaced by a mask."""
    for value in sorted(_revealed, key=len, reverse=True):
        if value in text:
            text = text.replace(value, MASK)
    return text
