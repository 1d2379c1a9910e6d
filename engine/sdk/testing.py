"""Run one activity alone, as a workflow would: for the tests of whoever writes activities.

::

    async def test_greets(tmp_path):
        environment = ActivityEnvironment(tmp_path, secrets={"token": "s3cret"})
        greeted = await environment.run(greet, name="Ada")
        assert greeted.text == "Hello, Ada"
"""

from __future__ import annotations

import asyncio
import contextvars
import inspect
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from engine.core.errors import CatalogError, SystemFault
from engine.core.secrets import Credential, Secret, SecretRef, redact
from engine.core.values import plain
from engine.sdk.activity import Activity, To, declared
from engine.sdk.context import Cancelled, Level
from engine.sdk.integration import Integration
from engine.sdk.params import Parameter
from engine.sdk.sessions import Sessions, SharedSessions

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Line:
    """What an activity logged; secret values are masked."""

    message: str
    level: Level
    data: Any


@dataclass(frozen=True, slots=True)
class Progressed:
    """What an activity told of its progress."""

    done: float
    total: float | None
    message: str


class RecordingContext:
    """A context that records what it is told, in `lines` and `progressed`."""

    def __init__(self, folder: Path, execution: str = "execution", step: str = "step", attempt: int = 1) -> None:
        self.folder = folder
        self.execution = execution
        self.step = step
        self.attempt = attempt
        self.shared = SharedSessions()
        self.sessions = Sessions(self.shared, lambda pid: None)
        self.lines: list[Line] = []
        self.progressed: list[Progressed] = []
        self.cancelled = False

    @property
    def key(self) -> str:
        return f"{self.execution}/{self.step}"

    @property
    def scratch(self) -> Path:
        folder = self.folder / ".scratch"
        folder.mkdir(exist_ok=True)
        return folder

    def log(self, message: str, level: Level = "info", **data: Any) -> None:
        self.lines.append(Line(redact(str(message)), level, plain(data) or None))

    def progress(self, done: float, total: float | None = None, message: str = "") -> None:
        self.progressed.append(Progressed(done, total, redact(message)))

    def check(self) -> None:
        if self.cancelled:
            raise Cancelled


class ActivityEnvironment:
    """What one activity needs around it: a folder that relative paths start at, secrets, credentials, integrations.

    `lines` and `progressed` hold what was logged and told by all runs; `port` is the outlet the last one left through.
    """

    def __init__(
        self,
        folder: Path | None = None,
        secrets: Mapping[str, str] | None = None,
        *,
        credentials: Iterable[Credential] = (),
        integrations: Iterable[Integration] = (),
        step: str = "step",
        attempt: int = 1,
    ) -> None:
        self.secrets = dict(secrets or {})
        self.credentials = {one.name: one for one in credentials}
        self.integrations = {one.name: one for one in integrations}
        self.context = RecordingContext(folder or Path.cwd(), step=step, attempt=attempt)
        self.port = ""
        self._running: set[asyncio.Task[Any]] = set()

    @property
    def lines(self) -> list[Line]:
        return self.context.lines

    @property
    def progressed(self) -> list[Progressed]:
        return self.context.progressed

    async def run(self, what: Activity | Callable[..., Any], /, **values: Any) -> Any:
        """Run an activity, given as its declaration or its function, and give the result as the function returned it.

        `values` are bound as those of a step are: checked and converted, paths made absolute, `SecretRef("name")`
        replaced by the secret of that name; a function given for an `Expression` is called for its value.
        `async def` runs on this loop, `def` in a worker thread. What a step would fail with is raised.
        """
        activity = what if isinstance(what, Activity) else declared(what)
        if activity is None:
            raise CatalogError(f"{what!r} is not an activity", hint="Declare it with @activity.")
        if activity.steers:
            raise CatalogError(f"{activity.id} runs other steps, and cannot be run without a workflow")
        given = {
            name: self._supply(activity.by_name[name], value) if name in activity.by_name else value
            for name, value in values.items()
        }
        arguments = activity.bind(given, self.context.folder)
        if activity.context:
            arguments[activity.context] = self.context
        self.context.cancelled = False
        call = activity.function(**arguments) if activity.asynchronous else _in_thread(activity.function, arguments)
        task = asyncio.ensure_future(call)
        self._running.add(task)
        try:
            result = await task
        except asyncio.CancelledError:
            self.context.cancelled = True
            raise
        finally:
            self._running.discard(task)
        self.port = result.port if isinstance(result, To) else "next"
        return result.output if isinstance(result, To) else result

    def cancel(self) -> None:
        """Tell what runs now to stop: a coroutine is cancelled, a function finds out at its next `ctx.check()`.

        Either way `run` raises `asyncio.CancelledError`. To be called on the loop.
        """
        self.context.cancelled = True
        for task in self._running:
            if not _threaded(task):
                task.cancel()

    async def close(self) -> None:
        """Close the sessions that activities opened, also those that executions would share."""
        await self.context.sessions.close_all()
        await self.context.shared.close()

    def _supply(self, parameter: Parameter, value: Any) -> Any:
        if not parameter.supplied:
            return value
        if isinstance(value, dict):
            return {key: self._supply(parameter, item) for key, item in value.items()}
        if isinstance(value, list):
            return [self._supply(parameter, item) for item in value]
        if not isinstance(value, (str, SecretRef)):
            return value
        if parameter.credential:
            return self._found("credential", self.credentials, str(getattr(value, "name", value)))
        if parameter.integration:
            return self._found("integration", self.integrations, str(getattr(value, "name", value)))
        if isinstance(value, SecretRef):
            return Secret(self._found("secret", self.secrets, value.name), value.name)
        return Secret(value)

    def _found(self, what: str, known: Mapping[str, T], name: str) -> T:
        if name not in known:
            raise SystemFault(f"there is no {what} {name!r}", hint="Give it to the ActivityEnvironment.")
        return known[name]


async def _in_thread(function: Callable[..., Any], arguments: dict[str, Any]) -> Any:
    """Call a function in a thread of its own, which has ended when this returns."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[None] = loop.create_future()
    context = contextvars.copy_context()
    results: list[Any] = []
    errors: list[BaseException] = []

    def work() -> None:
        try:
            results.append(context.run(function, **arguments))
        except BaseException as error:
            errors.append(error)
        try:
            loop.call_soon_threadsafe(done.set_result, None)
        except RuntimeError:
            pass  # the loop was closed by somebody who did not wait

    thread = threading.Thread(target=work, name="activity", daemon=True)
    thread.start()
    await asyncio.shield(done)
    thread.join()
    if errors:
        if isinstance(errors[0], StopIteration):  # which a coroutine cannot raise
            raise SystemFault(f"StopIteration: {errors[0]}")
        raise errors[0]
    return results[0]


def _threaded(task: asyncio.Task[Any]) -> bool:
    coroutine = task.get_coro()
    return inspect.iscoroutine(coroutine) and coroutine.cr_code is _in_thread.__code__
