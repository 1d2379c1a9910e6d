"""The workflow that is killed everywhere: every control construct, with pure, idempotent and ONCE steps in each."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from engine.api import Decision, Engine, Outcome
from engine.core import events
from engine.store import open_store
from engine.store.protocols import Durability
from tests.support.workflows import catalog, workflow

PART = """\
rpa: 1
name: part
inputs: {name: {type: text}, ledger: {type: file}}
variables: {seen: none}
outputs: {never: reached}
steps:
  - {id: note, activity: ledger.once, with: {ledger: "{{ inputs.ledger }}", value: "{{ inputs.name }}"}}
  - {id: keep, activity: control.set, with: {values: {seen: "{{ vars.seen }}-{{ steps.note.output }}"}}}
  - {id: tell, activity: ledger.again, with: {ledger: "{{ inputs.ledger }}", value: "{{ vars.seen }}"}}
  - {id: enough, activity: control.condition, with: {condition: "{{ vars.seen == 'none-part' }}"}}
  - {id: halt, activity: control.stop, with: {message: enough, output: "{{ vars.seen }}"}}
  - {id: never, activity: ledger.once, with: {ledger: "{{ inputs.ledger }}", value: never}}
edges: [note.next -> keep, keep.next -> tell, tell.next -> enough, enough.true -> halt, enough.false -> never]
"""

TEXT = """
inputs: {ledger: {type: file}}
variables: {n: 0, log: "", tries: 0}
on_error: handler
steps:
  - {id: begin, activity: ledger.give, with: {value: [1, 2, 3, 4, 5]}}
  - {id: check, activity: control.condition, with: {condition: "{{ len(steps.begin.output) > 3 }}"}}
  - {id: long, activity: ledger.once, with: {ledger: "{{ inputs.ledger }}", value: long}}
  - {id: short, activity: ledger.once, with: {ledger: "{{ inputs.ledger }}", value: short}}
  - {id: choose, activity: control.switch, with: {value: b, cases: [{port: one, equals: a}, {port: two, equals: b}]}}
  - {id: one, activity: ledger.once, with: {ledger: "{{ inputs.ledger }}", value: one}}
  - {id: two, activity: ledger.again, with: {ledger: "{{ inputs.ledger }}", value: two}}
  - {id: rest, activity: ledger.give}
  - {id: both, activity: ledger.give, with: {value: "{{ steps.long.output }}{{ default(steps.short.output, '') }}"}}
  - {id: either, activity: ledger.again, join: any, with: {ledger: "{{ inputs.ledger }}", value: either}}

  - {id: each, activity: control.foreach, with: {items: "{{ steps.begin.output }}"}}
  - {id: second, activity: control.condition, with: {condition: "{{ item == 2 }}"}}
  - {id: skip, activity: control.continue}
  - {id: fourth, activity: control.condition, with: {condition: "{{ item == 4 }}"}}
  - {id: leave, activity: control.break}
  - {id: letter, activity: ledger.once, with: {ledger: "{{ inputs.ledger }}", value: "letter{{ item }}"}}

  - {id: many, activity: control.foreach, with: {items: 3, concurrency: 3}}
  - {id: name, activity: ledger.give, with: {value: "{{ 'xyz'[item] }}"}}
  - {id: inner, activity: control.foreach, with: {items: 2, result: "{{ steps.file.output }}"}}
  - {id: post, activity: ledger.once, with: {ledger: "{{ inputs.ledger }}", value: "{{ steps.name.output }}{{ item }}"}}
  - {id: file, activity: ledger.again, with: {ledger: "{{ inputs.ledger }}", value: "{{ steps.post.output }}!"}}

  - {id: before, activity: control.while, with: {condition: "{{ vars.n < 3 }}"}}
  - {id: count, activity: control.set, with: {values: {n: "{{ vars.n + 1 }}", log: "{{ vars.log }}{{ index }}"}}}
  - {id: mark, activity: ledger.once, with: {ledger: "{{ inputs.ledger }}", value: "mark{{ vars.n }}"}}
  - {id: after, activity: control.while, with: {condition: "{{ steps.page.output != 'page2' }}", check: after}}
  - {id: page, activity: ledger.once, with: {ledger: "{{ inputs.ledger }}", value: "page{{ index + 1 }}"}}

  - {id: beside, activity: control.parallel}
  - {id: left, activity: ledger.once, with: {ledger: "{{ inputs.ledger }}", value: left}}
  - {id: right, activity: ledger.thread, with: {ledger: "{{ inputs.ledger }}", value: right}}
  - {id: middle, activity: ledger.again, with: {ledger: "{{ inputs.ledger }}", value: middle}}

  - {id: guard, activity: control.try}
  - {id: attempt, activity: ledger.once, with: {ledger: "{{ inputs.ledger }}", value: attempt}}
  - {id: bad, activity: ledger.fail, with: {message: broken}}
  - {id: saved, activity: ledger.once, with: {ledger: "{{ inputs.ledger }}", value: "saved-{{ error.message }}"}}
  - {id: clean, activity: ledger.again, with: {ledger: "{{ inputs.ledger }}", value: clean}}

  - {id: sub, activity: control.subworkflow, with: {workflow: part.rpa.yaml, inputs: {name: part, ledger: "{{ inputs.ledger }}"}}}
  - {id: nap, activity: control.delay, with: {length: 2ms}}
  - {id: wrong, activity: ledger.fail, with: {business: true}}
  - {id: mended, activity: ledger.once, with: {ledger: "{{ inputs.ledger }}", value: "mended-{{ steps.wrong.error.kind }}"}}
  - {id: unharmed, activity: ledger.once, with: {ledger: "{{ inputs.ledger }}", value: unharmed}}
  - {id: careless, activity: ledger.fail, continue_on_error: true}
  - {id: flaky, activity: ledger.once_fail, with: {ledger: "{{ inputs.ledger }}", times: 1}, retry: {attempts: 9, delay: 1ms}}
  - {id: again, activity: control.foreach, with: {items: 2}, retry: {attempts: 3, delay: 1ms}}
  - {id: tried, activity: control.set, with: {values: {tries: "{{ vars.tries + 1 }}"}}}
  - {id: repeat, activity: ledger.again, with: {ledger: "{{ inputs.ledger }}", value: "repeat{{ item }}"}}
  - {id: once_more, activity: control.condition, with: {condition: "{{ vars.tries == 2 }}"}}
  - {id: unlucky, activity: ledger.fail}
  - {id: tell, activity: control.log, with: {message: "{{ vars.log }}"}}
  - {id: collapse, activity: ledger.fail, with: {business: true, message: collapsed}}

  - {id: handler, activity: ledger.once, with: {ledger: "{{ inputs.ledger }}", value: "handled-{{ error.message }}"}}
  - id: finish
    activity: control.stop
    with:
      output:
        both: "{{ steps.both.output }}"
        each: "{{ steps.each.output.results }}"
        many: "{{ [one.results for one in steps.many.output.results] }}"
        before: "{{ steps.before.output.count }}"
        after: "{{ steps.after.output.results }}"
        beside: "{{ steps.beside.output.output }}"
        guard: "{{ steps.guard.output.output }}"
        sub: "{{ steps.sub.output }}"
        mended: "{{ steps.mended.output }}"
        flaky: "{{ steps.flaky.output > 1 }}"
        handler: "{{ steps.handler.output }}"
        vars: "{{ vars }}"
edges:
  - begin.next -> check
  - check.true -> long
  - check.false -> short
  - begin.next -> choose
  - choose.one -> one
  - choose.two -> two
  - choose.default -> rest
  - long.next -> both
  - short.next -> both
  - two.next -> both
  - one.next -> either
  - two.next -> either
  - rest.next -> either
  - both.next -> each
  - either.next -> each
  - each.body -> second
  - second.true -> skip
  - second.false -> fourth
  - fourth.true -> leave
  - fourth.false -> letter
  - each.done -> many
  - many.body -> name
  - name.next -> inner
  - inner.body -> post
  - post.next -> file
  - many.done -> before
  - before.body -> count
  - count.next -> mark
  - before.done -> after
  - after.body -> page
  - after.done -> beside
  - beside.body -> left
  - beside.body -> right
  - beside.body -> middle
  - beside.done -> guard
  - guard.body -> attempt
  - attempt.next -> bad
  - guard.catch -> saved
  - guard.finally -> clean
  - guard.next -> sub
  - sub.next -> nap
  - nap.next -> wrong
  - wrong.error -> mended
  - wrong.next -> unharmed
  - mended.next -> careless
  - careless.next -> flaky
  - flaky.next -> again
  - again.body -> tried
  - tried.next -> repeat
  - repeat.next -> once_more
  - once_more.true -> unlucky
  - again.done -> tell
  - tell.next -> collapse
  - handler.next -> finish
"""


class Home:
    """A folder with a store, a ledger, and at most one execution of the job."""

    def __init__(self, folder: Path, durability: Durability = "full") -> None:
        self.folder = folder
        self.ledger = folder / "ledger"
        self.durability = durability

    def engine(self, **options: Any) -> Engine:
        return Engine(open_store(self.folder / "store.db", durability=self.durability), catalog=catalog(), **options)

    def lines(self) -> list[str]:
        return self.ledger.read_text().splitlines() if self.ledger.exists() else []

    async def advance(self) -> dict[str, Any]:
        """Start the job, or resume it until it has ended, answering doubts as a person would who can see the ledger.

        Gives the report of `report`.
        """
        decided: list[list[str]] = []
        async with self.engine() as engine:
            found = await engine.executions()
            if not found:
                (self.folder / "part.rpa.yaml").write_text(PART)
                execution = await engine.start(workflow(TEXT), {"ledger": str(self.ledger)}, folder=self.folder)
            else:
                execution = found[0].id
                if found[0].status not in ("succeeded", "failed", "cancelled"):
                    await engine.resume(execution)
            outcome = await engine.wait(execution)
            while outcome.status == "in_doubt":
                answers = await self._answers(engine, outcome)
                decided += [[step, decision.action] for step, decision in answers.items()]
                await engine.resume(execution, answers)
                outcome = await engine.wait(execution)
            return {"outcome": _plain(outcome), "state": await summary(engine, execution), "decided": decided}

    async def _answers(self, engine: Engine, outcome: Outcome) -> dict[str, Decision]:
        state = await engine.state(outcome.execution)
        history = [entry async for chunk in engine.journal(outcome.execution) for entry in chunk]
        answers = {}
        for doubt in outcome.in_doubt:
            assert (reason := unreasonable(history, doubt.step)) is None, f"doubt about {doubt.step}: {reason}"
            lines = [line.split(" ", 2)[2] for line in self.lines() if line.split(" ")[1] == doubt.step]
            step = state.step(doubt.step)
            assert step is not None
            if doubt.activity == "ledger.once_fail":
                happened = str(step.attempt) in lines and step.attempt > 1
                answers[doubt.step] = Decision("done", step.attempt) if happened else Decision("retry")
            else:
                answers[doubt.step] = Decision("done", lines[-1]) if lines else Decision("retry")
        return answers


def unreasonable(history: list[events.Entry], address: str) -> str | None:
    """Why the engine had no reason to doubt that step: it must have started, as ONCE, in a process that then died."""
    about = [entry for entry in history if getattr(entry.event, "address", "") == address]
    starts = [entry for entry in about if isinstance(entry.event, events.StepStarted)]
    if not starts:
        return "it never started"
    last = starts[-1]
    if last.event.effect != "once":  # type: ignore[attr-defined]
        return "it is not ONCE"
    settled = (events.StepSucceeded, events.StepFailed, events.StepDecided)
    if any(entry.seq > last.seq and isinstance(entry.event, settled) for entry in about):
        return "it had ended"
    if not any(entry.seq > last.seq and isinstance(entry.event, events.ExecutionStarted) for entry in history):
        return "its process did not die"
    return None


async def summary(engine: Engine, execution: str) -> dict[str, Any]:
    """What must be the same however often the execution was interrupted."""
    state = await engine.state(execution)
    timeless = [step for step in state.steps() if step.activity not in ("control.delay", "ledger.once_fail")]
    return {
        "steps": {
            step.address: [step.status, await engine.value(step.output), (step.error or {}).get("message")]
            for step in sorted(timeless, key=lambda step: step.address)
        },
        "variables": state.variables,
        "rounds": len(state.rounds),
    }


def _plain(outcome: Outcome) -> dict[str, Any]:
    return {"status": outcome.status, "output": outcome.output, "error": outcome.error}


def compare(expected: Mapping[str, Any], home: Home, report: Mapping[str, Any], clean: Counter[str]) -> None:
    """Fail unless the interrupted run ended as the undisturbed one did, and every effect happened as often as it may."""
    assert report["outcome"] == expected["outcome"]
    assert report["state"] == expected["state"]
    lines = Counter(home.lines())
    repeated = {line: count for line, count in lines.items() if line.startswith("once ") and count != 1}
    assert not repeated, f"effects that must happen once happened again: {repeated}"
    there, wanted = _named(lines), _named(clean)
    assert there == wanted, f"lost {wanted - there}, invented {there - wanted}"


def _named(lines: Counter[str]) -> set[str]:
    """The lines, but those of `flaky` without the number of the try: one in doubt that left no line counts as a try."""
    return {line.rpartition(" ")[0] if line.startswith("once flaky ") else line for line in lines}


def read_report(folder: Path) -> dict[str, Any] | None:
    path = folder / "report.json"
    return json.loads(path.read_text()) if path.exists() else None
