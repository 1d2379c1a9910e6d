"""The settings of this machine: declared once, and read from four places.

A long flag beats an environment variable, that beats the settings file, that beats the default. The file is
`settings.toml` in the home folder where a flag or `RPA_HOME` names one, else in the platform's folder for
configuration.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import Field, dataclass, field, fields
from pathlib import Path
from typing import Any, cast

from engine.core.errors import SettingsError
from engine.core.sentences import say

FILE = "settings.toml"
DEFAULT = say("the default")
"""The origin of a value that nobody set."""
_FOLDER = "rpa-studio"


def _folder(value: Any) -> Path:
    if not isinstance(value, (str, Path)) or not str(value).strip() or "\0" in str(value):
        raise ValueError(say("the path of a folder"))
    return Path(os.path.abspath(Path(value).expanduser()))


def _one_of(*allowed: str) -> Callable[[Any], str]:
    def check(value: Any) -> str:
        text = value.strip().lower() if isinstance(value, str) else ""
        if text not in allowed:
            raise ValueError(say("{names} or {last}", names=", ".join(allowed[:-1]), last=allowed[-1]))
        return text

    return check


def _whole(lowest: int, highest: int) -> Callable[[Any], int]:
    def check(value: Any) -> int:
        if isinstance(value, str) and value.strip().isascii() and value.strip().isdigit() and len(value) < 20:
            value = int(value)
        if type(value) is not int or not lowest <= value <= highest:
            raise ValueError(say("a whole number from {lowest} to {highest}", lowest=lowest, highest=highest))
        return value

    return check


def _switch(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    known = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}
    if not isinstance(value, str) or value.strip().lower() not in known:
        raise ValueError(say("true or false"))
    return known[value.strip().lower()]


def _about(check: Callable[[Any], Any], help: str, value: str = "") -> dict[str, Any]:
    return {"check": check, "help": help, "value": value}


@dataclass(frozen=True, slots=True)
class Settings:
    """What a person can set. `origin` says for each name where its value comes from, for a person to read."""

    home: Path = field(metadata=_about(_folder, "folder of the checkpoint store and the logs", "FOLDER"))
    durability: str = field(
        default="full",
        metadata=_about(
            _one_of("full", "process"),
            "full (the default) survives a power loss, process a crash of the program",
            "full|process",
        ),
    )
    max_executions: int = field(
        default=16, metadata=_about(_whole(1, 10_000), "how many executions run at once", "NUMBER")
    )
    log_level: str = field(
        default="warning",
        metadata=_about(_one_of("debug", "info", "warning", "error"), "least severity that is logged", "LEVEL"),
    )
    log_format: str = field(
        default="text", metadata=_about(_one_of("text", "json"), "how log lines are written", "text|json")
    )
    no_color: bool = field(default=False, metadata=_about(_switch, "no colors, whatever the terminal can do"))
    origin: Mapping[str, str] = field(default_factory=dict, compare=False)

    @property
    def store(self) -> Path:
        """The file of the checkpoint store."""
        return self.home / "store.db"

    @property
    def logs(self) -> Path:
        """The folder of the log files."""
        return self.home / "logs"

    def make_home(self) -> None:
        """Make the home folder where it is missing. Raises `SettingsError` where that cannot be."""
        try:
            self.home.mkdir(parents=True, exist_ok=True)
        except (FileExistsError, NotADirectoryError):
            raise SettingsError(
                say("the home folder {home} cannot be made: there is a file of that name", home=self.home),
                hint=_elsewhere(self),
            ) from None
        except OSError as error:
            raise SettingsError(
                say("the home folder {home} cannot be made: {reason}", home=self.home, reason=error.strerror),
                hint=_elsewhere(self),
            ) from None


def _elsewhere(settings: Settings) -> str:
    origin = settings.origin.get("home") or say("the caller")
    return say("it comes from {origin}; name another with --home FOLDER or RPA_HOME", origin=origin)


def file_of(settings: Settings) -> Path:
    """The settings file that `settings` were read from, or would have been were it there; see `read`."""
    given = settings.origin.get("home", DEFAULT) in (flag("home"), f"the environment variable {variable('home')}")
    return (settings.home if given else _platform("config")) / FILE


def declarations() -> list[Field[Any]]:
    """The fields of `Settings` that a person can set; the metadata holds `check`, `help` and `value`."""
    return [one for one in fields(Settings) if one.metadata]


def variable(name: str) -> str:
    """The environment variable of a setting."""
    return f"RPA_{name.upper()}"


def flag(name: str) -> str:
    """The long flag of a setting."""
    return "--" + name.replace("_", "-")


def read(
    flags: Mapping[str, Any] | None = None, environment: Mapping[str, str] | None = None, *, file: Path | None = None
) -> Settings:
    """The settings in force. `flags` holds values by name, None for those not given; `file` replaces the search.

    Raises `SettingsError` that names the place, the value and what is allowed.
    """
    environment = os.environ if environment is None else environment
    given: dict[str, tuple[Any, str]] = {}
    for one in declarations():
        if environment.get(variable(one.name)):
            given[one.name] = (
                environment[variable(one.name)],
                say("the environment variable {name}", name=variable(one.name)),
            )
        if flags is not None and flags.get(one.name) is not None:
            given[one.name] = (flags[one.name], flag(one.name))
    found = {one.name: _checked(one, *given[one.name]) for one in declarations() if one.name in given}
    if file is None:
        file = (found["home"] if "home" in found else _platform("config")) / FILE
    for name, value in _in_file(file).items():
        if name not in found:
            one = next(one for one in declarations() if one.name == name)
            given[name] = (value, f"{file}: {name}")
            found[name] = _checked(one, *given[name])
    if "home" not in found:
        found["home"] = _platform("data")
    origin = {one.name: given[one.name][1] if one.name in given else DEFAULT for one in declarations()}
    return Settings(**found, origin=origin)


def _checked(one: Field[Any], value: Any, place: str) -> Any:
    try:
        return one.metadata["check"](value)
    except ValueError as error:
        shown = repr(str(value)[:60])
        raise SettingsError(
            say("{place} cannot be {shown}", place=place, shown=shown),
            hint=say("allowed is {error}", error=error.args[0]),
        ) from None


def _in_file(file: Path) -> dict[str, Any]:
    if not file.is_file():
        return {}
    import tomllib

    try:
        content = tomllib.loads(file.read_text("utf-8"))
    except OSError as error:
        raise SettingsError(say("{file}: cannot be read: {reason}", file=file, reason=error.strerror)) from None
    except ValueError as error:
        raise SettingsError(
            say("{file}: is not TOML: {error}", file=file, error=error),
            hint=say('a line looks like: durability = "full"'),
        ) from None
    names = [one.name for one in declarations()]
    for name in content:
        if name not in names:
            raise SettingsError(
                say("{file}: there is no setting {name!r}", file=file, name=name[:60]),
                hint=say("there are {names}", names=", ".join(names)),
            )
    return content


def _platform(kind: str) -> Path:
    """The platform's folder for `data` or `config`."""
    import platformdirs

    return cast(Path, getattr(platformdirs, f"user_{kind}_path")(_FOLDER, False))
