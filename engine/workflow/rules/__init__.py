"""What a workflow must keep to: one module a concern, each a function `check(report)` that adds problems.

`problems.check` runs them all. They import the document and `engine.sdk`; nothing but `problems` imports them.
"""

from __future__ import annotations
