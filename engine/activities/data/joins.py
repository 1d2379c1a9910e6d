"""Two tables at once: join them, look one up in the other, tell what changed between them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from engine.core.errors import BusinessError
from engine.core.sentences import say
from engine.sdk import Context, Effect, Param, Port, To, activity
from engine.sdk.tables import Names, Row, Rows, absent, columns_of, identity, require, row_key, shown

_CHECK_EVERY = 1000


@dataclass(frozen=True)
class Joined:
    """The joined table; and how many rows of the left and of the right table found no partner."""

    rows: list[Row]
    columns: list[str]
    count: int
    left_alone: int
    right_alone: int


@activity(
    "data.join", label="Join tables", icon="intersect", effect=Effect.PURE, keywords=("merge", "lookup", "vlookup")
)
def join(
    left: Annotated[Rows, Param("Left table", kind="table")],
    right: Annotated[Rows, Param("Right table", kind="table")],
    on: Annotated[
        Names, Param("Alike in columns", "Columns of the left table, and of the right one if not said otherwise.")
    ],
    ctx: Context,
    right_on: Annotated[
        Names, Param("Columns of the right table", "In the same order; empty for the same names.")
    ] = [],  # noqa: B006
    how: Annotated[
        Literal["inner", "left", "right", "full", "semi", "anti"],
        Param(
            "Keep",
            "inner: pairs; left, right, full: also rows without a partner; semi, anti: left rows with, without one.",
        ),
    ] = "inner",
    suffix: Annotated[str, Param("Suffix for a name both have", advanced=True)] = "_right",
    loose: Annotated[bool, Param("Compare as text", "Without case and spaces, and 5 is like '5'.")] = False,
    one: Annotated[
        bool,
        Param("At most one partner", "An error when a left row has several, which would repeat it.", advanced=True),
    ] = False,
) -> Joined:
    """Join two tables by columns in which their rows are alike.

    Rows come in the order of the left table, then of the right. An empty key has no partner. The key columns are there
    once, unless they are named differently. The output is a table (`rows`, `columns`, `count`), and `left_alone` and
    `right_alone`: how many rows found no partner.
    """
    partner_on = right_on or on
    if not on or len(on) != len(partner_on):
        raise BusinessError(say("a join needs as many columns of the right table as of the left one, at least one"))
    require(left, on, say("the left table"))
    require(right, partner_on, say("the right table"))
    left_columns, right_columns = columns_of(left), columns_of(right)
    same = {theirs for ours, theirs in zip(on, partner_on, strict=True) if ours == theirs}
    names = _clashless([name for name in right_columns if name not in same], left_columns, suffix)
    left_key, right_key = row_key(on, loose), row_key(partner_on, loose)

    partners: dict[Any, list[int]] = {}
    for index, row in enumerate(right):
        key = right_key(row)
        if not any(map(absent, key)):
            partners.setdefault(key, []).append(index)
    found: list[bool] = [False] * len(right)
    made: list[Row] = []
    left_alone = 0
    gap = dict.fromkeys(names.values())
    for index, row in enumerate(left):
        if not index % _CHECK_EVERY:
            ctx.check()
        matches = partners.get(left_key(row), ())
        for match in matches:
            found[match] = True
        if one and len(matches) > 1:
            keys = ", ".join(f"{name} = {shown(row.get(name))}" for name in on)
            raise BusinessError(
                say(
                    "row {index} of the left table ({keys}) has {count} partners",
                    index=index + 1,
                    keys=keys,
                    count=len(matches),
                ),
                hint=say("Remove the duplicates from the right table first, or allow several partners."),
            )
        left_alone += not matches
        if how == "semi" or how == "anti":
            if bool(matches) == (how == "semi"):
                made.append(row)
            continue
        for match in matches:
            other = right[match]
            made.append({**row, **{new: other.get(old) for old, new in names.items()}})
        if not matches and how in ("left", "full"):
            made.append({**row, **gap})
    if how in ("right", "full"):
        blank = dict.fromkeys(left_columns)
        for index, other in enumerate(right):
            if not found[index]:
                shared = {name: other.get(name) for name in same}
                made.append({**blank, **shared, **{new: other.get(old) for old, new in names.items()}})
    columns = left_columns if how in ("semi", "anti") else [*left_columns, *names.values()]
    return Joined(made, columns, len(made), left_alone, found.count(False))


def _clashless(names: list[str], taken: list[str], suffix: str) -> dict[str, str]:
    used = {*taken, *names}
    chosen: dict[str, str] = {}
    for name in names:
        new = name
        if name in taken:
            if not suffix:
                raise BusinessError(
                    say("both tables have a column {name!r}", name=name),
                    hint=say("Give a suffix, or rename one of them."),
                )
            new += suffix
            while new in used:
                new += suffix
        used.add(new)
        chosen[name] = new
    return chosen


@dataclass(frozen=True)
class Found:
    """The row that was found, the value asked for, and its place from 0; null and -1 when there is none."""

    row: Row | None
    value: Any
    index: int
    found: bool


@activity(
    "data.lookup",
    label="Look up a row",
    icon="magnifying-glass",
    effect=Effect.PURE,
    ports=(Port("found", "Found"), Port("missing", "Not found")),
    keywords=("find", "vlookup"),
)
async def lookup(
    rows: Annotated[Rows, Param("Table", kind="table")],
    column: Annotated[str, Param("Where the column")],
    value: Annotated[Any, Param("Has the value")],
    give: Annotated[str, Param("Give the column", "Empty for the whole row.")] = "",
    default: Annotated[Any, Param("If there is none", advanced=True)] = None,
    loose: Annotated[bool, Param("Compare as text", "Without case and spaces, and 5 is like '5'.")] = False,
) -> To:
    """Find the first row that has a value in a column.

    Goes on at `found` or at `missing`. The output holds `row`, `value` (of the column to give, else the whole row),
    `index` (from 0) and `found`.
    """
    require(rows, [column, *([give] if give else [])])
    wanted = identity(value, loose)
    for index, row in enumerate(rows):
        if column in row and identity(row[column], loose) == wanted:
            return To("found", Found(row, row.get(give) if give else row, index, True))
    return To("missing", Found(None, default, -1, False))


@dataclass(frozen=True)
class Compared:
    """What is only in the new table, only in the old one, and in both with other values."""

    added: list[Row]
    removed: list[Row]
    changed: list[Row]
    unchanged: int
    same: bool


@activity(
    "data.compare", label="Compare tables", icon="git-diff", effect=Effect.PURE, keywords=("difference", "reconcile")
)
def compare(
    before: Annotated[Rows, Param("Old table", kind="table")],
    after: Annotated[Rows, Param("New table", kind="table")],
    key: Annotated[Names, Param("Rows are the same by", "Columns that tell which row is which.")],
    columns: Annotated[Names, Param("Compare columns", "Empty for all.")] = [],  # noqa: B006
    ignore: Annotated[Names, Param("Except columns", advanced=True)] = [],  # noqa: B006
    loose: Annotated[bool, Param("Compare as text", "Without case and spaces, and 5 is like '5'.")] = False,
) -> Compared:
    """Tell what was added, removed and changed between two tables.

    The output holds `added` and `removed` rows; `changed`, each with the columns of the key, `before` and `after`
    (whole rows) and `columns` (names of those that differ); `unchanged`, how many rows are alike; and `same`.
    """
    if not key:
        raise BusinessError(say("a comparison needs the columns that tell which row is which"))
    old_table, new_table = say("the old table"), say("the new table")
    require(before, key, old_table)
    require(after, key, new_table)
    old, new = _by_key(before, key, loose, old_table), _by_key(after, key, loose, new_table)
    looked = columns or list(dict.fromkeys([*columns_of(before), *columns_of(after)]))
    looked = [name for name in looked if name not in ignore and name not in key]
    changed: list[Row] = []
    unchanged = 0
    for one, row in new.items():
        past = old.get(one)
        if past is None:
            continue
        differ = [name for name in looked if identity(past.get(name), loose) != identity(row.get(name), loose)]
        if differ:
            changed.append({**{name: row.get(name) for name in key}, "before": past, "after": row, "columns": differ})
        else:
            unchanged += 1
    added = [row for one, row in new.items() if one not in old]
    removed = [row for one, row in old.items() if one not in new]
    return Compared(added, removed, changed, unchanged, not (added or removed or changed))


def _by_key(rows: list[Row], key: list[str], loose: bool, what: str) -> Mapping[Any, Row]:
    found: dict[Any, Row] = {}
    give = row_key(key, loose)
    for index, row in enumerate(rows):
        one = give(row)
        if one in found:
            keys = ", ".join(f"{name} = {shown(row.get(name))}" for name in key)
            raise BusinessError(
                say("row {index} of {what} is there twice ({keys})", index=index + 1, what=what, keys=keys),
                hint=say("Remove the duplicates first, or compare by more columns."),
            )
        found[one] = row
    return found
