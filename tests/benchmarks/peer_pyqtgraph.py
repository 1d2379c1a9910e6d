"""pyqtgraph's flowchart: `python peer_pyqtgraph.py COUNT` prints its figures as JSON."""

from __future__ import annotations

import importlib
import os
import sys
from typing import Any

os.environ.setdefault("PYQTGRAPH_QT_LIB", "PySide6")

from tests.benchmarks import frames


def main(count: int) -> None:
    core: Any = importlib.import_module("PySide6.QtCore")
    library: Any = importlib.import_module("pyqtgraph")
    flowchart: Any = importlib.import_module("pyqtgraph.flowchart")
    app = library.mkQApp()

    class Paints(core.QObject):  # type: ignore[misc]
        count = 0

        def eventFilter(self, watched: Any, event: Any) -> bool:
            self.count += event.type() == core.QEvent.Type.Paint
            return False

    paints = Paints()

    def load() -> frames.Canvas:
        chart = flowchart.Flowchart(terminals={})
        view = chart.widget().chartWidget.view
        made = []
        for node in frames.nodes(count):
            terminals = {"in": {"io": "in", "multi": True}, **{name: {"io": "out"} for name in node.outlets}}
            one = flowchart.Node(node.name, terminals=terminals)
            chart.addNode(one, node.name, pos=[node.x, node.y])
            one.sigOutputChanged.disconnect()  # drawing is measured, not computing
            made.append(one)
        names = [node.outlets for node in frames.nodes(count)]
        for source, outlet, target in frames.wires(count):
            chart.connectTerminals(made[source][names[source][outlet]], made[target]["in"])
        view.setParent(None)
        view.resize(frames.WIDTH, frames.HEIGHT)
        view.show()
        app.processEvents()
        view.viewport().installEventFilter(paints)
        box = view.viewBox()
        moved = made[frames.middle(count)].graphicsItem()
        home = moved.pos()
        across, down = frames.side(count) * frames.ACROSS, count / frames.side(count) * frames.DOWN

        def look(factor: float) -> None:
            width, height = frames.WIDTH / factor, frames.HEIGHT / factor
            box.setRange(core.QRectF(across / 2 - width / 2, down / 2 - height / 2, width, height), padding=0)

        def fit() -> float:
            factor = min((frames.WIDTH - 80) / across, (frames.HEIGHT - 80) / down, 1.0)
            look(factor)
            return factor

        def drag(x: float, y: float) -> None:
            moved.setPos(home.x() + x, home.y() + y)
            app.processEvents()

        load.chart = chart  # type: ignore[attr-defined]
        return frames.Canvas(fit, look, lambda: view.viewport().grab(), drag, lambda: paints.count)

    frames.measure(load)
    sys.stdout.flush()
    os._exit(0)  # taking the chart apart is not measured


if __name__ == "__main__":
    main(int(sys.argv[1]))
