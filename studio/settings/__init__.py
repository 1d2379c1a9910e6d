"""The settings page: preferences of the studio, settings of the engine, keys. All of it is read off their declarations.

Imports `engine.core`, `studio.widgets` and `studio.base`.
"""

from __future__ import annotations
