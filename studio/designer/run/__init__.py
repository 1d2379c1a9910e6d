"""Running a workflow and watching it.

`fold` (no Qt) turns the events of one execution into what the canvas shows; `model` does so once a frame; `controller`
starts, stops and chooses; `log`, `data`, `doubt` and `popover` are what a person looks at; `values` gives the data of
the last execution to previews; `words` holds how times and states are said.
Imports `bridge`, `forms`, `widgets`, `base`, and of the designer `canvas.live` and `selection`.
"""

from __future__ import annotations
