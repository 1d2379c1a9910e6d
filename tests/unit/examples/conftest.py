from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable
from datetime import date
from graphlib import TopologicalSorter
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from engine.activities import data, excel, text
from engine.core.values import plain
from engine.sdk.activity import Activity, declared
from engine.sdk.catalog import Catalog
from engine.workflow.codec import load
from engine.workflow.expressions import compile_template
from engine.workflow.model import Step
from engine.workflow.problems import check

EXAMPLES = Path(__file__).parents[3] / "resources" / "examples"
ACTIVITIES: dict[str, Activity] = {
    found.id: found
    for family in (data, excel, text)
    for name in family.__all__
    if (found := declared(getattr(family, name))) is not None
}


def evaluated(value: Any, names: dict[str, Any]) -> Any:
    return compile_template(value).evaluate(names)


def executed(step: Step, names: dict[str, Any], folder: Path) -> tuple[str, Any]:
    """The port and output of one step, run without an engine."""
    found = ACTIVITIES[step.activity]
    values = {
        name: (lambda value=value, **more: evaluated(value, {**names, **more}))
        if found.by_name[name].lazy
        else evaluated(value, names)
        for name, value in step.parameters.items()
    }
    arguments = found.bind(values, folder)
    if found.context:
        arguments[found.context] = SimpleNamespace(check=lambda: None)
    result = found.function(**arguments)
    if asyncio.iscoroutine(result):
        result = asyncio.run(result)
    output = plain(result)
    return (output["port"], output["output"]) if len(found.ports) > 1 else ("next", output)


@pytest.fixture
def run_example(tmp_path: Path) -> Callable[..., dict[str, Any]]:
    """Copy an example, run its steps one after the other, and give the outputs by step, `inputs` and `outputs`.

    Only what the examples use is understood: one loop with a straight body, and files written and appended to.
    """

    def run(name: str, **inputs: Any) -> dict[str, Any]:
        folder = tmp_path / name
        shutil.copytree(EXAMPLES / name, folder, ignore=shutil.ignore_patterns("output"))
        document = load(folder / f"{name}.rpa.yaml")
        assert check(document, Catalog()) == []
        flow = document.workflow
        given = {one.name: inputs.get(one.name, one.default) for one in flow.inputs}
        for one in flow.inputs:
            if one.type in ("file", "folder"):
                given[one.name] = str(folder / given[one.name])
            elif one.type == "date":
                given[one.name] = date.fromisoformat(str(given[one.name]))
        steps: dict[str, Any] = {}
        names: dict[str, Any] = {"inputs": given, "steps": steps}
        loops = {step.id: step for step in flow.steps if step.activity == "control.foreach"}
        body: dict[str, list[Step]] = {loop: [] for loop in loops}
        for loop in loops:
            at: list[str] = [edge.target for edge in flow.edges if edge.source == loop and edge.port == "body"]
            while at:
                body[loop].append(flow.step(at[0]))
                at = [edge.target for edge in flow.edges if edge.source == at[0]]
        inside = {step.id for members in body.values() for step in members}
        graph: dict[str, set[str]] = {step.id: set() for step in flow.steps if step.id not in inside}
        for edge in flow.edges:
            if edge.target in graph and edge.source in graph:
                graph[edge.target].add(edge.source)
        ports: dict[str, str] = {}

        def perform(step: Step, more: dict[str, Any]) -> None:
            reach = {**names, **more}
            if step.activity in ("files.write", "files.append"):
                values = evaluated(dict(step.parameters), reach)
                with open(values["path"], "w" if step.activity == "files.write" else "a", encoding="utf-8") as stream:
                    stream.write(values["text"])
                steps[step.id] = {"output": {"path": values["path"]}}
                ports[step.id] = "next"
            elif step.activity == "control.log":
                steps[step.id] = {"output": {"message": evaluated(step.parameters["message"], reach)}}
                ports[step.id] = "next"
            elif step.activity == "control.foreach":
                items = evaluated(step.parameters["items"], reach)
                for index, item in enumerate(items):
                    for inner in body[step.id]:
                        perform(inner, {"item": item, "index": index})
                steps[step.id] = {"output": {"count": len(items)}}
                ports[step.id] = "done"
            else:
                ports[step.id], output = executed(step, reach, folder)
                steps[step.id] = {"output": output}

        for id_ in TopologicalSorter(graph).static_order():
            incoming = [edge for edge in flow.edges if edge.target == id_]
            if not incoming or any(ports.get(edge.source) == edge.port for edge in incoming):
                perform(flow.step(id_), {})
        outputs = evaluated(dict(flow.outputs), names)
        return {"steps": steps, "inputs": given, "outputs": outputs, "folder": folder}

    return run
