"""The fixtures of the bridge, and the whole designer in a window."""

from __future__ import annotations

from tests.gui.bridge.conftest import bridge as bridge
from tests.gui.bridge.conftest import settings as settings
