"""Check data against a JSON schema."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from engine.core.errors import BusinessError
from engine.core.sentences import say
from engine.sdk import Context, Effect, Param, Port, To, activity
from engine.sdk.cells import jsonable
from engine.sdk.encodings import decode_text
from engine.sdk.files import read_bytes
from engine.sdk.tables import Row

if TYPE_CHECKING:
    from jsonschema.protocols import Validator

_SHOWN = 5
_PER_ITEM = 20
_CHECK_EVERY = 100


@dataclass(frozen=True)
class Checked:
    """The items that fit and those that do not, and what is wrong: row (from 1), path and message of each fault."""

    valid: list[Any]
    invalid: list[Any]
    errors: list[Row]
    ok: bool


@activity(
    "data.validate",
    label="Check against a schema",
    icon="check",
    effect=Effect.PURE,
    ports=(Port("valid", "All valid"), Port("invalid", "Some invalid")),
    keywords=("json schema", "verify", "quality"),
)
def validate(
    value: Annotated[Any, Param("Data", "A table, or any other value.")],
    ctx: Context,
    schema: Annotated[
        dict[str, Any] | None, Param("Schema", "JSON schema of a row, or of the value.", kind="code", language="json")
    ] = None,
    schema_file: Annotated[Path | None, Param("Or a schema file", kind="file")] = None,
    rows: Annotated[bool | None, Param("Check row by row", "Empty: where the data is a list.", advanced=True)] = None,
    fail: Annotated[bool, Param("Fail if something is invalid")] = False,
) -> To:
    """Check every row of a table, or one value, against a JSON schema (draft 2020-12, or the one that it names).

    Goes on at `valid` when everything fits, else at `invalid`, or fails if told to. Dates are checked as the ISO 8601
    text they would be in JSON. References to other documents are not followed.
    The output holds `valid` and `invalid`, the rows that fit and those that do not; `errors`, each with its `row` (from
    1), `path` within it and `message`; and `ok`.
    """
    checker = _checker(schema, schema_file)
    if isinstance(value, dict) and isinstance(value.get("rows"), list) and rows is not False:
        value = value["rows"]
    by_row = isinstance(value, list) if rows is None else rows
    if by_row and not isinstance(value, list):
        raise BusinessError(say("the data is not a list, so there are no rows to check"))
    valid: list[Any] = []
    invalid: list[Any] = []
    errors: list[Row] = []
    for index, item in enumerate(value if by_row else [value]):
        if not index % _CHECK_EVERY:
            ctx.check()
        faults = _faults(checker, item)
        (invalid if faults else valid).append(item)
        errors += [{"row": index + 1, **fault} for fault in faults]
    if errors and fail:
        place = "row {row}, " if by_row else ""
        listed = "; ".join((place + "{path}: {message}").format(**error) for error in errors[:_SHOWN])
        more = len(errors) - _SHOWN
        message = say("the data does not fit the schema: {listed}", listed=listed)
        if more > 0:
            message = say("{message}; and {more} more", message=message, more=more)
        raise BusinessError(message, hint=say("Correct the data at these places."))
    return To("invalid" if errors else "valid", Checked(valid, invalid, errors, not errors))


def _checker(schema: dict[str, Any] | None, file: Path | None) -> Validator:
    from jsonschema import Draft202012Validator, SchemaError
    from jsonschema.validators import validator_for
    from referencing import Registry

    if (schema is None) == (file is None):
        raise BusinessError(say("give either a schema or a schema file"))
    given: Any = schema
    if file is not None:
        text, _ = decode_text(read_bytes(file), "auto", file.name)
        try:
            given = json.loads(text.removeprefix("\ufeff"))
        except (ValueError, RecursionError) as error:
            raise BusinessError(say("{name} is not JSON: {error}", name=file.name, error=error)) from None
    kind = validator_for(given, default=Draft202012Validator)
    try:
        kind.check_schema(given)
    except SchemaError as error:
        place = "/".join(map(str, error.absolute_path)) or "its top"
        raise BusinessError(
            say("the schema is not valid at {place}: {message}", place=place, message=error.message)
        ) from None
    except RecursionError:
        raise BusinessError(say("the schema is nested too deeply")) from None
    registry: Registry[Any] = Registry()
    return kind(given, registry=registry, format_checker=kind.FORMAT_CHECKER)


def _faults(checker: Validator, item: Any) -> list[Row]:
    from referencing.exceptions import Unresolvable

    try:
        found = sorted(checker.iter_errors(jsonable(item)), key=lambda error: list(map(str, error.absolute_path)))
    except Unresolvable as error:
        raise BusinessError(say("the schema refers to {ref!r}, which is not in it", ref=error.ref)) from None
    except RecursionError:
        raise BusinessError(say("the data, or a reference in the schema, is nested without end")) from None
    return [
        {
            "path": ".".join(map(str, error.absolute_path)) or "(all)",
            "message": error.message if len(error.message) <= 300 else error.message[:299] + "…",
        }
        for error in found[:_PER_ITEM]
    ]
