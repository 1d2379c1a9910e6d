from __future__ import annotations

from datetime import datetime

import pytest

from studio.base.i18n import set_language
from studio.base.when import ago, at, stamp

NOW = datetime(2026, 11, 23, 9, 41).timestamp()


@pytest.fixture(autouse=True)
def _english() -> None:
    set_language("en")


@pytest.mark.parametrize(
    ("moment", "said", "past"),
    [
        (datetime(2026, 11, 23, 9, 40, 30), "today 09:40", "Just now"),
        (datetime(2026, 11, 23, 9, 39), "today 09:39", "2 min ago"),
        (datetime(2026, 11, 23, 7, 42), "today 07:42", "1 h ago"),
        (datetime(2026, 11, 22, 23, 59), "yesterday 23:59", "Yesterday"),
        (datetime(2026, 11, 18, 15, 40), "18 Nov 15:40", "18 Nov"),
        (datetime(2025, 11, 18, 15, 40), "18 Nov 2025 15:40", "18 Nov 2025"),
        (datetime(2026, 11, 23, 10, 0), "today 10:00", "Just now"),
        (datetime(2026, 11, 24, 10, 0), "24 Nov 10:00", "24 Nov"),
    ],
)
def test_moments_are_said_as_a_person_would(moment: datetime, said: str, past: str) -> None:
    assert at(moment.timestamp(), NOW) == said
    assert stamp(moment.timestamp(), NOW) == said.removeprefix("today ").replace("yesterday", "Yesterday")
    assert ago(moment.timestamp(), NOW) == past


@pytest.mark.parametrize("moment", [float("inf"), float("nan"), -1e20, 1e20])
def test_impossible_moments_are_said_as_nothing(moment: float) -> None:
    assert at(moment) == stamp(moment) == ago(moment) == ""
