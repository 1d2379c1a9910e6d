"""Workflows as executions know them: by content hash, so that an execution goes on with what it started with."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from engine.core.errors import DocumentError
from engine.core.sentences import say
from engine.runtime.definition import Prepared
from engine.runtime.inputs import check_inputs
from engine.sdk.catalog import Catalog
from engine.store.protocols import Definition, Store
from engine.workflow import codec
from engine.workflow.model import Workflow
from engine.workflow.problems import Problem, check

KEPT = 64
"""Prepared workflows that stay in memory."""


def _refusal(name: str, errors: Sequence[Problem]) -> str:
    """Why a workflow with these errors cannot be started."""
    first, more = errors[0], len(errors) - 1
    message = say("{name}: {reason}", name=name, reason=first.message)
    if first.line:
        message = say("{name}, line {line}: {reason}", name=name, line=first.line, reason=first.message)
    return say("{message} (and {more} more)", message=message, more=more) if more else message


class Definitions:
    """Prepares workflows once and keeps the latest."""

    def __init__(self, store: Store, catalog: Catalog) -> None:
        self._store = store
        self._catalog = catalog
        self._prepared: OrderedDict[str, Prepared] = OrderedDict()
        self._latest: tuple[Workflow, Prepared, Definition] | None = None

    def validated(self, workflow: Workflow | Path) -> tuple[Prepared, Definition]:
        """A workflow that may be started. Raises `DocumentError` with its problems if it has errors."""
        if self._latest is not None and self._latest[0] is workflow:
            return self._latest[1:]
        document = codec.load(workflow) if isinstance(workflow, Path) else workflow
        content = document.workflow if isinstance(document, codec.Document) else document
        text = codec.dumps(content)
        hash = codec.text_hash(text)
        known = self._prepared.get(hash)
        if known is None:
            problems = check(document, self._catalog)
            errors = tuple(problem for problem in problems if problem.severity == "error")
            if errors:
                name = workflow.name if isinstance(workflow, Path) else content.name or say("the workflow")
                message = _refusal(name, errors)
                raise DocumentError(message, hint=errors[0].hint, problems=tuple(problems))
            known = self._keep(Prepared(content, hash, self._catalog))
        definition = Definition(hash, text)
        if not isinstance(workflow, Path):
            self._latest = (workflow, known, definition)
        return known, definition

    async def pin(self, path: Path) -> Prepared:
        """Read, check and store the workflow of a file."""
        prepared, definition = await asyncio.to_thread(self.validated, path)
        await self._store.pin(definition)
        return prepared

    async def pinned(self, hash: str) -> Prepared:
        """The workflow of a stored definition."""
        known = self._prepared.get(hash)
        if known is None:
            definition = await self._store.definition(hash)
            known = self._keep(Prepared(codec.loads(definition.text).workflow, hash, self._catalog))
        return known

    def check_inputs(self, workflow: Workflow, given: Mapping[str, Any]) -> dict[str, Any]:
        """See `engine.runtime.inputs`."""
        return check_inputs(workflow, given)

    def _keep(self, prepared: Prepared) -> Prepared:
        self._prepared[prepared.hash] = prepared
        if len(self._prepared) > KEPT:
            self._prepared.popitem(last=False)
        return prepared
