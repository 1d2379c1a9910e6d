"""The site's edges: limits, faults on purpose, the end, and the command that serves it."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter

import httpx
import pytest

from engine.practice import Faults, PracticeSite
from engine.practice.web import MAX_FORM, MAX_UPLOAD


def raw(site: PracticeSite, text: bytes) -> bytes:
    """The first line of the reply to what is sent as it is."""
    host, _, port = site.address.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), 5) as connection:
        connection.sendall(text)
        return connection.recv(4096).split(b"\r\n")[0]


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"POST /form HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: %d\r\n\r\n" % (MAX_FORM + 1), b"413"),
        (b"POST /files HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: %d\r\n\r\n" % (MAX_UPLOAD + 1), b"413"),
        (b"POST /form HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9" + b"9" * 5000 + b"\r\n\r\n", b"413"),
        (b"POST /form HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: -1\r\n\r\n", b"411"),
        (b"POST /form HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n", b"411"),
        (b"POST /form HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", b"411"),
        (b"GET /form HTTP/1.1\r\nHost: shop.example.com\r\n\r\n", b"421"),
        (b"GET /form?" + b"&".join(b"a%d=" % n for n in range(200)) + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", b"400"),
        (b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\n\r\n", b"414"),
        (b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 200 + b"\r\n", b"431"),
        (b"DELETE /form HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", b"501"),
        (b"\x16\x03\x01\x00\xa5\x01\r\n\r\n", b"400"),
    ],
)  # fmt: skip
def test_what_is_too_much_is_refused(site: PracticeSite, request_: bytes, status: bytes) -> None:
    assert status in raw(site, request_)
    assert httpx.get(f"{site.address}/form", trust_env=False).status_code == 200


@pytest.mark.parametrize(
    ("content", "media_type", "status"),
    [
        (b"{", "application/json", 400),
        (b"[1]", "application/json", 400),
        (b"[" * 60_000, "application/json", 400),
        (b"&".join(b"a%d=1" % n for n in range(200)), "application/x-www-form-urlencoded", 400),
        (b"no parts", "multipart/form-data; boundary=x", 400),
        (b"no boundary", "multipart/form-data", 400),
        (b"\r\n".join([b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1'] * 300), "multipart/form-data; boundary=x", 413),
        (b"ticket=\xff\xfe", "application/x-www-form-urlencoded", 400),
    ],
)  # fmt: skip
def test_a_broken_form_is_refused(client: httpx.Client, content: bytes, media_type: str, status: int) -> None:
    assert client.post("/form", content=content, headers={"Content-Type": media_type}).status_code == status


def test_faults_come_as_often_as_asked_for(site: PracticeSite, client: httpx.Client) -> None:
    site.faults = Faults(too_many=0.1, unavailable=0.1, reset=0.1)
    seen: Counter[str] = Counter()
    for _ in range(300):
        try:
            seen[str(client.get("/dialogs/tab").status_code)] += 1
        except httpx.TransportError:
            seen["reset"] += 1
    assert set(seen) == {"200", "429", "503", "reset"}
    assert all(10 < seen[kind] < 60 for kind in ("429", "503", "reset"))
    assert site.scoreboard()["faults"] == {kind: seen[kind] for kind in ("429", "503", "reset")}
    assert client.get("/scoreboard").status_code == 200


def test_rates_are_set_over_http(site: PracticeSite, client: httpx.Client) -> None:
    assert client.post("/errors", json={"unavailable": "1"}).status_code == 303
    failed = client.get("/form")
    assert (failed.status_code, failed.headers["retry-after"]) == (503, "1")
    assert client.post("/errors", data={"unavailable": "0"}).status_code == 303
    assert client.get("/form").status_code == 200
    for wrong in (
        {"reset": "2"},
        {"reset": "x"},
        {"reset": "nan"},
        {"reset": "0.6", "too_many": "0.6"},
        {"slow": "99"},
    ):
        assert client.post("/errors", data=wrong).status_code == 400


def test_an_error_that_passes_works_after_so_many_times(site: PracticeSite, client: httpx.Client) -> None:
    codes = [client.post("/unsteady?kind=429&times=2&key=a", content=b"pay").status_code for _ in range(4)]
    assert codes == [429, 429, 200, 200]
    assert site.scoreboard()["counts"]["unsteady"] == 2
    with pytest.raises(httpx.TransportError):
        client.get("/unsteady?kind=reset")
    assert client.get("/unsteady?kind=reset").json() == {"well": True}
    assert client.get("/unsteady?kind=418").status_code == 400


def test_a_slow_page_does_not_hold_up_the_end() -> None:
    with PracticeSite(seed=7) as site:
        waiting = threading.Thread(
            target=lambda: raw(site, b"GET /slow/report?seconds=60 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        )
        waiting.start()
        while not site.scoreboard()["counts"].get("requests"):
            time.sleep(0.01)
        began = time.monotonic()
    waiting.join()
    assert time.monotonic() - began < 30


def test_many_at_once_are_all_counted(site: PracticeSite) -> None:
    def load() -> None:
        with httpx.Client(base_url=site.address, trust_env=False) as client:
            for _ in range(20):
                client.post("/drag", json={"card": "Lamp", "to": "Van"})

    threads = [threading.Thread(target=load) for _ in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    numbers = [one["number"] for one in site.scoreboard()["events"]["moves"]]
    assert sorted(numbers) == list(range(1, 161))


def test_a_site_that_never_served_closes_and_two_share_no_port() -> None:
    site = PracticeSite()
    port = int(site.address.rpartition(":")[2])
    with pytest.raises(OSError):
        PracticeSite(port=port)
    site.close()
    site.close()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_command_says_where_it_serves_and_ends_well(number: signal.Signals) -> None:
    command = [sys.executable, "-m", "engine.cli", "practice", "--seed", "7", "--503", "1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None and run.stderr is not None
        address = run.stdout.readline().strip()
        assert address.startswith("http://127.0.0.1:")
        assert httpx.get(f"{address}/form", trust_env=False).status_code == 503
        run.send_signal(number)
        assert run.wait(20) == 0
        assert run.stderr.read() == ""


@pytest.mark.parametrize(
    "given", [["--503", "2"], ["--503", "0.6", "--reset", "0.6"], ["--port", "70000"], ["--slow", "x"]]
)
def test_the_command_refuses_nonsense(given: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    from engine.cli.main import interpret

    assert interpret(["practice", *given]) == 2
    assert "rpa" in capsys.readouterr().err


def test_the_command_says_that_a_port_is_taken(site: PracticeSite, capsys: pytest.CaptureFixture[str]) -> None:
    from engine.cli.main import interpret

    port = site.address.rpartition(":")[2]
    assert interpret(["practice", "--port", port]) == 1
    assert f"port {port} cannot be used" in capsys.readouterr().err
