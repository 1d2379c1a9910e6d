"""The guided first workflow: what there is to do, and how far the real document and its runs are.

It watches and never acts for the person. What is done is read off the open workflow, so undoing a step undoes it here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Signal

from studio.base.i18n import N_
from studio.base.preferences import preferences

if TYPE_CHECKING:
    from engine.api import Workflow

STATE = "tour"
READ = "data.read_csv"
WRITE = ("excel.write_table", "excel.write")
SAMPLE = "orders.csv"
_ROWS = (
    ("order", "date", "region", "amount"),
    ("1001", "2026-01-05", "North", "418.50"),
    ("1002", "2026-01-05", "Sofia", "1204.00"),
    ("1003", "2026-01-06", "Varna", "89.90"),
    ("1004", "2026-01-07", "Plovdiv", "560.25"),
    ("1005", "2026-01-08", "Sofia", "77.10"),
    ("1006", "2026-01-08", "West", "1310.00"),
    ("1007", "2026-01-09", "North", "245.75"),
    ("1008", "2026-01-12", "South", "912.40"),
)


@dataclass(frozen=True, slots=True)
class Task:
    """One thing to do. Its id also names the place that "Show me" shows."""

    id: str
    title: str
    text: str


TASKS: Final = (
    Task("new", N_("Begin with an empty canvas"), N_("“New workflow” opens one")),
    Task("add", N_("Add “Read CSV”"), N_("Press Tab on the canvas and type its name, or drag it from the left")),
    Task("file", N_("Choose a file"), N_("Take orders.csv from {folder}; it was put there for you")),
    Task(
        "join",
        N_("Join it to “Write Excel table”"),
        N_("Drag from the right dot of the step to an empty place, and pick the step there"),
    ),
    Task("fill", N_("Say what to write, and where"), N_("The rows of “Read CSV”, into a workbook such as orders.xlsx")),
    Task("run", N_("Run it"), N_("Press F5 and watch the rows go along the wire")),
)


@dataclass(frozen=True, slots=True)
class Facts:
    """What is true now: the workflow on the canvas, and whether an execution of it has succeeded."""

    workflow: Workflow | None = None
    succeeded: bool = False


def done(facts: Facts) -> int:
    """How many of the tasks are done, from the first on."""
    workflow = facts.workflow
    if workflow is None:
        return 0
    steps = {step.id: step for step in workflow.steps}
    readers = {id for id, step in steps.items() if step.activity == READ}
    chosen = {id for id in readers if steps[id].parameters.get("path")}
    joined = [
        steps[edge.target]
        for edge in workflow.edges
        if edge.source in readers and edge.target in steps and steps[edge.target].activity in WRITE
    ]
    filled = [
        step
        for step in joined
        if step.parameters.get("path") and (step.parameters.get("rows") or step.parameters.get("sheets"))
    ]
    answers = (True, bool(readers), bool(chosen), bool(joined), bool(filled), facts.succeeded)
    return next((number for number, answer in enumerate(answers) if not answer), len(answers))


class Tour(QObject):
    """`look` is called whenever the document, the open workflow or its execution changed."""

    changed = Signal()

    def __init__(self, facts: Callable[[], Facts], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._facts = facts
        remembered = _remembered()
        reached = remembered.get("done")
        self.done = max(0, min(reached, len(TASKS))) if isinstance(reached, int) else 0
        self.active = False
        """Whether the guide goes along with the person."""
        self.card_shown = False
        """Whether the card of the page is in sight, which says all that the guide would."""
        self.hidden = remembered.get("hidden") is True
        """Whether the person closed it; Help brings it back."""

    @property
    def finished(self) -> bool:
        return self.done >= len(TASKS)

    @property
    def task(self) -> Task | None:
        """What is to be done next."""
        return None if self.finished else TASKS[self.done]

    def start(self) -> None:
        """Begin, or go on, and go along. A finished one begins again."""
        if self.finished:
            self.done = 0
        self.active, self.hidden = True, False
        self._tell()

    def close(self) -> None:
        """Go along no more; the progress stays."""
        self.active, self.hidden = False, True
        self._tell()

    def show_card(self, on: bool) -> None:
        """Say whether the card is in sight."""
        if on != self.card_shown:
            self.card_shown = on
            self.changed.emit()

    def look(self) -> None:
        """See how far it is. Without an open workflow the remembered progress stands; the end is the end."""
        if not self.active or self.finished:
            return
        facts = self._facts()
        if facts.workflow is None:
            return
        now = done(facts)
        if now != self.done:
            self.done = now
            self._tell()

    def _tell(self) -> None:
        preferences().set_state(STATE, {"done": self.done, "hidden": self.hidden})
        self.changed.emit()


def write_sample(folder: Path) -> Path:
    """Put a small table of orders into `folder`, unless one of that name is there. Raises `OSError`."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / SAMPLE
    try:
        with file.open("x", encoding="utf-8", newline="") as out:
            out.writelines(",".join(row) + "\n" for row in _ROWS)
    except FileExistsError:
        pass
    return file


def _remembered() -> Mapping[str, object]:
    found = preferences().state(STATE, {})
    return found if isinstance(found, dict) else {}
