"""Every text that the program shows is there in every language, and the compiled catalogs are those of the source."""

from __future__ import annotations

import pytest

from studio.base.i18n import LANGUAGES
from tests.support import texts

each = pytest.mark.parametrize("language", [code for code in LANGUAGES if code != "en"])


@each
def test_it_is_complete(language: str) -> None:
    assert texts.missing(language) == [], "translate them in the .po, then run `python -m tests.support.texts`"


@each
def test_the_catalogs_are_current(language: str) -> None:
    po, mo = texts.files(language)
    known = texts.translated(language)
    assert po.read_bytes() == texts.written(known), "run `python -m tests.support.texts`"
    assert mo.read_bytes() == texts.compiled(known), "run `python -m tests.support.texts`"


def test_the_ground_is_covered() -> None:
    found = {message.id for message in texts.template()}
    assert {"Save", "Read CSV"} <= found
    assert len(found) > 2000
