"""The desktop application: draw, run and watch workflows. Of the engine it imports only `engine.api` and `engine.core`.

Floors, from the top: `app`, `shell`, the pages side by side (`designer`, `welcome`, `settings`), `forms`, `bridge`,
`widgets`, `base`.
"""

from __future__ import annotations
