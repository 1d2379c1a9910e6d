"""The context of activities that run the steps behind their body ports."""

from __future__ import annotations

from typing import ClassVar, Protocol

from engine.sdk.activity import To
from engine.sdk.context import Context


class Flow(Context, Protocol):
    """Given to an activity that has a parameter annotated `Flow` and ports with `body`.

    Such an activity is called again when its execution goes on after it left memory; bodies that ended before, and
    steps in them, are recalled and not run again.
    """

    steers: ClassVar[bool] = True

    @property
    def openings(self) -> int:
        """How often this step has been called: 1, and one more each time the execution went on after it left memory."""

    async def through(self, port: str = "body", *, anew: bool = False) -> To:
        """Run the steps behind a body port.

        Gives the port the flow leaves through and the output of the last step, to be returned by the activity where
        the port is not `next` (a `break`, `continue` or `stop` inside the body). Raises what failed in it.
        With `anew` it runs at every opening, from its first step on: what has to be done again whenever a session
        was lost.
        """
