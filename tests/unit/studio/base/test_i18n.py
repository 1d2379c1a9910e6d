"""Texts in the user's language."""

from __future__ import annotations

import gettext
from collections.abc import Iterator

import pytest

from studio.base import i18n
from studio.base.i18n import N_, number, set_language, tr, tr_sentence, trn


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    yield
    set_language("en")


def test_english_is_in_the_source() -> None:
    set_language("en")
    assert tr("Save {name}", name="a") == "Save a"
    assert tr("") == ""
    assert trn("{n} step", "{n} steps", 1) == "1 step"
    assert trn("{n} step", "{n} steps", 1284) == "1,284 steps"
    assert N_("Save") == "Save"


def test_a_brace_in_a_text_without_values_stays() -> None:
    assert tr("{{ steps }}") == "{{ steps }}"


def test_bulgarian_is_there() -> None:
    assert set_language("bg") == "bg"
    assert tr("Save") == "Запазване"
    assert number(1284) == "1\u00a0284"


@pytest.mark.parametrize("variable, wanted", [("bg_BG.UTF-8", "bg"), ("en_GB", "en"), ("xx_XX", "en"), ("C", "en")])
def test_the_system_decides(variable: str, wanted: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", variable)
    assert set_language("system") == wanted
    assert i18n.language() == wanted


class Said(str):
    """What the engine gives: a text that knows its template."""

    template: str
    values: dict[str, object]


def said(template: str, **values: object) -> Said:
    text = Said(template.format(**values))
    text.template, text.values = template, values
    return text


def test_a_sentence_of_the_engine_is_said_in_the_language(monkeypatch: pytest.MonkeyPatch) -> None:
    words = {"a number": "число", "{kind} is needed, not {name!r}": "вместо {name!r} трябва {kind}"}
    catalog = gettext.NullTranslations()
    monkeypatch.setattr(catalog, "gettext", lambda text: words.get(text, text))
    monkeypatch.setattr(i18n, "_catalog", catalog)
    sentence = said("{kind} is needed, not {name!r}", kind=said("a number"), name="x{}")
    assert sentence == "a number is needed, not 'x{}'"
    assert tr_sentence(sentence) == "вместо 'x{}' трябва число"
    assert tr_sentence(said("{count:,} unknown {{}}", count=1234)) == "1,234 unknown {}"


def test_a_text_without_a_template_stays_as_it_is() -> None:
    assert tr_sentence("{not} a template") == "{not} a template"
    assert tr_sentence("") == ""
