"""Letters in pictures, recognized by the program Tesseract, which runs as a process of its own and can be stopped."""

from __future__ import annotations

import functools
import io
import os
import re
import shutil
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from engine.core.errors import BusinessError, SystemFault
from engine.core.sentences import say
from engine.sdk.context import Context
from engine.sdk.params import Param

if TYPE_CHECKING:
    from PIL.Image import Image

Language = Annotated[str, Param("Language", "As Tesseract names it; several with +.", "eng+bul")]
_LANGUAGE = re.compile(r"[A-Za-z0-9_]+(\+[A-Za-z0-9_]+)*")
_OF_WINDOWS = ("ProgramFiles", "LOCALAPPDATA")
_EVERY = 0.1
_INSTALL = {
    "linux": "sudo apt install tesseract-ocr",
    "darwin": "brew install tesseract",
    "win32": "winget install UB-Mannheim.TesseractOCR",
}


@dataclass(frozen=True)
class Word:
    """A word: its box in pixels of the picture, how sure it is from 0 to 100, and the number of its line from 1."""

    text: str
    x: int
    y: int
    width: int
    height: int
    confidence: float
    line: int


def program() -> str:
    """The path of Tesseract. Raises `SystemFault` with the line to type where it is missing."""
    found = shutil.which("tesseract")
    if not found and sys.platform == "win32":
        homes = [Path(os.environ[name], "Tesseract-OCR", "tesseract.exe") for name in _OF_WINDOWS if name in os.environ]
        found = next((str(path) for path in homes if path.exists()), None)
    if not found:
        line = _INSTALL.get(sys.platform, _INSTALL["linux"])
        raise SystemFault(
            say("the program Tesseract, which recognizes letters, is not installed"),
            hint=say("Install it with: {line}", line=line),
        )
    return found


def languages() -> list[str]:
    """The languages that are installed."""
    return list(_languages(program()))


@functools.lru_cache(maxsize=4)
def _languages(tesseract: str) -> tuple[str, ...]:
    import subprocess

    listed = subprocess.run([tesseract, "--list-langs"], capture_output=True, text=True, timeout=30, check=False)
    return tuple(line.strip() for line in listed.stdout.splitlines()[1:] if line.strip())


def read_words(picture: Image, language: str, ctx: Context, layout: int = 3) -> list[Word]:
    """The words of a picture, in reading order.

    `layout` is Tesseract's page segmentation mode: 3 finds it out, 6 is one block, 7 one line, 11 scattered text.
    Raises `BusinessError` for a language that is not installed, `SystemFault` where the program is missing or fails.
    """
    tesseract = program()
    known = _languages(tesseract)
    lacking = [one for one in language.split("+") if one not in known]
    if not _LANGUAGE.fullmatch(language) or (known and lacking):
        missing = ", ".join(lacking) or language
        raise BusinessError(
            say("Tesseract cannot read the language {language!r} here", language=missing),
            hint=say(
                "Installed are: {known}. Others come with packages such as tesseract-ocr-bul.", known=", ".join(known)
            ),
        )
    content = io.BytesIO()
    picture.convert("L").save(content, "PNG", compress_level=1)
    command = [tesseract, "stdin", "stdout", "-l", language, "--psm", str(layout), "tsv"]
    environment = {**os.environ, "OMP_THREAD_LIMIT": "1"}  # more make one page slower
    output, said, code = _run(command, environment, content.getvalue(), ctx)
    if code:
        reason = said.strip().splitlines()[-1][:200] if said.strip() else str(code)
        raise SystemFault(say("Tesseract could not read the picture: {reason}", reason=reason))
    return list(_words(output.splitlines()[1:]))


def _run(command: Sequence[str], environment: dict[str, str], content: bytes, ctx: Context) -> tuple[str, str, int]:
    """Run the program until it ends or the step is told to stop."""
    import subprocess

    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment
    ) as run:
        given: bytes | None = content
        try:
            while True:
                try:
                    output, said = run.communicate(given, timeout=_EVERY)
                    return output.decode("utf-8", "replace"), said.decode("utf-8", "replace"), run.returncode
                except subprocess.TimeoutExpired:
                    given = None  # what was not taken yet is still being handed over
                    ctx.check()
        finally:
            if run.poll() is None:
                run.kill()


def _words(lines: Iterable[str]) -> Iterable[Word]:
    """The words of Tesseract's table: level, page, block, paragraph, line, word, left, top, width, height, confidence,
    text."""
    last, number = None, 0
    for line in lines:
        cells = line.split("\t", 11)
        if len(cells) < 12 or cells[0] != "5" or not cells[11].strip():
            continue
        place = cells[2:5]
        if place != last:
            last, number = place, number + 1
        x, y, width, height = (int(cell) for cell in cells[6:10])
        yield Word(cells[11].strip(), x, y, width, height, round(float(cells[10]), 1), number)


def text_of(words: Iterable[Word]) -> str:
    """The words as lines of text."""
    return "\n".join(" ".join(word.text for word in line) for _, line in groupby(words, lambda word: word.line))


def mean(words: Sequence[Word]) -> float | None:
    """How sure the words are together, from 0 to 100."""
    return round(sum(word.confidence for word in words) / len(words), 1) if words else None
