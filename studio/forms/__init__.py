"""From a declaration to a form: the parameters of an activity, the inputs of a workflow, expressions.

`shape` says what field a parameter gets, from its JSON schema alone; `editors` holds one editor a kind; `field` and
`form` put them together; `completion`, `faults` and `preview` are what the expression editor knows. A value that a form
was given and nobody touched is never written back, and one that no editor can show is shown as YAML.

May import `engine.api`, `engine.core`, `studio.bridge`, `studio.widgets` and `studio.base`; knows no page.
"""

from __future__ import annotations
