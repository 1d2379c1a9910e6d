"""The one declaration: a typed, documented function becomes an activity, and everything shown of it is derived here."""

from __future__ import annotations

import asyncio
import inspect
import re
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, is_dataclass
from enum import Enum
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, TypeVar

from engine.core.errors import CatalogError
from engine.core.values import File
from engine.sdk.binding import Binder
from engine.sdk.context import Context
from engine.sdk.params import Param, Parameter, members

_ID = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z])")
Function = TypeVar("Function", bound=Callable[..., Any])


class Effect(Enum):
    """What running an activity twice would do to the world."""

    PURE = "pure"
    """Nothing: it may be computed again at will."""
    IDEMPOTENT = "idempotent"
    """The same as running it once."""
    ONCE = "once"
    """Harm: it must never silently happen twice."""


@dataclass(frozen=True, slots=True)
class Port:
    """A named outlet. One with `body` leads into a region that the activity itself runs."""

    name: str
    label: str = ""
    body: bool = False


@dataclass(frozen=True, slots=True)
class To:
    """Returned by an activity that has several ports: leave through `port`, with `output`."""

    port: str
    output: Any = None


@dataclass(frozen=True)
class Activity:
    """What a step can do. `ports` are the outlets besides `error`, which every step has. `context` names the parameter
    that gets the context; an activity that `steers` gets the runtime's own, with which it runs bodies."""

    id: str
    label: str
    function: Callable[..., Any]
    effect: Effect
    icon: str = ""
    doc: str = ""
    parameters: tuple[Parameter, ...] = ()
    result: Any = None
    ports: tuple[Port, ...] = (Port("next"),)
    dynamic_ports: str = ""
    resources: tuple[str, ...] = ()
    replaces: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    context: str = ""
    steers: bool = False
    asynchronous: bool = False
    by_name: Mapping[str, Parameter] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_name", {parameter.name: parameter for parameter in self.parameters})

    @property
    def family(self) -> str:
        """The part of the id before the dot."""
        return self.id.partition(".")[0]

    @property
    def summary(self) -> str:
        """The first sentence of its documentation."""
        return _SENTENCE_END.split(self.doc.partition("\n\n")[0], maxsplit=1)[0].replace("\n", " ")

    @property
    def paragraphs(self) -> tuple[str, ...]:
        """Its documentation by paragraphs, each in one line."""
        return tuple(paragraph.replace("\n", " ") for paragraph in self.doc.split("\n\n"))

    @cached_property
    def gives_files(self) -> bool:
        """Whether there may be a `File` in its result."""
        return _may_hold(self.result, File)

    @cached_property
    def binder(self) -> Binder:
        """What checks and converts values for the parameters."""
        return Binder(self.id, self.parameters)

    def bind(self, values: Mapping[str, Any], folder: Path | None = None) -> dict[str, Any]:
        """The keyword arguments for the function. See `engine.sdk.binding.Binder.bind`."""
        return self.binder.bind(values, folder)

    def check(self, values: Mapping[str, Any]) -> dict[str, str]:
        """What is wrong with constant values. See `engine.sdk.binding.Binder.check`."""
        return self.binder.check(values)

    def schema(self) -> dict[str, Any]:
        """JSON schema (draft 2020-12) of the parameters, with labels as titles and help as descriptions."""
        from engine.sdk.schema import parameter_schema

        return parameter_schema(self)


def activity(
    id: str,
    *,
    label: str,
    effect: Effect,
    icon: str = "",
    ports: tuple[Port | str, ...] = ("next",),
    dynamic_ports: str = "",
    resources: tuple[str, ...] = (),
    replaces: tuple[str, ...] = (),
    keywords: tuple[str, ...] = (),
) -> Callable[[Function], Function]:
    """Declare the function below as the activity `id` (`family.name`).

    The parameters, their types and defaults come from the signature, the help from the docstring, the result from the
    return annotation. `async def` runs on the engine's loop and must not block; `def` runs in a worker thread.
    A parameter annotated `Context` gets the step's context. `dynamic_ports` names the parameter whose value
    (a list of mappings with a `port`, or of texts) adds ports. `resources` are held while the step runs.
    `replaces` lists former ids. Raises `CatalogError` for a declaration that cannot work.
    """

    def declare(function: Function) -> Function:
        function.__activity__ = lambda: _declared(  # type: ignore[attr-defined]
            function, id, label, effect, icon, ports, dynamic_ports, resources, replaces, keywords
        )
        return function

    return declare


def declared(function: Callable[..., Any]) -> Activity | None:
    """The activity that `function` declares, or None. Raises `CatalogError` for a declaration that cannot work."""
    known: Activity | Callable[[], Activity] | None = getattr(function, "__activity__", None)
    if known is None or isinstance(known, Activity):
        return known
    made = known()
    function.__activity__ = made  # type: ignore[attr-defined]
    return made


def _declared(
    function: Callable[..., Any],
    id: str,
    label: str,
    effect: Effect,
    icon: str,
    ports: tuple[Port | str, ...],
    dynamic_ports: str,
    resources: tuple[str, ...],
    replaces: tuple[str, ...],
    keywords: tuple[str, ...],
) -> Activity:
    where = f"the activity {id!r} ({function.__module__}.{function.__qualname__})"
    if not _ID.fullmatch(id):
        raise CatalogError(f"{where} needs an id like 'family.name', in lower-case letters")
    doc = inspect.cleandoc(function.__doc__ or "")
    if not doc:
        raise CatalogError(f"{where} has no docstring")
    try:
        types = typing.get_type_hints(function, include_extras=True)
    except Exception as error:
        raise CatalogError(f"{where} has an annotation that cannot be read: {error}") from error
    parameters: list[Parameter] = []
    context, steers = "", False
    for name, given in inspect.signature(function).parameters.items():
        annotation = types.get(name)
        if annotation is None:
            raise CatalogError(f"{where}: the parameter {name!r} has no type")
        if annotation is Context or getattr(annotation, "steers", False):
            context = name
            steers = annotation is not Context
            continue
        if given.kind in (given.VAR_POSITIONAL, given.VAR_KEYWORD, given.POSITIONAL_ONLY):
            raise CatalogError(f"{where}: the parameter {name!r} must be an ordinary named one")
        hints = Param(name.replace("_", " ").capitalize())
        kind = annotation
        if typing.get_origin(annotation) is Annotated:
            kind, *extras = typing.get_args(annotation)
            hints = next((extra for extra in extras if isinstance(extra, Param)), hints)
            rest = tuple(extra for extra in extras if not isinstance(extra, Param))
            if rest:
                kind = Annotated[(kind, *rest)]
        required = given.default is given.empty
        parameters.append(Parameter(name, kind, hints, required, None if required else given.default))
    names = {parameter.name for parameter in parameters}
    if dynamic_ports and dynamic_ports not in names:
        raise CatalogError(f"{where}: dynamic_ports names {dynamic_ports!r}, which is not a parameter")
    return Activity(
        id=id,
        label=label,
        function=function,
        effect=effect,
        icon=icon,
        doc=doc,
        parameters=tuple(parameters),
        result=types.get("return"),
        ports=tuple(Port(port) if isinstance(port, str) else port for port in ports),
        dynamic_ports=dynamic_ports,
        resources=tuple(sorted(resources)),
        replaces=replaces,
        keywords=keywords,
        context=context,
        steers=steers,
        asynchronous=asyncio.iscoroutinefunction(function),
    )


def _may_hold(result: Any, wanted: type) -> bool:
    """Whether `wanted` stands in a result's type, or in a field of a dataclass in it. `Any` and `To` may hold all."""
    seen: set[Any] = set()
    waiting = [result]
    while waiting:
        for kind in members(waiting.pop()) - seen:
            if kind in (wanted, Any, To):
                return True
            seen.add(kind)
            if is_dataclass(kind):
                waiting += typing.get_type_hints(kind).values()
    return False
