"""The family `soap`: services that a WSDL describes. Sees `sdk` and `core` alone."""

from __future__ import annotations

from engine.activities.soap.call import call, query
from engine.activities.soap.operations import operations
from engine.sdk.catalog import Family

FAMILY = Family("SOAP", icon="brackets-angle", order=72, color="api")

__all__ = ["call", "operations", "query"]
