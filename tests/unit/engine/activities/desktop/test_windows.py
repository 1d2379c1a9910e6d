"""Windows, programs, the clipboard, and the check of the desktop."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.activities.desktop import (
    check,
    clipboard_get,
    clipboard_set,
    close_window,
    find,
    focus_window,
    list_windows,
    move_window,
    start,
    type_text,
    wait_window,
)
from engine.activities.desktop.platform import opened
from engine.core.secrets import Credential, Secret
from engine.sdk import BusinessError, StepTimeout, SystemFault
from engine.sdk.testing import ActivityEnvironment
from tests.support.desktop import Desktop
from tests.unit.engine.activities.desktop.conftest import eventually, windows


async def test_windows_are_listed_with_their_program(env: ActivityEnvironment, terminal: Path, editor: Path) -> None:
    listed = await env.run(list_windows)
    assert {one.program for one in listed.windows} >= {"XTerm", "Mousepad"}
    assert listed.windows[0].active and "Mousepad" in listed.windows[0].title
    assert (await env.run(list_windows, title="*mousepad")).count == 1
    assert (await env.run(list_windows, title="nothing")).count == 0


async def test_a_window_comes_to_the_front(env: ActivityEnvironment, terminal: Path, editor: Path) -> None:
    brought = await env.run(focus_window, title="terminal")
    assert brought.active
    await env.run(type_text, text="x\n")
    eventually(lambda: terminal.read_text() == "x\n")


async def test_a_window_is_moved_and_sized(env: ActivityEnvironment, desk: Desktop, editor: Path) -> None:
    moved = await env.run(move_window, title="Mousepad", left=100, top=120, width=500, height=400)
    assert (moved.left, moved.top, moved.width, moved.height) == (100, 120, 500, 400)
    moved = await env.run(move_window, title="Mousepad", left=200)
    assert (moved.left, moved.top, moved.width, moved.height) == (200, 120, 500, 400)
    bar = await env.run(find, where="window=Mousepad >> role=menu bar")
    assert (bar.left, bar.top, bar.width) == (200, 120, 500)


async def test_a_window_that_is_minimized_comes_back(env: ActivityEnvironment, desk: Desktop, terminal: Path) -> None:
    number = str((await env.run(list_windows, title="terminal")).windows[0].id)
    desk._xdotool("windowminimize", "--sync", number)
    assert (await env.run(list_windows, title="terminal")).windows[0].minimized
    assert (await env.run(focus_window, title="terminal")).active


async def test_a_window_is_closed(env: ActivityEnvironment, terminal: Path) -> None:
    assert (await env.run(close_window, title="terminal")).count == 1
    assert (await env.run(close_window, title="terminal")).count == 0


async def test_a_window_that_asks_stays_and_is_told(env: ActivityEnvironment, editor: Path) -> None:
    await env.run(type_text, text="unsaved")
    with pytest.raises(SystemFault, match="does not close") as caught:
        await env.run(close_window, title="notes.txt", timeout=1)
    assert caught.value.files


async def test_two_windows_that_match_are_listed(env: ActivityEnvironment, terminal: Path, desk: Desktop) -> None:
    other = desk.start(["xterm", "-T", "terminal two", "-e", "sleep", "60"])
    desk.wait_for_window("terminal two")
    try:
        eventually(lambda: sum("terminal" in one.title for one in windows()) == 2)
        with pytest.raises(BusinessError, match="'termin' matches 2 windows: 'terminal"):
            await env.run(focus_window, title="termin")
        assert (await env.run(focus_window, title="terminal")).title == "terminal"
    finally:
        other.kill()
        other.wait()


async def test_a_window_that_does_not_come(env: ActivityEnvironment, desk: Desktop) -> None:
    with pytest.raises(StepTimeout, match="no window 'nowhere'"):
        await env.run(wait_window, title="nowhere", timeout=0.2)
    with pytest.raises(SystemFault, match="there is no window 'nowhere'"):
        await env.run(move_window, title="nowhere", left=1)


async def test_a_program_is_started_and_ends_with_the_execution(env: ActivityEnvironment, desk: Desktop) -> None:
    import psutil

    started = await env.run(start, command="xterm -T mine -e sleep 60", window="mine")
    assert started.window.title == "mine"
    assert psutil.pid_exists(started.pid)
    await env.close()
    assert not psutil.pid_exists(started.pid)
    assert not any(one.title == "mine" for one in windows())


async def test_a_started_gtk_program_shows_its_elements(env: ActivityEnvironment, desk: Desktop) -> None:
    from engine.activities.desktop import set_text

    await env.run(start, command=["mousepad", "--disable-server"])
    await env.run(set_text, element="window=Mousepad >> role=text", text="hello")
    await env.close()


async def test_a_program_that_cannot_start(env: ActivityEnvironment, desk: Desktop) -> None:
    with pytest.raises(BusinessError, match=r"no-such-program cannot be started: No such file"):
        await env.run(start, command="no-such-program")
    with pytest.raises(SystemFault, match="ended with the code 3 and opened no window"):
        await env.run(start, command=["sh", "-c", "exit 3"])
    with pytest.raises(StepTimeout, match=r"opened no window within 0\.3 seconds"):
        await env.run(start, command="sleep 60", timeout=0.3)
    await env.close()


@pytest.mark.parametrize(
    "text", ["", "plain", "Здравей 😀\nсвят\t!", "x" * 700_000], ids=["none", "one", "many", "big"]
)
async def test_the_clipboard_gives_back_what_it_got(env: ActivityEnvironment, desk: Desktop, text: str) -> None:
    assert (await env.run(clipboard_set, text=text)).count == len(text)
    assert (await env.run(clipboard_get)).text == text


async def test_a_password_does_not_stay_in_the_clipboard(tmp_path: Path, desk: Desktop) -> None:
    login = Credential("erp", "login", "password", {"username": "ada"}, {"password": Secret("s3cret-Pä")})
    env = ActivityEnvironment(tmp_path, credentials=[login])
    copied = await env.run(clipboard_set, credential="erp", clear_after=0.5)
    assert (await env.run(clipboard_get)).text == "s3cret-Pä"
    assert "s3cret" not in repr(copied)
    with opened() as seen:
        eventually(lambda: seen.clipboard.text() == "")


async def test_a_text_that_a_clipboard_cannot_hold(env: ActivityEnvironment, desk: Desktop) -> None:
    with pytest.raises(BusinessError, match="NUL"):
        await env.run(clipboard_set, text="a\0b")


async def test_a_good_desktop_is_told(env: ActivityEnvironment, desk: Desktop) -> None:
    told = await env.run(check)
    assert told.well and (told.width, told.height, told.scale) == (1280, 900, 1.0)
    assert [one.name for one in told.findings if one.state != "good"] == []


async def test_what_is_wrong_with_a_desktop_is_told_with_what_to_do(env: ActivityEnvironment, desk: Desktop) -> None:
    from Xlib import Xatom

    from engine.activities.desktop.x11.desktop import connect

    root = connect()
    root.screen().root.change_property(Xatom.RESOURCE_MANAGER, Xatom.STRING, 8, b"Xft.dpi:\t144\n")
    root.sync()
    try:
        told = await env.run(check, fail=False, width=1920, height=1080, scale=1.0)
        assert {one.name for one in told.findings if one.state == "bad"} == {"size", "scale"}
        assert told.scale == 1.5
        assert "xrandr -s 1920x1080" in next(one.hint for one in told.findings if one.name == "size")
        with pytest.raises(SystemFault, match="the screen is 1280 × 900 pixels"):
            await env.run(check, width=1920)
    finally:
        root.screen().root.delete_property(Xatom.RESOURCE_MANAGER)
        root.close()


async def test_a_lock_is_told(env: ActivityEnvironment, desk: Desktop) -> None:
    from Xlib import X

    from engine.activities.desktop.x11.desktop import connect

    locker = connect()
    locker.screen().root.grab_keyboard(False, X.GrabModeAsync, X.GrabModeAsync, X.CurrentTime)
    try:
        with pytest.raises(SystemFault, match="the screen is locked"):
            await env.run(check)
    finally:
        locker.close()
