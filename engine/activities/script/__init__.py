"""The family `script`: code of the author's own, always in a separate process. Sees `sdk` and `core` alone."""

from __future__ import annotations

from engine.activities.script.python import compute, run_python
from engine.activities.script.shell import query, run_shell
from engine.sdk.catalog import Family

FAMILY = Family("Scripts", icon="code", order=80, color="code")

__all__ = ["compute", "query", "run_python", "run_shell"]
