"""What the three databases say when they refuse, under one set of names and in words for a person.

Codes: PostgreSQL's SQLSTATE (appendix A of its manual), MariaDB's error numbers, SQLite's result codes.
"""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any, Literal

from engine.activities.sql.address import Dialect, Target
from engine.core.secrets import redact
from engine.core.sentences import say
from engine.sdk import ActivityError, BusinessError, SystemFault
from engine.sdk.endpoint import reason as network_reason
from engine.sdk.endpoint import unreached

Kind = Literal[
    "unique", "foreign", "missing", "rule", "table", "column", "syntax", "several", "value", "twice",
    "password", "database", "permission", "reading",
    "gone", "deadlock", "many", "read_only", "full", "busy", "stopped", "damaged", "other",
]  # fmt: skip

_STATES: dict[str, Kind] = {
    "23505": "unique", "23P01": "unique", "23503": "foreign", "23502": "missing", "23514": "rule", "21000": "twice",
    "42P01": "table", "3F000": "table", "42703": "column", "42601": "syntax", "28P01": "password", "28000": "password",
    "3D000": "database", "42501": "permission", "25006": "reading", "40P01": "deadlock", "40001": "deadlock",
    "53300": "many", "53100": "full", "57014": "stopped", "57P01": "gone", "57P02": "gone", "57P03": "gone",
    "55P03": "busy",
}  # fmt: skip
_NUMBERS: dict[int, Kind] = {
    1062: "unique", 1586: "unique", 1451: "foreign", 1452: "foreign", 1216: "foreign", 1217: "foreign",
    1048: "missing", 1364: "missing", 4025: "rule", 3819: "rule", 1146: "table", 1051: "table", 1054: "column",
    1064: "syntax", 1149: "syntax", 1264: "value", 1265: "value", 1366: "value", 1292: "value", 1406: "value",
    1045: "password", 1698: "password", 1044: "permission", 1142: "permission", 1143: "permission", 1227: "permission",
    1370: "permission", 1049: "database", 1046: "database", 1792: "reading", 1213: "deadlock", 1205: "busy",
    1040: "many", 1203: "many", 1226: "many", 1290: "read_only", 1836: "read_only", 1021: "full", 1114: "full",
    3024: "stopped", 1317: "stopped", 1969: "stopped", 1053: "gone", 1080: "gone", 1927: "gone", 2003: "gone",
    2006: "gone", 2013: "gone", 2014: "gone", 2055: "gone", 4031: "gone",
}  # fmt: skip
_NAMES: dict[str, Kind] = {
    "SQLITE_CONSTRAINT_UNIQUE": "unique", "SQLITE_CONSTRAINT_PRIMARYKEY": "unique", "SQLITE_CONSTRAINT_ROWID": "unique",
    "SQLITE_CONSTRAINT_FOREIGNKEY": "foreign", "SQLITE_CONSTRAINT_NOTNULL": "missing",
    "SQLITE_CONSTRAINT_CHECK": "rule", "SQLITE_MISMATCH": "value", "SQLITE_CONSTRAINT_DATATYPE": "value",
    "SQLITE_TOOBIG": "value", "SQLITE_BUSY": "busy", "SQLITE_LOCKED": "busy", "SQLITE_READONLY": "read_only",
    "SQLITE_FULL": "full", "SQLITE_INTERRUPT": "stopped", "SQLITE_CORRUPT": "damaged", "SQLITE_NOTADB": "damaged",
    "SQLITE_CANTOPEN": "database", "SQLITE_PERM": "permission", "SQLITE_AUTH": "permission",
}  # fmt: skip
_SAID: tuple[tuple[str, Kind], ...] = (
    ("no such table", "table"),
    ("no such column", "column"),
    ("has no column named", "column"),
    ("syntax error", "syntax"),
    ("incomplete input", "syntax"),
    ("unrecognized token", "syntax"),
    ("one statement at a time", "several"),
    ("multiple commands into a prepared", "several"),
    ("attempt to write a readonly", "reading"),
)
_NEAR = re.compile(r"""near ["'](.*?)["'](?=:| at line|$)""", re.DOTALL)
_TABLE = re.compile(r"""(?:no such table: |relation |[Tt]able |Unknown table )["'`]?([^"'`\s]+)""")


class Refused(Exception):
    """What a driver said, under one of our names. `reason` is its own words."""

    def __init__(self, kind: Kind, reason: str, place: int | None = None) -> None:
        super().__init__(reason)
        self.kind = kind
        self.reason = reason
        self.place = place


def refused(error: BaseException, dialect: Dialect, sql: str) -> Refused | None:
    """The name and the words of an error of a driver or of the network, or None for an error of another kind."""
    links = list(_links(error))
    for link in links:
        state = getattr(link, "sqlstate", None)
        if dialect == "postgresql" and isinstance(state, str) and state and type(link).__module__.startswith("asyncpg"):
            said = " ".join(filter(None, (str(link).partition("\n")[0], getattr(link, "detail", None))))
            position = getattr(link, "position", None)
            return Refused(_by_state(state, said), said, int(position) - 1 if position else None)
        code = link.args[0] if link.args else None
        if dialect == "mariadb" and isinstance(code, int) and type(link).__module__.startswith("pymysql"):
            said = str(link.args[1]) if len(link.args) > 1 else str(link)
            return Refused(_NUMBERS.get(code) or _by_words(said), said, _near(said, sql))
        name = getattr(link, "sqlite_errorname", "")
        if dialect == "sqlite" and (name or type(link).__module__ == "sqlite3"):
            found = _NAMES.get(name) or _NAMES.get("_".join(name.split("_")[:2]))
            words = _by_words(str(link))
            return Refused(words if words != "other" else found or "other", str(link), _near(str(link), sql))
    for link in links:
        if type(link).__module__.startswith("asyncpg") and "Connection" in type(link).__name__:
            return Refused("gone", str(link))
        if isinstance(link, (OSError, EOFError, TimeoutError)):
            return Refused("gone", network_reason(link))
        if type(link).__name__ in ("InterfaceError", "InternalClientError") and "clos" in str(link):
            return Refused("gone", str(link).partition("\n")[0])
    for link in links:
        if type(link).__module__.startswith(("asyncpg", "pymysql", "sqlite3", "sqlalchemy")):
            said = str(getattr(link, "orig", None) or link).partition("\n")[0]
            return Refused(_by_words(said), said)
    return None


def explained(found: Refused, target: Target, sql: str, tables: list[str]) -> ActivityError:
    """The error for a person. `tables` are those there are, for one that is not."""
    reason, shown = redact(found.reason)[:600], target.shown
    match found.kind:
        case "unique":
            return BusinessError(
                say("there is such a row already: {reason}", reason=reason),
                hint=say("Change the key, or have the conflict skipped or the row updated."),
            )
        case "foreign":
            return BusinessError(
                say("rows that refer to each other would not fit any more: {reason}", reason=reason),
                hint=say("Add the row that is referred to first, or delete those that refer to it."),
            )
        case "missing":
            return BusinessError(say("a value is missing that must be there: {reason}", reason=reason))
        case "rule":
            return BusinessError(say("a value breaks a rule of the table: {reason}", reason=reason))
        case "value":
            return BusinessError(say("a value does not fit its place: {reason}", reason=reason))
        case "twice":
            return BusinessError(
                say("two of the rows have one key: {reason}", reason=reason), hint=say("Leave one of them out.")
            )
        case "table":
            return _no_table(found, shown, tables)
        case "column":
            return BusinessError(
                say("a column is not there: {reason}", reason=reason),
                hint=say("'SQL tables' lists the columns of a table."),
            )
        case "syntax":
            return BusinessError(_at_place(found, sql, reason), hint=say("Each kind of database has its own SQL."))
        case "several":
            return BusinessError(
                say("these are several statements"), hint=say("Use 'SQL transaction', which takes several.")
            )
        case "password":
            return BusinessError(
                say("{shown} does not let {user!a} in: {reason}", shown=shown, user=target.username, reason=reason),
                hint=say("Check the credential."),
            )
        case "database":
            return BusinessError(
                say("there is no database {shown}: {reason}", shown=shown, reason=reason),
                hint=say("Check the address."),
            )
        case "permission":
            return BusinessError(
                say("{shown} does not allow it: {reason}", shown=shown, reason=reason),
                hint=say("See what the user of the credential may do."),
            )
        case "reading":
            return BusinessError(
                say("the statement changes something, or the database can only be read: {reason}", reason=reason),
                hint=say("'SQL query' only reads; use 'SQL execute' for what changes something."),
            )
        case "damaged":
            return BusinessError(say("{shown} is no database, or it is damaged: {reason}", shown=shown, reason=reason))
        case "gone":
            return SystemFault(
                say("the connection to {shown} failed: {reason}", shown=shown, reason=reason),
                hint=say("Check that the server is running and can be reached."),
            )
        case "deadlock":
            return SystemFault(
                say("{shown} undid this transaction in favour of another one: {reason}", shown=shown, reason=reason),
                hint=say("Nothing of it was kept: let the step try again."),
            )
        case "many":
            return SystemFault(
                say("{shown} takes no more connections: {reason}", shown=shown, reason=reason),
                hint=say("Try again later, or let fewer workflows use it at once."),
            )
        case "full":
            return SystemFault(
                say("{shown} has no space left: {reason}", shown=shown, reason=reason),
                hint=say("Free some space, then try again."),
            )
        case "read_only":
            return SystemFault(say("{shown} can only be read at present: {reason}", shown=shown, reason=reason))
        case "busy":
            return SystemFault(
                say("another program holds {shown}: {reason}", shown=shown, reason=reason), hint=say("Try again later.")
            )
        case "stopped":
            return SystemFault(say("{shown} stopped the statement: {reason}", shown=shown, reason=reason))
        case _:
            return BusinessError(say("{shown} refused the statement: {reason}", shown=shown, reason=reason))


def unreachable(error: BaseException, target: Target) -> ActivityError | None:
    """The error for a connection that was never made because of the network or TLS; None for another reason."""
    for link in _links(error):
        if isinstance(link, ssl.SSLError):
            return unreached(link, target.shown)
    if any(isinstance(link, (OSError, TimeoutError)) for link in _links(error)) and target.path is None:
        return unreached(error, target.shown)
    return None


def _no_table(found: Refused, shown: str, tables: list[str]) -> BusinessError:
    named = _TABLE.search(found.reason)
    name = named[1].rpartition(".")[2] if named else ""
    close = get_close_matches(name, tables, 3, 0.5)
    hint = say("Is {names} meant?", names=", ".join(close)) if close else ""
    if not close and tables:
        hint = say("Its tables are: {names}.", names=", ".join(tables[:40]))
    return BusinessError(
        say("there is no table {name!r} in {shown}", name=name or found.reason, shown=shown), hint=hint
    )


def _at_place(found: Refused, sql: str, reason: str) -> str:
    if found.place is None or not 0 <= found.place <= len(sql):
        return say("the statement is wrong: {reason}", reason=reason)
    line = sql.count("\n", 0, found.place) + 1
    column = found.place - (sql.rfind("\n", 0, found.place) + 1) + 1
    return say(
        "the statement is wrong at line {line}, column {column}: {reason}", line=line, column=column, reason=reason
    )


def _by_state(state: str, said: str) -> Kind:
    if state in _STATES:
        return _STATES[state]
    words = _by_words(said)
    if words != "other":
        return words
    by_class: dict[str, Kind] = {"08": "gone", "22": "value", "42": "syntax", "53": "full", "40": "deadlock"}
    return by_class.get(state[:2], "other")


def _by_words(said: str) -> Kind:
    lower = said.lower()
    return next((kind for words, kind in _SAID if words in lower), "other")


def _near(said: str, sql: str) -> int | None:
    """Where the text stands that the database names as being near the mistake, if it stands there once."""
    found = _NEAR.search(said)
    if not found or not found[1]:
        return None
    token = found[1]
    where = [match.start() for match in re.finditer(re.escape(token), sql)]
    return where[0] if len(where) == 1 else None


def _links(error: BaseException | None) -> Iterator[Any]:
    """The error and what it came of: outermost first, SQLAlchemy's `orig` before the context."""
    seen: set[int] = set()
    waiting = [error]
    while waiting:
        link = waiting.pop(0)
        if link is None or id(link) in seen or len(seen) > 20:
            continue
        seen.add(id(link))
        yield link
        waiting += [getattr(link, "orig", None), link.__cause__, link.__context__]
