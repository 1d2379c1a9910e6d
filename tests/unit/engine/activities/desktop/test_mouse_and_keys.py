"""Clicks and keys, in programs of others."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.activities.desktop import click, drag, find, hover, press, scroll, type_text
from engine.core.secrets import Credential, Secret
from engine.sdk import BusinessError, SystemFault
from engine.sdk.testing import ActivityEnvironment
from tests.support.desktop import Desktop
from tests.unit.engine.activities.desktop.conftest import eventually, windows

TEXTS = {
    "ascii": "The quick brown Fox! (42%) ~/x_y|z",
    "latin": "äöü é ñ ß £ € ø",
    "cyrillic": "Здравей, свят: щъркел Ю",
    "greek and more": "Ωμέγα 日本語 → ✓",
    "emoji": "ok 😀 done",
}


@pytest.mark.parametrize("name", TEXTS)
async def test_text_of_any_script_is_typed(env: ActivityEnvironment, editor: Path, name: str) -> None:
    typed = await env.run(type_text, text=TEXTS[name] + "\n", window="Mousepad")
    await env.run(press, keys="ctrl+s")
    eventually(lambda: editor.read_text("utf-8"))
    assert editor.read_text("utf-8") == TEXTS[name] + "\n"
    assert typed.count == len(TEXTS[name]) + 1
    assert "notes.txt" in typed.window


async def test_more_characters_than_there_are_spare_keys(env: ActivityEnvironment, editor: Path) -> None:
    many = "".join(chr(number) for number in range(0x4E00, 0x4E00 + 150))
    await env.run(type_text, text=many + "\n")
    await env.run(press, keys="ctrl+s")
    eventually(lambda: editor.read_text("utf-8"))
    assert editor.read_text("utf-8").strip() == many


async def test_it_types_into_a_terminal(env: ActivityEnvironment, terminal: Path) -> None:
    await env.run(type_text, text="plain Текст\n", window="terminal")
    eventually(lambda: terminal.read_text("utf-8"))
    assert terminal.read_text("utf-8") == "plain Текст\n"


@pytest.mark.parametrize("layout", ["bg", "de", "us"])
async def test_the_layout_does_not_matter(env: ActivityEnvironment, desk: Desktop, editor: Path, layout: str) -> None:
    layouts = desk.start(["setxkbmap", layout])
    layouts.wait()
    try:
        await env.run(type_text, text="yz Шест #1 @ß\n")
        await env.run(press, keys="ctrl+s")
        eventually(lambda: editor.read_text("utf-8"))
        assert editor.read_text("utf-8") == "yz Шест #1 @ß\n"
    finally:
        desk.start(["setxkbmap", "us"]).wait()


async def test_caps_lock_does_not_matter(env: ActivityEnvironment, desk: Desktop, editor: Path) -> None:
    desk.key("Caps_Lock")
    try:
        await env.run(type_text, text="Aa Жж\n")
    finally:
        desk.key("Caps_Lock")
    await env.run(press, keys="ctrl+s")
    eventually(lambda: editor.read_text("utf-8"))
    assert editor.read_text("utf-8") == "Aa Жж\n"


async def test_pasting_gives_the_clipboard_back(env: ActivityEnvironment, editor: Path) -> None:
    from engine.activities.desktop import clipboard_get, clipboard_set

    await env.run(clipboard_set, text="mine")
    await env.run(type_text, text="pasted ✓\n", how="paste")
    await env.run(press, keys="ctrl+s")
    eventually(lambda: editor.read_text("utf-8"))
    assert editor.read_text("utf-8") == "pasted ✓\n"
    assert (await env.run(clipboard_get)).text == "mine"


async def test_a_password_is_typed_and_told_nowhere(tmp_path: Path, desk: Desktop, terminal: Path) -> None:
    login = Credential("erp", "login", "password", {"username": "ada"}, {"password": Secret("s3cret-Pä")})
    env = ActivityEnvironment(tmp_path, credentials=[login])
    typed = await env.run(type_text, credential="erp")
    await env.run(press, keys="enter")
    eventually(lambda: terminal.read_text("utf-8"))
    assert terminal.read_text("utf-8") == "s3cret-Pä\n"
    assert "s3cret" not in repr(typed)


async def test_a_key_that_there_is_not(env: ActivityEnvironment, desk: Desktop) -> None:
    with pytest.raises(BusinessError, match="there is no key 'hyperdrive'"):
        await env.run(press, keys="ctrl+hyperdrive")
    with pytest.raises(BusinessError, match="says no keys"):
        await env.run(press, keys="ctrl+")


async def test_what_cannot_be_typed(env: ActivityEnvironment, desk: Desktop) -> None:
    with pytest.raises(BusinessError, match="number 7 cannot be typed"):
        await env.run(type_text, text="bell \a")


async def test_a_menu_is_clicked_through(env: ActivityEnvironment, editor: Path) -> None:
    clicked = await env.run(click, where="window=Mousepad >> menu=File")
    assert clicked.used == "menu=File"
    assert clicked.window.endswith("notes.txt - Mousepad")
    await env.run(click, where="window=Mousepad >> menuitem=Save As...  || name=Save As…")
    eventually(lambda: any("Save As" in one.title for one in windows()))


async def test_a_double_click_marks_a_word(env: ActivityEnvironment, editor: Path) -> None:
    await env.run(type_text, text="one")
    page = await env.run(find, where="window=Mousepad >> role=text")
    await env.run(click, where=f"{page.left + 12},{page.top + 12}", clicks=2)
    await env.run(type_text, text="two")
    await env.run(press, keys="ctrl+s")
    eventually(lambda: editor.read_text())
    assert editor.read_text() == "two"


async def test_the_mouse_goes_where_it_is_told(env: ActivityEnvironment, desk: Desktop) -> None:
    place = await env.run(hover, where="300,200")
    assert (place.x, place.y) == (300, 200)
    assert "x:300 y:200" in desk._xdotool("getmouselocation").stdout


async def test_dragging_marks_what_it_passes(env: ActivityEnvironment, editor: Path) -> None:
    await env.run(type_text, text="first line\nsecond line\n")
    page = await env.run(find, where="window=Mousepad >> role=text")
    x, y = page.left + 2, page.top + 10
    dragged = await env.run(drag, start=f"{x},{y}", end=f"{x + 300},{y}")
    assert dragged.end.x > dragged.start.x
    await env.run(press, keys="delete ctrl+s")
    eventually(lambda: editor.read_text())
    assert "first line" not in editor.read_text()


async def test_the_wheel_turns(env: ActivityEnvironment, desk: Desktop, editor: Path) -> None:
    from engine.activities.desktop import screenshot

    await env.run(type_text, text="\n".join(str(number) for number in range(80)), pause=0.001)
    before = await env.run(screenshot, window="Mousepad")
    await env.run(scroll, where="window=Mousepad >> 100,100", down=-30)
    after = await env.run(screenshot, window="Mousepad")
    assert before.picture.content != after.picture.content


async def test_what_is_not_there_is_told_with_a_picture(env: ActivityEnvironment, editor: Path) -> None:
    with pytest.raises(SystemFault, match=r"button=Explode.*tried: button=Explode: 0 matches") as caught:
        await env.run(click, where="window=Mousepad >> button=Explode", timeout=0.2)
    assert caught.value.files[0].content.startswith(b"\x89PNG")


async def test_what_matches_twice_is_an_error_that_lists_both(env: ActivityEnvironment, editor: Path) -> None:
    with pytest.raises(BusinessError, match=r"matches \d+ places: 1\. menu ") as caught:
        await env.run(click, where="window=Mousepad >> role=menu", timeout=2)
    assert "'File'" in caught.value.message and "'Edit'" in caught.value.message
    second = await env.run(hover, where={"by": "element", "role": "menu", "nth": 2, "window": "Mousepad"}, timeout=2)
    assert second.used == "menu= [2]"
