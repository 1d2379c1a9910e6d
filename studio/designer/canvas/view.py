"""The view: moves and zooms, draws the grid and the far layer, and hands mouse and keys to its router.

Ctrl and the wheel zoom at the mouse, the wheel alone scrolls; the middle button, or the space bar with the left one,
pan. Everything else is the router's.
"""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import QEasingCurve, QEvent, QPoint, QPointF, QRect, QRectF, QSize, Qt, QVariantAnimation, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QTransform,
    QWheelEvent,
)
from PySide6.QtWidgets import QFrame, QGraphicsView, QToolTip, QWidget

from studio.base.i18n import tr
from studio.base.theme import theme
from studio.designer.canvas.bubble import Bubble
from studio.designer.canvas.focus_ring import FocusRing
from studio.designer.canvas.ground import Ground, paint_empty
from studio.designer.canvas.hits import Hit
from studio.designer.canvas.ink import FAR, NEAR
from studio.designer.canvas.minimap import Minimap
from studio.designer.canvas.scene import CanvasScene
from studio.designer.canvas.shape import FARTHEST
from studio.designer.canvas.zoom_bar import ZoomBar

SMALLEST, LARGEST = 0.01, 3.0
"""The limits of the zoom; the upper one times what is called 100 %."""
STEP = 1.25
"""One press of + or -."""
_AWAY = 12
"""Pixels between the corners of the view and what floats there."""
_FIT_EDGE = 40


class Router(Protocol):
    """Who takes what a person does on the canvas; every method says whether it did."""

    def press(self, event: QMouseEvent) -> bool: ...
    def move(self, event: QMouseEvent) -> bool: ...
    def release(self, event: QMouseEvent) -> bool: ...
    def double_click(self, event: QMouseEvent) -> bool: ...
    def key_press(self, event: QKeyEvent) -> bool: ...
    def key_release(self, event: QKeyEvent) -> bool: ...
    def context_menu(self, event: QContextMenuEvent) -> bool: ...
    def drag_enter(self, event: QDragEnterEvent) -> bool: ...
    def drag_move(self, event: QDragMoveEvent) -> bool: ...
    def drag_leave(self, event: QDragLeaveEvent) -> bool: ...
    def drop(self, event: QDropEvent) -> bool: ...


class Gesture(Protocol):
    """What is under way; drawn above everything, in canvas units."""

    def paint(self, painter: QPainter) -> None: ...


class CanvasView(QGraphicsView):
    """Shows a scene. `router` is asked first for everything but panning and zooming; `gesture` is what it does now."""

    zoomed = Signal(float)
    view_changed = Signal()
    """Another part of the canvas is seen."""
    hovered = Signal(object)
    """`Hit`: what the mouse is over now."""
    link_clicked = Signal(str, str)
    """A link in the bubble of a step: the id of the step, and that of the link."""

    def __init__(self, scene: CanvasScene, parent: QWidget | None = None) -> None:
        super().__init__(scene, parent)
        self.canvas = scene
        self.router: Router | None = None
        self.gesture: Gesture | None = None
        self._hit = Hit()
        self._pan: QPoint | None = None
        self._space = False
        self._scrolling = False
        self._ground = Ground(self)
        self._animation: QVariantAnimation | None = None
        self._empty = scene.empty
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
        self.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.MinimalViewportUpdate)
        self.setOptimizationFlag(QGraphicsView.OptimizationFlag.DontSavePainterState)
        self.setOptimizationFlag(QGraphicsView.OptimizationFlag.DontAdjustForAntialiasing)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTransformationAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setResizeAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self.setSceneRect(-2 * FARTHEST, -2 * FARTHEST, 4 * FARTHEST, 4 * FARTHEST)
        self.setMouseTracking(True)
        self.viewport().setMouseTracking(True)
        self.setAcceptDrops(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(tr("Canvas"))
        self._natural = self.natural
        self.setTransform(QTransform.fromScale(self._natural, self._natural))
        self.minimap = Minimap(self)
        self.zoom_bar = ZoomBar(self)
        self.ring = FocusRing(self.viewport())
        self.bubble = Bubble(self.viewport())
        self.bubble.link_clicked.connect(self.link_clicked)
        scene.bubble_changed.connect(self._show_bubble)
        scene.laid_out.connect(self._place_bubble)
        scene.laid_out.connect(self._show_emptiness)
        theme().changed.connect(self._restyle)
        self.centerOn(0, 0)

    def sizeHint(self) -> QSize:
        return QSize(800, 560)

    def minimumSizeHint(self) -> QSize:
        return QSize(240, 160)

    # -- where it looks ----------------------------------------------------------------------------------------------

    @property
    def zoom(self) -> float:
        """Pixels a canvas unit."""
        return self.transform().m11()

    @property
    def natural(self) -> float:
        """The zoom that is called 100 %: the canvas is as large as the text that a person wants."""
        return theme().scale

    def seen(self) -> QRectF:
        """The part of the canvas that is shown."""
        return self.mapToScene(self.viewport().rect()).boundingRect()

    def zoom_to(self, factor: float, anchor: QPoint | None = None) -> None:
        """Zoom to `factor` (pixels a canvas unit); `anchor` (of the viewport; else its middle) stays."""
        self._stop()
        at = QPointF(anchor if anchor is not None else self.viewport().rect().center())
        factor = max(SMALLEST, min(factor, LARGEST * self.natural))
        under = self._to_scene(at)
        self._look_at(under - (at - self._middle()) / factor, factor)

    def zoom_in(self) -> None:
        self.zoom_to(self.zoom * STEP)

    def zoom_out(self) -> None:
        self.zoom_to(self.zoom / STEP)

    def fit(self, animate: bool = True) -> None:
        """Show everything, no larger than it is."""
        self._fit(self.canvas.content(), animate)

    def fit_selection(self, animate: bool = True) -> None:
        """Show what is selected; everything where nothing is."""
        chosen = self.canvas.selection.value
        area = QRectF()
        for id in chosen.steps & self.canvas.steps.keys():
            area = area.united(self.canvas.box(id))
        for id in chosen.notes & self.canvas.notes.keys():
            area = area.united(QRectF(*self.canvas.notes[id].box))
        for id in chosen.frames & self.canvas.frames.keys():
            area = area.united(QRectF(*self.canvas.frames[id].box))
        for edge in chosen.edges & self.canvas.geometry.curves.keys():
            area = area.united(QRectF(*self.canvas.geometry.curves[edge].bounds))
        self._fit(area if not area.isNull() else self.canvas.content(), animate)

    def center_on(self, step_id: str, animate: bool = True) -> None:
        """Bring a step into the middle, near enough to be read. Does nothing for a step that is not there."""
        if step_id in self.canvas.steps:
            shape = self.canvas.geometry.shapes[step_id]
            box = shape.box
            centre = QPointF(box.x + box.width / 2, box.y + (shape.header or box.height) / 2)
            self._travel(centre, max(self.zoom, 0.7 * self.natural), animate)

    def ensure_seen(self, step_id: str, animate: bool = True) -> None:
        """Bring a step into sight if it is not."""
        if step_id in self.canvas.steps and not self.seen().contains(self.canvas.box(step_id).center()):
            self.center_on(step_id, animate)

    def look_at(self, centre: QPointF) -> None:
        """Put a point of the canvas into the middle, at once."""
        self._stop()
        self._look_at(centre, self.zoom)

    def set_minimap(self, on: bool) -> None:
        """Show or hide the minimap."""
        self.minimap.setVisible(on)
        self.zoom_bar.set_minimap(on)

    def _fit(self, area: QRectF, animate: bool) -> None:
        if area.isNull():
            self._travel(QPointF(), self.natural, animate)
            return
        room = self.viewport().rect().adjusted(_FIT_EDGE, _FIT_EDGE, -_FIT_EDGE, -_FIT_EDGE)
        centre, factor = self._placed(area, room)
        if not self.minimap.isHidden():
            corner = self.minimap.geometry()
            middle = self.viewport().rect().center()
            covered = QRectF(
                centre + QPointF(corner.topLeft() - middle) / factor, corner.size().toSizeF() / factor
            )  # what would lie under the minimap
            if self.canvas.steps_in(covered):
                beside = room.adjusted(0, 0, corner.left() - room.right() - _AWAY, 0)
                above = room.adjusted(0, 0, 0, corner.top() - room.bottom() - _AWAY)
                centre, factor = max((self._placed(area, one) for one in (beside, above)), key=lambda found: found[1])
        self._travel(centre, factor, animate)

    def _placed(self, area: QRectF, room: QRect) -> tuple[QPointF, float]:
        """What has to be in the middle of the view, and the zoom, so that `area` fills a part of the view."""
        across = max(1, room.width()) / max(1.0, area.width())
        factor = max(SMALLEST, min(across, max(1, room.height()) / max(1.0, area.height()), self.natural))
        return area.center() - QPointF(room.center() - self.viewport().rect().center()) / factor, factor

    def _middle(self) -> QPointF:
        return QPointF(self.viewport().width() / 2, self.viewport().height() / 2)

    def _to_scene(self, at: QPointF) -> QPointF:
        inverted, _ = self.viewportTransform().inverted()
        return inverted.map(at)

    def _look_at(self, centre: QPointF, factor: float) -> None:
        before = self.zoom
        if factor != before:
            self.setTransform(QTransform.fromScale(factor, factor))
        # Not centerOn: that rounds, and the point under the mouse would wander.
        middle = self._middle()
        limit = 1.9 * FARTHEST
        x, y = max(-limit, min(centre.x(), limit)), max(-limit, min(centre.y(), limit))
        self._scroll_to(round(x * factor - middle.x()), round(y * factor - middle.y()))
        if factor != before:
            self.zoomed.emit(factor)
            self._changed()

    def _travel(self, centre: QPointF, factor: float, animate: bool) -> None:
        self._stop()
        duration = theme().duration("move") if animate and self.isVisible() else 0
        if not duration:
            self._look_at(centre, factor)
            return
        start, zoom = self._to_scene(self._middle()), self.zoom
        self._animation = QVariantAnimation(self, startValue=0.0, endValue=1.0, duration=duration)
        self._animation.setEasingCurve(QEasingCurve.Type.InOutQuad)
        self._animation.valueChanged.connect(
            lambda share: self._look_at(start + (centre - start) * share, zoom * (factor / zoom) ** share)
        )
        self._animation.finished.connect(self._stop)
        self._animation.start()

    def settle(self) -> None:
        """Be at once where a movement that is under way leads."""
        if self._animation is not None:
            self._animation.setCurrentTime(self._animation.duration())
            self._stop()

    def _stop(self) -> None:
        animation, self._animation = self._animation, None
        if animation is not None:
            animation.stop()
            animation.deleteLater()

    # -- drawing -----------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.zoom >= FAR:
            super().paintEvent(event)
            return
        painter = QPainter(self.viewport())
        painter.fillRect(event.rect(), theme().color("canvas"))
        painter.setWorldTransform(self.viewportTransform())
        self.canvas.far.paint(painter)
        self._paint_chosen(painter)
        self.canvas.overlay.draw(painter)
        self.drawForeground(painter, QRectF())
        painter.end()

    def _paint_chosen(self, painter: QPainter) -> None:
        """What is selected, from far away."""
        steps = self.canvas.steps
        boxes = [self.canvas.box(id) for id in self.canvas.selection.steps if id in steps]
        if boxes:
            painter.setPen(self.canvas.ink.hair("focus", 2.0))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRects(boxes)

    def drawBackground(self, painter: QPainter, rect: QRectF | QRect) -> None:
        self._ground.paint(painter, QRectF(rect))

    def drawForeground(self, painter: QPainter, rect: QRectF | QRect) -> None:
        if self.gesture is not None:
            painter.setWorldTransform(self.viewportTransform())
            self.gesture.paint(painter)
        elif self.canvas.empty:
            paint_empty(painter, self.viewport().size())

    def _restyle(self) -> None:
        self._ground.forget()
        before, self._natural = self._natural, self.natural
        if before != self._natural:
            self.zoom_to(self.zoom * self._natural / before)
        self.viewport().update()

    # -- what floats above it ----------------------------------------------------------------------------------------

    def _changed(self) -> None:
        self._place_bubble()
        self.view_changed.emit()

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        super().scrollContentsBy(dx, dy)
        if not self._scrolling:
            self._float()
            self._changed()

    def _float(self) -> None:
        """Put minimap, zoom bar and focus ring where they belong. They are children of the viewport, which moves them
        along when it scrolls: were they its siblings, Qt could not copy what it scrolls and would draw all anew."""
        size = self.viewport().size()
        map_size, bar_size = self.minimap.sizeHint(), self.zoom_bar.sizeHint()
        self.minimap.setGeometry(
            size.width() - map_size.width() - _AWAY,
            size.height() - map_size.height() - _AWAY,
            map_size.width(),
            map_size.height(),
        )
        self.ring.surround()
        self.zoom_bar.setGeometry(_AWAY, size.height() - bar_size.height() - _AWAY, bar_size.width(), bar_size.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._ground.forget()
        self._float()
        self._changed()

    def _show_bubble(self, step_id: str) -> None:
        live = self.canvas.live(step_id) if step_id else None
        if live is None:
            self.bubble.step_id = ""
            self.bubble.hide()
            return
        self.bubble.show_failure(step_id, live)
        self._place_bubble()

    def _place_bubble(self) -> None:
        shape = self.canvas.geometry.shapes.get(self.bubble.step_id)
        if shape is None or self.zoom < NEAR:
            self.bubble.hide()
            return
        area = QRectF(shape.box.x, shape.box.y, shape.box.width, shape.header or shape.box.height)
        self.bubble.point_at(self.viewportTransform().mapRect(area))

    def _show_emptiness(self) -> None:
        """The hint of an empty canvas is drawn over all of it."""
        if self._empty != self.canvas.empty:
            self._empty = self.canvas.empty
            self.viewport().update()

    # -- what a person does ------------------------------------------------------------------------------------------

    def hit(self, at: QPoint | QPointF) -> Hit:
        """What is at a point of the viewport."""
        return self.canvas.hit(self._to_scene(QPointF(at)), self.zoom)

    def viewportEvent(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() is QEvent.Type.ToolTip:
            text = self.canvas.tooltip(self.hit(event.pos()))
            if text:
                QToolTip.showText(event.globalPos(), text, self.viewport())
            else:
                QToolTip.hideText()
            return True
        if event.type() is QEvent.Type.Leave:
            self._hover(Hit())
        if isinstance(event, QNativeGestureEvent) and event.gestureType() is Qt.NativeGestureType.ZoomNativeGesture:
            self.zoom_to(self.zoom * (1 + event.value()), event.position().toPoint())
            return True
        return super().viewportEvent(event)

    def _hover(self, at: Hit) -> None:
        if at != self._hit:
            self._hit = at
            self.canvas.set_hover(at)
            self.hovered.emit(at)

    def wheelEvent(self, event: QWheelEvent) -> None:
        turned, precise = event.angleDelta(), event.pixelDelta()
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            notches = turned.y() / 120
            if notches:
                self.zoom_to(self.zoom * 1.2**notches, event.position().toPoint())
        else:
            self._stop()
            dx, dy = (precise.x(), precise.y()) if not precise.isNull() else (turned.x() / 2, turned.y() / 2)
            if event.modifiers() & Qt.KeyboardModifier.ShiftModifier and not dx:
                dx, dy = dy, 0
            self._scroll(-dx, -dy)
        event.accept()

    def _scroll(self, dx: float, dy: float) -> None:
        """Move the view by pixels."""
        self._scroll_to(self.horizontalScrollBar().value() + round(dx), self.verticalScrollBar().value() + round(dy))

    def _scroll_to(self, x: int, y: int) -> None:
        """Move both ways as one: what floats is put back only once, or Qt would draw everything anew."""
        before = self.horizontalScrollBar().value(), self.verticalScrollBar().value()
        self._scrolling = True
        self.horizontalScrollBar().setValue(x)
        self.verticalScrollBar().setValue(y)
        self._scrolling = False
        if before != (self.horizontalScrollBar().value(), self.verticalScrollBar().value()):
            self._float()
            self._changed()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.ring.pressed()
        panning = event.button() is Qt.MouseButton.MiddleButton or (
            self._space and event.button() is Qt.MouseButton.LeftButton
        )
        if panning and self.gesture is None:
            self._stop()
            self._pan = event.position().toPoint()
            self.viewport().setCursor(Qt.CursorShape.ClosedHandCursor)
        elif self.router is None or not self.router.press(event):
            event.ignore()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        at = event.position().toPoint()
        if self._pan is not None:
            self._scroll(self._pan.x() - at.x(), self._pan.y() - at.y())
            self._pan = at
            return
        if self.gesture is None and not event.buttons():
            self._hover(self.hit(event.position()))
        if self.router is not None:
            self.router.move(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._pan is not None and event.button() in (Qt.MouseButton.MiddleButton, Qt.MouseButton.LeftButton):
            self._pan = None
            self._show_hand()
        elif self.router is not None:
            self.router.release(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self.router is None or not self.router.double_click(event):
            self.mousePressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if self.router is None or not self.router.context_menu(event):
            event.ignore()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space and self.gesture is None and not event.isAutoRepeat():
            self._space = True
            self._show_hand()
        elif self.router is None or not self.router.key_press(event):
            event.ignore()  # not QGraphicsView's: it would scroll with the arrows

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self._space = False
            self._show_hand()
        elif self.router is None or not self.router.key_release(event):
            event.ignore()

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.ring.focused(event)
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.ring.focused(event)
        self._space = False
        self._show_hand()
        super().focusOutEvent(event)

    def _show_hand(self) -> None:
        if self._space:
            self.viewport().setCursor(Qt.CursorShape.OpenHandCursor)
        else:
            self.viewport().unsetCursor()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if self.router is None or not self.router.drag_enter(event):
            event.ignore()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        if self.router is None or not self.router.drag_move(event):
            event.ignore()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        if self.router is not None:
            self.router.drag_leave(event)

    def dropEvent(self, event: QDropEvent) -> None:
        if self.router is None or not self.router.drop(event):
            event.ignore()
