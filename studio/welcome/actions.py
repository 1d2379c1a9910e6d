"""What can be asked for besides the page itself."""

from __future__ import annotations

from typing import Final

from studio.base.actions import Action
from studio.base.i18n import N_

ACTIONS: Final = (
    Action(
        "help.tour",
        N_("Your first workflow"),
        (),
        "graduation-cap",
        N_("Help"),
        0,
        help=N_("Goes along while you build and run a workflow, in two minutes."),
    ),
)
