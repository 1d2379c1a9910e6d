"""What an operation takes, by the schema in the WSDL: for people, and to check arguments against."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from engine.core.sentences import say
from engine.sdk import BusinessError, SecretRef
from engine.sdk.tables import shown

_DEEPEST = 6


@dataclass(frozen=True)
class Field:
    """A field: its path (`order.lines[].amount`), its type, whether it must be there, and whether it is a list."""

    path: str
    type: str
    required: bool
    many: bool


def fields(kind: Any, before: str = "", depth: int = 0) -> Iterator[Field]:
    """The fields of a complex type of zeep, those inside them behind them."""
    for name, element in _members(kind).items():
        many = getattr(element, "accepts_multiple", False)
        inner = element.type
        path = f"{before}{name}"
        required = element.required if hasattr(element, "required") else not element.is_optional
        yield Field(path, str(getattr(inner, "name", "") or name), bool(required), bool(many))
        if depth < _DEEPEST and _members(inner):
            yield from fields(inner, f"{path}[]." if many else f"{path}.", depth + 1)


def check(given: Mapping[str, Any], kind: Any, place: str = "") -> None:
    """Raises `BusinessError` for an argument that the schema does not know, with those that it does."""
    members = _members(kind)
    for name, value in given.items():
        path = f"{place}{name}"
        if isinstance(value, SecretRef):
            raise BusinessError(
                say("{place}: the secret {name!r} is not handed over like this", place=path, name=value.name)
            )
        if name not in members:
            close = get_close_matches(name, list(members), 3, 0.5)
            hint = (
                say("Is {names} meant?", names=", ".join(close))
                if close
                else say("There are: {names}.", names=", ".join(members) or "none")
            )
            raise BusinessError(say("the operation takes no {path!r}", path=path), hint=hint)
        inner = members[name].type
        for number, item in enumerate(value if isinstance(value, list) else [value]):
            here = f"{path}[{number}]" if isinstance(value, list) else path
            if not _members(inner):
                _check_value(item, inner, here)
            elif isinstance(item, Mapping):
                check(item, inner, f"{here}.")
            elif item is not None:
                raise BusinessError(
                    say("{path!r} is a mapping of fields, and a single value was given", path=path),
                    hint=say("There are: {names}.", names=", ".join(_members(inner))),
                )


def _check_value(value: Any, kind: Any, path: str) -> None:
    """Whether the service could read the value; zeep would write nearly any."""
    from zeep.xsd import AnySimpleType

    if value is None or not isinstance(kind, AnySimpleType):
        return
    simple: Any = kind
    try:
        simple.pythonvalue(simple.xmlvalue(value))
    except NotImplementedError:
        return
    except (ValueError, TypeError, ArithmeticError, AttributeError):
        raise BusinessError(
            say("{place}: {value} is not {kind}", place=path, value=shown(value), kind=simple.name or "right"),
            hint=say("'SOAP operations' shows what it takes."),
        ) from None


def _members(kind: Any) -> dict[str, Any]:
    """The elements and attributes of a type by name; nothing for a simple one, or one that takes anything."""
    from zeep.xsd import AnyAttribute, ComplexType

    if not isinstance(kind, ComplexType):
        return {}
    found = {name: element for name, element in kind.elements if hasattr(element, "type")}
    if len(found) != len(kind.elements):
        return {}
    return found | {name: one for name, one in kind.attributes if not isinstance(one, AnyAttribute)}
