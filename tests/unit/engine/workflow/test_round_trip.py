"""Whatever is written is read back the same."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from engine.core.errors import DocumentError
from engine.workflow.codec import dumps, loads
from engine.workflow.model import Edge, Frame, Input, Layout, Note, Place, Retry, Settings, Step, Workflow

# Every character there is, lone surrogates and NUL too, and the shapes that YAML takes for something else.
TRICKY = [
    "",
    " ",
    "\n",
    "a\n",
    "a\n\n",
    "\n a",
    " a\nb",
    "a\n  \nb",
    "\ta\nb",
    "a: b",
    "a #b",
    "#a",
    "- a",
    "? a",
    "yes",
    "Null",
    "~",
    "12",
    "1e3",
    "0x1f",
    "1:30",
    "2026-11-23",
    "{{ a }}",
    "{a",
    "[",
    "'",
    '"',
    "\\n",
    "@a",
    "%a",
    "|",
    ">",
    "&a",
    "*a",
    "!a",
    "---",
    "...",
    "a:",
    ":",
    "=",
    "<<",
    ".inf",
    "-",
    "1_0",
    "007",
    "a\r\nb",
    "\x85",
    "\u2028",
    "\ufeff",
    "a\tb",
    "2h",
    "x" * 1100,
    "\ud800",
    "\0",
    "a\n# b\n",
]
texts = st.text(st.characters(), max_size=12) | st.sampled_from(TRICKY)
words = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True)
numbers = st.integers() | st.floats(allow_nan=False)
values = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)
data = st.dictionaries(texts, values, max_size=3)
extra = st.dictionaries(words.map("x_{}".format), values, max_size=2)
durations = st.sampled_from(["1s", "90m", "1h30m", "0.5s"])
in_doubt = st.sampled_from(["ask", "retry", "done", "fail"])
coordinates = st.floats(-1e6, 1e6).map(lambda value: round(value, 3))

retries: st.SearchStrategy[Any] = st.builds(
    Retry,
    attempts=st.integers(1, 9),
    delay=durations,
    backoff=st.sampled_from(["fixed", "linear", "exponential"]),
    max_delay=durations,
    jitter=st.floats(0, 1),
    on=st.lists(texts, max_size=2).map(tuple),
    extra=extra,
)
steps: st.SearchStrategy[Any] = st.builds(
    Step,
    id=words,
    activity=texts.filter(bool),
    parameters=data,
    label=texts,
    note=texts,
    disabled=st.booleans(),
    join=st.sampled_from(["all", "any"]),
    retry=st.none() | retries,
    timeout=st.none() | durations,
    continue_on_error=st.booleans(),
    in_doubt=st.none() | in_doubt,
    extra=extra,
)
inputs: st.SearchStrategy[Any] = st.builds(
    Input,
    name=texts,
    type=st.sampled_from(["text", "number", "any", "secret"]),
    label=texts,
    help=texts,
    required=st.booleans(),
    default=values,
    choices=st.lists(values, max_size=2).map(tuple),
    extra=extra,
)
ports = texts.map(str.strip).filter(bool)
edges = st.builds(Edge, source=words, port=ports, target=words)
places = st.builds(Place, x=coordinates, y=coordinates, extra=extra)
layouts = st.builds(
    Layout,
    steps=st.dictionaries(texts, places, max_size=3),
    notes=st.lists(st.builds(Note, id=texts, text=texts, x=coordinates, extra=extra), max_size=2).map(tuple),
    frames=st.lists(st.builds(Frame, id=texts, title=texts, color=texts, extra=extra), max_size=2).map(tuple),
    extra=extra,
)
workflows = st.builds(
    Workflow,
    name=texts,
    description=texts,
    inputs=st.lists(inputs, max_size=2, unique_by=lambda item: item.name).map(tuple),
    variables=data,
    outputs=data,
    settings=st.builds(
        Settings, in_doubt=in_doubt, timeout=st.none() | durations, max_parallel=st.integers(1, 999), extra=extra
    ),
    on_error=st.none() | texts,
    steps=st.lists(steps, max_size=3).map(tuple),
    edges=st.lists(edges, max_size=3).map(tuple),
    layout=layouts,
    extra=extra,
)


@given(workflows)
def test_a_workflow_is_read_back_as_it_was_written(workflow: Workflow) -> None:
    text = dumps(workflow)
    document = loads(text)
    assert document.problems == ()
    assert document.workflow == workflow
    assert dumps(document.workflow, document.comments) == text


def _types(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _types(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_types(item) for item in value]
    return type(value)


@given(data)
def test_values_keep_their_types_and_order(parameters: dict[str, Any]) -> None:
    found = loads(dumps(Workflow(steps=(Step("a", "x.y", parameters),)))).workflow.steps[0].parameters
    assert _types(found) == _types(parameters)
    assert list(found) == list(parameters)


@given(st.text(st.sampled_from(list("ab: -#\n{}[]\"'|>\\,?&*!%@~\t01")), max_size=60))
def test_any_text_is_read_or_refused_with_a_place(text: str) -> None:
    try:
        document = loads("rpa: 1\n" + text)
    except DocumentError as error:
        assert error.problems or "format" in error.message or "rpa" in error.message
        return
    written = dumps(document.workflow, document.comments)
    again = loads(written)
    assert again.workflow == document.workflow
    assert dumps(again.workflow, again.comments) == written


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    try:
        loads(content.decode("utf-8", "surrogateescape"))
    except DocumentError as error:
        assert error.message
