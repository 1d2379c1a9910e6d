"""A database."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, ClassVar
from urllib.parse import parse_qs, unquote, urlsplit

from engine.core.errors import BusinessError, SystemFault
from engine.core.secrets import redact
from engine.core.sentences import say
from engine.integrations.adapter import Adapter, Flaw, Health, Site, apart, trusted
from engine.sdk.endpoint import chain, unreached
from engine.sdk.params import Param

_DRIVERS = {
    "postgresql": "postgresql+asyncpg",
    "postgres": "postgresql+asyncpg",
    "mariadb": "mariadb+aiomysql",
    "mysql": "mysql+aiomysql",
}
_REFUSED = ("password", "authentication", "access denied", "does not exist", "unknown database", "role ")


@dataclass(frozen=True)
class DatabaseHealth(Health):
    """How it is watched, and what is asked."""

    query: Annotated[str, Param(say("Query"), kind="code", language="sql")] = "SELECT 1"


@dataclass(frozen=True, kw_only=True)
class Database(Adapter):
    """A database: SQLite, PostgreSQL, MariaDB or MySQL."""

    kind: ClassVar = "database"
    label: ClassVar = say("Database")
    icon: ClassVar = "database"
    example: ClassVar = "postgresql://db.example.com/shop"
    accepts: ClassVar[tuple[str, ...]] = ("login", "database")
    ports: ClassVar = {"postgresql": 5432, "postgres": 5432, "mariadb": 3306, "mysql": 3306}

    health: Annotated[DatabaseHealth, Param(say("Health check"))] = DatabaseHealth()

    def flaws(self) -> Iterator[Flaw]:
        yield from super().flaws()
        if self.scheme == "sqlite" and (self._file is None or not self._file.is_absolute()):
            yield Flaw(
                "address",
                say("the path of the database is not a whole one"),
                say("Write it from the root on: {text}.", text="sqlite:////data/shop.db"),
            )
        elif self.scheme and self.scheme != "sqlite" and self.scheme not in _DRIVERS:
            yield Flaw(
                "address",
                say("{scheme!a} is not a kind of database that can be used", scheme=self.scheme[:40]),
                say("Write sqlite:///file, postgresql://host/database or mariadb://host/database."),
            )

    def host_and_port(self) -> tuple[str, int] | None:
        return None if self.scheme == "sqlite" else super().host_and_port()

    @property
    def _file(self) -> Path | None:
        name = unquote(self.address.partition(":///")[2])
        return Path(name).expanduser() if name else None

    async def check(self, site: Site) -> str:
        if self.scheme == "sqlite":
            return await apart(self._look)
        await apart(importlib.import_module, "sqlalchemy.ext.asyncio")
        from sqlalchemy import URL, exc, text
        from sqlalchemy.ext.asyncio import create_async_engine
        from sqlalchemy.pool import NullPool

        parts = urlsplit(self.address)
        host, port = self.host_and_port() or ("", 0)
        credential = site.credential
        password = credential.secret().reveal() if credential is not None else None
        username = (credential.text("username") if credential is not None else "") or unquote(parts.username or "")
        url = URL.create(
            _DRIVERS[self.scheme], username or None, password, host, port, unquote(parts.path.strip("/")) or None
        )
        arguments = await apart(self._arguments, site, parse_qs(parts.query))
        engine = await apart(create_async_engine, url, poolclass=NullPool, connect_args=arguments)
        try:
            async with engine.connect() as connection:
                await connection.execute(text(self.health.query))
                version = connection.dialect.server_version_info or ()
            return say("{name} {version} answers", name=self.scheme, version=".".join(map(str, version[:3])))
        except (exc.SQLAlchemyError, OSError) as error:
            raise _fault(error, f"{host}:{port}") from None
        except Exception as error:  # a driver's own, which SQLAlchemy passes on while it connects
            if not hasattr(error, "sqlstate"):
                raise
            raise _fault(error, f"{host}:{port}") from None
        finally:
            await engine.dispose()

    def _arguments(self, site: Site, options: dict[str, list[str]]) -> dict[str, Any]:
        """What the driver is told of time and encryption."""
        mode = (options.get("sslmode") or ["prefer"])[-1]
        authority = (options.get("sslrootcert") or [""])[-1]
        seconds = max(1, round(site.timeout))
        if self.scheme in ("mariadb", "mysql"):
            wanted = mode not in ("disable", "prefer")
            trust = trusted(mode == "verify-full", Path(authority) if authority else None) if wanted else None
            return {"connect_timeout": seconds, **({"ssl": trust} if trust is not None else {})}
        ssl: Any = trusted(True, Path(authority) if authority else None) if mode == "verify-full" else mode
        return {"timeout": site.timeout, "command_timeout": site.timeout, "ssl": ssl}

    def _look(self) -> str:
        import sqlite3

        file = self._file
        if file is None or not file.is_file():
            raise BusinessError(say("there is no file {path}", path=file), hint=say("Check the address."))
        try:
            connection = sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True, timeout=5)
            try:
                connection.execute(self.health.query).fetchone()
            finally:
                connection.close()
        except sqlite3.Error as error:
            raise SystemFault(say("the database {path} does not work: {error}", path=file, error=error)) from None
        return say("SQLite {version} reads it", version=sqlite3.sqlite_version)


def _fault(error: BaseException, shown: str) -> Exception:
    for link in chain(error):
        if isinstance(link, OSError):
            return unreached(link, shown)
    said = redact(" ".join(str(getattr(error, "orig", None) or error).split()))[:300]
    if any(word in said.lower() for word in _REFUSED):
        return BusinessError(
            say("the database does not let us in: {said}", said=said), hint=say("Check the credential and the address.")
        )
    return SystemFault(say("the database answers with an error: {said}", said=said))
