"""All pages of a list that a server gives page by page."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal
from urllib.parse import urljoin

from engine.core.errors import NoValueError
from engine.core.sentences import say
from engine.sdk import BusinessError, Context, Effect, Expression, Param, activity
from engine.sdk.http.call import (
    REPEATABLE,
    Auth,
    Authority,
    Call,
    Credential,
    Headers,
    KeyName,
    MaxSize,
    Query,
    RetryOn,
    Url,
    Username,
    Verify,
)
from engine.sdk.http.exchange import client_for, elsewhere, exchange
from engine.sdk.http.reply import Response, response_of
from engine.sdk.http.system import Configured, Retries, Timeout, joined, limits

_LINK = re.compile(r'<([^<>]*)>\s*((?:;\s*[\w!#$&+.^`|~*-]+\s*(?:=\s*(?:"[^"]*"|[^\s",;]+))?\s*)*)')
_PARAMETER = re.compile(r';\s*([\w!#$&+.^`|~*-]+)\s*(?:=\s*(?:"([^"]*)"|([^\s",;]+)))?')
_USUAL = ("items", "data", "results", "value", "records", "rows")


@dataclass(frozen=True)
class Pages:
    """The items of all pages, how many they are, how many pages were read, and whether there would have been more."""

    items: list[Any]
    count: int
    pages: int
    truncated: bool


@activity(
    "http.pages",
    label="HTTP pages",
    icon="globe",
    effect=Effect.IDEMPOTENT,
    keywords=("paging", "pagination", "api", "list"),
)
async def pages(
    ctx: Context,
    url: Url,
    integration: Configured = None,
    by: Annotated[
        Literal["link", "url", "number", "cursor"],
        Param(
            "Next page by",
            "link: the Link header; url: an address in the answer; number: a counter; cursor: a value in the answer.",
        ),
    ] = "link",
    items: Annotated[
        Expression | None,
        Param("Items", "The list in an answer. Empty for the answer itself, or its usual field.", "{{ body.orders }}"),
    ] = None,
    next: Annotated[
        Expression | None,
        Param(
            "Next",
            "The next address or cursor; nothing on the last page.",
            "{{ body.next }}",
            show_when={"by": ("url", "cursor")},
        ),
    ] = None,
    parameter: Annotated[
        str, Param("Query parameter", "Holds the number or the cursor.", show_when={"by": ("number", "cursor")})
    ] = "page",
    first: Annotated[int, Param("First number", show_when={"by": ("number",)})] = 1,
    step: Annotated[int, Param("Count by", "1 for pages, their size for offsets.", show_when={"by": ("number",)})] = 1,
    query: Query = {},  # noqa: B006
    headers: Headers = {},  # noqa: B006
    auth: Auth = "none",
    username: Username = "",
    credential: Credential = None,
    key_name: KeyName = "X-API-Key",
    max_pages: Annotated[int, Param("At most", unit="pages", advanced=True)] = 1000,
    max_items: Annotated[int, Param("At most", unit="items", advanced=True)] = 100_000,
    timeout: Timeout = None,
    retries: Retries = None,
    retry_on: RetryOn = REPEATABLE,
    max_size: MaxSize = 20.0,
    verify: Verify = True,
    authority: Authority = None,
) -> Pages:
    """Read a list that a server gives page by page.

    The expressions see `body`, `headers`, `status` and `page` (the number of the page, from 1). By number, the last
    page is the first one without items. A limit that is reached is not an error: `truncated` tells.
    The output holds `items`, `count`, `pages` and `truncated`.
    """
    if by in ("url", "cursor") and next is None:
        raise BusinessError(
            say("Next: is missing"), hint=say("Say where the next address or cursor is, like {{{{ body.next }}}}.")
        )
    if max_pages < 1 or max_items < 1 or (by == "number" and step == 0):
        raise BusinessError(say("the limits must be at least 1, and the count cannot go by 0"))
    url = joined(integration, url)
    start = Call(
        ctx, "GET", url, query, headers, auth, username, credential, key_name,
        *limits(integration, timeout, retries, (30.0, 3)), retry_on, verify=verify, authority=authority,
        max_size=max_size, integration=integration,
    )  # fmt: skip
    call = replace(start, query={**query, parameter: first}) if by == "number" else start
    found: list[Any] = []
    seen: set[Any] = {url if by == "url" else None}
    async with client_for(start) as client:
        for page in range(1, max_pages + 1):
            answer, content = await exchange(client, call)
            response = await response_of(answer, content, "json")
            more = _items(response, items, page, call)
            found += more
            ctx.progress(len(found), None, f"page {page}")
            if len(found) > max_items:
                break
            if by == "number":
                following: Any = first + page * step if more else None
            elif by == "link":
                following = next_link(answer.headers.get("link", ""))
            else:
                following = _value(next, response, page) if next is not None else None
            if following is None or following == "" or following is False:
                return Pages(found, len(found), page, False)
            if by in ("link", "url"):
                following = urljoin(str(answer.url), str(following))
            if (mark := str(following)) in seen:
                raise BusinessError(
                    say(
                        "page {page} of {shown} leads back to a page that was read already",
                        page=page,
                        shown=start.shown,
                    )
                )
            seen.add(mark)
            if by in ("link", "url"):
                call = elsewhere(start, following)
            else:
                call = replace(start, query={**query, parameter: following})
    ctx.log(f"{start.shown} has more than was read: the limit of {max_pages} pages or {max_items} items", "warning")
    return Pages(found[:max_items], min(len(found), max_items), page, True)


def next_link(header: str) -> str | None:
    """The address of the next page in a Link header (RFC 8288), or None."""
    for address, parameters in _LINK.findall(header):
        for name, quoted, token in _PARAMETER.findall(parameters):
            if name.lower() == "rel" and "next" in (quoted or token).lower().split():
                return str(address)
    return None


def _value(expression: Expression, response: Response, page: int) -> Any:
    try:
        return expression(body=response.body, headers=response.headers, status=response.status, page=page)
    except NoValueError:
        return None


def _items(response: Response, items: Expression | None, page: int, call: Call) -> list[Any]:
    body = response.body
    if items is not None:
        found = items(body=body, headers=response.headers, status=response.status, page=page)
        what = say("what Items gives")
    else:
        found, what = body, say("the answer")
        if isinstance(body, dict):
            found = next((body[name] for name in _USUAL if isinstance(body.get(name), list)), body)
    if found is None:
        return []
    if not isinstance(found, list):
        raise BusinessError(
            say("page {page} of {shown}: {what} is not a list", page=page, shown=call.shown, what=what),
            hint=say("Say where the list is, like {{{{ body.orders }}}}."),
        )
    return found
