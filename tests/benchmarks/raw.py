"""SQLite with nothing around it: `python raw.py FOLDER COMMITS BYTES` prints commits per second as JSON.

One row of so many bytes in a commit of its own, write-ahead log, synchronous=FULL: what a disk gives to whoever waits
for each row.
"""

from __future__ import annotations

import json
import sqlite3
import sys
import time
from pathlib import Path


def commits(path: Path, count: int, size: int) -> float:
    """Commits per second."""
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("CREATE TABLE rows (id INTEGER PRIMARY KEY, data TEXT)")
        begun = time.perf_counter()
        for _ in range(count):
            connection.execute("INSERT INTO rows (data) VALUES (?)", ("x" * size,))
        seconds = time.perf_counter() - begun
        assert connection.execute("SELECT count(*) FROM rows").fetchone() == (count,)
        return count / seconds
    finally:
        connection.close()


if __name__ == "__main__":
    folder, count, size = sys.argv[1:]
    print(json.dumps({"raw": commits(Path(folder) / "raw.db", int(count), int(size))}))
