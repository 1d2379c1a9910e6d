"""An open workflow on a canvas, as the editor puts it together."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from PySide6.QtCore import QPoint, QPointF
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine.api import Catalog, Document, Edge, Place, Step, Workflow, step_ports
from engine.workflow.model import Frame, Layout, Note
from studio.base.theme import theme
from studio.designer.canvas.scene import CanvasScene
from studio.designer.canvas.view import CanvasView
from studio.designer.document import WorkflowDocument
from studio.designer.selection import Selection

CATALOG = Catalog(entry_points=False)


def ports(step: Step) -> tuple[object, ...]:
    return step_ports(step, CATALOG.get(step.activity))


def document_of(workflow: Workflow) -> WorkflowDocument:
    return WorkflowDocument(Document(workflow), ports)  # type: ignore[arg-type]


def near(one: QColor, other: QColor, within: int = 6) -> bool:
    """Whether two colours look the same."""
    return (
        abs(one.red() - other.red()) <= within
        and abs(one.green() - other.green()) <= within
        and abs(one.blue() - other.blue()) <= within
    )


SAMPLE = Workflow(
    name="Sample",
    steps=(
        Step("read", "data.read_csv", {"path": "in/orders.csv"}, label="Read orders"),
        Step("any", "control.condition", {"condition": "{{ steps.read.output.count > 0 }}"}, label="Any orders?"),
        Step("each", "control.foreach", {"items": "{{ steps.read.output.rows }}", "concurrency": 4}, label="Each"),
        Step("say", "control.log", {"message": "{{ item.name }}"}),
        Step("stamp", "acme.stamp", {}),
        Step("off", "control.log", {"message": "never"}, disabled=True),
        Step("help", "control.log", {"message": "It failed"}, label="Tell somebody"),
    ),
    edges=(
        Edge("read", "next", "any"),
        Edge("any", "true", "each"),
        Edge("each", "body", "say"),
        Edge("each", "done", "stamp"),
        Edge("any", "false", "off"),
        Edge("each", "error", "help"),
    ),
    layout=Layout(
        {
            "read": Place(0, 0),
            "any": Place(240, 0),
            "each": Place(480, 0),
            "say": Place(520, 80),
            "stamp": Place(840, 0),
            "off": Place(480, 240),
            "help": Place(560, 340),
        },
        notes=(Note("n", "**Mind** the gap", 0, 200, 200, 100),),
        frames=(Frame("f", "Input", -40, -60, 260, 200, "data"),),
    ),
)


@dataclass
class Canvas:
    """What a test works with. Points and colours are asked for in canvas units."""

    document: WorkflowDocument
    selection: Selection
    scene: CanvasScene
    view: CanvasView

    def at(self, x: float, y: float) -> QPoint:
        """A point of the canvas, in the viewport."""
        return self.view.mapFromScene(QPointF(x, y))

    def step(self, id: str) -> QPoint:
        """The middle of a step, in the viewport."""
        return self.view.mapFromScene(self.scene.box(id).center())

    def picture(self) -> QImage:
        return self.view.viewport().grab().toImage()

    def color(self, x: float, y: float) -> QColor:
        at = self.at(x, y)
        image = self.picture()
        ratio = image.devicePixelRatio()
        return image.pixelColor(round(at.x() * ratio), round(at.y() * ratio))

    def shows(self, token: str, x: float, y: float, width: float, height: float) -> bool:
        """Whether a colour is seen in an area; what is thin is softened at its edges, so it need not be exact."""
        first, last = self.at(x, y), self.at(x + width, y + height)
        image, wanted = self.picture(), theme().color(token)
        return any(
            near(image.pixelColor(column, row), wanted, 30)
            for column in range(max(0, first.x()), min(image.width(), last.x() + 1))
            for row in range(max(0, first.y()), min(image.height(), last.y() + 1))
        )


@pytest.fixture(scope="session", autouse=True)
def _qt_threads(qapp: QApplication) -> None:
    """Qt starts threads of its own when it first converts a large picture, and keeps them."""
    QImage(1600, 1000, QImage.Format.Format_ARGB32_Premultiplied).convertToFormat(QImage.Format.Format_RGB32)


@pytest.fixture
def canvas(qtbot: QtBot, qapp: QApplication) -> Iterator[Callable[..., Canvas]]:
    """Opens a workflow; the view is 1000 x 700, at zoom 1, with the origin at (100, 150)."""
    opened: list[Canvas] = []

    def open_workflow(workflow: Workflow = SAMPLE) -> Canvas:
        document = document_of(workflow)
        selection = Selection()
        scene = CanvasScene(document, CATALOG, selection)
        view = CanvasView(scene)
        qtbot.addWidget(view)
        view.resize(1000, 700)
        view.set_minimap(False)  # it follows with a delay
        view.zoom_bar.hide()
        view.show()
        qtbot.waitExposed(view)
        view.look_at(QPointF(400, 200))
        opened.append(Canvas(document, selection, scene, view))
        return opened[-1]

    yield open_workflow
    for one in opened:
        one.view.hide()
        one.scene.motion.clear()
