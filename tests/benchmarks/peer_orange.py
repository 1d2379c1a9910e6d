"""Orange's canvas on PyQt6: `python peer_orange.py COUNT` prints its figures as JSON.

Its search for loops is off: with it, every wire looks through the whole graph.
"""

from __future__ import annotations

import importlib
import os
import sys
from typing import Any

os.environ["QT_API"] = "pyqt6"

from tests.benchmarks import frames


def main(count: int) -> None:
    core: Any = importlib.import_module("AnyQt.QtCore")
    widgets: Any = importlib.import_module("AnyQt.QtWidgets")
    registry: Any = importlib.import_module("orangecanvas.registry")
    description: Any = importlib.import_module("orangecanvas.registry.description")
    scheme_module: Any = importlib.import_module("orangecanvas.scheme")
    scene_module: Any = importlib.import_module("orangecanvas.canvas.scene")
    view_module: Any = importlib.import_module("orangecanvas.canvas.view")
    app = widgets.QApplication([])

    class Paints(core.QObject):  # type: ignore[misc]
        count = 0

        def eventFilter(self, watched: Any, event: Any) -> bool:
            self.count += event.type() == core.QEvent.Type.Paint
            return False

    paints = Paints()

    def described(name: str, outlets: tuple[str, ...]) -> Any:
        return registry.WidgetDescription(
            name,
            id=f"bench.{name}",
            category="Bench",
            qualified_name="json.decoder.JSONDecoder",  # icons are looked for beside it; there are none
            inputs=[registry.InputSignal("in", "builtins.object", "set_in", flags=description.Multiple)],
            outputs=[registry.OutputSignal(outlet, "builtins.object") for outlet in outlets],
        )

    def load() -> frames.Canvas:
        kinds = {1: described("One", ("next",)), 2: described("Two", ("true", "false"))}
        scheme = scheme_module.Scheme()
        scheme.set_loop_flags(scheme_module.Scheme.AllowLoops)
        scene = scene_module.CanvasScene()
        scene.set_scheme(scheme)
        view = view_module.CanvasView(scene)
        made = []
        for node in frames.nodes(count):
            made.append(scheme_module.SchemeNode(kinds[len(node.outlets)], title=node.name, position=(node.x, node.y)))
            scheme.add_node(made[-1])
        names = [node.outlets for node in frames.nodes(count)]
        for source, outlet, target in frames.wires(count):
            scheme.add_link(scheme_module.SchemeLink(made[source], names[source][outlet], made[target], "in"))
        view.resize(frames.WIDTH, frames.HEIGHT)
        view.show()
        app.processEvents()
        view.viewport().installEventFilter(paints)
        moved = made[frames.middle(count)]
        home = moved.position
        across, down = frames.side(count) * frames.ACROSS, count / frames.side(count) * frames.DOWN

        def look(factor: float) -> None:
            view.resetTransform()
            view.scale(factor, factor)
            view.centerOn(across / 2, down / 2)

        def fit() -> float:
            factor = min((frames.WIDTH - 80) / across, (frames.HEIGHT - 80) / down, 1.0)
            look(factor)
            return factor

        def drag(x: float, y: float) -> None:
            moved.position = (home[0] + x, home[1] + y)
            app.processEvents()

        load.kept = (scheme, scene, view)  # type: ignore[attr-defined]
        return frames.Canvas(fit, look, lambda: view.viewport().grab(), drag, lambda: paints.count)

    frames.measure(load)
    sys.stdout.flush()
    os._exit(0)  # taking the scheme apart is not measured


if __name__ == "__main__":
    main(int(sys.argv[1]))
