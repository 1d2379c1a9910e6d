"""A file server: FTP, FTPS or SFTP."""

from __future__ import annotations

import importlib
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar
from urllib.parse import unquote, urlsplit

from engine.core.errors import BusinessError, SystemFault
from engine.core.secrets import redact
from engine.core.sentences import say
from engine.integrations.adapter import Adapter, Authority, Flaw, Site, Verify, apart
from engine.sdk.endpoint import unreached
from engine.sdk.params import Param

if TYPE_CHECKING:
    import ftplib


@dataclass(frozen=True, kw_only=True)
class Ftp(Adapter):
    """A file server. The scheme says how: `ftp`, `ftpes` (asks for TLS), `ftps` (TLS from the start) or `sftp`."""

    kind: ClassVar = "ftp"
    label: ClassVar = say("FTP or SFTP")
    icon: ClassVar = "folders"
    example: ClassVar = "sftp://files.example.com/in"
    accepts: ClassVar[tuple[str, ...]] = ("login", "ssh_key")
    ports: ClassVar = {"ftp": 21, "ftpes": 21, "ftps": 990, "sftp": 22}
    encrypted: ClassVar = frozenset({"ftps"})

    host_key: Annotated[
        str,
        Param(
            say("Host key"),
            say("Of SFTP: the public key that the server must have; else known hosts are asked."),
            "ssh-ed25519 AAAA…",
            advanced=True,
        ),
    ] = ""
    verify: Verify = True
    authority: Authority = None

    def flaws(self) -> Iterator[Flaw]:
        yield from super().flaws()
        if self.address.strip() and self.scheme not in self.ports:
            yield Flaw(
                "address",
                say("the address does not say how: ftp, ftpes, ftps or sftp"),
                say("Write for example {text}.", text=self.example),
            )

    async def check(self, site: Site) -> str:
        host, port = self.host_and_port() or ("", 0)
        if self.scheme == "sftp":
            return await self._ssh(site, host, port)
        return await apart(self._plain, site, host, port)

    def _plain(self, site: Site, host: str, port: int) -> str:
        import ftplib

        client: ftplib.FTP
        try:
            if self.scheme == "ftp":
                client = ftplib.FTP(timeout=site.timeout)
                client.connect(host, port)
            elif self.scheme == "ftpes":
                client = ftplib.FTP_TLS(timeout=site.timeout, context=self.trust())
                client.connect(host, port)
            else:
                client = _implicit(host, port, site.timeout, self.trust())
            try:
                credential = site.credential
                if credential is not None:
                    client.login(credential.text("username"), credential.secret().reveal())
                else:
                    client.login(unquote(urlsplit(self.address).username or "anonymous"), "")
                folder = unquote(urlsplit(self.address).path)
                if folder.strip("/"):
                    client.cwd(folder)
                client.voidcmd("NOOP")
                return say("it lets us in")
            finally:
                client.close()
        except ftplib.error_perm as error:
            raise BusinessError(
                say("it does not let us in: {said}", said=redact(str(error))[:200]),
                hint=say("Check the credential and the folder."),
            ) from None
        except ftplib.Error as error:
            raise SystemFault(say("it answers with an error: {said}", said=redact(str(error))[:200])) from None
        except (OSError, EOFError, ssl.SSLError) as error:
            raise unreached(error, f"{host}:{port}") from None

    async def _ssh(self, site: Site, host: str, port: int) -> str:
        asyncssh = await apart(importlib.import_module, "asyncssh")
        credential = site.credential
        options: dict[str, object] = {
            "username": credential.text("username") if credential is not None else None,
            "client_keys": None,
            "config": None,
            "agent_path": None,
            "login_timeout": site.timeout,
            "connect_timeout": site.timeout,
        }
        try:
            if credential is not None and credential.kind == "ssh_key":
                secret = credential.hidden.get("passphrase")
                passphrase = secret.reveal() if secret is not None and secret else None
                key = credential.secret("key").reveal()
                options["client_keys"] = [await apart(asyncssh.import_private_key, key, passphrase)]
            elif credential is not None:
                options["password"] = credential.secret().reveal()
            if not self.verify:
                options["known_hosts"] = None
            elif self.host_key:
                options["known_hosts"] = ([asyncssh.import_public_key(self.host_key)], [], [])
            async with asyncssh.connect(host, port, **options) as connection, connection.start_sftp_client() as sftp:
                await sftp.stat(unquote(urlsplit(self.address).path) or ".")
            return say("it lets us in")
        except (asyncssh.KeyImportError, asyncssh.KeyEncryptionError) as error:
            raise BusinessError(say("the key cannot be used: {error}", error=redact(str(error))[:200])) from None
        except asyncssh.HostKeyNotVerifiable:
            raise BusinessError(
                say("the server {host}:{port} cannot be trusted: its key is not known", host=host, port=port),
                hint=say("Give its key as the host key, or add it to the known hosts."),
            ) from None
        except asyncssh.PermissionDenied as error:
            raise BusinessError(
                say("it does not let us in: {said}", said=redact(str(error))[:200]),
                hint=say("Check the credential and the folder."),
            ) from None
        except (asyncssh.SFTPNoSuchFile, asyncssh.SFTPPermissionDenied) as error:
            raise BusinessError(
                say("the folder cannot be used: {said}", said=redact(str(error))[:200]), hint=say("Check the address.")
            ) from None
        except (asyncssh.Error, OSError) as error:
            raise unreached(error, f"{host}:{port}") from None


def _implicit(host: str, port: int, timeout: float, trust: ssl.SSLContext) -> ftplib.FTP_TLS:
    """A client whose connection begins with TLS, which `ftplib` cannot do by itself."""
    import ftplib

    client = ftplib.FTP_TLS(timeout=timeout, context=trust)
    client.host = host
    client.sock = trust.wrap_socket(socket.create_connection((host, port), timeout), server_hostname=host)
    client.af = client.sock.family
    client.file = client.sock.makefile("r", encoding=client.encoding)
    client.welcome = client.getresp()
    return client
