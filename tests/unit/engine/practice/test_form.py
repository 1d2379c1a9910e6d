"""The moving form moves, takes what is entered, and the scoreboard tells right from wrong and once from twice."""

from __future__ import annotations

import re
from collections import Counter
from html.parser import HTMLParser

import httpx
import openpyxl
import pytest

from engine.practice import PracticeSite, form
from engine.practice.state import FOLDER, RESOURCES


class _Inputs(HTMLParser):
    """The inputs of a page, each with the last text before it."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.named: dict[str, str] = {}
        self.hidden: dict[str, str] = {}
        self._text = ""
        self.feed(page)

    def handle_data(self, data: str) -> None:
        self._text = data.strip() or self._text

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "input" and found.get("type") == "hidden":
            self.hidden[found["name"]] = found["value"]
        elif tag == "input":
            self.named[self._text] = found["name"]


def enter(client: httpx.Client, person: dict[str, str]) -> dict[str, str]:
    """Load the form, fill it in by what stands near the fields, and send it. Gives what was sent."""
    inputs = _Inputs(client.get("/form").text)
    sent = {**inputs.hidden, **{inputs.named[label]: value for label, value in person.items()}}
    assert client.post("/form", data=sent).status_code == 303
    return sent


def test_ten_people_entered_are_ten_right(site: PracticeSite, client: httpx.Client) -> None:
    for person in site.people:
        enter(client, person)
    board = client.get("/scoreboard.json").json()["form"]
    assert board["complete"] and board["correct"] == board["submissions"] == 10
    assert (board["wrong"], board["duplicates"], board["missing"]) == (0, 0, [])
    assert board["percent_of_fields"] == 100.0
    assert "10 of 10" in client.get("/scoreboard").text


def test_the_people_are_those_of_the_workbook(site: PracticeSite) -> None:
    book = openpyxl.load_workbook(RESOURCES / "examples/rpa-challenge/challenge.xlsx", read_only=True)
    rows = [row[:7] for row in book.worksheets[0].iter_rows(values_only=True, max_row=11)]
    book.close()
    head, *people = [[str(cell).strip() for cell in row] for row in rows]
    assert tuple(head) == form.FIELDS
    assert [list(person.values()) for person in site.people] == people
    assert form.people(FOLDER) == site.people


def test_every_load_is_another_and_a_seed_brings_the_same_ones(client: httpx.Client) -> None:
    loads = [form.placed(f"{number:016}") for number in range(300)]
    assert {tuple(sorted(one.label for one in load)) for load in loads} == {tuple(sorted(form.FIELDS))}
    names = Counter(name for load in loads for one in load for name in (one.name, one.id))
    assert names.most_common(1)[0][1] == 1
    assert {one.tie for load in loads for one in load} == set(form.LABELS)
    assert len({load[0].label for load in loads}) == len(form.FIELDS)
    first = client.get("/form").text
    with PracticeSite(seed=7) as again, httpx.Client(base_url=again.address, trust_env=False) as other:
        assert other.get("/form").text == first
        assert other.get("/form").text != first


def test_labels_can_all_be_tied(client: httpx.Client) -> None:
    for _ in range(10):
        page = client.get("/form?labels=tied").text
        ids = re.findall(r'<input type="text" id="(\w+)"', page)
        tied = [
            one for one in ids if f'for="{one}"' in page or re.search(rf'</span><input type="text" id="{one}"', page)
        ]
        assert len(ids) == len(tied) == 7


def test_what_is_sent_twice_counts_twice(site: PracticeSite, client: httpx.Client) -> None:
    sent = enter(client, site.people[0])
    client.post("/form", data=sent)
    enter(client, site.people[0])
    board = site.scoreboard()["form"]
    assert (board["submissions"], board["correct"], board["duplicates"], board["sent_twice"]) == (3, 1, 2, 1)
    assert [one["duplicate"] for one in board["entries"]] == [False, True, True]
    assert not board["complete"]


def test_a_wrong_field_is_named(site: PracticeSite, client: httpx.Client) -> None:
    enter(client, {**site.people[2], "Email": "nobody@example.com"})
    enter(client, dict.fromkeys(form.FIELDS, "x"))
    first, second = site.scoreboard()["form"]["entries"]
    assert (first["person"], first["correct"], first["wrong_fields"]) == ("Albert Kipling", False, ["Email"])
    assert (second["person"], len(second["wrong_fields"])) == (None, 7)


@pytest.mark.parametrize("change", ["ticket", "missing", "empty"])
def test_another_form_is_rejected_and_counted(change: str, site: PracticeSite, client: httpx.Client) -> None:
    inputs = _Inputs(client.get("/form").text)
    sent = {**inputs.hidden, **{inputs.named[label]: value for label, value in site.people[0].items()}}
    if change == "ticket":
        sent["ticket"] = "0" * 16
    elif change == "missing":
        del sent[inputs.named["Email"]]
    else:
        sent = {}
    assert client.post("/form", data=sent).status_code == 400
    board = site.scoreboard()["form"]
    assert (board["rejected"], board["submissions"]) == (1, 0)


def test_a_reset_forgets_but_an_open_form_can_still_be_sent(site: PracticeSite, client: httpx.Client) -> None:
    sent = enter(client, site.people[0])
    assert client.post("/reset").status_code == 303
    assert site.scoreboard()["form"]["submissions"] == 0
    client.post("/form", data=sent)
    assert site.scoreboard()["form"]["correct"] == 1
