"""Everything that can be asked for in the designer, as data. Who has the behaviour binds it (`Actions.bind`).

What must be true: `document` an open workflow on the canvas, `selection` something selected, `steps` a selected step,
`step` exactly one, `calls` that it names a workflow to call, `several` at least two, `wires` a selected wire, `undo`,
`redo`, `dirty`, `saved` a file on disk, `running` an execution of the open workflow, `writable` an engine that can run,
`failures` a failed step in sight.
"""

from __future__ import annotations

from functools import partial
from typing import Final

from studio.base.actions import Action
from studio.base.i18n import N_

FILE, EDIT, VIEW, INSERT, WORKFLOW, RUN = (N_("File"), N_("Edit"), N_("View"), N_("Insert"), N_("Workflow"), N_("Run"))
ARRANGE, SELECT, COMPARE, ALIGN = N_("Arrange"), N_("Select"), N_("Compare"), N_("Align")

_COMPARE, _SELECT, _ALIGN = f"{FILE}/{COMPARE}", f"{EDIT}/{SELECT}", f"{WORKFLOW}/{ALIGN}"

_OPEN = ("document",)
_SAVED = ("document", "saved")
_SELECTION = ("document", "selection")
_STEP = ("document", "step")
_STEPS = ("document", "steps")
_SEVERAL = ("document", "several")
_canvas = partial(Action, scope="canvas")
"""Has its keys where a canvas has the focus."""

ACTIONS: Final = (
    Action("file.new", N_("New workflow"), ("Ctrl+N",), "plus", FILE, 0),
    Action("file.open", N_("Open…"), ("Ctrl+O",), "folder-open", FILE, 0),
    Action("file.save", N_("Save"), ("Ctrl+S",), "floppy-disk", FILE, 1, ("text-or-document",)),
    Action("file.save_as", N_("Save as…"), ("Ctrl+Shift+S",), "", FILE, 1, ("text-or-document",)),
    Action("file.revert", N_("Revert to saved"), (), "clock-counter-clockwise", FILE, 1, ("saved", "dirty")),
    Action(
        "file.compare_saved",
        N_("With the saved version"),
        (),
        "git-diff",
        _COMPARE,
        2,
        _SAVED,
        help=N_("Shows on the canvas what was changed since the file was saved."),
    ),
    Action("file.compare_file", N_("With another file…"), (), "", _COMPARE, 2, _OPEN),
    Action("file.compare_git", N_("With a git revision…"), (), "git-branch", _COMPARE, 2, _SAVED),
    Action("file.close", N_("Close"), ("Ctrl+W",), "x", FILE, 3, ("tab",)),
    Action("edit.undo", N_("Undo"), ("Ctrl+Z",), "arrow-u-up-left", EDIT, 0, ("undo",)),
    Action("edit.redo", N_("Redo"), ("Ctrl+Shift+Z", "Ctrl+Y"), "arrow-u-up-right", EDIT, 0, ("redo",)),
    Action("edit.history", N_("History of edits…"), (), "clock-counter-clockwise", EDIT, 0, _OPEN),
    _canvas("edit.cut", N_("Cut"), ("Ctrl+X",), "scissors", EDIT, 1, _SELECTION),
    _canvas("edit.copy", N_("Copy"), ("Ctrl+C",), "copy", EDIT, 1, _SELECTION),
    _canvas("edit.paste", N_("Paste"), ("Ctrl+V",), "clipboard", EDIT, 1, _OPEN),
    _canvas("edit.duplicate", N_("Duplicate"), ("Ctrl+D",), "", EDIT, 1, _SELECTION),
    _canvas("edit.delete", N_("Delete"), ("Del", "Backspace"), "trash", EDIT, 1, _SELECTION),
    _canvas(
        "edit.heal",
        N_("Delete and join"),
        ("Ctrl+Del",),
        "",
        EDIT,
        1,
        _STEPS,
        help=N_("Deletes the steps and joins what stood before them with what stood behind."),
    ),
    _canvas("edit.select_all", N_("Select all"), ("Ctrl+A",), "", EDIT, 2, _OPEN),
    _canvas("select.upstream", N_("Everything before"), ("Ctrl+Shift+Left",), "", _SELECT, 2, _STEPS),
    _canvas("select.downstream", N_("Everything after"), ("Ctrl+Shift+Right",), "", _SELECT, 2, _STEPS),
    _canvas("select.wire", N_("Next wire from here"), ("W",), "", _SELECT, 3, _SELECTION),
    _canvas("select.wire_back", N_("Next wire to here"), ("Shift+W",), "", _SELECT, 3, _SELECTION),
    _canvas("select.mark", N_("Next note or frame"), ("B",), "", _SELECT, 3, _OPEN),
    Action("edit.find", N_("Find in the workflow"), ("Ctrl+F",), "magnifying-glass", EDIT, 3, _OPEN),
    _canvas("edit.rename", N_("Rename"), ("F2",), "pencil-simple", EDIT, 3, _SELECTION),
    _canvas(
        "insert.step",
        N_("Step…"),
        ("Tab", "Ins", "A"),
        "plus",
        INSERT,
        0,
        _OPEN,
        help=N_("Search for a step and add it at the cursor. With a step selected, Tab goes along its wire."),
    ),
    _canvas("insert.note", N_("Note"), ("N",), "note", INSERT, 1, _OPEN),
    _canvas(
        "insert.frame",
        N_("Frame"),
        ("Ctrl+Shift+G",),
        "selection",
        INSERT,
        1,
        _OPEN,
        help=N_("Draws a titled frame around the selection."),
    ),
    _canvas("step.edit", N_("Edit the step"), ("Return",), "", WORKFLOW, 0, _STEP),
    _canvas("step.connect", N_("Connect to…"), ("C",), "flow-arrow", WORKFLOW, 0, _STEP),
    _canvas("wire.lead", N_("Lead the wire elsewhere…"), ("Shift+C",), "", WORKFLOW, 0, ("document", "wires")),
    _canvas("step.splice", N_("Put into a wire…"), ("P",), "", WORKFLOW, 0, _STEP),
    _canvas("step.disable", N_("Disable or enable"), ("D",), "prohibit", WORKFLOW, 0, _STEPS),
    Action("group.subworkflow", N_("Group into a workflow…"), ("Ctrl+G",), "stack", WORKFLOW, 1, _STEPS),
    _canvas(
        "group.open", N_("Open the called workflow"), ("Ctrl+Return",), "", WORKFLOW, 1, ("document", "step", "calls")
    ),
    Action(
        "workflow.properties",
        N_("Inputs, outputs and settings"),
        ("Ctrl+Shift+I",),
        "sliders-horizontal",
        WORKFLOW,
        2,
        _OPEN,
    ),
    _canvas(
        "arrange.layout",
        N_("Lay out"),
        ("L",),
        "tree-structure",
        f"{WORKFLOW}/{ARRANGE}",
        3,
        _OPEN,
        help=N_("Lays out the selected steps, or all where fewer than two are selected."),
    ),
    Action("arrange.left", N_("Align left"), (), "align-left", _ALIGN, 3, _SEVERAL),
    Action("arrange.center", N_("Align centres"), (), "align-center-horizontal", _ALIGN, 3, _SEVERAL),
    Action("arrange.right", N_("Align right"), (), "align-right", _ALIGN, 3, _SEVERAL),
    Action("arrange.top", N_("Align top"), (), "align-top", _ALIGN, 4, _SEVERAL),
    Action("arrange.middle", N_("Align middles"), (), "align-center-vertical", _ALIGN, 4, _SEVERAL),
    Action("arrange.bottom", N_("Align bottom"), (), "align-bottom", _ALIGN, 4, _SEVERAL),
    Action("arrange.spread_x", N_("Distribute across"), (), "arrows-out-line-horizontal", _ALIGN, 5, _SEVERAL),
    Action("arrange.spread_y", N_("Distribute down"), (), "arrows-out-line-vertical", _ALIGN, 5, _SEVERAL),
    Action("view.zoom_in", N_("Zoom in"), ("Ctrl++", "Ctrl+="), "magnifying-glass-plus", VIEW, 0, _OPEN),
    Action("view.zoom_out", N_("Zoom out"), ("Ctrl+-",), "magnifying-glass-minus", VIEW, 0, _OPEN),
    _canvas("view.reset", N_("Actual size"), ("Ctrl+0", "0"), "", VIEW, 0, _OPEN),
    _canvas("view.fit", N_("Show all"), ("1",), "corners-out", VIEW, 0, _OPEN),
    _canvas("view.zoom_selection", N_("Show the selection"), ("2",), "", VIEW, 0, _SELECTION),
    _canvas("view.minimap", N_("Minimap"), ("M",), "map-trifold", VIEW, 1, _OPEN, checkable=True),
    Action("view.snap", N_("Snap to the grid"), (), "grid-four", VIEW, 1, checkable=True),
    Action("view.palette", N_("Steps"), ("Ctrl+B",), "sidebar", VIEW, 2, _OPEN, checkable=True),
    Action("view.outline", N_("Outline"), ("Ctrl+Shift+O",), "list-dashes", VIEW, 2, _OPEN, checkable=True),
    Action("view.inspector", N_("Inspector"), ("Ctrl+Alt+B",), "sliders-horizontal", VIEW, 2, _OPEN, checkable=True),
    Action("view.dock", N_("Lower panes"), ("Ctrl+J",), "rows", VIEW, 2, _OPEN, checkable=True),
    Action("view.yaml", N_("YAML"), ("Ctrl+Shift+Y",), "code", VIEW, 2, _OPEN),
    Action("view.next_tab", N_("Next tab"), ("Ctrl+Tab", "Ctrl+PgDown"), "", VIEW, 2, ("tab",)),
    Action("view.previous_tab", N_("Previous tab"), ("Ctrl+Shift+Tab", "Ctrl+PgUp"), "", VIEW, 2, ("tab",)),
    Action("view.next_pane", N_("Next pane"), ("F6",), "", VIEW, 2, ("tab",)),
    Action("view.previous_pane", N_("Previous pane"), ("Shift+F6",), "", VIEW, 2, ("tab",)),
    Action("view.pane_menu", N_("Move or close this pane"), ("Ctrl+F6",), "", VIEW, 2, ("tab",)),
    Action("run.start", N_("Run"), ("F5",), "play-fill", RUN, 0, ("document", "writable")),
    Action("run.fast", N_("Run without highlighting"), ("Ctrl+F5",), "fast-forward", RUN, 0, ("document", "writable")),
    Action("run.stop", N_("Stop"), ("Shift+F5",), "stop-fill", RUN, 0, ("document", "running")),
    Action("run.next_failure", N_("Next failure"), ("F8",), "warning-circle", RUN, 1, ("document", "failures")),
    Action("run.problems", N_("Problems"), ("Ctrl+Shift+M",), "warning", RUN, 1, _OPEN),
    Action("run.log", N_("Log"), ("Ctrl+Shift+L",), "list-bullets", RUN, 1, _OPEN),
)
