"""The back office and the practice rooms, as a client sees them."""

from __future__ import annotations

import hashlib
import re

import httpx
import pytest

from engine.practice import PracticeSite
from engine.practice.shop import PASSWORD, USER

LOGIN = {"username": USER, "password": PASSWORD}
ORDER = {"customer": "5", "product": "P-0003", "quantity": "2", "due": "2026-12-01", "urgent": "yes", "note": "<b>"}


def test_the_back_office_needs_a_log_in(client: httpx.Client) -> None:
    sent = client.get("/customers?q=ada")
    assert (sent.status_code, sent.headers["location"]) == (303, "/login?next=%2Fcustomers%3Fq%3Dada")
    wrong = client.post("/login", data={**LOGIN, "password": "wrong"})
    assert wrong.status_code == 401 and "is wrong" in wrong.text
    right = client.post("/login", data={**LOGIN, "next": "/customers?q=ada"})
    assert (right.status_code, right.headers["location"]) == (303, "/customers?q=ada")
    assert "Ada" in client.get("/customers?q=ada").text
    client.post("/logout")
    assert client.get("/customers").status_code == 303


def test_a_log_in_ends_when_it_is_not_used() -> None:
    with (
        PracticeSite(seed=7, session=0) as site,
        httpx.Client(base_url=site.address, trust_env=False) as client,
    ):
        client.post("/login", data=LOGIN)
        sent = client.get("/")
        assert sent.status_code == 303
        assert "has ended" in client.get(sent.headers["location"]).text


@pytest.mark.parametrize("target", ["https://example.com/", "//example.com", "/\\example.com", ""])
def test_a_log_in_leads_nowhere_else(client: httpx.Client, target: str) -> None:
    assert client.post("/login", data={**LOGIN, "next": target}).headers["location"] == "/"


def test_customers_come_in_pages(client: httpx.Client) -> None:
    client.post("/login", data=LOGIN)
    seen: list[str] = []
    address = "/customers"
    while address:
        page = client.get(address).text
        seen += re.findall(r'<td><a href="/customers/(\d+)">', page)
        following = re.search(r'<a href="([^"]+)" rel=next>', page)
        address = following[1].replace("&amp;", "&") if following else ""
    assert seen == [str(number) for number in range(1, 238)]
    assert client.get("/customers?page=900").status_code == 200
    assert client.get("/customers?page=x").status_code == 400


def test_an_order_is_made_each_time_it_is_sent(site: PracticeSite, client: httpx.Client) -> None:
    client.post("/login", data=LOGIN)
    first, second = (client.post("/orders", data=ORDER).headers["location"] for _ in range(2))
    assert (first, second) == ("/orders/1065?created=1", "/orders/1066?created=1")
    page = client.get(first).text
    assert "Order 1065 was created." in page and "&lt;b&gt;" in page and "<b>" not in page
    assert [one["order"] for one in site.scoreboard()["events"]["orders"]] == [1065, 1066]


@pytest.mark.parametrize(
    ("field", "value"), [("customer", "999"), ("product", ""), ("quantity", "0"), ("due", "soon"), ("delivery", "owl")]
)
def test_a_wrong_order_is_refused_and_what_was_entered_stays(
    site: PracticeSite, client: httpx.Client, field: str, value: str
) -> None:
    client.post("/login", data=LOGIN)
    sent = client.post("/orders", data={**ORDER, field: value})
    assert sent.status_code == 422 and 'role="alert"' in sent.text and "&lt;b&gt;" in sent.text
    assert "orders" not in site.scoreboard()["counts"]


@pytest.mark.parametrize("path", ["/customers/0", "/customers/x", "/orders/1", "/nothing", "/static/..%2Fpeople.csv"])
def test_what_is_not_there(client: httpx.Client, path: str) -> None:
    client.post("/login", data=LOGIN)
    assert client.get(path).status_code == 404


def test_an_upload_comes_back_with_its_checksum(site: PracticeSite, client: httpx.Client) -> None:
    content = bytes(range(256)) * 300
    sent = client.post("/files", files={"file": ("../пример\x07.bin", content)})
    digest = hashlib.sha256(content).hexdigest()
    page = client.get(sent.headers["location"]).text
    assert digest in page and ">пример" in page
    assert client.get(f"/files/uploaded/{digest}").content == content
    assert [(one["size"], one["sha256"]) for one in site.scoreboard()["events"]["uploads"]] == [(76_800, digest)]


def test_a_download_has_the_checksum_that_the_page_shows(client: httpx.Client) -> None:
    got = client.get("/files/customers.csv")
    digest = hashlib.sha256(got.content).hexdigest()
    assert got.headers["x-checksum-sha256"] == digest and digest in client.get("/files").text


def test_a_torn_download_can_be_resumed(client: httpx.Client) -> None:
    address = "/files/large.bin?size=300000"
    whole = client.get(address)
    got = b""
    with pytest.raises(httpx.TransportError), client.stream("GET", f"{address}&cut=100000&key=a") as torn:
        for chunk in torn.iter_raw():
            got += chunk
    assert 0 < len(got) <= 100_000
    headers = {"Range": f"bytes={len(got)}-", "If-Range": whole.headers["etag"]}
    rest = client.get(f"{address}&cut=100000&key=a", headers=headers)
    assert rest.status_code == 206 and got + rest.content == whole.content
    assert client.get(address, headers={"Range": "bytes=300000-"}).status_code == 416
    assert client.get(address, headers={**headers, "If-Range": '"old"'}).status_code == 200


def test_rows_come_as_they_are_asked_for(client: httpx.Client) -> None:
    rows = [
        row for start in range(0, 500, 100) for row in client.get(f"/scroll/rows?from={start}&count=100").json()["rows"]
    ]
    assert len({code for code, *_ in rows}) == 500
    assert client.get("/scroll/rows?from=500").json() == {"total": 500, "rows": []}


def test_frames_dialogs_and_moves_are_noted(site: PracticeSite, client: httpx.Client) -> None:
    assert 'src="/frames/outer"' in client.get("/frames").text
    assert 'src="/frames/inner"' in client.get("/frames/outer").text
    sent = client.post("/frames/inner", data={"remark": "hello"})
    assert "Remark 1 was saved." in client.get(sent.headers["location"]).text
    client.post("/dialogs", json={"dialog": "prompt", "answer": "10"})
    client.post("/drag", json={"card": "Lamp", "to": "Van"})
    events = site.scoreboard()["events"]
    assert events["remarks"][0]["text"] == "hello"
    assert events["dialogs"][0]["answer"] == "10" and events["moves"][0]["to"] == "Van"


def test_no_page_asks_an_outside_host(client: httpx.Client) -> None:
    client.post("/login", data=LOGIN)
    rooms = ("form", "slow", "frames", "files", "scroll", "dialogs", "drag", "errors", "scoreboard")
    texts = [client.get(f"/{path}").text for path in ("", "customers", "orders", "orders/new", *rooms)]
    texts += [client.get(f"/static/{name}").text for name in ("site.css", "site.js")]
    assert [text for text in texts if "http://" in text or "https://" in text or "url(" in text] == []
