"""The one table of colours, type and measures for both themes; nothing else in the studio names a colour.

A colour is light first, dark second. Text tokens keep 4.5:1 and marks 3:1 on the surfaces they are used on
(`TEXT_ON`, `MARKS_ON`); a test measures it.
"""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

Scheme = Literal["light", "dark"]


class Mix(NamedTuple):
    """`share` of the colour `top` on `ground`."""

    share: float
    top: str
    ground: str


COLORS: Final[dict[str, tuple[str, str]]] = {
    # surfaces and lines
    "canvas": ("#EDEFF3", "#14161B"),
    "canvas-dot": ("#CFD5DE", "#2B313C"),
    "chrome": ("#F4F5F8", "#1A1D23"),
    "panel": ("#FBFBFD", "#1E2128"),
    "raised": ("#FFFFFF", "#272B34"),
    "field": ("#FFFFFF", "#15181D"),
    "hover": ("#EBEEF3", "#2B303A"),
    "pressed": ("#DFE4EB", "#353B47"),
    "select": ("#E3E9FC", "#2A355A"),
    "tooltip": ("#262B35", "#343A46"),
    "line-subtle": ("#E6E9EE", "#292E37"),
    "line": ("#D6DBE3", "#363D49"),
    "line-field": ("#B9C1CC", "#464E5C"),
    "node-line": ("#D0D6DF", "#414957"),
    "shadow": ("#000000", "#000000"),
    # text, accent, marks
    "text": ("#1A1F29", "#E7E9EE"),
    "text-2": ("#4A5362", "#B0B7C3"),
    "text-3": ("#596272", "#9AA3B2"),
    "text-off": ("#9AA2AF", "#5D6573"),
    "accent-text": ("#3050CC", "#9DB3FF"),
    "accent": ("#3657D6", "#4868E2"),
    "accent-hover": ("#2B48BE", "#3D5BD0"),
    "on-accent": ("#FFFFFF", "#FFFFFF"),
    "focus": ("#3657D6", "#8CA6FF"),
    "line-strong": ("#7C8594", "#747D8D"),
    "wire": ("#757F8F", "#707A8B"),
    "wire-error": ("#C4545A", "#C9696A"),
    "warn-mark": ("#A87400", "#EDC14E"),
    "breakpoint": ("#E5484D", "#E5484D"),
    # status
    "running": ("#08667F", "#45C6E4"),
    "done": ("#156E42", "#56C596"),
    "failed": ("#B9272E", "#FF8580"),
    "paused": ("#7C5700", "#EDC14E"),
    "doubt": ("#A0248B", "#F292DA"),
    "waiting": ("#53647D", "#9AACC6"),
    "sticky": ("#F7F0E0", "#474235"),
    "sticky-edge": ("#E9C46A", "#E9C46A"),
    # categories
    "cat-flow": ("#626C7E", "#798496"),
    "cat-data": ("#167B7C", "#389394"),
    "cat-files": ("#2C6FAE", "#4587C8"),
    "cat-docs": ("#4A7A38", "#619350"),
    "cat-web": ("#645DB9", "#7A75D3"),
    "cat-desktop": ("#A45120", "#BE693A"),
    "cat-msg": ("#8B640F", "#A47B2F"),
    "cat-api": ("#227D61", "#3F9578"),
    "cat-ai": ("#7E55A7", "#956DC1"),
    "cat-code": ("#81645C", "#9A7B73"),
}

MIXES: Final[dict[str, Mix]] = {
    **{f"{status}-soft": Mix(0.12, status, "panel") for status in ("running", "done", "failed", "doubt", "waiting")},
    "paused-soft": Mix(0.12, "paused", "panel"),
    "expression-soft": Mix(0.13, "accent", "field"),
    "body-fill": Mix(0.07, "cat-flow", "canvas"),
    "body-line": Mix(0.82, "cat-flow", "canvas"),
    "row-error": Mix(0.09, "failed", "panel"),
    "row-changed": Mix(0.09, "warn-mark", "panel"),
    "running-halo": Mix(0.22, "running", "canvas"),
    "sticky-line": Mix(0.45, "sticky-edge", "line"),
    "paused-fill": Mix(0.09, "warn-mark", "raised"),
    "off-fill": Mix(0.5, "raised", "canvas"),
}

_SURFACES = ("canvas", "chrome", "panel", "raised", "field", "hover", "select")
_STATUS = ("running", "done", "failed", "paused", "doubt", "waiting")
TEXT_ON: Final[dict[str, tuple[str, ...]]] = {
    **dict.fromkeys(("text", "text-2", "text-3", "accent-text"), _SURFACES),
    **{status: (*_SURFACES[:-2], f"{status}-soft") for status in _STATUS},
    "on-accent": ("accent", "accent-hover", "tooltip"),
}
"""Which text colours stand on which backgrounds; `expression-soft` carries `accent-text` besides."""
_MARKS = ("focus", "line-strong", "wire", "wire-error", "warn-mark", "breakpoint")
MARKS_ON: Final[dict[str, tuple[str, ...]]] = {
    **dict.fromkeys(_MARKS, ("canvas", "raised")),
    **{name: ("raised",) for name in COLORS if name.startswith("cat-")},
}


def _parts(text: str) -> tuple[int, int, int]:
    return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)


def hex_of(name: str, scheme: Scheme) -> str:
    """The colour of a token as `#RRGGBB`. Raises `KeyError` for an unknown one."""
    known = COLORS.get(name)
    if known is not None:
        return known[0 if scheme == "light" else 1]
    mix = MIXES[name]
    top, ground = _parts(hex_of(mix.top, scheme)), _parts(hex_of(mix.ground, scheme))
    parts = (round(over * mix.share + under * (1 - mix.share)) for over, under in zip(top, ground, strict=True))
    return "#{:02X}{:02X}{:02X}".format(*parts)


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two `#RRGGBB` colours, 1 to 21 (WCAG 2.2, definition of contrast ratio)."""
    lights = sorted((_luminance(one), _luminance(other)))
    return (lights[1] + 0.05) / (lights[0] + 0.05)


def _luminance(text: str) -> float:
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (value / 255 for value in _parts(text))
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


class Type(NamedTuple):
    """A kind of text: `size` and `line` in device-independent pixels."""

    size: float
    line: int
    weight: int
    code: bool = False


TYPE: Final[dict[str, Type]] = {
    "display": Type(26, 34, 600),
    "title": Type(18, 24, 600),
    "heading": Type(15, 20, 600),
    "body": Type(13, 18, 400),
    "strong": Type(13, 18, 500),
    "section": Type(13, 18, 600),
    "small": Type(12, 16, 400),
    "label": Type(12, 16, 500),
    "caption": Type(11, 16, 600),
    "summary": Type(11.5, 16, 400),
    "count": Type(10.5, 14, 600),
    "code": Type(12, 16, 400, code=True),
}

UI_FAMILIES: Final = ("Inter", "Segoe UI Variable Text", "Segoe UI", ".AppleSystemUIFont", "Noto Sans", "DejaVu Sans")
CODE_FAMILIES: Final = ("JetBrains Mono", "Cascadia Mono", "SF Mono", "Menlo", "DejaVu Sans Mono")

RADIUS: Final = {"small": 4, "chip": 5, "control": 6, "tile": 7, "step": 9, "card": 10, "body": 11}
DURATION: Final = {"instant": 0, "quick": 120, "move": 180, "settle": 400, "turn": 1000}
"""Milliseconds of a motion."""
