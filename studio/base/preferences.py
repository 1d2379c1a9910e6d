"""What a person prefers, declared once, and what a window remembers; kept in `studio.json` in the home folder.

A file that cannot be read is moved aside, never overwritten; one that cannot be written costs the memory, not the work.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import QObject, QTimer, Signal

from studio.base.i18n import LANGUAGES, N_

FILE = "studio.json"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Preference:
    """One thing to prefer. `choices` pairs values with their labels; without them the default's type says the field
    (a switch, or a whole number within `bounds`)."""

    name: str
    label: str
    group: str
    default: Any
    help: str = ""
    choices: tuple[tuple[Any, str], ...] = ()
    bounds: tuple[int, int] = (0, 0)
    unit: str = ""
    restart: bool = False

    def accepts(self, value: Any) -> bool:
        if self.choices:
            return any(value == choice and type(value) is type(choice) for choice, _ in self.choices)
        if type(value) is not type(self.default):
            return False
        return not isinstance(value, int) or isinstance(value, bool) or self.bounds[0] <= value <= self.bounds[1]


DECLARED: Final = (
    Preference(
        "theme",
        N_("Theme"),
        N_("Appearance"),
        "system",
        choices=(("system", N_("Like the system")), ("light", N_("Light")), ("dark", N_("Dark"))),
    ),
    Preference(
        "language",
        N_("Language"),
        N_("Appearance"),
        "system",
        choices=(("system", N_("Like the system")), *LANGUAGES.items()),
        restart=True,
    ),
    Preference("text_size", N_("Text size"), N_("Appearance"), 100, bounds=(90, 150), unit="%"),
    Preference("reduce_motion", N_("Reduce motion"), N_("Appearance"), False, N_("Nothing turns, slides or fades.")),
    Preference(
        "snap", N_("Snap to the grid"), N_("Canvas"), True, N_("Hold Alt while dragging to place a step freely.")
    ),
    Preference("guides", N_("Alignment guides"), N_("Canvas"), True, N_("Lines that show when steps stand in line.")),
    Preference("minimap", N_("Minimap"), N_("Canvas"), True),
    Preference(
        "wheel",
        N_("The mouse wheel"),
        N_("Canvas"),
        "scroll",
        choices=(("scroll", N_("Scrolls, with Ctrl it zooms")), ("zoom", N_("Zooms, with Ctrl it scrolls"))),
    ),
    Preference(
        "highlight",
        N_("Show a run on the canvas"),
        N_("Runs"),
        True,
        N_("Ctrl+F5 runs without it."),
    ),
    Preference(
        "follow", N_("Keep the running step in view"), N_("Runs"), False, N_("The canvas moves along with the run.")
    ),
    Preference(
        "reopen",
        N_("Open the last workflows at the start"),
        N_("Start"),
        True,
        N_("After a crash they are opened in any case."),
    ),
)


class Preferences(QObject):
    """Values by name, and plain JSON that windows remember. Written a moment after a change, and by `save`."""

    changed = Signal(str)
    """The name of a preference that has another value now."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self.file = file
        self._declared = {one.name: one for one in DECLARED}
        self._values: dict[str, Any] = {}
        self._state: dict[str, Any] = {}
        self.error = ""
        """Why the file could not be read or written; empty while all is well."""
        self._timer = QTimer(self, singleShot=True, interval=300)
        self._timer.timeout.connect(self.save)
        self._load()

    def declarations(self) -> list[Preference]:
        return list(self._declared.values())

    def get(self, name: str) -> Any:
        """The value now. Raises `KeyError` for a name that is not declared."""
        return self._values.get(name, self._declared[name].default)

    def set(self, name: str, value: Any) -> None:
        """Raises `KeyError`, and `ValueError` for a value that the declaration does not accept."""
        if not self._declared[name].accepts(value):
            raise ValueError(f"{name} cannot be {value!r}")
        if value == self.get(name):
            return
        self._values[name] = value
        self._soon()
        self.changed.emit(name)

    def reset(self, name: str) -> None:
        self.set(name, self._declared[name].default)

    def state(self, name: str, default: Any = None) -> Any:
        """What was remembered under that name. It comes from a file: expect any plain value."""
        return self._state.get(name, default)

    def set_state(self, name: str, value: Any) -> None:
        """Remember a plain JSON value between starts."""
        if self._state.get(name) != value:
            self._state[name] = value
            self._soon()

    def _soon(self) -> None:
        self._timer.start()

    def save(self) -> None:
        """Write now, whole or not at all."""
        self._timer.stop()
        content = json.dumps({"preferences": self._values, "state": self._state}, ensure_ascii=False, indent=1)
        temporary = self.file.with_name(f".{FILE}.{os.urandom(4).hex()}.tmp")
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            temporary.write_text(content, "utf-8")
            os.replace(temporary, self.file)
            self.error = ""
        except (OSError, UnicodeError) as error:
            self.error = str(error)
            _log.warning("%s cannot be written: %s", self.file, error)
            with suppress(OSError):
                temporary.unlink()

    def _load(self) -> None:
        try:
            if not self.file.is_file():
                return
            found = json.loads(self.file.read_text("utf-8"))
            values, state = found["preferences"], found["state"]
            if not (isinstance(values, Mapping) and isinstance(state, Mapping)):
                raise ValueError("it is not what this program writes")
        except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
            self.error = str(error)
            _log.warning("%s cannot be read: %s", self.file, error)
            with suppress(OSError):
                os.replace(self.file, self.file.with_suffix(".broken.json"))
            return
        known = self._declared
        self._values = {name: value for name, value in values.items() if name in known and known[name].accepts(value)}
        self._state = dict(state)


_home: list[Path] = []


def set_home(folder: Path) -> None:
    """Say where the file lies; before the first `preferences()`, and in tests before each."""
    _home[:] = [folder]
    preferences.cache_clear()


@cache
def preferences() -> Preferences:
    """Those of this process. Raises `RuntimeError` before `set_home`."""
    if not _home:
        raise RuntimeError("the home folder is not known yet")
    return Preferences(_home[0] / FILE)
