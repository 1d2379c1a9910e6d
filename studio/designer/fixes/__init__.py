"""What can be done about a problem: one module a concern, each with functions from a problem to its fixes.

::

    for fix in fixes_of(problem, document.workflow, catalog):
        document.edit_document(fix.text, fix.apply)         # one undo command, and the problem is gone

Nothing here knows Qt. May import `engine.api`, `engine.core`, `studio.base.i18n`, `studio.designer.edits` and
`studio.designer.rules`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from engine.api import Catalog, Problem, Workflow
from studio.designer.fixes import activities, data, declarations, expressions, flow
from studio.designer.fixes.fix import Fix

__all__ = ["Fix", "fixes_of"]

Fixer = Callable[[Problem, Workflow, Catalog], list[Fix]]

_FIXERS: Mapping[str, Fixer] = {
    "wrong-type": data.wrong_type,
    "unknown-key": data.unknown_key,
    "missing-key": activities.missing_key,
    "bad-duration": data.bad_duration,
    "out-of-range": data.out_of_range,
    "bad-id": activities.bad_id,
    "duplicate-id": activities.duplicate_id,
    "unknown-activity": activities.unknown_activity,
    "unknown-parameter": activities.unknown_parameter,
    "missing-parameter": activities.missing_parameter,
    "bad-parameter": activities.bad_parameter,
    "plain-secret": activities.plain_secret,
    "duplicate-edge": flow.duplicate_edge,
    "unknown-port": flow.unknown_port,
    "cycle": flow.cycle,
    "edge-leaves-body": flow.leaves_body,
    "handler-reached": flow.handler_reached,
    "outside-loop": flow.outside_loop,
    "duplicate-name": declarations.duplicate_name,
    "bad-name": declarations.bad_name,
    "unknown-place": declarations.unknown_place,
    "not-evaluated": declarations.not_evaluated,
    "bad-expression": expressions.bad_expression,
    "unknown-name": expressions.unknown_name,
    "unknown-input": expressions.unknown_input,
    "unknown-variable": expressions.unknown_variable,
    "disabled-step": expressions.disabled_step,
    "not-upstream": expressions.not_upstream,
}


def fixes_of(problem: Problem, workflow: Workflow, catalog: Catalog) -> list[Fix]:
    """The fixes of `problem`, the likeliest first; none where only a person can tell, or it is already gone."""
    if problem.code == "unknown-step":
        found = expressions.unknown_step if "word" in problem.fix else flow.unknown_step
        return found(problem, workflow, catalog)
    fixer = _FIXERS.get(problem.code)
    return fixer(problem, workflow, catalog) if fixer is not None else []
