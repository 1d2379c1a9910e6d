"""Values that do not fit the document: of a wrong type, under an unknown key, out of range, no length of time."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from engine.api import Catalog, Problem, Workflow, build, unbuild
from engine.core import durations
from studio.base.i18n import tr
from studio.designer.fixes.fix import Fix, fix, rank_of

_SUGGESTED = re.compile(r"did you mean '([^']*)'")
_AMOUNT = re.compile(
    r"(\d+(?:[.,]\d+)?)\s*(ms|millis\w*|s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?|w|weeks?)\b"
)
_TRUTHS = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}


def wrong_type(problem: Problem, workflow: Workflow, catalog: Catalog) -> list[Fix]:
    found = _Value.at(workflow, problem)
    if found is None:
        return []
    fixes = []
    suggested = _SUGGESTED.search(problem.hint)
    for value in [*([suggested[1]] if suggested else []), *conversions(found.value)]:
        if _fits(found.changed(value), problem):
            fixes.append(fix(tr("Write {value}", value=shown(value)), found.edit(value)))
            break
    return [*fixes, fix(tr("Remove “{key}”", key=found.key), found.edit(_GONE))]


def unknown_key(problem: Problem, workflow: Workflow, catalog: Catalog) -> list[Fix]:
    found = _Value.at(workflow, problem)
    if found is None:
        return []
    fixes = []
    suggested = _SUGGESTED.search(problem.hint)
    if suggested and suggested[1] not in found.siblings:
        renamed = found.changed(found.value, suggested[1])
        if _fits(renamed, problem, suggested[1]):
            text = tr("Rename it to “{name}”", name=suggested[1])
            fixes.append(fix(text, found.edit(found.value, suggested[1])))
    own = f"x-{found.key}"
    if own not in found.siblings:
        fixes.append(fix(tr("Keep it as “{name}”", name=own), found.edit(found.value, own)))
    return [*fixes, fix(tr("Remove “{key}”", key=found.key), found.edit(_GONE))]


def bad_duration(problem: Problem, workflow: Workflow, catalog: Catalog) -> list[Fix]:
    found = _Value.at(workflow, problem)
    if found is None:
        return []
    amount = _amount(found.value)
    fixes = [fix(tr("Write {value}", value=amount), found.edit(amount))] if amount else []
    return [*fixes, fix(tr("Remove “{key}”", key=found.key), found.edit(_GONE))]


def out_of_range(problem: Problem, workflow: Workflow, catalog: Catalog) -> list[Fix]:
    found = _Value.at(workflow, problem)
    if found is None:
        return []
    value: Any = 1
    if found.key == "jitter":
        value = 0 if isinstance(found.value, (int, float)) and found.value < 0 else 1
    return [
        fix(tr("Write {value}", value=value), found.edit(value)),
        fix(tr("Remove “{key}”", key=found.key), found.edit(_GONE)),
    ]


def conversions(value: Any) -> list[Any]:
    """What a value may have been meant to be, in other types."""
    if isinstance(value, bool):
        return ["true" if value else "false", int(value)]
    if isinstance(value, (int, float)):
        return [str(value), round(value), bool(value)]
    if isinstance(value, str):
        text = value.strip()
        found: list[Any] = []
        for kind in (int, float):
            try:
                found.append(kind(text.replace(",", ".")))
            except (ValueError, OverflowError):
                pass
        if text.lower() in _TRUTHS:
            found.append(_TRUTHS[text.lower()])
        return [*found, [value]]
    if isinstance(value, list) and len(value) == 1:
        return [value[0]]
    return []


def shown(value: Any) -> str:
    """A short text of a plain value, as a button names it."""
    text = f"“{value}”" if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else str(value)
    return text if len(text) <= 32 else f"{text[:31]}…"


def _amount(value: Any) -> str:
    """The length of time that a text such as `5 minutes` means; "" where none can be told."""
    text = str(value).strip().lower() if isinstance(value, str) else ""
    if not text or not _AMOUNT.search(text) or _AMOUNT.sub("", text).strip(" ,;and"):
        return ""
    units = {"ms": "ms", "mi": "m"}
    parts = []
    for number, unit in _AMOUNT.findall(text):
        short = "ms" if unit.startswith(("ms", "millis")) else units.get(unit[:2], unit[0])
        parts.append(f"{number.replace(',', '.')}{short}")
    try:
        durations.seconds("".join(parts))
    except ValueError:
        return ""
    return "".join(parts)


# ------------------------------------------------------------------------------------------------ values by place

_GONE = object()


class _Value:
    """A value of the document's plain data, by the place of a problem."""

    def __init__(self, workflow: Workflow, problem: Problem, parent: dict[str, Any]) -> None:
        self.workflow, self.problem = workflow, problem
        self.key = str(problem.place[-1])
        self.value = parent[self.key]
        self.siblings = tuple(parent)

    @classmethod
    def at(cls, workflow: Workflow, problem: Problem) -> _Value | None:
        parent = _parent(unbuild(workflow), problem) if problem.place else None
        return cls(workflow, problem, parent) if parent is not None and str(problem.place[-1]) in parent else None

    def changed(self, value: Any, key: str = "") -> Workflow | None:
        """The workflow with another value there, or under another key; None where that could not be read."""
        return _changed(self.workflow, self.problem, value, key)

    def edit(self, value: Any, key: str = "") -> Callable[[Workflow], Workflow]:
        problem = self.problem
        return lambda workflow: _changed(workflow, problem, value, key) or workflow


def _parent(data: Any, problem: Problem) -> dict[str, Any] | None:
    """The mapping that holds the last key of the problem's place."""
    for key in problem.place[:-1]:
        if isinstance(data, list):
            names = [str(item.get("id", "")) if isinstance(item, dict) else str(item) for item in data]
            rank = rank_of(key, names)
            data = data[rank] if rank is not None else None
        else:
            data = data.get(key) if isinstance(data, dict) else None
    return data if isinstance(data, dict) else None


def _changed(workflow: Workflow, problem: Problem, value: Any, key: str) -> Workflow | None:
    data = unbuild(workflow)
    parent = _parent(data, problem)
    old = str(problem.place[-1])
    if parent is None or old not in parent:
        return None
    entries = [(key or old, value) if name == old else (name, item) for name, item in parent.items()]
    parent.clear()
    parent.update((name, item) for name, item in entries if item is not _GONE)
    changed, flaws = build(data)
    return None if any(flaw.fatal for flaw in flaws) else changed


def _fits(workflow: Workflow | None, problem: Problem, key: str = "") -> bool:
    if workflow is None:
        return False
    where = (*problem.place[:-1], key or problem.place[-1])
    return not any(flaw.path == where for flaw in build(unbuild(workflow))[1])
