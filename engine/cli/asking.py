"""Asking a person for what must not stand in a command line: passphrases and the values of secrets."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from engine.cli.terminal import Terminal
from engine.core.errors import RpaError, UsageError, VaultKeyWrong
from engine.core.secrets import Secret
from engine.core.settings import Settings

if TYPE_CHECKING:
    from engine.api import Ask, Question

_TRIES = 3


def somebody() -> bool:
    """Whether there is a person at the other end who can be asked."""
    try:
        return sys.stdin.isatty()
    except ValueError:
        return False


def passphrase(question: Question) -> str:
    """The passphrase of the vault, without echo."""
    if question == "open":
        return hidden("Passphrase of the vault: ")
    return chosen("New passphrase of the vault")


def chosen(what: str) -> str:
    """A new passphrase, asked twice. Raises `UsageError` where the two differ."""
    first = hidden(f"{what}: ")
    if hidden("Once more: ") != first:
        raise UsageError("the two passphrases differ", hint="try again")
    return first


def hidden(prompt: str) -> str:
    """A line typed without echo; it is masked from here on."""
    import getpass

    try:
        return Secret(getpass.getpass(prompt)).reveal()
    except EOFError:
        raise UsageError("nothing was typed") from None


def line(prompt: str) -> str:
    """A line typed with echo; the prompt goes to standard error, so that it does not mix with a document."""
    sys.stderr.write(prompt)
    sys.stderr.flush()
    text = sys.stdin.readline()
    if not text:
        raise UsageError("nothing was typed")
    return text.rstrip("\r\n")


def agreed(question: str) -> bool:
    """Whether a person types yes. Raises `UsageError` where there is none to ask."""
    if not somebody():
        raise UsageError("this has to be confirmed", hint="add --yes")
    return line(f"{question} [y/N] ").strip().lower() in ("y", "yes")


def content(path: str, *, keep_end: bool) -> str:
    """The text of a file, or of standard input for `-`, without the end of its last line unless that is to be kept."""
    try:
        data = sys.stdin.buffer.read() if path == "-" else Path(path).expanduser().read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is not a path"
        raise UsageError(f"{path[:100]}: cannot be read: {reason}", hint="check the path") from None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError(
            f"{'standard input' if path == '-' else path[:100]} is not text in UTF-8",
            hint="convert it first; certificates and keys have to be in PEM",
        ) from None
    return text if keep_end else text.removesuffix("\n").removesuffix("\r")


def before_a_run(settings: Settings, file: Path | None, terminal: Terminal) -> Ask | None:
    """What answers for the passphrase of the vault while a workflow runs: it is asked now, as later the terminal shows
    how the run goes. Nobody is asked where no passphrase can be needed."""
    if not somebody() or not (settings.home / "vault.json").exists() or os.environ.get("RPA_VAULT_PASSPHRASE"):
        return None
    from engine.api import Catalog, load, named_credentials, open_credentials

    try:
        lock = open_credentials(settings).lock
        if lock is None or (file is not None and not named_credentials(load(file).workflow, Catalog())):
            return None
    except RpaError:
        return None  # told when it matters: when the file is run, or a credential used
    if lock.origin != "passphrase":
        return passphrase
    if file is None:
        terminal.say("Steps may need credentials; press Enter alone to go on without.")
    for left in reversed(range(_TRIES)):
        typed = hidden("Passphrase of the vault: ")
        if not typed:
            return None
        answer = _Answer(typed)
        try:
            open_credentials(settings, answer).open()
            return answer
        except VaultKeyWrong as error:
            if not left:
                raise
            terminal.say(f"{error.message}.")
    return None


class _Answer:
    """Gives what was typed to every question."""

    def __init__(self, typed: str) -> None:
        self._typed = typed

    def __call__(self, question: Question) -> str:
        return self._typed
