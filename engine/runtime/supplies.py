"""What a step is given in place of names: secrets, credentials, integrations, and the paths of kept files."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from engine.core.errors import NoSuchIntegration
from engine.core.secrets import Secret, SecretRef, Use
from engine.core.sentences import say
from engine.core.values import FileRef
from engine.sdk.integration import Integration
from engine.sdk.params import Parameter

if TYPE_CHECKING:
    from engine.runtime.context import StepContext
    from engine.runtime.execution import Execution


class Integrations(Protocol):
    """Where integrations are found by name."""

    async def get(self, name: str, use: Use) -> Integration:
        """The integration of that name, with its credential, for a step that says who it is.

        Raises `BusinessError` when there is none of that name, and as `SecretSource.credential` does.
        """


class NoIntegrations:
    """Where there are none."""

    async def get(self, name: str, use: Use) -> Integration:
        raise NoSuchIntegration(
            say("there is no integration {name!r}", name=name), hint=say("Add it with `rpa integrations add`.")
        )


class Supplies:
    """Fills in the parameters of one step."""

    def __init__(self, run: Execution, context: StepContext, activity: str) -> None:
        self._run = run
        self._context = context
        self._use = Use(activity, run.id, context.step)

    async def fill(self, parameters: tuple[Parameter, ...], given: Mapping[str, Any]) -> dict[str, Any]:
        """`given` with what its names and references stand for. Raises `ActivityError` for one that is not there."""
        filled = dict(given)
        for parameter in parameters:
            if parameter.name in given:
                filled[parameter.name] = await self._supplied(parameter, given[parameter.name])
        return filled

    async def _supplied(self, parameter: Parameter, value: Any) -> Any:
        if isinstance(value, dict):
            return {key: await self._supplied(parameter, item) for key, item in value.items()}
        if isinstance(value, list):
            return [await self._supplied(parameter, item) for item in value]
        if isinstance(value, FileRef):
            return await self._file(value) if parameter.path else value
        if isinstance(value, (str, SecretRef)):
            name = value.name if isinstance(value, SecretRef) else value
            if parameter.credential:
                return await self._run.secrets.credential(name, self._use) if name else None
            if parameter.integration:
                return await self._run.integrations.get(name, self._use) if name else None
            if parameter.secret:
                return await self._run.secrets.reveal(name, self._use) if name is not value else Secret(name)
        return value

    async def _file(self, file: FileRef) -> Path:
        """The kept file under its name in the scratch folder."""
        path = self._context.scratch / file.hash[:16] / file.name
        if not path.is_file():
            data = await self._run.store.fetch(file.hash)
            await asyncio.to_thread(_write, path, data)
        return path


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_name(f"{path.name}.part")
    half.write_bytes(data)
    half.replace(path)
