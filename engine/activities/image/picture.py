"""Open and save pictures: what is none, damaged or huge is refused by name; a save replaces the file whole."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from engine.core.errors import ActivityError, BusinessError
from engine.core.sentences import say
from engine.sdk.files import atomic_write, file_errors

if TYPE_CHECKING:
    from PIL.Image import Image

MAX_PIXELS = 150_000_000
_LOSSY = {"JPEG", "WEBP", "AVIF"}
_OPAQUE = {"JPEG", "PDF", "BMP"}
_DEEP = {"PNG", "TIFF"}
_ORDINARY = {"1", "L", "LA", "P", "RGB", "RGBA"}
_FORMATS = ("PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP", "PDF", "ICO")


@contextmanager
def opened(path: Path) -> Iterator[Image]:
    """The picture in `path`, its pixels not yet read. Raises `BusinessError`, also for what the block finds damaged."""
    from PIL import Image, UnidentifiedImageError

    warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)  # the limit below is the one that counts
    with file_errors(path, "read"):
        file = open(path, "rb")  # noqa: SIM115 - closed below
    with file:
        try:
            with Image.open(file) as picture:
                if picture.width * picture.height > MAX_PIXELS:
                    raise _huge(path)
                yield picture
        except ActivityError:
            raise
        except UnidentifiedImageError:
            raise _no_picture(path) from None
        except (Image.DecompressionBombError, MemoryError):
            raise _huge(path) from None
        except Exception as error:
            # The library's readers raise OSError, SyntaxError, ValueError, struct.error for what is damaged.
            raise BusinessError(
                say("{name} is damaged and cannot be read ({kind})", name=path.name, kind=type(error).__name__),
                hint=say("Copy or download it again."),
            ) from None


def upright(picture: Image) -> Image:
    """The picture as it is seen: turned as the camera noted."""
    from PIL import ImageOps

    return ImageOps.exif_transpose(picture)


def ordinary(picture: Image) -> Image:
    """The picture in a mode that every format and program knows: 8 bits of gray or of red, green and blue."""
    if picture.mode in _ORDINARY:
        return picture
    if picture.mode.startswith("I;16"):  # converted as it is, nearly everything would be white
        return picture.point(lambda value: value * (1 / 256)).convert("L")
    return picture.convert("RGB")


def save(picture: Image, path: Path, quality: int) -> None:
    """Write the picture in the format that the name ends in. Raises `BusinessError` for one that is not known."""
    from PIL import Image

    if not 1 <= quality <= 100:
        raise BusinessError(say("the quality must be from 1 to 100"))
    kind = Image.registered_extensions().get(path.suffix.lower())
    if kind not in _FORMATS:
        raise BusinessError(
            say("{name} does not end in the name of a format that can be written", name=path.name),
            hint=say("Use .png, .jpg, .gif, .bmp, .tif, .webp, .ico or .pdf."),
        )
    if kind not in _DEEP or not picture.mode.startswith("I;16"):
        picture = ordinary(picture)
    if kind in _OPAQUE and picture.mode not in ("RGB", "L", "1"):
        with_alpha = picture.convert("RGBA")
        picture = Image.new("RGB", picture.size, "white")
        picture.paste(with_alpha, mask=with_alpha.getchannel("A"))
    options = {"quality": quality} if kind in _LOSSY else {}
    with atomic_write(path) as stream:
        picture.save(stream, kind, **options)


def _no_picture(path: Path) -> BusinessError:
    if not path.stat().st_size:
        return BusinessError(
            say("{name} is empty", name=path.name), hint=say("Check that it was copied or downloaded to its end.")
        )
    return BusinessError(
        say("{name} is not a picture that can be read", name=path.name),
        hint=say("Check that it is the right file, and that it was copied or downloaded to its end."),
    )


def _huge(path: Path) -> BusinessError:
    return BusinessError(
        say("{name} has more pixels than can be opened", name=path.name),
        hint=say("At most {most} million are read; make it smaller in another program.", most=MAX_PIXELS // 1_000_000),
    )
