"""What the palette lists, read from the catalog once; which activities were used last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from engine.api import Catalog
from studio.base.i18n import tr
from studio.base.preferences import preferences

RECENT: Final = "recent"
BROKEN: Final = "broken"
"""The keys of the two groups that are no families."""
_STATE = "palette.recent"
_MOST_RECENT = 5


@dataclass(frozen=True, slots=True)
class Entry:
    """An activity, or a plug-in that could not be loaded (then `error` says why). `color` is a token."""

    id: str
    label: str
    icon: str
    color: str
    summary: str = ""
    effect: str = ""
    error: str = ""
    words: tuple[str, ...] = ()
    """What else it may be found by."""


@dataclass(frozen=True, slots=True)
class Group:
    """A family with its activities. The key is the family's name in ids."""

    key: str
    label: str
    entries: tuple[Entry, ...]


def read_catalog(catalog: Catalog) -> list[Group]:
    """All families in their order, and last what is broken. Loads every family, so call it beside the window."""
    entries: dict[str, list[Entry]] = {}
    for activity in catalog.all():
        family = catalog.family(activity)
        entry = Entry(
            activity.id,
            tr(activity.label),
            activity.icon or family.icon or "cube",
            f"cat-{family.color}",
            tr(activity.summary),
            activity.effect.name,
            words=(activity.label, activity.id, activity.summary, *activity.keywords),
        )
        entries.setdefault(activity.family, []).append(entry)
    groups = [
        Group(key, tr(family.label), tuple(entries.get(key, ())))
        for key, family in catalog.families().items()
        if entries.get(key)
    ]
    broken = [
        Entry(name, name, "puzzle-piece", "warn-mark", error=error, words=(error,))
        for name, error in sorted(catalog.errors.items())
    ]
    return [*groups, Group(BROKEN, tr("Not loaded"), tuple(broken))] if broken else groups


def recent() -> list[str]:
    """The ids of the activities used last, newest first."""
    found = preferences().state(_STATE, [])
    return [id for id in found if isinstance(id, str)][:_MOST_RECENT] if isinstance(found, list) else []


def remember(id: str) -> None:
    """Note that an activity was used now."""
    preferences().set_state(_STATE, [id, *(other for other in recent() if other != id)][:_MOST_RECENT])


def recent_group(groups: Sequence[Group]) -> Group:
    """What was used last, as far as it is still there."""
    known = {entry.id: entry for group in groups if group.key != BROKEN for entry in group.entries}
    return Group(RECENT, tr("Recent"), tuple(known[id] for id in recent() if id in known))
