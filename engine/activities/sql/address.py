"""Which database, as whom: from an address, a credential or an integration."""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal
from urllib.parse import parse_qsl, unquote, urlsplit

from engine.core.secrets import Secret
from engine.core.sentences import say
from engine.sdk import BusinessError, Credential, Integration, Param
from engine.sdk.durations import Duration
from engine.sdk.endpoint import either

if TYPE_CHECKING:
    from sqlalchemy.engine import URL

Dialect = Literal["sqlite", "postgresql", "mariadb"]
Encryption = Literal["disable", "prefer", "require", "verify-full"]

Address = Annotated[
    str,
    Param(
        "Database",
        "sqlite:///file, postgresql://host/database or mariadb://host/database.",
        "postgresql://db.example.com/shop",
    ),
]
Login = Annotated[Credential | None, Param("Credential", "User and password.", accepts=("login", "database"))]
System = Annotated[
    Integration | None, Param("Integration", "Instead of an address and a credential.", accepts=("database",))
]
Timeout = Annotated[Duration, Param("Time limit", "The server stops working on it then.", advanced=True)]

_DRIVERS: dict[Dialect, tuple[str, int]] = {
    "sqlite": ("sqlite+aiosqlite", 0),
    "postgresql": ("postgresql+asyncpg", 5432),
    "mariadb": ("mariadb+aiomysql", 3306),
}
_NAMES: dict[str, Dialect] = {
    "sqlite": "sqlite",
    "postgresql": "postgresql",
    "postgres": "postgresql",
    "mariadb": "mariadb",
    "mysql": "mariadb",
}
_ENCRYPTION = ("disable", "prefer", "require", "verify-full")


@dataclass(frozen=True)
class Target:
    """A database, and who wants to use it. `path` is the file of SQLite."""

    dialect: Dialect
    host: str = ""
    port: int = 0
    database: str = ""
    path: Path | None = None
    username: str = ""
    password: Secret | None = field(default=None, repr=False)
    encryption: Encryption = "prefer"
    authority: Path | None = None

    @property
    def shown(self) -> str:
        """It in a message."""
        return str(self.path) if self.path else f"{self.dialect}://{self.host}:{self.port}/{self.database}"

    @property
    def key(self) -> str:
        """What tells its pool from those of other databases, users and passwords."""
        password = self.password.reveal() if self.password else ""
        parts = (self.shown, self.username, password, self.encryption, str(self.authority))
        return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()

    def url(self) -> URL:
        """The address as SQLAlchemy takes it."""
        from sqlalchemy.engine import URL

        driver, _ = _DRIVERS[self.dialect]
        if self.path is not None:
            return URL.create(driver, database=str(self.path))
        query = {"charset": "utf8mb4"} if self.dialect == "mariadb" else {}
        password = self.password.reveal() if self.password else None
        return URL.create(driver, self.username or None, password, self.host, self.port, self.database or None, query)


def target(address: str, credential: Credential | None, integration: Integration | None, folder: Path) -> Target:
    """What is meant by the parameters of a step. Raises `BusinessError` for what cannot be one."""
    if integration is not None and credential is None:
        credential = integration.credential
    if credential is not None and integration is None and not address.strip():
        address = credential.text("url")
    address = either(integration, address, "Database")
    scheme, _, rest = address.partition("://")
    name = scheme.partition("+")[0].lower()
    if name not in _NAMES or not _:
        raise BusinessError(
            say("{scheme!a} is not a kind of database that can be used", scheme=scheme[:40]),
            hint=say("Write sqlite:///file, postgresql://host/database or mariadb://host/database."),
        )
    dialect = _NAMES[name]
    if dialect == "sqlite":
        return Target(dialect, path=_file(rest, folder))
    try:
        parts = urlsplit(f"//{rest}")
        host, port, username = parts.hostname or "", parts.port, unquote(parts.username or "")
        password, database = parts.password, unquote(parts.path.strip("/"))
        options = dict(parse_qsl(parts.query, keep_blank_values=True))
    except ValueError:
        host, port, username, password, database, options = "", None, "", None, "", {}
    if not host:
        raise BusinessError(
            say("the address of the database has no host, or one that cannot be"),
            hint=say("Write for example postgresql://db.example.com:5432/shop."),
        )
    if password:
        raise BusinessError(
            say("the address of the database holds a password"),
            hint=say("Take it out, and name a credential that holds it."),
        )
    encryption = options.pop("sslmode", "prefer")
    authority = options.pop("sslrootcert", "")
    if options or encryption not in _ENCRYPTION:
        raise BusinessError(
            say("the address of the database has an option that is not known"),
            hint=say("It may have sslmode ({modes}) and sslrootcert.", modes=", ".join(_ENCRYPTION)),
        )
    found: dict[str, Any] = {"encryption": encryption}
    if authority:
        found["authority"] = folder / Path(authority).expanduser()
    if credential is not None:
        username, found["password"] = credential.text("username") or username, credential.secret()
    return Target(dialect, host, port or _DRIVERS[dialect][1], database, None, username, **found)


def _file(rest: str, folder: Path) -> Path:
    """The file of `sqlite:///relative`, `sqlite:////absolute`, `sqlite:///C:/file`."""
    name = unquote(rest[1:]) if rest.startswith("/") else ""
    if not name or name.startswith((":memory:", "file:")) or "\0" in name:
        raise BusinessError(
            say("the address of the database names no file"),
            hint=say("Write sqlite:///orders.db; the path starts at the workflow's folder."),
        )
    if os.name == "nt":
        name = re.sub(r"^/(?=[A-Za-z]:)", "", name)
    return folder / Path(name).expanduser()
