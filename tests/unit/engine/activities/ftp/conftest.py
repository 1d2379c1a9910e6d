from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from engine.core.secrets import Credential, Secret
from engine.sdk.testing import ActivityEnvironment
from tests.support.certificates import certificate
from tests.support.file_servers import PASSWORD, USER, FileServer, ftp_server, sftp_server

LOGIN = Credential("erp", "login", "password", {"username": USER}, {"password": Secret(PASSWORD, "erp")})
WRONG = Credential("wrong", "login", "password", {"username": USER}, {"password": Secret("not-the-word", "wrong")})


class There:
    """A server with its folder, and activities run against it."""

    def __init__(self, environment: ActivityEnvironment, root: Path, server: FileServer, given: dict[str, Any]) -> None:
        self.environment = environment
        self.root = root
        self.server = server
        self.given = given

    async def run(self, what: Callable[..., Any], **values: Any) -> Any:
        return await self.environment.run(what, **{**self.given, **values})


@pytest.fixture(autouse=True)
def no_long_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.activities.ftp.transfer._LONGEST_PAUSE", 0.01)


@pytest.fixture(params=["ftp", "ftps", "sftp", "old ftp"])
async def there(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[There]:
    kind = request.param
    root, here = tmp_path / "there", tmp_path / "here"
    root.mkdir()
    here.mkdir()
    environment = ActivityEnvironment(here, credentials=[LOGIN, WRONG])
    async with AsyncExitStack() as stack:
        given: dict[str, Any] = {"credential": "erp"}
        if kind == "sftp":
            server = await stack.enter_async_context(sftp_server(root))
            given |= {"address": f"sftp://127.0.0.1:{server.port}", "fingerprint": server.fingerprint}
        elif kind == "ftps":
            pem = certificate(tmp_path / "server.pem")
            server = stack.enter_context(ftp_server(root, pem))
            given |= {"address": f"ftpes://127.0.0.1:{server.port}", "authority": pem}
        else:
            server = stack.enter_context(ftp_server(root, features=kind == "ftp"))
            given |= {"address": f"ftp://127.0.0.1:{server.port}"}
        yield There(environment, root, server, given)
