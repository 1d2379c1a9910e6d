from __future__ import annotations

import base64
import gzip
import json
import socket
import time
import zlib
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from engine.activities import http
from engine.core.errors import BusinessError, StepTimeout, SystemFault
from engine.core.secrets import Secret, SecretRef
from engine.sdk import Effect
from engine.sdk.activity import declared
from engine.sdk.http.call import matches, shown_url

Call = Callable[..., Any]
Serve = Callable[..., Any]
CERTIFICATE = Path(__file__).with_name("localhost.pem")


def test_effects_are_declared_honestly() -> None:
    effects = {name: declared(getattr(http, name)).effect for name in http.__all__}  # type: ignore[union-attr]
    assert effects.pop("send") is Effect.ONCE
    assert set(effects.values()) == {Effect.IDEMPOTENT}


def test_get_json(call: Call, serve: Serve) -> None:
    server = serve(lambda it: it.reply(200, b'{"a": [1, "\xd0\xb6"]}', Content_Type="application/json"))
    output = call(
        http.get, url=server.url + "/orders?x=1", query={"q": "a b", "l": [1, 2], "on": date(2026, 1, 2), "no": None}
    )
    assert output["body"] == {"a": [1, "ж"]}
    assert output["status"] == 200
    assert output["url"] == server.url + "/orders"
    assert server.requests[0].path == "/orders?x=1&q=a+b&l=1&l=2&on=2026-01-02"


@pytest.mark.parametrize(
    ("content_type", "body", "form", "value"),
    [
        ("text/plain; charset=windows-1251", "Да".encode("cp1251"), "auto", "Да"),
        ("text/plain; charset=nonsense", b"a", "auto", "a"),
        ("text/plain", "Добър ден".encode("cp1251"), "auto", "Добър ден"),
        ("application/problem+json", b"[1]", "auto", [1]),
        ("application/octet-stream", b"\0\xff", "auto", b"\0\xff"),
        ("", b"", "auto", None),
        ("text/html", b"[1]", "json", [1]),
        ("application/json", b"\xef\xbb\xbf[1]", "auto", [1]),
        ("application/json", b"[1]", "text", "[1]"),
        ("application/json", b"[1]", "bytes", b"[1]"),
    ],
)
def test_how_an_answer_is_read(call: Call, serve: Serve, content_type: str, body: bytes, form: str, value: Any) -> None:
    server = serve(lambda it: it.reply(200, body, Content_Type=content_type))
    assert call(http.get, url=server.url, response=form)["body"] == value


@pytest.mark.parametrize("body", [b"<html>no", b"[" * 100_000, b"\xff\xfe"])
def test_it_is_not_json(call: Call, serve: Serve, body: bytes) -> None:
    server = serve(lambda it: it.reply(200, body, Content_Type="application/json"))
    with pytest.raises(BusinessError, match="is not JSON"):
        call(http.get, url=server.url)


def test_signing_in(call: Call, serve: Serve) -> None:
    server = serve(lambda it: it.reply())
    secret = Secret("pä:ss-word")
    call(http.get, url=server.url, auth="basic", username="me", credential=secret)
    call(http.get, url=server.url, auth="bearer", credential=Secret("tok-1234"))
    call(http.get, url=server.url, auth="header", key_name="X-Key", credential=Secret("key-1234"))
    call(http.get, url=server.url, auth="query", key_name="key", credential=Secret("key-1234"))
    basic, bearer, header, query = server.requests
    assert base64.b64decode(basic.headers["authorization"].split()[1]).decode() == "me:pä:ss-word"
    assert bearer.headers["authorization"] == "Bearer tok-1234"
    assert header.headers["x-key"] == "key-1234"
    assert query.path == "/?key=key-1234"
    with pytest.raises(BusinessError, match="to sign in with is missing"):
        call(http.get, url=server.url, auth="bearer")
    with pytest.raises(BusinessError, match="masked secret"):
        call(http.get, url=server.url, headers={"Authorization": f"Bearer {SecretRef('x')}"})
    with pytest.raises(BusinessError, match="not handed over like this"):
        call(http.send, url=server.url, json={"a": SecretRef("x")})


def test_secrets_do_not_show(call: Call, serve: Serve) -> None:
    server = serve(lambda it: it.reply(400, it.path.encode()))
    url = server.url.replace("://", "://me:hunter2-pw@") + "/a?token=hunter2-tk"
    with pytest.raises(BusinessError) as caught:
        call(http.get, url=url, auth="query", key_name="k", credential=Secret("hunter2-key"))
    assert "hunter2-pw" not in str(caught.value)
    assert "hunter2-key" not in str(caught.value)
    assert shown_url(url) == server.url + "/a"
    with pytest.raises(BusinessError) as caught:
        call(http.get, url=server.url, auth="bearer", credential=Secret("hunter2\nX: y"))
    assert "hunter2" not in str(caught.value)


def test_bodies(call: Call, serve: Serve, tmp_path: Path) -> None:
    server = serve(lambda it: it.reply())
    (tmp_path / "a.txt").write_bytes(b"content\0")
    call(http.send, url=server.url, json={"on": date(2026, 1, 2), "text": "ж\ud800"})
    call(http.send, url=server.url, form={"a": "1 2", "b": [1, True]}, method="PUT")
    call(http.send, url=server.url, form={"a": 1}, files={"file": "a.txt"})
    call(http.query, url=server.url, text="<a/>", content_type="text/xml")
    sent, form, multipart, text = server.requests
    assert json.loads(sent.body) == {"on": "2026-01-02", "text": "ж\ud800"}
    assert sent.headers["content-type"] == "application/json"
    assert (form.command, form.body) == ("PUT", b"a=1+2&b=1&b=true")
    assert b'name="file"; filename="a.txt"' in multipart.body
    assert b"content\0" in multipart.body
    assert b'name="a"\r\n\r\n1' in multipart.body
    assert (text.body, text.headers["content-type"]) == (b"<a/>", "text/xml")
    with pytest.raises(BusinessError, match="one body"):
        call(http.send, url=server.url, json=1, text="a")
    with pytest.raises(BusinessError, match="cannot be written"):
        call(http.send, url=server.url, json=float("nan"))
    with pytest.raises(BusinessError, match="no file or folder"):
        call(http.send, url=server.url, files={"f": "missing"})


def test_the_same_key_for_every_try(call: Call, serve: Serve) -> None:
    server = serve(lambda it: it.reply(429 if len(it.server.requests) < 3 else 201))
    assert call(http.send, url=server.url)["status"] == 201
    assert len({it.headers["idempotency-key"] for it in server.requests}) == 1
    call(http.send, url=server.url, repeat_header="")
    assert "idempotency-key" not in server.requests[-1].headers


@pytest.mark.parametrize(
    "url",
    ["", "orders", "ftp://127.0.0.1/", "http://", "http://a:b:c/", "http://[::1", "http://\0/", "http://x/\ud800"],
)
def test_it_is_not_an_address(call: Call, url: str) -> None:
    with pytest.raises(BusinessError):
        call(http.get, url=url)


def test_statuses(call: Call, serve: Serve) -> None:
    server = serve(lambda it: it.reply(int(it.path[1:]), b"no such\norder"))
    with pytest.raises(BusinessError, match="404 Not Found: no such order"):
        call(http.get, url=server.url + "/404")
    with pytest.raises(SystemFault, match="500"):
        call(http.get, url=server.url + "/500", retries=0)
    assert call(http.get, url=server.url + "/404", expect="2xx, 404")["status"] == 404
    with pytest.raises(BusinessError, match="'abc' is not an HTTP status"):
        call(http.get, url=server.url + "/404", expect="abc")
    assert matches(204, "any")
    assert not matches(204, "")


def test_passing_failures_are_tried_again(call: Call, serve: Serve, no_pauses: list[float]) -> None:
    server = serve(lambda it: it.reply(503 if len(it.server.requests) < 4 else 200))
    assert call(http.get, url=server.url)["status"] == 200
    assert no_pauses == sorted(no_pauses)
    assert len(no_pauses) == 3


def test_retry_after(call: Call, serve: Serve, no_pauses: list[float]) -> None:
    at = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)
    waits = iter(["7", at, "soon", "-1"])
    server = serve(lambda it: it.reply(429, Retry_After=w) if (w := next(waits, None)) else it.reply())
    call(http.get, url=server.url, retries=4)
    assert no_pauses[0] == 7
    assert 50 < no_pauses[1] <= 60
    server = serve(lambda it: it.reply(429, Retry_After="86400"))
    with pytest.raises(SystemFault, match="asks to wait 1d"):
        call(http.get, url=server.url)


def test_sending_is_not_repeated_by_itself(call: Call, serve: Serve) -> None:
    def drop(it: Any) -> None:
        it.close_connection = True

    server = serve(drop)
    with pytest.raises(StepTimeout, match="nobody knows whether the server acted"):
        call(http.send, url=server.url)
    assert len(server.requests) == 1
    with pytest.raises(SystemFault, match="the connection broke"):
        call(http.get, url=server.url, retries=2)
    assert len(server.requests) == 4
    server = serve(lambda it: it.reply(503))
    with pytest.raises(SystemFault):
        call(http.send, url=server.url)
    assert len(server.requests) == 1


def test_sending_is_not_repeated_after_a_redirect(call: Call, serve: Serve) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        nowhere = f"http://127.0.0.1:{taken.getsockname()[1]}/"
        server = serve(lambda it: it.reply(303, Location=nowhere))
        with pytest.raises(StepTimeout, match="nobody knows whether the server acted"):
            call(http.send, url=server.url)
    assert len(server.requests) == 1
    server = serve(lambda it: it.reply(303, Location="/") if it.command == "POST" else it.reply(429))
    with pytest.raises(SystemFault, match="429"):
        call(http.send, url=server.url)
    assert [it.command for it in server.requests] == ["POST", "GET"]


def test_a_status_that_is_not_passing_is_not_tried_again(call: Call, serve: Serve) -> None:
    server = serve(lambda it: it.reply(501))
    with pytest.raises(SystemFault, match="501"):
        call(http.get, url=server.url)
    assert len(server.requests) == 1


def test_nobody_listens(call: Call, no_pauses: list[float]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(SystemFault, match=r"cannot be reached: .*refused") as caught:
            call(http.send, url=f"http://127.0.0.1:{taken.getsockname()[1]}/")
    assert not isinstance(caught.value, StepTimeout)
    assert len(no_pauses) == 3


def test_too_slow(call: Call, serve: Serve) -> None:
    def drip(it: Any) -> None:
        it.send_response(200)
        it.send_header("Content-Length", "1000")
        it.end_headers()
        while not it.server.stopping.wait(0.05):
            it.wfile.write(b"x")

    server = serve(drip)
    began = time.monotonic()
    with pytest.raises(StepTimeout, match="not answered within 300ms"):
        call(http.get, url=server.url, timeout="300ms", retries=0)
    assert time.monotonic() - began < 10


def test_cut_short(call: Call, serve: Serve) -> None:
    server = serve(lambda it: it.reply(200, b"abc", length=10))
    with pytest.raises(SystemFault, match="the connection broke"):
        call(http.get, url=server.url, retries=1)
    assert len(server.requests) == 2


def test_rubbish_instead_of_http(call: Call) -> None:
    import threading

    with socket.create_server(("127.0.0.1", 0)) as listening:

        def answer() -> None:
            peer, _ = listening.accept()
            with peer:
                peer.recv(1000)
                peer.sendall(b"\0\1\2 SSH-2.0\r\n\r\n")

        thread = threading.Thread(target=answer)
        thread.start()
        with pytest.raises(SystemFault, match="the connection broke"):
            call(http.get, url=f"http://127.0.0.1:{listening.getsockname()[1]}", retries=0)
        thread.join()


def test_redirects(call: Call, serve: Serve) -> None:
    other = serve(lambda it: it.reply(200, b"there"))

    def answer(it: Any) -> None:
        if it.path == "/loop":
            it.reply(302, Location="/loop")
        elif it.path == "/same":
            it.reply(307, Location="/end")
        elif it.path == "/other":
            it.reply(302, Location=other.url)
        elif it.path == "/bad":
            it.reply(302, Location="ftp://x")
        else:
            it.reply(200, it.body)

    server = serve(answer)
    assert call(http.send, url=server.url + "/same", text="x")["url"] == server.url + "/end"
    assert server.requests[-1].body == b"x"
    with pytest.raises(BusinessError, match="redirected more than 10 times"):
        call(http.get, url=server.url + "/loop")
    assert call(http.get, url=server.url + "/same", redirects=False, expect="3xx")["status"] == 307
    with pytest.raises(BusinessError):
        call(http.get, url=server.url + "/bad")
    for auth in ("header", "bearer"):
        call(http.get, url=server.url + "/other", auth=auth, key_name="X-Key", credential=Secret("key-1234"))
        assert "key-1234" not in str(other.requests[-1].headers)


@pytest.mark.parametrize("coding", ["gzip", "deflate", "raw", "members"])
def test_compressed(call: Call, serve: Serve, coding: str) -> None:
    text = b"hello " * 200_000
    raw = zlib.compressobj(wbits=-15)
    body = {
        "gzip": gzip.compress(text),
        "deflate": zlib.compress(text),
        "raw": raw.compress(text) + raw.flush(),
        "members": gzip.compress(text[:600_000]) + gzip.compress(text[600_000:]),
    }[coding]
    kind = "deflate" if coding in ("deflate", "raw") else "gzip"
    server = serve(lambda it: it.reply(200, body, Content_Encoding=kind, Content_Type="text/plain"))
    assert call(http.get, url=server.url)["body"] == text.decode()


def test_a_gzip_bomb(call: Call, serve: Serve) -> None:
    import tracemalloc

    bomb = gzip.compress(bytes(1 << 28))
    server = serve(lambda it: it.reply(200, bomb, Content_Encoding="gzip"))
    tracemalloc.start()
    try:
        with pytest.raises(BusinessError, match="larger than 5 MB"):
            call(http.get, url=server.url, max_size=5)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 40_000_000


@pytest.mark.parametrize(
    ("body", "coding", "message"),
    [
        (b"nonsense", "gzip", "not compressed as it claims"),
        (gzip.compress(b"abc" * 99, mtime=0)[:-9], "gzip", "ends too early"),
        (b"a", "br", "'br'"),
    ],
)
def test_damaged(call: Call, serve: Serve, body: bytes, coding: str, message: str) -> None:
    server = serve(lambda it: it.reply(200, body, Content_Encoding=coding))
    with pytest.raises(SystemFault, match=message):
        call(http.get, url=server.url, retries=0)


def test_tls(call: Call, serve: Serve, no_pauses: list[float], tmp_path: Path) -> None:
    server = serve(lambda it: it.reply(200, b"safe"), tls=True)
    with pytest.raises(SystemFault, match=r"cannot be trusted: self.signed certificate"):
        call(http.send, url=server.url)
    assert no_pauses == []
    assert call(http.get, url=server.url, verify=False)["body"] == b"safe"
    assert call(http.get, url=server.url, authority=str(CERTIFICATE))["body"] == b"safe"
    (tmp_path / "not.pem").write_text("nothing")
    with pytest.raises(BusinessError, match="holds no certificate"):
        call(http.get, url=server.url, authority="not.pem")
    plain = serve(lambda it: it.reply())
    with pytest.raises(SystemFault):
        call(http.get, url=plain.url.replace("http:", "https:"))


def test_upload(call: Call, serve: Serve, tmp_path: Path) -> None:
    server = serve(lambda it: it.reply(503 if len(it.server.requests) < 2 else 201))
    content = bytes(range(256)) * 5000
    (tmp_path / "a.bin").write_bytes(content)
    assert call(http.upload, path="a.bin", url=server.url + "/a.bin")["status"] == 201
    assert [(it.command, it.body == content) for it in server.requests] == [("PUT", True)] * 2
    with pytest.raises(BusinessError, match="no file or folder"):
        call(http.upload, path="missing", url=server.url)
