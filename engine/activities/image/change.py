"""Pictures made smaller, cut and converted."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from engine.activities.image.picture import MAX_PIXELS, opened, save, upright
from engine.core.errors import BusinessError
from engine.core.sentences import say
from engine.sdk import Effect, Param, activity

if TYPE_CHECKING:
    from PIL.Image import Image

Target = Annotated[
    Path, Param("Save as", "Its ending says the format: .png, .jpg, .gif, .bmp, .tif, .webp, .ico, .pdf.", kind="save")
]
Quality = Annotated[int, Param("Quality", "Of a JPEG or WebP, 1 to 100.", advanced=True)]


@dataclass(frozen=True)
class WrittenImage:
    """Where it was written, its width and height in pixels, and its size in bytes."""

    path: Path
    width: int
    height: int
    size: int


@activity("image.resize", label="Resize image", icon="resize", effect=Effect.IDEMPOTENT, keywords=("scale", "shrink"))
def resize(
    path: Annotated[Path, Param("Image", kind="file")],
    target: Target,
    width: Annotated[int | None, Param("Width", "Empty: it follows from the height.", unit="pixels")] = None,
    height: Annotated[int | None, Param("Height", "Empty: it follows from the width.", unit="pixels")] = None,
    mode: Annotated[
        Literal["fit", "fill", "stretch"],
        Param("Where both are given", "fit: all of it within. fill: the middle of it. stretch: distorted."),
    ] = "fit",
    enlarge: Annotated[bool, Param("May become larger")] = False,
    quality: Quality = 85,
) -> WrittenImage:
    """Change the size of a picture; it keeps its shape unless you stretch it.

    The output holds `path`, `width`, `height` and `size`.
    """
    from PIL import ImageOps

    if (width is None and height is None) or min(one for one in (width, height, 1) if one is not None) < 1:
        raise BusinessError(say("give a width or a height of at least one pixel"))
    with opened(path) as picture:
        seen = upright(picture)
        factor = min(one / now for one, now in ((width, seen.width), (height, seen.height)) if one is not None)
        size = (max(1, round(seen.width * factor)), max(1, round(seen.height * factor)))
        if width and height and mode != "fit":
            size = (width, height)
        if size[0] * size[1] > MAX_PIXELS:
            raise BusinessError(say("the picture would have more pixels than can be written"))
        if not enlarge and (size[0] > seen.width or size[1] > seen.height):
            size = seen.size
        if seen.mode in ("P", "1"):  # their colours cannot be mixed
            seen = seen.convert("RGBA" if "transparency" in seen.info else "RGB")
        made = ImageOps.fit(seen, size) if mode == "fill" else seen.resize(size)
    return _written(made, target, quality)


@activity("image.crop", label="Crop image", icon="crop", effect=Effect.IDEMPOTENT, keywords=("cut",))
def crop(
    path: Annotated[Path, Param("Image", kind="file")],
    target: Target,
    x: Annotated[int, Param("From the left", unit="pixels")],
    y: Annotated[int, Param("From the top", unit="pixels")],
    width: Annotated[int, Param("Width", unit="pixels")],
    height: Annotated[int, Param("Height", unit="pixels")],
    quality: Quality = 85,
) -> WrittenImage:
    """Cut a rectangle out of a picture; it must lie within.

    The output holds `path`, `width`, `height` and `size`.
    """
    with opened(path) as picture:
        seen = upright(picture)
        inside = x >= 0 and y >= 0 and width > 0 and height > 0
        if not inside or x + width > seen.width or y + height > seen.height:
            raise BusinessError(
                say("the rectangle does not lie within {name}", name=path.name),
                hint=say("The picture has {width} × {height} pixels.", width=seen.width, height=seen.height),
            )
        made = seen.crop((x, y, x + width, y + height))
    return _written(made, target, quality)


@activity(
    "image.convert", label="Convert image", icon="image", effect=Effect.IDEMPOTENT, keywords=("format", "png", "jpeg")
)
def convert(
    path: Annotated[Path, Param("Image", kind="file")],
    target: Target,
    gray: Annotated[bool, Param("Shades of gray")] = False,
    turn: Annotated[Literal[0, 90, 180, 270], Param("Turn clockwise by", unit="°")] = 0,
    quality: Quality = 85,
) -> WrittenImage:
    """Save a picture in another format; of one with several frames the first.

    What a JPEG or PDF cannot show through becomes white. The output holds `path`, `width`, `height` and `size`.
    """
    with opened(path) as picture:
        seen = upright(picture)
        if gray:
            seen = seen.convert("LA" if seen.mode in ("RGBA", "LA", "PA") or "transparency" in seen.info else "L")
        made = seen.rotate(-turn, expand=True) if turn else seen.copy()
    return _written(made, target, quality)


def _written(picture: Image, target: Path, quality: int) -> WrittenImage:
    save(picture, target, quality)
    return WrittenImage(target, picture.width, picture.height, target.stat().st_size)
