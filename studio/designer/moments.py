"""What happened to an open workflow as lines of JSON, and back: what a recovery file is made of.

A line says what came, not what was there before: that is known from the lines above it. Steps, notes, frames and inputs
are written by the codec of the document itself, so that a line holds exactly what saving would keep.
"""

from __future__ import annotations

import operator
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from engine.api import Comments, Document, Edge, Layout, Workflow, build, unbuild
from engine.core import values
from studio.designer.delta import Delta, Splice
from studio.designer.document import Moment

_KINDS: Final = ("edited", "merged", "undone", "redone", "saved")
_PLACED: Final = ("before", "inline", "after")


class Unreadable(ValueError):
    """A line is not what it should be."""


def encode(moment: Moment) -> str:
    """One line without its end. Raises `DocumentError` for values that no text can hold."""
    delta = moment.delta
    line: dict[str, Any] = {"kind": moment.kind}
    if moment.text:
        line["text"] = moment.text
    for name, splice in delta.splices.items():
        items = [item for _, item in splice.inserted]
        line[name] = [
            [index for index, _ in splice.removed],
            [index for index, _ in splice.inserted],
            _items(name, items),
        ]
    if delta.placed:
        here = {id: place for id, (_, place) in delta.placed.items() if place is not None}
        line["places"] = unbuild(Workflow(layout=Layout(here)))["layout"]["steps"] if here else {}
        line["unplaced"] = [id for id, (_, place) in delta.placed.items() if place is None]
    plain = {name: new for name, (_, new) in delta.values.items() if name not in ("layout", "comments")}
    if plain:
        line["fields"] = [list(plain), unbuild(Workflow(**plain))]
    if "layout" in delta.values:
        line["layout"] = unbuild(Workflow(layout=Layout(extra=delta.values["layout"][1]))).get("layout", {})
    if "comments" in delta.values:
        line["comments"] = _comments(*delta.values["comments"])
    return values.encode(line)


def decode(text: str, before: Document) -> Moment:
    """The moment of a line, which happened to `before`. Raises `Unreadable`."""
    try:
        line = values.decode(text)
        kind = line["kind"]
        if kind not in _KINDS:
            raise Unreadable(f"no kind {kind!r}")
        return Moment(kind, str(line.get("text", "")), _delta(line, before))
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError) as error:
        raise Unreadable(f"{type(error).__name__}: {error}") from None


def _delta(line: Mapping[str, Any], before: Document) -> Delta:
    workflow, layout = before.workflow, before.workflow.layout
    splices: dict[str, Splice] = {}
    for name in ("steps", "edges", "inputs", "notes", "frames"):
        if name in line:
            gone, where, data = line[name]
            old = getattr(layout if name in ("notes", "frames") else workflow, name)
            splices[name] = Splice(
                tuple((_index(index, len(old)), old[index]) for index in gone),
                tuple(zip(map(operator.index, where), _read(name, data), strict=True)),
            )
    placed = {}
    if "places" in line:
        new = _built({"layout": {"steps": line["places"]}}).layout.steps
        placed = {id: (layout.steps.get(id), place) for id, place in new.items()}
        placed |= {id: (layout.steps.get(id), None) for id in line["unplaced"]}
    pairs: dict[str, tuple[Any, Any]] = {}
    if "fields" in line:
        names, data = line["fields"]
        given = _built(data)
        pairs = {name: (getattr(workflow, name), getattr(given, name)) for name in names}
    if "layout" in line:
        pairs["layout"] = (layout.extra, _built({"layout": line["layout"]}).layout.extra)
    if "comments" in line:
        pairs["comments"] = (before.comments, _commented(before.comments, line["comments"]))
    return Delta(splices, placed, pairs)


def _index(index: int, size: int) -> int:
    if not 0 <= index < size:
        raise IndexError(index)
    return index


def _items(name: str, items: list[Any]) -> list[Any]:
    if name == "edges":
        return [[edge.source, edge.port, edge.target] for edge in items]
    if name == "inputs":  # one by one: two may have one name for a while
        return [unbuild(Workflow(inputs=(item,)))["inputs"] for item in items]
    if not items:
        return []
    if name == "steps":
        return list(unbuild(Workflow(steps=tuple(items)))["steps"])
    given: dict[str, Any] = {name: tuple(items)}
    return list(unbuild(Workflow(layout=Layout(**given)))["layout"][name])


def _read(name: str, data: list[Any]) -> Iterable[Any]:
    if name == "edges":
        return [Edge(*(str(part) for part in parts)) for parts in data]
    if name == "inputs":
        return [_built({"inputs": one}).inputs[0] for one in data]
    found = _built({"steps": data}) if name == "steps" else _built({"layout": {name: data}}).layout
    return tuple(getattr(found, name))


def _built(data: Mapping[str, Any]) -> Workflow:
    workflow, flaws = build(data)
    if any(flaw.fatal for flaw in flaws):
        raise Unreadable(flaws[0].message)
    return workflow


def _comments(old: Comments, new: Comments) -> dict[str, Any]:
    """What turns `old` into `new`; paths become lists."""
    line: dict[str, Any] = {}
    if (old.head, old.foot) != (new.head, new.foot):
        line["ends"] = [list(new.head), list(new.foot)]
    for name in _PLACED:
        was, now = getattr(old, name), getattr(new, name)
        gone = [list(path) for path in was if path not in now]
        put = [
            [list(path), found if isinstance(found, str) else list(found)]
            for path, found in now.items()
            if was.get(path) != found
        ]
        if gone or put:
            line[name] = [gone, put]
    return line


def _commented(old: Comments, line: Mapping[str, Any]) -> Comments:
    changes: dict[str, Any] = {}
    if "ends" in line:
        changes["head"], changes["foot"] = (tuple(lines) for lines in line["ends"])
    for name in _PLACED:
        if name in line:
            gone, put = line[name]
            found = dict(getattr(old, name))
            for path in gone:
                del found[tuple(path)]
            for path, given in put:
                found[tuple(path)] = given if name == "inline" else tuple(given)
            changes[name] = found
    return replace(old, **changes)
