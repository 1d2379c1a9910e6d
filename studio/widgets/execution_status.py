"""How the status of an execution is shown: the engine's word for it becomes a chip and a word for a person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from studio.base.i18n import N_, tr

_SHOWN: Final[Mapping[str, tuple[str, str]]] = {
    "queued": ("queued", N_("Queued")),
    "running": ("running", N_("Running")),
    "waiting": ("waiting", N_("Waiting")),
    "paused": ("paused", N_("Paused")),
    "in_doubt": ("doubt", N_("In doubt")),
    "succeeded": ("done", N_("Done")),
    "failed": ("failed", N_("Failed")),
    "cancelled": ("stopped", N_("Stopped")),
    "interrupted": ("paused", N_("Interrupted")),
}
"""Status -> that of a chip, and the word; `interrupted` is an execution that a killed process left running."""


def chip_status(status: str) -> str:
    """What a chip, or whoever borrows its glyph and colour, shows for an execution."""
    return _SHOWN[status][0] if status in _SHOWN else ""


def status_word(status: str) -> str:
    """The word for it."""
    return tr(_SHOWN[status][1]) if status in _SHOWN else status
