"""What every system must be able to do, with a program that is the same everywhere. Nothing here speaks of X11."""

from __future__ import annotations

import json
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from engine.activities.desktop import (
    act,
    clipboard_get,
    clipboard_set,
    close_window,
    find,
    list_windows,
    press,
    read_text,
    screenshot,
    set_text,
    start,
    type_text,
    wait,
)
from engine.activities.desktop.mouse import click
from engine.core.secrets import Credential, Secret
from engine.sdk import BusinessError, SystemFault
from engine.sdk.testing import ActivityEnvironment
from tests.support.desktop import Desktop
from tests.support.workflows import memory_engine, workflow
from tests.unit.engine.activities.desktop.conftest import eventually

FORM = "window=Order form >> "
PROGRAM = Path(__file__).with_name("form.py")


class Sent:
    """The forms that the program was sent."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def __call__(self) -> list[list[Any]]:
        return [json.loads(line) for line in self.file.read_text("utf-8").splitlines()] if self.file.exists() else []


@pytest.fixture
async def form(desk: Desktop, env: ActivityEnvironment, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Sent]:
    monkeypatch.delenv("QT_QPA_PLATFORM", raising=False)
    sent = Sent(env.context.folder / "sent.jsonl")
    await env.run(start, command=[sys.executable, str(PROGRAM), str(sent.file)], window="Order form")
    await env.run(wait, where=FORM + "button=Save order")
    yield sent
    await env.close()


async def test_a_form_is_filled_in_by_its_labels(env: ActivityEnvironment, form: Sent) -> None:
    await env.run(set_text, element=FORM + "field=Customer", text="Ада Лъвлейс")
    await env.run(set_text, element=FORM + "field=Notes", text="two\nlines ✓")
    await env.run(act, element=FORM + "checkbox=Urgent", action="check")
    await env.run(act, element=FORM + "button=Save order")
    eventually(form)
    assert form() == [["Ада Лъвлейс", "", "two\nlines ✓", True, "Invoice"]]
    await env.run(wait, where=FORM + "label=Sent Ада Лъвлейс", timeout=5)


async def test_a_form_is_filled_in_with_mouse_and_keys(env: ActivityEnvironment, form: Sent) -> None:
    await env.run(click, where=FORM + "field=Customer")
    await env.run(type_text, text="Grace Хопър\t")
    await env.run(click, where=FORM + "checkbox=Urgent")
    await env.run(click, where=FORM + "combobox=Kind")
    await env.run(press, keys="down enter")
    await env.run(click, where=FORM + "button=Save order")
    eventually(form)
    assert form() == [["Grace Хопър", "", "", True, "Credit note"]]


async def test_a_password_goes_into_its_field_alone(tmp_path: Path, env: ActivityEnvironment, form: Sent) -> None:
    env.credentials["erp"] = Credential(
        "erp", "login", "password", {"username": "ada"}, {"password": Secret("s3cret-Pä")}
    )
    told = await env.run(set_text, element=FORM + "field=Password", credential="erp")
    await env.run(act, element=FORM + "button=Save order")
    eventually(form)
    assert form()[0][1] == "s3cret-Pä"
    assert "s3cret" not in repr(told) and "s3cret" not in repr(env.lines)


async def test_elements_tell_how_they_are(env: ActivityEnvironment, form: Sent) -> None:
    await env.run(set_text, element=FORM + "field=Customer", text="Ada")
    assert (await env.run(read_text, element=FORM + "field=Customer")).text == "Ada"
    assert "checked" not in (await env.run(read_text, element=FORM + "checkbox=Urgent")).states
    with pytest.raises(SystemFault, match="disabled"):
        await env.run(act, element=FORM + "button=Archive")
    with pytest.raises(BusinessError, match="matches 2 places: 1. .*Archive.*2. .*Save order"):
        await env.run(click, where=FORM + "role=button")


async def test_what_it_shows_is_found_by_its_looks(env: ActivityEnvironment, form: Sent) -> None:
    button = await env.run(find, where=FORM + "button=Save order")
    read = await env.run(find, where=FORM + "text=Save order")
    assert button.left <= read.x <= button.left + button.width and abs(button.y - read.y) <= 5
    shot = await env.run(screenshot, left=button.left, top=button.top, width=button.width, height=button.height)
    (env.context.folder / "save.png").write_bytes(shot.picture.content)
    seen = await env.run(click, where="window=Order form >> button=Nothing || image=save.png")
    assert seen.used == "image=save.png"
    eventually(form)


async def test_the_clipboard_and_the_window(env: ActivityEnvironment, form: Sent) -> None:
    await env.run(clipboard_set, text="през клипборда")
    await env.run(click, where=FORM + "field=Customer")
    await env.run(press, keys="ctrl+v")
    assert (await env.run(read_text, element=FORM + "field=Customer")).text == "през клипборда"
    await env.run(press, keys="ctrl+a ctrl+c")
    assert (await env.run(clipboard_get)).text == "през клипборда"
    assert (await env.run(list_windows, title="Order form")).count == 1
    assert (await env.run(close_window, title="Order form")).count == 1
    assert (await env.run(list_windows, title="Order form")).count == 0


TABLE = """
inputs: {program: {type: text}, python: {type: text}, file: {type: text}}
steps:
  - {id: open, activity: desktop.start, with: {command: ["{{ inputs.python }}", "{{ inputs.program }}", "{{ inputs.file }}"], window: Order form}}
  - {id: each, activity: control.for_each, with: {items: [Ada, Grace, Яна]}}
  - {id: name, activity: desktop.set_text, with: {element: "window=Order form >> field=Customer", text: "{{ item }}"}}
  - {id: save, activity: desktop.act, with: {element: "window=Order form >> button=Save order"}}
edges: [open -> each, each.body -> name, name -> save]
"""


async def test_a_program_is_filled_in_from_a_table(
    desk: Desktop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("QT_QPA_PLATFORM", raising=False)
    sent = Sent(tmp_path / "sent.jsonl")
    given = {"program": str(PROGRAM), "python": sys.executable, "file": str(sent.file)}
    async with memory_engine() as engine:
        outcome = await engine.wait(await engine.start(workflow(TABLE), given, folder=tmp_path))
    assert outcome.status == "succeeded", outcome.error
    eventually(lambda: len(sent()) == 3)
    assert [one[0] for one in sent()] == ["Ada", "Grace", "Яна"]
