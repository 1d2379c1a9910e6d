"""The document: what a `NAME.rpa.yaml` says, how it is read, written, checked, renamed in and compared.

`model` is the document as data. `codec` reads and writes it, on top of `syntax` (YAML to plain data, with places and
comments), `emitter` (back), `shape` (plain data to the model) and `migrations`. `graph` is what the runtime walks;
`problems` says what is wrong, and where; `rename`, `diff` and `schema` do what they are called. `expressions` has a
package of its own. Imports `engine.sdk` and `engine.core` only; importing it loads neither networkx nor pydantic.
"""

from __future__ import annotations
