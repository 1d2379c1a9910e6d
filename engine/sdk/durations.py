"""Lengths of time as parameters."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator

from engine.core.durations import seconds

Duration = Annotated[float, BeforeValidator(seconds, json_schema_input_type=float | str)]
"""Parameter: a length of time in seconds, given as a number or written as `90`, `30s`, `5m`, `1h30m`."""
