"""The facade: the client protocol, the embedded engine, and what they speak of, re-exported.

The studio, the command line, the tray and the agent import nothing of the engine but this package and `engine.core`.
Names are loaded when they are first asked for, so that a command pays only for what it uses.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from engine.api.client import Changes, Client, Decision, Doubt, Outcome
    from engine.api.engine import Engine, EnvironmentSecrets, open_engine
    from engine.core.events import Entry
    from engine.runtime.bus import Progress, Subscription
    from engine.runtime.debugger import Breakpoint, Debugger, Held
    from engine.runtime.state import ExecutionState, StepState
    from engine.sdk.activity import Activity, Effect, Parameter, Port
    from engine.sdk.catalog import Catalog
    from engine.store.protocols import FINISHED, ExecutionRecord, Status
    from engine.workflow.codec import Document, dumps, load, loads, save
    from engine.workflow.diff import diff
    from engine.workflow.model import Workflow
    from engine.workflow.problem import Problem
    from engine.workflow.problems import check

_HOMES = {
    "engine.api.client": ("Changes", "Client", "Decision", "Doubt", "Outcome"),
    "engine.api.engine": ("Engine", "EnvironmentSecrets", "open_engine"),
    "engine.core.events": ("Entry",),
    "engine.runtime.bus": ("Progress", "Subscription"),
    "engine.runtime.debugger": ("Breakpoint", "Debugger", "Held"),
    "engine.runtime.state": ("ExecutionState", "StepState"),
    "engine.sdk.activity": ("Activity", "Effect", "Parameter", "Port"),
    "engine.sdk.catalog": ("Catalog",),
    "engine.store.protocols": ("FINISHED", "ExecutionRecord", "Status"),
    "engine.workflow.codec": ("Document", "dumps", "load", "loads", "save"),
    "engine.workflow.diff": ("diff",),
    "engine.workflow.model": ("Workflow",),
    "engine.workflow.problem": ("Problem",),
    "engine.workflow.problems": ("check",),
}
_HOME_OF = {name: module for module, names in _HOMES.items() for name in names}

__all__ = [  # noqa: PLE0604 - one declaration: the table above
    *_HOME_OF,
]


def __getattr__(name: str) -> Any:
    module = _HOME_OF.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(module), name)
    globals()[name] = value
    return value
