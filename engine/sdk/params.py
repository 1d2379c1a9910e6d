"""What a parameter tells a person: its label and help, and how a form should ask for it."""

from __future__ import annotations

import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

from engine.core.secrets import Credential, Secret
from engine.sdk.integration import Integration

Kind = Literal["", "file", "folder", "save", "code", "text", "table"]


@dataclass(frozen=True, slots=True, eq=False)  # `Annotated` remembers what is equal, and a Literal is in any order
class Param:
    """Annotation of a parameter: `source: Annotated[Path, Param("File to copy", kind="file")]`.

    `label` is what a form shows before the field, `help` what it explains below it, `placeholder` what an empty field
    suggests. `choices` lists the allowed values, where the type does not say so itself. `show_when` names another
    parameter and the values of it with which this one matters. `kind` asks for a picker (`file`, `folder`, `save`)
    or an editor (`code`, `text` for several lines, `table`); `language` is that of the code. `unit` is shown
    behind the field. `advanced` moves it to the folded part of a form. `accepts` names the kinds of credentials or
    integrations that will do, where not all do.
    """

    label: str
    help: str = ""
    placeholder: str = ""
    choices: tuple[Any, ...] = ()
    show_when: Mapping[str, tuple[Any, ...]] | None = None
    kind: Kind = ""
    language: str = ""
    unit: str = ""
    advanced: bool = False
    accepts: tuple[str, ...] = ()

    def annotate(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        """A JSON schema of the type, completed with what is said here; the words are those of `engine.sdk.schema`."""
        said = {
            "title": self.label,
            "description": self.help,
            "examples": [self.placeholder] if self.placeholder else None,
            "enum": None if "enum" in schema else list(self.choices),
            "x-kind": self.kind,
            "x-language": self.language,
            "x-unit": self.unit,
            "x-show-when": {name: list(values) for name, values in (self.show_when or {}).items()},
            "x-advanced": self.advanced,
            "x-accepts": list(self.accepts),
        }
        return {**schema, **{key: value for key, value in said.items() if value}}

    def __get_pydantic_json_schema__(
        self, core_schema: Any, handler: Callable[[Any], dict[str, Any]]
    ) -> dict[str, Any]:
        """So that a field of a dataclass can be annotated like a parameter."""
        return self.annotate(handler(core_schema))


class Expression(Protocol):
    """Type of a parameter that is not evaluated before the step, but by it, as often as it needs.

    Called with further names in reach, it gives the value: `keep(item=row, index=3)`.
    """

    source: Any

    def __call__(self, **names: Any) -> Any: ...


@dataclass(frozen=True, slots=True)
class Constant:
    """An expression that always gives the same value; what a test or a default uses."""

    source: Any

    def __call__(self, **names: Any) -> Any:
        return self.source


@dataclass(frozen=True, slots=True)
class Computed:
    """An expression given as a Python function of the names in reach; what a test uses."""

    function: Callable[..., Any]
    source: Any = ""

    def __call__(self, **names: Any) -> Any:
        return self.function(**names)


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of an activity, as declared by its signature."""

    name: str
    type: Any
    hints: Param
    required: bool
    default: Any = None

    @property
    def lazy(self) -> bool:
        """Whether the step evaluates it itself (`Expression`)."""
        return Expression in members(self.type)

    @property
    def secret(self) -> bool:
        """Whether it takes the name of a secret or of a whole credential."""
        return Secret in members(self.type) or self.credential

    @property
    def credential(self) -> bool:
        """Whether it takes the name of a credential, and gets it whole."""
        return Credential in members(self.type)

    @property
    def path(self) -> bool:
        """Whether it takes the path of a file or folder, and so a kept file as well."""
        return Path in members(self.type)

    @property
    def integration(self) -> bool:
        """Whether it takes the name of an integration."""
        return Integration in members(self.type)

    @property
    def supplied(self) -> bool:
        """Whether it takes a name, and the activity gets what the name stands for."""
        return self.secret or self.integration


def members(kind: Any) -> set[Any]:
    """The type and every type inside it: `list[Path] | None` has `list[Path]`, `Path`, `NoneType`."""
    found = {kind}
    for inner in typing.get_args(kind):
        if isinstance(inner, type) or typing.get_origin(inner) is not None:
            found |= members(inner)
    return found
