"""A titled part of a panel that folds away."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from studio.base.icons import icon
from studio.base.preferences import preferences
from studio.base.spoken import Role, Spoken, changed
from studio.base.theme import set_kind, theme


class Section(QWidget):
    """`Section(tr("If it fails"))`, filled with `add`.

    With a `name`, whether it is open is remembered between starts. `build` is called when it is first opened, so that
    what nobody looks at is never made.
    """

    toggled = Signal(bool)

    def __init__(
        self,
        title: str,
        collapsible: bool = True,
        *,
        expanded: bool = True,
        name: str = "",
        build: Callable[[Section], None] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._name = f"section.{name}" if name else ""
        self._build = build
        self._header = _Header(title, collapsible, self)
        self._header.pressed.connect(lambda: self.set_expanded(not self.expanded))
        self._body = QWidget(self)
        self._content = QVBoxLayout(self._body)
        self._content.setContentsMargins(0, theme().px(2), 0, theme().px(10))
        self._content.setSpacing(theme().px(10))
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self._header)
        whole.addWidget(self._body)
        if self._name:
            expanded = bool(preferences().state(self._name, expanded))
        self._expanded = not collapsible or expanded
        self._show()

    @property
    def expanded(self) -> bool:
        return self._expanded

    @property
    def body(self) -> QWidget:
        return self._body

    def add(self, widget: QWidget) -> None:
        """Put `widget` below what is already there."""
        self._content.addWidget(widget)

    def set_title(self, title: str) -> None:
        self._header.set_title(title)

    def set_trailing(self, widget: QWidget | str) -> None:
        """Show a widget, or a caption, at the right end of the header."""
        self._header.set_trailing(widget)

    def set_expanded(self, expanded: bool) -> None:
        """Open or fold it; tells `toggled` when that is a change."""
        if expanded == self._expanded:
            return
        self._expanded = expanded
        if self._name:
            preferences().set_state(self._name, expanded)
        self._show()
        self.toggled.emit(expanded)

    def _show(self) -> None:
        if self._expanded and self._build is not None:
            build, self._build = self._build, None
            build(self)
        self._header.set_expanded(self._expanded)
        self._body.setVisible(self._expanded)


class _Header(QWidget):
    """Caret, title and what stands at the right; Space and Enter open and fold, arrows too."""

    pressed = Signal()

    def __init__(self, title: str, collapsible: bool, section: Section) -> None:
        super().__init__(section)
        self._collapsible = collapsible
        self._expanded = True
        self._caret = QLabel(self)
        self._caret.setVisible(collapsible)
        self._title = QLabel(title, self)
        self._title.setTextFormat(Qt.TextFormat.PlainText)
        set_kind(self._title, "section")
        self._trailing: QWidget | None = None
        row = QHBoxLayout(self)
        row.setContentsMargins(0, theme().px(8), 0, theme().px(6))
        row.setSpacing(theme().px(6))
        row.addWidget(self._caret)
        row.addWidget(self._title)
        row.addStretch(1)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        if collapsible:
            self.setCursor(Qt.CursorShape.PointingHandCursor)
            self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName(title)
        theme().changed.connect(self._restyle)

    def set_title(self, title: str) -> None:
        self._title.setText(title)
        self.setAccessibleName(title)

    def set_trailing(self, widget: QWidget | str) -> None:
        if self._trailing is not None:
            self._trailing.deleteLater()
        if isinstance(widget, str):
            label = QLabel(widget, self)
            label.setTextFormat(Qt.TextFormat.PlainText)
            set_kind(label, "small")
            widget = label
        self._trailing = widget
        row = self.layout()
        if row is not None:
            row.addWidget(widget)

    def spoken(self) -> Spoken:
        """What a screen reader takes it for."""
        if not self._collapsible:
            return Spoken(Role.Heading)
        folds = {"expandable": True, "expanded": self._expanded, "collapsed": not self._expanded}
        return Spoken(Role.Button, folds)

    def set_expanded(self, expanded: bool) -> None:
        if expanded != self._expanded:
            changed(self, "expanded", "collapsed")
        self._expanded = expanded
        size = theme().px(12)
        name = "caret-down" if expanded else "caret-right"
        self._caret.setPixmap(icon(name, color="text-2").pixmap(QSize(size, size)))
        self._caret.setFixedWidth(size)

    def _restyle(self) -> None:
        self.set_expanded(self._expanded)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        inside = self.rect().contains(event.position().toPoint())
        if self._collapsible and inside and event.button() == Qt.MouseButton.LeftButton:
            self.pressed.emit()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if (
            key in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter)
            or (key == Qt.Key.Key_Left and self._expanded)
            or (key == Qt.Key.Key_Right and not self._expanded)
        ):
            self.pressed.emit()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.hasFocus():
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(theme().color("focus"), 2))
            radius = theme().px(4)
            painter.drawRoundedRect(self.rect().adjusted(1, 1, -1, -1), radius, radius)
