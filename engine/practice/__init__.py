"""The practice site: a shop's back office on 127.0.0.1 to automate against, which knows what was really submitted.

Pages, styles and data lie in `resources/practice`. Sees `core` and the standard library alone, so that it serves
anywhere. ::

    with PracticeSite(seed=7) as site:
        site.address                        # http://127.0.0.1:43121
        site.scoreboard()["form"]["correct"]
"""

from __future__ import annotations

from engine.practice.faults import Faults
from engine.practice.site import PracticeSite

__all__ = ["Faults", "PracticeSite"]
