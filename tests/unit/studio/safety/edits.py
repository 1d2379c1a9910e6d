"""Random documents and edits, of the kind that people make and of the kind that nobody should."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from engine.api import Comments, Document, Edge, Frame, Input, Layout, Note, Place, Retry, Step, Workflow, rename_step

Change = Callable[[Document, random.Random], Document]


def start(size: int = 5) -> Document:
    steps = tuple(Step(f"s{n}", "data.x", {"a": n, "b": "{{ steps.s0.output }}"}) for n in range(size))
    edges = tuple(Edge(f"s{n}", "next", f"s{n + 1}") for n in range(size - 1))
    places = {step.id: Place(float(n * 24), 8.0) for n, step in enumerate(steps)}
    comments = Comments(("# head",), {("steps", "s1"): ("# one",)}, {("name",): "# n"}, {}, ("# foot",))
    return Document(Workflow("Random", steps=steps, edges=edges, layout=Layout(places)), comments=comments)


def _workflow(document: Document, **changes: object) -> Document:
    return replace(document, workflow=replace(document.workflow, **changes))  # type: ignore[arg-type]


def _free(document: Document, chance: random.Random) -> str:
    ids = {step.id for step in document.workflow.steps}
    while (id := f"n{chance.randrange(10**9)}") in ids:
        pass
    return id


def _add(document: Document, chance: random.Random) -> Document:
    workflow = document.workflow
    id = _free(document, chance)
    step = Step(id, "text.x", {"text": chance.choice(TEXTS)}, label=chance.choice(TEXTS), retry=Retry(attempts=2))
    at = chance.randrange(len(workflow.steps) + 1)
    return _workflow(
        document,
        steps=(*workflow.steps[:at], step, *workflow.steps[at:]),
        layout=replace(workflow.layout, steps={**workflow.layout.steps, id: Place(chance.random() * 900, 0.5)}),
    )


def _remove(document: Document, chance: random.Random) -> Document:
    workflow = document.workflow
    gone = {step.id for step in workflow.steps if chance.random() < 0.3}
    return _workflow(
        document,
        steps=tuple(step for step in workflow.steps if step.id not in gone),
        edges=tuple(edge for edge in workflow.edges if edge.source not in gone and edge.target not in gone),
        layout=replace(
            workflow.layout, steps={id: place for id, place in workflow.layout.steps.items() if id not in gone}
        ),
    )


def _set(document: Document, chance: random.Random) -> Document:
    value: Any = chance.choice(
        [*TEXTS, 1, 2.5, None, True, [1, [2]], {"$": "date", "v": {"$": 1}}, {"deep": {"er": []}}]
    )
    return _workflow(
        document,
        steps=tuple(
            replace(step, parameters={**step.parameters, "a": value}) if chance.random() < 0.3 else step
            for step in document.workflow.steps
        ),
    )


def _move(document: Document, chance: random.Random) -> Document:
    layout = document.workflow.layout
    places = {
        id: replace(place, x=place.x + 8, extra={"pinned": True}) if chance.random() < 0.5 else place
        for id, place in layout.steps.items()
        if chance.random() < 0.95
    }
    return _workflow(document, layout=replace(layout, steps=places))


def _connect(document: Document, chance: random.Random) -> Document:
    ids = [step.id for step in document.workflow.steps]
    if len(ids) < 2:
        return document
    edge = Edge(chance.choice(ids), chance.choice(["next", "error", "a.b c"]), chance.choice(ids))
    return _workflow(document, edges=(*document.workflow.edges, edge))


def _shuffle(document: Document, chance: random.Random) -> Document:
    steps, edges = list(document.workflow.steps), list(document.workflow.edges)
    chance.shuffle(steps)
    chance.shuffle(edges)
    return _workflow(document, steps=tuple(steps), edges=tuple(edges))


def _marks(document: Document, chance: random.Random) -> Document:
    layout = document.workflow.layout
    note = Note(f"note{chance.randrange(9)}", chance.choice(TEXTS), 1.0, 2.0, extra={"color": "red"})
    frame = Frame(f"frame{chance.randrange(9)}", chance.choice(TEXTS))
    return _workflow(
        document,
        layout=replace(
            layout,
            notes=(*layout.notes[-2:], note),
            frames=(frame, *layout.frames[:2]),
            extra={"zoom": chance.random()},
        ),
    )


def _fields(document: Document, chance: random.Random) -> Document:
    twice = Input("same", "text", default=chance.choice(TEXTS))
    return _workflow(
        document,
        name=chance.choice(TEXTS),
        description=chance.choice(TEXTS),
        inputs=(*document.workflow.inputs[-2:], Input(f"i{chance.randrange(5)}", "number", choices=(1, 2)), twice),
        variables={"v": chance.choice(TEXTS)},
        outputs={"o": "{{ steps.s0.output }}"} if chance.random() < 0.5 else {},
        settings=replace(document.workflow.settings, timeout=chance.choice([None, "5s"])),
        on_error=chance.choice([None, "s1"]),
        extra={"x-mine": [chance.random()]},
    )


def _comment(document: Document, chance: random.Random) -> Document:
    comments = document.comments
    before = {path: lines for path, lines in comments.before.items() if chance.random() < 0.8}
    before[("steps", f"s{chance.randrange(5)}", "with", "a", chance.randrange(3))] = ("# x", "")
    changed = replace(
        comments, before=before, inline={("name",): f"# {chance.random()}"}, foot=(), after={("edges",): ("",)}
    )
    return replace(document, comments=changed)


def _rename(document: Document, chance: random.Random) -> Document:
    if not document.workflow.steps:
        return document
    old = chance.choice(document.workflow.steps).id
    return rename_step(document, old, _free(document, chance))


TEXTS = ["", "plain", "Ж\n\ttwo: lines #", "{{ item.x }}", '"$": "v"', "\u2028", "a" * 300]
CHANGES: list[Change] = [_add, _remove, _set, _move, _connect, _shuffle, _marks, _fields, _comment, _rename]


def change(document: Document, seed: int) -> Document:
    """The document after a random edit; the same edit for the same seed."""
    chance = random.Random(seed)
    return chance.choice(CHANGES)(document, chance)
