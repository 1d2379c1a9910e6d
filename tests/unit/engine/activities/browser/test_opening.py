"""A browser opened, lost, opened again and closed: by itself, and in workflows on a real engine."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from engine.activities import browser
from engine.activities.browser import driver
from engine.activities.browser.session import Browser
from engine.api import Engine
from engine.core.errors import BusinessError, StepTimeout, SystemFault
from engine.core.values import FileRef
from tests.support.workflows import file_engine, workflow
from tests.unit.engine.activities.browser.conftest import Site, Web

PEM = Path(__file__).parents[1] / "http" / "localhost.pem"


def browsers(of: Web, name: str = "browser") -> tuple[int, ...]:
    """The processes of a browser."""
    open_ = of.environment.context.sessions.get(Browser, name)
    assert open_ is not None and open_._pids
    return open_._pids


async def gone(pids: tuple[int, ...]) -> None:
    until = time.monotonic() + 10
    while any(psutil.pid_exists(pid) and psutil.Process(pid).status() != "zombie" for pid in pids):
        assert time.monotonic() < until
        await asyncio.sleep(0.02)


async def test_it_is_opened_and_closed_and_leaves_nothing(alone: Web, site: Site, tmp_path: Path) -> None:
    site.pages["/"] = "<title>Shop</title>"
    out = await alone(
        browser.open_browser, address=site.url, language="de-DE", zone="Europe/Sofia", width=800, height=600
    )
    assert (out["name"], out["title"], out["address"]) == ("browser", "Shop", f"{site.url}/")
    assert await alone.js(
        "[navigator.language, Intl.DateTimeFormat().resolvedOptions().timeZone, innerWidth, innerHeight]"
    ) == ["de-DE", "Europe/Sofia", 800, 600]
    pids = browsers(alone)
    with pytest.raises(BusinessError, match="an open browser 'browser' already"):
        await alone(browser.open_browser)
    await alone(browser.open_browser, name="second")
    assert await alone(browser.close_browser, name="second") is True
    assert await alone(browser.close_browser) is True and await alone(browser.close_browser) is False
    await gone(pids)
    assert list((tmp_path / ".scratch").iterdir()) == []
    with pytest.raises(BusinessError, match="no open browser 'browser'") as caught:
        await alone(browser.read, target="css=p")
    assert "Use browser" in caught.value.hint


async def test_a_profile_keeps_what_a_site_stored_and_is_used_by_one_at_a_time(alone: Web, site: Site) -> None:
    site.pages["/"] = "<p>x"
    for expected in (None, "ada"):
        await alone(browser.open_browser, address=site.url, profile="profile")
        assert await alone.js("localStorage.user ?? null") == expected
        await alone(browser.set_storage, state={"user": "ada"})
        if expected:
            with pytest.raises(SystemFault, match="the profile is in use"):
                await alone(browser.open_browser, name="other", profile="profile")
        await alone(browser.close_browser)


async def test_attaching_to_a_browser_that_runs(alone: Web, site: Site, tmp_path: Path) -> None:
    site.pages["/"] = "<title>Shop</title>"
    program = driver.executable("auto", None)
    command = [
        str(program),
        "--headless=new",
        "--no-sandbox",
        *driver.FLAGS,
        "--remote-debugging-port=0",
        f"--user-data-dir={tmp_path / 'p'}",
        "about:blank",
    ]
    running = subprocess.Popen(  # noqa: ASYNC220 - it runs beside the test
        command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    )
    try:
        port = tmp_path / "p" / "DevToolsActivePort"
        until = time.monotonic() + 20
        while not port.exists() or len(port.read_text().split()) < 2:
            assert time.monotonic() < until
            await asyncio.sleep(0.05)
        address = f"http://127.0.0.1:{port.read_text().split()[0]}"
        await alone(browser.open_browser, attach=address, address=site.url)
        await alone(browser.new_tab, address=site.url)
        assert (await alone(browser.tabs))["count"] == 2
        await alone(browser.close_browser)
        await alone(browser.open_browser, attach=address)
        assert (await alone(browser.tabs))["tabs"][0]["title"] == "Shop"
        running.kill()
        with pytest.raises(SystemFault, match="is gone"):
            await alone(browser.wait, until="script", text="false", timeout=5)
    finally:
        driver.end_processes((running.pid,))
        running.wait()
    with pytest.raises(SystemFault, match=r"no browser answers at http://127.0.0.1:9"):
        await alone(browser.open_browser, name="x", attach="http://127.0.0.1:9?token=1")


async def test_which_program_is_used(alone: Web, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(BusinessError, match=r"no program .*nothing"):
        await alone(browser.open_browser, program="nothing")
    monkeypatch.setenv(driver.VARIABLE, str(tmp_path / "mine"))
    with pytest.raises(BusinessError, match=r"no program .*mine"):
        await alone(browser.open_browser)
    monkeypatch.delenv(driver.VARIABLE)
    broken = tmp_path / "broken"
    broken.write_text(
        "#!/bin/sh\necho 'broken: error while loading shared libraries: libnss3.so: cannot open' >&2\nexit 127\n"
    )
    broken.chmod(0o755)
    with pytest.raises(SystemFault, match=r"broken lacks the system library libnss3.so"):
        await alone(browser.open_browser, program=str(broken))
    monkeypatch.setenv("PATH", str(tmp_path))
    assert driver.executable("auto", None) is None
    with pytest.raises(SystemFault, match="Edge is not installed"):
        await alone(browser.open_browser, browser="edge")
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path))
    with pytest.raises(SystemFault, match="no browser was found") as caught:
        await alone(browser.open_browser)
    assert "playwright install chromium" in caught.value.hint


async def test_a_browser_that_is_killed_is_told_and_can_be_opened_again(alone: Web, site: Site) -> None:
    site.pages["/"] = "<p>x"
    await alone(browser.open_browser, address=site.url)
    waiting = asyncio.ensure_future(alone(browser.wait, until="visible", target="css=b", timeout=30))
    await asyncio.sleep(0.2)
    for pid in browsers(alone):
        os.kill(pid, signal.SIGKILL)
    with pytest.raises(SystemFault, match="the browser 'browser' is gone"):
        await waiting
    with pytest.raises(SystemFault, match="is gone") as caught:
        await alone(browser.read, target="css=p")
    assert "Use browser" in caught.value.hint
    await alone(browser.close_browser)
    await alone(browser.open_browser, address=site.url)
    assert (await alone(browser.read, target="css=p"))["value"] == "x"


async def test_a_click_on_which_the_browser_dies_is_in_doubt(alone: Web, site: Site) -> None:
    site.pages["/"] = (
        "<button onmousedown=\"const x = new XMLHttpRequest(); x.open('GET', '/kill', false); x.send()\">Pay</button>"
    )
    await alone(browser.open_browser, address=site.url)
    pids = browsers(alone)

    def kill() -> str:
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        return ""

    site.pages["/kill"] = kill
    with pytest.raises(StepTimeout, match="nobody knows whether the page acted on it"):
        await alone(browser.click, target="button=Pay")


async def test_the_driver_is_started_again_when_it_died(alone: Web, site: Site) -> None:
    site.pages["/"] = "<p>x"
    await alone(browser.open_browser, address=site.url)
    first = await driver.driver(alone.environment.context.sessions)
    driver.end_processes((first.pid,))
    with pytest.raises(SystemFault):
        await alone(browser.read, target="css=p", timeout=3)
    await alone(browser.close_browser)
    await alone(browser.open_browser, address=site.url)
    assert (await alone(browser.read, target="css=p"))["value"] == "x"
    assert (await driver.driver(alone.environment.context.sessions)).pid != first.pid


async def test_a_page_that_crashes(alone: Web, site: Site) -> None:
    site.pages["/"] = "<p>x"
    await alone(browser.open_browser, address=site.url)
    with pytest.raises(SystemFault):
        await alone(browser.go_to, address="chrome://crash", timeout=5)
    with pytest.raises(SystemFault, match="the page crashed"):
        await alone(browser.read, target="css=p", timeout=3)
    await alone(browser.new_tab, address=site.url)
    assert (await alone(browser.read, target="css=p"))["value"] == "x"


async def test_a_cancelled_step_leaves_the_browser_usable(alone: Web, site: Site) -> None:
    site.pages["/"] = "<p>x"
    await alone(browser.open_browser, address=site.url)
    task = asyncio.ensure_future(alone(browser.wait, until="visible", target="css=b", timeout=30))
    await asyncio.sleep(0.2)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (await alone(browser.read, target="css=p"))["value"] == "x"
    opening = asyncio.ensure_future(alone(browser.open_browser, name="second"))
    await asyncio.sleep(0.1)
    opening.cancel()
    with pytest.raises(asyncio.CancelledError):
        await opening
    assert alone.environment.context.sessions.names(Browser) == ["browser"]


async def test_a_certificate_that_nobody_signed(alone: Web, site: Site) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(PEM)
    import threading

    secure = Site()
    secure.socket = context.wrap_socket(secure.socket, server_side=True)
    secure.pages["/"] = "<p>secure"
    thread = threading.Thread(target=secure.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    address = f"https://127.0.0.1:{secure.server_address[1]}"
    try:
        with pytest.raises(SystemFault, match="cannot be trusted"):
            await alone(browser.open_browser, address=address)
        assert alone.environment.context.sessions.names(Browser) == []
        await alone(browser.open_browser, address=address, unchecked=True)
        assert (await alone(browser.read, target="css=p"))["value"] == "secure"
    finally:
        secure.shutdown()
        secure.server_close()
        thread.join()


@pytest.fixture
def screen() -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    read, write = os.pipe()
    program = shutil.which("Xvfb")
    assert program, "apt-get install xvfb"
    server = subprocess.Popen(
        [program, "-displayfd", str(write), "-nolisten", "tcp", "-screen", "0", "1024x768x24"],
        pass_fds=[write],
        stderr=subprocess.DEVNULL,
    )
    os.close(write)
    try:
        with os.fdopen(read) as told:
            yield f":{told.readline().strip()}", server
    finally:
        server.kill()
        server.wait()


async def test_a_screen_that_goes_away(
    alone: Web, site: Site, screen: tuple[str, subprocess.Popen[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    site.pages["/"] = "<p>x"
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    with pytest.raises(SystemFault, match="there is no screen"):
        await alone(browser.open_browser, visible=True)
    display, server = screen
    monkeypatch.setenv("DISPLAY", display)
    await alone(browser.open_browser, address=site.url, visible=True)
    assert (await alone.environment.run(browser.pdf)).file.content.startswith(b"%PDF-")
    server.kill()
    with pytest.raises(SystemFault, match="is gone"):
        await alone(browser.wait, until="visible", target="css=b", timeout=10)


STAY = """
steps:
  - {id: shop, activity: browser.use, with: {address: "{{ inputs.address }}"}}
  - {id: login, activity: browser.set_cookies, with: {cookies: [{name: sid, value: me}]}}
  - {id: first, activity: browser.run_javascript, with: {code: document.cookie}}
  - {id: shot, activity: browser.screenshot}
  - {id: nap, activity: control.delay, with: {length: 0.3}}
  - {id: second, activity: browser.run_javascript, with: {code: document.cookie}}
inputs: {address: {type: text}}
outputs: {seen: "{{ steps.shop.output.value }}"}
edges: [shop.restore -> login, shop.body -> first, first.next -> shot, shot.next -> nap, nap.next -> second]
"""


def engine_in(folder: Path, **options: Any) -> Engine:
    return file_engine(folder, home=folder / "home", **options)


async def test_after_a_rest_the_browser_is_opened_and_signed_in_again(tmp_path: Path, site: Site) -> None:
    site.pages["/"] = "<p>x"
    async with engine_in(tmp_path, patience=0.05) as engine:
        execution = await engine.start(workflow(STAY), {"address": site.url}, folder=tmp_path)
        assert (await engine.wait(execution)).status == "waiting"
        await asyncio.sleep(0.35)
        await engine.resume(execution)
        outcome = await engine.wait(execution)
        assert outcome.status == "succeeded", outcome.error
        assert outcome.output == {"seen": "sid=me"} and site.asked.count("/") == 2
    lines = [" ".join(one.info["cmdline"] or []) for one in psutil.process_iter(["cmdline"])]
    assert [line for line in lines if str(tmp_path) in line] == []


async def test_a_failed_step_keeps_the_picture_and_the_page_with_its_error(tmp_path: Path, site: Site) -> None:
    site.pages["/"] = "<p>Nothing to click"
    text = """
steps:
  - {id: shop, activity: browser.use, with: {address: "%s", timeout: 0.3}}
  - {id: go, activity: browser.click, with: {target: {candidates: [{by: role, value: button, name: Go}, "css=#go"]}}}
edges: [shop.body -> go]
"""
    async with engine_in(tmp_path) as engine:
        outcome = await engine.wait(await engine.start(workflow(text % site.url), folder=tmp_path))
        assert outcome.error is not None and outcome.error["step"] == "shop/go"
        assert "tried: button=Go: nothing; css=#go: nothing" in outcome.error["message"]
        files = outcome.error["files"]
        assert all(isinstance(one, FileRef) for one in files)
        assert [one.name for one in files] == ["page.png", "page.html"]
        assert b"Nothing to click" in await engine.store.fetch(files[1].hash)


KILLED = """
import asyncio, sys
from pathlib import Path
from tests.support.workflows import file_engine, workflow
TEXT = '''
steps:
  - {id: shop, activity: browser.use}
  - {id: look, activity: browser.wait, with: {until: script, text: "false", timeout: 60}}
edges: [shop.body -> look]
'''
async def main():
    folder = Path(sys.argv[1])
    async with file_engine(folder, home=folder / "home") as engine:
        execution = await engine.start(workflow(TEXT), folder=folder)
        print(execution, flush=True)
        await engine.wait(execution)
asyncio.run(main())
"""


async def test_after_a_kill_the_next_start_ends_the_browsers_and_removes_their_folders(tmp_path: Path) -> None:
    root = str(Path(__file__).parents[5])
    child = subprocess.Popen(  # noqa: ASYNC220 - it runs beside the test
        [sys.executable, "-c", KILLED, str(tmp_path)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": root},
        cwd=root,
    )
    left: list[psutil.Process] = []
    try:
        assert child.stdout is not None and child.stdout.readline().strip()
        until = time.monotonic() + 30
        while not any("chrom" in one.name() for one in left) or len(_noted(tmp_path)) < 2:
            assert time.monotonic() < until, left
            await asyncio.sleep(0.1)
            left = psutil.Process(child.pid).children(recursive=True)
        for one in left:  # so that they cannot notice that their parent is gone
            one.suspend()
        child.kill()
        child.wait()
        assert all(one.is_running() for one in left)
        assert list((tmp_path / "home" / "scratch").rglob("profile"))
        async with engine_in(tmp_path):
            _, alive = psutil.wait_procs(left, timeout=10)
            assert [one for one in alive if one.status() != "zombie"] == []
            until = time.monotonic() + 10
            while left_behind := list((tmp_path / "home").glob("scratch*/*")):
                assert time.monotonic() < until, left_behind
                await asyncio.sleep(0.05)
    finally:
        child.kill()
        child.communicate()
        for one in left:
            try:
                one.kill()
            except psutil.Error:
                pass


def _noted(folder: Path) -> list[str]:
    return [line for file in (folder / "home").glob("children") for line in file.read_text().splitlines()]
