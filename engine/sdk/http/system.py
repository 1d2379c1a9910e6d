"""A request to a configured system: what it takes from the integration, and what its outcome tells of the system."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlsplit

from engine.core.sentences import say
from engine.sdk import BusinessError, Integration, Overloaded, Param, SystemFault
from engine.sdk.durations import Duration
from engine.sdk.http.call import Call, shown_url

if TYPE_CHECKING:
    import httpx

Configured = Annotated[
    Integration | None,
    Param(
        "Integration",
        "Its address, headers and sign-in are used; the address above is joined to its own.",
        accepts=("rest", "graphql", "soap", "custom"),
    ),
]


Timeout = Annotated[
    Duration | None,
    Param("Time limit", "Of each try, to the end of the answer. Empty: the integration's, or the usual one.", "30s"),
]
Retries = Annotated[
    int | None,
    Param(
        "Retries",
        "With growing pauses, or those the server asks for. Empty: as the integration says, or a few.",
        advanced=True,
    ),
]


class Refused(SystemFault):
    """The system is known to be down, and was not asked."""


def joined(integration: Integration | None, url: str) -> str:
    """The whole address of a request. Raises `BusinessError` for one that is not of the integration's server."""
    if integration is None:
        return url
    base, url = integration.address, url.strip()
    if "://" not in url:
        if not url or url.startswith("?"):
            return base + url
        return f"{base.rstrip('/')}/{url.lstrip('/')}"
    if origin(url) != origin(base):
        raise BusinessError(
            say(
                "{address} is not an address of the integration {name!r}", address=shown_url(url), name=integration.name
            ),
            hint=say("Give the part that follows its own address, or leave the integration empty."),
        )
    return url


def limits(
    integration: Integration | None, timeout: float | None, retries: int | None, usual: tuple[float, int]
) -> tuple[float, int]:
    """The time limit in seconds and the number of retries: those of the step, of the integration, or the usual ones."""
    if integration is not None:
        timeout = integration.timeout if timeout is None else timeout
        retries = max(0, int(retrying(integration).get("attempts", usual[1] + 1)) - 1) if retries is None else retries
    return usual[0] if timeout is None else timeout, usual[1] if retries is None else retries


def retrying(integration: Integration | None) -> Mapping[str, Any]:
    """How a request to it is tried again."""
    found = integration.options.get("retry") if integration is not None else None
    return found if isinstance(found, Mapping) else {}


def origin(url: str) -> tuple[str, str, int | None]:
    """Scheme, host and port of an address; nothing of one that is none."""
    try:
        parts = urlsplit(url)
        return parts.scheme.lower(), parts.hostname or "", parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    except ValueError:
        return "", "", None


@asynccontextmanager
async def counted(call: Call) -> AsyncIterator[list[httpx.Response]]:
    """Around one request: waits for its turn, and tells the integration how it went by the response that is put into
    the list. Raises `Refused` while the system is known to be down."""
    answers: list[httpx.Response] = []
    verdict: SystemFault | None = None
    async with AsyncExitStack() as stack:
        if call.integration is not None:
            try:
                await stack.enter_async_context(call.integration.call())
            except SystemFault as error:
                raise Refused(error.message, hint=error.hint) from None
        try:
            yield answers
            verdict = _verdict(call, answers)
            if verdict is not None and call.integration is not None:
                await _told(stack, verdict)
        finally:
            answers.clear()


async def _told(stack: AsyncExitStack, verdict: SystemFault) -> None:
    """Let the integration see the failure, which the caller judges for himself."""
    try:
        async with stack.pop_all():
            raise verdict
    except SystemFault as error:
        if error is not verdict:
            raise


def _verdict(call: Call, answers: list[httpx.Response]) -> SystemFault | None:
    from engine.sdk.http.exchange import retry_after

    for response in answers:
        message = say("{shown} was answered with {status_code}", shown=call.shown, status_code=response.status_code)
        if response.status_code == 429:
            return Overloaded(message, wait=retry_after(response) or 0.0)
        if response.status_code >= 500:
            return SystemFault(message)
    return None
