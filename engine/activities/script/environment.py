"""What a script finds around it: the variables it may see, and the programs that run it.

A script sees no variable of the engine's own environment but those named here: what a service is started with often
holds passwords, and so do the addresses of proxies.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from engine.core.secrets import MASK
from engine.core.sentences import say
from engine.sdk import BusinessError, Secret

_ALLOWED = frozenset(
    """
    PATH HOME USER LOGNAME SHELL LANG LANGUAGE TZ TMPDIR TMP TEMP SSL_CERT_FILE SSL_CERT_DIR DISPLAY WAYLAND_DISPLAY
    XAUTHORITY SYSTEMROOT SYSTEMDRIVE WINDIR COMSPEC PATHEXT PSMODULEPATH USERPROFILE USERNAME USERDOMAIN APPDATA
    LOCALAPPDATA PROGRAMDATA PROGRAMFILES PROGRAMFILES(X86) PROGRAMW6432 COMMONPROGRAMFILES NUMBER_OF_PROCESSORS
    PROCESSOR_ARCHITECTURE
    """.split()  # noqa: SIM905 - a list literal would be a page long
)


def environment(env: Mapping[str, str], secrets: Mapping[str, Secret]) -> dict[str, str]:
    """The variables for a script: the allowed ones of this process, then `env`, then `secrets`.

    Raises `BusinessError` for a variable that cannot exist.
    """
    found = {
        name: value for name, value in os.environ.items() if name.upper() in _ALLOWED or name.upper().startswith("LC_")
    }
    given = {**env, **{name: secret.reveal() for name, secret in secrets.items()}}
    for name, value in given.items():
        if not name or "=" in name or "\0" in name:
            raise BusinessError(say("{name!a} cannot be the name of an environment variable", name=name))
        if MASK in value and name in env:
            raise BusinessError(
                say("the environment variable {name} holds a masked secret", name=name),
                hint=say("Name the credential under secret environment variables."),
            )
        if "\0" in value or not _encodable(value):
            raise BusinessError(
                say("the environment variable {name} cannot hold a NUL character or half a character", name=name),
                hint=say("Hand such data over as an input."),
            )
    return {**found, **given}


def python(interpreter: str, folder: Path) -> str:
    """The Python that runs a script: the one given (a path from `folder`, or a name on PATH), else that of the engine.

    In the packaged application the engine has none of its own to lend, so the first on PATH is taken.
    """
    if interpreter:
        return program(interpreter, folder)
    if not getattr(sys, "frozen", False) and sys.executable:
        return sys.executable
    for name in ("python3", "python"):
        if path := shutil.which(name):
            return path
    raise BusinessError(
        say("there is no Python on this computer to run the script"),
        hint=say("Install Python, or give the path of one."),
    )


def program(name: str, folder: Path) -> str:
    """The path of a program given by name or path. Raises `BusinessError` if it is not there."""
    given = os.path.expanduser(name)
    if os.path.basename(given) != given:
        given = str(folder / given)
    try:
        path = shutil.which(given)
    except ValueError:
        path = None
    if path is None:
        raise BusinessError(
            say("there is no program {name!a} that can be run", name=name),
            hint=say("Check the path, or that it is installed and on PATH."),
        )
    return path


def _encodable(value: str) -> bool:
    try:
        os.fsencode(value)
    except UnicodeEncodeError:
        return False
    return True
