"""A studio without a window that edits at random until it is killed: `python -m ... HOME FILE SEED`.

After every edit it says on its output how many it has made.
"""

from __future__ import annotations

import random
import sys
from pathlib import Path

from engine.api import load, save
from studio.designer.document import WorkflowDocument
from studio.designer.recovery import Recovery
from tests.unit.studio.safety.edits import change


def operate(document: WorkflowDocument, seed: int, number: int) -> None:
    """The edit, undo, redo or saving with that number; the same in every process."""
    chance = random.Random(seed * 1_000_003 + number)
    kind = chance.choices(["edit", "merge", "undo", "redo", "save"], [8, 4, 4, 3, 1])[0]
    if kind == "undo":
        document.undo()
    elif kind == "redo":
        document.redo()
    elif kind == "save":
        assert document.path is not None
        save(document.path, document.document)
        document.mark_saved()
    else:
        document.edit_document(
            f"Edit {number}",
            lambda before: change(before, chance.randrange(10**6)),
            merge="m" if kind == "merge" else "",
        )


def main(home: Path, file: Path, seed: int) -> None:
    recovery = Recovery(home)
    document = WorkflowDocument(load(file))
    recovery.record(document)
    number = 0
    while True:
        operate(document, seed, number)
        number += 1
        print(number, flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
