"""A request made: sent, redirected, tried again where that is safe, and every failure put into words."""

from __future__ import annotations

import asyncio
import os
import random
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from engine.core import durations
from engine.core.secrets import redact
from engine.core.sentences import say
from engine.sdk import ActivityError, BusinessError, StepTimeout, SystemFault
from engine.sdk.files import file_errors
from engine.sdk.http.call import Call, matches, shown_url
from engine.sdk.http.reply import body_of
from engine.sdk.http.system import Refused, counted, retrying

if TYPE_CHECKING:
    import httpx

_LONGEST_WAIT = 120.0
_REDIRECTS = 10
_CONNECT = 10.0
_SHOWN = 300
_REDIRECTED = "rpa.redirected"


class _Unsent(SystemFault):
    """The request never reached the server."""


class Untrusted(_Unsent):
    """The server is not who it says it is."""


FINAL = (Untrusted, Refused)
"""What no further try changes."""


@asynccontextmanager
async def client_for(call: Call, stall: float | None = None) -> AsyncIterator[httpx.AsyncClient]:
    """A client with the call's idea of trust, closed afterwards. Proxies are those of the environment.

    With `stall`, a server that is silent for so many seconds is given up.
    """
    client = await asyncio.to_thread(_client, call, stall)
    async with client:
        yield client


def _client(call: Call, stall: float | None) -> httpx.AsyncClient:
    import httpx

    options = call.integration.options if call.integration is not None else {}
    authority = call.authority or options.get("authority")
    verify = call.verify and bool(options.get("verify", True))
    trust: ssl.SSLContext | bool = verify and (_usual_trust() if authority is None else _trust(Path(authority)))
    timeout = httpx.Timeout(stall, connect=min(_CONNECT, call.timeout * 0.9))
    return httpx.AsyncClient(
        verify=trust, timeout=timeout, headers={"User-Agent": "rpa-studio", "Accept-Encoding": "gzip, deflate"}
    )


@cache
def _usual_trust() -> ssl.SSLContext:
    import httpx

    return httpx.create_ssl_context()


def _trust(authority: Path) -> ssl.SSLContext:
    import httpx

    trust = httpx.create_ssl_context()
    with file_errors(authority, "read"):
        try:
            trust.load_verify_locations(authority)
        except ssl.SSLError:
            raise BusinessError(say("{authority} holds no certificate in PEM form", authority=authority)) from None
    return trust


async def exchange(client: httpx.AsyncClient, call: Call) -> tuple[httpx.Response, bytes]:
    """Make the call, and give the closed response with its whole body.

    Tried again: a status of `retry_on`; a connection that was never made; and, unless the call is `once`, one that
    broke. A `once` call that was redirected is not. Raises `BusinessError` for a status that is the caller's fault,
    `SystemFault` for the rest, and `StepTimeout` where nobody knows whether the server acted, so that nothing repeats
    it silently.
    """
    tries = 0
    while True:
        tries += 1
        wait: float | None = None
        try:
            async with counted(call) as answers:
                async with opened(client, call, call.timeout) as response:
                    body = await body_of(response, call)
                answers.append(response)
        except SystemFault as error:
            if tries > call.retries or (call.once and not isinstance(error, _Unsent)) or isinstance(error, FINAL):
                raise
            fault: ActivityError = error
        else:
            final = tries > call.retries or (call.once and _REDIRECTED in response.extensions)
            if final or not matches(response.status_code, call.retry_on):
                check_status(response, body, call)
                return response, body
            fault = SystemFault(
                say("{shown} was answered with {status_code}", shown=call.shown, status_code=response.status_code)
            )
            wait = retry_after(response)
        await pause(call, fault, tries, wait)


async def pause(call: Call, fault: ActivityError, tries: int, wait: float | None = None) -> None:
    """Wait before the next try. Raises `SystemFault` if the server asks for more patience than is reasonable."""
    if wait is None:
        pauses = retrying(call.integration)
        first, longest = float(pauses.get("delay", 0.5)), float(pauses.get("max_delay", 30.0))
        wait = min(longest, first * 2.0 ** (tries - 1)) * random.uniform(0.75, 1.25)
    if wait > _LONGEST_WAIT:
        raise SystemFault(
            say("{message}, and asks to wait {wait}", message=fault.message, wait=durations.text(wait)),
            hint=say("Try again later, or ask less often."),
        )
    call.ctx.log(f"{fault.message}; trying again in {durations.text(wait)}", "warning")
    await asyncio.sleep(wait)


@asynccontextmanager
async def opened(client: httpx.AsyncClient, call: Call, limit: float | None) -> AsyncIterator[httpx.Response]:
    """Send the call, follow redirects, and give the response, to be read inside the block, all in `limit` seconds."""
    import httpx

    try:
        async with asyncio.timeout(limit):
            response = await _follow(client, call)
            try:
                yield response
            finally:
                await response.aclose()
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError) as error:
        raise _unreached(call, error) from None
    except (TimeoutError, httpx.TimeoutException):
        timeout = durations.text(call.timeout)
        message = say("{shown} was silent for {timeout}", shown=call.shown, timeout=timeout)
        if limit is not None:
            message = say("{shown} was not answered within {timeout}", shown=call.shown, timeout=timeout)
        raise StepTimeout(_doubted(message, call), hint=say("Allow more time.")) from None
    except (httpx.UnsupportedProtocol, httpx.InvalidURL, httpx.LocalProtocolError):
        raise BusinessError(
            say("{shown} cannot be sent: a header or the address is not fit for HTTP", shown=call.shown)
        ) from None
    except httpx.TransportError as error:
        kind = StepTimeout if call.once else SystemFault
        message = say("the connection broke during {shown}: {reason}", shown=call.shown, reason=_reason(error))
        raise kind(_doubted(message, call)) from None


async def _follow(client: httpx.AsyncClient, call: Call) -> httpx.Response:
    import httpx

    request = call.request(client)
    origin = _origin(request.url)
    for hop in range(_REDIRECTS + 1):
        try:
            response = await client.send(request, stream=True)
        except httpx.TransportError as error:
            if hop and call.once:  # the first server has acted, and only said where to look
                message = say(
                    "{shown} is redirected to {address}, and there the connection failed: {reason}",
                    shown=call.shown,
                    address=shown_url(str(request.url)),
                    reason=_reason(error),
                )
                raise StepTimeout(_doubted(message, call)) from None
            raise
        if hop:
            response.extensions[_REDIRECTED] = True
        following = response.next_request
        if following is None or not call.redirects:
            return response
        await response.aclose()
        request = following
        if _origin(request.url) != origin:
            for name in (*([call.key_name] if call.auth == "header" else []), *call.configured("headers")):
                request.headers.pop(name, None)
    raise BusinessError(
        say(
            "{shown} is redirected more than {most} times, last to {address}",
            shown=call.shown,
            most=_REDIRECTS,
            address=shown_url(str(request.url)),
        ),
        hint=say("The server sends it round in a circle; it may want a sign-in."),
    )


def check_status(response: httpx.Response, body: bytes, call: Call) -> None:
    """Raise the error that fits a status which was not expected."""
    status = response.status_code
    if matches(status, call.expect):
        return
    said = " ".join(body[: 4 * _SHOWN].decode("utf-8", "replace").split())[:_SHOWN]
    message = f"{call.shown} was answered with {status} {response.reason_phrase}".rstrip()
    message += f": {redact(said)}" if said else ""
    if status >= 500 or status in (408, 425, 429):
        raise SystemFault(message)
    hint = {
        401: "Check the credential.",
        403: "Check the credential, and what it may do.",
        404: "Check the address.",
        407: "The proxy wants a sign-in.",
    }
    raise BusinessError(message, hint=hint.get(status, "See what the answer says; other statuses can be expected too."))


def retry_after(response: httpx.Response) -> float | None:
    """The seconds a server asks to wait, or None."""
    said = response.headers.get("retry-after", "").strip()
    if said.isascii() and said.isdigit():
        return float(said[:9])
    try:
        at = parsedate_to_datetime(said)
    except ValueError:
        return None
    return max(0.0, (at.replace(tzinfo=at.tzinfo or UTC) - datetime.now(UTC)).total_seconds())


def elsewhere(call: Call, url: str) -> Call:
    """The call to another address: with its credential only if that is the same server."""
    import httpx

    following = replace(call, url=url, query={})
    try:
        if _origin(httpx.URL(url)) == _origin(httpx.URL(call.url)):
            return following
    except httpx.InvalidURL:
        pass
    return replace(following, auth="none", credential=None, integration=None)


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port


def _unreached(call: Call, error: Exception) -> SystemFault:
    if _untrusted(error):
        return Untrusted(
            say(
                "the server of {address} cannot be trusted: {reason}",
                address=shown_url(call.url),
                reason=_reason(error),
            ),
            hint=say("Give the certificate authority of your company, or see that the address is right."),
        )
    reason = say("it did not take the connection in time") if "Timeout" in type(error).__name__ else _reason(error)
    message = say("the server of {address} cannot be reached: {reason}", address=shown_url(call.url), reason=reason)
    return _Unsent(message, hint=say("Check that it is running."))


def _untrusted(error: BaseException) -> bool:
    return any(isinstance(link, ssl.SSLError) for link in _chain(error))


def _reason(error: BaseException) -> str:
    for link in _chain(error):
        if isinstance(link, ssl.SSLCertVerificationError):
            return link.verify_message
        if isinstance(link, OSError) and link.strerror:
            return os.strerror(link.errno) if link.errno and link.errno > 0 else link.strerror
    return redact(str(error))[:_SHOWN] or say("it was closed")


def _chain(error: BaseException | None) -> list[BaseException]:
    links: list[BaseException] = []
    while error is not None and len(links) < 10:
        links.insert(0, error)
        error = error.__cause__ or error.__context__
    return links


def _doubted(message: str, call: Call) -> str:
    return say("{message}, so nobody knows whether the server acted on it", message=message) if call.once else message
