"""All that the author of an activity imports. Sees `core` alone.

::

    from engine.sdk import Context, Effect, Param, activity

    @activity("files.copy", label="Copy file", icon="copy", effect=Effect.IDEMPOTENT)
    def copy_file(source: Annotated[Path, Param("File to copy")]) -> CopiedFile:
        \"\"\"Copy a file.\"\"\"
"""

from __future__ import annotations

from engine.core.errors import ActivityError, BusinessError, StepTimeout, SystemFault
from engine.core.secrets import Credential, Secret, SecretRef
from engine.core.values import File, FileRef
from engine.sdk.activity import Activity, Effect, Port, To, activity
from engine.sdk.catalog import Family
from engine.sdk.context import Cancelled, Context
from engine.sdk.flow import Flow
from engine.sdk.integration import Integration, Overloaded
from engine.sdk.params import Expression, Param, Parameter
from engine.sdk.sessions import Session, Sessions

__all__ = [
    "Activity",
    "ActivityError",
    "BusinessError",
    "Cancelled",
    "Context",
    "Credential",
    "Effect",
    "Expression",
    "Family",
    "File",
    "FileRef",
    "Flow",
    "Integration",
    "Overloaded",
    "Param",
    "Parameter",
    "Port",
    "Secret",
    "SecretRef",
    "Session",
    "Sessions",
    "StepTimeout",
    "SystemFault",
    "To",
    "activity",
]
