"""What is found by its looks: a picture, in other sizes, and text that is read."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from engine.activities.desktop import click, find, screenshot, type_text, wait
from engine.activities.desktop.images import locate
from engine.sdk import BusinessError, StepTimeout, SystemFault
from engine.sdk.testing import ActivityEnvironment
from tests.support.desktop import Desktop
from tests.unit.engine.activities.desktop.conftest import eventually, windows


async def picture_of(env: ActivityEnvironment, where: str, path: Path) -> Path:
    place = await env.run(find, where=where)
    shot = await env.run(screenshot, left=place.left, top=place.top, width=place.width, height=place.height)
    path.write_bytes(shot.picture.content)
    return path


async def test_a_picture_is_found_and_clicked(env: ActivityEnvironment, editor: Path, tmp_path: Path) -> None:
    menu = await env.run(find, where="window=Mousepad >> menu=File")
    await picture_of(env, "window=Mousepad >> menu=File", tmp_path / "file.png")
    place = await env.run(find, where="image=file.png")
    assert (place.left, place.top, place.width) == (menu.left, menu.top, menu.width)
    assert place.likeness > 0.99
    inside = await env.run(click, where={"by": "image", "image": "file.png", "window": "Mousepad"})
    assert (inside.left, inside.top) == (menu.left, menu.top)


async def test_a_picture_of_another_size_is_found(env: ActivityEnvironment, editor: Path, tmp_path: Path) -> None:
    path = await picture_of(env, "window=Mousepad >> menu=Document", tmp_path / "menu.png")
    with Image.open(path) as small:
        small.resize((small.width * 5 // 4, small.height * 5 // 4)).save(path)
    candidate = {"by": "image", "image": "menu.png", "confidence": 0.8}
    with pytest.raises(SystemFault, match=r"image=menu.png: 0 matches, the best \d+% alike"):
        await env.run(find, where=candidate, timeout=0)
    menu = await env.run(find, where="window=Mousepad >> menu=Document")
    place = await env.run(find, where={**candidate, "scales": [1, 0.8]})
    assert abs(place.x - menu.x) <= 2 and abs(place.y - menu.y) <= 2


async def test_text_is_read_and_found(env: ActivityEnvironment, editor: Path) -> None:
    await env.run(type_text, text="\n\n   Approve invoice     Reject invoice\n")
    place = await env.run(find, where="window=Mousepad >> text=Approve invoice")
    assert place.used == "text=Approve invoice"
    reject = await env.run(find, where="window=Mousepad >> text=reject invoice")
    assert reject.left > place.left and abs(reject.y - place.y) <= 4
    with pytest.raises(BusinessError, match="matches 2 places"):
        await env.run(find, where="window=Mousepad >> text=invoice", timeout=3)


async def test_the_first_candidate_that_finds_it_is_told(env: ActivityEnvironment, editor: Path) -> None:
    place = await env.run(find, where="window=Mousepad >> button=Filing || menu=File || 5,5")
    assert place.used == "menu=File"
    place = await env.run(find, where="window=Mousepad >> button=Filing || 5,6")
    assert place.used == "5,6"


async def test_a_second_candidate_tells_which_of_several(env: ActivityEnvironment, editor: Path) -> None:
    edit = await env.run(find, where="window=Mousepad >> menu=Edit")
    where = {"candidates": [{"by": "element", "role": "menu"}, {"by": "position", "x": 50, "y": 10}]}
    place = await env.run(find, where={**where, "window": "Mousepad"})
    assert (place.left, place.used) == (edit.left, "menu= && 50,10")


async def test_it_waits_until_it_is_there_and_gone(env: ActivityEnvironment, desk: Desktop) -> None:
    program = desk.start(["xterm", "-T", "passing", "-e", "sleep", "2"])
    waited = await env.run(wait, where="window=passing >> 3,3", timeout=10)
    assert waited.place.window == "passing"
    gone = await env.run(wait, where="window=passing >> 3,3", until="gone", timeout=10)
    assert gone.place is None
    program.wait()


async def test_what_stays_is_an_error_with_a_picture(env: ActivityEnvironment, terminal: Path) -> None:
    with pytest.raises(StepTimeout, match="still on the screen") as caught:
        await env.run(wait, where="window=terminal >> 3,3", until="gone", timeout=0.3)
    assert caught.value.files


async def test_screenshots_of_the_whole_a_window_and_a_part(env: ActivityEnvironment, editor: Path) -> None:
    whole = await env.run(screenshot)
    assert (whole.width, whole.height, whole.picture.media_type) == (1280, 900, "image/png")
    window = next(one for one in windows() if "Mousepad" in one.title)
    part = await env.run(screenshot, window="Mousepad")
    assert (part.left, part.top, part.width, part.height) == (window.left, window.top, window.width, window.height)
    piece = await env.run(screenshot, left=10, top=20, width=30, height=40)
    assert (piece.width, piece.height, piece.left, piece.top) == (30, 40, 10, 20)
    with pytest.raises(BusinessError, match="not on the screen of 1280 × 900"):
        await env.run(screenshot, left=5000)


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda path: path.write_text("no picture"), "not a picture"),
        (lambda path: Image.new("RGB", (20, 20), "white").save(path), "one plain colour"),
        (lambda path: None, "bad.png"),
    ],
)
async def test_a_picture_that_is_of_no_use(
    env: ActivityEnvironment, desk: Desktop, tmp_path: Path, make: object, reason: str
) -> None:
    make(tmp_path / "bad.png")  # type: ignore[operator]
    with pytest.raises(BusinessError, match=reason):
        await env.run(find, where="image=bad.png", timeout=0)


async def test_a_language_that_is_not_installed(env: ActivityEnvironment, terminal: Path) -> None:
    with pytest.raises(BusinessError, match="cannot read the language 'tlh'"):
        await env.run(find, where={"by": "text", "name": "x", "language": "tlh"}, timeout=0)


def test_two_places_that_look_alike_are_two() -> None:
    needle = Image.linear_gradient("L").resize((12, 12)).convert("RGB")
    shot = Image.new("RGB", (200, 100), "white")
    shot.paste(needle, (20, 30))
    shot.paste(needle, (120, 40))
    places, best = locate(needle, shot, 0.9, [1.0])
    assert sorted((box.left, box.top) for box, _ in places) == [(20, 30), (120, 40)]
    assert best > 0.99


def test_a_plain_screen_is_like_nothing() -> None:
    needle = Image.linear_gradient("L").resize((12, 12)).convert("RGB")
    assert locate(needle, Image.new("RGB", (200, 100), "grey"), 0.5, [1.0, 0.5]) == ([], 0.0)


def test_a_picture_larger_than_the_screen_is_not_there() -> None:
    needle = Image.linear_gradient("L").convert("RGB")
    assert locate(needle, Image.new("RGB", (20, 20)), 0.5, [1.0]) == ([], 0.0)


async def test_a_kept_picture_of_another_step_is_taken(editor: Path, tmp_path: Path) -> None:
    from tests.support.workflows import chain, memory_engine

    flow = chain(
        {"id": "shot", "activity": "desktop.screenshot", "with": {"window": "Mousepad", "width": 100, "height": 25}},
        {
            "id": "find",
            "activity": "desktop.find",
            "with": {"where": {"by": "image", "image": "{{ steps.shot.output.picture }}"}},
        },
        {"id": "type", "activity": "desktop.type", "with": {"text": "done"}},
        {"id": "save", "activity": "desktop.press", "with": {"keys": "ctrl+s"}},
    )
    async with memory_engine() as engine:
        outcome = await engine.wait(await engine.start(flow))
    assert outcome.status == "succeeded", outcome.error
    eventually(lambda: editor.read_text())
    assert editor.read_text() == "done"
