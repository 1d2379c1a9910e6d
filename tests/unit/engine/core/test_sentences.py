"""Sentences are ordinary texts that can still be said in another language."""

from __future__ import annotations

import ast
import copy
import json
import pickle
import string
import weakref
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.core.errors import ExpressionError, InputError
from engine.core.sentences import Sentence, declared, joined, say
from engine.core.values import decode, encode, plain

ENGINE = Path(__file__).parents[4] / "engine"

SENTENCES = [
    say("a text without values"),
    say("there is no step {name!r}", name="it's"),
    say("{count:,} items, {share:.1f} of them {kind}", count=1234, share=0.25, kind=say("a list")),
    say("write {{{{ secret('name') }}}}"),
    say("U+{code:04X} and {character!a}", code=0xE9, character="é"),
    say("{template} {self}", template="{left as it is}", self=None),
    joined([say("one {x}", x=1), "two {not a name}"], "; "),
    declared("Name {as it is}"),
]


@pytest.mark.parametrize("sentence", SENTENCES)
def test_a_sentence_is_the_text_that_it_says(sentence: Sentence) -> None:
    text = str(sentence)
    assert type(text) is str
    assert sentence == text and hash(sentence) == hash(text) and text in {sentence}
    assert json.dumps([sentence]) == json.dumps([text])
    assert encode({"message": sentence, sentence: 1}) == encode({"message": text, text: 1})
    assert decode(encode(sentence)) == text
    assert type(plain(sentence)) is str


@pytest.mark.parametrize("sentence", SENTENCES)
def test_template_and_values_give_the_text_again(sentence: Sentence) -> None:
    assert sentence.template.format_map(sentence.values) == sentence


@pytest.mark.parametrize("sentence", SENTENCES)
def test_a_sentence_survives_pickling_and_copying(sentence: Sentence) -> None:
    for twin in (pickle.loads(pickle.dumps(sentence)), copy.deepcopy(sentence)):
        assert twin == sentence
        assert twin.template == sentence.template and twin.values == sentence.values


def test_a_sentence_beside_tags_of_its_own_is_encoded() -> None:
    data = {"$": say("a {x}", x="$"), "nan": float("nan")}
    assert decode(encode(data))["$"] == "a $"


def test_what_is_made_from_a_sentence_is_an_ordinary_text() -> None:
    sentence = say("there is no step {name!r}", name="raed")
    for text in (sentence + "", sentence[:5], sentence.replace("step", "port"), f"{sentence}", "".join([sentence])):
        assert type(text) is str


def test_values_are_kept_as_texts_and_keep_nothing_alive() -> None:
    class Failure(Exception):
        """Unlike a built-in one it can be watched."""

    error = Failure("far away")
    gone = weakref.ref(error)
    sentence = say("it failed: {error}, in {path}", error=error, path=Path("folder"))
    assert sentence.values == {"error": "far away", "path": "folder"}
    del error
    assert gone() is None


def test_the_sentence_of_an_error_stays_one_inside_another() -> None:
    inner = say("must be text")
    outer = say("{name}: {reason}", name="age", reason=ValueError(inner))
    assert outer == "age: must be text"
    assert outer.values["reason"] is inner


def test_an_error_keeps_its_sentence() -> None:
    error = ExpressionError(say("there is no '{name}'", name="x"), hint=say("In reach nothing"))
    assert isinstance(error.message, Sentence) and isinstance(error.hint, Sentence)
    assert str(error) == "there is no 'x'"
    assert InputError(error).message == "there is no 'x'"  # type: ignore[arg-type]


def calls() -> Iterator[tuple[str, ast.Call]]:
    for file in sorted(ENGINE.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "say":
                yield f"{file.relative_to(ENGINE)}:{node.lineno}", node


def test_every_template_is_a_literal_that_names_its_values() -> None:
    wrong: list[str] = []
    count = 0
    for place, call in calls():
        count += 1
        template = call.args[0] if len(call.args) == 1 else None
        if not isinstance(template, ast.Constant) or not isinstance(template.value, str):
            wrong.append(f"{place}: the template is no literal")
            continue
        fields = [field for field in string.Formatter().parse(template.value) if field[1] is not None]
        if any(not (name or "").isidentifier() or "{" in (spec or "") for _, name, spec, _ in fields):
            wrong.append(f"{place}: a value is named by one word")
        if {name for _, name, _, _ in fields} != {keyword.arg for keyword in call.keywords}:
            wrong.append(f"{place}: the names of the template are not those of the values")
    assert wrong == []
    assert count > 300


def test_no_sentence_is_put_together_on_the_spot() -> None:
    """From an f-string nothing is collected, and from inside another sentence not always."""
    wrong: list[str] = []
    for place, call in calls():
        for node in (node for keyword in call.keywords for node in ast.walk(keyword.value)):
            if isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Name) and node.id == "say"):
                wrong.append(place)
    assert wrong == []
