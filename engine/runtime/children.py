"""The processes that were started for executions, and must not outlive the engine."""

from __future__ import annotations

import contextlib
import json
import logging
import os
from pathlib import Path

_log = logging.getLogger(__name__)


class Children:
    """The processes that were started for executions, noted in a file, so that the next engine on the same home can
    end those that a killed one left behind."""

    def __init__(self, file: Path | None) -> None:
        self._file = file

    @property
    def noted(self) -> bool:
        """Whether there is a note of any."""
        return self._file is not None and self._file.exists()

    def adopt(self, pid: int) -> None:
        """Note a process. One that is gone by now, or a note that cannot be written, is no error."""
        if self._file is None:
            return
        import psutil

        with contextlib.suppress(psutil.Error, OSError):
            line = json.dumps([pid, psutil.Process(pid).create_time()]) + "\n"
            self._file.parent.mkdir(parents=True, exist_ok=True)
            with open(self._file, "a", encoding="ascii") as file:
                file.write(line)

    def reap(self) -> int:
        """End what an earlier engine left behind, with all it started, and give how many. Only for who is alone on the
        home folder."""
        if not self.noted:
            return 0
        import psutil

        assert self._file is not None
        count = 0
        try:
            lines = self._file.read_text("ascii", "replace").splitlines()
            self._file.unlink()
        except OSError:
            return 0
        for line in lines:
            with contextlib.suppress(psutil.Error, ValueError, TypeError):
                pid, created = json.loads(line)
                process = psutil.Process(pid)
                if pid == os.getpid() or abs(process.create_time() - created) > 1.0:
                    continue
                for one in [*process.children(recursive=True), process]:
                    with contextlib.suppress(psutil.Error):
                        one.kill()
                        count += 1
        if count:
            _log.warning("%d processes that an earlier run left behind were ended", count)
        return count
