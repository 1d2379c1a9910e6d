"""One request: asking, sending, and asking in ways that HTTP takes for sending."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Literal

from engine.core.sentences import say
from engine.sdk import BusinessError, Context, Effect, Param, activity
from engine.sdk.files import read_bytes
from engine.sdk.http.call import (
    REPEATABLE,
    Auth,
    Authority,
    Call,
    Credential,
    Expect,
    Headers,
    KeyName,
    MaxSize,
    Query,
    Redirects,
    RetryOn,
    Url,
    Username,
    Verify,
    json_body,
    repeat_key,
)
from engine.sdk.http.exchange import client_for, exchange
from engine.sdk.http.reply import Form, Response, response_of
from engine.sdk.http.system import Configured, Retries, Timeout, joined, limits

_LARGEST_FORM = 100_000_000

As = Annotated[Form, Param("Read the answer as", "auto: by its content type; JSON, text or bytes.")]
Sending = Annotated[Literal["POST", "PUT", "PATCH", "DELETE"], Param("Method")]
Json = Annotated[Any, Param("JSON body", kind="code", language="json")]
FormFields = Annotated[dict[str, Any], Param("Form fields", "Instead of JSON.", kind="table")]
Files = Annotated[dict[str, Path], Param("Files", "Field of the form: path of the file.", kind="table")]
Text = Annotated[str | None, Param("Text body", "Instead of JSON.", kind="text")]
ContentType = Annotated[str, Param("Content type", "Of the text body.", "text/xml; charset=utf-8", advanced=True)]


@activity(
    "http.get", label="HTTP GET", icon="globe", effect=Effect.IDEMPOTENT, keywords=("request", "api", "rest", "web")
)
async def get(
    ctx: Context,
    url: Url,
    integration: Configured = None,
    query: Query = {},  # noqa: B006
    headers: Headers = {},  # noqa: B006
    auth: Auth = "none",
    username: Username = "",
    credential: Credential = None,
    key_name: KeyName = "X-API-Key",
    response: As = "auto",
    timeout: Timeout = None,
    method: Annotated[Literal["GET", "HEAD", "OPTIONS"], Param("Method", advanced=True)] = "GET",
    expect: Expect = "2xx",
    retries: Retries = None,
    retry_on: RetryOn = REPEATABLE,
    redirects: Redirects = True,
    max_size: MaxSize = 20.0,
    verify: Verify = True,
    authority: Authority = None,
) -> Response:
    """Ask a server for something, which changes nothing there.

    Passing failures are tried again by themselves. A status that is not expected is an error.
    The output holds `status`, `headers` (names in lower case), `body`, `content_type` and `url`.
    """
    call = Call(
        ctx, method, joined(integration, url), query, headers, auth, username, credential, key_name,
        *limits(integration, timeout, retries, (30.0, 3)), retry_on, expect, redirects, verify, authority, max_size,
        integration=integration,
    )  # fmt: skip
    return await _respond(call, response)


@activity(
    "http.send", label="HTTP send", icon="globe", effect=Effect.ONCE, keywords=("request", "api", "rest", "post", "put")
)
async def send(
    ctx: Context,
    url: Url,
    integration: Configured = None,
    method: Sending = "POST",
    json: Json = None,
    form: FormFields = {},  # noqa: B006
    files: Files = {},  # noqa: B006
    text: Text = None,
    content_type: ContentType = "text/plain; charset=utf-8",
    query: Query = {},  # noqa: B006
    headers: Headers = {},  # noqa: B006
    auth: Auth = "none",
    username: Username = "",
    credential: Credential = None,
    key_name: KeyName = "X-API-Key",
    response: As = "auto",
    timeout: Timeout = None,
    repeat_header: Annotated[
        str, Param("Header that tells a repetition", "Holds the same key for every try. Empty for none.", advanced=True)
    ] = "Idempotency-Key",
    expect: Expect = "2xx",
    retries: Retries = None,
    retry_on: RetryOn = "429",
    redirects: Redirects = True,
    max_size: MaxSize = 20.0,
    verify: Verify = True,
    authority: Authority = None,
) -> Response:
    """Send something to a server, once.

    It is tried again by itself only when the server did not take it: no connection was made, or the status is one to
    retry on. When the connection breaks after that, or no answer comes in time, nobody knows whether the server acted:
    that is an error which no retry of the step repeats. Use "HTTP query" for what may be repeated.
    The output holds `status`, `headers` (names in lower case), `body`, `content_type` and `url`.
    """
    headers = {**({repeat_header: repeat_key(ctx)} if repeat_header else {}), **headers}
    call = Call(
        ctx, method, joined(integration, url), query, headers, auth, username, credential, key_name,
        *limits(integration, timeout, retries, (30.0, 3)), retry_on, expect, redirects, verify, authority, max_size,
        once=True, integration=integration,
    )  # fmt: skip
    return await _respond(await _with_body(call, json, form, files, text, content_type), response)


@activity(
    "http.query", label="HTTP query", icon="globe", effect=Effect.IDEMPOTENT,
    keywords=("request", "api", "graphql", "search", "post", "put"),
)  # fmt: skip
async def query(
    ctx: Context,
    url: Url,
    integration: Configured = None,
    method: Sending = "POST",
    json: Json = None,
    form: FormFields = {},  # noqa: B006
    files: Files = {},  # noqa: B006
    text: Text = None,
    content_type: ContentType = "text/plain; charset=utf-8",
    query: Query = {},  # noqa: B006
    headers: Headers = {},  # noqa: B006
    auth: Auth = "none",
    username: Username = "",
    credential: Credential = None,
    key_name: KeyName = "X-API-Key",
    response: As = "auto",
    timeout: Timeout = None,
    expect: Expect = "2xx",
    retries: Retries = None,
    retry_on: RetryOn = REPEATABLE,
    redirects: Redirects = True,
    max_size: MaxSize = 20.0,
    verify: Verify = True,
    authority: Authority = None,
) -> Response:
    """Send a request that may safely be repeated: a search, GraphQL, a PUT of a whole record, a DELETE.

    Like "HTTP send", with the author's word that doing it twice is like doing it once: it is tried again freely, and
    runs again after a crash.
    The output holds `status`, `headers` (names in lower case), `body`, `content_type` and `url`.
    """
    call = Call(
        ctx, method, joined(integration, url), query, headers, auth, username, credential, key_name,
        *limits(integration, timeout, retries, (30.0, 3)), retry_on, expect, redirects, verify, authority, max_size,
        integration=integration,
    )  # fmt: skip
    return await _respond(await _with_body(call, json, form, files, text, content_type), response)


async def _respond(call: Call, form: Form) -> Response:
    async with client_for(call) as client:
        answer, body = await exchange(client, call)
    return await response_of(answer, body, form)


async def _with_body(
    call: Call, json: Any, form: Mapping[str, Any], files: Mapping[str, Path], text: str | None, content_type: str
) -> Call:
    if sum((json is not None, bool(form or files), text is not None)) > 1:
        raise BusinessError(say("give one body: JSON, a form with its files, or text"))
    headers = {name.lower(): value for name, value in call.headers.items()}
    if json is not None:
        content = await asyncio.to_thread(json_body, json)
        return replace(call, content=content, headers={"content-type": "application/json", **headers})
    if text is not None:
        encoded = text.encode("utf-8", "surrogatepass")
        return replace(call, content=encoded, headers={"content-type": content_type, **headers})
    paths = {name: call.ctx.folder / path.expanduser() for name, path in files.items()}
    contents = await asyncio.to_thread(_contents, paths)
    return replace(call, form=form, files=contents, headers=headers)


def _contents(paths: Mapping[str, Path]) -> dict[str, tuple[str, bytes]]:
    found: dict[str, tuple[str, bytes]] = {}
    for name, path in paths.items():
        if path.is_file() and path.stat().st_size > _LARGEST_FORM:
            raise BusinessError(
                say(
                    "{name} is larger than {most} MB, too large for a form",
                    name=path.name,
                    most=_LARGEST_FORM // 1000000,
                ),
                hint=say("Send it with `http.upload`."),
            )
        found[name] = (path.name, read_bytes(path))
    return found
