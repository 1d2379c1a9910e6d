"""Secrets as references: a workflow, the journal and every expression hold a name, never a value.

The value appears in one place only, the parameter of the activity that uses it, wrapped so that neither `repr`,
a log nor an error shows it. What was once revealed is known here, so that texts can be cleaned of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

MASK = "••••••"
_SHORTEST_REDACTED = 4
_SHORTEST_LINE = 8
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
        _revealed.update(_spellings(value))

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
    return _replaced(text, _longest_first(_revealed))


def masked(value: Any, secrets: Iterable[Secret]) -> Any:
    """`value`, plain data, with the values of these secrets replaced in every text, name and bytes."""
    hidden = _longest_first({text for secret in secrets for text in _spellings(secret.reveal())})
    return _masked(value, hidden) if hidden else value


def within(value: Any) -> Iterator[Secret]:
    """The secrets in the arguments of an activity."""
    if isinstance(value, Secret):
        yield value
    elif isinstance(value, (dict, list)):
        for item in value.values() if isinstance(value, dict) else value:
            yield from within(item)


def _masked(value: Any, hidden: list[str]) -> Any:
    if isinstance(value, str):
        return _replaced(value, hidden)
    if isinstance(value, bytes):
        for text in hidden:
            value = value.replace(text.encode("utf-8", "surrogatepass"), MASK.encode())
        return value
    if isinstance(value, list):
        return [_masked(item, hidden) for item in value]
    if isinstance(value, dict):
        return {_masked(name, hidden): _masked(item, hidden) for name, item in value.items()}
    return value


def _replaced(text: str, hidden: list[str]) -> str:
    for value in hidden:
        text = text.replace(value, MASK)
    return text


def _longest_first(texts: Iterable[str]) -> list[str]:
    return sorted(texts, key=len, reverse=True)


def _spellings(value: str) -> set[str]:
    """The texts that give a secret away: itself, its lines (of a private key), and as addresses and JSON write it."""
    if len(value) < _SHORTEST_REDACTED:
        return set()
    import json
    from urllib.parse import quote, quote_plus

    lines = (line.strip() for line in value.splitlines())
    texts = {value, *(line for line in lines if len(line) >= _SHORTEST_LINE)}
    addresses = {write(text, errors="surrogatepass") for text in texts for write in (quote, quote_plus)}
    return texts | addresses | {json.dumps(text, ensure_ascii=ascii)[1:-1] for text in texts for ascii in (True, False)}
