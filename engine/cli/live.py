"""Progress on a terminal: one line a step, moving. Only this module imports Rich; only a terminal imports this."""

from __future__ import annotations

import shutil

from rich.console import Console, Group
from rich.live import Live as Screen
from rich.table import Table
from rich.text import Text

from engine.api import Progress
from engine.cli.lines import counts, log_line
from engine.cli.progress import Board, Row
from engine.cli.terminal import SYMBOLS, Terminal, printable
from engine.core import durations
from engine.core.events import Entry, Logged

_INNER = 4
"""Steps inside bodies that are shown at once."""
_FLOOD = 50
"""Lines that scroll by between two pictures at most."""


class Live:
    """Redraws when `tick` finds news; what steps log scrolls by above."""

    def __init__(self, board: Board, terminal: Terminal, total: int) -> None:
        self._board = board
        self._terminal = terminal
        self._total = total
        self._said: list[str] = []
        self._console = Console(
            file=terminal.text,
            no_color=not terminal.color,
            highlight=False,
            markup=False,
            emoji=False,
            safe_box=True,
            width=terminal.width,
        )
        self._screen = Screen(console=self._console, auto_refresh=False, transient=True, redirect_stdout=False)
        self._screen.start()

    def take(self, news: Entry | Progress) -> None:
        self._board.take(news)
        if isinstance(news, Entry) and isinstance(news.event, Logged) and news.event.level != "debug":
            self._said.append(log_line(news.event))

    def say(self, text: str) -> None:
        """A line above the picture, at the next tick."""
        self._said.append(text)

    def tick(self) -> None:
        self._speak()
        self._screen.update(self.picture(), refresh=True)

    def _speak(self) -> None:
        """Print what was said since the last tick; of a flood, the end."""
        said, self._said = self._said, []
        if len(said) > _FLOOD:
            said = [f"  {len(said) - _FLOOD:,} more lines; rpa journal shows all", *said[-_FLOOD:]]
        if said:
            self._console.print("\n".join(said), overflow="ellipsis", no_wrap=True)

    def close(self) -> None:
        """Leave the last picture standing."""
        self._speak()
        self._screen.stop()
        self._console.print(self.picture(final=True))

    def picture(self, *, final: bool = False) -> Group:
        """The steps that fit the window: those that run, and the latest of those that ended."""
        room = max(4, shutil.get_terminal_size().lines - 4 - min(_INNER, len(self._board.inner)))
        rows = list(self._board.rows.values())
        hidden = 0
        if not final and len(rows) > room:
            waiting = sorted(rows, key=lambda row: (row.ended is None, row.ended or row.began))
            kept = {row.address for row in waiting[-room:]}
            hidden = len(rows) - len(kept)
            rows = [row for row in rows if row.address in kept]
        now = self._board.clock()
        table = Table.grid(padding=(0, 2))
        table.add_column(no_wrap=True)
        table.add_column(no_wrap=True, justify="right", min_width=6)
        table.add_column(no_wrap=True, overflow="ellipsis")
        for row in rows:
            table.add_row(*self._cells(row, now))
        for row in [] if final else list(self._board.inner.values())[:_INNER]:
            table.add_row(*self._cells(row, now, indent="  "))
        head = Text(f"{hidden:,} earlier steps", style="dim") if hidden else Text("")
        parts = [head] if hidden else []
        done = self._board.settled + self._board.skipped
        foot = [] if final else [Text(f"{done:,} of {self._total:,} steps  (Ctrl-C pauses)", style="dim")]
        return Group(*parts, table, *foot)

    def _cells(self, row: Row, now: float, indent: str = "") -> tuple[Text, Text, Text]:
        rich, simple, style = SYMBOLS.get(row.status, SYMBOLS["queued"])
        name = Text(indent)
        name.append(rich if self._terminal.unicode else simple, style=style)
        name.append(" " + printable(row.address))
        parts = counts(row, now)
        if row.attempt > 1:
            parts.append(f"try {row.attempt}")
        if row.ended is None and row.status != "running":
            parts.insert(0, row.status.replace("_", " "))
        if row.error is not None:
            parts.append(printable(str(row.error.get("message", ""))))
        more = "  ".join(parts)
        if not self._terminal.unicode:
            more = more.encode("ascii", "replace").decode("ascii")
        return name, Text(durations.text(row.seconds(now)), style="dim"), Text(more, style="red" if row.error else "")
