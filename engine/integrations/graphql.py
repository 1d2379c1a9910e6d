"""A GraphQL service."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from engine.core.errors import SystemFault
from engine.core.sentences import say
from engine.integrations.web import Web


@dataclass(frozen=True, kw_only=True)
class GraphQL(Web):
    """A GraphQL service; it is checked by asking for the name of its root type."""

    kind: ClassVar = "graphql"
    label: ClassVar = say("GraphQL")
    icon: ClassVar = "graph"
    example: ClassVar = "https://api.example.com/graphql"

    def asked(self) -> tuple[str, str, dict[str, Any]]:
        if self.health.path:
            return super().asked()
        return "POST", self.address, {"json": {"query": "{ __typename }"}}

    def answered(self, response: Any) -> str:
        said = super().answered(response)
        if response.status_code in (404, 405):
            raise SystemFault(say("there is no GraphQL at this address: {said}", said=said))
        return said
