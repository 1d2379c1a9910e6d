"""Our canvas: `python -m tests.benchmarks.canvas_ours COUNT`. Timed from the plain workflow to the first whole frame."""

from __future__ import annotations

import sys

from PySide6.QtCore import QEvent, QObject, QPointF
from PySide6.QtWidgets import QApplication

from engine.api import Catalog, Document, Edge, Place, Step, Workflow, step_ports
from engine.workflow.model import Layout
from studio.base.theme import theme
from studio.designer.canvas.scene import CanvasScene
from studio.designer.canvas.view import CanvasView
from studio.designer.document import WorkflowDocument
from tests.benchmarks import frames

KINDS = (
    ("data.filter", {"rows": "{{ steps.read.output.rows }}", "where": "{{ item.total > 5 }}"}),
    ("files.copy", {"source": "in/orders.csv", "destination": "out"}),
    ("data.read_csv", {"path": "in/orders.csv"}),
    ("control.log", {"message": "{{ item.name }} done"}),
)


class Paints(QObject):
    """Counts the paint events of a widget."""

    count = 0

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        self.count += event.type() is QEvent.Type.Paint
        return False


def workflow(count: int) -> Workflow:
    nodes = list(frames.nodes(count))
    steps = []
    for index, node in enumerate(nodes):
        kind, parameters = KINDS[index % len(KINDS)]
        if len(node.outlets) > 1:
            kind, parameters = "control.condition", {"condition": "{{ vars.count > 1 }}"}
        steps.append(Step(node.name, kind, parameters, label=f"Step number {index}"))
    edges = (
        Edge(nodes[source].name, nodes[source].outlets[outlet], nodes[target].name)
        for source, outlet, target in frames.wires(count)
    )
    return Workflow(
        steps=tuple(steps), edges=tuple(edges), layout=Layout({node.name: Place(node.x, node.y) for node in nodes})
    )


def main(count: int) -> None:
    app = QApplication([])
    theme().apply(app, "light")
    catalog = Catalog(entry_points=False)
    for kind in ("control.condition", *(kind for kind, _ in KINDS)):
        catalog.require(kind)
    made = workflow(count)
    paints = Paints()
    centre = QPointF(frames.side(count) * frames.ACROSS / 2, count / frames.side(count) * frames.DOWN / 2)
    moved = made.steps[frames.middle(count)].id

    def load() -> frames.Canvas:
        document = WorkflowDocument(Document(made), lambda step: step_ports(step, catalog.get(step.activity)))
        scene = CanvasScene(document, catalog)
        view = CanvasView(scene)
        view.resize(frames.WIDTH, frames.HEIGHT)
        view.show()
        app.processEvents()
        view.viewport().installEventFilter(paints)
        assert len(scene.steps) == count and len(scene.wires.wires) == len(made.edges)

        def fit() -> float:
            view.fit(animate=False)
            return view.zoom

        def zoom(factor: float) -> None:
            view.zoom_to(factor)
            view.look_at(centre)

        def drag(x: float, y: float) -> None:
            scene.drag_offset([moved], x, y)
            app.processEvents()

        return frames.Canvas(fit, zoom, lambda: view.viewport().grab(), drag, lambda: paints.count)

    frames.measure(load)


if __name__ == "__main__":
    main(int(sys.argv[1]))
