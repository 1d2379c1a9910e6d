"""What the actions of the canvas do: editing, selecting, arranging, grouping, and looking around."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from engine.api import Place, Workflow
from studio.base.actions import Actions
from studio.base.i18n import tr, trn
from studio.base.preferences import preferences
from studio.base.tasks import spawn
from studio.designer import arrange, edits
from studio.designer.canvas.gestures.surface import Surface
from studio.designer.canvas.rounds import next_mark, next_wire, rename, selected_wire
from studio.designer.canvas.router import SUBWORKFLOW, Router
from studio.designer.editor import Editor
from studio.designer.edits import CannotGroup, Rect
from studio.designer.selection import Selected

Current = Callable[[], Editor | None]
Command = Callable[[Editor, Surface], object]
_FRAME = (400.0, 240.0)


def attach_canvas(editor: Editor) -> Router:
    """Let a person work on the canvas of an editor with mouse and keys."""
    router = Router(editor.view, editor.actions_of)
    surface = router.surface
    surface.edit_requested.connect(editor.edit_requested)
    surface.open_requested.connect(lambda step: open_called(editor, step))
    surface.file_dropped.connect(editor.workflow_requested)
    from studio.designer.canvas.accessible import follow_selection, install

    install()
    follow_selection(editor.view)
    return router


def bind_canvas(actions: Actions, current: Current) -> None:
    """Bind what concerns the canvas of the editor in front; `current` gives it."""

    def run(command: Command) -> None:
        editor = current()
        if editor is not None:
            command(editor, surface_of(editor))

    def show_minimap() -> None:
        shown = not preferences().get("minimap")
        preferences().set("minimap", shown)
        actions.set_checked("view.minimap", shown)
        run(lambda editor, surface: editor.view.set_minimap(shown))

    for id, command in _commands().items():
        actions.bind(id, partial(run, command))
    actions.bind("view.minimap", show_minimap)
    actions.set_checked("view.minimap", bool(preferences().get("minimap")))


def _commands() -> dict[str, Command]:
    edges: tuple[arrange.Edge, ...] = ("left", "center", "right", "top", "middle", "bottom")
    return {
        "edit.delete": _delete,
        "edit.heal": _heal,
        "edit.select_all": _select_all,
        "edit.find": _find,
        "edit.rename": lambda editor, surface: rename(surface),
        "select.wire": lambda editor, surface: next_wire(surface),
        "select.wire_back": lambda editor, surface: next_wire(surface, back=True),
        "select.mark": lambda editor, surface: next_mark(surface),
        "wire.lead": _lead,
        "step.splice": _splice,
        "select.upstream": lambda editor, surface: _reach(surface, edits.upstream),
        "select.downstream": lambda editor, surface: _reach(surface, edits.downstream),
        "insert.step": _insert_step,
        "insert.note": _insert_note,
        "insert.frame": _insert_frame,
        "step.edit": lambda editor, surface: surface.edit_requested.emit(surface.selection.only_step),
        "step.connect": _connect,
        "step.disable": _disable,
        "group.subworkflow": _group,
        "group.open": lambda editor, surface: open_called(editor, surface.selection.only_step),
        "arrange.layout": _lay_out,
        **{f"arrange.{edge}": partial(_arrange, partial(arrange.align, edge=edge)) for edge in edges},
        "arrange.spread_x": partial(_arrange, partial(arrange.spread, direction="x")),
        "arrange.spread_y": partial(_arrange, partial(arrange.spread, direction="y")),
        "view.zoom_in": lambda editor, surface: editor.view.zoom_in(),
        "view.zoom_out": lambda editor, surface: editor.view.zoom_out(),
        "view.reset": lambda editor, surface: editor.view.zoom_to(editor.view.natural),
        "view.fit": lambda editor, surface: editor.view.fit(),
        "view.zoom_selection": lambda editor, surface: editor.view.fit_selection(),
    }


def surface_of(editor: Editor) -> Surface:
    """What gestures and commands work on in an editor. Raises `TypeError` for one without `attach_canvas`."""
    router = editor.view.router
    if not isinstance(router, Router):
        raise TypeError("the canvas has no router")
    return router.surface


def called(editor: Editor, step_id: str) -> Path | str:
    """The file of the workflow that a step calls, or a sentence that says why there is none."""
    step = next((one for one in editor.document.workflow.steps if one.id == step_id), None)
    if step is None or step.activity != SUBWORKFLOW:
        return tr("This step does not call a workflow.")
    file = step.parameters.get("workflow")
    if not isinstance(file, str) or not file:
        return tr("Choose the file of the workflow first.")
    if "{{" in file:
        return tr("Which workflow is called is known only when it runs.")
    if editor.folder is None and not Path(file).is_absolute():
        return tr("Save this workflow first: the other one is looked for beside it.")
    return (editor.folder or Path()) / file


def open_called(editor: Editor, step_id: str) -> None:
    """Ask for the workflow that a step calls to be opened, or say why it cannot be."""
    found = called(editor, step_id)
    if isinstance(found, str):
        surface_of(editor).refused.emit(found)
    else:
        surface_of(editor).say("")
        editor.workflow_requested.emit(found)


def _delete(editor: Editor, surface: Surface) -> None:
    chosen = surface.selection.value
    if not chosen:
        return
    if chosen.steps:
        text = trn("Delete {n} step", "Delete {n} steps", len(chosen.steps))
    elif chosen.edges and len(chosen.edges) == len(chosen):
        text = trn("Delete {n} wire", "Delete {n} wires", len(chosen.edges))
    else:
        text = trn("Delete {n} thing", "Delete {n} things", len(chosen))
    surface.edit(text, lambda workflow: edits.delete(workflow, chosen.steps, chosen.edges, chosen.notes, chosen.frames))


def _heal(editor: Editor, surface: Surface) -> None:
    chosen = surface.selection.steps
    if chosen:
        text = trn("Delete {n} step and join", "Delete {n} steps and join", len(chosen))
        surface.edit(text, lambda workflow: edits.heal(workflow, surface.catalog, chosen))


def _select_all(editor: Editor, surface: Surface) -> None:
    layout = surface.workflow.layout
    surface.selection.set(
        Selected(
            frozenset(surface.geometry.shapes),
            frozenset(surface.geometry.curves),
            frozenset(note.id for note in layout.notes),
            frozenset(frame.id for frame in layout.frames),
        )
    )


def _find(editor: Editor, surface: Surface) -> None:
    from studio.designer.canvas.find_bar import FindBar

    bar = editor.findChild(FindBar)
    if bar is None:
        bar = FindBar(surface, editor)
        editor.column.insertWidget(editor.column.count() - 1, bar)
    bar.open()


def _reach(surface: Surface, reached: Callable[[Workflow, frozenset[str]], frozenset[str]]) -> None:
    surface.selection.select_steps(reached(surface.workflow, surface.selection.steps))


def _insert_step(editor: Editor, surface: Surface) -> None:
    from studio.designer.canvas.search_popup import spot_for

    surface.search_requested.emit(spot_for(surface))


def _insert_note(editor: Editor, surface: Surface) -> None:
    at = surface.cursor
    made: list[str] = []

    def change(workflow: Workflow) -> Workflow:
        changed, id = edits.add_note(workflow, at.x(), at.y())
        made.append(id)
        return changed

    surface.edit(tr("Add a note"), change)
    surface.selection.set(Selected(notes=frozenset(made)))
    surface.write_requested.emit("note", made[0])


def _insert_frame(editor: Editor, surface: Surface) -> None:
    chosen = surface.selection.value
    boxes = [surface.boxes[id] for id in chosen.steps if id in surface.boxes]
    boxes += [item.box for id, item in surface.scene.notes.items() if id in chosen.notes]
    at = surface.cursor
    made: list[str] = []

    def change(workflow: Workflow) -> Workflow:
        if boxes:
            changed, id = edits.frame_around(workflow, boxes)
        else:
            corner = edits.snapped(at.x() - _FRAME[0] / 2), edits.snapped(at.y() - _FRAME[1] / 2)
            changed, id = edits.add_frame(workflow, Rect(*corner, *_FRAME))
        made.append(id)
        return changed

    surface.edit(tr("Add a frame"), change)
    surface.selection.set(Selected(frames=frozenset(made)))
    surface.write_requested.emit("frame", made[0])


def _connect(editor: Editor, surface: Surface) -> None:
    from studio.designer.canvas.search_popup import search_target

    if surface.selection.only_step in surface.geometry.shapes:
        search_target(surface, surface.selection.only_step)


def _lead(editor: Editor, surface: Surface) -> None:
    from studio.designer.canvas.wire_popup import lead_wire

    wire = selected_wire(surface)
    if wire is not None and wire in surface.geometry.curves:
        lead_wire(surface, wire)


def _splice(editor: Editor, surface: Surface) -> None:
    from studio.designer.canvas.wire_popup import put_into_wire

    if surface.selection.only_step in surface.geometry.shapes:
        put_into_wire(surface, surface.selection.only_step)


def _disable(editor: Editor, surface: Surface) -> None:
    chosen = surface.selection.steps
    steps = [step for step in surface.workflow.steps if step.id in chosen]
    if not steps:
        return
    off = not all(step.disabled for step in steps)
    text = (
        trn("Disable {n} step", "Disable {n} steps", len(steps))
        if off
        else trn("Enable {n} step", "Enable {n} steps", len(steps))
    )
    surface.edit(text, lambda workflow: edits.disable(workflow, chosen, off))


def _lay_out(editor: Editor, surface: Surface) -> None:
    """Lay out the selected steps, or all where fewer than two are selected."""
    chosen = surface.selection.steps
    only = chosen if len(chosen) > 1 else None
    boxes = dict(surface.boxes)
    if not boxes:
        return
    places = arrange.layered(surface.geometry, surface.document.plan, only)
    text = trn("Lay out {n} step", "Lay out {n} steps", len(places))
    surface.edit(text, lambda workflow: arrange.laid_out(workflow, places, boxes))
    if only is None:
        editor.view.fit()


def _arrange(places: Callable[[Mapping[str, Rect]], Mapping[str, Place]], editor: Editor, surface: Surface) -> None:
    """Put the selected steps where `places` says; bodies go along with their containers."""
    plan, boxes = surface.document.plan, surface.boxes
    chosen = surface.selection.steps & boxes.keys()
    outer = {id: boxes[id] for id in chosen if not any(c in chosen for c, _ in plan.enclosing(id))}
    standing, new = surface.places, dict[str, Place]()
    for id, place in places(outer).items():
        dx, dy = place.x - outer[id].x, place.y - outer[id].y
        if dx or dy:
            for moved in surface.geometry.within([id]):
                new[moved] = Place(standing[moved].x + dx, standing[moved].y + dy)
    if new:
        text = trn("Line up {n} step", "Line up {n} steps", len(outer))
        surface.edit(text, lambda workflow: edits.place(workflow, new))


def _group(editor: Editor, surface: Surface) -> None:
    try:
        edits.group(surface.workflow, surface.catalog, surface.selection.steps, "part", "part.rpa.yaml")
    except CannotGroup as refused:
        surface.refused.emit(refused.message)
        return
    if editor.folder is None:
        surface.refused.emit(tr("Save this workflow first: the new one is put beside it."))
        return
    spawn(group_into_file(editor, surface.selection.steps), failed=lambda error: surface.refused.emit(str(error)))


async def group_into_file(editor: Editor, steps: frozenset[str]) -> None:
    """Ask for a file, save the steps there as a workflow, and put one step in their place."""
    from studio.widgets.dialog import save_file

    surface, folder = surface_of(editor), editor.folder
    assert folder is not None
    named = next((step.label or step.id for step in surface.workflow.steps if step.id in steps), "part")
    proposed = folder / f"{edits.named_id(named, ())}.rpa.yaml"
    filters = tr("Workflows") + " (*.rpa.yaml)"
    path = await save_file(editor, tr("Save the new workflow"), proposed, filters, "rpa.yaml")
    if path is None:
        return
    if path.resolve().parent != folder.resolve():
        surface.refused.emit(tr("Save it beside this workflow: what the steps read and write is looked for there."))
        return
    if editor.document.path is not None and path.resolve() == editor.document.path.resolve():
        surface.refused.emit(tr("Choose another name: this one is the open workflow's own."))
        return
    await save_group(editor, steps, path)


async def save_group(editor: Editor, steps: frozenset[str], path: Path) -> None:
    """Save the steps as the workflow at `path`, beside the open one, then put one step in their place."""
    from engine.api import save

    surface = surface_of(editor)
    name = path.name.removesuffix(".rpa.yaml")
    while True:
        workflow = surface.workflow
        made = edits.group(workflow, surface.catalog, steps, name.replace("_", " ").capitalize(), path.name)
        await editor.bridge.run(save, path, made.inner)
        if surface.workflow is workflow:  # else it was edited meanwhile, and what was saved is not what it says now
            break
    count = len(made.inner.steps)
    text = trn("Group {n} step into “{file}”", "Group {n} steps into “{file}”", count, file=path.name)
    surface.edit(text, lambda _: made.outer, Selected(steps=frozenset({made.step})))
