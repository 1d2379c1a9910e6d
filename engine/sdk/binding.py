"""From the data of a workflow to the arguments of a function: checked, converted, with relative paths resolved.

pydantic does the work. A value that already is what its type says needs no work, and where all of a step's are,
pydantic is not even loaded: that takes longer than running such a step.
"""

from __future__ import annotations

import os
import types
import typing
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, Union

from engine.core.errors import BusinessError
from engine.core.secrets import SecretRef
from engine.core.sentences import declared, joined, say
from engine.sdk.params import Constant, Parameter
from engine.sdk.reasons import reason

Fits = Callable[[Any], bool]
_EXACT = frozenset({str, int, bool, float, list, dict, type(None)})


class Binder:
    """Binds values to the parameters of one activity."""

    def __init__(self, activity: str, parameters: tuple[Parameter, ...]) -> None:
        self._activity = activity
        self._by_name = {parameter.name: parameter for parameter in parameters}
        self._lazy = tuple(parameter for parameter in parameters if parameter.lazy)
        self._eager = tuple(parameter for parameter in parameters if not parameter.lazy)
        self._required = frozenset(parameter.name for parameter in self._eager if parameter.required)
        self._paths = tuple(parameter.name for parameter in self._eager if parameter.path)
        self._fits = {parameter.name: _fits(parameter.type) for parameter in self._eager}

    @cached_property
    def adapter(self) -> Any:
        """pydantic's `TypeAdapter` of the parameters that are not lazy."""
        # Looking for pydantic's own plug-ins reads the metadata of every installed package.
        os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
        from pydantic import ConfigDict, TypeAdapter
        from typing_extensions import TypedDict  # pydantic reads the one of `typing` only from Python 3.12 on

        shape = TypedDict(  # type: ignore[misc]
            self._activity.replace(".", "_"),
            {
                parameter.name: (typing.Required if parameter.required else typing.NotRequired)[
                    # The marker keeps `typing` from giving an equal type of before, with its choices in another order.
                    typing.Annotated[parameter.type, object()]
                ]
                for parameter in self._eager
            },
        )
        shape.__pydantic_config__ = ConfigDict(  # type: ignore[attr-defined]
            extra="forbid", arbitrary_types_allowed=True, coerce_numbers_to_str=True
        )
        return TypeAdapter(shape)

    def bind(self, values: Mapping[str, Any], folder: Path | None) -> dict[str, Any]:
        """The keyword arguments for the function, from plain data by parameter name.

        Relative paths are resolved against `folder`. Raises `BusinessError` that names each wrong parameter.
        """
        lazy = {}
        for parameter in self._lazy:
            if parameter.name in values:
                value = values[parameter.name]
                lazy[parameter.name] = value if callable(value) else Constant(value)
            elif parameter.required:
                raise BusinessError(say("{label}: is missing", label=declared(parameter.hints.label) or parameter.name))
        plain = {name: value for name, value in values.items() if name not in lazy} if lazy else values
        if self._all_fit(plain):
            return {**plain, **lazy}
        try:
            bound: dict[str, Any] = self.adapter.validate_python(plain)
        except ValueError as error:
            raise BusinessError(self._explain(error)) from None
        for name in self._paths:
            if name in bound:
                bound[name] = _resolved(bound[name], folder)
        return {**bound, **lazy}

    def check(self, values: Mapping[str, Any]) -> dict[str, str]:
        """What is wrong with constant `values`, by parameter name.

        Parameters that are missing, unknown or lazy, or take a name of something, are not looked at.
        """
        constant = {
            name: value
            for name, value in values.items()
            if name in self._fits and not self._by_name[name].supplied and not self._fits[name](value)
        }
        wrong: dict[str, str] = {}
        if constant:
            try:
                self.adapter.validate_python(constant)
            except ValueError as error:
                for detail in error.errors(include_url=False):  # type: ignore[attr-defined]
                    if detail["loc"] and detail["loc"][0] in constant:
                        place, reason = self._reason(detail)
                        said = say("{place}: {reason}", place=place, reason=reason) if place else reason
                        wrong.setdefault(str(detail["loc"][0]), said)
        for name, value in values.items():
            choices = self._by_name[name].hints.choices if name in self._fits else ()
            if choices and name not in wrong and value is not None and value not in choices:
                wrong[name] = say("must be one of {choices}", choices=", ".join(map(repr, choices)))
        return wrong

    def _all_fit(self, values: Mapping[str, Any]) -> bool:
        fits = self._fits
        return self._required <= values.keys() and all(
            name in fits and fits[name](value) for name, value in values.items()
        )

    def _explain(self, error: ValueError) -> str:
        lines = []
        for detail in error.errors(include_url=False):  # type: ignore[attr-defined]
            name = str(detail["loc"][0]) if detail["loc"] else ""
            label = declared(self._by_name[name].hints.label) if name in self._by_name else name
            place, reason = self._reason(detail)
            lines.append(say("{label}{place}: {reason}", label=label, place=place, reason=reason))
        return joined(list(dict.fromkeys(lines)), "; ")

    def _reason(self, detail: Mapping[str, Any]) -> tuple[str, str]:
        """The place inside a parameter (`[2]`, or nothing) and the reason of one finding of pydantic."""
        place = "".join(f"[{part!r}]" for part in detail["loc"][1:] if isinstance(part, int))
        if detail["type"] == "missing":
            return place, say("is missing")
        if detail["type"] == "extra_forbidden":
            return place, say("is not a parameter of {activity}", activity=self._activity)
        if isinstance(detail["input"], SecretRef):
            return place, say(
                "the secret {name!r} can only be used where a secret is asked for", name=detail["input"].name
            )
        return place, reason(detail["type"], detail.get("ctx", {}), detail["msg"])


def _resolved(path: Any, folder: Path | None) -> Any:
    if isinstance(path, list):
        return [_resolved(item, folder) for item in path]
    if not isinstance(path, Path):
        return path
    path = path.expanduser()
    return path if folder is None or path.is_absolute() else folder / path


def _fits(kind: Any) -> Fits:
    """What tells whether a value of plain data needs no conversion to be of that type; it may say no too often."""
    if kind is Any:
        return lambda value: True
    if kind in _EXACT:
        return lambda value: type(value) is kind
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if origin is Literal:
        return lambda value: type(value) is str and value in inner
    if origin in (Union, types.UnionType):
        some = tuple(map(_fits, inner))
        return lambda value: any(one(value) for one in some)
    if (origin is list and inner == (Any,)) or (origin is dict and inner == (str, Any)):
        return lambda value: type(value) is origin
    return lambda value: False
