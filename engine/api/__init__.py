"""The facade: the client protocol, the embedded engine, and what they speak of, re-exported.

The studio, the command line, the tray and the agent import nothing of the engine but this package and `engine.core`.
Names are loaded when they are first asked for, so that a command pays only for what it uses.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from engine.api.client import Changes as Changes
    from engine.api.client import Client as Client
    from engine.api.client import Decision as Decision
    from engine.api.client import Doubt as Doubt
    from engine.api.client import Outcome as Outcome
    from engine.api.credentials import CredentialDetails as CredentialDetails
    from engine.api.credentials import CredentialInfo as CredentialInfo
    from engine.api.credentials import Credentials as Credentials
    from engine.api.credentials import VaultStatus as VaultStatus
    from engine.api.credentials import absent_credentials as absent_credentials
    from engine.api.credentials import named_credentials as named_credentials
    from engine.api.credentials import open_credentials as open_credentials
    from engine.api.engine import Engine as Engine
    from engine.api.engine import open_engine as open_engine
    from engine.api.integrations import open_integrations as open_integrations
    from engine.core.events import Entry as Entry
    from engine.integrations.book import IntegrationEntry as IntegrationEntry
    from engine.integrations.diagnosis import Stage as Stage
    from engine.integrations.health import IntegrationAlert as IntegrationAlert
    from engine.integrations.history import HealthChange as HealthChange
    from engine.integrations.history import HealthCheck as HealthCheck
    from engine.integrations.kinds import INTEGRATION_KINDS as INTEGRATION_KINDS
    from engine.integrations.kinds import integration_schema as integration_schema
    from engine.integrations.registry import IntegrationRegistry as IntegrationRegistry
    from engine.integrations.registry import IntegrationSummary as IntegrationSummary
    from engine.runtime.bus import Progress as Progress
    from engine.runtime.bus import Subscription as Subscription
    from engine.runtime.debugger import Breakpoint as Breakpoint
    from engine.runtime.debugger import Debugger as Debugger
    from engine.runtime.debugger import Held as Held
    from engine.runtime.inputs import check_inputs as check_inputs
    from engine.runtime.scope import AbsentStep as AbsentStep
    from engine.runtime.scope import SkippedStep as SkippedStep
    from engine.runtime.state import ExecutionState as ExecutionState
    from engine.runtime.state import StepState as StepState
    from engine.sdk.activity import Activity as Activity
    from engine.sdk.activity import Effect as Effect
    from engine.sdk.activity import Port as Port
    from engine.sdk.catalog import Catalog as Catalog
    from engine.sdk.durations import Duration as Duration
    from engine.sdk.params import Parameter as Parameter
    from engine.sdk.schema import describe as describe
    from engine.store.protocols import FINISHED as FINISHED
    from engine.store.protocols import ExecutionRecord as ExecutionRecord
    from engine.store.protocols import Status as Status
    from engine.vault.audit import AuditEntry as AuditEntry
    from engine.vault.audit import Finding as Finding
    from engine.vault.keys import ORIGINS as ORIGINS
    from engine.vault.keys import Ask as Ask
    from engine.vault.keys import Question as Question
    from engine.vault.repair import RepairPlan as RepairPlan
    from engine.vault.transfer import CONFLICTS as CONFLICTS
    from engine.vault.transfer import Imported as Imported
    from engine.workflow.codec import Document as Document
    from engine.workflow.codec import dumps as dumps
    from engine.workflow.codec import load as load
    from engine.workflow.codec import loads as loads
    from engine.workflow.codec import save as save
    from engine.workflow.codec import save_text as save_text
    from engine.workflow.codec import text_hash as text_hash
    from engine.workflow.comments import Comments as Comments
    from engine.workflow.diff import ABSENT as ABSENT
    from engine.workflow.diff import Change as Change
    from engine.workflow.diff import Difference as Difference
    from engine.workflow.diff import compare as compare
    from engine.workflow.diff import render as render
    from engine.workflow.emitter import emit as emit
    from engine.workflow.expressions import FUNCTIONS as FUNCTIONS
    from engine.workflow.expressions import Function as Function
    from engine.workflow.expressions import Lookup as Lookup
    from engine.workflow.expressions import compile_expression as compile_expression
    from engine.workflow.expressions import compile_template as compile_template
    from engine.workflow.graph import ERROR as ERROR
    from engine.workflow.graph import HANDLER as HANDLER
    from engine.workflow.graph import MAIN as MAIN
    from engine.workflow.graph import Plan as Plan
    from engine.workflow.graph import RegionKey as RegionKey
    from engine.workflow.graph import step_ports as step_ports
    from engine.workflow.model import SUFFIX as SUFFIX
    from engine.workflow.model import Edge as Edge
    from engine.workflow.model import Frame as Frame
    from engine.workflow.model import Input as Input
    from engine.workflow.model import Layout as Layout
    from engine.workflow.model import Note as Note
    from engine.workflow.model import Place as Place
    from engine.workflow.model import Retry as Retry
    from engine.workflow.model import Settings as Settings
    from engine.workflow.model import Step as Step
    from engine.workflow.model import Workflow as Workflow
    from engine.workflow.problem import Problem as Problem
    from engine.workflow.problems import check as check
    from engine.workflow.rename import rename_input as rename_input
    from engine.workflow.rename import rename_step as rename_step
    from engine.workflow.rename import rename_steps as rename_steps
    from engine.workflow.rename import rename_variable as rename_variable
    from engine.workflow.rules.flow import LOOPS as LOOPS
    from engine.workflow.shape import build as build
    from engine.workflow.shape import read_edge as read_edge
    from engine.workflow.shape import unbuild as unbuild
    from engine.workflow.syntax import LARGEST as LARGEST
    from engine.workflow.syntax import parse as parse

_HOMES = {
    "engine.api.client": ("Changes", "Client", "Decision", "Doubt", "Outcome"),
    "engine.api.credentials": (
        "CredentialDetails",
        "CredentialInfo",
        "Credentials",
        "VaultStatus",
        "absent_credentials",
        "named_credentials",
        "open_credentials",
    ),
    "engine.api.engine": ("Engine", "open_engine"),
    "engine.api.integrations": ("open_integrations",),
    "engine.core.events": ("Entry",),
    "engine.integrations.book": ("IntegrationEntry",),
    "engine.integrations.diagnosis": ("Stage",),
    "engine.integrations.health": ("IntegrationAlert",),
    "engine.integrations.history": ("HealthChange", "HealthCheck"),
    "engine.integrations.kinds": ("INTEGRATION_KINDS", "integration_schema"),
    "engine.integrations.registry": ("IntegrationRegistry", "IntegrationSummary"),
    "engine.runtime.bus": ("Progress", "Subscription"),
    "engine.runtime.debugger": ("Breakpoint", "Debugger", "Held"),
    "engine.runtime.inputs": ("check_inputs",),
    "engine.runtime.scope": ("AbsentStep", "SkippedStep"),
    "engine.runtime.state": ("ExecutionState", "StepState"),
    "engine.sdk.activity": ("Activity", "Effect", "Port"),
    "engine.sdk.catalog": ("Catalog",),
    "engine.sdk.durations": ("Duration",),
    "engine.sdk.params": ("Parameter",),
    "engine.sdk.schema": ("describe",),
    "engine.store.protocols": ("FINISHED", "ExecutionRecord", "Status"),
    "engine.vault.audit": ("AuditEntry", "Finding"),
    "engine.vault.keys": ("ORIGINS", "Ask", "Question"),
    "engine.vault.repair": ("RepairPlan",),
    "engine.vault.transfer": ("CONFLICTS", "Imported"),
    "engine.workflow.codec": ("Document", "dumps", "load", "loads", "save", "save_text", "text_hash"),
    "engine.workflow.comments": ("Comments",),
    "engine.workflow.diff": ("ABSENT", "Change", "Difference", "compare", "render"),
    "engine.workflow.emitter": ("emit",),
    "engine.workflow.expressions": ("FUNCTIONS", "Function", "Lookup", "compile_expression", "compile_template"),
    "engine.workflow.graph": ("ERROR", "HANDLER", "MAIN", "Plan", "RegionKey", "step_ports"),
    "engine.workflow.model": (
        "Edge",
        "Frame",
        "Input",
        "Layout",
        "Note",
        "Place",
        "Retry",
        "SUFFIX",
        "Settings",
        "Step",
        "Workflow",
    ),
    "engine.workflow.problem": ("Problem",),
    "engine.workflow.problems": ("check",),
    "engine.workflow.rules.flow": ("LOOPS",),
    "engine.workflow.shape": ("build", "read_edge", "unbuild"),
    "engine.workflow.syntax": ("LARGEST", "parse"),
    "engine.workflow.rename": ("rename_input", "rename_step", "rename_steps", "rename_variable"),
}
_HOME_OF = {name: module for module, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    module = _HOME_OF.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(module), name)
    globals()[name] = value
    return value
