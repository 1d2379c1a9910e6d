"""What every request has in common: its parameters, declared once, and how they become a request."""

from __future__ import annotations

import base64
import json
import re
import uuid
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal
from urllib.parse import urlsplit

from engine.core.secrets import MASK, redact
from engine.core.sentences import say
from engine.core.values import plain
from engine.sdk import BusinessError, Context, Integration, Param, Secret, SecretRef
from engine.sdk.durations import Duration

if TYPE_CHECKING:
    import httpx

AuthKind = Literal["none", "basic", "bearer", "header", "query"]

Url = Annotated[str, Param("Address", placeholder="https://api.example.com/orders")]
Query = Annotated[dict[str, Any], Param("Query", "Added to the address; a list repeats its name.", kind="table")]
Headers = Annotated[dict[str, str], Param("Headers", kind="table")]
Auth = Annotated[AuthKind, Param("Sign in with", "basic: user and password; header, query: an API key.")]
Username = Annotated[str, Param("User", show_when={"auth": ("basic",)})]
Credential = Annotated[
    Secret | None, Param("Password, token or key", show_when={"auth": ("basic", "bearer", "header", "query")})
]
KeyName = Annotated[str, Param("Name of the key", show_when={"auth": ("header", "query")})]
Timeout = Annotated[Duration, Param("Time limit", "Of each try, to the end of the answer.")]
Retries = Annotated[int, Param("Retries", "With growing pauses, or those the server asks for.", advanced=True)]
RetryOn = Annotated[str, Param("Retry on status", placeholder="429, 503, 5xx", advanced=True)]
Expect = Annotated[str, Param("Expected status", "Any other is an error.", "2xx, 404", advanced=True)]
Redirects = Annotated[bool, Param("Follow redirects", advanced=True)]
Verify = Annotated[bool, Param("Check the server's certificate", advanced=True)]
Authority = Annotated[
    Path | None,
    Param("Certificate authority", "A PEM file to trust beside the usual ones.", kind="file", advanced=True),
]
MaxSize = Annotated[float, Param("Largest answer", unit="MB", advanced=True)]

REPEATABLE = "408, 425, 429, 500, 502, 503, 504"
"""Statuses after which a request that may be repeated is."""


@dataclass(frozen=True)
class Call:
    """One request as it is to be made. `once`: it must not be repeated unless it is known not to have been acted on."""

    ctx: Context
    method: str
    url: str
    query: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    auth: AuthKind = "none"
    username: str = ""
    credential: Secret | None = None
    key_name: str = "X-API-Key"
    timeout: float = 30.0
    retries: int = 3
    retry_on: str = REPEATABLE
    expect: str = "2xx"
    redirects: bool = True
    verify: bool = True
    authority: Path | None = None
    max_size: float = 20.0
    once: bool = False
    content: bytes | Callable[[], AsyncIterator[bytes]] | None = None
    files: Mapping[str, tuple[str, bytes]] = field(default_factory=dict)
    form: Mapping[str, Any] = field(default_factory=dict)
    integration: Integration | None = None
    """Whose headers and sign-in are added, and which every request is counted for; `url` is whole all the same."""

    @property
    def shown(self) -> str:
        """The method and address for a message."""
        return f"{self.method} {shown_url(self.url)}"

    def request(self, client: httpx.AsyncClient) -> httpx.Request:
        """The request itself. Raises `BusinessError` for what cannot be one."""
        import httpx

        headers = dict(self.headers)
        given = {name.lower() for name in headers}
        headers |= {name: value for name, value in self.configured("headers").items() if name.lower() not in given}
        if any(MASK in text for text in (self.url, *headers.values())):
            raise BusinessError(
                say("the address or a header of {shown} holds a masked secret", shown=self.shown),
                hint=say("Name it as the credential instead."),
            )
        query = {**self.configured("query"), **self.query, **self._signed(headers)}
        body: dict[str, Any] = {}
        if self.content is not None:
            body["content"] = self.content() if callable(self.content) else self.content
        elif self.files or self.form:
            body["data"] = {name: _texts(value) for name, value in self.form.items() if value is not None}
            if self.files:
                body["files"] = dict(self.files)
        try:
            url = httpx.URL(self.url.strip())
            if url.scheme not in ("http", "https") or not url.host:
                raise httpx.InvalidURL("")
            for name, value in query.items():
                if value is not None:
                    url = url.copy_merge_params({name: _texts(value)})
            return client.build_request(self.method, url, headers=headers, **body)
        except (httpx.InvalidURL, UnicodeError):
            raise BusinessError(
                say(
                    "{address!a} is not an address, or a part of the request is not text",
                    address=shown_url(self.url),
                ),
                hint=say("An address looks like https://host/path."),
            ) from None
        except (ValueError, TypeError):
            raise BusinessError(
                say("{shown} cannot be sent: a header, query or form value is not fit for one", shown=self.shown)
            ) from None

    def configured(self, what: Literal["headers", "query"]) -> dict[str, str]:
        """What the integration adds, with what signs in unless the step does that itself."""
        found = self.integration.options.get(what) if self.integration is not None else None
        added = dict(found) if isinstance(found, Mapping) else {}
        if self.auth != "none":
            return {name: value for name, value in added.items() if what == "headers" and name != "Authorization"}
        return added

    def _signed(self, headers: dict[str, str]) -> dict[str, str]:
        """Put the credential into `headers`, or give what it adds to the query."""
        if self.auth == "none":
            return {}
        if self.credential is None:
            raise BusinessError(
                say("the password, token or key to sign in with is missing"), hint=say("Name a credential.")
            )
        value = self.credential.reveal()
        if self.auth == "query":
            return {self.key_name: value}
        if self.auth == "basic":
            pair = base64.b64encode(f"{self.username}:{value}".encode("utf-8", "surrogatepass")).decode("ascii")
            headers["Authorization"] = f"Basic {pair}"
        elif self.auth == "bearer":
            headers["Authorization"] = f"Bearer {value}"
        else:
            headers[self.key_name] = value
        return {}


def shown_url(url: str) -> str:
    """An address for a message: without user, password, query and fragment, where secrets live."""
    try:
        parts = urlsplit(url)
        shown = (
            f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}" if parts.netloc else url.partition("?")[0]
        )
    except ValueError:
        shown = url.partition("?")[0].rpartition("@")[2]
    return redact(shown[:300])


def json_body(value: Any) -> bytes:
    """`value` as JSON, dates as ISO 8601. Raises `BusinessError` for what JSON cannot hold."""
    try:
        return json.dumps(plain(value), default=_text, allow_nan=False).encode("ascii")
    except (TypeError, ValueError, RecursionError) as error:
        raise BusinessError(say("the JSON body cannot be written: {error}", error=error)) from None


def repeat_key(ctx: Context) -> str:
    """A key that is the same for every try at this step: by it a server can tell a repetition."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, ctx.key))


_STATUS = re.compile(r"[1-5](\d\d|xx)|any", re.IGNORECASE)


def matches(status: int, wanted: str) -> bool:
    """Whether a status is among those of a text like `2xx, 404`. Raises `BusinessError` for another text."""
    found = False
    for part in filter(None, re.split(r"[\s,;]+", wanted)):
        if not _STATUS.fullmatch(part):
            raise BusinessError(
                say("{part!a} is not an HTTP status", part=part), hint=say("Write for example: 2xx, 404.")
            )
        found |= part.lower() in ("any", str(status), f"{status // 100}xx")
    return found


def _texts(value: Any) -> str | list[str]:
    if isinstance(value, (list, tuple)):
        return [_text(item) for item in value if item is not None]
    return _text(value)


def _text(value: Any) -> str:
    if isinstance(value, SecretRef):
        raise BusinessError(
            say("the secret {name!r} is not handed over like this", name=value.name),
            hint=say("Name it as the password, token or key."),
        )
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    if isinstance(value, (dict, list)):
        return json.dumps(plain(value), default=_text)
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
