"""Names in statements are found where they are names, and nowhere else."""

from __future__ import annotations

from typing import Any

import pytest

from engine.activities.sql.address import Dialect
from engine.activities.sql.statement import bound, divided, first_word, names_in, single
from engine.sdk import BusinessError


@pytest.mark.parametrize(
    ("sql", "dialect", "names"),
    [
        ("SELECT :a, :b_2, ':no', \":no\"", "sqlite", {"a", "b_2"}),
        ("SELECT 'it''s :no' || :a -- :no\n, /* :no ; */ :b", "postgresql", {"a", "b"}),
        ("SELECT :a::int, x[1:2], '10:30', $tag$ :no $tag$, $$ :no $$, E'\\' :no'", "postgresql", {"a"}),
        ("SELECT 'it\\'s :no', `:no`, :a # :no", "mariadb", {"a"}),
        ("SELECT @x := :a", "mariadb", {"a"}),
        ("SELECT 'open :no", "sqlite", {"no"}),
    ],
)
def test_names(sql: str, dialect: Dialect, names: set[str]) -> None:
    assert names_in(sql, dialect) == names


@pytest.mark.parametrize(
    ("sql", "given", "dialect", "expected", "values"),
    [
        ("SELECT :a, :b, :a;", {"a": 1, "b": 2}, "postgresql", "SELECT $1, $2, $1", (1, 2)),
        ("SELECT :a, :b, :a", {"a": 1, "b": 2}, "sqlite", "SELECT ?, ?, ?", (1, 2, 1)),
        ("SELECT '5%' LIKE :a", {"a": 1}, "mariadb", "SELECT '5%%' LIKE %s", (1,)),
        ("x IN :a AND y NOT IN (:a)", {"a": [1, 2]}, "postgresql", "x IN ($1, $2) AND y NOT IN ($1, $2)", (1, 2)),
        ("x NOT  IN ( :a ) OR 1", {"a": []}, "postgresql", "x <> ALL('{}') OR 1", ()),
        ("x = ANY(:a)", {"a": [1]}, "postgresql", "x = ANY($1)", ([1],)),
    ],
)
def test_values(sql: str, given: dict[str, Any], dialect: Dialect, expected: str, values: tuple[Any, ...]) -> None:
    made = bound(sql, given, dialect)
    assert " ".join(made.sql.split()) == " ".join(expected.split())
    assert made.values == values


def test_a_list_among_other_values_is_refused() -> None:
    with pytest.raises(BusinessError, match="stands among other values"):
        bound("x IN (:a, 5)", {"a": [1]}, "sqlite")


def test_statements_are_divided_where_they_end() -> None:
    script = "INSERT INTO t VALUES (';'); -- a; b\n UPDATE t SET x = $$;$$;\n/* ; */ ;"
    assert [first_word(one) for one in divided(script, "postgresql")] == ["INSERT", "UPDATE"]
    trigger = "CREATE TRIGGER log AFTER INSERT ON t BEGIN INSERT INTO u VALUES (1); INSERT INTO u VALUES (2); END"
    assert single(trigger, "sqlite") == trigger
    with pytest.raises(BusinessError, match="several"):
        single("CREATE TABLE a (function int); SELECT 1", "sqlite")
