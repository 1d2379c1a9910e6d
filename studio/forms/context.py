"""What a form knows of the world around it, given by whoever shows it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.base.i18n import N_

if TYPE_CHECKING:
    from engine.api import Lookup

ROOTS: Mapping[str, str] = {
    "inputs": N_("What the workflow was started with"),
    "steps": N_("What earlier steps gave"),
    "vars": N_("The variables of the workflow"),
    "item": N_("The item of this round"),
    "index": N_("The number of this round, from 0"),
    "trigger": N_("What started the execution"),
    "execution": N_("This execution: its id, day and folder"),
    "error": N_("The error that is being handled"),
}
"""The names that an expression can read, and what they hold."""


@dataclass(frozen=True, slots=True)
class StepName:
    """A step that an expression may read. `schema` is the JSON schema of its output, empty where that can be anything;
    `upstream` says that it has run whenever the step being edited runs."""

    id: str
    label: str = ""
    activity: str = ""
    schema: Mapping[str, Any] = field(default_factory=dict)
    upstream: bool = True


@dataclass(frozen=True)
class Names:
    """What is in reach of the expressions of one step. `inputs` and `variables` go from a name to a few words;
    `variables_known` is false where steps set variables that nobody can tell before they run."""

    steps: tuple[StepName, ...] = ()
    inputs: Mapping[str, str] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)
    variables_known: bool = True
    in_loop: bool = False
    in_handler: bool = False

    def step(self, id: str) -> StepName | None:
        return self._by_id.get(id)

    @cached_property
    def _by_id(self) -> dict[str, StepName]:
        return {step.id: step for step in self.steps}

    def roots(self) -> tuple[str, ...]:
        """The names in reach."""
        away = set(() if self.in_loop else ("item", "index")) | set(() if self.in_handler else ("error",))
        return tuple(name for name in ROOTS if name not in away)


def no_names() -> Names:
    return Names()


def no_lookup(round: int = 0) -> Lookup | Mapping[str, Any] | None:
    return None


def no_secrets() -> Sequence[str]:
    return ()


def no_named(what: str, kinds: Sequence[str]) -> Sequence[str]:
    return ()


def no_rounds() -> int:
    return 0


@dataclass(frozen=True, slots=True)
class FormContext:
    """Asked each time anew, so that a form never holds stale data.

    `folder` is the workflow's own. `lookup(round)` gives the names of the last execution as the step saw them, in that
    round of the loop around it, or None before the first run; it is read in another thread. `rounds()` says how many
    rounds there were, 0 outside a loop. `secrets()` lists names, never values; `named(what, kinds)` those of the
    credentials or integrations of these kinds, of all where none is given. Without `expressions`, braces are text.
    """

    folder: Path | None = None
    names: Callable[[], Names] = no_names
    lookup: Callable[[int], Lookup | Mapping[str, Any] | None] = no_lookup
    rounds: Callable[[], int] = no_rounds
    secrets: Callable[[], Sequence[str]] = no_secrets
    named: Callable[[str, Sequence[str]], Sequence[str]] = no_named
    expressions: bool = True
