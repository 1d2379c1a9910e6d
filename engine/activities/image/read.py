"""What a picture is, and what is written in it."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from engine.activities.image.picture import MAX_PIXELS, opened, ordinary, upright
from engine.core.errors import BusinessError
from engine.core.sentences import say
from engine.sdk import Context, Effect, Param, activity
from engine.sdk.ocr import Language, Word, mean, read_words, text_of

_LAYOUTS = {"page": 3, "block": 6, "line": 7, "scattered": 11}


@dataclass(frozen=True)
class ImageInfo:
    """Width and height in pixels as it is seen, its format, mode, frames, resolution, and size in bytes."""

    width: int
    height: int
    format: str
    mode: str
    frames: int
    dpi: float | None
    size: int


@dataclass(frozen=True)
class ImageText:
    """The text by lines, the words with their boxes in pixels, and how sure they are together, from 0 to 100."""

    text: str
    words: list[Word]
    confidence: float | None


@activity("image.info", label="Image information", icon="image", effect=Effect.PURE, keywords=("size", "dimensions"))
def info(path: Annotated[Path, Param("Image", kind="file")]) -> ImageInfo:
    """Tell the size, format and resolution of a picture.

    The output holds `width`, `height`, `format`, `mode`, `frames`, `dpi` (null if it is not said) and `size` in bytes.
    """
    with opened(path) as picture:
        turned = picture.getexif().get(0x0112, 1) >= 5  # lies on its side
        width, height = (picture.height, picture.width) if turned else picture.size
        resolution = picture.info.get("dpi")
        dpi = round(float(resolution[0]), 1) if resolution else None
        frames = int(getattr(picture, "n_frames", 1))
        return ImageInfo(width, height, str(picture.format), picture.mode, frames, dpi, path.stat().st_size)


@activity("image.read_text", label="Read text in image", icon="scan", effect=Effect.PURE, keywords=("ocr", "recognize"))
def read_text(
    path: Annotated[Path, Param("Image", kind="file")],
    ctx: Context,
    language: Language = "eng",
    layout: Annotated[
        Literal["page", "block", "line", "scattered"],
        Param("Layout", "page: columns and pictures. scattered: words here and there, as on a screen."),
    ] = "page",
    enlarge: Annotated[float, Param("Enlarge", "2 or 3 helps with small letters.", unit="×", advanced=True)] = 1,
) -> ImageText:
    """Read the text in a picture, by recognizing its letters (OCR).

    Needs the program Tesseract. The output holds `text`, `words` (each with `text`, `x`, `y`, `width`, `height`,
    `confidence` and `line`) and `confidence`, the mean of the words from 0 to 100.
    """
    if not 1 <= enlarge <= 8:
        raise BusinessError(say("a picture is enlarged 1 to 8 times"))
    with opened(path) as picture:
        seen = ordinary(upright(picture))
        if seen.mode in ("RGBA", "LA", "P"):
            from PIL import Image

            whole = seen.convert("RGBA")
            seen = Image.alpha_composite(Image.new("RGBA", whole.size, "white"), whole)
        if seen.width * seen.height * enlarge**2 > MAX_PIXELS:
            raise BusinessError(say("{name} would be too large when enlarged", name=path.name))
        if enlarge != 1:
            seen = seen.convert("L").resize((round(seen.width * enlarge), round(seen.height * enlarge)))
        found = read_words(seen, language, ctx, _LAYOUTS[layout])
    words = [_shrunk(word, enlarge) for word in found]
    return ImageText(text_of(words), words, mean(words))


def _shrunk(word: Word, factor: float) -> Word:
    """The word with its box in the pixels of the picture as it was."""
    sides = {side: round(getattr(word, side) / factor) for side in ("x", "y", "width", "height")}
    return dataclasses.replace(word, **sides)
