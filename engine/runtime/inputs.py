"""What a workflow is started with: text from a command line or a form becomes the declared type, or is refused."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from difflib import get_close_matches
from typing import Any

from engine.core.errors import InputError
from engine.core.secrets import SecretRef
from engine.core.sentences import joined, say
from engine.core.values import plain
from engine.workflow.model import Input, Workflow

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")


def check_inputs(workflow: Workflow, given: Mapping[str, Any]) -> dict[str, Any]:
    """The inputs by name, complete and typed. Raises `InputError` that names every wrong and missing one."""
    declared = {item.name: item for item in workflow.inputs}
    wrong: list[str] = []
    for name in given:
        if name not in declared:
            near = get_close_matches(name, declared, 1)
            there = ", ".join(declared) or say("none")
            if near:
                wrong.append(say("{name}: is not an input; did you mean {near}?", name=name, near=near[0]))
            else:
                wrong.append(say("{name}: is not an input; there are: {names}", name=name, names=there))
    checked: dict[str, Any] = {}
    for name, item in declared.items():
        if name in given:
            try:
                checked[name] = _typed(item, given[name])
            except (ValueError, TypeError, OverflowError) as error:
                wrong.append(say("{name}: {reason}", name=name, reason=error))
        elif item.default is not None:
            checked[name] = _default(item)
        elif item.required:
            if item.label:
                wrong.append(say("{name}: is missing ({label})", name=name, label=item.label))
            else:
                wrong.append(say("{name}: is missing", name=name))
        else:
            checked[name] = None
    if wrong:
        raise InputError(
            joined(wrong, "; "),
            hint=say("Give inputs with --input NAME=VALUE, or all of them with --inputs FILE.json."),
        )
    return checked


def _default(item: Input) -> Any:
    try:
        return _typed(item, item.default)
    except (ValueError, TypeError, OverflowError):
        return plain(item.default)


def _typed(item: Input, value: Any) -> Any:
    value = plain(value)
    if value is None:
        if item.required:
            raise ValueError(say("must not be null"))
        return None
    typed = _TYPES[item.type](value)
    if item.choices and typed not in item.choices:
        raise ValueError(say("must be one of {choices}", choices=", ".join(map(str, item.choices))))
    return typed


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, (bool, list, dict)):
        raise ValueError(say("must be text"))
    return str(value)


def _number(value: Any) -> float | int:
    if isinstance(value, str) and len(value) <= 400 and _NUMBER.fullmatch(value.strip()):
        text = value.strip()
        value = int(text) if re.fullmatch(r"[+-]?\d+", text) else float(text)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise ValueError(say("must be a number, not {value}", value=_shown(value)))
    return value


def _integer(value: Any) -> int:
    number = _number(value)
    if number != int(number):
        raise ValueError(say("must be a whole number, not {value}", value=_shown(value)))
    return int(number)


def _boolean(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    known = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}
    if isinstance(value, str) and value.strip().lower() in known:
        return known[value.strip().lower()]
    raise ValueError(say("must be true or false, not {value}", value=_shown(value)))


def _date(value: Any) -> date:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value).strip())
    except ValueError:
        raise ValueError(say("must be a date like 2026-11-23, not {value}", value=_shown(value))) from None


def _datetime(value: Any) -> datetime:
    if isinstance(value, datetime):
        return value
    try:
        return datetime.fromisoformat(str(value).strip())
    except ValueError:
        raise ValueError(
            say("must be a date and time like 2026-11-23T08:30, not {value}", value=_shown(value))
        ) from None


def _parsed(value: Any, kind: type, word: str) -> Any:
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            raise ValueError(
                say("must be {word} written as JSON, not {value}", word=word, value=_shown(value))
            ) from None
    if not isinstance(value, kind):
        raise ValueError(say("must be {word}, not {value}", word=word, value=_shown(value)))
    return value


def _path(value: Any) -> str:
    text = _text(value)
    if not text.strip() or "\0" in text:
        raise ValueError(say("must be a path"))
    return text


def _secret(value: Any) -> SecretRef:
    if isinstance(value, SecretRef):
        return value
    if isinstance(value, str) and re.fullmatch(r"[\w.-]{1,128}", value):
        return SecretRef(value)
    raise ValueError(say("must be the name of a secret, never its value"))


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "…"


_TYPES: dict[str, Callable[[Any], Any]] = {
    "any": lambda value: value,
    "text": _text,
    "number": _number,
    "integer": _integer,
    "boolean": _boolean,
    "date": _date,
    "datetime": _datetime,
    "list": lambda value: _parsed(value, list, say("a list")),
    "mapping": lambda value: _parsed(value, dict, say("a mapping")),
    "file": _path,
    "folder": _path,
    "secret": _secret,
}
