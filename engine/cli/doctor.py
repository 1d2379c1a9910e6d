"""`rpa doctor`: whether everything is there and well, in a form that can be sent to whoever helps."""

from __future__ import annotations

import argparse
import os
import sqlite3
import sys
import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.cli.options import FAILED, SUCCEEDED, Command, add_json
from engine.cli.terminal import Terminal, printable, size
from engine.core.settings import Settings, declarations

_WAL_FIXED = (3, 51, 3)
_LITTLE_SPACE = 1_000_000_000
LIBRARIES = ("aiosqlite", "alembic", "httpx", "networkx", "openpyxl", "pydantic", "PyYAML", "SQLAlchemy", "XlsxWriter")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. `state` is `good`, `note` (worth knowing) or `bad`."""

    name: str
    state: str
    text: str
    hint: str = ""


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--quick", action="store_true", help="do not read the whole store to check it")
    add_json(parser)


def _doctor(arguments: argparse.Namespace, settings: Settings, terminal: Terminal) -> int:
    found = [
        *_programs(),
        *_settings(settings),
        *folders(settings),
        *store(settings.store, quick=arguments.quick),
        *_activities(),
        *desktop(),
    ]
    bad = sum(finding.state == "bad" for finding in found)
    if terminal.as_json:
        terminal.document({"well": not bad, "findings": found})
        return FAILED if bad else SUCCEEDED
    signs = {"good": "succeeded", "note": "waiting", "bad": "failed"}
    width = max(len(finding.name) for finding in found)
    for finding in found:
        text = printable(finding.text + (f"; {finding.hint}" if finding.hint else ""))
        room = max(20, terminal.width - width - 4) if terminal.interactive else 10_000
        first, *more = textwrap.wrap(text, room, break_long_words=False, break_on_hyphens=False) or [""]
        terminal.say(f"{terminal.symbol(signs[finding.state])} {finding.name:<{width}}  {first}")
        for line in more:
            terminal.say(f"  {'':<{width}}  {line}")
    terminal.say(f"\n{bad} thing{'' if bad == 1 else 's'} to mend." if bad else "\nAll is well.")
    return FAILED if bad else SUCCEEDED


def _programs() -> list[Finding]:
    import platform
    from importlib import metadata

    from engine import __version__

    versions = []
    missing = []
    for name in LIBRARIES:
        try:
            versions.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            missing.append(name)
    found = [
        Finding("rpa", "good", f"{__version__} in {Path(__file__).parents[2]}"),
        Finding("python", "good", f"{platform.python_version()} ({sys.executable})"),
        Finding("system", "good", f"{platform.platform()}, {os.cpu_count()} processors"),
        sqlite(sqlite3.sqlite_version_info),
        Finding("libraries", "good", ", ".join(versions)),
    ]
    if missing:
        found.append(Finding("libraries", "bad", f"missing: {', '.join(missing)}", "install RPA Studio again"))
    return found


def sqlite(version: tuple[int, ...]) -> Finding:
    """SQLite before 3.51.3 can damage a database whose log is reset by two connections at once."""
    text = ".".join(map(str, version))
    if version < _WAL_FIXED:
        fixed = ".".join(map(str, _WAL_FIXED))
        note = f"{text}: has the WAL-reset fault mended in {fixed}; a lock keeps it from harming the store"
        return Finding("sqlite", "note", note)
    return Finding("sqlite", "good", text)


def _settings(settings: Settings) -> list[Finding]:
    values = {one.name: getattr(settings, one.name) for one in declarations()}
    return [Finding(name, "good", f"{value} ({settings.origin[name]})") for name, value in values.items()]


def folders(settings: Settings) -> list[Finding]:
    """Whether the home folder and that for temporary files can be written, and how much space is left."""
    import shutil
    import tempfile

    found = []
    for name, folder in (("home folder", settings.home), ("temporary", Path(tempfile.gettempdir()))):
        existing = folder
        while not existing.exists() and existing != existing.parent:
            existing = existing.parent
        missing = "" if existing == folder else ", made when it is needed"
        if not existing.is_dir():
            found.append(Finding(name, "bad", f"{existing} is a file, not a folder", "choose another with RPA_HOME"))
            continue
        if not _writable(existing):
            found.append(Finding(name, "bad", f"{existing} cannot be written", "ask for permission, or choose another"))
            continue
        free = shutil.disk_usage(existing).free
        text = f"{folder} can be written{missing}, {size(free)} free"
        found.append(
            Finding(name, "good", text)
            if free >= _LITTLE_SPACE
            else Finding(name, "note", text, "free some space before it runs out")
        )
    return found


def _writable(folder: Path) -> bool:
    import tempfile

    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"x")
            file.flush()
    except OSError:
        return False
    return True


def store(path: Path, *, quick: bool) -> list[Finding]:
    """What state the checkpoint store is in. Only reads."""
    from engine.store.schema import APPLICATION_ID, VERSION

    if not path.exists():
        return [Finding("store", "good", f"{path}: none yet")]
    if path.is_dir():
        return [Finding("store", "bad", f"{path} is a folder", "move it away, or choose another home folder")]
    log = path.with_name(path.name + "-wal")
    total = path.stat().st_size + (log.stat().st_size if log.exists() else 0)
    try:
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=5)
        try:
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            owner = connection.execute("PRAGMA application_id").fetchone()[0]
            flaws: list[Any] = [] if quick else connection.execute("PRAGMA quick_check(5)").fetchall()
            counts = connection.execute("SELECT count(*) FROM executions").fetchone()[0] if version else 0
        finally:
            connection.close()
    except (sqlite3.Error, OSError) as error:
        return [Finding("store", "bad", f"{path}: {error}", "restore it from a backup")]
    text = f"{path}: {size(total)}, schema {version}, {counts:,} executions"
    if version and owner != APPLICATION_ID:
        return [Finding("store", "bad", f"{path} is a database of another program", "choose another home folder")]
    if version > VERSION:
        return [Finding("store", "bad", f"{text}; this program knows {VERSION}", "update RPA Studio")]
    if flaws and flaws != [("ok",)]:
        first = str(flaws[0][0])
        return [Finding("store", "bad", f"{path} is damaged: {first}", "keep a copy, then restore it from a backup")]
    old = f"; brought to {VERSION} at the next run" if version < VERSION else ""
    found = [Finding("store", "good", text + old)]
    held = holder(path)
    if held:
        found.append(Finding("store lock", "note", held))
    return found


def holder(path: Path) -> str:
    """Who has the store open for writing, or nothing."""
    from engine.store.lock import ProcessLock

    lock = path.with_name(path.name + ".lock")
    if not lock.exists():
        return ""
    from filelock import FileLock, Timeout

    try:
        with FileLock(lock, blocking=False):
            return ""
    except Timeout:
        return ProcessLock(path).refusal().message
    except OSError:
        return ""


def _activities() -> list[Finding]:
    from engine.api import Catalog

    catalog = Catalog()
    families = catalog.families()
    count = len(catalog.all())
    found = [Finding("activities", "good" if count else "bad", f"{count} in {len(families)} families")]
    for name, error in catalog.errors.items():
        found.append(Finding("plug-in", "bad", f"{name}: {error}", "update or remove it"))
    return found


def desktop() -> list[Finding]:
    """Whether steps of the desktop could run here, as their own activity tells. What lacks is worth knowing, not bad:
    a server has no screen."""
    from engine.api import Catalog

    check = Catalog().get("desktop.check")
    if check is None:
        return []
    found = check.function(fail=False).findings
    return [Finding("desktop", "good" if one.state == "good" else "note", one.text, one.hint) for one in found]


COMMANDS = (
    Command("doctor", "check the installation, the folders and the store", "rpa doctor --json", _options, _doctor),
)
