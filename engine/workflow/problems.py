"""Everything that is wrong with a document, in the order of the file.

::

    for problem in check(document, catalog):
        print(describe(problem, "orders.rpa.yaml"))     # orders.rpa.yaml:12:5: error: there is no step 'raed' (…)

Codes are stable. Errors keep a workflow from running: `duplicate-key`, `wrong-type`, `missing-key`, `bad-id`,
`duplicate-id`, `duplicate-name`, `bad-duration`, `out-of-range`, `duplicate-edge`, `unknown-step`,
`unknown-port`, `cycle`, `edge-leaves-body`, `handler-reached`, `outside-loop`, `unknown-activity`,
`unknown-parameter`, `missing-parameter`, `bad-parameter`, `bad-expression`, `unknown-name`, `unknown-input`.
Warnings do not: `unknown-key`, `bad-name`, `empty`, `plain-secret`, `not-evaluated`, `unknown-variable`,
`not-upstream`, `disabled-step`, `unknown-place`. A document that cannot be read at all is a `DocumentError` with
problems of the codes `syntax`, `encoding` or `structure`.
"""

from __future__ import annotations

from engine.core.errors import DocumentError
from engine.workflow.codec import Document
from engine.workflow.model import Workflow
from engine.workflow.problem import Problem, Severity, describe
from engine.workflow.rules import activities, document, expressions, flow
from engine.workflow.rules.report import Catalog, Report
from engine.workflow.shape import build, unbuild

__all__ = ["Catalog", "Problem", "Severity", "check", "describe"]


def check(subject: Document | Workflow, catalog: Catalog) -> list[Problem]:
    """Every problem of a document, or of a workflow that was not read from a file (then without lines)."""
    if isinstance(subject, Workflow):
        report = Report(Document(subject), catalog)
        try:
            _, flaws = build(unbuild(subject))
        except DocumentError as error:
            return [Problem("error", "structure", error.message, hint=error.hint)]
        for flaw in flaws:
            report.add("error", flaw.code, flaw.path, flaw.message, hint=flaw.hint)
    else:
        report = Report(subject, catalog)
    document.check(report)
    flow.check(report)
    activities.check(report)
    expressions.check(report)
    found = report.problems()
    if isinstance(subject, Document):
        found = sorted([*subject.problems, *found], key=lambda problem: (problem.line, problem.column))
    return found
