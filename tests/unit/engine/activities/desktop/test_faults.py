"""A display that is not there, goes away, or is taken back by a person; and what a target may be."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

from engine.activities.desktop import check, click, find, hover, list_windows, screenshot, type_text, wait_window
from engine.activities.desktop.target import Target, parsed
from engine.activities.desktop.x11.desktop import cookie
from engine.sdk import BusinessError, StepTimeout, SystemFault
from engine.sdk.testing import ActivityEnvironment
from tests.support.desktop import Desktop


async def test_without_a_display(env: ActivityEnvironment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    with pytest.raises(SystemFault, match="DISPLAY is not set") as caught:
        await env.run(find, where="OK")
    assert "xvfb-run" in caught.value.hint
    told = await env.run(check, fail=False)
    assert not told.well and told.findings[0].name == "display"
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    with pytest.raises(SystemFault, match="Wayland"):
        await env.run(find, where="OK")


@pytest.mark.parametrize("display", [":987", "nonsense", "\u2603"])
async def test_a_display_that_cannot_be_reached(
    env: ActivityEnvironment, monkeypatch: pytest.MonkeyPatch, display: str
) -> None:
    monkeypatch.setenv("DISPLAY", display)
    with pytest.raises(SystemFault, match="cannot be reached"):
        await env.run(screenshot)


async def test_another_system(env: ActivityEnvironment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    with pytest.raises(BusinessError, match="run on Linux with X11, not on win32"):
        await env.run(list_windows)


async def test_a_display_that_goes_away_while_waiting(
    env: ActivityEnvironment, monkeypatch: pytest.MonkeyPatch
) -> None:
    import asyncio

    with Desktop((800, 600)) as short:
        monkeypatch.setenv("DISPLAY", short.display)
        waiting = asyncio.ensure_future(env.run(wait_window, title="never", timeout=30))
        await asyncio.sleep(0.5)
    with pytest.raises(SystemFault, match=r"the display :[0-9]+ went away$") as caught:
        await waiting
    assert "resume" in caught.value.hint
    assert not isinstance(caught.value, StepTimeout)


async def test_a_display_that_goes_away_while_typing_is_not_tried_again(
    env: ActivityEnvironment, monkeypatch: pytest.MonkeyPatch
) -> None:
    import asyncio

    with Desktop((800, 600)) as short:
        monkeypatch.setenv("DISPLAY", short.display)
        typing = asyncio.ensure_future(env.run(type_text, text="x" * 2000))
        await asyncio.sleep(1)
    with pytest.raises(StepTimeout, match="nobody knows what it did"):
        await typing


async def test_a_display_that_was_started_anew_works(env: ActivityEnvironment, monkeypatch: pytest.MonkeyPatch) -> None:
    for place in ((100, 120), (140, 160)):
        with Desktop((800, 600)) as short:
            monkeypatch.setenv("DISPLAY", short.display)
            await env.run(hover, where=f"{place[0]},{place[1]}")
            assert f"x:{place[0]} y:{place[1]}" in short._xdotool("getmouselocation").stdout


async def test_the_mouse_in_the_corner_stops_it(env: ActivityEnvironment, desk: Desktop) -> None:
    desk.move(0, 0)
    with pytest.raises(BusinessError, match="upper left corner, which stops the step"):
        await env.run(click, where="300,300")
    with pytest.raises(BusinessError, match="upper left corner"):
        await env.run(type_text, text="no")
    await env.run(hover, where="300,300", fail_safe="bottom_right")
    desk.move(1279, 899)
    with pytest.raises(BusinessError, match="lower right corner"):
        await env.run(hover, where="300,300", fail_safe="any")
    await env.run(hover, where="0,0", fail_safe="none")
    await env.run(hover, where="300,300")  # what a step did itself is no sign from a person


async def test_a_wait_is_stopped_by_the_corner(env: ActivityEnvironment, desk: Desktop) -> None:
    import asyncio

    waiting = asyncio.ensure_future(env.run(find, where="window=never >> 1,1", timeout=30))
    await asyncio.sleep(0.3)
    desk.move(0, 0)
    with pytest.raises(BusinessError, match="stops the step"):
        await waiting


async def test_a_step_that_waits_can_be_cancelled(env: ActivityEnvironment, desk: Desktop) -> None:
    import asyncio

    waiting = asyncio.ensure_future(env.run(find, where="window=never >> 1,1", timeout=30))
    await asyncio.sleep(0.3)
    env.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting


def test_the_pass_of_a_display_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def entry(family: int, *parts: bytes) -> bytes:
        return family.to_bytes(2, "big") + b"".join(len(part).to_bytes(2, "big") + part for part in parts)

    kind, here = b"MIT-MAGIC-COOKIE-1", platform.node().encode()
    whole = (
        entry(256, b"elsewhere", b"7", kind, b"far")
        + entry(256, here, b"7", kind, b"near")
        + entry(256, here, b"8", b"XDM-AUTHORIZATION-1", b"other")
        + entry(0xFFFF, b"", b"", kind, b"any")
    )
    file = tmp_path / "authority"
    monkeypatch.setenv("XAUTHORITY", str(file))
    file.write_bytes(whole)
    assert cookie(None, ":7", "", 7) == (kind, b"near")
    assert cookie(None, ":8", "", 8) == (kind, b"any")
    for length in range(len(whole)):
        file.write_bytes(whole[:length])
        cookie(None, ":7", "", 7)
    monkeypatch.setenv("XAUTHORITY", str(tmp_path / "none"))
    assert cookie(None, ":7", "", 7) == (b"", b"")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("button=Save", "button=Save"),
        ("window=Orders >> field=Customer || text=Customer", "window=Orders >> field=Customer || text=Customer"),
        ("Save", "Save"),
        ("12, 34", "12,34"),
        ("image=icons/save.png", "image=save.png"),
        ("name=a=b", "name=a=b"),
    ],
)
def test_a_target_is_read_and_written(text: str, shown: str) -> None:
    from pydantic import TypeAdapter

    from engine.activities.desktop.target import AsTarget

    target = TypeAdapter(AsTarget).validate_python(text)
    assert isinstance(target, Target)
    assert str(target) == shown


@pytest.mark.parametrize("text", ["", " || ", "window=Orders >> "])
def test_a_target_that_says_nothing(text: str) -> None:
    with pytest.raises(ValueError, match="says no place"):
        parsed(text)


def test_nothing_touches_a_display_at_import() -> None:
    program = (
        "import sys, engine.activities.desktop as family; "
        "heavy = {'Xlib', 'pyautogui', 'cv2', 'numpy', 'PIL', 'pytesseract', 'jeepney'} & set(sys.modules); "
        "assert not heavy, heavy"
    )
    environment = {name: value for name, value in os.environ.items() if name != "DISPLAY"}
    subprocess.run([sys.executable, "-c", program], check=True, env=environment)
