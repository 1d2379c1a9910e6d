"""What is remembered of integrations: checks, changes of state, and how calls went.

A small SQLite file of its own, `integrations.db` in the home folder, and not a table of the checkpoint store: that one
has a single process as its writer, while checks and calls come from several (a studio, a run in a terminal, a watch),
and losing this file costs nobody any work. Nothing that is wrong with it ever fails a step: it is logged, once.
"""

from __future__ import annotations

import asyncio
import logging
import random
import sqlite3
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import aiosqlite

FILE = "integrations.db"
VERSION = 1
KEPT = 14 * 86400.0
"""Seconds that checks and calls are kept."""
CHANGES = 1000
"""Changes that are kept of one integration."""
DAY = 86400.0
_BUSY = 5.0
_log = logging.getLogger(__name__)

State = Literal["up", "down", "unknown"]

_SCHEMA = """
CREATE TABLE checks (name TEXT NOT NULL, at REAL NOT NULL, good INTEGER NOT NULL, ms REAL NOT NULL, said TEXT NOT NULL);
CREATE INDEX checks_by_name ON checks (name, at);
CREATE TABLE changes (name TEXT NOT NULL, at REAL NOT NULL, state TEXT NOT NULL, said TEXT NOT NULL);
CREATE INDEX changes_by_name ON changes (name, at);
CREATE TABLE standings (
    name TEXT PRIMARY KEY, state TEXT NOT NULL, since REAL NOT NULL, streak INTEGER NOT NULL, said TEXT NOT NULL,
    due REAL NOT NULL
);
CREATE TABLE calls (
    name TEXT NOT NULL, minute INTEGER NOT NULL, calls INTEGER NOT NULL, failed INTEGER NOT NULL, ms REAL NOT NULL,
    PRIMARY KEY (name, minute)
);
"""


@dataclass(frozen=True, slots=True)
class HealthCheck:
    """How one check went. `at` is in seconds since 1970, `ms` how long it took, `said` what came of it."""

    at: float
    good: bool
    ms: float
    said: str


@dataclass(frozen=True, slots=True)
class HealthChange:
    """When an integration turned, into what and why."""

    name: str
    at: float
    state: State
    said: str


@dataclass(frozen=True, slots=True)
class Standing:
    """What an integration is taken for since when, and how many checks in a row speak for the opposite."""

    state: State = "unknown"
    since: float = 0.0
    streak: int = 0
    said: str = ""


@dataclass(frozen=True, slots=True)
class Figures:
    """Of the last 24 hours: checks and calls, the share of good checks, and the latency of those in milliseconds."""

    checks: int = 0
    good: float | None = None
    median: float | None = None
    p95: float | None = None
    calls: int = 0
    failed: int = 0


class History:
    """Opened when it is first used, closed with `close`. Used on one event loop."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: aiosqlite.Connection | None = None
        self._opening = asyncio.Lock()
        self._broken = False

    async def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()

    async def claim(self, name: str, now: float, until: float) -> bool:
        """Take the check of an integration that is due, for this process, until the next one. Gives whether it was."""
        took = await self._run(
            "INSERT INTO standings VALUES (?1, 'unknown', 0, 0, '', ?3) ON CONFLICT (name) DO UPDATE SET due = ?3 "
            "WHERE due <= ?2 OR due > ?3 + 86400",
            (name, now, until),
        )
        return took is None or took > 0

    async def check(self, name: str, check: HealthCheck, standing: Standing) -> None:
        """Note a check, and what the integration is taken for since."""
        await self._run(
            "INSERT INTO checks VALUES (?, ?, ?, ?, ?)", (name, check.at, int(check.good), check.ms, check.said)
        )
        await self.stand(name, standing)
        if random.random() < 0.01:
            await self.tidy(check.at)

    async def stand(self, name: str, standing: Standing) -> None:
        """Note what an integration is taken for."""
        await self._run(
            "INSERT INTO standings VALUES (?1, ?2, ?3, ?4, ?5, 0) ON CONFLICT (name) DO UPDATE SET "
            "state = ?2, since = ?3, streak = ?4, said = ?5",
            (name, standing.state, standing.since, standing.streak, standing.said),
        )

    async def change(self, change: HealthChange) -> None:
        """Note that an integration turned."""
        await self._run("INSERT INTO changes VALUES (?, ?, ?, ?)", (change.name, change.at, change.state, change.said))

    async def count(self, name: str, at: float, calls: int, failed: int, ms: float) -> None:
        """Add calls that have ended."""
        await self._run(
            "INSERT INTO calls VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (name, minute) DO UPDATE SET "
            "calls = calls + ?3, failed = failed + ?4, ms = ms + ?5",
            (name, int(at // 60), calls, failed, ms),
        )

    async def standings(self) -> dict[str, Standing]:
        """What each integration is taken for."""
        rows = await self._read("SELECT name, state, since, streak, said FROM standings")
        return {row[0]: Standing(*row[1:]) for row in rows}

    async def standing(self, name: str) -> Standing:
        rows = await self._read("SELECT state, since, streak, said FROM standings WHERE name = ?", (name,))
        return Standing(*rows[0]) if rows else Standing()

    async def checks(self, name: str, limit: int = 100) -> list[HealthCheck]:
        """The last checks, the newest first."""
        rows = await self._read(
            "SELECT at, good, ms, said FROM checks WHERE name = ? ORDER BY at DESC LIMIT ?", (name, limit)
        )
        return [HealthCheck(at, bool(good), ms, said) for at, good, ms, said in rows]

    async def changes(self, name: str, limit: int = 20) -> list[HealthChange]:
        """The last changes, the newest first."""
        rows = await self._read(
            "SELECT name, at, state, said FROM changes WHERE name = ? ORDER BY at DESC LIMIT ?", (name, limit)
        )
        return [HealthChange(*row) for row in rows]

    async def figures(self, name: str, now: float | None = None) -> Figures:
        """What the last 24 hours come to."""
        since = (time.time() if now is None else now) - DAY
        recent = "WHERE name = ? AND at > ?"
        times = await self._read(f"SELECT ms FROM checks {recent} AND good ORDER BY ms", (name, since))
        counts = await self._read(f"SELECT count(*) FROM checks {recent}", (name, since))
        total = counts[0][0] if counts else 0
        counted = await self._read(
            "SELECT coalesce(sum(calls), 0), coalesce(sum(failed), 0) FROM calls WHERE name = ? AND minute > ?",
            (name, since // 60),
        )
        calls, failed = counted[0] if counted else (0, 0)
        good = len(times) / total if total else None
        ordered = [row[0] for row in times]
        return Figures(total, good, _percentile(ordered, 0.5), _percentile(ordered, 0.95), calls, failed)

    async def forget(self, name: str) -> None:
        """Remove all that is known of an integration."""
        for table in ("checks", "changes", "standings", "calls"):
            await self._run(f"DELETE FROM {table} WHERE name = ?", (name,))

    async def tidy(self, now: float) -> None:
        """Remove what is too old to be kept."""
        await self._run("DELETE FROM checks WHERE at < ?", (now - KEPT,))
        await self._run("DELETE FROM calls WHERE minute < ?", ((now - KEPT) // 60,))
        await self._run(
            "DELETE FROM changes WHERE rowid IN (SELECT rowid FROM (SELECT rowid, row_number() OVER "
            "(PARTITION BY name ORDER BY at DESC) AS place FROM changes) WHERE place > ?)",
            (CHANGES,),
        )

    async def _run(self, statement: str, values: Sequence[Any]) -> int | None:
        """How many rows it changed, or None where nothing can be written."""
        connection = await self._open(make=True)
        if connection is None:
            return None
        try:
            cursor = await connection.execute(statement, values)
            await cursor.close()
            return cursor.rowcount
        except sqlite3.Error as error:
            _log.warning("the history of integrations in %s cannot be written: %s", self._path, error)
            return None

    async def _read(self, statement: str, values: Sequence[Any] = ()) -> list[Any]:
        connection = await self._open(make=False)
        if connection is None:
            return []
        try:
            return list(await connection.execute_fetchall(statement, values))
        except sqlite3.Error as error:
            _log.warning("the history of integrations in %s cannot be read: %s", self._path, error)
            return []

    async def _open(self, *, make: bool) -> aiosqlite.Connection | None:
        async with self._opening:
            if self._connection is None and not self._broken and (make or self._path.exists()):
                try:
                    self._connection = await _opened(self._path)
                except (sqlite3.Error, OSError) as error:
                    self._broken = True
                    _log.warning("the history of integrations in %s cannot be used: %s", self._path, error)
            return self._connection


async def _opened(path: Path) -> aiosqlite.Connection:
    """A connection to a file with the tables. It is closed if that fails or is given up."""
    made = aiosqlite.connect(path, timeout=_BUSY, isolation_level=None)
    try:
        connection = await made
        await _prepare(connection)
    except BaseException:
        await made.close()
        raise
    return connection


async def _prepare(connection: aiosqlite.Connection) -> None:
    """Make the tables where there are none. Raises `sqlite3.Error` for a file of a newer version or none of ours."""
    await connection.execute("PRAGMA journal_mode = WAL")
    await connection.execute("PRAGMA synchronous = NORMAL")
    if await _version(connection) == VERSION:
        return
    await connection.execute("BEGIN IMMEDIATE")
    try:
        version = await _version(connection)
        if version > VERSION:
            raise sqlite3.DatabaseError(f"it is of version {version}, and this program knows {VERSION}")
        if version == 0:
            for statement in filter(str.strip, _SCHEMA.split(";")):
                await connection.execute(statement)
            await connection.execute(f"PRAGMA user_version = {VERSION}")
        await connection.execute("COMMIT")
    except BaseException:
        await connection.execute("ROLLBACK")
        raise


async def _version(connection: aiosqlite.Connection) -> int:
    rows = list(await connection.execute_fetchall("PRAGMA user_version"))
    return int(rows[0][0])


def _percentile(ordered: Sequence[float], share: float) -> float | None:
    """By the nearest rank."""
    if not ordered:
        return None
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]
