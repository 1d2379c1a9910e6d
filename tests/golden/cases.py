"""The workflows whose journals are stored, one for each construct. A stored journal outlives changes made here."""

from __future__ import annotations

from typing import NamedTuple


class Case(NamedTuple):
    """A workflow, and how its journal ends: cut off `half`-way as by a crash, `whole`, or cut and then left `in_doubt`
    or `forked`. Whole journals are of executions that wait or have ended."""

    steps: str
    edges: str
    outputs: str
    ends: str = "half"
    head: str = ""


PART = """\
rpa: 1
inputs: {ledger: {type: file}}
variables: {seen: none}
outputs: {seen: "{{ vars.seen }}"}
steps:
  - {id: note, activity: ledger.once, with: {ledger: "{{ inputs.ledger }}", value: part}}
  - {id: keep, activity: control.set, with: {values: {seen: "{{ steps.note.output }}"}}}
  - {id: tell, activity: ledger.once, with: {ledger: "{{ inputs.ledger }}", value: "{{ vars.seen }}"}}
edges: [note.next -> keep, keep.next -> tell]
"""


def once(id: str, value: str, more: str = "") -> str:
    return f'  - {{id: {id}, activity: ledger.once, with: {{ledger: "{{{{ inputs.ledger }}}}", value: "{value}"}}{more}}}\n'


A, B, C = once("a", "A"), once("b", "{{ default(steps.a.output, '') }}B"), once("c", "C")

CASES = {
    "sequence": Case(A + B + C, "a.next -> b, b.next -> c", "{b: '{{ steps.b.output }}'}"),
    "ended": Case(A + B, "a.next -> b", "{b: '{{ steps.b.output }}'}", "whole"),
    "in-doubt": Case(A + B + C, "a.next -> b, b.next -> c", "{b: '{{ steps.b.output }}'}", "in_doubt"),
    "waiting": Case(
        A + "  - {id: nap, activity: control.delay, with: {length: 2h}}\n" + B,
        "a.next -> nap, nap.next -> b",
        "{b: '{{ steps.b.output }}'}",
        "whole",
    ),
    "forked": Case(A + B + C, "a.next -> b, b.next -> c", "{b: '{{ steps.b.output }}'}", "forked"),
    "condition": Case(
        "  - {id: check, activity: control.condition, with: {condition: true}}\n" + A + B + C,
        "check.true -> a, check.false -> b, a.next -> c, b.next -> c",
        "{b: '{{ steps.b.status }}'}",
    ),
    "switch": Case(
        "  - {id: way, activity: control.switch, with: {value: 2, cases: [{port: x, equals: 1}, {port: y, equals: 2}]}}\n"
        + A
        + B
        + C,
        "way.x -> a, way.y -> b, way.default -> c",
        "{a: '{{ steps.a.status }}', b: '{{ steps.b.output }}', c: '{{ steps.c.status }}'}",
    ),
    "join-any": Case(A + B + once("c", "C", ", join: any"), "a.next -> c, b.next -> c", "{c: '{{ steps.c.output }}'}"),
    "foreach": Case(
        "  - {id: each, activity: control.foreach, with: {items: [1, 2, 3]}}\n" + once("a", "A{{ item }}"),
        "each.body -> a",
        "{all: '{{ steps.each.output.results }}'}",
    ),
    "foreach-side-by-side": Case(
        "  - {id: each, activity: control.foreach, with: {items: [1, 2, 3], concurrency: 2}}\n"
        + once("a", "A{{ item }}")
        + once("b", "{{ steps.a.output }}B"),
        "each.body -> a, a.next -> b",
        "{all: '{{ steps.each.output.results }}'}",
    ),
    "nested": Case(
        "  - {id: each, activity: control.foreach, with: {items: 2}}\n"
        "  - {id: inner, activity: control.foreach, with: {items: 2}}\n" + once("a", "A{{ item }}"),
        "each.body -> inner, inner.body -> a",
        "{all: '{{ [one.results for one in steps.each.output.results] }}'}",
    ),
    "failed-items": Case(
        "  - {id: each, activity: control.foreach, with: {items: [1, 2], on_item_error: continue}}\n"
        + once("a", "A{{ item }}")
        + "  - {id: bad, activity: ledger.fail}\n",
        "each.body -> a, a.next -> bad",
        "{bad: '{{ [one.item for one in steps.each.output.errors] }}'}",
    ),
    "while": Case(
        "  - {id: loop, activity: control.while, with: {condition: '{{ vars.n < 3 }}'}}\n"
        + once("a", "A{{ vars.n }}")
        + "  - {id: add, activity: control.set, with: {values: {n: '{{ vars.n + 1 }}'}}}\n",
        "loop.body -> a, a.next -> add",
        "{n: '{{ vars.n }}', rounds: '{{ steps.loop.output.count }}'}",
        head="variables: {n: 0}\n",
    ),
    "while-after": Case(
        "  - {id: loop, activity: control.while, with: {condition: '{{ index < 2 }}', check: after}}\n"
        + once("a", "A{{ index }}"),
        "loop.body -> a",
        "{all: '{{ steps.loop.output.results }}'}",
    ),
    "break": Case(
        "  - {id: each, activity: control.foreach, with: {items: [1, 2, 3]}}\n"
        + once("a", "A{{ item }}")
        + "  - {id: check, activity: control.condition, with: {condition: '{{ item == 2 }}'}}\n"
        "  - {id: out, activity: control.break}\n",
        "each.body -> a, a.next -> check, check.true -> out",
        "{count: '{{ steps.each.output.count }}'}",
    ),
    "continue": Case(
        "  - {id: each, activity: control.foreach, with: {items: [1, 2, 3]}}\n"
        "  - {id: check, activity: control.condition, with: {condition: '{{ item == 2 }}'}}\n"
        "  - {id: on, activity: control.continue}\n" + once("a", "A{{ item }}"),
        "each.body -> check, check.true -> on, check.false -> a",
        "{all: '{{ steps.each.output.results }}'}",
    ),
    "parallel": Case(
        "  - {id: both, activity: control.parallel}\n" + A + C,
        "both.body -> a, both.body -> c",
        "{both: '{{ steps.both.output.output }}'}",
    ),
    "try": Case(
        "  - {id: guard, activity: control.try}\n"
        + A
        + "  - {id: bad, activity: ledger.fail}\n"
        + once("b", "{{ error.message }}")
        + C,
        "guard.body -> a, a.next -> bad, guard.catch -> b, guard.finally -> c",
        "{went: '{{ steps.guard.output.output }}'}",
    ),
    "error-port": Case(
        "  - {id: bad, activity: ledger.fail}\n" + once("b", "{{ steps.bad.error.message }}") + C,
        "bad.error -> b, bad.next -> c, b.next -> c",
        "{b: '{{ steps.b.output }}'}",
    ),
    "continue-on-error": Case(
        "  - {id: bad, activity: ledger.fail, continue_on_error: true}\n" + once("b", "B") + C,
        "bad.next -> b, b.next -> c",
        "{b: '{{ steps.b.output }}'}",
    ),
    "retry": Case(
        "  - {id: bad, activity: ledger.fail, with: {times: 2}, retry: {attempts: 3, delay: 0s}}\n" + once("b", "B"),
        "bad.next -> b",
        "{tries: '{{ steps.bad.output }}'}",
    ),
    "error-handler": Case(
        "  - {id: bad, activity: ledger.fail}\n"
        + once("h", "{{ error.message }}")
        + "  - {id: end, activity: control.stop, with: {output: rescued}}\n",
        "h.next -> end",
        "{}",
        head="on_error: h\n",
    ),
    "stop": Case(A + "  - {id: end, activity: control.stop, with: {output: early}}\n", "a.next -> end", "{}", "whole"),
    "subworkflow": Case(
        "  - {id: sub, activity: control.subworkflow, with: {workflow: part.rpa.yaml, inputs: {ledger: '{{ inputs.ledger }}'}}}\n",
        "",
        "{seen: '{{ steps.sub.output.seen }}'}",
    ),
    "log": Case(
        A + "  - {id: say, activity: control.log, with: {message: '{{ steps.a.output }}'}}\n" + B,
        "a.next -> say, say.next -> b",
        "{b: '{{ steps.b.output }}'}",
    ),
    "disabled": Case(
        A + once("b", "B", ", disabled: true") + C, "a.next -> b, b.next -> c", "{b: '{{ steps.b.status }}'}"
    ),
}


def text(case: Case) -> str:
    """The workflow of a case, without the header."""
    edges = f"edges: [{case.edges}]\n" if case.edges else ""
    return f"inputs: {{ledger: {{type: file}}}}\n{case.head}outputs: {case.outputs}\nsteps:\n{case.steps}{edges}"
