"""Why a value does not fit its type: what pydantic finds, as sentences that can be translated."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.core.sentences import say

_REASONS = {
    "bool_parsing": say("input should be a valid boolean, unable to interpret input"),
    "bool_type": say("input should be a valid boolean"),
    "bytes_type": say("input should be a valid bytes"),
    "date_from_datetime_inexact": say("datetimes provided to dates should have zero time - e.g. be exact dates"),
    "date_type": say("input should be a valid date"),
    "datetime_type": say("input should be a valid datetime"),
    "dict_type": say("input should be a valid dictionary"),
    "finite_number": say("input should be a finite number"),
    "float_parsing": say("input should be a valid number, unable to parse string as a number"),
    "float_type": say("input should be a valid number"),
    "int_from_float": say("input should be a valid integer, got a number with a fractional part"),
    "int_parsing": say("input should be a valid integer, unable to parse string as an integer"),
    "int_parsing_size": say("unable to parse input string as an integer, exceeded maximum size"),
    "int_type": say("input should be a valid integer"),
    "invalid_key": say("keys should be strings"),
    "list_type": say("input should be a valid list"),
    "none_required": say("input should be None"),
    "path_type": say("input is not a valid path"),
    "string_type": say("input should be a valid string"),
    "time_delta_type": say("input should be a valid timedelta"),
    "time_type": say("input should be a valid time"),
}


def reason(kind: str, context: Mapping[str, Any], message: str) -> str:
    """The reason of one finding of pydantic: of its `type`, its `ctx` and its `msg`, in the words of `msg`."""
    message = message[:1].lower() + message[1:]
    said = _REASONS.get(kind) or _bound(kind, context)
    return said if said == message else message  # another version of pydantic may have other words


def _bound(kind: str, context: Mapping[str, Any]) -> str:
    if kind == "greater_than":
        return say("input should be greater than {bound}", bound=context["gt"])
    if kind == "greater_than_equal":
        return say("input should be greater than or equal to {bound}", bound=context["ge"])
    if kind == "less_than":
        return say("input should be less than {bound}", bound=context["lt"])
    if kind == "less_than_equal":
        return say("input should be less than or equal to {bound}", bound=context["le"])
    if kind in ("literal_error", "enum"):
        choices, _, last = context["expected"].rpartition(" or ")
        if not choices:
            return say("input should be {last}", last=last)
        return say("input should be {choices} or {last}", choices=choices, last=last)
    if kind == "date_from_datetime_parsing":
        return say("input should be a valid date or datetime, {error}", error=context["error"])
    if kind == "datetime_from_date_parsing":
        return say("input should be a valid datetime or date, {error}", error=context["error"])
    if kind == "time_parsing":
        return say("input should be in a valid time format, {error}", error=context["error"])
    if kind == "time_delta_parsing":
        return say("input should be a valid timedelta, {error}", error=context["error"])
    return ""
