"""The question about a step in doubt and the bubble of a failed one: longer words get room, nothing is cut off."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QRectF
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from studio.base.theme import theme
from studio.designer.canvas.bubble import WIDTH, Bubble
from studio.designer.canvas.live import Link, StepLive
from studio.designer.run.doubt import DoubtCard, Question

QUESTION = Question("1", "letters", "each[3]/append", "Put it there", "files.append", "path: out.txt", 0.0)


def test_what_follows_from_an_answer_is_written_in_full(qtbot: QtBot) -> None:
    card = DoubtCard(QUESTION)
    qtbot.addWidget(card)
    card.setFixedWidth(theme().px(280))
    with qtbot.waitExposed(card):
        card.show()
    assert card.stop.height() > card.yes.height() == theme().px(46)  # two lines of what follows
    for choice in (card.yes, card.no, card.stop):
        assert choice.height() >= choice.heightForWidth(choice.width())


@pytest.mark.parametrize(("labels", "above"), [(("Details", "Edit"), False), (("Many details of it", "Edit the step where it is"), True)])
def test_links_that_have_no_room_beside_each_other_stand_above_each_other(
    qtbot: QtBot, labels: tuple[str, str], above: bool
) -> None:
    canvas = QWidget()
    qtbot.addWidget(canvas)
    canvas.resize(620, 380)
    bubble = Bubble(canvas)
    with qtbot.waitExposed(canvas):
        canvas.show()
    bubble.show_failure("a", StepLive("failed", message="It failed.\nTry again.", links=(Link("1", labels[0]), Link("2", labels[1]))))
    bubble.point_at(QRectF(200, 260, 184, 56))
    first, second = bubble.links
    assert (second.y() > first.y()) == above
    assert second.geometry().right() <= theme().px(WIDTH) and second.width() >= second.sizeHint().width()
