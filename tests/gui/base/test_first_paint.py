from __future__ import annotations

from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from studio.base.first_paint import FirstPaint


def test_it_happens_once_and_after_all_was_drawn(qtbot: QtBot) -> None:
    widget = QWidget()
    qtbot.addWidget(widget)
    drawn: list[str] = []

    class Inner(QLabel):
        def paintEvent(self, event: object) -> None:
            drawn.append("inner")

    inner = Inner("text", widget)
    first = FirstPaint(widget)
    first.happened.connect(lambda: drawn.append("happened"))
    qtbot.wait(20)
    assert not first.done and drawn == []
    widget.show()
    qtbot.waitUntil(lambda: "happened" in drawn)
    assert drawn[0] == "inner"
    drawn.clear()
    widget.update()
    inner.update()
    qtbot.waitUntil(lambda: bool(drawn))
    qtbot.wait(20)
    assert "happened" not in drawn
