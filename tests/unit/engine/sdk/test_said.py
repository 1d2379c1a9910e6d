"""The words within a sentence about data are sentences themselves, so that they are said in the same language."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from engine.core.errors import BusinessError
from engine.core.sentences import Sentence
from engine.sdk.catalog import Catalog
from engine.sdk.reasons import reason
from engine.sdk.tables import require
from engine.sdk.testing import ActivityEnvironment

TWICE = [{"id": 1}, {"id": 1}]


@pytest.mark.parametrize(
    ("activity", "given", "word"),
    [
        ("data.convert", {"rows": [{"n": "x"}], "types": {"n": "number"}}, "number"),
        ("data.compare", {"before": [{"id": 1}], "after": TWICE, "key": ["id"]}, "the new table"),
        ("data.join", {"left": [{"a": 1}], "right": [{"b": 1}], "on": ["b"]}, "the left table"),
        ("data.parse_json", {"text": "["}, "the text"),
        ("text.fill", {"template": "{name}", "values": {}}, "the template"),
    ],
)
async def test_what_a_sentence_speaks_of_can_be_translated(
    activity: str, given: Mapping[str, Any], word: str, tmp_path: Path
) -> None:
    with pytest.raises(BusinessError) as caught:
        await ActivityEnvironment(tmp_path).run(Catalog(entry_points=False).require(activity).function, **given)
    message = caught.value.message
    assert isinstance(message, Sentence)
    assert [value for value in message.values.values() if isinstance(value, Sentence)] == [word]


def test_a_table_without_columns_has_none() -> None:
    with pytest.raises(BusinessError) as caught:
        require([{}], ["a"])
    message, hint = caught.value.message, caught.value.hint
    assert (str(message), str(hint)) == ("the table has no column 'a'", "Its columns are: none.")
    assert isinstance(hint, Sentence) and isinstance(hint.values["names"], Sentence)


@pytest.mark.parametrize("expected", ["'a'", "'a' or 'b'", "'a', 'b' or 'c'"])
def test_no_word_stands_between_choices_untranslated(expected: str) -> None:
    said = reason("literal_error", {"expected": expected}, f"Input should be {expected}")
    assert isinstance(said, Sentence) and said == f"input should be {expected}"
    assert not any(" or " in str(value) for value in said.values.values())
