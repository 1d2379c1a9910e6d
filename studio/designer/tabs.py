"""The row of open workflows: a tab each, a mark for unsaved changes, a plus for a new one."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QCursor, QFontMetrics, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QMenu, QTabBar, QToolButton, QWidget

from studio.base.i18n import tr
from studio.base.icons import icon, paint_icon
from studio.base.theme import set_kind, theme

HEIGHT = 36
_NARROWEST = 120
_WIDEST = 260
_AROUND = 74
"""The icon, the cross and the space around them."""
_APART = 130
_GAP = 7
"""Between a title and what tells it apart."""
_LEFT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft


class TabClose(QAbstractButton):
    """A cross; on a tab with unsaved changes a dot, until the mouse is over it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.unsaved = False
        self.setFixedSize(28, 28)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setToolTip(tr("Close"))
        self.setAccessibleName(tr("Close"))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.translate(4, 4)
        over = self.underMouse()
        if self.unsaved and not over:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme().color("text-2"))
            painter.drawEllipse(QRectF(6.5, 6.5, 7, 7))
            return
        if over:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme().color("pressed"))
            painter.drawRoundedRect(QRectF(1, 1, 18, 18), 5, 5)
        paint_icon(painter, QRectF(4, 4, 12, 12), "x", theme().color("text-2"))


class Tabs(QWidget):
    """Pages are widgets that the caller keeps; here they are only named."""

    chosen = Signal(QWidget)
    close_wanted = Signal(QWidget)
    new_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(HEIGHT)
        set_kind(self, "chrome")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._pages: list[QWidget] = []
        self.bar = _Bar(self)
        self.bar.setExpanding(False)
        self.bar.setMovable(True)
        self.bar.setUsesScrollButtons(True)
        self.bar.setElideMode(Qt.TextElideMode.ElideNone)
        self.bar.setDrawBase(False)
        self.bar.setIconSize(self.bar.iconSize() * 0.9)
        self.bar.currentChanged.connect(self._show)
        self.bar.tabMoved.connect(lambda source, target: self._pages.insert(target, self._pages.pop(source)))
        self.bar.middle_clicked.connect(lambda index: self.close_wanted.emit(self._pages[index]))
        self.bar.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.bar.customContextMenuRequested.connect(self._menu)
        self._new = QToolButton(self)
        self._new.setIcon(icon("plus"))
        self._new.setToolTip(tr("New workflow"))
        self._new.setAccessibleName(tr("New workflow"))
        self._new.clicked.connect(self.new_wanted)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 8, 0)
        row.setSpacing(4)
        row.addWidget(self.bar, 0)
        row.addWidget(self._new)
        row.addStretch(1)

    @property
    def pages(self) -> tuple[QWidget, ...]:
        """In the order of the tabs."""
        return tuple(self._pages)

    @property
    def current(self) -> QWidget | None:
        index = self.bar.currentIndex()
        return self._pages[index] if 0 <= index < len(self._pages) else None

    def add(self, page: QWidget, title: str, icon_name: str) -> None:
        self._pages.append(page)
        self.bar.blockSignals(True)
        index = self.bar.addTab(icon(icon_name), _shown(title))
        close = TabClose(self.bar)
        close.clicked.connect(lambda: self.close_wanted.emit(page))
        self.bar.setTabButton(index, QTabBar.ButtonPosition.RightSide, close)
        self.bar.blockSignals(False)

    def remove(self, page: QWidget) -> None:
        index = self._pages.index(page)
        self._pages.pop(index)
        self.bar.removeTab(index)

    def show_page(self, page: QWidget) -> None:
        self.bar.setCurrentIndex(self._pages.index(page))
        self._show(self.bar.currentIndex())

    def describe(self, page: QWidget, title: str, tip: str, *, unsaved: bool, apart: str = "") -> None:
        """Say again what a tab is called, what tells it `apart` from others of that title, and whether there is
        something to save."""
        if page not in self._pages:
            return
        index = self._pages.index(page)
        self.bar.setTabText(index, _shown(title))
        self.bar.setTabData(index, _shown(apart, "small", _APART))
        said = f"{title}, {apart}" if apart else title
        self.bar.setAccessibleTabName(index, tr("{name}, unsaved", name=said) if unsaved else said)
        self.bar.setTabToolTip(index, tip)
        close = self.bar.tabButton(index, QTabBar.ButtonPosition.RightSide)
        if isinstance(close, TabClose) and close.unsaved != unsaved:
            close.unsaved = unsaved
            close.update()

    def apart(self, page: QWidget) -> str:
        """What tells a tab apart from others of its title; empty where it is the only one."""
        return str(self.bar.tabData(self._pages.index(page)) or "")

    def step(self, by: int) -> None:
        """Show the tab so many places further, round and round."""
        if self._pages:
            self.bar.setCurrentIndex((self.bar.currentIndex() + by) % len(self._pages))

    def _show(self, index: int) -> None:
        if 0 <= index < len(self._pages):
            self.chosen.emit(self._pages[index])

    def _menu(self, place: QPoint) -> None:
        index = self.bar.tabAt(place)
        if index < 0:
            return
        page = self._pages[index]
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(tr("Close"), lambda: self.close_wanted.emit(page))
        others = [other for other in self._pages if other is not page]

        def close_others() -> None:
            for other in others:
                self.close_wanted.emit(other)

        menu.addAction(tr("Close the others"), close_others).setEnabled(bool(others))
        menu.popup(self.bar.mapToGlobal(place))


def _shown(title: str, font: str = "strong", room: int = _WIDEST - _AROUND) -> str:
    """A title as a tab has room for it."""
    metrics = QFontMetrics(theme().font(font))
    return metrics.elidedText(title, Qt.TextElideMode.ElideMiddle, theme().px(room))


class _Bar(QTabBar):
    middle_clicked = Signal(int)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        index = self.tabAt(event.position().toPoint())
        if event.button() is Qt.MouseButton.MiddleButton and index >= 0:
            self.middle_clicked.emit(index)
            return
        super().mouseReleaseEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Drawn here: with a style sheet Qt leaves the text less room than there is."""
        painter = QPainter(self)
        painter.setFont(theme().font("strong"))
        for index in range(self.count()):
            box = self.tabRect(index)
            current = index == self.currentIndex()
            over = box.contains(self.mapFromGlobal(QCursor.pos())) and self.underMouse()
            self.tabIcon(index).paint(painter, box.x() + 12, 0, theme().px(15), box.height())
            painter.setPen(theme().color("text" if current or over else "text-2"))
            text = box.adjusted(theme().px(18) + 16, 0, -30, 0)
            room = painter.drawText(text, _LEFT, self.tabText(index))
            if self.tabData(index):
                beside = text.adjusted(room.width() + theme().px(_GAP), 0, 0, 0)
                painter.setFont(theme().font("small"))
                painter.setPen(theme().color("text-2"))
                painter.drawText(beside, _LEFT, self.tabData(index))
                painter.setFont(theme().font("strong"))
            if current:
                painter.fillRect(box.x(), box.bottom() - 1, box.width(), 2, theme().color("accent"))
                if self.hasFocus():
                    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
                    painter.setPen(QPen(theme().color("focus"), 2))
                    painter.setBrush(Qt.BrushStyle.NoBrush)
                    painter.drawRoundedRect(QRectF(box).adjusted(3, 3, -3, -4), 6, 6)
                    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)

    def tabSizeHint(self, index: int) -> QSize:
        text = QFontMetrics(theme().font("strong")).horizontalAdvance(self.tabText(index))
        if self.tabData(index):
            text += theme().px(_GAP) + QFontMetrics(theme().font("small")).horizontalAdvance(self.tabData(index))
        return QSize(max(_NARROWEST, text + theme().px(_AROUND)), HEIGHT)

    def minimumTabSizeHint(self, index: int) -> QSize:
        return QSize(_NARROWEST, HEIGHT)

    def sizeHint(self) -> QSize:
        return QSize(sum(self.tabSizeHint(index).width() for index in range(self.count())), HEIGHT)

    def minimumSizeHint(self) -> QSize:
        return QSize(min(_NARROWEST, self.sizeHint().width()), HEIGHT)
