"""All that the author of an activity imports. Sees `core` alone.

::

    from engine.sdk import Context, Effect, Param, activity

    @activity("files.copy", label="Copy file", icon="copy", effect=Effect.IDEMPOTENT)
    def copy_file(source: Annotated[Path, Param("File to copy")]) -> CopiedFile:
        \"\"\"Copy a file.\"\"\"
"""

from __future__ import annotations

from engine.core.errors import ActivityError, BusinessError, StepTimeout, SystemFault
from engine.core.secrets import Secret, SecretRef
from engine.sdk.activity import Activity, Effect, Port, To, activity
from engine.sdk.catalog import Family
from engine.sdk.context import Cancelled, Context
from engine.sdk.params import Expression, Param, Parameter

__all__ = [
    "Activity",
    "ActivityError",
    "BusinessError",
    "Cancelled",
    "Context",
    "Effect",
    "Expression",
    "Family",
    "Param",
    "Parameter",
    "Port",
    "Secret",
    "SecretRef",
    "StepTimeout",
    "SystemFault",
    "To",
    "activity",
]
