"""What integrations over HTTP have in common: headers, signing in, and a check by one small request."""

from __future__ import annotations

import base64
import importlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar, Literal
from urllib.parse import urljoin, urlsplit

from engine.core.errors import BusinessError, SystemFault
from engine.core.secrets import Credential
from engine.core.sentences import say
from engine.integrations.adapter import Adapter, Authority, Flaw, Health, Site, Verify, apart, filled, references
from engine.sdk.endpoint import unreached
from engine.sdk.integration import Overloaded
from engine.sdk.params import Param

SignIn = Literal["auto", "basic", "bearer", "header", "query", "none"]
_SECRETIVE = re.compile(
    r"(proxy-)?authorization|cookie|.*(secret|token|passw|api-?key|access-?key|auth).*", re.IGNORECASE
)
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_OURS = {"User-Agent": "rpa-studio"}


@dataclass(frozen=True)
class WebHealth(Health):
    """How it is watched, and what is asked for."""

    path: Annotated[str, Param(say("Path to ask for"), say("Added to the address."), "status")] = ""
    method: Annotated[Literal["HEAD", "GET", "OPTIONS"], Param(say("Method"))] = "GET"
    expect: Annotated[
        Literal["answer", "success"],
        Param(say("Counts as up"), say("answer: whatever it answers but an error of its own; success: only 2xx.")),
    ] = "answer"


@dataclass(frozen=True, kw_only=True)
class Web(Adapter):
    """A system that is spoken to over HTTP."""

    accepts: ClassVar[tuple[str, ...]] = ("login", "api_key", "token", "oauth2", "custom")
    ports: ClassVar = {"http": 80, "https": 443}
    encrypted: ClassVar = frozenset({"https"})

    headers: Annotated[
        dict[str, str],
        Param(
            say("Headers"),
            say("${{credential}} stands for the credential, ${{credential.FIELD}} for one of its fields."),
            kind="table",
        ),
    ] = field(default_factory=dict)
    sign_in: Annotated[
        SignIn,
        Param(say("Sign in with"), say("auto: as the kind of the credential says; none where a header refers to it.")),
    ] = "auto"
    key_name: Annotated[
        str, Param(say("Name of the key"), say("Header or query parameter of an API key."), "X-API-Key", advanced=True)
    ] = ""
    verify: Verify = True
    authority: Authority = None
    health: Annotated[WebHealth, Param(say("Health check"))] = field(default_factory=WebHealth)

    def flaws(self) -> Iterator[Flaw]:
        yield from super().flaws()
        if self.address.strip() and (self.scheme not in self.ports or not urlsplit(self.address).netloc):
            yield Flaw(
                "address",
                say("{address!a} is not an address of this kind", address=self.address[:200]),
                say("Write for example {text}.", text=self.example),
            )
        for name, value in self.headers.items():
            found = list(references(value))
            if not _NAME.fullmatch(name) or not value.isprintable():
                yield Flaw("headers", say("{name!a} and its value are not fit for a header", name=name[:80]))
            elif None in found:
                yield Flaw(
                    "headers",
                    say("the header {name} refers to something that is not there", name=name),
                    say("It can refer to ${{credential}} and to ${{credential.FIELD}}."),
                )
            elif found and not self.credential:
                yield Flaw(
                    "headers",
                    say("the header {name} refers to a credential, and none is named", name=name),
                    say("Name it as the credential."),
                )
            elif not found and value and _SECRETIVE.fullmatch(name):
                yield Flaw(
                    "headers",
                    say("the header {name} looks like a secret", name=name),
                    say("Put it into the vault, name it as the credential, and write ${{credential}} here."),
                )

    def options(self, credential: Credential | None) -> dict[str, Any]:
        headers, query = self.signed(credential)
        return {**super().options(credential), "headers": headers, "query": query}

    def signed(self, credential: Credential | None) -> tuple[dict[str, str], dict[str, str]]:
        """The headers and the query to send, with what signs in. Raises `BusinessError`."""
        headers = {name: filled(value, credential) for name, value in self.headers.items()}
        if credential is None or self.sign_in == "none":
            return headers, {}
        how: str = self.sign_in
        if how == "auto":
            refers = any(found is not None for value in self.headers.values() for found in references(value))
            kinds = {"login": "basic", "token": "bearer", "oauth2": "bearer", "api_key": "header"}
            how = "none" if refers else kinds.get(credential.kind, "none")
        if how == "none":
            return headers, {}
        value = credential.secret().reveal()
        name = self.key_name or credential.text("header") or "X-API-Key"
        if how == "query":
            return headers, {name: value}
        if how == "basic":
            pair = f"{credential.text('username')}:{value}".encode("utf-8", "surrogatepass")
            signature = {"Authorization": f"Basic {base64.b64encode(pair).decode('ascii')}"}
        elif how == "bearer":
            signature = {"Authorization": f"Bearer {value}"}
        else:
            signature = {name: value}
        given = {header.lower() for header in headers}
        return {**headers, **{name: value for name, value in signature.items() if name.lower() not in given}}, {}

    def asked(self) -> tuple[str, str, dict[str, Any]]:
        """The method, the address and the body (as `httpx` takes it) of the request that checks it."""
        base = self.address if self.address.endswith("/") or not self.health.path else f"{self.address}/"
        return self.health.method, urljoin(base, self.health.path.lstrip("/")) if self.health.path else base, {}

    def answered(self, response: Any) -> str:
        """What an answer says; raises for one that is not well. `response` is an `httpx.Response`."""
        status = response.status_code
        said = f"{status} {response.reason_phrase}".strip()
        if status in (401, 407) or (status == 403 and self.credential):
            raise BusinessError(
                say("it does not let us in: {said}", said=said), hint=say("Check the credential, and what it may do.")
            )
        if status == 429:
            raise Overloaded(say("it is asked too much: {said}", said=said), hint=say("Lower the rate."))
        if status >= 500:
            raise SystemFault(say("it answers with an error: {said}", said=said))
        if self.health.expect == "success" and not 200 <= status < 300:
            raise BusinessError(
                say("it answers with {said}", said=said), hint=say("Check the path of the health check.")
            )
        return say("it answers: {said}", said=said)

    async def check(self, site: Site) -> str:
        httpx = await apart(importlib.import_module, "httpx")
        trust = await apart(self.trust) if self.tls else False
        headers, query = self.signed(site.credential)
        method, url, body = self.asked()
        try:
            async with httpx.AsyncClient(verify=trust, timeout=site.timeout) as client:
                merged = httpx.URL(url).copy_merge_params(query) if query else httpx.URL(url)
                async with client.stream(method, merged, headers={**_OURS, **headers}, **body) as response:
                    return self.answered(response)
        except httpx.InvalidURL:
            raise BusinessError(say("{address!a} is not an address", address=self.address)) from None
        except httpx.TransportError as error:
            raise unreached(_plain(error), urlsplit(url).netloc.rpartition("@")[2]) from None


def _plain(error: BaseException) -> BaseException:
    """A timeout as the system's own, which has the words for it."""
    if "Timeout" in type(error).__name__:
        return TimeoutError()
    return error
