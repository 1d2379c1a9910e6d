"""What can be asked of the window itself, and why something cannot be asked for now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from studio.base.actions import Action
from studio.base.i18n import N_, tr

if TYPE_CHECKING:
    from studio.shell.page_entry import PageEntry

ACTIONS: Final = (
    Action(
        "shell.palette",
        N_("Search or run a command"),
        ("Ctrl+Shift+P",),
        "magnifying-glass",
        N_("Tools"),
        0,
        help=N_("Every command by its name, the pages, the open files, and with @ the steps."),
    ),
    Action("shell.rail", N_("Names in the rail"), ("Ctrl+Shift+B",), "sidebar-simple", N_("View"), 3, checkable=True),
    Action("shell.full_screen", N_("Full screen"), ("F11",), "", N_("View"), 3, checkable=True),
    Action("shell.quit", N_("Quit"), ("Ctrl+Q",), "", N_("File"), 9),
)

REASONS: Final[dict[str, str]] = {
    "document": N_("No workflow is open"),
    "text-or-document": N_("No workflow is open"),
    "tab": N_("No workflow is open"),
    "saved": N_("The workflow has no file yet"),
    "dirty": N_("Nothing was changed"),
    "undo": N_("Nothing to undo"),
    "redo": N_("Nothing to redo"),
    "selection": N_("Nothing is selected"),
    "steps": N_("No step is selected"),
    "step": N_("Select one step"),
    "calls": N_("The step names no workflow that it calls"),
    "several": N_("Select at least two steps"),
    "wires": N_("No wire is selected"),
    "running": N_("Nothing is running"),
    "writable": N_("The engine is not ready"),
    "failures": N_("Nothing has failed"),
}
"""What is missing, by what must be true."""


def why_not(action: Action, context: frozenset[str]) -> str:
    """Why the action is not possible now, for a person; empty where nothing of what it names is missing."""
    for name in action.when:
        if name not in context:
            return tr(REASONS.get(name, N_("Not possible now")))
    return tr("Not possible now") if context.intersection(action.unless) else ""


def page_actions(entries: Sequence[PageEntry]) -> list[Action]:
    """One action a page, `go.ID`, with Ctrl+1 to Ctrl+8 in the order of the rail."""
    return [
        Action(
            f"go.{entry.id}",
            entry.title,
            (*((f"Ctrl+{number}",) if number <= 8 else ()), *entry.keys),
            entry.icon,
            "/".join((N_("View"), N_("Go to"))),
            4,
        )
        for number, entry in enumerate(entries, start=1)
    ]
