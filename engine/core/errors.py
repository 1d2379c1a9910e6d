"""Every error the engine raises on purpose: one tree, so that a caller can catch as widely as it means to.

::

    RpaError                        message, hint, code
    ├── UsageError                  a command or call was used wrongly
    ├── SettingsError               a setting cannot be read or has a value out of range
    ├── DocumentError               a workflow file cannot be read or is not valid; carries problems
    ├── ExpressionError             an expression does not parse, reaches too far, or costs too much
    │   └── NoValueError            it reads a step or key that holds no value; `default(...)` catches it
    ├── InputError                  a workflow was started with missing or mistyped inputs
    ├── ActivityError               a step failed
    │   ├── BusinessError           bad data: trying again gives the same answer
    │   │   └── NoSuchIntegration
    │   └── SystemFault             the world failed: trying again may help
    │       └── StepTimeout         it took longer than its timeout
    ├── CatalogError                an activity is unknown, or was declared wrongly
    ├── ExecutionError              an execution cannot do what it was asked
    │   ├── NoSuchExecution
    │   └── ExecutionBusy           another process holds its lease
    ├── StoreError                  the checkpoint store failed
    │   ├── StoreLocked             another process writes to it
    │   ├── StoreReadOnly
    │   ├── StoreUnreachable        the database server does not answer
    │   ├── StoreFull               no space left
    │   ├── StoreCorrupt
    │   ├── StoreTooNew             written by a newer version of RPA Studio
    │   └── StaleFence              this process no longer owns the execution it writes to
    └── VaultError                  the vault of credentials cannot do what it was asked
        ├── NoSuchCredential
        ├── VaultLocked             its key cannot be had: a locked keyring, nobody to ask for a passphrase
        ├── VaultKeyWrong           the key or passphrase is not that of this vault
        ├── VaultCorrupt            damaged, or changed by somebody who has no key
        ├── VaultBusy               another process writes to it
        └── VaultTooNew             written by a newer version of RPA Studio

The message says what happened and where, in one sentence; the hint says what to do about it.
No message holds the value of a secret.
"""

from __future__ import annotations

from typing import Any, ClassVar


class RpaError(Exception):
    """The base of all errors that are meant for a user to read."""

    code: ClassVar[str] = "error"

    def __init__(self, message: str = "", *, hint: str = "") -> None:
        super().__init__(message or (type(self).__doc__ or "").strip().splitlines()[0])
        self.hint = hint

    @property
    def message(self) -> str:
        message = self.args[0]
        return message if isinstance(message, str) else str(message)


class UsageError(RpaError):
    """A command was used wrongly."""

    code = "usage"


class SettingsError(RpaError):
    """A setting cannot be read."""

    code = "settings"


class DocumentError(RpaError):
    """A workflow file cannot be read or is not valid.

    `problems` holds `engine.workflow.problems.Problem` objects, in file order.
    """

    code = "document"

    def __init__(self, message: str = "", *, hint: str = "", problems: tuple[object, ...] = ()) -> None:
        super().__init__(message, hint=hint)
        self.problems = problems


class ExpressionError(RpaError):
    """An expression cannot be evaluated.

    `source` is the expression, or the whole text of the parameter that holds it; `column` counts from 1 within it,
    0 where there is no place.
    `names` lists the names that were in reach.
    """

    code = "expression"

    def __init__(
        self,
        message: str = "",
        *,
        hint: str = "",
        source: str = "",
        column: int = 0,
        names: tuple[str, ...] = (),
    ) -> None:
        super().__init__(message, hint=hint)
        self.source = source
        self.column = column
        self.names = names


class NoValueError(ExpressionError):
    """An expression reads something that holds no value."""

    code = "no_value"


class InputError(RpaError):
    """The inputs do not fit the workflow."""

    code = "inputs"


class ActivityError(RpaError):
    """A step failed. `files` (`engine.core.values.File`) show what it saw, and are kept with the error."""

    code = "activity"

    def __init__(self, message: str = "", *, hint: str = "", files: tuple[Any, ...] = ()) -> None:
        super().__init__(message, hint=hint)
        self.files = files


class BusinessError(ActivityError):
    """The data is wrong, and trying again would give the same answer."""

    code = "business"


class NoSuchIntegration(BusinessError):
    """There is no such integration."""

    code = "no_such_integration"


class SystemFault(ActivityError):
    """Something outside failed, and trying again may help."""

    code = "system"


class StepTimeout(SystemFault):
    """The step took longer than its timeout."""

    code = "timeout"


class CatalogError(RpaError):
    """An activity is unknown or declared wrongly."""

    code = "catalog"


class ExecutionError(RpaError):
    """The execution cannot do that."""

    code = "execution"


class NoSuchExecution(ExecutionError):
    """There is no such execution."""

    code = "no_such_execution"


class ExecutionBusy(ExecutionError):
    """Another process is running this execution."""

    code = "execution_busy"


class StoreError(RpaError):
    """The checkpoint store failed."""

    code = "store"


class StoreLocked(StoreError):
    """Another process writes to this store."""

    code = "store_locked"


class StoreReadOnly(StoreError):
    """The store cannot be written."""

    code = "store_read_only"


class StoreUnreachable(StoreError):
    """The database server cannot be reached."""

    code = "store_unreachable"


class StoreFull(StoreError):
    """There is no space left for the store."""

    code = "store_full"


class StoreCorrupt(StoreError):
    """The store is damaged."""

    code = "store_corrupt"


class StoreTooNew(StoreError):
    """The store was written by a newer version of RPA Studio."""

    code = "store_too_new"


class StaleFence(StoreError):
    """This process no longer owns the execution it writes to."""

    code = "stale_fence"


class VaultError(RpaError):
    """The vault cannot do that."""

    code = "vault"


class NoSuchCredential(VaultError):
    """There is no such credential."""

    code = "no_such_credential"


class VaultLocked(VaultError):
    """The key of the vault cannot be had."""

    code = "vault_locked"


class VaultKeyWrong(VaultError):
    """The key or passphrase is not that of this vault."""

    code = "vault_key"


class VaultCorrupt(VaultError):
    """The vault is damaged."""

    code = "vault_corrupt"


class VaultBusy(VaultError):
    """Another process writes to the vault."""

    code = "vault_busy"


class VaultTooNew(VaultError):
    """The vault was written by a newer version of RPA Studio."""

    code = "vault_too_new"
