"""What the parts of a workflow outside its steps are called, by their keys in the file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from studio.base.i18n import N_

SECTIONS: Final[Mapping[str, str]] = {
    "rpa": N_("Format"),
    "name": N_("Name"),
    "description": N_("Description"),
    "inputs": N_("Inputs"),
    "variables": N_("Variables"),
    "outputs": N_("Outputs"),
    "settings": N_("Settings"),
    "on_error": N_("Error handler"),
    "notes": N_("Notes"),
    "frames": N_("Frames"),
}
