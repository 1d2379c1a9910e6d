from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from engine.activities import data
from engine.core.errors import BusinessError
from engine.sdk.testing import ActivityEnvironment

Call = Callable[..., Any]
SCHEMA = {
    "required": ["id"],
    "properties": {"id": {"type": "integer"}, "day": {"type": "string", "format": "date"}},
}
ROWS = [{"id": 1, "day": date(2026, 1, 2)}, {"id": "x"}, {"day": "2026-13-45"}]


def test_rows_are_split_and_every_fault_has_its_place(call: Call, env: ActivityEnvironment) -> None:
    output = call(data.validate, value=ROWS, schema=SCHEMA)
    assert env.port == "invalid"
    assert (output["valid"], output["invalid"], output["ok"]) == (ROWS[:1], ROWS[1:], False)
    assert [(error["row"], error["path"]) for error in output["errors"]] == [(2, "id"), (3, "(all)"), (3, "day")]
    assert "'x' is not of type 'integer'" in output["errors"][0]["message"]


def test_all_valid_goes_on_at_valid(call: Call, env: ActivityEnvironment) -> None:
    call(data.validate, value={"rows": ROWS[:1]}, schema=SCHEMA)
    assert env.port == "valid"
    call(data.validate, value={"id": 5}, schema=SCHEMA)
    assert env.port == "valid"
    call(data.validate, value=[1, 2], schema={"maxItems": 1}, rows=False)
    assert env.port == "invalid"


def test_it_can_fail(call: Call) -> None:
    with pytest.raises(BusinessError, match="row 2, id: 'x' is not of type 'integer'; row 3"):
        call(data.validate, value=ROWS, schema=SCHEMA, fail=True)


def test_schemas_from_files_and_bad_ones(call: Call, env: ActivityEnvironment, tmp_path: Path) -> None:
    (tmp_path / "s.json").write_text(json.dumps(SCHEMA))
    call(data.validate, value=ROWS, schema_file="s.json")
    assert env.port == "invalid"
    with pytest.raises(BusinessError, match="the schema is not valid at type"):
        call(data.validate, value=ROWS, schema={"type": "nonsense"})
    with pytest.raises(BusinessError, match="either a schema or a schema file"):
        call(data.validate, value=ROWS)
    with pytest.raises(BusinessError, match=r"refers to 'http://127\.0\.0\.1:9/x'"):
        call(data.validate, value=ROWS, schema={"$ref": "http://127.0.0.1:9/x"})
    with pytest.raises(BusinessError, match="without end"):
        call(data.validate, value=ROWS, schema={"$ref": "#"})
