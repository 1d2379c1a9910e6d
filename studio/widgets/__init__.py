"""Reusable parts of the window: fields, lists, banners, chips, dialogs.

A widget is given what it shows as arguments and tells what happened by signals. It imports `studio.base` and Qt, and
knows nothing of the engine or of the pages it stands on.
"""

from __future__ import annotations
