"""NodeGraphQt: `python peer_nodegraphqt.py COUNT` prints its figures as JSON."""

from __future__ import annotations

import importlib
import os
import sys
from typing import Any

os.environ.setdefault("QT_API", "pyside6")

from tests.benchmarks import frames


def main(count: int) -> None:
    core: Any = importlib.import_module("PySide6.QtCore")
    widgets: Any = importlib.import_module("PySide6.QtWidgets")
    library: Any = importlib.import_module("NodeGraphQt")
    app = widgets.QApplication([])

    class One(library.BaseNode):  # type: ignore[misc]
        __identifier__ = "bench"
        NODE_NAME = "One"

        def __init__(self) -> None:
            super().__init__()
            self.add_input("in", multi_input=True)
            self.add_output("next")

    class Two(library.BaseNode):  # type: ignore[misc]
        __identifier__ = "bench"
        NODE_NAME = "Two"

        def __init__(self) -> None:
            super().__init__()
            self.add_input("in", multi_input=True)
            self.add_output("true")
            self.add_output("false")

    class Paints(core.QObject):  # type: ignore[misc]
        count = 0

        def eventFilter(self, watched: Any, event: Any) -> bool:
            self.count += event.type() == core.QEvent.Type.Paint
            return False

    paints = Paints()

    def load() -> frames.Canvas:
        graph = library.NodeGraph()
        graph.set_acyclic(False)
        for kind in (One, Two):
            graph.register_node(kind)
        made = []
        for node in frames.nodes(count):
            name = "bench.One" if len(node.outlets) == 1 else "bench.Two"
            made.append(graph.create_node(name, name=node.name, selected=False, pos=[node.x, node.y], push_undo=False))
        for source, outlet, target in frames.wires(count):
            made[source].output(outlet).connect_to(made[target].input(0), push_undo=False)
        viewer = graph.viewer()
        viewer.resize(frames.WIDTH, frames.HEIGHT)
        viewer.show()
        app.processEvents()
        viewer.viewport().installEventFilter(paints)
        moved = made[frames.middle(count)].view
        home = moved.xy_pos
        across, down = frames.side(count) * frames.ACROSS, count / frames.side(count) * frames.DOWN

        def look(factor: float) -> None:
            width, height = frames.WIDTH / factor, frames.HEIGHT / factor
            viewer._scene_range = core.QRectF(across / 2 - width / 2, down / 2 - height / 2, width, height)
            viewer._update_scene()

        def fit() -> float:
            factor = min((frames.WIDTH - 80) / across, (frames.HEIGHT - 80) / down, 1.0)
            look(factor)
            return factor

        def drag(x: float, y: float) -> None:
            moved.xy_pos = [home[0] + x, home[1] + y]
            app.processEvents()

        load.graph = graph  # type: ignore[attr-defined]
        return frames.Canvas(fit, look, lambda: viewer.viewport().grab(), drag, lambda: paints.count)

    frames.measure(load)
    sys.stdout.flush()
    os._exit(0)  # taking the graph apart is not measured, and takes longer than everything else


if __name__ == "__main__":
    main(int(sys.argv[1]))
