"""The file of integrations is a person's: what a command changes is one entry, and what is wrong is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.core.errors import BusinessError, DocumentError, NoSuchIntegration
from engine.integrations.book import Book, changing
from engine.integrations.kinds import INTEGRATION_KINDS, adapter, integration_schema, read

TEXT = """\
# Ours.
integrations:
  # The shop's own.
  crm:
    kind: rest
    address: https://crm.example.com/api  # never the old one
    rate: 100/min
    colour: blue  # somebody's tool reads it
    health: {every: 5m}

  mail:
    kind: smtp
    address: mail.example.com
version: 7
"""


def book(tmp_path: Path, text: str = TEXT) -> Book:
    (tmp_path / "integrations.yaml").write_text(text, encoding="utf-8")
    return Book.load(tmp_path / "integrations.yaml")


def test_what_is_there_is_read_and_what_is_not_known_is_told(tmp_path: Path) -> None:
    found = book(tmp_path)
    crm = found.entry("crm").usable()
    assert (crm.address, str(crm.rate), crm.health.every) == ("https://crm.example.com/api", "100/min", 300)
    assert [(one.severity, one.line, one.place) for one in found.problems] == [
        ("warning", 14, ("version",)),
        ("warning", 8, ("integrations", "crm", "colour")),
    ]


def test_changing_one_keeps_comments_order_and_unknown_keys(tmp_path: Path) -> None:
    with changing(book(tmp_path).path) as found:
        given = dict(found.entry("crm").given)
        found.put("crm", {**given, "rate": "50/min"}).put("new", {"kind": "custom", "address": "a:1"}).save()
    text = (tmp_path / "integrations.yaml").read_text(encoding="utf-8")
    for kept in (
        "# Ours.",
        "# The shop's own.",
        "# never the old one",
        "colour: blue",
        "# somebody's tool",
        "version: 7",
    ):
        assert kept in text
    assert list(Book.load(found.path).entries) == ["crm", "mail", "new"]
    assert Book.load(found.path).text() == text


def test_taking_one_out_leaves_the_rest(tmp_path: Path) -> None:
    found = book(tmp_path).without("crm")
    assert list(found.entries) == ["mail"] and "crm" not in found.text() and "version: 7" in found.text()
    with pytest.raises(NoSuchIntegration, match="no integration 'crm'"):
        found.without("crm")


@pytest.mark.parametrize("text", ["", "# nothing yet\n\n", "integrations:\n", "integrations: {}\n"])
def test_an_empty_file_holds_none_and_can_be_added_to(tmp_path: Path, text: str) -> None:
    found = book(tmp_path, text)
    assert not found.entries
    found.put("a", {"kind": "custom", "address": "a:1"}).save()
    assert list(Book.load(found.path).entries) == ["a"]
    assert found.path.read_text(encoding="utf-8").startswith("#") == text.startswith("#")


def test_a_wrong_entry_keeps_no_other_from_being_used(tmp_path: Path) -> None:
    found = book(
        tmp_path, "integrations:\n  a: {kind: rest, address: x}\n  b: 5\n  c: {kind: custom, address: 'c:1'}\n"
    )
    assert found.entry("c").usable().address == "c:1"
    with pytest.raises(BusinessError, match="the integration 'a' cannot be used: 'x' is not an address of this kind"):
        found.entry("a").usable()
    assert [one.line for one in found.problems] == [2, 3]


@pytest.mark.parametrize("text", ["integrations: [", "\x00", "- a\n", "a: !x 1\n"])
def test_what_is_no_file_of_ours_is_said_to_be(tmp_path: Path, text: str) -> None:
    with pytest.raises(DocumentError):
        book(tmp_path, text)


def test_other_encodings_are_told(tmp_path: Path) -> None:
    (tmp_path / "integrations.yaml").write_bytes(b"# \xff\n")
    with pytest.raises(DocumentError, match="not UTF-8"):
        Book.load(tmp_path / "integrations.yaml")


@pytest.mark.parametrize("name", ["", " a", "a ", "a/b", "a\nb", "x" * 65, "-", "\ud800"])
def test_names_that_cannot_be(tmp_path: Path, name: str) -> None:
    with pytest.raises(BusinessError, match="cannot be the name"):
        Book(tmp_path / "x").put(name, {"kind": "custom", "address": "a:1"})


@pytest.mark.parametrize("name", ["crm", "CRM 2", "счетоводство", "a.b-c_d"])
def test_names_that_can(tmp_path: Path, name: str) -> None:
    assert name in Book(tmp_path / "x").put(name, {"kind": "custom", "address": "a:1"}).entries


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        ({}, "the key 'kind' is missing"),
        ({"kind": "telex"}, "no kind of integration 'telex'"),
        ({"kind": ["rest"]}, "no kind of integration"),
        ({"kind": "rest"}, "address: is missing"),
        (
            {"kind": "rest", "address": "https://a.example", "timeout": "soon"},
            "timeout: 'soon' is not a length of time",
        ),
        ({"kind": "rest", "address": "https://a.example", "rate": "fast"}, "rate: 'fast' is not a rate"),
        ({"kind": "rest", "address": "https://a.example", "burst": 0}, "burst: input should be greater"),
        ({"kind": "rest", "address": "https://a.example", "health": {"bad_after": 0}}, "health.bad_after:"),
        ({"kind": "rest", "address": "ftp://a.example"}, "is not an address of this kind"),
        ({"kind": "rest", "address": "https://ada:pw@a.example/"}, "the address holds a password"),
        (
            {"kind": "rest", "address": "https://a.example", "headers": {"Authorization": "Bearer x"}},
            "looks like a secret",
        ),
        ({"kind": "rest", "address": "https://a.example", "headers": {"X-Api-Key": "abc"}}, "looks like a secret"),
        ({"kind": "rest", "address": "https://a.example", "headers": {"X-Api-Key": "${credential}"}}, "none is named"),
        ({"kind": "rest", "address": "https://a.example", "headers": {"A": "${env.HOME}"}}, "is not there"),
        ({"kind": "rest", "address": "https://a.example", "headers": {"A b": "c"}}, "not fit for a header"),
        ({"kind": "rest", "address": "https://a.example", "headers": {"A": "b\r\nC: d"}}, "not fit for a header"),
        ({"kind": "database", "address": "oracle://a/b"}, "not a kind of database"),
        ({"kind": "database", "address": "sqlite:///shop.db"}, "not a whole one"),
        ({"kind": "ftp", "address": "files.example.com"}, "does not say how"),
        ({"kind": "mqtt", "address": "http://b.example"}, "is not an address of this kind"),
        ({"kind": "smtp", "address": "m.example", "credential": "x", "security": "none"}, "for everybody to read"),
        ({"kind": "custom", "address": " "}, "the address is empty"),
    ],
)
def test_what_does_not_fit_is_said_in_words(entry: dict[str, object], told: str) -> None:
    made, findings = read(entry)
    assert made is None
    assert any(told in one.message for one in findings), findings


def test_a_misspelt_key_is_told_with_what_was_meant() -> None:
    made, findings = read({"kind": "rest", "address": "https://a.example", "helth": {}, "health": {"evry": "1m"}})
    assert made is not None
    assert [(one.place, one.hint) for one in findings] == [
        (("helth",), "Did you mean 'health'?"),
        (("health", "evry"), "Did you mean 'every'?"),
    ]


@pytest.mark.parametrize("kind", INTEGRATION_KINDS)
def test_each_kind_is_declared_whole(kind: str) -> None:
    from jsonschema import Draft202012Validator

    schema = integration_schema(kind)
    Draft202012Validator.check_schema(schema)
    declared = adapter(kind)
    assert (declared.kind, schema["title"]) == (kind, declared.label) and declared.icon
    example = {"kind": kind, "address": declared.example}
    assert [error.message for error in Draft202012Validator(schema).iter_errors(example)] == []
    made, findings = read(example)
    assert made is not None and findings == []
    assert all(one.get("title") for one in schema["properties"].values())
    assert made.options(None)["retry"]["attempts"] == 4
    if kind != "database":
        assert made.host_and_port()
