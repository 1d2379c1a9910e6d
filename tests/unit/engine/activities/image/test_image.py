from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw, ImageFont

from engine.activities import image
from engine.core.errors import BusinessError, SystemFault
from engine.sdk.context import Cancelled
from engine.sdk.testing import ActivityEnvironment

Call = Callable[..., Any]


def picture(path: Path, size: tuple[int, int] = (400, 200), mode: str = "RGB", **options: Any) -> Path:
    made = Image.new(mode, size)
    if mode != "I;16":
        made.paste((255, 0, 0, 255)[: len(mode)] if mode in ("RGB", "RGBA") else 1, (0, 0, size[0] // 2, size[1]))
    made.save(path, **options)
    return path


def words(path: Path, text: str, size: tuple[int, int] = (900, 300)) -> Path:
    made = Image.new("RGB", size, "white")
    ImageDraw.Draw(made).text((60, 60), text, "black", ImageFont.load_default(40), spacing=20)
    made.save(path)
    return path


def test_what_a_picture_is(call: Call, tmp_path: Path) -> None:
    output = call(image.info, path=str(picture(tmp_path / "a.png", dpi=(300, 300))))
    assert (output["width"], output["height"], output["format"], output["mode"]) == (400, 200, "PNG", "RGB")
    assert (output["dpi"], output["frames"]) == (300.0, 1) and output["size"] > 0


def test_a_photo_on_its_side_is_seen_upright(call: Call, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    path = str(picture(tmp_path / "a.jpg", exif=exif))
    assert call(image.info, path=path)["width"] == 200
    assert call(image.convert, path=path, target="b.png")["width"] == 200
    assert call(image.info, path="b.png")["width"] == 200


@pytest.mark.parametrize(
    ("given", "size"),
    [
        ({"width": 100}, (100, 50)),
        ({"height": 100}, (200, 100)),
        ({"width": 100, "height": 100}, (100, 50)),
        ({"width": 100, "height": 100, "mode": "fill"}, (100, 100)),
        ({"width": 100, "height": 100, "mode": "stretch"}, (100, 100)),
        ({"width": 800}, (400, 200)),
        ({"width": 800, "enlarge": True}, (800, 400)),
        ({"width": 1}, (1, 1)),
    ],
)
@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P", "1", "L"])
def test_a_picture_is_made_smaller(
    call: Call, tmp_path: Path, given: dict[str, Any], size: tuple[int, int], mode: str
) -> None:
    output = call(image.resize, path=str(picture(tmp_path / "a.png", mode=mode)), target="b.png", **given)
    assert (output["width"], output["height"]) == size
    with Image.open(output["path"]) as made:
        assert made.size == size


@pytest.mark.parametrize(
    "given",
    [{}, {"width": 0}, {"width": -1, "height": 5}, {"width": 10**6, "height": 10**6, "mode": "fill", "enlarge": True}],
)
def test_a_size_that_cannot_be(call: Call, tmp_path: Path, given: dict[str, Any]) -> None:
    with pytest.raises(BusinessError):
        call(image.resize, path=str(picture(tmp_path / "a.png")), target="b.png", **given)
    assert not (tmp_path / "b.png").exists()


def test_a_rectangle_is_cut_out(call: Call, tmp_path: Path) -> None:
    path = str(picture(tmp_path / "a.png"))
    output = call(image.crop, path=path, target="b.png", x=190, y=10, width=20, height=30)
    with Image.open(output["path"]) as made:
        assert made.size == (20, 30)
        assert [made.getpixel((x, 0)) for x in (0, 19)] == [(255, 0, 0), (0, 0, 0)]
    for wrong in ({"x": 390}, {"y": -1}, {"width": 0}):
        with pytest.raises(BusinessError, match="lie within") as caught:
            call(image.crop, path=path, target="b.png", **{"x": 0, "y": 0, "width": 20, "height": 20, **wrong})
        assert "400 × 200" in caught.value.hint


@pytest.mark.parametrize("ending", ["png", "jpg", "gif", "bmp", "tif", "webp", "ico", "pdf"])
@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P", "1", "LA", "CMYK", "I;16"])
def test_each_format_is_written(call: Call, tmp_path: Path, ending: str, mode: str) -> None:
    path = str(picture(tmp_path / ("a.tif" if mode == "CMYK" else "a.png"), (64, 64), mode=mode))
    output = call(image.convert, path=path, target=f"b.{ending}")
    assert output["size"] == (tmp_path / f"b.{ending}").stat().st_size > 0
    if ending != "pdf":
        assert (call(image.info, path=f"b.{ending}")["width"]) == 64


def test_gray_and_turned(call: Call, tmp_path: Path) -> None:
    path = str(picture(tmp_path / "a.png"))
    output = call(image.convert, path=path, target="b.png", gray=True, turn=90)
    assert (output["width"], output["height"], call(image.info, path="b.png")["mode"]) == (200, 400, "L")
    with Image.open(output["path"]) as made:
        assert made.getpixel((100, 10)) > made.getpixel((100, 390))  # type: ignore[operator]
    for wrong in ({"target": "b.xyz"}, {"target": "b"}, {"target": "b.png", "quality": 0}):
        with pytest.raises(BusinessError):
            call(image.convert, path=path, **wrong)


def test_letters_are_recognized_with_their_boxes(call: Call, tmp_path: Path) -> None:
    output = call(image.read_text, path=str(words(tmp_path / "a.png", "Invoice 4711\nTotal 99.50")))
    assert output["text"] == "Invoice 4711\nTotal 99.50" and output["confidence"] > 70
    first = output["words"][0]
    assert (first["text"], first["line"], output["words"][2]["line"]) == ("Invoice", 1, 2)
    assert abs(first["x"] - 60) < 8 and abs(first["y"] - 68) < 12 and 100 < first["width"] < 180
    large = call(image.read_text, path="a.png", enlarge=2)["words"][0]
    assert abs(large["x"] - first["x"]) < 6 and abs(large["width"] - first["width"]) < 12
    assert call(image.read_text, path=str(picture(tmp_path / "b.png")))["words"] == []


def test_what_cannot_be_recognized(call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = str(words(tmp_path / "a.png", "x"))
    with pytest.raises(BusinessError, match="enlarged"):
        call(image.read_text, path=path, enlarge=9)
    with pytest.raises(BusinessError, match="language"):
        call(image.read_text, path=path, language="xyz")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SystemFault, match="not installed"):
        call(image.read_text, path=path)


async def test_recognition_can_be_stopped(tmp_path: Path) -> None:
    path = words(tmp_path / "a.png", "\n".join("many words in a row " * 5 for _ in range(40)), (2400, 2800))
    env = ActivityEnvironment(tmp_path)

    def check() -> None:
        raise Cancelled

    env.context.check = check  # type: ignore[method-assign]
    with pytest.raises(Cancelled):
        await env.run(image.read_text, path=str(path))


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


@pytest.mark.parametrize("function", [image.info, image.read_text, image.resize, image.crop, image.convert])
def test_what_is_no_picture_is_told(call: Call, tmp_path: Path, function: Call) -> None:
    whole = picture(tmp_path / "a.png", (300, 300), optimize=False).read_bytes()
    noise = Image.effect_noise((300, 300), 90)
    noise.save(tmp_path / "half.jpg")
    (tmp_path / "half.jpg").write_bytes((tmp_path / "half.jpg").read_bytes()[:9000])
    head = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    bomb = (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    )
    files = {
        "empty.png": (b"", "empty"),
        "text.png": (b"hello", "not a picture"),
        "head.png": (whole[:20], "not a picture|damaged"),
        "bomb.png": (bomb, "more pixels"),
        "broad.png": (bomb.replace(head, struct.pack(">IIBBBBB", 12_600, 12_600, 8, 2, 0, 0, 0)), "more pixels|damaged|not a picture"),
    }  # fmt: skip
    values: dict[str, Any] = {}
    if function in (image.resize, image.crop, image.convert):
        values = {"target": "out.png", "width": 5} if function is image.resize else {"target": "out.png"}
    if function is image.crop:
        values |= {"x": 0, "y": 0, "width": 5, "height": 5}
    for name, (content, said) in files.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(BusinessError, match=said) as caught:
            call(function, path=name, **values)
        assert caught.value.hint
    if function is not image.info:  # it reads the head alone
        with pytest.raises(BusinessError, match="damaged"):
            call(function, path="half.jpg", **values)
    assert not (tmp_path / "out.png").exists()


def test_sixteen_bits_of_gray_stay_gray(call: Call, tmp_path: Path) -> None:
    made = Image.new("I;16", (8, 8), 32_768)
    made.save(tmp_path / "a.png")
    call(image.convert, path="a.png", target="b.jpg")
    with Image.open(tmp_path / "b.jpg") as gray:
        assert abs(int(gray.getpixel((4, 4))) - 128) < 4  # type: ignore[arg-type]
