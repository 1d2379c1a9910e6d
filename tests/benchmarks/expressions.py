"""What is evaluated by us and by the template engines, and how it is timed. Imports nothing but the standard library."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

NAMES: dict[str, Any] = {
    "steps": {
        "read": {"output": {"rows": [{"id": number, "price": number * 1.5} for number in range(10)], "total": 240}}
    },
    "item": {"name": "Sofia", "country": "BG"},
    "vars": {"limit": 100},
}
EXPRESSIONS: dict[str, tuple[str, Any]] = {
    "path": ("steps.read.output.rows[3].price", 4.5),
    "condition": ("steps.read.output.total > vars.limit and item.country == 'BG'", True),
}


def microseconds(call: Callable[[], Any], expected: Any, loops: int = 4000, repeats: int = 7) -> float:
    """The median time of a call in microseconds."""
    assert call() == expected, (call(), expected)
    times = []
    for _ in range(repeats):
        begun = time.perf_counter()
        for _ in range(loops):
            call()
        times.append((time.perf_counter() - begun) / loops)
    return statistics.median(times) * 1e6
