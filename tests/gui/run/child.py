"""A studio without a window, for tests that kill it: runs a workflow until it is told otherwise, which it never is."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

os.environ["QT_QPA_PLATFORM"] = "offscreen"

import qasync
from PySide6.QtWidgets import QApplication

from engine.api import load
from engine.core.settings import Settings
from studio.bridge import Bridge
from tests.support import workflows


def main(home: Path, file: Path) -> None:
    app = QApplication([])
    loop = qasync.QEventLoop(app)
    asyncio.set_event_loop(loop)
    bridge = Bridge(Settings(home=home))
    bridge.__dict__["catalog"] = workflows.catalog()
    bridge.start()

    async def story() -> None:
        work = load(file).workflow
        id = await bridge.call(lambda client: client.start(work, source=file))
        print(id, flush=True)
        await bridge.call(lambda client: client.wait(id))

    loop.run_until_complete(story())


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
