"""An archive under a password."""

from __future__ import annotations

import zipfile

from tests.contract.secrets.world import Case, World


def cases(world: World) -> dict[str, Case]:
    archive = world.folder / "some.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("a.txt", "content")
    return {
        "files.unzip": Case(
            {"archive": str(archive), "folder": f"{world.folder}/unpacked", "password": world.secret("custom")},
            {"archive": f"{world.folder}/nowhere.zip", "folder": f"{world.folder}/x", "password": world.secret("tls")},
        )
    }
