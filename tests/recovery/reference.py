"""What a workflow must do, said a second time: a small synchronous interpreter that reads the document alone.

It shares nothing with the runtime but the document model and the expression language. Steps run one after the other,
in the order of the file where the edges leave a choice; an effect is a line in `lines`. It knows the activities that
`tests.recovery.workflows` builds with. Addresses are those of the engine, so that status and effects can be compared.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.core.errors import ExpressionError
from engine.workflow.expressions import compile_template
from engine.workflow.model import Step, Workflow

BODIES = {
    "control.foreach": ("body",),
    "control.while": ("body",),
    "control.parallel": ("body",),
    "control.try": ("body", "catch", "finally"),
}
AFTER = {"control.foreach": "done", "control.while": "done", "control.parallel": "done"}


class Failure(Exception):
    """A step failed, and nothing around it has handled that yet."""

    def __init__(self, step: str, kind: str) -> None:
        self.error = {"step": step, "kind": kind}


class Left(Exception):
    """A `break`, `continue` or `stop` was reached."""

    def __init__(self, signal: str, value: Any = None) -> None:
        self.signal = signal
        self.value = value


@dataclass(slots=True)
class Result:
    """How an execution ended: `status` and `output`, the status of each outermost step, and what had an effect."""

    status: str = "succeeded"
    output: Any = None
    failed: str = ""
    steps: dict[str, str] = field(default_factory=dict)
    lines: Counter[str] = field(default_factory=Counter)


def interpret(workflow: Workflow) -> Result:
    """Run a workflow. Its steps must not fail side by side, for then it is chance which error is the first."""
    run = _Run(workflow)
    result = Result(lines=run.lines)
    scope = _Scope({"vars": run.variables, "inputs": {"ledger": ""}})
    try:
        run.region(scope, "", run.roots())
    except Failure as failure:
        result.status, result.failed = "failed", failure.error["step"]
    except Left as left:
        result.output = left.value
    if result.status == "succeeded" and result.output is None:
        result.output = compile_template(dict(workflow.outputs)).evaluate(scope.seen())
    result.steps = {id: seen["status"] for id, seen in scope.steps.items()}
    return result


class _Scope:
    """The names in reach in a body, and what its steps gave."""

    def __init__(self, names: Mapping[str, Any], parent: _Scope | None = None) -> None:
        self.names: dict[str, Any] = {**(parent.names if parent is not None else {}), **names}
        self.parent = parent
        self.steps: dict[str, dict[str, Any]] = {}

    def seen(self) -> dict[str, Any]:
        steps: dict[str, Any] = {}
        scope: _Scope | None = self
        while scope is not None:
            steps = {**scope.steps, **steps}
            scope = scope.parent
        return {**self.names, "steps": steps}


class _Run:
    def __init__(self, workflow: Workflow) -> None:
        self.by_id = {step.id: step for step in workflow.steps}
        self.rank = {step.id: rank for rank, step in enumerate(workflow.steps)}
        self.edges = workflow.edges
        self.variables = dict(workflow.variables)
        self.lines: Counter[str] = Counter()

    def roots(self) -> set[str]:
        return set(self.by_id) - {edge.target for edge in self.edges}

    def region(self, scope: _Scope, address: str, entries: set[str]) -> None:
        """Run what is reached from the entries without leaving through a body port."""
        members = self.reach(entries)
        inner = [edge for edge in self.edges if edge.source in members and edge.target in members]
        inner = [edge for edge in inner if edge.port not in BODIES.get(self.by_id[edge.source].activity, ())]
        waiting = {id: sum(edge.target == id for edge in inner) for id in members}
        live = set(entries)
        todo = {id for id in entries if waiting[id] == 0 or self.by_id[id].join == "any"}
        decided = set(todo)
        while todo:
            id = min(todo, key=lambda id: (id in live, self.rank[id]))
            todo.discard(id)
            port = self.step(scope, address, id) if id in live else self.skip(scope, id)
            for edge in inner:
                if edge.source != id:
                    continue
                waiting[edge.target] -= 1
                if edge.port == port:
                    live.add(edge.target)
                joins_any = self.by_id[edge.target].join == "any" and edge.target in live
                if edge.target not in decided and (waiting[edge.target] == 0 or joins_any):
                    decided.add(edge.target)
                    todo.add(edge.target)

    def reach(self, entries: set[str]) -> set[str]:
        found, todo = set(entries), list(entries)
        while todo:
            source = todo.pop()
            bodies = BODIES.get(self.by_id[source].activity, ())
            for edge in self.edges:
                if edge.source == source and edge.port not in bodies and edge.target not in found:
                    found.add(edge.target)
                    todo.append(edge.target)
        return found

    def skip(self, scope: _Scope, id: str) -> str:
        scope.steps[id] = {"status": "skipped"}
        return ""

    def step(self, scope: _Scope, address: str, id: str) -> str:
        """Run a step with its retries; gives the port it leaves through. Raises `Failure` and `Left`."""
        step, place = self.by_id[id], f"{address}/{id}" if address else id
        attempts = step.retry.attempts if step.retry is not None else 1
        for attempt in range(1, attempts + 1):
            try:
                output, port = self.act(scope, step, place, attempt)
            except Left as left:
                scope.steps[id] = {"status": "succeeded", "output": left.value, "error": None}
                raise
            except Failure as failure:
                worth = failure.error["kind"] == "system"
                if worth and attempt < attempts:
                    continue
                scope.steps[id] = {"status": "failed", "output": None, "error": failure.error}
                if any(edge.source == id and edge.port == "error" for edge in self.edges):
                    return "error"
                if step.continue_on_error:
                    return AFTER.get(step.activity, "true" if step.activity == "control.condition" else "next")
                raise
            scope.steps[id] = {"status": "succeeded", "output": output, "error": None}
            return port
        raise AssertionError("a step has at least one try")

    def act(self, scope: _Scope, step: Step, place: str, attempt: int) -> tuple[Any, str]:
        """One try at a step: its output and port."""
        given = self.given(scope, step, place)
        match step.activity:
            case "ledger.give":
                return given.get("value"), "next"
            case "ledger.once" | "ledger.again" | "ledger.thread":
                kind = "again" if step.activity == "ledger.again" else "once"
                self.lines[f"{kind} {place} {given['value']}"] += 1
                return given["value"], "next"
            case "ledger.fail":
                if attempt <= given.get("times", 1_000_000):
                    raise Failure(place, "business" if given.get("business") else "system")
                return attempt, "next"
            case "control.condition":
                port = "true" if given["condition"] else "false"
                return {"port": port, "value": given["condition"]}, port
            case "control.set":
                self.variables.update(given["values"])
                return given["values"], "next"
            case "control.log":
                return given["message"], "next"
            case "control.delay":
                return None, "next"
            case "control.break" | "control.continue":
                raise Left(step.activity.rpartition(".")[2])
            case "control.stop":
                raise Left("stop", given.get("output"))
            case "control.foreach":
                return self.foreach(scope, step, place, given), "done"
            case "control.while":
                return self.while_(scope, step, place), "done"
            case "control.parallel":
                return {"output": self.body(scope, step, place, "body", {})}, "done"
            case "control.try":
                return self.try_(scope, step, place), "next"
        raise AssertionError(step.activity)

    def given(self, scope: _Scope, step: Step, place: str) -> dict[str, Any]:
        lazy = {"condition"} if step.activity == "control.while" else set()
        try:
            eager = {name: value for name, value in step.parameters.items() if name not in lazy}
            found: dict[str, Any] = compile_template(eager).evaluate(scope.seen())
        except ExpressionError:
            raise Failure(place, "business") from None
        return found

    def body(self, scope: _Scope, step: Step, place: str, port: str, names: Mapping[str, Any]) -> Any:
        """Run a body once and give its output."""
        entries = {edge.target for edge in self.edges if edge.source == step.id and edge.port == port}
        inside = _Scope(names, scope)
        self.region(inside, place, entries)
        members = self.reach(entries)
        sinks = [id for id in members if not any(edge.source == id for edge in self.leading(id))]
        if len(sinks) == 1:
            return inside.steps.get(sinks[0], {}).get("output")
        return {id: inside.steps[id]["output"] for id in sinks if inside.steps.get(id, {}).get("status") == "succeeded"}

    def leading(self, id: str) -> list[Any]:
        bodies = BODIES.get(self.by_id[id].activity, ())
        return [edge for edge in self.edges if edge.source == id and edge.port not in bodies]

    def foreach(self, scope: _Scope, step: Step, place: str, given: Mapping[str, Any]) -> dict[str, Any]:
        items, mode = given["items"], given.get("on_item_error", "fail")
        results: list[Any] = [None] * len(items)
        errors: list[dict[str, Any]] = []
        count = 0
        for index, item in enumerate(items):
            count += 1
            try:
                names = {"item": item, "index": index}
                results[index] = self.body(scope, step, f"{place}[{index}]", "body", names)
            except Left as left:
                if left.signal == "stop":
                    raise
                if left.signal == "break":
                    break
            except Failure as failure:
                if mode == "fail":
                    raise
                errors.append({"index": index, "item": item, "error": failure.error})
        if errors and mode == "collect":
            raise Failure(errors[0]["error"]["step"], errors[0]["error"]["kind"])
        return {"results": results, "errors": errors, "count": count}

    def while_(self, scope: _Scope, step: Step, place: str) -> dict[str, Any]:
        condition = compile_template({"condition": step.parameters["condition"]})
        results: list[Any] = []
        number = 0
        while condition.evaluate({**scope.seen(), "index": number})["condition"]:
            number += 1
            try:
                results.append(self.body(scope, step, f"{place}[{number - 1}]", "body", {"index": number - 1}))
            except Left as left:
                if left.signal == "stop":
                    raise
                if left.signal == "break":
                    break
                results.append(None)
        return {"results": results, "errors": [], "count": number}

    def try_(self, scope: _Scope, step: Step, place: str) -> dict[str, Any]:
        error: dict[str, Any] | None = None
        pending: Exception | None = None
        output: Any = None
        try:
            output = self.body(scope, step, place, "body", {})
        except Left as left:
            pending = left
        except Failure as failure:
            error = failure.error
            try:
                output = self.body(scope, step, f"{place}.catch", "catch", {"error": error})
            except (Left, Failure) as again:
                pending = again
        self.body(scope, step, f"{place}.finally", "finally", {"error": error})
        if pending is not None:
            raise pending
        return {"ok": error is None, "output": output, "error": error}
