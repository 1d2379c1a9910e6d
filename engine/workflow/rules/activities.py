"""Steps against what their activities declare: known activities, known and present parameters, fitting constants."""

from __future__ import annotations

from typing import Any

from engine.core.sentences import declared, say
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
            message = say("there is no activity {activity!r}", activity=step.activity)
            report.add("error", "unknown-activity", (*path, "activity"), message, hint=unknown[step.activity])
        elif not report.document.text:  # where there is a text, reading it has told already
            message = say("the step {id!r} names no activity", id=step.id)
            report.add("error", "missing-key", (*path, "activity"), message, hint=say("choose what it does"))


def _explanation(report: Report, activity: str) -> str:
    family = activity.partition(".")[0]
    if family in report.catalog.errors:
        return say(
            "its plug-in {family!r} could not be loaded: {reason}", family=family, reason=report.catalog.errors[family]
        )
    return suggestion(activity, report.catalog.ids()) or say(
        "install the plug-in that has it, or choose another activity"
    )


def _names(activity: Activity) -> str:
    if not activity.by_name:
        return say("it has no parameters")
    return say("it has {names}", names=", ".join(activity.by_name))


def _parameters(report: Report, path: KeyPath, step: Step, activity: Activity) -> None:
    for name in step.parameters:
        if name not in activity.by_name:
            hint = suggestion(name, activity.by_name) or _names(activity)
            message = say("{id} has no parameter {name!r}", id=activity.id, name=name)
            report.add("error", "unknown-parameter", (*path, "with", name), message, hint=hint)
    for parameter in activity.parameters:
        if parameter.required and parameter.name not in step.parameters:
            label = declared(parameter.hints.label)
            message = say("the step {id!r} lacks the parameter {name!r}", id=step.id, name=parameter.name)
            if label:
                message = say("{problem} ({label})", problem=message, label=label)
            hint = declared(parameter.hints.help) or say("fill it in")
            report.add("error", "missing-parameter", (*path, "with"), message, hint=hint)
        elif parameter.secret and not parameter.credential and isinstance(step.parameters.get(parameter.name), str):
            _secret(report, (*path, "with", parameter.name), step.parameters[parameter.name])
    constants = {name: value for name, value in step.parameters.items() if not has_expression(value)}
    for name, reason in activity.check(constants).items():
        message = say("the parameter {name!r} of {id!r} does not fit: {reason}", name=name, id=step.id, reason=reason)
        report.add("error", "bad-parameter", (*path, "with", name), message)


def _secret(report: Report, path: KeyPath, value: str) -> None:
    if value and "{{" not in value:
        message = say(
            "the parameter {name!r} holds a secret as plain text, which anyone with the file can read", name=path[-1]
        )
        hint = say("put it in the vault and write {{{{ secret('name') }}}}")
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
