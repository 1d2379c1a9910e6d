"""Where a text is shown in a picture, with Tesseract."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine.activities.desktop.platform import Box
from engine.core.sentences import say
from engine.sdk import BusinessError

if TYPE_CHECKING:
    from PIL.Image import Image

_LARGER = 2
"""Letters of a screen are smaller than Tesseract likes them."""
_SURE = 30.0
_SLOWEST = 60


@dataclass(frozen=True)
class Word:
    """A word that was read, and the line it stands in."""

    text: str
    box: Box
    line: tuple[int, ...]


def words(shot: Image, language: str) -> list[Word]:
    """What can be read in a picture. Raises `BusinessError` where Tesseract or its language is missing."""
    import pytesseract

    grey = shot.convert("L").resize((shot.width * _LARGER, shot.height * _LARGER))
    try:
        read: dict[str, list[Any]] = pytesseract.image_to_data(
            grey, lang=language, config="--psm 11", output_type=pytesseract.Output.DICT, timeout=_SLOWEST
        )
    except pytesseract.TesseractNotFoundError:
        raise BusinessError(
            say("Tesseract, which reads text on the screen, is not installed"),
            hint=say("Install it: apt install tesseract-ocr"),
        ) from None
    except pytesseract.TesseractError:
        raise BusinessError(
            say("Tesseract cannot read the language {language!r}", language=language),
            hint=say("Install it, such as: apt install tesseract-ocr-bul"),
        ) from None
    found = []
    for at, text in enumerate(read["text"]):
        if text.strip() and float(read["conf"][at]) >= _SURE:
            box = Box(*(int(read[side][at]) // _LARGER for side in ("left", "top", "width", "height")))
            line = tuple(int(read[part][at]) for part in ("block_num", "par_num", "line_num"))
            found.append(Word(text.strip(), box, line))
    return found


def locate(wanted: str, read: list[Word]) -> list[Box]:
    """Where the words of a text stand one after the other in a line; as whole words, if they are anywhere."""
    parts = wanted.casefold().split()
    if not parts:
        return []
    same, like = [], []
    for at in range(len(read) - len(parts) + 1):
        here = read[at : at + len(parts)]
        if any(word.line != here[0].line for word in here):
            continue
        shown = [word.text.casefold() for word in here]
        if [text.strip(".,:;!?…_") for text in shown] == [part.strip(".,:;!?…_") for part in parts]:
            same.append(_around(here))
        elif parts[0] in shown[0] and shown[1:] == parts[1:]:
            like.append(_around(here))
    return same or like


def _around(some: list[Word]) -> Box:
    left, top = min(word.box.left for word in some), min(word.box.top for word in some)
    right = max(word.box.left + word.box.width for word in some)
    bottom = max(word.box.top + word.box.height for word in some)
    return Box(left, top, right - left, bottom - top)
