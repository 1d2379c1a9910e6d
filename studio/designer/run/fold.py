"""What of an execution the canvas shows, from its events: steps and wires, summed up over the rounds of loops.

It holds a few counters a step and forgets rounds that have ended, so a loop over a million items costs no more than
one. What a batch of events changed is read with `changed_steps` and `changed_wires`, and nothing else is looked at.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from engine.api import MAIN, Edge, Entry, Plan, Progress, Workflow
from engine.core import events
from engine.core.values import ArtifactRef
from studio.designer.canvas.live import StepLive, WireLive
from studio.designer.run.tally import Failure, Tally

INDEXED = 100_000
"""Rounds of loops whose place in the journal is remembered, so that their data can be looked up."""
_COUNT = re.compile(r"([\d,]+) items$")


class Fold:
    """The events of one execution of `workflow`, as far as the canvas shows them."""

    def __init__(self, execution: str, workflow: Workflow, plan: Plan) -> None:
        self.execution = execution
        self.workflow = workflow
        self.plan = plan
        self.status = "queued"
        self.seq = 0
        self.name = workflow.name
        self.source = ""
        self.folder = ""
        self.inputs: dict[str, Any] = {}
        self.trigger: Any = None
        self.variables: dict[str, Any] = dict(workflow.variables)
        self.created_at = 0.0
        self.started_at: float | None = None
        self.updated_at = 0.0
        self.output: Any = None
        self.error: dict[str, Any] | None = None
        self.in_doubt: dict[str, tuple[str, float]] = {}
        """Steps that wait for an answer: address -> what they were about to use, when they started."""
        self.wake_at: float | None = None
        self.parent = ""
        self.interrupted = False
        """Whether the process that ran it is gone without having said so."""
        self.tallies: dict[str, Tally] = {}
        self.rounds: dict[str, dict[int, int]] = {}
        """For each loop, by address, the event with which each of its rounds began."""
        self.indexed = 0
        self.changed_steps: set[str] = set()
        self.changed_wires: set[Edge] = set()
        self._ids = {step.id for step in workflow.steps}
        self._attempts = {step.id: step.retry.attempts for step in workflow.steps if step.retry is not None}
        self._bodies = {key for key in plan.regions if key[0]}
        self._edges: dict[str, list[Edge]] = {}
        self._incoming: dict[str, list[Edge]] = {}
        self._entering: dict[str, list[Edge]] = {}
        for edge in plan.edges:
            if (edge.source, edge.port) in self._bodies:
                self._entering.setdefault(edge.target, []).append(edge)
            self._edges.setdefault(edge.source, []).append(edge)
            self._incoming.setdefault(edge.target, []).append(edge)
        self._passed: dict[Edge, int] = {}
        self._items: dict[Edge, int] = {}
        self._dead: set[Edge] = set()
        self._scopes: dict[str, bool] = {"": True}
        self._weights = dict.fromkeys(plan.regions[MAIN].steps, 0)
        for id in self._ids:
            outermost = next((key[0] for key in reversed(list(plan.enclosing(id))) if key[0]), id)
            if outermost in self._weights:
                self._weights[outermost] += 1
        self._settled: set[str] = set()
        self.steps_total = sum(self._weights.values())
        """How many steps there are to do, without those of the error handler."""

    @property
    def finished(self) -> bool:
        return self.status in ("succeeded", "failed", "cancelled")

    @property
    def steps_done(self) -> int:
        """How many of them are done with: those inside a body together with what runs it."""
        return sum(self._weights[id] for id in self._settled)

    def seconds(self, now: float) -> float:
        """How long it has taken so far."""
        if self.started_at is None:
            return 0.0
        resting = self.finished or self.interrupted or self.status in ("paused", "in_doubt")
        return max(0.0, (self.updated_at if resting else now) - self.started_at)

    @property
    def troubled(self) -> bool:
        """Whether any step failed or is in doubt."""
        return any(tally.status() in ("failed", "doubt") for tally in self.tallies.values())

    def failures(self) -> list[str]:
        """Ids of steps that failed or are in doubt, in the order of the workflow."""
        return [
            step.id
            for step in self.workflow.steps
            if (tally := self.tallies.get(step.id)) is not None and tally.status() in ("failed", "doubt")
        ]

    def take(self, news: Iterable[Entry | Progress]) -> None:
        """Go on with these; entries that are known already are passed over."""
        for one in news:
            if type(one) is Progress:
                self._progress(one)
                continue
            assert isinstance(one, Entry)
            if one.seq <= self.seq:
                continue
            self.seq = one.seq
            self.updated_at = one.at
            event = one.event
            handler = _HANDLERS.get(type(event))
            if handler is not None:
                handler(self, one, event)

    def id_of(self, address: str) -> str:
        """The step of this workflow that stands at an address; empty for one of a subworkflow."""
        scope, _, id = address.rpartition("/")
        return id if self._belongs(scope) and id in self._ids else ""

    def shown_at(self, address: str) -> str:
        """The step of this workflow that shows what happens at an address: itself, or the subworkflow around it."""
        while address:
            if found := self.id_of(address):
                return found
            address = address.rpartition("/")[0]
            if found := self.id_of(_container(address)):
                return found
        return ""

    # What it comes to.

    def step(self, id: str, now: float) -> StepLive | None:
        """How to show a step at that moment."""
        tally = self.tallies.get(id)
        return None if tally is None else tally.live(now, self._attempts.get(id), self.interrupted)

    def wire(self, edge: Edge) -> WireLive | None:
        """How to show a wire."""
        passed = self._passed.get(edge, 0)
        if not passed:
            return WireLive("dead") if edge in self._dead else None
        source = self.tallies.get(edge.source)
        looped = (source is not None and source.looped) or (edge.source, edge.port) in self._bodies
        count = passed if looped else self._items.get(edge)
        if edge.port == "error":
            return WireLive("failed", count)
        target = self.tallies.get(edge.target)
        live = target is not None and any(kind == "running" for kind, _, _ in target.active.values())
        return WireLive("running" if live and not self.interrupted else "done", count)

    def ticking(self) -> list[str]:
        """Steps whose text changes as time goes by."""
        return [] if self.interrupted else [id for id, tally in self.tallies.items() if tally.active]

    # How it is told.

    def _belongs(self, scope: str) -> bool:
        """Whether a scope is a body of this very workflow, not of a subworkflow."""
        known = self._scopes.get(scope)
        if known is None:
            head, _, last = scope.rpartition("/")
            container, _, port = last.partition("[")[0].partition(".")
            known = (container, port or "body") in self._bodies and self._belongs(head)
        return known

    def _enter(self, scope: str) -> bool:
        """The same, for a scope in which something happens: a round that begins is noted with its place."""
        known = self._scopes.get(scope)
        if known is None:
            known = self._scopes[scope] = self._belongs(scope)
            loop, bracket, number = scope.rpartition("[")
            if known and bracket and number.endswith("]") and self.indexed < INDEXED:
                self.indexed += 1
                self.rounds.setdefault(loop, {}).setdefault(int(number[:-1]), self.seq)
        return known

    def _tally(self, address: str) -> tuple[str, Tally] | None:
        scope, _, id = address.rpartition("/")
        if not self._enter(scope) or id not in self._ids:
            return None
        tally = self.tallies.get(id)
        if tally is None:
            tally = self.tallies[id] = Tally()
        self.changed_steps.add(id)
        tally.address = address
        if scope and "[" in scope:
            tally.looped = True
        return id, tally

    def _progress(self, news: Progress) -> None:
        id = news.address.rpartition("/")[2]
        tally = self.tallies.get(id)
        if tally is None or news.address not in tally.active:
            return  # it comes before the start of the step is durable, or after its end
        self.changed_steps.add(id)
        if tally.parameters is not None:
            tally.reported = int(news.done)
            tally.total = None if news.total is None else int(news.total)
        else:
            tally.share = min(1.0, news.done / news.total) if news.total else None
            tally.report = news.message

    def _started(self, entry: Entry, event: events.StepStarted) -> None:
        found = self._tally(event.address)
        if found is None:
            return
        id, tally = found
        tally.active[event.address] = ("running", entry.at, 0.0)
        tally.attempt = event.attempt
        tally.share, tally.report = None, ""
        self._settled.discard(id)
        given = event.details.get("parameters") if type(event.details) is dict else None
        if given is not None and type(given) is not str:
            tally.parameters = given
            tally.finished = tally.reported = tally.rounds_failed = 0
            tally.total = _many(tally.parameters)
            self.rounds.pop(event.address, None)
        self.changed_wires.update(self._incoming.get(id, ()))
        for edge in self._entering.get(id, ()):
            if event.attempt == 1:
                self._passed[edge] = self._passed.get(edge, 0) + 1

    def _settle(self, entry: Entry, address: str, status: str, port: str) -> Tally | None:
        found = self._tally(address)
        if found is None:
            return None
        id, tally = found
        began = tally.active.pop(address, None)
        tally.ended += 1
        tally.last = status
        tally.port = port
        if began is not None:
            tally.spent += max(0.0, entry.at - began[1])
        if id in self._weights and "/" not in address:
            self._settled.add(id)
        self._leave(id, port)
        self.changed_wires.update(self._incoming.get(id, ()))
        return tally

    def _leave(self, id: str, port: str) -> None:
        """The flow left a step through a port; without one, nowhere."""
        if not port:
            return
        for edge in self._edges.get(id, ()):
            if edge.port == port:
                self._passed[edge] = self._passed.get(edge, 0) + 1
            else:
                self._dead.add(edge)
            self.changed_wires.add(edge)

    def _after(self, id: str) -> str:
        """The port a step is left through that did not run, or of which a person says that it did."""
        return "done" if any(edge.port == "done" for edge in self._edges.get(id, ())) else "next"

    def _succeeded(self, entry: Entry, event: events.StepSucceeded) -> None:
        tally = self._settle(entry, event.address, "done", event.port)
        if tally is not None:
            tally.output = event.output
            if tally.total is not None or tally.rounds:
                tally.total = max(tally.rounds, tally.total or 0)
            items = items_of(event.output)
            if items is not None:
                for edge in self._edges.get(event.address.rpartition("/")[2], ()):
                    if edge.port == event.port:
                        self._items[edge] = items

    def _failed(self, entry: Entry, event: events.StepFailed) -> None:
        failure = Failure(event.address, event.error, event.attempt, entry.at, event.retry_at, event.port)
        if event.retry_at is not None:
            found = self._tally(event.address)
            if found is not None:
                _, tally = found
                tally.active[event.address] = ("retrying", entry.at, event.retry_at)
                tally.attempt, tally.failure = event.attempt, failure
            return
        tally_ = self._settle(entry, event.address, "failed", event.port)
        if tally_ is not None:
            if event.error.get("type") == "cancelled":
                tally_.last = ""
            else:
                tally_.failed += 1
            tally_.attempt, tally_.failure = event.attempt, failure

    def _skipped(self, entry: Entry, event: events.StepSkipped) -> None:
        found = self._tally(event.address)
        if found is None:
            return
        id, tally = found
        tally.skipped += 1
        tally.last = tally.last or "skipped"
        if "/" not in event.address and id in self._weights:
            self._settled.add(id)
        edges = self._edges.get(id, ())
        self.changed_wires.update(edges)
        if event.reason != "dead":
            self._leave(id, self._after(id))
        else:
            self._dead.update(edges)

    def _now(self, entry: Entry, address: str, status: str, until: float = 0.0, since: float | None = None) -> None:
        found = self._tally(address)
        if found is not None:
            id, tally = found
            tally.active[address] = (status, entry.at if since is None else since, until)
            self.changed_wires.update(self._incoming.get(id, ()))

    def _waiting(self, entry: Entry, event: events.StepWaiting) -> None:
        self._now(entry, event.address, "waiting", event.until)

    def _doubtful(self, entry: Entry, event: events.StepInDoubt) -> None:
        found = self._tally(event.address)
        since = entry.at
        if found is not None:
            since = found[1].active.get(event.address, ("", entry.at, 0.0))[1]
        details = event.details if isinstance(event.details, dict) else {}
        self.in_doubt[event.address] = (str(details.get("parameters", "")), since)
        self._now(entry, event.address, "doubt", since=since)

    def _held(self, entry: Entry, event: events.StepPaused) -> None:
        self._now(entry, event.address, "paused")

    def _decided(self, entry: Entry, event: events.StepDecided) -> None:
        self.in_doubt.pop(event.address, None)
        found = self._tally(event.address)
        if found is None:
            return
        id, tally = found
        if event.decision == "done":
            self._settle(entry, event.address, "done", self._after(id))
            tally.output = event.output
        else:
            tally.active.pop(event.address, None)

    def _round_finished(self, entry: Entry, event: events.IterationFinished) -> None:
        loop = event.scope[: event.scope.rindex("[")]
        self._scopes.pop(event.scope, None)
        found = self._tally(loop)
        if found is not None:
            _, tally = found
            tally.finished += 1
            tally.rounds_failed += event.error is not None
            if tally.parameters is None:
                tally.parameters = {}

    def _body_finished(self, entry: Entry, event: events.BodyFinished) -> None:
        self._scopes.pop(event.scope, None)

    def _variables_set(self, entry: Entry, event: events.VariablesSet) -> None:
        if not event.frame:
            self.variables.update(event.values)

    def _created(self, entry: Entry, event: events.ExecutionCreated) -> None:
        self.name, self.source, self.folder = event.workflow, event.source, event.folder
        self.inputs, self.trigger, self.parent = event.inputs, event.trigger, event.parent
        self.created_at = entry.at

    def _forked(self, entry: Entry, event: events.ExecutionForked) -> None:
        self.parent, self.created_at, self.started_at = event.parent, entry.at, None
        self.status, self.error, self.output = "queued", None, None
        self._calm()

    def _begun(self, entry: Entry, event: events.ExecutionStarted) -> None:
        self.status, self.wake_at, self.interrupted = "running", None, False
        if self.started_at is None:
            self.started_at = entry.at
        self.changed_steps.update(id for id, tally in self.tallies.items() if tally.active)

    def _rested(self, entry: Entry, event: events.ExecutionWaiting) -> None:
        self.status = "in_doubt" if event.in_doubt else "waiting"
        self.wake_at = event.wake_at

    def _paused(self, entry: Entry, event: events.ExecutionPaused) -> None:
        self.status = "paused"
        for tally in self.tallies.values():
            for address, (kind, since, until) in list(tally.active.items()):
                if kind in ("running", "retrying"):
                    self._now(entry, address, "paused", until, since)

    def _won(self, entry: Entry, event: events.ExecutionSucceeded) -> None:
        self.status, self.output = "succeeded", event.output
        self._calm()

    def _lost(self, entry: Entry, event: events.ExecutionFailed) -> None:
        self.status, self.error, self.output = "failed", event.error, event.output
        self._calm()

    def _cancelled(self, entry: Entry, event: events.ExecutionCancelled) -> None:
        self.status, self.interrupted = "cancelled", False
        self.in_doubt.clear()
        self._calm()

    def _calm(self) -> None:
        """Nothing goes on any more."""
        for id, tally in self.tallies.items():
            if tally.active:
                tally.active.clear()
                self.changed_steps.add(id)
                self.changed_wires.update(self._incoming.get(id, ()))


def _container(scope: str) -> str:
    head, slash, last = scope.rpartition("/")
    return head + slash + last.partition("[")[0].partition(".")[0]


def _many(parameters: Any) -> int | None:
    """How many rounds a loop will have, where that is known from what it was given."""
    items = parameters.get("items") if isinstance(parameters, dict) else None
    if isinstance(items, (list, dict)):
        return len(items)
    return items if type(items) is int else None


def items_of(output: Any) -> int | None:
    """How many things an output holds: a list, or the first list in a mapping. None where there is nothing to count."""
    if isinstance(output, ArtifactRef):
        found = _COUNT.search(output.summary)
        return int(found[1].replace(",", "")) if found else None
    if isinstance(output, dict):
        output = next((value for value in output.values() if isinstance(value, list)), None)
    return len(output) if isinstance(output, list) else None


_HANDLERS: dict[type[events.Event], Callable[[Fold, Entry, Any], None]] = {
    events.ExecutionCreated: Fold._created,
    events.ExecutionForked: Fold._forked,
    events.ExecutionStarted: Fold._begun,
    events.ExecutionWaiting: Fold._rested,
    events.ExecutionPaused: Fold._paused,
    events.ExecutionSucceeded: Fold._won,
    events.ExecutionFailed: Fold._lost,
    events.ExecutionCancelled: Fold._cancelled,
    events.StepStarted: Fold._started,
    events.StepSucceeded: Fold._succeeded,
    events.StepFailed: Fold._failed,
    events.StepSkipped: Fold._skipped,
    events.StepWaiting: Fold._waiting,
    events.StepInDoubt: Fold._doubtful,
    events.StepDecided: Fold._decided,
    events.StepPaused: Fold._held,
    events.IterationFinished: Fold._round_finished,
    events.BodyFinished: Fold._body_finished,
    events.VariablesSet: Fold._variables_set,
}
