"""Expressions: names that nothing has, steps that have not run, and what does not parse."""

from __future__ import annotations

import keyword
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from engine.api import Catalog, Edge, Input, Plan, Problem, Workflow, compile_template
from engine.core.errors import ExpressionError
from studio.base.i18n import tr
from studio.designer.edits import disable, main_outlet, ports_of
from studio.designer.fixes.fix import Fix, fix, near, step_at, with_step
from studio.designer.rules import why_not

_NAMES = ("inputs", "steps", "vars", "item", "index", "trigger", "execution", "error")
_QUOTED = r"""|'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*\""""
_BROKEN = re.compile(r"\{\{.*?(?:\}\}|$)", re.DOTALL)
_REPAIRS: tuple[tuple[str, str], ...] = (
    ("[“”„]", '"'),
    ("[‘’‚]", "'"),
    (r"&&", " and "),
    (r"\|\|", " or "),
    (r"!(?!=)", " not "),
    (r"(?<![=!<>:])=(?!=)", "=="),
    (r"\$\{?([A-Za-z_][\w.]*)\}?", r"\1"),
)


def unknown_step(problem: Problem, workflow: Workflow, catalog: Catalog) -> list[Fix]:
    name = _name(problem)
    return [_instead(problem, f"steps.{id}") for id in near(name, [step.id for step in workflow.steps])]


def unknown_name(problem: Problem, workflow: Workflow, catalog: Catalog) -> list[Fix]:
    word = str(problem.fix.get("word", ""))
    reads = {
        **{step.id: f"{_access('steps', step.id)}.output" for step in workflow.steps},
        **{name: _access("vars", name) for name in workflow.variables},
        **{item.name: _access("inputs", item.name) for item in workflow.inputs},
        **{name: name for name in _NAMES},
    }
    return [_instead(problem, reads[name]) for name in near(word, reads)]


def unknown_input(problem: Problem, workflow: Workflow, catalog: Catalog) -> list[Fix]:
    name = _name(problem)
    fixes = [_instead(problem, _access("inputs", other)) for other in near(name, [i.name for i in workflow.inputs])]

    def declare(workflow: Workflow) -> Workflow:
        return replace(workflow, inputs=(*workflow.inputs, Input(name)))

    return [*fixes, fix(tr("Add an input “{name}”", name=name), declare)]


def unknown_variable(problem: Problem, workflow: Workflow, catalog: Catalog) -> list[Fix]:
    name = _name(problem)
    fixes = [_instead(problem, _access("vars", other)) for other in near(name, workflow.variables)]

    def declare(workflow: Workflow) -> Workflow:
        return replace(workflow, variables={**workflow.variables, name: None})

    return [*fixes, fix(tr("Add a variable “{name}”", name=name), declare)]


def disabled_step(problem: Problem, workflow: Workflow, catalog: Catalog) -> list[Fix]:
    id = _name(problem)
    return [fix(tr("Enable “{step}”", step=id), lambda workflow: disable(workflow, [id], False))]


def not_upstream(problem: Problem, workflow: Workflow, catalog: Catalog) -> list[Fix]:
    target = next((step for step in workflow.steps if step.id == _name(problem)), None)
    if target is None or target.id == problem.step:
        return []
    plan = Plan.of(workflow, ports_of(catalog))
    around = [container for container, _ in plan.enclosing(problem.step)] if problem.step else []
    outside = [container for container, _ in plan.enclosing(target.id) if container and container not in around]
    if outside:
        whole = f"{_access('steps', outside[-1])}.output"
        pattern = rf"{_pattern('steps.' + target.id)}(?:\s*\.\s*\w+|\s*\[[^\]]*\])*"
        return [fix(tr("Read {words} instead", words=whole), _rewritten(problem, pattern, whole))]
    port = main_outlet(target, catalog)
    behind = next((c for c in reversed(around) if c and plan.inside(c) == plan.inside(target.id)), problem.step)
    if not port or not problem.step or why_not(workflow, plan, catalog, target.id, port, behind):
        return []
    edge = Edge(target.id, port, behind)
    text = tr("Run “{source}” before “{target}”", source=target.id, target=behind)
    return [fix(text, lambda workflow: replace(workflow, edges=(*workflow.edges, edge)))]


def bad_expression(problem: Problem, workflow: Workflow, catalog: Catalog) -> list[Fix]:
    try:
        value = _value(workflow, problem)
    except LookupError:
        return []
    repaired = _repaired(value, _mended)
    fixes = []
    if repaired != value:
        text = next((new for old, new in zip(_texts(value), _texts(repaired), strict=True) if old != new), "")
        fixes.append(fix(tr("Write {words}", words=_shortened(text)), _placed(problem, repaired)))
    plain = _repaired(value, lambda text: text.replace("{{", "{{ '{{' }}"))
    return [*fixes, fix(tr("Take it as plain text"), _placed(problem, plain))] if plain != value else fixes


# ----------------------------------------------------------------------------------------------- words and places


def _name(problem: Problem) -> str:
    """What stands behind the dot of the word that the problem is about."""
    return str(problem.fix.get("word", "")).partition(".")[2]


def _access(top: str, name: str) -> str:
    simple = name.isidentifier() and not keyword.iskeyword(name) and not name.startswith("_")
    return f"{top}.{name}" if simple else f"{top}[{name!r}]"


def _pattern(word: str) -> str:
    """A pattern for the places where an expression reads `word`: `top.name`, `top['name']` or a name alone."""
    top, dot, name = word.partition(".")
    if not dot:
        return rf"(?<![\w.]){re.escape(top)}(?!\w)"
    name = re.escape(name)
    return rf"""(?<![\w.]){re.escape(top)}(?:\s*\.\s*{name}(?!\w)|\s*\[\s*(?:'{name}'|"{name}")\s*\])"""


def _instead(problem: Problem, text: str) -> Fix:
    word = str(problem.fix.get("word", ""))
    return fix(tr("Read {words} instead", words=text), _rewritten(problem, _pattern(word), text))


def _rewritten(problem: Problem, pattern: str, text: str) -> Callable[[Workflow], Workflow]:
    """The change that writes `text` for what `pattern` finds in the expressions of one value, outside quotes."""
    found = re.compile(rf"(?P<word>{pattern}){_QUOTED}", re.DOTALL)

    def change(value: str) -> str:
        try:
            parts = compile_template(value).expressions
        except ExpressionError:
            return value
        for _, expression in parts:
            new = found.sub(lambda match: text if match["word"] else match[0], expression.source)
            value = value.replace("{{" + expression.source + "}}", "{{" + new + "}}")
        return value

    def rewrite(workflow: Workflow) -> Workflow:
        try:
            value = _value(workflow, problem)
        except LookupError:  # it was deleted meanwhile
            return workflow
        return _placed(problem, _texts_changed(value, change))(workflow)

    return rewrite


def _texts_changed(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return change(value) if "{{" in value else value
    if isinstance(value, dict):
        return {key: _texts_changed(item, change) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_texts_changed(item, change) for item in value]
    return value


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _texts(item)


def _value(workflow: Workflow, problem: Problem) -> Any:
    """The whole parameter or output that the problem's place is in. Raises `LookupError`."""
    rank = step_at(workflow, problem)
    if rank is not None and len(problem.place) > 3 and problem.place[2] == "with":
        return workflow.steps[rank].parameters[str(problem.place[3])]
    if len(problem.place) > 1 and problem.place[0] == "outputs":
        return workflow.outputs[str(problem.place[1])]
    raise KeyError(problem.place)


def _placed(problem: Problem, value: Any) -> Callable[[Workflow], Workflow]:
    def change(workflow: Workflow) -> Workflow:
        rank = step_at(workflow, problem)
        if rank is None:
            return replace(workflow, outputs={**workflow.outputs, str(problem.place[1]): value})
        step = workflow.steps[rank]
        return with_step(workflow, rank, replace(step, parameters={**step.parameters, str(problem.place[3]): value}))

    return change


# ------------------------------------------------------------------------------------------- what does not parse


def _parses(text: str) -> bool:
    try:
        compile_template(text)
    except ExpressionError:
        return False
    return True


def _repaired(value: Any, repair: Callable[[str], str]) -> Any:
    """The value with every text that does not parse sent through `repair`, where that helps."""

    def change(text: str) -> str:
        if _parses(text):
            return text
        new = repair(text)
        return new if _parses(new) else text

    return _texts_changed(value, change)


def _mended(text: str) -> str:
    """The text with what people carry over from other languages written as it is here, and what is open closed."""
    candidates = [text]
    if text.count("{{") > text.count("}}"):
        candidates.append(f"{text.rstrip().rstrip('}')} }}}}")
    for candidate in list(candidates):
        spelled = _BROKEN.sub(lambda match: _spelled(match[0]), candidate)
        candidates += [spelled, _BROKEN.sub(lambda match: _closed(match[0]), spelled)]
    return next((candidate for candidate in candidates if _parses(candidate)), text)


def _spelled(text: str) -> str:
    for pattern, new in _REPAIRS:
        text = re.sub(pattern, new, text)
    return re.sub(r" {2,}", " ", text)


def _closed(text: str) -> str:
    """An expression in braces with its missing brackets added at the end."""
    inner = text.removeprefix("{{").removesuffix("}}")
    waiting: list[str] = []
    for letter in re.sub(_QUOTED.removeprefix("|"), "", inner):
        if letter in "([{":
            waiting.append({"(": ")", "[": "]", "{": "}"}[letter])
        elif waiting and letter == waiting[-1]:
            waiting.pop()
    return f"{{{{ {inner.strip()}{''.join(reversed(waiting))} }}}}"


def _shortened(text: str) -> str:
    return text if len(text) <= 48 else f"{text[:47]}…"
