"""The running site."""

from __future__ import annotations

import random
import threading
from types import TracebackType
from typing import Any

from engine.practice.faults import Faults
from engine.practice.server import HOST, Server
from engine.practice.state import State


class PracticeSite:
    """A practice site on 127.0.0.1, from `start` to `close` or for as long as its `with` block lasts.

    `port` 0 takes a free one; raises `OSError` where it is taken. With the same `seed` it has the same data, and its
    forms move the same way. Every page takes `slow` seconds longer; a log-in ends after `session` seconds without use.
    """

    def __init__(
        self,
        *,
        port: int = 0,
        seed: int | None = None,
        slow: float = 0.0,
        session: float = 900.0,
        faults: Faults | None = None,
    ) -> None:
        self.seed = random.SystemRandom().getrandbits(31) if seed is None else seed
        self._state = State(self.seed, slow, session, faults or Faults())
        self._server = Server(port, self._state)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.1,), name="practice site")
        self._closing = threading.Lock()
        self._started = self._closed = False

    @property
    def address(self) -> str:
        """Where it is, without a slash at the end: `http://127.0.0.1:43121`."""
        return f"http://{HOST}:{self._server.server_port}"

    def start(self) -> None:
        """Serve, from now on."""
        self._started = True
        self._thread.start()

    def close(self) -> None:
        """Stop serving, and wait until nothing of it runs. Closing twice does no harm."""
        with self._closing:
            if self._closed:
                return
            self._closed = True
            if self._started:
                self._server.close()
                self._thread.join()
            else:
                self._server.server_close()

    def __enter__(self) -> PracticeSite:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def faults(self) -> Faults:
        """How often requests fail; may be set at any time."""
        return self._state.trouble.faults

    @faults.setter
    def faults(self, faults: Faults) -> None:
        self._state.trouble.faults = faults

    @property
    def people(self) -> list[dict[str, str]]:
        """The ten whom the moving form waits for, by the labels of its fields."""
        return [dict(person) for person in self._state.people]

    def scoreboard(self) -> dict[str, Any]:
        """What `/scoreboard.json` says."""
        return {**self._state.scoreboard.shown(), "faults": dict(self._state.trouble.happened)}

    def reset(self) -> None:
        """Forget what was submitted and who is logged in, as `POST /reset` does."""
        self._state.reset()
