from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from studio.widgets.fuzzy import nearest, rank

NAMES = ["Read CSV", "Write Excel", "Write Word document", "Read Excel", "Join tables", "Send email", "Delete folder"]


def names(query: str, items: list[str] = NAMES) -> list[str]:
    return [match.item for match in rank(query, items, lambda one: [one])]


def test_an_empty_query_keeps_everything_in_order() -> None:
    assert names("") == NAMES
    assert names("   ") == NAMES


def test_the_beginning_of_the_name_wins() -> None:
    assert names("wri")[:2] == ["Write Excel", "Write Word document"]
    assert names("read")[:2] == ["Read CSV", "Read Excel"]


def test_the_beginning_of_a_word_beats_letters_inside_one() -> None:
    assert names("exc") == ["Read Excel", "Write Excel"]
    assert names("e", ["Delete", "Send email"])[0] == "Send email"


def test_beginnings_of_several_words_are_enough() -> None:
    assert names("wrex")[0] == "Write Excel"
    assert names("we")[0] == "Write Excel"
    assert names("rcsv")[0] == "Read CSV"


def test_words_come_in_any_order() -> None:
    assert names("csv read") == ["Read CSV"]
    assert names("excel wr") == ["Write Excel"]


def test_a_left_out_letter_is_forgiven() -> None:
    assert names("exel") == ["Read Excel", "Write Excel"]


def test_letters_far_apart_do_not_count() -> None:
    assert names("rdt", ["Remove an old workflow draft"]) == []


def test_other_texts_are_searched_and_count_less() -> None:
    items = [("Чете CSV", "Read CSV"), ("Read", "")]
    found = rank("read", items, lambda one: one)
    assert [match.item[0] for match in found] == ["Read", "Чете CSV"]
    assert found[1].spans == ()


def test_spans_show_the_letters_that_were_found() -> None:
    def shown(query: str, name: str) -> str:
        (match,) = rank(query, [name], lambda one: [one])
        return "|".join(name[start:end] for start, end in match.spans)

    assert shown("wrex", "Write Excel") == "Wr|Ex"
    assert shown("excel wr", "Write Excel") == "Wr|Excel"
    assert shown("exel", "Excel") == "Ex|el"
    assert shown("копир", "Копиране") == "Копир"


def test_capitals_begin_words_too() -> None:
    assert names("rc", ["readCsv", "arc"])[0] == "readCsv"


def test_letters_that_grow_in_lower_case_keep_their_places() -> None:
    (match,) = rank("stanbul", ["İstanbul"], lambda one: [one])
    assert match.spans == ((1, 8),)


def test_the_nearest_name_answers_a_typing_error() -> None:
    assert nearest("exlce", NAMES) in {"Write Excel", "Read Excel"}
    assert nearest("zzzzzz", NAMES) == ""
    assert nearest("", NAMES) == ""


def test_a_text_of_many_beginnings_is_no_trap() -> None:
    assert names("a" * 30 + "b", ["a " * 60 + "cb", "a " * 50 + "b"]) == ["a " * 50 + "b"]


@given(st.text(max_size=40), st.text(max_size=60))
def test_any_text_can_be_searched_by_any_text(query: str, name: str) -> None:
    for match in rank(query, [name], lambda one: [one]):
        last = 0
        for start, end in match.spans:
            assert last <= start < end <= len(name)
            last = end


def test_a_word_of_the_name_beats_the_beginning_of_a_keyword() -> None:
    items = {"Try": ["exception"], "Read cells": ["excel.read_cells"], "Read Excel table": ["excel.read"]}
    found = [match.item for match in rank("exc", items, lambda one: [one, *items[one]])]
    assert found[0] == "Read Excel table" and len(found) == 3
