"""The engine's settings as this page edits them: what is in force, where it comes from, and the file it is kept in."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import MISSING
from pathlib import Path
from typing import Any, Final

from engine.core.errors import SettingsError
from engine.core.settings import DEFAULT, Settings, declarations, file_of, flag, variable
from studio.base.i18n import N_, tr, tr_sentence

LABELS: Final[Mapping[str, str]] = {
    "home": N_("Home folder"),
    "durability": N_("Durability"),
    "max_executions": N_("Executions at once"),
    "log_level": N_("Log level"),
    "log_format": N_("Log format"),
    "no_color": N_("No colors in the terminal"),
}
HELPS: Final[Mapping[str, str]] = {
    "home": N_("Folder of the checkpoint store and the logs."),
    "durability": N_("“full” survives a power loss, “process” a crash of the program."),
    "max_executions": N_("How many executions run at once."),
    "log_level": N_("The least severity that is logged."),
    "log_format": N_("How log lines are written."),
    "no_color": N_("For the command line, whatever the terminal can do."),
}


class EngineSettings:
    """The settings that were in force when the program started, and what its settings file says now."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.file = file_of(settings)
        self._declared = {one.name: one for one in declarations()}
        self.written: dict[str, Any] = {}
        """What the file says, by name."""
        self.error = ""
        """Why the file cannot be read; nothing is written to such a file."""
        self.reload()

    def names(self) -> list[str]:
        return list(self._declared)

    def label(self, name: str) -> str:
        return tr(LABELS[name]) if name in LABELS else name.replace("_", " ").capitalize()

    def help(self, name: str) -> str:
        return tr(HELPS[name]) if name in HELPS else str(self._declared[name].metadata["help"])

    def choices(self, name: str) -> tuple[str, ...]:
        """The values to choose from; none where any may be written."""
        shown = str(self._declared[name].metadata["value"])
        return tuple(shown.split("|")) if "|" in shown else self._levels(name)

    def _levels(self, name: str) -> tuple[str, ...]:
        # The declaration writes LEVEL; its check names the levels when it refuses.
        if self._declared[name].metadata["value"] != "LEVEL":
            return ()
        try:
            self._declared[name].metadata["check"]("")
        except ValueError as error:
            return tuple(str(error).replace(" or ", ", ").split(", "))
        return ()

    def is_switch(self, name: str) -> bool:
        return isinstance(self._declared[name].default, bool)

    def is_folder(self, name: str) -> bool:
        return bool(self._declared[name].metadata["value"] == "FOLDER")

    def default(self, name: str) -> Any:
        """The default, or None for one that the platform decides."""
        found = self._declared[name].default
        return None if found is MISSING else found

    def value(self, name: str) -> Any:
        """What the file says, else what is in force."""
        return self.written.get(name, getattr(self.settings, name))

    def fixed_by(self, name: str) -> str:
        """The flag or variable that decides, whatever the file says; empty where the file decides."""
        origin = self.settings.origin.get(name, DEFAULT)
        return origin if origin in (flag(name), f"the environment variable {variable(name)}") else ""

    def origin(self, name: str) -> str:
        """Where the value comes from, for a person to read."""
        fixed = self.fixed_by(name)
        if fixed == flag(name):
            return tr("Set by {flag} on the command line", flag=flag(name))
        if fixed:
            return tr("Set by the environment variable {name}", name=variable(name))
        return tr("Set in {file}", file=self.file.name) if name in self.written else tr("This is the default")

    def needs_restart(self, name: str) -> bool:
        """Whether what the file says now is not what the running engine goes by."""
        if self.fixed_by(name):
            return False
        wanted = self.written.get(name, self._unwritten(name))
        return bool(str(wanted) != str(getattr(self.settings, name)))

    def _unwritten(self, name: str) -> Any:
        default = self.default(name)
        if default is not None:
            return default
        # The platform's folder, which is what is in force unless the file named another at the start.
        if self.settings.origin.get(name, DEFAULT) == DEFAULT:
            return getattr(self.settings, name)
        return None

    def check(self, name: str, value: Any) -> str:
        """Why the value cannot be; empty where it can."""
        try:
            self._declared[name].metadata["check"](value)
        except ValueError as error:
            return tr("This must be {what}.", what=tr_sentence(error.args[0]))
        return ""

    def set(self, name: str, value: Any) -> None:
        """Write a value to the file, or with None take it out. Everything else in the file stays as it is.

        Raises `SettingsError` for a value that cannot be, and where the file cannot be read or written.
        """
        import tomlkit

        if self.error:
            raise SettingsError(self.error)
        text = self.file.read_text("utf-8") if self.file.is_file() else ""
        document = tomlkit.parse(text)
        if value is None:
            document.pop(name, None)
        else:
            problem = self.check(name, value)
            if problem:
                raise SettingsError(problem)
            checked = self._declared[name].metadata["check"](value)
            document[name] = str(checked) if isinstance(checked, Path) else checked
        self._write(tomlkit.dumps(document))
        self.reload()

    def _write(self, text: str) -> None:
        temporary = self.file.with_name(f".{self.file.name}.{secrets.token_hex(4)}.tmp")
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            temporary.write_text(text, "utf-8")
            os.replace(temporary, self.file)
        except OSError as error:
            with suppress(OSError):
                temporary.unlink()
            raise SettingsError(
                tr("{file} cannot be written: {reason}", file=self.file, reason=error.strerror or error),
                hint=tr("Free some space there, or make the folder writable."),
            ) from None

    def reload(self) -> None:
        """Read the file again."""
        import tomllib

        self.written, self.error = {}, ""
        try:
            if self.file.is_file():
                found = tomllib.loads(self.file.read_text("utf-8"))
                self.written = {name: value for name, value in found.items() if name in self._declared}
        except OSError as error:
            self.error = tr("{file} cannot be read: {reason}", file=self.file, reason=error.strerror or error)
        except ValueError as error:
            self.error = tr("{file} is not TOML: {reason}", file=self.file, reason=error)
