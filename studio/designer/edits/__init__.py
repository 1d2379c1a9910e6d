"""Every change a person can make to a workflow, as pure functions `Workflow -> Workflow`.

Nothing here knows Qt, a file or a window: an edit takes the workflow as it is and gives the workflow as it shall be,
and the document turns that into one undo command. Ids are stable: an edit never changes the id of a step it does not
rename. May import `engine.api` and `studio.base.i18n`.
"""

from __future__ import annotations

from studio.designer.edits.grouping import CannotGroup, Group, group
from studio.designer.edits.ids import named_id, spare_id
from studio.designer.edits.marks import (
    add_frame,
    add_note,
    frame_around,
    set_frame,
    set_note,
)
from studio.designer.edits.places import Rect, free_place, inside, move, moving, place, snapped
from studio.designer.edits.ports import main_outlet, outlets, ports_of
from studio.designer.edits.reach import after, before, downstream, upstream
from studio.designer.edits.removal import delete, heal
from studio.designer.edits.steps import add_step, disable, rename, set_fields, set_parameter, set_parameters
from studio.designer.edits.wires import (
    behind,
    connect,
    disconnect,
    make_room,
    move_source,
    move_target,
    splice,
    splice_in,
)

__all__ = [
    "CannotGroup",
    "Group",
    "Rect",
    "add_frame",
    "add_note",
    "add_step",
    "after",
    "before",
    "behind",
    "connect",
    "delete",
    "disable",
    "disconnect",
    "downstream",
    "frame_around",
    "free_place",
    "group",
    "heal",
    "inside",
    "main_outlet",
    "make_room",
    "move",
    "move_source",
    "move_target",
    "moving",
    "named_id",
    "outlets",
    "place",
    "ports_of",
    "rename",
    "set_fields",
    "set_frame",
    "set_note",
    "set_parameter",
    "set_parameters",
    "snapped",
    "spare_id",
    "splice",
    "splice_in",
    "upstream",
]
