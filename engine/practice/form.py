"""The moving form: seven fields whose place, name and id are others at every load, and whose labels stay.

What a load looks like follows from its number alone (its `ticket`, which the form sends back in a hidden field), so
nothing has to be remembered of the loads, and a form that was left open can still be sent after a restart.
"""

from __future__ import annotations

import csv
import hashlib
import random
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

FIELDS = ("First Name", "Last Name", "Company Name", "Role in Company", "Address", "Email", "Phone Number")
TICKET = "ticket"
LABELS = ("for", "around", "loose", "text", "beside")
"""How a label stands to its field: tied by `for`; around it; a `<label>` tied to nothing above it; plain text above it;
plain text to its left."""
TIED = ("for", "around")
MAX_VALUE = 500


@dataclass(frozen=True)
class Placed:
    """One field of one load."""

    label: str
    name: str
    id: str
    tie: str
    wide: bool


def placed(ticket: str, ties: tuple[str, ...] = LABELS) -> list[Placed]:
    """The fields of a load, in the order they stand on the page."""
    chance = random.Random(ticket)
    fields = [
        Placed(
            label=label,
            name=_name(ticket, label),
            id=f"{chance.choice('abcdefgh')}{chance.getrandbits(40):010x}",
            tie=chance.choice(ties),
            wide=chance.random() < 0.25,
        )
        for label in FIELDS
    ]
    chance.shuffle(fields)
    return fields


def values(form: Mapping[str, str]) -> dict[str, str] | None:
    """What was entered, by label. None where a field is missing: the names are not those of the ticket."""
    ticket = form.get(TICKET, "")
    names = {label: _name(ticket, label) for label in FIELDS}
    if not ticket or not all(name in form for name in names.values()):
        return None
    return {label: form[name][:MAX_VALUE] for label, name in names.items()}


def _name(ticket: str, label: str) -> str:
    return "n" + hashlib.sha256(f"{ticket}\n{label}".encode()).hexdigest()[:10]


def people(folder: Path) -> list[dict[str, str]]:
    """The ten whom the form waits for, by the labels of the fields."""
    with (folder / "people.csv").open(encoding="utf-8", newline="") as file:
        return [dict(row) for row in csv.DictReader(file)]
