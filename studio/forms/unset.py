"""No value: what a parameter has that the document does not mention, other than null."""

from __future__ import annotations

from enum import Enum
from typing import Any, Final


class Unset(Enum):
    """The one value `UNSET`."""

    UNSET = "unset"

    def __bool__(self) -> bool:
        return False


UNSET: Final = Unset.UNSET


def same(one: Any, other: Any) -> bool:
    """Whether two values are the same data: unlike `==`, 1, 1.0 and true are three values, and nan is itself."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return list(one) == list(other) and all(same(one[key], other[key]) for key in one)
    if isinstance(one, (list, tuple)):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other) or (one != one and other != other)
