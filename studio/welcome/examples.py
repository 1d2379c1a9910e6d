"""The examples that come with the program: found by walking their folder, described by their own documents."""

from __future__ import annotations

import logging
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from engine.core.errors import RpaError
from studio.base.resources import ROOT

if TYPE_CHECKING:
    from engine.api import Catalog, Workflow

FOLDER = ROOT / "examples"
_SUFFIX = ".rpa.yaml"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Dot:
    """A step of a small drawing: where it stands in canvas units, and the colour of its tile."""

    x: float
    y: float
    color: str


@dataclass(frozen=True, slots=True)
class Picture:
    """The graph of a workflow, as far as a small drawing shows it. `wires` are pairs of places in `dots`; `frames` are
    x, y, width and height in canvas units."""

    dots: tuple[Dot, ...] = ()
    wires: tuple[tuple[int, int], ...] = ()
    frames: tuple[tuple[float, float, float, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Example:
    """A workflow that runs as it is, in a folder of its own with all its data."""

    file: Path
    name: str
    description: str
    picture: Picture


def find_examples(catalog: Catalog, folder: Path = FOLDER) -> list[Example]:
    """All examples, by name. Reads files, so it belongs in a worker. One that cannot be read is left out."""
    from engine.api import load

    found = []
    for file in sorted(folder.glob(f"*/*{_SUFFIX}")) if folder.is_dir() else []:
        try:
            workflow = load(file).workflow
        except (RpaError, OSError) as error:
            _log.warning("the example %s cannot be read: %s", file, error)
            continue
        name = workflow.name or file.name.removesuffix(_SUFFIX)
        found.append(Example(file, name, workflow.description.strip(), picture_of(workflow, catalog)))
    return sorted(found, key=lambda one: one.name)


def picture_of(workflow: Workflow, catalog: Catalog) -> Picture:
    """The small drawing of a workflow. Steps without a place stand in a row."""
    numbers = {step.id: number for number, step in enumerate(workflow.steps)}
    dots = []
    for number, step in enumerate(workflow.steps):
        place = workflow.layout.steps.get(step.id)
        x, y = (place.x, place.y) if place is not None else (number * 232.0, 0.0)
        activity = catalog.get(step.activity)
        dots.append(Dot(x, y, f"cat-{catalog.family(activity).color}" if activity is not None else "cat-code"))
    wires = [
        (numbers[edge.source], numbers[edge.target])
        for edge in workflow.edges
        if edge.source in numbers and edge.target in numbers
    ]
    frames = [(frame.x, frame.y, frame.width, frame.height) for frame in workflow.layout.frames]
    return Picture(tuple(dots), tuple(wires), tuple(frames))


def copy_example(example: Example, into: Path) -> Path:
    """Copy the folder of an example into a new folder below `into`, and give the copied workflow.

    What is there is never written over: a second copy gets a number. Raises `OSError`.
    """
    into.mkdir(parents=True, exist_ok=True)
    source = example.file.parent
    for number in range(1, 10_000):
        target = into / (source.name if number == 1 else f"{source.name}-{number}")
        try:
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("output", "__pycache__"))
        except FileExistsError:
            continue
        return target / example.file.name
    raise FileExistsError(f"{into} is full of copies of {source.name}")


def documents() -> Path:
    """The folder for a person's own workflows."""
    import platformdirs

    return platformdirs.user_documents_path() / "RPA Studio"
