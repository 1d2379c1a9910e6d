"""A REST API, or any other service over HTTP."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from engine.core.sentences import say
from engine.integrations.web import Web


@dataclass(frozen=True, kw_only=True)
class Rest(Web):
    """A service over HTTP. Addresses that a step gives are joined to its own."""

    kind: ClassVar = "rest"
    label: ClassVar = say("REST API")
    icon: ClassVar = "globe"
    example: ClassVar = "https://api.example.com/v1/"
