"""Knows what was really submitted, how often and when, and grades the moving form against the right answers."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

MOST = 10_000
"""Entries of each kind that are kept whole; more are only counted."""


@dataclass(frozen=True)
class Entry:
    """One person that was submitted. `person` is whom it is meant to be, by the number in the list, or None."""

    number: int
    at: float
    ticket: str
    values: Mapping[str, str]
    person: int | None
    wrong: tuple[str, ...]


class Scoreboard:
    """The record of a site since its start or the last reset. Safe to use from several threads."""

    def __init__(self, people: Sequence[Mapping[str, str]]) -> None:
        self._people = people
        self._lock = threading.Lock()
        self.reset()

    def reset(self) -> None:
        """Forget everything."""
        with self._lock:
            self._started = time.time()
            self._entries: list[Entry] = []
            self._events: dict[str, list[dict[str, Any]]] = {}
            self._counts: Counter[str] = Counter()

    def count(self, what: str) -> int:
        """One more of that. Gives how many there are now."""
        with self._lock:
            self._counts[what] += 1
            return self._counts[what]

    def note(self, kind: str, **what: Any) -> None:
        """Something that was submitted elsewhere than in the moving form."""
        with self._lock:
            self._counts[kind] += 1
            kept = self._events.setdefault(kind, [])
            if len(kept) < MOST:
                kept.append({"number": self._counts[kind], "at": _shown(time.time()), **what})

    def enter(self, ticket: str, values: Mapping[str, str]) -> int:
        """A submission of the moving form. Gives its number, from 1."""
        person, wrong = self._judged(values)
        with self._lock:
            self._counts["entries"] += 1
            number = self._counts["entries"]
            if number <= MOST:
                self._entries.append(Entry(number, time.time(), ticket, dict(values), person, wrong))
            return number

    def entered(self) -> tuple[int, int]:
        """How many of the people were entered rightly, and how many there are."""
        with self._lock:
            return len({entry.person for entry in self._entries if not entry.wrong}), len(self._people)

    def _judged(self, values: Mapping[str, str]) -> tuple[int | None, tuple[str, ...]]:
        """Whom the values are closest to, and the fields in which they differ; outer spaces do not count."""
        best: tuple[int | None, tuple[str, ...]] = (None, tuple(values))
        for place, person in enumerate(self._people):
            wrong = tuple(label for label, right in person.items() if values.get(label, "").strip() != right)
            if len(wrong) < len(best[1]):
                best = (place, wrong)
        return best

    def shown(self) -> dict[str, Any]:
        """Everything, as plain data."""
        with self._lock:
            entries, counts = list(self._entries), Counter(self._counts)
            events = {kind: list(kept) for kind, kept in self._events.items()}
            started = self._started
        times = Counter(entry.person for entry in entries if not entry.wrong)
        tickets = Counter(entry.ticket for entry in entries)
        seen: set[int | None] = set()
        shown = []
        for entry in entries:
            right = not entry.wrong
            shown.append(
                {
                    "number": entry.number,
                    "at": _shown(entry.at),
                    "person": None if entry.person is None else self._name(entry.person),
                    "correct": right,
                    "duplicate": right and entry.person in seen,
                    "wrong_fields": list(entry.wrong),
                    "ticket": entry.ticket,
                    "values": dict(entry.values),
                }
            )
            if right:
                seen.add(entry.person)
        fields = sum(len(entry.values) for entry in entries)
        correct = fields - sum(len(entry.wrong) for entry in entries)
        return {
            "started": _shown(started),
            "form": {
                "loads": counts["loads"],
                "submissions": counts["entries"],
                "rejected": counts["rejected"],
                "people": len(self._people),
                "correct": len(times),
                "wrong": sum(bool(entry.wrong) for entry in entries),
                "duplicates": sum(count - 1 for count in times.values()),
                "sent_twice": sum(count - 1 for count in tickets.values()),
                "missing": [self._name(place) for place in range(len(self._people)) if place not in times],
                "percent_of_fields": round(100 * correct / fields, 2) if fields else 0.0,
                "seconds": round(entries[-1].at - entries[0].at, 3) if entries else 0.0,
                "complete": len(times) == len(self._people) == counts["entries"],
                "entries": shown,
            },
            "counts": dict(sorted(counts.items())),
            "events": events,
        }

    def _name(self, place: int) -> str:
        person = self._people[place]
        return f"{person['First Name']} {person['Last Name']}"


def _shown(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")
