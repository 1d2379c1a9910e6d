"""What running a step twice would do, in a chip and a sentence; and what happens when nobody knows whether it ran."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QVBoxLayout, QWidget

from engine.api import Effect, Step
from studio.base.i18n import tr
from studio.base.icons import paint_icon
from studio.base.theme import set_kind, theme
from studio.widgets.segmented import Segmented

POLICIES = ("ask", "retry", "done", "fail")
_LOOKS = {
    Effect.PURE: ("drop", "text-2", "panel", "line"),
    Effect.IDEMPOTENT: ("arrows-clockwise", "text-2", "panel", "line"),
    Effect.ONCE: ("number-circle-one-fill", "doubt", "doubt-soft", "doubt-soft"),
}


class EffectChip(QWidget):
    """The name of an effect, as everywhere in capitals."""

    def __init__(self, effect: Effect, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.effect = effect
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(effect.name)
        theme().changed.connect(self.update)

    def sizeHint(self) -> QSize:
        width = QFontMetrics(theme().font("label")).horizontalAdvance(self.effect.name)
        return QSize(width + theme().px(32), theme().px(20))

    def paintEvent(self, event: QPaintEvent) -> None:
        name, mark, soft, line = _LOOKS[self.effect]
        px, color = theme().px, theme().color
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(color(line))
        painter.setBrush(color(soft))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), px(5), px(5))
        size = px(12)
        paint_icon(painter, QRectF(px(7), (self.height() - size) / 2, size, size), name, color(mark))
        painter.setFont(theme().font("label"))
        painter.setPen(color(mark))
        text = QRectF(px(23), 0, self.width() - px(23), self.height())
        painter.drawText(text, Qt.AlignmentFlag.AlignVCenter, self.effect.name)


def sentence(effect: Effect) -> str:
    """What an effect means to the person who runs the workflow."""
    if effect is Effect.ONCE:
        return tr(
            "Must never silently happen twice. If the computer stops while this step runs, the execution waits and asks"
            " you. A retry starts only after an error that changed nothing."
        )
    if effect is Effect.IDEMPOTENT:
        return tr("Safe to repeat: running it twice leaves the same as running it once.")
    return tr("Changes nothing outside the workflow. It may be computed again at will.")


class EffectPart(QWidget):
    """The content of the section. `decided` is called with the policy a person takes, or None for the workflow's."""

    def __init__(self, effect: Effect, decided: Callable[[str], None], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        about = QLabel(sentence(effect), self)
        about.setWordWrap(True)
        set_kind(about, "small")
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(theme().px(8))
        whole.addWidget(about)
        self.policy: Segmented | None = None
        if effect is Effect.ONCE:
            words = QLabel(tr("When in doubt"), self)
            self.policy = Segmented([tr("Ask"), tr("Retry"), tr("Done"), tr("Fail")], self)
            self.policy.setAccessibleName(tr("When in doubt"))
            self.policy.setToolTip(
                tr("Ask you, run it again, take it as done, or fail. Underlined is what the workflow says.")
            )
            self.policy.picked.connect(lambda index: decided(POLICIES[index]))
            set_kind(words, "label")
            whole.addWidget(words)
            whole.addWidget(self.policy)

    def show_step(self, step: Step, workflow_policy: str) -> None:
        if self.policy is not None:
            self.policy.set_ghost(POLICIES.index(workflow_policy) if workflow_policy in POLICIES else 0)
            self.policy.set_index(POLICIES.index(step.in_doubt) if step.in_doubt in POLICIES else -1)
