from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from engine.activities import http
from engine.activities.http.paging import next_link
from engine.core.errors import BusinessError, NoValueError
from engine.core.secrets import Secret
from engine.sdk.params import Computed

Call = Callable[..., Any]
Serve = Callable[..., Any]
ALL = [{"id": number} for number in range(7)]


def _answer(it: Any) -> None:
    """Three items a page, by number, by cursor and by link."""
    asked = {name: values[0] for name, values in parse_qs(urlsplit(it.path).query).items()}
    start = int(asked.get("cursor", 0)) if "cursor" in asked else (int(asked.get("page", 1)) - 1) * 3
    more = start + 3 < len(ALL)
    body: dict[str, Any] = {"items": ALL[start : start + 3], "deep": {"list": ALL[start : start + 3]}}
    page = start // 3 + 2
    headers = (
        {"Link": f'<{it.path}x>; rel="prev", </orders?page={page}>; title="a, b"; rel="last next"'} if more else {}
    )
    if more:
        body.update(next=f"?page={page}", cursor=start + 3)
    it.reply(200, json.dumps(body).encode(), **headers)


def _field(name: str) -> Computed:
    def read(body: Any, **_: Any) -> Any:
        if name not in body:
            raise NoValueError(f"no {name}")
        return body[name]

    return Computed(read)


@pytest.mark.parametrize(
    "ways",
    [
        {"by": "link"},
        {"by": "url", "next": _field("next")},
        {"by": "cursor", "next": _field("cursor"), "parameter": "cursor"},
        {"by": "link", "items": Computed(lambda body, **_: body["deep"]["list"])},
    ],
    ids=["link", "url", "cursor", "items"],
)
def test_all_pages(call: Call, serve: Serve, ways: dict[str, Any]) -> None:
    server = serve(_answer)
    assert call(http.pages, url=server.url + "/orders", **ways) == {
        "items": ALL, "count": 7, "pages": 3, "truncated": False,
    }  # fmt: skip


def test_by_number(call: Call, serve: Serve) -> None:
    server = serve(_answer)
    output = call(http.pages, url=server.url, by="number", query={"size": 3})
    assert (output["items"], output["pages"]) == (ALL, 4)
    assert server.requests[1].path == "/?size=3&page=2"


def test_limits(call: Call, serve: Serve) -> None:
    server = serve(_answer)
    output = call(http.pages, url=server.url, max_pages=2)
    assert (output["count"], output["pages"], output["truncated"]) == (6, 2, True)
    output = call(http.pages, url=server.url, max_items=4)
    assert (output["count"], output["truncated"]) == (4, True)
    with pytest.raises(BusinessError, match="at least 1"):
        call(http.pages, url=server.url, max_pages=0)


def test_a_circle(call: Call, serve: Serve) -> None:
    server = serve(lambda it: it.reply(200, b"[1]", Link="</a>; rel=next"))
    with pytest.raises(BusinessError, match="leads back"):
        call(http.pages, url=server.url)


def test_what_is_wrong(call: Call, serve: Serve) -> None:
    server = serve(lambda it: it.reply(200, b'{"a": 1}'))
    with pytest.raises(BusinessError, match=r"page 1 of .* the answer is not a list"):
        call(http.pages, url=server.url)
    with pytest.raises(BusinessError, match="Next: is missing"):
        call(http.pages, url=server.url, by="cursor")


def test_another_server_does_not_get_the_credential(call: Call, serve: Serve) -> None:
    other = serve(lambda it: it.reply(200, b"[2]"))
    server = serve(lambda it: it.reply(200, b"[1]", Link=f"<{other.url}>; rel=next"))
    output = call(http.pages, url=server.url, auth="bearer", credential=Secret("token-1234"))
    assert output["items"] == [1, 2]
    assert server.requests[0].headers["authorization"] == "Bearer token-1234"
    assert "authorization" not in other.requests[0].headers


@pytest.mark.parametrize(
    ("header", "address"),
    [
        ("", None),
        ("<a>; rel=next", "a"),
        ('<a,b>; rel="next"', "a,b"),
        ('<a>; rel="prev", <b>; REL="NEXT"', "b"),
        ('<a>; title="; rel=next"; rel="x"', None),
        ("<a>; rel=nextish", None),
        ("<" * 10_000, None),
    ],
)
def test_the_link_header(header: str, address: str | None) -> None:
    assert next_link(header) == address
