"""Which activities there are: the built-in families, found by walking packages, and those of plug-ins.

A family is loaded when one of its activities is first asked for, so that running one step does not import them all.
A plug-in that cannot be loaded is noted in `errors`, and harms nothing else.
"""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from types import FunctionType, ModuleType

from engine.core.errors import CatalogError
from engine.sdk.activity import Activity, declared

GROUP = "rpa_studio.activities"
"""The entry points through which plug-ins are found: name = family, value = module."""
_FAMILIES = "engine.activities"
_CONTROL = {"control": "engine.runtime.control"}


@dataclass(frozen=True, slots=True)
class Family:
    """How a family of activities is shown. Its module says so: `FAMILY = Family("Files", "folder", 30, "files")`.

    `icon` is the name of a Phosphor icon. `color` names the hue of its tiles: `flow`, `data`, `files`, `docs`, `web`,
    `desktop`, `msg`, `api`, `ai` or `code`.
    """

    label: str
    icon: str = ""
    order: int = 100
    color: str = "code"


class Catalog:
    """All activities of this process; an id finds its activity also under a former name."""

    def __init__(self, entry_points: bool = True) -> None:
        self._entry_points = entry_points
        self._activities: dict[str, Activity] = {}
        self._former: dict[str, str] = {}
        self._errors: dict[str, str] = {}
        self._lock = threading.RLock()
        self._pending = dict(_CONTROL)
        package = importlib.util.find_spec(_FAMILIES)
        for module in pkgutil.iter_modules(package.submodule_search_locations or [] if package is not None else []):
            self._pending[module.name] = f"{_FAMILIES}.{module.name}"

    @property
    def errors(self) -> Mapping[str, str]:
        """Why plug-ins, or activities in them, are not there, by name."""
        return self._errors

    def get(self, id: str) -> Activity | None:
        """The activity of that id, or that once had it; None if there is none."""
        with self._lock:
            found = self._find(id)
            if found is None:
                self._load_family(id.partition(".")[0])
                found = self._find(id)
            if found is None:
                self._load_all()
                found = self._find(id)
            return found

    def require(self, id: str) -> Activity:
        """The activity of that id. Raises `CatalogError` that names similar ones."""
        found = self.get(id)
        if found is None:
            near = get_close_matches(id, self.ids(), 3)
            hint = f"Did you mean {' or '.join(near)}?" if near else "Run `rpa activities` to see what there is."
            raise CatalogError(f"there is no activity {id!r}", hint=hint)
        return found

    def ids(self) -> list[str]:
        """All ids, sorted."""
        with self._lock:
            self._load_all()
            return sorted(self._activities)

    def all(self) -> list[Activity]:
        """All activities, by id."""
        return [self._activities[id] for id in self.ids()]

    def families(self) -> dict[str, Family]:
        """How each family is shown, by the part of its ids before the dot, in the order to show them."""
        found: dict[str, Family] = {}
        for activity in self.all():
            if activity.family not in found:
                found[activity.family] = self.family(activity)
        return dict(sorted(found.items(), key=lambda item: (item[1].order, item[1].label)))

    def family(self, activity: Activity) -> Family:
        """How the family of one activity is shown; loads no other."""
        return _declared_family(activity)

    def load(self) -> None:
        """Load every family, one after the other, so that others are answered in between."""
        for name in list(self._pending):
            with self._lock:
                self._load_family(name)
        with self._lock:
            self._load_all()

    def add_module(self, module: ModuleType) -> None:
        """Add every activity that a module, or a package's modules, declares."""
        for value in list(vars(module).values()):
            if isinstance(value, ModuleType):
                if value.__name__.startswith(module.__name__ + "."):
                    self.add_module(value)
            elif isinstance(value, FunctionType):
                self._add(value)

    def _find(self, id: str) -> Activity | None:
        return self._activities.get(id) or self._activities.get(self._former.get(id, ""))

    def _add(self, function: FunctionType) -> None:
        try:
            activity = declared(function)
        except CatalogError as error:
            self._errors[f"{function.__module__}.{function.__qualname__}"] = error.message
            return
        if activity is None:
            return
        known = self._activities.setdefault(activity.id, activity)
        if known.function is not activity.function:
            self._errors[activity.id] = (
                f"{activity.function.__module__} declares {activity.id!r}, as {known.function.__module__} already does"
            )
            return
        for former in activity.replaces:
            self._former.setdefault(former, activity.id)

    def _load_family(self, name: str) -> None:
        module = self._pending.pop(name, None)
        if module is not None:
            self._load(name, module)

    def _load(self, name: str, module: str) -> None:
        try:
            self.add_module(importlib.import_module(module))
        except (Exception, SystemExit) as error:  # some libraries end the program where they cannot be used
            self._errors[name] = f"{module} cannot be loaded: {type(error).__name__}: {error}"

    def _load_all(self) -> None:
        for name in list(self._pending):
            self._load_family(name)
        if self._entry_points:
            self._entry_points = False
            from importlib.metadata import entry_points  # takes as long as everything before it

            for point in sorted(entry_points(group=GROUP), key=lambda point: point.name):
                self._load(point.name, point.module)


def _declared_family(activity: Activity) -> Family:
    """The `FAMILY` of the module that declares it, or of a package around that; else one named after the id."""
    module = activity.function.__module__
    while module:
        found = getattr(sys.modules.get(module), "FAMILY", None)
        if isinstance(found, Family):
            return found
        module = module.rpartition(".")[0]
    return Family(activity.family.replace("_", " ").capitalize())
