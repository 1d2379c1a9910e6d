"""How a step is called and told apart: its title, its second line, its tile. Pure; it knows no Qt.

The second line is derived from the declaration and the values by one rule, so no activity says it twice. Of the
parameters that a step gives otherwise than by default, the one is shown that a person would name: a file before
anything else, then a text before a number, then what is written as a constant or for each row before what merely takes
the output of another step, then what is required, then the one declared first.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from engine.api import Activity, Catalog, Effect, Parameter, Step
from studio.base.i18n import tr, trn

LONGEST = 80
"""Characters of a second line; the canvas shortens it further to what fits."""
UNKNOWN_ICON = "puzzle-piece"
_PATHS = ("file", "folder", "save")
_WHOLE = re.compile(r"\s*\{\{\s*(.*?)\s*\}\}\s*", re.DOTALL)
_INSIDE = re.compile(r"\{\{\s*(.*?)\s*\}\}", re.DOTALL)
_NOISE = re.compile(r"\bsteps\.|\.output\b")
_BLANK = re.compile(r"\s+")


@dataclass(frozen=True)
class Look:
    """`color` is a token; `activity` is None where there is none of that name. The second line is found when it is
    asked for: from half way hundreds of steps come into sight at once, and show their titles only."""

    step: Step
    activity: Activity | None
    title: str
    icon: str
    color: str

    @property
    def known(self) -> bool:
        return self.activity is not None

    @property
    def once(self) -> bool:
        """Whether its effect must never silently happen twice."""
        return self.activity is not None and self.activity.effect is Effect.ONCE

    @property
    def summary(self) -> str:
        return self._second[0]

    @property
    def path(self) -> bool:
        """Whether the summary names a file: its end tells more than its middle."""
        return self._second[1]

    @cached_property
    def _second(self) -> tuple[str, bool]:
        return _summary(self.step, self.activity) if self.activity is not None else (tr("Plug-in is missing"), False)


def look(step: Step, catalog: Catalog) -> Look:
    """How a step is shown."""
    activity = catalog.get(step.activity)
    if activity is None:
        return Look(step, None, title(step, None), UNKNOWN_ICON, "cat-code")
    family = catalog.family(activity)
    return Look(step, activity, title(step, activity), activity.icon or family.icon or "cube", f"cat-{family.color}")


def title(step: Step, activity: Activity | None) -> str:
    """What a step is called: its label, else that of its activity, else the name of the activity as it is written."""
    return _line(step.label) or (tr(activity.label) if activity is not None else _line(step.activity)) or step.id


def summary(step: Step, activity: Activity) -> str:
    """The parameter that tells two steps of this kind apart, in one line; else what kind of step it is."""
    return _summary(step, activity)[0]


def _summary(step: Step, activity: Activity) -> tuple[str, bool]:
    """The summary, and whether it names a file."""
    best: tuple[tuple[int, ...], str] | None = None
    for rank, parameter in enumerate(activity.parameters):
        value = step.parameters.get(parameter.name)
        if value is None or value == "" or parameter.secret or (not parameter.required and value == parameter.default):
            continue
        text = _shown(parameter, value)
        if not text:
            continue
        key = (
            parameter.hints.kind not in _PATHS,
            parameter.hints.advanced,
            isinstance(value, (bool, int, float)),
            isinstance(value, str) and _WHOLE.fullmatch(value) is not None and not parameter.lazy,
            parameter.hints.kind in ("code", "text"),
            not parameter.required,
            rank,
        )
        if best is None or key < best[0]:
            best = key, text
    if best is not None:
        return best[1], not best[0][0]
    return (tr(activity.label) if step.label and step.label != activity.label else ""), False


def _shown(parameter: Parameter, value: Any) -> str:
    if isinstance(value, bool):
        return tr(parameter.hints.label) if value else ""
    if isinstance(value, Mapping):
        return _cut(", ".join(str(key) for key in list(value)[:8]))
    if isinstance(value, Sequence) and not isinstance(value, str):
        if all(isinstance(item, (str, int, float)) for item in value):
            return _cut(", ".join(_plain(str(item)) for item in value[:8]))
        return trn("{n} entry", "{n} entries", len(value))
    text = _plain(str(value))
    if parameter.hints.kind in _PATHS:
        name = re.split(r"[/\\](?![^{]*\}\})", text.rstrip("/\\"))[-1] or text
        text = f"→ {name}" if parameter.hints.kind == "save" else name
    return _cut(text)


def _plain(text: str) -> str:
    """A text without the marks of expressions: `{{ steps.join.output.late }}` reads `join.late`."""
    whole = _WHOLE.fullmatch(text)
    if whole is not None and "{{" not in whole[1]:
        return _NOISE.sub("", whole[1])
    return _INSIDE.sub(lambda found: "{" + _NOISE.sub("", found[1]) + "}", text)


def _line(text: str) -> str:
    return _BLANK.sub(" ", text[: 4 * LONGEST].replace("\0", "")).strip()


def _cut(text: str) -> str:
    line = _line(text)
    return line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"
