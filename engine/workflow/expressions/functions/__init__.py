"""The functions of the expression language: `FUNCTIONS` by name. One module a family; each function is declared once.

Every function takes and gives plain data, changes nothing, and asks the meter before it does anything large.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from engine.workflow.expressions.functions import dates, encoding, lists, logic, numbers, patterns, texts
from engine.workflow.expressions.functions.registry import Function, table

FUNCTIONS: Mapping[str, Function] = MappingProxyType(table())

__all__ = ["FUNCTIONS", "Function", "dates", "encoding", "lists", "logic", "numbers", "patterns", "texts"]
