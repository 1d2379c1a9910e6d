from __future__ import annotations

import pytest

from studio.shell.geometry import Box, fit, read

MAIN, SECOND = Box(0, 24, 1920, 1056), Box(1920, 0, 1280, 1024)
DEFAULT, LEAST = (1440, 900), (880, 560)


@pytest.mark.parametrize("wanted", [Box(100, 100, 1000, 700), Box(2000, 50, 1000, 700), Box(-300, 24, 1000, 700)])
def test_a_place_that_can_be_reached_is_kept(wanted: Box) -> None:
    assert fit(wanted, [MAIN, SECOND], DEFAULT, LEAST) == wanted


@pytest.mark.parametrize(
    "wanted", [None, Box(5000, 100, 1000, 700), Box(100, -400, 1000, 700), Box(-990, 100, 1000, 700)]
)
def test_one_that_cannot_is_put_in_the_middle(wanted: Box | None) -> None:
    assert fit(wanted, [MAIN, SECOND], DEFAULT, LEAST) == Box(240, 102, 1440, 900)


def test_a_window_larger_than_the_screen_is_made_smaller() -> None:
    assert fit(Box(0, 24, 4000, 3000), [MAIN], DEFAULT, LEAST) == Box(0, 24, 1920, 1056)
    assert fit(None, [Box(0, 0, 1024, 600)], DEFAULT, LEAST) == Box(0, 0, 1024, 600)


def test_without_a_screen_nothing_is_decided() -> None:
    assert fit(None, [], DEFAULT, LEAST) == Box(0, 0, 1440, 900)


@pytest.mark.parametrize("junk", [None, "x", [1, 2, 3], [1, 2, 3, "4"], [0, 0, 0, 10], [True, 0, 5, 5], [0, 0, 1e9, 5]])
def test_what_is_no_rectangle_is_none(junk: object) -> None:
    assert read(junk) is None


def test_a_rectangle_is_read() -> None:
    assert read([1, 2, 3, 4]) == Box(1, 2, 3, 4)
