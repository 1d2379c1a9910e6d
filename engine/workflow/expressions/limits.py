"""What an expression may cost, and the meter that counts it.

Time is CPU time of the thread, so that a busy machine fails no expression. Sizes are counted where something is
created: data that an expression merely reads may be of any size.
"""

from __future__ import annotations

from dataclasses import dataclass
from time import thread_time
from typing import Any

from engine.core.errors import ExpressionError
from engine.core.sentences import say


@dataclass(frozen=True, slots=True)
class Limits:
    """The bounds of one evaluation."""

    source: int = 10_000
    """Characters of an expression."""
    depth: int = 80
    """How deep brackets, operators and created data may nest."""
    loops: int = 500_000
    """Turns of all loops together; a function that works item by item takes a turn for each."""
    number_bits: int = 4_096
    """Bits of a whole number."""
    text: int = 2_000_000
    """Characters of one created text."""
    items: int = 500_000
    """Items of one created list or mapping."""
    created: int = 20_000_000
    """Characters of all created texts together; a list item counts as 8."""
    result: int = 50_000_000
    """Characters and items of a created result, written out in full."""
    seconds: float = 0.05
    """CPU time. With what a compilation and the last call before the check take, that keeps below 0.1."""


DEFAULT_LIMITS = Limits()

_BATCH = 64
"""Turns between two looks at the clock."""
_LARGE = say("Work of this size belongs in a step of its own, such as a data activity or a script")


class Meter:
    """Counts what one evaluation costs, and stops it with an `ExpressionError` where it costs too much.

    Whoever works takes turns: `meter.turns(n)`, or in a hot loop `ticks -= 1` and `check()` below zero. The clock is
    asked at each check alone, because asking it costs more than most expressions.
    """

    __slots__ = ("_deadline", "_loops", "_room", "limits", "ticks")

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.ticks = _BATCH
        self._loops = limits.loops
        self._room = limits.created
        self._deadline = 0.0

    @property
    def left(self) -> float:
        """CPU seconds that are left, more than 0; raises when there are none."""
        self.check()
        return max(self._deadline - thread_time(), 0.001)

    def check(self) -> None:
        """Raise when the turns or the time are used up."""
        self._loops -= _BATCH - self.ticks
        self.ticks = _BATCH
        if self._loops < 0:
            raise ExpressionError(
                say("the expression loops more than {loops:,} times", loops=self.limits.loops), hint=_LARGE
            )
        now = thread_time()
        if not self._deadline:
            self._deadline = now + self.limits.seconds
        elif now > self._deadline:
            raise ExpressionError(say("the expression takes too long"), hint=_LARGE)

    def turns(self, count: int) -> None:
        """Take `count` turns of a loop."""
        self.ticks -= count
        if self.ticks < 0:
            self.check()

    def text(self, length: int) -> None:
        """Make room for a text of `length` characters."""
        if length > self.limits.text:
            raise ExpressionError(say("the text grows beyond {text:,} characters", text=self.limits.text), hint=_LARGE)
        self.create(length)

    def items(self, count: int) -> None:
        """Make room for a list or mapping of `count` items."""
        if count > self.limits.items:
            raise ExpressionError(say("the list grows beyond {items:,} items", items=self.limits.items), hint=_LARGE)
        self.create(8 * count)

    def whole(self, bits: int) -> None:
        """Make room for a whole number of `bits` bits."""
        if bits > self.limits.number_bits:
            raise ExpressionError(say("the number grows too large"))

    def create(self, size: int) -> None:
        """Make room for `size` characters."""
        self._room -= size
        if self._room < 0:
            raise ExpressionError(say("the expression creates too much data"), hint=_LARGE)
        self.turns(size >> 9)


def weigh(value: Any, limits: Limits, most: int) -> int:
    """The characters and items of a list or mapping written out in full; raises beyond `most`.

    Shared parts are walked once and counted every time, so a small structure that refers to itself over and over
    (a thousand times a list of a thousand times a list …) is recognised without unfolding it.
    """
    known: dict[int, int] = {}

    def walk(value: Any, depth: int) -> int:
        found = known.get(id(value))
        if found is not None:
            return found
        if depth < 0:
            raise ExpressionError(say("the data nests deeper than {depth} levels", depth=limits.depth))
        total = 1 + len(value)
        if type(value) is dict:
            for key in value:
                total += len(key) if type(key) is str else 1
            inner: Any = value.values()
        else:
            inner = value
        for item in inner:
            kind = type(item)
            if kind is str or kind is bytes:
                total += len(item)
            elif kind is dict or kind is list:
                found = known.get(id(item))
                total += found if found is not None else walk(item, depth - 1)
                if total > most:
                    break
        if total > most:
            raise ExpressionError(say("the data is larger than {most:,} characters and items", most=most), hint=_LARGE)
        known[id(value)] = total
        return total

    return walk(value, limits.depth)
