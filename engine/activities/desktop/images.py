"""Where a picture is shown in another, with OpenCV."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from engine.activities.desktop.platform import Box
from engine.core.sentences import say
from engine.sdk import BusinessError
from engine.sdk.files import read_bytes

if TYPE_CHECKING:
    from PIL.Image import Image

_SAME = 0.995
"""What is as alike as this is the same picture, and what is less is another where there is one such."""
_MOST = 50


def load(path: Path) -> Image:
    """A picture from a file, in RGB. Raises `BusinessError` for what is none, or is one plain colour."""
    from PIL import Image

    try:
        with Image.open(io.BytesIO(read_bytes(path))) as picture:
            found = picture.convert("RGB")
    except (OSError, Image.DecompressionBombError, SyntaxError, ValueError):
        raise BusinessError(
            say("{path} is not a picture that can be read", path=path), hint=say("Give a PNG file.")
        ) from None
    if all(low == high for low, high in found.getextrema()):  # type: ignore[misc]
        raise BusinessError(
            say("the picture {path} is one plain colour, which is everywhere", path=path),
            hint=say("Cut out a piece with an edge or a letter in it."),
        )
    return found


def locate(
    needle: Image, shot: Image, confidence: float, scales: Sequence[float]
) -> tuple[list[tuple[Box, float]], float]:
    """The places of `shot` that look like `needle`, the most alike first, and how alike the best place is.

    The likeness is the normed correlation of the colours, from 0 to 1.
    """
    import cv2
    import numpy

    whole = numpy.asarray(shot)
    places: list[tuple[Box, float]] = []
    best = 0.0
    for scale in scales:
        size = max(1, round(needle.width * scale)), max(1, round(needle.height * scale))
        if size[0] > shot.width or size[1] > shot.height:
            continue
        part = numpy.asarray(needle if scale == 1 else needle.resize(size))
        likeness = numpy.nan_to_num(cv2.matchTemplate(whole, part, cv2.TM_CCOEFF_NORMED), posinf=0.0, neginf=0.0)
        likeness[likeness > 1.001] = 0.0  # where the screen is one plain colour it divides by next to nothing
        for _ in range(_MOST):
            _, highest, _, (x, y) = cv2.minMaxLoc(likeness)
            best = max(best, min(highest, 1.0))
            if highest < confidence:
                break
            places.append((Box(int(x), int(y), *size), min(float(highest), 1.0)))
            wide, high = size[0] // 2, size[1] // 2
            likeness[max(0, y - high) : y + high + 1, max(0, x - wide) : x + wide + 1] = 0
    places.sort(key=lambda place: -place[1])
    apart: list[tuple[Box, float]] = []
    for box, score in places:  # one place can be found in several sizes
        if not any(other.holds(*box.center) for other, _ in apart):
            apart.append((box, score))
    same = [place for place in apart if place[1] >= _SAME]
    return same or apart, best
