"""Where the files lie that the program ships: fonts, icons, translations, examples."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(getattr(sys, "_MEIPASS", Path(__file__).resolve().parents[2])) / "resources"
"""The folder `resources`: beside the packages, or inside the frozen program."""
