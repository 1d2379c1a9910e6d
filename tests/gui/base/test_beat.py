from __future__ import annotations

from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot
from shiboken6 import delete

from studio.base.beat import Beat


class Turning(QObject):
    def __init__(self) -> None:
        super().__init__()
        self.turns = 0

    def turn(self) -> None:
        self.turns += 1


def test_it_calls_who_follows_until_they_leave(qtbot: QtBot) -> None:
    beat, one, other = Beat(), Turning(), Turning()
    beat.follow(one, one.turn)
    beat.follow(other, other.turn)
    qtbot.waitUntil(lambda: other.turns >= 2)
    beat.leave(other)
    assert beat.follows(one) and not beat.follows(other)
    turns = one.turns, other.turns
    qtbot.waitUntil(lambda: one.turns >= turns[0] + 2)
    assert other.turns == turns[1]
    beat.leave(one)


def test_who_is_gone_is_called_no_more(qtbot: QtBot) -> None:
    beat, one, other = Beat(), Turning(), Turning()
    beat.follow(one, one.turn)
    beat.follow(other, other.turn)
    delete(one)
    qtbot.waitUntil(lambda: not beat.follows(one))
    beat.leave(other)


def test_widgets_that_outlive_the_application_may_leave_and_follow(qtbot: QtBot) -> None:
    beat, one = Beat(), Turning()
    beat.follow(one, one.turn)
    delete(beat)  # as the end of the application does
    beat.leave(one)
    beat.follow(one, one.turn)
    assert not beat.follows(one)
