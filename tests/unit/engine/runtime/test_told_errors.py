"""Errors as the journal keeps them: plain data that can still be said in another language."""

from __future__ import annotations

from typing import Any

import pytest

from engine.core.errors import BusinessError, SystemFault
from engine.core.secrets import MASK, Secret
from engine.core.sentences import Sentence, recalled, say
from engine.core.values import decode, encode
from engine.runtime.retry import MESSAGE_LENGTH, describe
from engine.workflow.expressions import ExpressionError, compile_expression


def kept(error: BaseException) -> dict[str, Any]:
    """What is read back from the journal."""
    described: dict[str, Any] = decode(encode(describe(error, "one")))
    return described


def failed(expression: str) -> ExpressionError:
    with pytest.raises(ExpressionError) as caught:
        compile_expression(expression).evaluate({"rows": [1, 2]})
    return caught.value


def test_a_sentence_comes_back_from_the_journal_with_those_inside_it() -> None:
    error = kept(failed("upper(rows)"))
    message = recalled(error)
    assert isinstance(message, Sentence)
    assert message == error["message"] == "upper(): text is needed, not a list"
    assert message.template == "{name}(): {reason}"
    inner = message.values["reason"]
    assert isinstance(inner, Sentence) and inner.template == "{what} is needed, not {kind}"
    assert isinstance(recalled(error, "hint"), Sentence)


def test_texts_stay_plain_for_everybody_else() -> None:
    described = describe(failed("upper(rows)"), "one")
    assert type(described["message"]) is str and type(described["hint"]) is str


def test_an_error_without_a_sentence_is_kept_as_ever() -> None:
    assert kept(BusinessError("no such customer", hint="look again")) == {
        "kind": "business", "type": "business", "message": "no such customer", "step": "one", "hint": "look again",
    }  # fmt: skip
    assert "said" not in kept(ValueError("oh"))


def test_a_secret_is_masked_among_the_values_too() -> None:
    Secret("p4ssw0rd-of-a-test")
    error = kept(SystemFault(say("{user} may not use {shown!r}", user="ann", shown="x=p4ssw0rd-of-a-test")))
    assert "p4ssw0rd" not in encode(error)
    assert recalled(error) == f"ann may not use 'x={MASK}'"
    assert isinstance(recalled(error), Sentence)


def test_where_a_secret_lies_across_two_values_the_text_alone_is_kept() -> None:
    Secret("left-half:right-half")
    error = kept(SystemFault(say("cannot use {one}:{two}", one="left-half", two="right-half")))
    assert error["message"] == f"cannot use {MASK}"
    assert "said" not in error and "half" not in encode(error)


def test_a_text_that_was_cut_is_kept_alone() -> None:
    error = kept(SystemFault(say("it said {text}", text="x" * 10_000)))
    assert len(error["message"]) == MESSAGE_LENGTH
    assert "said" not in error


@pytest.mark.parametrize(
    "said",
    [
        None,
        "text",
        {"message": None},
        {"message": {"template": "no {value}"}},
        {"message": {"template": "no {value}", "values": {}}},
        {"message": {"template": "{", "values": {}}},
        {"message": {"template": 3, "values": []}},
        {"message": {"template": "another text", "values": {}}},
    ],
)
def test_what_does_not_give_the_text_is_left_alone(said: Any) -> None:
    error = {"message": "no value", "said": said}
    assert recalled(error) == "no value" and type(recalled(error)) is str
    assert recalled({}) == ""
