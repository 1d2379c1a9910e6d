"""Secrets as references: a workflow, the journal and every expression hold a name, never a value.

The value appears in one place only, the parameter of the activity that uses it, wrapped so that neither `repr`,
a log nor an error shows it. What was once revealed is known here, so that texts can be cleaned of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from engine.core.errors import BusinessError
from engine.core.sentences import say

MASK = "••••••"
_SHORTEST_REDACTED = 4
_SHORTEST_LINE = 8
_URL_SAFE = str.maketrans("+/", "-_")
_known: set[str] = set()
_revealed: set[str] = set()
"""The spellings of what is known: a private key has hundreds of them, so they are made once."""


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
        if value not in _known:
            _known.add(value)
            _revealed.update(_spellings(value))

    def reveal(self) -> str:
        return self._value

    def __repr__(self) -> str:
        return f"Secret({self.name or MASK})"

    def __str__(self) -> str:
        return MASK

    def __bool__(self) -> bool:
        return bool(self._value)


@dataclass(frozen=True, slots=True)
class Credential:
    """A credential at the moment of its use: what may be shown of it, and its secrets, by the name of the field.

    `chief` is the field that stands for the whole where one text is asked for: the password of a login, the key of an
    API. `kind` is the name of one of `engine.core.credentials.KINDS`.
    """

    name: str
    kind: str
    chief: str = "value"
    shown: Mapping[str, str] = field(default_factory=dict)
    hidden: Mapping[str, Secret] = field(default_factory=dict)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        """For pydantic: taken as it is, and no record in a schema, because a workflow holds its name."""
        return {"type": "is-instance", "cls": cls}

    def text(self, field: str, default: str = "") -> str:
        """What may be shown: a user name, a host."""
        return self.shown.get(field, default)

    def secret(self, field: str = "") -> Secret:
        """One of its secrets, the chief one if none is named. Raises `BusinessError` where it has no such field."""
        found = self.hidden.get(field or self.chief)
        if found is None:
            raise BusinessError(
                say("the credential {name!r} has no {field}", name=self.name, field=field or self.chief),
                hint=say("It has: {fields}.", fields=", ".join([*self.shown, *self.hidden])),
            )
        return found


@dataclass(frozen=True, slots=True)
class Use:
    """Who asks for a secret, for the audit log: a step of an execution, or a person with a command, and why."""

    by: str
    execution: str = ""
    step: str = ""
    reason: str = ""


class SecretSource(Protocol):
    """Where the values of secrets are kept."""

    async def reveal(self, name: str, use: Use) -> Secret:
        """The secret of that name: a credential's chief field, or with `NAME.FIELD` another one of its fields.

        Raises `ActivityError` when there is none.
        """

    async def credential(self, name: str, use: Use) -> Credential:
        """The whole credential of that name. Raises `ActivityError` when there is none."""


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
    elif isinstance(value, Credential):
        yield from value.hidden.values()
    elif isinstance(value, (dict, list)):
        for item in value.values() if isinstance(value, dict) else value:
            yield from within(item)
    elif isinstance(credential := getattr(value, "credential", None), Credential):  # an integration
        yield from within(credential)


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
    """The texts that give a secret away: itself, its lines (of a private key), and as addresses, JSON and Base64
    write them."""
    if len(value) < _SHORTEST_REDACTED:
        return set()
    import json
    from urllib.parse import quote, quote_plus

    lines = (line.strip() for line in value.splitlines())
    texts = {value, *(line for line in lines if len(line) >= _SHORTEST_LINE)}
    addresses = {write(text, errors="surrogatepass") for text in texts for write in (quote, quote_plus)}
    escaped = {json.dumps(text, ensure_ascii=ascii)[1:-1] for text in texts for ascii in (True, False)}
    return texts | addresses | escaped | {core for text in texts for core in _in_base64(text)}


def _in_base64(text: str) -> Iterator[str]:
    """What every Base64 text has in it that has `text` in it: one core for each way it can lie on groups of three."""
    import base64

    data = text.encode("utf-8", "surrogatepass")
    for before in range(3):
        whole = base64.b64encode(b"\0" * before + data)
        end = (before + len(data)) * 4 // 3
        core = whole[-(-before * 4 // 3) : end].decode("ascii")
        if len(core) >= _SHORTEST_LINE:
            yield core
            yield core.translate(_URL_SAFE)
