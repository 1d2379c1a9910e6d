"""A step of which nobody knows whether it happened, asked about in plain words. No answer is preselected."""

from __future__ import annotations

import json
from dataclasses import dataclass

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from studio.base.i18n import tr
from studio.base.icons import icon, paint_icon
from studio.base.theme import set_kind, theme
from studio.base.when import stamp
from studio.designer.run import words
from studio.widgets.drawn_button import DrawnButton
from studio.widgets.key_cap import cap_width, paint_cap

_LINES = 8
"""Lines of what it was about to use that are shown."""


@dataclass(frozen=True, slots=True)
class Question:
    """One step in doubt: what a person must know to answer."""

    execution: str
    workflow: str
    address: str
    label: str
    activity: str
    parameters: str
    started_at: float


@dataclass(frozen=True, slots=True)
class _Words:
    question: str
    yes: str
    no: str
    about_yes: str
    about_no: str


def _words(activity: str) -> _Words:
    """The question is about the world, so it is asked in the words of what the step does."""
    family, _, name = activity.partition(".")
    go_on = tr("Mark it done and go on")
    again = tr("Run this step again")
    if "mail" in activity or "send" in name or family in ("email", "notify", "message"):
        return _Words(tr("Did this message go out?"), tr("Yes, it went out"), tr("No, send it now"), go_on, again)
    if activity == "files.append" or "write" in name or "append" in name:
        return _Words(tr("Was this written?"), tr("Yes, it was written"), tr("No, write it now"), go_on, again)
    if family == "http" or name in ("request", "post", "call", "upload"):
        return _Words(tr("Did this request arrive?"), tr("Yes, it arrived"), tr("No, send it now"), go_on, again)
    if family == "script":
        return _Words(tr("Did this script run?"), tr("Yes, it ran"), tr("No, run it now"), go_on, again)
    return _Words(tr("Did this happen?"), tr("Yes, it happened"), tr("No, do it now"), go_on, again)


def question_of(activity: str) -> str:
    """The question that is asked about a step of that activity."""
    return _words(activity).question


class DoubtCard(QFrame):
    """Shows a question; `answered` gives it, the decision (`done`, `retry`, `fail`), and the output for `done`."""

    answered = Signal(object, str, object)
    looked = Signal(object)
    """The person wants to see the step."""

    def __init__(self, question: Question, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.question = question
        said = _words(question.activity)
        self.setAccessibleName(said.question)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self._mark = QLabel(self)
        self._title = QLabel(said.question, self)
        set_kind(self._title, "heading")
        self._title.setWordWrap(True)
        self._story = QLabel(self._told(), self)
        self._story.setWordWrap(True)
        self._story.setTextFormat(Qt.TextFormat.PlainText)
        self._facts = _facts(question, self)
        self.yes = _Choice("check", said.yes, said.about_yes, "1", self)
        self.no = _Choice("arrow-clockwise", said.no, said.about_no, "2", self)
        self.stop = _Choice("x", tr("Stop here"), tr("Let the step fail; it is not done again"), "3", self)
        self.yes.clicked.connect(lambda: self._answer("done"))
        self.no.clicked.connect(lambda: self._answer("retry"))
        self.stop.clicked.connect(lambda: self._answer("fail"))
        self.output = QPlainTextEdit(self)
        self.output.setPlaceholderText(tr("What the step gave, as JSON; empty for nothing"))
        self.output.setAccessibleName(tr("Output of the step"))
        self.output.setFixedHeight(theme().px(56))
        self.output.hide()
        self.wrong = QLabel(self)
        set_kind(self.wrong, "error")
        self.wrong.setWordWrap(True)
        self.wrong.hide()
        self.with_output = QPushButton(tr("Later steps need its output…"), self)
        set_kind(self.with_output, "ghost")
        self.with_output.setCheckable(True)
        self.with_output.toggled.connect(self.output.setVisible)
        self.look = QPushButton(tr("Show the step"), self)
        set_kind(self.look, "ghost")
        self.look.clicked.connect(lambda: self.looked.emit(self.question))
        for button in (self.with_output, self.look):
            button.setAutoDefault(False)
        self._lay_out()
        theme().changed.connect(self._restyle)
        self._restyle()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self._mark)
        head.addWidget(self._title, 1)
        foot = QHBoxLayout()
        foot.addWidget(self.with_output)
        foot.addStretch(1)
        foot.addWidget(self.look)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 14, 16, 10)
        column.setSpacing(8)
        column.addLayout(head)
        column.addWidget(self._story)
        column.addWidget(self._facts)
        for choice in (self.yes, self.no, self.stop):
            column.addWidget(choice)
        column.addWidget(self.output)
        column.addWidget(self.wrong)
        column.addLayout(foot)

    def _told(self) -> str:
        when = stamp(self.question.started_at)
        return tr(
            "“{step}” began at {time} and was cut off. Nobody knows whether it took effect, so it was not repeated, "
            "and nothing after it is done until you answer.",
            step=self.question.label,
            time=when,
        )

    def _answer(self, decision: str) -> None:
        output = None
        text = self.output.toPlainText().strip()
        if decision == "done" and text and self.with_output.isChecked():
            try:
                output = json.loads(text)
            except (ValueError, RecursionError) as error:
                self.wrong.setText(tr("That is not JSON: {reason}. Write text in double quotes.", reason=error))
                self.wrong.show()
                return
        self.setEnabled(False)  # until the engine has heard it
        self.answered.emit(self.question, decision, output)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        choices = {Qt.Key.Key_1: self.yes, Qt.Key.Key_2: self.no, Qt.Key.Key_3: self.stop}
        choice = choices.get(Qt.Key(event.key()))
        if choice is not None and not event.modifiers():
            choice.setFocus()  # a key alone decides nothing that cannot be undone
        else:
            super().keyPressEvent(event)

    def _restyle(self) -> None:
        side = theme().px(20)
        glyph = icon("question-fill", color="doubt")
        self._mark.setPixmap(glyph.pixmap(QSize(side, side), self.devicePixelRatioF()))
        self._title.setStyleSheet(f"color: {theme().color('doubt').name()};")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(theme().color("doubt-soft"))
        painter.setPen(QPen(theme().color("doubt"), 1.5))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 10, 10)
        painter.end()


def _facts(question: Question, parent: QWidget) -> QFrame:
    """What it was about to use, name by name."""
    frame = QFrame(parent)
    set_kind(frame, "card")
    grid = QGridLayout(frame)
    grid.setContentsMargins(12, 8, 12, 8)
    grid.setHorizontalSpacing(14)
    grid.setVerticalSpacing(4)
    rows = []
    for line in question.parameters.splitlines():
        name, colon, value = line.partition(": ")
        if colon and len(name) < 40:
            rows.append((name, value))
        elif rows:
            rows[-1] = (rows[-1][0], f"{rows[-1][1]} {line}")
    rows = rows[:_LINES]
    rows.append((tr("started"), words.moment(question.started_at)))
    rows.append((tr("step"), question.address))
    for number, (name, value) in enumerate(rows):
        label, shown = QLabel(name, frame), QLabel(value, frame)
        set_kind(label, "small")
        set_kind(shown, "code")
        shown.setWordWrap(True)
        shown.setTextFormat(Qt.TextFormat.PlainText)
        shown.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        grid.addWidget(label, number, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(shown, number, 1)
    grid.setColumnStretch(1, 1)
    return frame


class _Choice(DrawnButton):
    """One answer: an icon, what it says, what follows from it, and the key that goes to it."""

    def __init__(self, glyph: str, text: str, about: str, key: str, parent: QWidget) -> None:
        super().__init__(text, parent)
        self._glyph, self._about, self._key = glyph, about, key
        self.setAccessibleDescription(about)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def sizeHint(self) -> QSize:
        width = theme().px(220)
        return QSize(width, self.heightForWidth(width))

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        """What follows from an answer is never cut off."""
        about = self._areas(width)[1]
        return max(theme().px(46), round(about.bottom()) + theme().px(6))

    def _areas(self, width: int) -> tuple[QRectF, QRectF]:
        """Where the answer and what follows from it are written."""
        px, flags = theme().px, Qt.TextFlag.TextWordWrap
        room = width - px(42) - cap_width(self._key) - px(20)
        said = QFontMetrics(_strong()).boundingRect(QRect(0, 0, room, 10_000), flags, self.text()).height()
        about = QFontMetrics(theme().font("small")).boundingRect(QRect(0, 0, room, 10_000), flags, self._about).height()
        top = px(6)
        return QRectF(px(42), top, room, said), QRectF(px(42), top + said + px(1), room, about)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pressed, focused = self.isDown(), self.hasFocus()
        painter.setBrush(theme().color("pressed" if pressed else "hover" if self.underMouse() else "raised"))
        painter.setPen(QPen(theme().color("focus" if focused else "line-field"), 2 if focused else 1))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 7, 7)
        side = theme().px(16)
        on = self.isEnabled()
        paint_icon(
            painter,
            QRectF(theme().px(14), (self.height() - side) / 2, side, side),
            self._glyph,
            theme().color("text-2" if on else "text-off"),
        )
        cap = cap_width(self._key)
        said, about = self._areas(self.width())
        painter.setPen(theme().color("text" if on else "text-off"))
        painter.setFont(_strong())
        painter.drawText(said, Qt.TextFlag.TextWordWrap, self.text())
        painter.setFont(theme().font("small"))
        painter.setPen(theme().color("text-3" if on else "text-off"))
        painter.drawText(about, Qt.TextFlag.TextWordWrap, self._about)
        area = self.rect().adjusted(self.width() - cap - theme().px(12), 0, -theme().px(12), 0)
        paint_cap(painter, area, self._key)
        painter.end()


def _strong() -> QFont:
    font = QFont(theme().font("body"))
    font.setWeight(font.Weight.Medium)
    return font
