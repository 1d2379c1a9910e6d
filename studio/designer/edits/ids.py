"""Ids that a person can read: `read_csv`, `read_csv_2`."""

from __future__ import annotations

import keyword
import re
from collections.abc import Collection

from engine.api import Workflow

_LONGEST = 64
_NUMBERED = re.compile(r"(.*?)_?(\d+)")
_OTHER = re.compile(r"[^a-z0-9]+")


def named_id(name: str, taken: Collection[str]) -> str:
    """An id after `name` (an activity's id, or a label) that no other has: letters, digits and `_`, at most 64 long."""
    base = _OTHER.sub("_", name.rpartition(".")[2].lower()).strip("_")
    if not base or not base[0].isalpha():
        base = f"step_{base}".rstrip("_")
    if keyword.iskeyword(base):
        base += "_1"
    return spare_id(base, taken)


def spare_id(id: str, taken: Collection[str]) -> str:
    """`id` itself when it is free, else one further on in the row: `read`, `read_2`, `read_3`."""
    id = id[:_LONGEST]
    if id not in taken:
        return id
    match = _NUMBERED.fullmatch(id)
    base, number = (match[1], int(match[2])) if match and match[1] else (id, 1)
    base = base[: _LONGEST - 8].rstrip("_") or "step"
    # Thousands of copies are made at once: double the stride, then halve it, instead of walking.
    stride = 1
    while f"{base}_{number + stride}" in taken:
        stride *= 2
    low, high = number + stride // 2, number + stride
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if f"{base}_{middle}" in taken else (low, middle)
    return f"{base}_{high}"


def step_ids(workflow: Workflow) -> set[str]:
    """The ids that no new step may have."""
    return {step.id for step in workflow.steps}


def mark_ids(workflow: Workflow) -> set[str]:
    """The ids of notes and frames, which share one row."""
    return {note.id for note in workflow.layout.notes} | {frame.id for frame in workflow.layout.frames}
