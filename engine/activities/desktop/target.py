"""How a place on the screen is named: a bundle of ranked candidates, as data that a form and a person can write."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator

from engine.core.sentences import say
from engine.sdk import Param
from engine.sdk.durations import Duration

By = Literal["any", "element", "image", "text", "position"]
_POSITION = re.compile(r"(?:position\s*=\s*)?(-?\d+)\s*,\s*(-?\d+)")
_PREFIX = re.compile(r"([a-z][a-z_ -]*?)\s*=(.*)", re.DOTALL)
_WINDOW = re.compile(r"window\s*=(.*?)>>(.*)", re.DOTALL)


@dataclass(frozen=True)
class Candidate:
    """One way to find a place on the screen."""

    by: Annotated[By, Param("Find by", "any: an element with that name, else that text.")]
    name: Annotated[
        str,
        Param("Name or text", "What it is called or shows.", show_when={"by": ("any", "element", "text")}),
    ] = ""
    role: Annotated[str, Param("Role", "Such as button, field or checkbox.", show_when={"by": ("element",)})] = ""
    image: Annotated[Path | None, Param("Picture", kind="file", show_when={"by": ("image",)})] = None
    confidence: Annotated[
        float, Param("How alike", "1 is the same to the last pixel.", show_when={"by": ("image",)})
    ] = 0.9
    scales: Annotated[
        tuple[float, ...],
        Param("Scales", "Sizes to try it in; 1.25 for a larger screen.", show_when={"by": ("image",)}),
    ] = (1.0,)
    language: Annotated[
        str, Param("Language of the text", "As Tesseract names it.", "eng+bul", show_when={"by": ("text",)})
    ] = "eng"
    x: Annotated[int, Param("From the left", unit="px", show_when={"by": ("position",)})] = 0
    y: Annotated[int, Param("From the top", unit="px", show_when={"by": ("position",)})] = 0
    nth: Annotated[int | None, Param("Which of several", "From 1, from the top and left; -1 is the last.")] = None

    def __str__(self) -> str:
        """As it can be written in one line."""
        if self.by == "position":
            shown = f"{self.x},{self.y}"
        elif self.by == "image":
            shown = f"image={self.image.name if self.image else ''}"
        elif self.by == "element":
            shown = f"{self.role or 'name'}={self.name}"
        else:
            shown = self.name if self.by == "any" else f"text={self.name}"
        return shown if self.nth is None else f"{shown} [{self.nth}]"


@dataclass(frozen=True)
class Target:
    """A place on the screen, by candidates that are tried in their order until one finds it, perhaps in a window."""

    candidates: Annotated[list[Candidate], Param("Candidates", "The surest first.")]
    window: Annotated[str, Param("Window", "Part of its title, or with * and ?; empty for the whole screen.")] = ""

    def __str__(self) -> str:
        bundle = " || ".join(map(str, self.candidates))
        return f"window={self.window} >> {bundle}" if self.window else bundle


def parsed(text: str) -> dict[str, Any]:
    """The target of a text such as `window=Orders >> button=Save || text=Save`. Raises `ValueError`."""
    inside = _WINDOW.fullmatch(text.strip())
    window, rest = (inside[1].strip(), inside[2]) if inside else ("", text)
    candidates = [_candidate(part.strip()) for part in rest.split("||") if part.strip()]
    if not candidates:
        raise ValueError(say("says no place"))
    return {"candidates": candidates, "window": window}


def _candidate(text: str) -> dict[str, Any]:
    position = _POSITION.fullmatch(text)
    if position:
        return {"by": "position", "x": int(position[1]), "y": int(position[2])}
    prefix = _PREFIX.fullmatch(text)
    if prefix is None:
        return {"by": "any", "name": text}
    kind, value = prefix[1], prefix[2].strip()
    if kind == "image":
        return {"by": "image", "image": value}
    if kind == "text":
        return {"by": "text", "name": value}
    if kind == "role":
        return {"by": "element", "role": value}
    return {"by": "element", "role": "" if kind in ("name", "element") else kind, "name": value}


def _target(value: Any) -> Any:
    if isinstance(value, str):
        return parsed(value)
    if isinstance(value, Path):
        return {"candidates": [{"by": "image", "image": value}]}
    if isinstance(value, Mapping) and "candidates" not in value:
        window = value.get("window", "")
        value = {"candidates": [{key: item for key, item in value.items() if key != "window"}], "window": window}
    elif isinstance(value, (list, tuple)):
        value = {"candidates": value}
    if isinstance(value, Mapping) and isinstance(value.get("candidates"), (list, tuple)):
        spread: list[Any] = []
        for one in value["candidates"]:
            spread += parsed(one)["candidates"] if isinstance(one, str) else [one]
        if not spread:
            raise ValueError(say("says no place"))
        return {**value, "candidates": spread}
    return value


AsTarget = Annotated[Target | Path, BeforeValidator(_target, json_schema_input_type=str | Target)]
"""Parameter: a place on the screen, as a text or as a mapping with `candidates`. A path, or a kept file, is a picture;
it arrives as a `Target`, too."""

HELP = "A name; or button=Save, text=…, image=save.png, 120,40; several with ||; window=Title >> before it."
Where = Annotated[AsTarget, Param("Where", HELP, "window=Orders >> button=Save || text=Save")]
Thing = Annotated[AsTarget, Param("Element", "Its name, or its role and name.", "window=Orders >> field=Customer")]
Corner = Literal["top_left", "top_right", "bottom_left", "bottom_right", "any", "none"]
FailSafe = Annotated[
    Corner, Param("Mouse in this corner stops the step", "So that a person can take over.", advanced=True)
]
Patience = Annotated[Duration, Param("Wait at most", unit="seconds")]
