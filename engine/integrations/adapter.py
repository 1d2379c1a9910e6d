"""What every kind of integration has in common: what is configured of it, and how it tells whether it works.

A kind is one frozen dataclass that is declared once: `engine.integrations.kinds` checks a file against it, and derives
the JSON schema, which a form, the command line and editors read. Its own fields are what an activity reads as
`Integration.options`.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import Annotated, Any, ClassVar, ParamSpec, TypeVar, cast

from annotated_types import Ge
from pydantic import BeforeValidator

from engine.core.errors import BusinessError
from engine.core.secrets import Credential
from engine.core.sentences import say
from engine.integrations.breaker import Breaking
from engine.integrations.rate import Rate, read_rate
from engine.sdk import endpoint
from engine.sdk.durations import Duration
from engine.sdk.params import Param

P = ParamSpec("P")
T = TypeVar("T")
Verify = Annotated[bool, Param(say("Check the server's certificate"), advanced=True)]
Authority = Annotated[
    Path | None,
    Param(
        say("Certificate authority"),
        say("A PEM file to trust beside the usual ones."),
        kind="file",
        advanced=True,
    ),
]
_REFERENCE = re.compile(r"\$\{([^{}]*)\}")
_FIELD = re.compile(r"credential(?:\.([A-Za-z_]\w*))?")


@dataclass(frozen=True)
class Retrying:
    """How an activity tries a request again that may be repeated. The pause doubles up to `max_delay`."""

    attempts: Annotated[int, Ge(1), Param(say("Tries"), say("1: it is not tried again."))] = 4
    delay: Annotated[Duration, Param(say("Pause before the second"))] = 0.5
    max_delay: Annotated[Duration, Param(say("Longest pause"))] = 30.0


@dataclass(frozen=True)
class Health:
    """How it is watched in the background."""

    every: Annotated[Duration, Param(say("Check every"), say("0: never."))] = 60.0
    timeout: Annotated[Duration, Param(say("Time limit of a check"))] = 10.0
    bad_after: Annotated[int, Ge(1), Param(say("Failures until it counts as down"), say("In a row."))] = 2
    good_after: Annotated[int, Ge(1), Param(say("Successes until it counts as up again"), say("In a row."))] = 2


@dataclass(frozen=True)
class Flaw:
    """What does not fit about an integration, and at which of its keys."""

    key: str
    message: str
    hint: str = ""


@dataclass(frozen=True)
class Site:
    """What an adapter is given to reach the system: seconds for all of it, and who signs in."""

    timeout: float
    credential: Credential | None = None


@dataclass(frozen=True, kw_only=True)
class Adapter:
    """One kind of outside system. `ports` are the usual ones by scheme, `accepts` the kinds of credentials that do."""

    kind: ClassVar[str]
    label: ClassVar[str]
    icon: ClassVar[str]
    example: ClassVar[str]
    accepts: ClassVar[tuple[str, ...]] = ("login",)
    ports: ClassVar[Mapping[str, int]] = {}
    encrypted: ClassVar[frozenset[str]] = frozenset()
    """The schemes that begin with TLS."""

    address: Annotated[str, Param(say("Address"))]
    credential: Annotated[str, Param(say("Credential"), say("Its name in the vault."))] = ""
    timeout: Annotated[Duration, Param(say("Time limit"), say("Of each request."))] = 30.0
    rate: Annotated[
        Rate | None,
        BeforeValidator(read_rate, json_schema_input_type=str | None),
        Param(say("Rate limit"), say("Of all executions together. Empty: none."), "100/min"),
    ] = None
    burst: Annotated[int, Ge(1), Param(say("At once"), say("How many may begin together after a quiet time."))] = 1
    retry: Annotated[Retrying, Param(say("Retries"))] = field(default_factory=Retrying)
    breaker: Annotated[Breaking, Param(say("Circuit breaker"))] = field(default_factory=Breaking)
    health: Annotated[Health, Param(say("Health check"))] = field(default_factory=Health)
    note: Annotated[str, Param(say("Note"), kind="text")] = ""

    def flaws(self) -> Iterator[Flaw]:
        """What the types do not say: what about the values does not fit."""
        if not self.address.strip():
            yield Flaw("address", say("the address is empty"), say("Write for example {text}.", text=self.example))
        elif re.search(r"://[^/@\s]*:[^/@\s]+@", self.address):
            yield Flaw(
                "address",
                say("the address holds a password"),
                say("Take it out, and name a credential that holds it."),
            )
        elif not self.address.isprintable():
            yield Flaw("address", say("the address holds a character that no address has"))

    def options(self, credential: Credential | None) -> dict[str, Any]:
        """What activities read as `Integration.options`."""
        own = {one.name: getattr(self, one.name) for one in fields(self) if one.name not in _COMMON}
        return {**own, "retry": {one.name: getattr(self.retry, one.name) for one in fields(self.retry)}}

    def host_and_port(self) -> tuple[str, int] | None:
        """Where to connect to, or None where there is no host. Raises `BusinessError` for what is no address."""
        port = self.ports.get(self.scheme, 0)
        if "://" in self.address and not self.address.partition("://")[2].strip("/"):
            return None
        host, port = endpoint.host_and_port(self.address.strip(), port)
        if not port:
            raise BusinessError(
                say("{address!a} has no port", address=self.address),
                hint=say("Write for example {text}.", text=self.example),
            )
        return host, port

    @property
    def scheme(self) -> str:
        """`https` of `https://…`; empty where there is none."""
        return self.address.strip().partition("://")[0].lower() if "://" in self.address else ""

    def trust(self) -> ssl.SSLContext:
        """What to trust. It reads files: for a thread."""
        return trusted(bool(getattr(self, "verify", True)), getattr(self, "authority", None))

    @property
    def tls(self) -> bool:
        """Whether a connection begins with TLS."""
        return self.scheme in self.encrypted

    async def check(self, site: Site) -> str:
        """See whether the system works and lets us in, as cheaply as it can, and give what it said of itself.

        Raises `BusinessError` or `SystemFault`, and what the driver raises for a connection that fails.
        """
        raise NotImplementedError


_COMMON = {one.name for one in fields(Adapter)}


async def apart(function: Callable[P, T], /, *arguments: P.args, **options: P.kwargs) -> T:
    """Call a function that blocks in a thread of its own. Those of the loop are few, and steps need them."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()

    def settle(result: T | None, error: BaseException | None) -> None:
        if done.done():
            return  # nobody waits any more
        if error is not None:
            done.set_exception(error)
        else:
            done.set_result(cast(T, result))

    def work() -> None:
        result, failed = None, None
        try:
            result = function(*arguments, **options)
        except BaseException as error:
            failed = error
        with contextlib.suppress(RuntimeError):  # the loop was closed by somebody who did not wait
            loop.call_soon_threadsafe(settle, result, failed)

    threading.Thread(target=work, name="rpa-integration", daemon=True).start()
    return await done


@cache
def trusted(verify: bool, authority: Path | None) -> ssl.SSLContext:
    """`engine.sdk.endpoint.trust`, once for each: it takes milliseconds."""
    return endpoint.trust(verify, authority)


def references(text: str) -> Iterator[str | None]:
    """The fields of the credential that a text refers to as `${credential.FIELD}`, empty for `${credential}`; None for
    a reference to something else."""
    for found in _REFERENCE.findall(text):
        matched = _FIELD.fullmatch(found.strip())
        yield (matched[1] or "") if matched else None


def filled(text: str, credential: Credential | None) -> str:
    """`text` with the fields of the credential in place of `${credential}` and `${credential.FIELD}`."""

    def value(found: re.Match[str]) -> str:
        matched = _FIELD.fullmatch(found[1].strip())
        if matched is None or credential is None:
            return found[0]
        name = matched[1] or ""
        return credential.text(name) if name in credential.shown else credential.secret(name).reveal()

    return _REFERENCE.sub(value, text)
