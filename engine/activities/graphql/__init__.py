"""The family `graphql`: services that speak GraphQL. Sees `sdk` and `core` alone."""

from __future__ import annotations

from engine.activities.graphql.pages import pages
from engine.activities.graphql.request import mutate, query
from engine.sdk.catalog import Family

FAMILY = Family("GraphQL", icon="graph", order=71, color="api")

__all__ = ["mutate", "pages", "query"]
