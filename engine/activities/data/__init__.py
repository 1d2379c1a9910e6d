"""The family `data`: JSON, CSV, tables and their checks. Sees `sdk` and `core` alone."""

from __future__ import annotations

from engine.activities.data.csv import append_csv, read_csv, write_csv
from engine.activities.data.groups import aggregate, group_rows, pivot, unpivot
from engine.activities.data.joins import compare, join, lookup
from engine.activities.data.json import format_json, parse_json, read_json, write_json
from engine.activities.data.rows import (
    convert_columns,
    deduplicate,
    drop_columns,
    filter_rows,
    map_rows,
    rename_columns,
    select_columns,
    slice_rows,
    sort_rows,
    union,
)
from engine.activities.data.schema import validate
from engine.sdk import Family

FAMILY = Family("Data and tables", icon="table", order=30, color="data")

__all__ = [
    "aggregate",
    "append_csv",
    "compare",
    "convert_columns",
    "deduplicate",
    "drop_columns",
    "filter_rows",
    "format_json",
    "group_rows",
    "join",
    "lookup",
    "map_rows",
    "parse_json",
    "pivot",
    "read_csv",
    "read_json",
    "rename_columns",
    "select_columns",
    "slice_rows",
    "sort_rows",
    "union",
    "unpivot",
    "validate",
    "write_csv",
    "write_json",
]
