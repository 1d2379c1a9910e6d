"""The attack corpus: nothing gets through, and nothing takes longer than 100 ms of CPU time."""

from __future__ import annotations

import gc
import json
from collections.abc import Iterable, Iterator
from copy import deepcopy
from datetime import date, datetime, time, timedelta
from pathlib import Path
from time import thread_time
from typing import Any

import pytest

from engine.core.errors import ExpressionError, NoValueError
from engine.workflow.expressions import Lookup, compile_expression

CORPUS = Path(__file__).parent / "corpus"
SLOWEST = 0.1
PLAIN = (type(None), bool, int, float, str, date, datetime, time, timedelta, bytes)


class Fields(Lookup):
    def __init__(self, values: dict[str, Any]) -> None:
        self._values = values

    def get(self, key: str) -> Any:
        if key not in self._values:
            raise NoValueError(f"the step '{key}' has not run")
        return self._values[key]

    def names(self) -> Iterable[str]:
        return self._values


DATA = {
    "item": {"name": "Maria", "_private": 7, "list": [1, 2, 3]},
    "output": {"text": "abc", "rows": [{"a": 1}, {"a": 2}]},
}


def names(data: dict[str, Any]) -> dict[str, Any]:
    return {"item": data["item"], "steps": Fields({"read": Fields({"output": data["output"]})})}


def attempts() -> Iterator[Any]:
    for path in sorted(CORPUS.glob("*.txt")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if not line or line.startswith("#"):
                continue
            written, _, answer = line.partition(" ==> ")
            source = eval(written[2:]) if written.startswith("! ") else written
            yield pytest.param(source, answer, id=f"{path.stem}-{number}")


def is_plain(value: Any) -> bool:
    if type(value) is list:
        return all(map(is_plain, value))
    if type(value) is dict:
        return all(type(key) is str for key in value) and all(map(is_plain, value.values()))
    return type(value) in PLAIN


def attempt(source: str, data: dict[str, Any]) -> tuple[float, Any]:
    """The CPU seconds that one attempt takes from its source to its end, and its value or error."""
    started = thread_time()
    try:
        compile_expression.cache_clear()
        outcome: Any = compile_expression(source).evaluate(names(data))
    except ExpressionError as error:
        outcome = error
    return thread_time() - started, outcome


@pytest.mark.parametrize(("source", "answer"), list(attempts()))
def test_an_attempt_gets_nowhere(source: str, answer: str) -> None:
    data = deepcopy(DATA)
    gc.freeze()  # what other tests left in this process is not to be walked on the attempt's time
    for _ in range(6):  # a neighbour on the same core costs caches, and so CPU time
        seconds, outcome = attempt(source, data)
        if seconds <= SLOWEST:
            break
    gc.unfreeze()
    assert seconds <= SLOWEST
    assert data == DATA
    if answer:
        assert not isinstance(outcome, ExpressionError), outcome.message
        assert is_plain(outcome)
        assert outcome == json.loads(answer)
    else:
        assert isinstance(outcome, ExpressionError), repr(outcome)[:200]
        assert outcome.message
        assert len(outcome.message) + len(outcome.hint) < 2_000
        assert outcome.source == source or len(source) > 10_000
        assert 0 <= outcome.column <= len(source) + 1


def test_the_corpus_is_large_enough() -> None:
    assert sum(1 for _ in attempts()) >= 200
