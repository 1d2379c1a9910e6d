"""The expression language: the text between `{{` and `}}`.

Python expression syntax over plain data, parsed once and compiled to closures. An expression reads mapping keys, list
items and the fields of a `Lookup`; it calls the functions of one table; it reaches no Python object, import, file or
network, changes nothing that it is given, and is bounded in size and time (`Limits`).

How it reads:

- Literals, lists, mappings, `[*a, *b]`, `{**a, 'k': 1}`; tuples are lists; `true`, `false` and `null` stand beside
  `True`, `False` and `None`. In texts `\\n \\r \\t \\\\ \\' \\" \\x \\u \\U` alone are escapes,
  so a regular expression needs no `r`.
- `+ - * / // %`, comparisons (also chained), `in`, `is null`, `and or not`, `a if c else b`, slices, comprehensions.
  No `**` (see `pow`), no lambdas, assignments or f-strings.
- `x.key` and `x['key']` are the same. No dotted name begins with `_`; in brackets such a key is data like any other.
  Mapping keys are text: other scalars are brought to text, where a key is written as where it is read.
- `|` is only ever a pipe: `name | strip | replace('a', 'b')` is `replace(strip(name), 'a', 'b')`.
- `default(x, y)` is y where x holds no value: a step that has not run, a missing key or item, a field of null. A null
  itself is an answer and stays; `default(x, y, true)` replaces it too.
- A date counts as its midnight and a time without a zone as local time where two moments are ordered or subtracted.

May import `engine.core` only.
"""

from __future__ import annotations

from engine.core.errors import ExpressionError, NoValueError
from engine.workflow.expressions.access import Lookup, Names
from engine.workflow.expressions.expression import Expression, compile_expression
from engine.workflow.expressions.functions import FUNCTIONS, Function
from engine.workflow.expressions.limits import DEFAULT_LIMITS, Limits
from engine.workflow.expressions.rendering import as_text
from engine.workflow.expressions.template import Template, compile_template

__all__ = [
    "DEFAULT_LIMITS",
    "FUNCTIONS",
    "Expression",
    "ExpressionError",
    "Function",
    "Limits",
    "Lookup",
    "Names",
    "NoValueError",
    "Template",
    "as_text",
    "compile_expression",
    "compile_template",
]
