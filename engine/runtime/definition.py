"""A workflow made ready to run: its plan, and each step with its activity and its compiled parameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from engine.core import durations
from engine.core.errors import CatalogError, DocumentError
from engine.core.sentences import say
from engine.sdk.activity import Activity, Effect, Port
from engine.sdk.catalog import Catalog
from engine.sdk.params import Parameter
from engine.workflow.expressions import Template, compile_template
from engine.workflow.graph import Plan, step_ports
from engine.workflow.model import InDoubt, Step, Workflow


@dataclass(frozen=True, slots=True)
class PreparedStep:
    """A step, compiled. `after` is the port the flow takes when the step is passed over."""

    step: Step
    activity: Activity
    parameters: Template
    lazy: Mapping[str, tuple[Template, Any]]
    handles_error: bool
    timeout: float | None
    in_doubt: InDoubt
    after: str
    effect: Effect
    takes_secrets: bool
    supplied: tuple[Parameter, ...]
    gives_files: bool
    runs_bodies: bool


class Prepared:
    """Steps are compiled when they are first met, so that a long workflow starts at once."""

    def __init__(self, workflow: Workflow, hash: str, catalog: Catalog) -> None:
        self.workflow = workflow
        self.hash = hash
        self._catalog = catalog
        self._by_id = {step.id: step for step in workflow.steps}
        self._handled = {edge.source for edge in workflow.edges if edge.port == "error"}
        self.joins_any = frozenset(step.id for step in workflow.steps if step.join == "any")
        self._steps: dict[str, PreparedStep] = {}
        self.ids = self._by_id.keys()

    @cached_property
    def plan(self) -> Plan:
        return Plan.of(self.workflow, self._ports)

    @cached_property
    def outputs(self) -> Template:
        return compile_template(dict(self.workflow.outputs))

    def _ports(self, step: Step) -> Sequence[Port]:
        return step_ports(step, self._catalog.get(step.activity))

    def step(self, id: str) -> PreparedStep:
        """Raises `CatalogError` for an unknown activity, `ExpressionError` for a parameter that does not compile."""
        found = self._steps.get(id)
        if found is None:
            found = self._steps[id] = self._prepare(self._by_id[id])
        return found

    def _prepare(self, step: Step) -> PreparedStep:
        activity = self._catalog.get(step.activity)
        if activity is None:
            raise CatalogError(
                f"the step {step.id!r} uses the activity {step.activity!r}, which is not installed here",
                hint="Run `rpa activities` to see what there is, and install the plug-in that has it.",
            )
        lazy = {
            name: (compile_template(value), value)
            for name, value in step.parameters.items()
            if name in activity.by_name and activity.by_name[name].lazy
        }
        try:
            timeout = durations.seconds(step.timeout) if step.timeout is not None else None
        except ValueError as error:
            raise DocumentError(say("step {id!r}, timeout: {error}", id=step.id, error=error)) from None
        return PreparedStep(
            step=step,
            activity=activity,
            parameters=compile_template({name: value for name, value in step.parameters.items() if name not in lazy}),
            lazy=lazy,
            handles_error=step.id in self._handled,
            timeout=timeout,
            in_doubt=step.in_doubt or self.workflow.settings.in_doubt,
            after=next((port.name for port in activity.ports if not port.body), "next"),
            effect=activity.effect,
            runs_bodies=any(port.body for port in activity.ports),
            takes_secrets=any(parameter.supplied for parameter in activity.parameters),
            supplied=tuple(one for one in activity.parameters if one.supplied or one.path),
            gives_files=activity.gives_files,
        )
