"""The one declaration: a typed, documented function becomes an activity, and everything shown of it is derived here."""

from __future__ import annotations

import asyncio
import inspect
import os
import re
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, TypeVar

from engine.core.errors import BusinessError, CatalogError
from engine.core.secrets import Secret
from engine.sdk.context import Context
from engine.sdk.params import Constant, Expression, Param

_ID = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*")
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


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of an activity, as declared by its signature."""

    name: str
    type: Any
    hints: Param
    required: bool
    default: Any = None

    @property
    def lazy(self) -> bool:
        """Whether the step evaluates it itself (`Expression`)."""
        return Expression in _members(self.type)

    @property
    def secret(self) -> bool:
        """Whether it takes the name of a secret."""
        return Secret in _members(self.type)


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
        return self.doc.partition("\n\n")[0].replace("\n", " ")

    @cached_property
    def adapter(self) -> Any:
        """What checks and converts the values of the parameters that are not lazy: pydantic's `TypeAdapter`."""
        # Looking for pydantic's own plug-ins reads the metadata of every installed package.
        os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
        from pydantic import ConfigDict, TypeAdapter
        from typing_extensions import TypedDict  # pydantic reads the one of `typing` only from Python 3.12 on

        shape = TypedDict(  # type: ignore[misc]
            self.function.__name__,
            {
                parameter.name: typing.Required[parameter.type]
                if parameter.required
                else typing.NotRequired[parameter.type]
                for parameter in self.parameters
                if not parameter.lazy
            },
        )
        shape.__pydantic_config__ = ConfigDict(  # type: ignore[attr-defined]
            extra="forbid", arbitrary_types_allowed=True, coerce_numbers_to_str=True
        )
        return TypeAdapter(shape)

    @cached_property
    def _paths(self) -> tuple[str, ...]:
        return tuple(parameter.name for parameter in self.parameters if Path in _members(parameter.type))

    def bind(self, values: Mapping[str, Any], folder: Path | None = None) -> dict[str, Any]:
        """Check `values` (plain data by parameter name) and give the keyword arguments for the function.

        Relative paths are resolved against `folder`. Raises `BusinessError` that names each wrong parameter.
        """
        lazy: dict[str, Any] = {}
        plain: dict[str, Any] = {}
        for name, value in values.items():
            declared = self.by_name.get(name)
            if declared is not None and declared.lazy:
                lazy[name] = value if callable(value) else Constant(value)
            else:
                plain[name] = value
        for parameter in self.parameters:
            if parameter.lazy and parameter.required and parameter.name not in lazy:
                raise BusinessError(f"{parameter.hints.label or parameter.name}: is missing")
        if not self.parameters and not plain:
            return {}
        try:
            bound: dict[str, Any] = self.adapter.validate_python(plain)
        except ValueError as error:
            raise BusinessError(self._explain(error)) from None
        for name in self._paths:
            path = bound.get(name)
            if isinstance(path, Path):
                path = path.expanduser()
                bound[name] = path if folder is None or path.is_absolute() else folder / path
            elif isinstance(path, list) and folder is not None:
                bound[name] = [folder / item.expanduser() if isinstance(item, Path) else item for item in path]
        return {**bound, **lazy}

    def check(self, values: Mapping[str, Any]) -> dict[str, str]:
        """What is wrong with constant `values`, by parameter name.

        Parameters that are missing, unknown, lazy or secret are not looked at.
        """
        constant = {
            name: value
            for name, value in values.items()
            if name in self.by_name and not self.by_name[name].lazy and not self.by_name[name].secret
        }
        if not constant:
            return {}
        wrong: dict[str, str] = {}
        try:
            self.adapter.validate_python(constant)
        except ValueError as error:
            for detail in error.errors(include_url=False):  # type: ignore[attr-defined]
                if detail["loc"] and detail["loc"][0] in constant:
                    place, reason = self._reason(detail)
                    wrong.setdefault(str(detail["loc"][0]), f"{place}: {reason}" if place else reason)
        for name, value in constant.items():
            choices = self.by_name[name].hints.choices
            if choices and name not in wrong and value is not None and value not in choices:
                wrong[name] = f"must be one of {', '.join(map(repr, choices))}"
        return wrong

    def _explain(self, error: ValueError) -> str:
        lines = []
        for detail in error.errors(include_url=False):  # type: ignore[attr-defined]
            name = str(detail["loc"][0]) if detail["loc"] else ""
            label = self.by_name[name].hints.label if name in self.by_name else name
            place, reason = self._reason(detail)
            lines.append(f"{label}{place}: {reason}")
        return "; ".join(dict.fromkeys(lines))

    def _reason(self, detail: Mapping[str, Any]) -> tuple[str, str]:
        """The place inside a parameter (`[2]`, or nothing) and the reason of one finding of pydantic."""
        place = "".join(f"[{part!r}]" for part in detail["loc"][1:] if isinstance(part, int))
        if detail["type"] == "missing":
            return place, "is missing"
        if detail["type"] == "extra_forbidden":
            return place, f"is not a parameter of {self.id}"
        message: str = detail["msg"]
        return place, message[:1].lower() + message[1:]

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


def _members(kind: Any) -> set[Any]:
    """The type and every type inside it: `list[Path] | None` has `list[Path]`, `Path`, `NoneType`."""
    found = {kind}
    for inner in typing.get_args(kind):
        if isinstance(inner, type) or typing.get_origin(inner) is not None:
            found |= _members(inner)
    return found
