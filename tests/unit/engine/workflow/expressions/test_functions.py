"""What the functions give, one by one."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from engine.core.errors import ExpressionError
from engine.workflow.expressions import FUNCTIONS, compile_expression
from engine.workflow.expressions.functions import dates

NAMES: dict[str, Any] = {
    "rows": [
        {"id": 1, "country": "BG", "total": 10.5},
        {"id": 2, "country": "DE", "total": 3},
        {"id": 3, "country": "BG", "total": 7},
    ],
    "at": datetime(2026, 11, 23, 14, 5, 9),
    "raw": b"\x00\xff",
    "lone": "a\ud800",
}

CASES: list[tuple[str, Any]] = [
    ("default(1, 2)", 1),
    ("[type_of(x) for x in [1, 1.5, 'a', true, null, [], {}, at, today(), days(1)]]",
     ["number", "number", "text", "boolean", "null", "list", "mapping", "datetime", "date", "duration"]),
    ("type_of(raw)", "bytes"),
    ("str(12.0) + str(null) + str(true) + str([1])", "12true[1]"),
    ("[bool(x) for x in ['yes', 'False', '', 0, 2, null, [0]]]", [True, False, False, False, True, False, True]),
    ("[int(' 12 '), int(-2.9), int('ff', 16), int(true)]", [12, -2, 255, 1]),
    ("[float('1.5'), float(2)]", [1.5, 2.0]),
    ("[is_number(x) for x in ['1e3', 'x', 5, null, true]]", [True, False, True, False, False]),
    ("[abs(-2), abs(2.5)]", [2, 2.5]),
    ("abs(hours(-1))", timedelta(hours=1)),
    ("[round(2.5), round(-2.5), round(2.675, 2), round(1234, -2), round(0.5)]", [3, -3, 2.68, 1200, 1]),
    ("[floor(-1.5), ceil(1.2), sqrt(9), pow(2, 10), pow(2, -1), pow(4, 0.5)]", [-2, 2, 3.0, 1024, 0.5, 2.0]),
    ("[sum([1, 2]), sum([0.1] * 10), sum([])]", [3, 1.0, 0]),
    ("sum([hours(1), minutes(30)])", timedelta(minutes=90)),
    ("average([1, 2])", 1.5),
    ("[min([2, 1]), max('a', 'b'), min(1, 0.5), max([today(), today()]) == today()]", [1, "b", 0.5, True]),
    ("format_number(1234.5) + format_number(-1234567.891, 1, ',', ' ') + format_number(2, 0)", "1,234.50-1 234 567,92"),
    ("[parse_number('1 234,50', ',', '.'), parse_number('1,234'), parse_number('-2.5')]", [1234.5, 1234, -2.5]),
    ("upper('aб') + lower('AБ') + title('ab cd') + capitalize('ab cd')", "AБaбAb CdAb cd"),
    ("[strip(' a '), strip('xax', 'x'), strip_start(' a '), strip_end(' a ')]", ["a", "a", "a ", " a"]),
    ("[split('a b  c'), split('a,b,c', ','), split('a,b,c', ',', 1)]",
     [["a", "b", "c"], ["a", "b", "c"], ["a", "b,c"]]),
    ("lines('a\\nb\\r\\nc')", ["a", "b", "c"]),
    ("join(['a', 1, 2.0, null], '-')", "a-1-2-"),
    ("[replace('aaa', 'a', 'b'), replace('aaa', 'a', 'b', 2)]", ["bbb", "bba"]),
    ("[startswith('abc', 'a'), endswith('abc', 'a'), contains('abc', 'b'), contains([1], 1), contains({'a': 1}, 'a')]",
     [True, False, True, True, True]),
    ("[remove_prefix('abc', 'a'), remove_suffix('abc', 'bc'), find('abc', 'c'), find('abc', 'x')]", ["bc", "a", 2, -1]),
    ("[before('a-b-c', '-'), after('a-b-c', '-'), before('abc', '-'), after('abc', '-')]", ["a", "b-c", "abc", ""]),
    ("[truncate('abcdef', 4), truncate('abc', 3), truncate('abc', 2, '...')]", ["abc…", "abc", ".."]),
    ("[pad_start(7, 3, '0'), pad_end('a', 3), pad_start('abc', 2)]", ["007", "a  ", "abc"]),
    ("[reverse('abc'), reverse([1, 2])]", ["cba", [2, 1]]),
    ("[len('я'), len([1, 2]), len({'a': 1})]", [1, 2, 1]),
    ("[range(3), range(1, 3), range(3, 0, -2)]", [[0, 1, 2], [1, 2], [3, 1]]),
    ("[enumerate(['a'], 1), zip([1, 2], 'ab' | split)]", [[[1, "a"]], [[1, "ab"]]]),
    ("[sorted([2, 1, 1.5]), sorted(['b', 'a'], reverse=true), sorted([])]", [[1, 1.5, 2], ["b", "a"], []]),
    ("sorted([at, date(2026, 1, 1)])", [date(2026, 1, 1), datetime(2026, 11, 23, 14, 5, 9)]),
    ("pluck(sorted(rows, 'total'), 'id')", [2, 3, 1]),
    ("pluck(sort_by(rows, 'country', 'total'), 'id')", [3, 1, 2]),
    ("pluck(sort_by(rows, 'country', 'total', reverse=true), 'id')", [2, 1, 3]),
    ("[unique([1, 1.0, true, 'a', 'a', null, [1], [1]]), pluck(unique(rows, 'country'), 'id')]",
     [[1, True, "a", None, [1]], [1, 2]]),
    ("{k: pluck(v, 'id') for k, v in items(group_by(rows, 'country'))}", {"BG": [1, 3], "DE": [2]}),
    ("key_by(rows, 'id')['2'].country", "DE"),
    ("pluck(where(rows, 'country', 'BG'), 'id')", [1, 3]),
    ("[first([1, 2]), last([1, 2]), first('ab')]", [1, 2, "a"]),
    ("[flatten([[1], 2, [[3]]]), chunk([1, 2, 3], 2), compact([1, null, 0])]", [[1, 2, [3]], [[1, 2], [3]], [1, 0]]),
    ("[any([0, 1]), any([]), all([1, 0]), all([]), count([1, 1, 2], 1), count('aXa', 'a')]",
     [True, False, False, True, 2, 2]),
    ("[keys({'a': 1}), values({'a': 1}), items({'a': 1})]", [["a"], [1], [["a", 1]]]),
    ("[merge({'a': 1}, {'a': 2, 'b': 3}), pick({'a': 1, 'b': 2}, 'a', 'z'), omit({'a': 1, 'b': 2}, 'a')]",
     [{"a": 2, "b": 3}, {"a": 1}, {"b": 2}]),
    ("now() == now() and today() == date(2026, 11, 23)", True),
    ("[date(at), date('2026-01-31'), date(2026, 2, 1)]", [date(2026, 11, 23), date(2026, 1, 31), date(2026, 2, 1)]),
    ("[datetime(date(at)), datetime('2026-01-31'), datetime(2026, 2, 1, 3, 4, 5)]",
     [datetime(2026, 11, 23), datetime(2026, 1, 31), datetime(2026, 2, 1, 3, 4, 5)]),
    ("[time(at), time('10:30'), time(1, 2)]", [time(14, 5, 9), time(10, 30), time(1, 2)]),
    ("parse_date('2026-11-23T10:00:00Z')", datetime(2026, 11, 23, 10, tzinfo=UTC)),
    ("[parse_date(' 2026-11-23 '), parse_date('23.11.2026', '%d.%m.%Y')]", [date(2026, 11, 23), date(2026, 11, 23)]),
    ("parse_date('23.11.26 7:05', '%d.%m.%y %H:%M')", datetime(2026, 11, 23, 7, 5)),
    ("parse_date('23.11', '%d.%m')", date(1900, 11, 23)),
    ("format_date(at, '%A %d %B %Y, %I:%M:%S %p')", "Monday 23 November 2026, 02:05:09 PM"),
    ("format_date(at, '%j %V %u %b %a 100%%')", "327 48 1 Nov Mon 100%"),
    ("[format_date(at), format_date(time(at), '%H:%M'), format_date(date(at), '%d.%m.%y %H')]",
     ["2026-11-23", "14:05", "23.11.26 00"]),
    ("[year(at), quarter(at), month(at), week(at), day(at), weekday(at), hour(at), minute(at), second(at)]",
     [2026, 4, 11, 48, 23, 1, 14, 5, 9]),
    ("[add_months(date(2026, 1, 31), x) for x in [1, -2]]", [date(2026, 2, 28), date(2025, 11, 30)]),
    ("[month_start(at), month_end(date(2028, 2, 5))]", [date(2026, 11, 1), date(2028, 2, 29)]),
    ("[timestamp(x) for x in [from_timestamp(9), utc(from_timestamp(0)), local(from_timestamp(1))]]", [9.0, 0.0, 1.0]),
    ("duration(days=1, hours=2) + minutes(3) + seconds(4) + weeks(1)", timedelta(8, 4, minutes=3, hours=2)),
    ("[total_days(hours(12)), total_hours(days(1)), total_minutes(hours(1)), total_seconds(minutes(1))]",
     [0.5, 24.0, 60.0, 60.0]),
    ("to_json({'a': [1, null, true, 'я', at]})", '{"a": [1, null, true, "я", "2026-11-23T14:05:09"]}'),
    ("to_json([1], 2)", "[\n  1\n]"),
    ("from_json('{\"a\": [1, 2.5, null]}')", {"a": [1, 2.5, None]}),
    ("[base64('я'), base64_decode('0Y8='), base64(raw)]", ["0Y8=", "я", "AP8="]),
    ("sha256('abc')", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    ("[url_encode('a b&я'), url_decode('a+b%26%D1%8F')]", ["a%20b%26%D1%8F", "a b&я"]),
    ("html_escape('<a \"b\">')", "&lt;a &quot;b&quot;&gt;"),
    ("[matches('A-12', '[A-Z]-\\d+'), matches('A-12x', '[A-Z]-\\d+'), matches('Иван', '\\w+')]", [True, False, True]),
    ("[regex_find('INV 123', '\\d+'), regex_find('x', '\\d')]", ["123", None]),
    ("regex_find('a=1', '(\\w)=(?P<v>\\d)', 'v')", "1"),
    ("[regex_find_all('a1b22', '\\d+'), regex_find_all('a1b2', '([a-z])(\\d)', 2)]", [["1", "22"], ["1", "2"]]),
    ("[regex_groups('a=1', '(\\w)=(\\d)'), regex_groups('a=1', '(?P<k>\\w)'), regex_groups('', 'a')]",
     [["a", "1"], {"k": "a"}, None]),
    ("[regex_replace('a1b2', '(\\d)', '<\\1>'), regex_replace('abc', '', '-')]", ["a<1>b<2>", "-a-b-c-"]),
    ("regex_split('a1b22c', '\\d+')", ["a", "b", "c"]),
    ("[matches('x', '(?i)X'), matches('2026-11-23', '\\d{4}(-\\d{2}){2}'), regex_find('EUR 5', '(?<=EUR )\\d')]",
     [True, True, "5"]),
]  # fmt: skip


@pytest.fixture(autouse=True)
def a_clock_that_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dates, "wall_clock", lambda: datetime(2026, 11, 23, 14, tzinfo=UTC))


@pytest.mark.parametrize(("source", "expected"), CASES)
def test_a_function(source: str, expected: Any) -> None:
    found = compile_expression(source).evaluate(NAMES)
    assert found == expected
    assert type(found) is type(expected)


def test_every_function_is_tested_and_documented() -> None:
    tested = set(re.findall(r"(\w+)(?=\()", " ".join(source for source, _ in CASES)))
    for name, function in FUNCTIONS.items():
        assert name in tested or name in ("uuid", "secret"), name
        assert function.name == name
        assert function.signature.startswith(f"{name}(")
        assert "meter" not in function.signature
        assert len(function.help) > 8
        assert function.category


def test_a_uuid() -> None:
    one, two = compile_expression("[uuid(), uuid()]").evaluate({})
    assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", one)
    assert one != two


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("upper(1)", "upper(): text is needed, not a number"),
        ("int('x')", "int(): 'x' is not a whole number"),
        ("sum([1, 'a'])", "sum(): the list holds text, so it has no sum"),
        ("sorted([1, 'a'])", "sorted(): cannot tell which is larger, text or a number"),
        ("pluck(rows, 'nope')", "pluck(): an item has no key 'nope'"),
        ("group_by([1], 'a')", "group_by(): the items are mappings, but one is a number"),
        ("parse_date('23.11.2026')", "parse_date(): '23.11.2026' is not a date"),
        ("date(2026, 2, 30)", "date(): the month does not have that day"),
        ("format_date(at, '%Q')", "format_date(): '%Q' is not a part of a date and time"),
        ("matches('a', '(')", "matches(): the pattern is not a regular expression: missing ) at position 1"),
        ("from_json('{')", "from_json(): the text is not JSON at character 2"),
        ("to_json(1e999)", "to_json(): JSON has no number that is infinite or not a number"),
        ("base64(lone)", "base64(): the text holds half a character (a lone surrogate)"),
        ("sha256(lone)", "sha256(): the text holds half a character (a lone surrogate)"),
        ("bool('maybe')", "bool(): 'maybe' is neither true nor false"),
        ("year('2026')", "year(): a date is needed, not text"),
        ("split('a', '')", "split(): a separator is text that is not empty"),
    ],
)
def test_a_function_says_what_it_needs(source: str, message: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        compile_expression(source).evaluate(NAMES)
    assert caught.value.message == message
    assert caught.value.column == 1


def test_nothing_is_changed() -> None:
    rows = [{"a": [2, 1]}, {"a": [3]}]
    names = {"rows": rows}
    for source in (
        "sorted(rows[0].a)",
        "reverse(rows)",
        "merge(rows[0], {'a': 1})",
        "flatten(pluck(rows, 'a'))",
        "unique(rows)",
    ):
        compile_expression(source).evaluate(names)
    assert rows == [{"a": [2, 1]}, {"a": [3]}]
