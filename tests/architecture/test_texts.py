"""Every text that the program shows is there in every language, and the compiled catalogs are those of the source."""

from __future__ import annotations

import ast

import pytest

from studio.base.i18n import LANGUAGES
from tests.support import texts

MARKS = {name for names in texts.KEYWORDS.values() for name in names}
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


def test_no_text_hides_in_an_f_string() -> None:
    """What collects the texts does not look into f-strings before Python 3.12."""
    hidden = []
    for file in (*(texts.SOURCE / "studio").rglob("*.py"), *(texts.SOURCE / "engine").rglob("*.py")):
        for outer in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(outer, ast.JoinedStr):
                calls = [one for one in ast.walk(outer) if isinstance(one, ast.Call)]
                hidden += [f"{file.relative_to(texts.SOURCE)}:{one.lineno}" for one in calls if _marks(one)]
    assert not hidden


def _marks(call: ast.Call) -> bool:
    name = call.func.id if isinstance(call.func, ast.Name) else ""
    return name in MARKS and isinstance(call.args[0], ast.Constant)


def test_the_ground_is_covered() -> None:
    found = {message.id for message in texts.template()}
    assert {"Save", "Read CSV"} <= found
    assert len(found) > 2000
