"""Elements of the accessibility tree of a GTK editor."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.activities.desktop import act, press, read_text, set_text, type_text
from engine.activities.desktop.platform import Desktop as Opened
from engine.core.secrets import Credential, Secret
from engine.sdk import BusinessError, SystemFault
from engine.sdk.testing import ActivityEnvironment
from tests.support.desktop import Desktop
from tests.unit.engine.activities.desktop.conftest import eventually, windows

PAGE = "window=Mousepad >> role=text"


async def test_text_is_set_and_read(env: ActivityEnvironment, editor: Path) -> None:
    written = await env.run(set_text, element=PAGE, text="Ред 1\nline 2 ✓")
    assert written.count == 14
    told = await env.run(read_text, element=PAGE)
    assert (told.role, told.text) == ("text", "Ред 1\nline 2 ✓")
    assert {"editable", "enabled"} <= set(told.states)
    await env.run(set_text, element=PAGE, text="other")
    await env.run(press, keys="ctrl+s")
    eventually(lambda: editor.read_text())
    assert editor.read_text() == "other"


async def test_a_password_is_set_and_told_nowhere(tmp_path: Path, editor: Path) -> None:
    login = Credential("erp", "login", "password", {"username": "ada"}, {"password": Secret("s3cret-Pä")})
    env = ActivityEnvironment(tmp_path, credentials=[login])
    written = await env.run(set_text, element=PAGE, credential="erp")
    await env.run(press, keys="ctrl+s")
    eventually(lambda: editor.read_text())
    assert editor.read_text() == "s3cret-Pä"
    assert "s3cret" not in repr(written)


async def test_an_item_of_a_closed_menu_is_pressed(env: ActivityEnvironment, editor: Path) -> None:
    await env.run(type_text, text="word")
    told = await env.run(act, element="window=Mousepad >> menuitem=Save")
    assert (told.role, told.name) == ("menu item", "Save")
    eventually(lambda: editor.read_text())
    assert editor.read_text() == "word"


async def test_a_box_is_checked_once(env: ActivityEnvironment, editor: Path) -> None:
    await env.run(act, element="window=Mousepad >> menuitem=Preferences...")
    box = "window=Preferences >> checkbox=Long line margin"
    before = await env.run(act, element=box, action="check")
    assert before.role == "check box" and "checked" not in before.states
    await env.run(act, element=box, action="check")
    assert "checked" in (await env.run(act, element=box, action="uncheck")).states
    assert "checked" not in (await env.run(read_text, element=box)).states


async def test_what_the_element_cannot_do(env: ActivityEnvironment, editor: Path) -> None:
    with pytest.raises(BusinessError, match="has no action fly") as caught:
        await env.run(act, element="window=Mousepad >> menu=File", action="other", name="fly")
    assert caught.value.hint == "It has: Click."
    with pytest.raises(BusinessError, match="takes no text"):
        await env.run(set_text, element="window=Mousepad >> menu=File", text="x")
    with pytest.raises(BusinessError, match="needs an element"):
        await env.run(set_text, element="1,2", text="x")


async def test_what_is_disabled_is_not_pressed(env: ActivityEnvironment, editor: Path) -> None:
    with pytest.raises(SystemFault, match="there but disabled"):
        await env.run(act, element="window=Mousepad >> menuitem=Undo")


async def test_names_are_found_in_other_cases_and_parts(eyes: Opened, editor: Path) -> None:
    window = next(one for one in windows() if "Mousepad" in one.title)
    assert [one.seen().name for one in eyes.accessibility.find("menu", "file", window)] == ["File"]
    assert [one.seen().name for one in eyes.accessibility.find("", "docu", window)] == ["Document"]
    assert [one.seen().name for one in eyes.accessibility.find("menu", "file", None)] == ["File"]


async def test_a_program_without_elements_is_told(env: ActivityEnvironment, terminal: Path) -> None:
    with pytest.raises(SystemFault, match="its program shows no elements"):
        await env.run(read_text, element="window=terminal >> button=OK", timeout=0)


async def test_without_the_bus_the_error_says_what_to_install(
    env: ActivityEnvironment, desk: Desktop, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={tmp_path}/none")
    with pytest.raises(SystemFault, match="the accessibility bus cannot be reached"):
        await env.run(read_text, element="button=OK", timeout=0)
