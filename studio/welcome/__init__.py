"""The page one begins at: new, open, recent, examples, and the guided first workflow.

Imports `engine.api` and `engine.core`, `studio.widgets` and `studio.base`; everything it makes happen elsewhere is a
callable that is given in.
"""

from __future__ import annotations
