"""Steps against what their activities declare: known activities, known and present parameters, fitting constants."""

from __future__ import annotations

from typing import Any

from engine.sdk.activity import Activity
from engine.workflow.comments import KeyPath
from engine.workflow.model import Step
from engine.workflow.rules.report import Report
from engine.workflow.shape import suggestion


def check(report: Report) -> None:
    unknown: dict[str, str] = {}
    for path, step in report.steps:
        activity = report.activity(step)
        if activity is not None:
            _parameters(report, path, step, activity)
        elif step.activity:
            if step.activity not in unknown:
                unknown[step.activity] = _explanation(report, step.activity)
            message = f"there is no activity {step.activity!r}"
            report.add("error", "unknown-activity", (*path, "activity"), message, hint=unknown[step.activity])
        elif not report.document.text:  # where there is a text, reading it has told already
            message = f"the step {step.id!r} names no activity"
            report.add("error", "missing-key", (*path, "activity"), message, hint="choose what it does")


def _explanation(report: Report, activity: str) -> str:
    family = activity.partition(".")[0]
    if family in report.catalog.errors:
        return f"its plug-in {family!r} could not be loaded: {report.catalog.errors[family]}"
    return suggestion(activity, report.catalog.ids()) or "install the plug-in that has it, or choose another activity"


def _parameters(report: Report, path: KeyPath, step: Step, activity: Activity) -> None:
    for name in step.parameters:
        if name not in activity.by_name:
            hint = suggestion(name, activity.by_name) or f"it has {', '.join(activity.by_name) or 'no parameters'}"
            message = f"{activity.id} has no parameter {name!r}"
            report.add("error", "unknown-parameter", (*path, "with", name), message, hint=hint)
    for parameter in activity.parameters:
        if parameter.required and parameter.name not in step.parameters:
            label = f" ({parameter.hints.label})" if parameter.hints.label else ""
            message = f"the step {step.id!r} lacks the parameter {parameter.name!r}{label}"
            hint = parameter.hints.help or f"{activity.id} needs it"
            report.add("error", "missing-parameter", (*path, "with"), message, hint=hint)
        elif parameter.secret and isinstance(step.parameters.get(parameter.name), str):
            _secret(report, (*path, "with", parameter.name), step.parameters[parameter.name])
    constants = {name: value for name, value in step.parameters.items() if not has_expression(value)}
    for name, reason in activity.check(constants).items():
        message = f"the parameter {name!r} of {step.id!r} does not fit: {reason}"
        report.add("error", "bad-parameter", (*path, "with", name), message)


def _secret(report: Report, path: KeyPath, value: str) -> None:
    if value and "{{" not in value:
        message = f"the parameter {path[-1]!r} holds a secret as plain text, which anyone with the file can read"
        hint = "put it in the vault and write {{ secret('name') }}"
        report.add("warning", "plain-secret", path, message, hint=hint)


def has_expression(value: Any) -> bool:
    """Whether an expression stands anywhere in a parameter value."""
    if isinstance(value, str):
        return "{{" in value
    if isinstance(value, dict):
        return any(has_expression(item) for item in value.values())
    if isinstance(value, (list, tuple)):
        return any(has_expression(item) for item in value)
    return False
