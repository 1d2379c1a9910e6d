"""What every part of the studio stands on: tokens, theme, icons, texts, actions as data, preferences, tasks.

Imports Qt and the standard library; knows neither the engine nor any other room of the studio.
"""

from __future__ import annotations
