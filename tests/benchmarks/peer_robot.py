"""Robot Framework: `python peer_robot.py FOLDER keywords|loop COUNT` prints keywords per second as JSON.

Timed from the start of the test to its end: without starting Robot, reading the suite and writing reports. Once with
its output.xml (`output`) and once without (`no output`); log and report are never written. A keyword is `No Operation`.
"""

from __future__ import annotations

import importlib
import io
import json
import sys
import time
from pathlib import Path
from typing import Any

NO_OPERATION = "    No Operation\n"


class Watch:
    """A listener that sees the test alone, so that it costs nothing for each keyword."""

    ROBOT_LISTENER_API_VERSION = 3

    def __init__(self) -> None:
        self.begun = self.ended = 0.0
        self.passed = False

    def start_test(self, data: Any, result: Any) -> None:
        self.begun = time.perf_counter()

    def end_test(self, data: Any, result: Any) -> None:
        self.ended = time.perf_counter()
        self.passed = result.passed


def run(folder: Path, body: str, output: str) -> float:
    """Seconds of a test."""
    robot: Any = importlib.import_module("robot")
    suite = folder / "suite.robot"
    suite.write_text(f"*** Test Cases ***\nBenchmark\n{body}", "utf-8")
    watch = Watch()
    code = robot.run(
        str(suite),
        listener=watch,
        output=output,
        log="NONE",
        report="NONE",
        outputdir=str(folder),
        stdout=io.StringIO(),
    )
    assert code == 0 and watch.passed
    return watch.ended - watch.begun


def main(folder: Path, kind: str, count: int) -> dict[str, float]:
    body = {
        "keywords": NO_OPERATION * count,
        "loop": f"    FOR    ${{i}}    IN RANGE    {count}\n    {NO_OPERATION}    END\n",
    }[kind]
    run(folder, NO_OPERATION, "NONE")
    return {
        "robot, output": count / run(folder, body, "output.xml"),
        "robot, no output": count / run(folder, body, "NONE"),
    }


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))))
