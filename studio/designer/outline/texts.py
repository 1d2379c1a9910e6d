"""What the rows of the outline say, for eyes and for screen readers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from engine.api import Catalog, Frame, Note, Problem, Step, Workflow
from studio.base.i18n import N_, tr, tr_sentence, trn
from studio.designer.canvas.live import StepLive
from studio.designer.canvas.look import look
from studio.designer.outline.tree import Key, first_line

STATES: Mapping[str, str] = {
    "waiting": N_("waiting"),
    "running": N_("running"),
    "retrying": N_("trying again"),
    "done": N_("done"),
    "failed": N_("failed"),
    "skipped": N_("skipped"),
    "doubt": N_("in doubt"),
    "paused": N_("paused"),
}


@dataclass(frozen=True, slots=True)
class Texts:
    """`spoken` and `description` are for screen readers, `editable` is what an editor begins with (None: no renaming),
    `status` and `level` name glyphs; `icon` on a tile of `color` (a token; "" draws it without one)."""

    title: str
    detail: str = ""
    spoken: str = ""
    description: str = ""
    tip: str = ""
    editable: str | None = None
    icon: str = ""
    color: str = ""
    status: str = ""
    level: str = ""
    off: bool = False


@dataclass(slots=True)
class Sayings:
    """What is known of the open workflow, by id, so that a row is told without searching."""

    catalog: Catalog
    steps: Mapping[str, Step] = field(default_factory=dict)
    notes: Mapping[str, Note] = field(default_factory=dict)
    frames: Mapping[str, Frame] = field(default_factory=dict)
    problems: Mapping[str, Sequence[Problem]] = field(default_factory=dict)
    live: Mapping[str, StepLive] = field(default_factory=dict)

    def know(self, workflow: Workflow) -> None:
        self.steps = {step.id: step for step in reversed(workflow.steps)}
        self.notes = {note.id: note for note in workflow.layout.notes}
        self.frames = {frame.id: frame for frame in workflow.layout.frames}

    def of(self, key: Key) -> Texts:
        """What the row of `key` says."""
        kind, id = key
        if kind == "step" and id in self.steps:
            return self._step(self.steps[id])
        if kind == "body":
            return Texts(self._port(id), spoken=tr("Body {port}", port=self._port(id)), icon="arrow-elbow-down-right")
        if kind == "handler":
            return Texts(tr("Error handler"), spoken=tr("Error handler"), icon="first-aid-kit")
        if kind == "frame" and id in self.frames:
            title = self.frames[id].title
            return Texts(
                title or tr("Frame"), spoken=tr("Frame {title}", title=title), editable=title, icon="selection"
            )
        if kind == "notes":
            return Texts(tr("Notes"), spoken=tr("Notes"), icon="note")
        if kind == "note" and id in self.notes:
            text = self.notes[id].text
            line = first_line(text)
            return Texts(line or tr("Empty note"), spoken=tr("Note {line}", line=line), tip=text, icon="note")
        return Texts("")

    def _port(self, id: str) -> str:
        container, _, port = id.rpartition(".")
        step = self.steps.get(container)
        activity = self.catalog.get(step.activity) if step is not None else None
        label = next((one.label for one in activity.ports if one.name == port), "") if activity is not None else ""
        return tr(label) or port

    def _step(self, step: Step) -> Texts:
        shown = look(step, self.catalog)
        activity = self.catalog.get(step.activity)
        kind = tr(activity.label) if activity is not None else step.activity
        live = self.live.get(step.id)
        state = tr(STATES[live.status]) if live is not None and live.status in STATES else ""
        problems = self.problems.get(step.id, ())
        said = [shown.title]
        if kind != shown.title:
            said.append(kind)
        if step.disabled:
            said.append(tr("disabled"))
        if state:
            said.append(state)
        if problems:
            said.append(trn("{n} problem", "{n} problems", len(problems)))
        messages = " ".join(tr_sentence(problem.message) for problem in problems)
        failure = live.message if live is not None else ""
        description = ". ".join(filter(None, (shown.summary, failure.replace("\n", " "), messages)))
        return Texts(
            shown.title,
            kind if kind != shown.title else shown.summary,
            ", ".join(said),
            description,
            "\n".join(
                filter(None, (f"{shown.title} · {step.id}", kind, failure, *(tr_sentence(p.message) for p in problems)))
            ),
            step.label or shown.title,
            shown.icon,
            shown.color if shown.known else "",
            live.status if live is not None else "",
            _level(problems),
            step.disabled,
        )


def _level(problems: Sequence[Problem]) -> str:
    if not problems:
        return ""
    return "error" if any(problem.severity == "error" for problem in problems) else "warning"
