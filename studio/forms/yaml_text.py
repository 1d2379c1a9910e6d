"""Any value as YAML text and back, exactly as the workflow's file would hold it."""

from __future__ import annotations

import json
from typing import Any

from engine.core.errors import DocumentError
from studio.base.i18n import tr
from studio.forms.unset import same

LONGEST = 400_000
"""Characters; the text of a larger value is for its file, not for a field."""


class TooLarge(ValueError):
    """The value is too large to be edited as text."""


def written(value: Any, language: str = "yaml") -> str:
    """The text of `value`: YAML in block style, or indented JSON where `language` says so and JSON can hold it.

    Raises `TooLarge`.
    """
    from engine.api import emit

    if language == "json" and isinstance(value, (dict, list)):
        try:
            text = json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False)
            if len(text) <= LONGEST and same(read(text), value):
                return text
        except (ValueError, TypeError, RecursionError):
            pass
    try:
        if isinstance(value, dict) and value:
            text = emit(value)
        elif isinstance(value, list) and value:
            text = emit({"v": value}).removeprefix("v:\n")
        else:
            text = emit({"v": value}).removeprefix("v: ")
    except (TypeError, RecursionError):
        raise TooLarge("the value cannot be written as text") from None
    if len(text) > LONGEST:
        raise TooLarge(f"the value is longer than {LONGEST:,} characters")
    return text.removesuffix("\n")


def read(text: str) -> Any:
    """The value that `text` writes; nothing, and nothing but comments, is null. Raises `DocumentError`."""
    from engine.api import parse

    indented = "\n".join("  " + line if line else "" for line in text.split("\n"))
    # On the line below its key, so that a block, a list and a single word are all read alike.
    syntax = parse(f"v:\n{indented}\n", "the value")
    if list(syntax.data) != ["v"]:
        raise DocumentError(tr("the value ends before the text does"), hint=tr("check the indentation"))
    if syntax.problems:
        problem = syntax.problems[0]
        raise DocumentError(problem.message, hint=problem.hint)
    return syntax.data["v"]


def scalar(text: str, groups: bool = False) -> Any:
    """What a short text in a field for any single value means: a number, true, false or null as the file reads them; in
    double quotes always text; with `groups` also a list or mapping in brackets; else the text."""
    if "{{" in text or "\n" in text or text != text.strip() or not text:
        return text
    quoted = len(text) > 1 and text[0] == '"' == text[-1]
    grouped = groups and text[0] + text[-1] in ("[]", "{}")
    if not quoted and not grouped and text[0] not in "-.0123456789~tTfFnN":
        return text
    try:
        value = read(text)
    except DocumentError:
        return text
    if isinstance(value, (dict, list)):
        return value if grouped else text
    return text if isinstance(value, str) and not quoted else value


def scalar_text(value: Any, groups: bool = False) -> str:
    """The text that `scalar` reads as `value`. Raises `TooLarge` where there is none."""
    if isinstance(value, str):
        if same(scalar(value, groups), value):
            return value
        text = json.dumps(value, ensure_ascii=False)
    elif isinstance(value, (dict, list)):
        try:
            text = json.dumps(value, ensure_ascii=False) if groups else ""
        except (TypeError, ValueError, RecursionError):
            text = ""
    else:
        text = written(value)
    if len(text) <= LONGEST and text and same(scalar(text, groups), value):
        return text
    raise TooLarge("the value cannot stand on one line")


def any_value(text: str) -> Any:
    """What a text in a field for any value means: the YAML it writes, or itself where it begins with an expression."""
    if text.lstrip().startswith("{{"):
        return text
    try:
        value = read(text)
    except DocumentError:
        return text
    return text if isinstance(value, str) and "{{" in text else value


def any_text(value: Any, language: str = "yaml") -> str:
    """The text that `any_value` reads as `value`. Raises `TooLarge` where there is none."""
    for text in ([value] if isinstance(value, str) else []) + [written(value, language)]:
        if len(text) <= LONGEST and same(any_value(text), value):
            return text
    raise TooLarge("the value cannot be written as text")
