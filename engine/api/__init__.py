"""The facade: the client protocol, the embedded engine, and what a studio, a command line or an agent needs besides.

Imports the rooms of the engine below it, each only when a name of it is used: importing `engine.api` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from engine.api.client import Changes as Changes
    from engine.api.client import Client as Client
    from engine.api.client import Decision as Decision
    from engine.api.client import Doubt as Doubt
    from engine.api.client import Outcome as Outcome
    from engine.api.engine import open_engine as open_engine
    from engine.core.events import Entry as Entry
    from engine.runtime.bus import Progress as Progress
    from engine.runtime.state import ExecutionState as ExecutionState
    from engine.runtime.state import StepState as StepState
    from engine.sdk.activity import Activity as Activity
    from engine.sdk.activity import Parameter as Parameter
    from engine.sdk.catalog import Catalog as Catalog
    from engine.store.protocols import ExecutionRecord as ExecutionRecord
    from engine.workflow.codec import Document as Document
    from engine.workflow.codec import load as load
    from engine.workflow.diff import diff as diff
    from engine.workflow.model import Workflow as Workflow
    from engine.workflow.problem import Problem as Problem
    from engine.workflow.problems import check as check

_MODULES = {
    "engine.api.client": ("Changes", "Client", "Decision", "Doubt", "Outcome"),
    "engine.api.engine": ("open_engine",),
    "engine.core.events": ("Entry",),
    "engine.runtime.bus": ("Progress",),
    "engine.runtime.state": ("ExecutionState", "StepState"),
    "engine.sdk.activity": ("Activity", "Parameter"),
    "engine.sdk.catalog": ("Catalog",),
    "engine.store.protocols": ("ExecutionRecord",),
    "engine.workflow.codec": ("Document", "load"),
    "engine.workflow.diff": ("diff",),
    "engine.workflow.model": ("Workflow",),
    "engine.workflow.problem": ("Problem",),
    "engine.workflow.problems": ("check",),
}
_PLACE = {name: module for module, names in _MODULES.items() for name in names}


def __getattr__(name: str) -> Any:
    module = _PLACE.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(module), name)
