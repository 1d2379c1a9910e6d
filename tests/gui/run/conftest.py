"""The fixtures of the bridge, and following an execution with a `RunModel`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from engine.api import Entry, Plan, Progress, Workflow, step_ports
from studio.bridge import Bridge
from studio.designer.run.model import RunModel
from tests.gui.bridge.conftest import bridge as bridge
from tests.gui.bridge.conftest import settings as settings
from tests.gui.bridge.stories import until


def plan_of(workflow: Workflow, bridge: Bridge) -> Plan:
    return Plan.of(workflow, lambda step: step_ports(step, bridge.catalog.get(step.activity)))


@dataclass
class Follower:
    """Starts workflows and follows each with a model."""

    bridge: Bridge
    models: list[RunModel] = field(default_factory=list)

    async def start(self, workflow: Workflow, inputs: dict[str, Any] | None = None, **options: Any) -> RunModel:
        early: list[Entry | Progress] = []
        self.bridge.arrived.connect(early.extend)
        if self.bridge.state == "closed":
            self.bridge.start()
        id = await self.bridge.call(lambda client: client.start(workflow, inputs, **options))
        model = RunModel(id, workflow, plan_of(workflow, self.bridge))
        self.models.append(model)
        self.bridge.arrived.disconnect(early.extend)
        model.take(early)
        self.bridge.arrived.connect(model.take)
        return model

    async def rest(self, model: RunModel) -> None:
        """Wait until it has ended or waits, and everything has arrived."""
        id = model.execution
        await self.bridge.call(lambda client: client.wait(id))
        last = (await self.bridge.call(lambda client: client.record(id))).last_seq
        await until(lambda: model.fold.seq >= last)


@pytest.fixture
def follower(bridge: Bridge) -> Iterator[Follower]:
    made = Follower(bridge)
    yield made
    for model in made.models:
        model.close()


Awaited = Callable[..., Any]
