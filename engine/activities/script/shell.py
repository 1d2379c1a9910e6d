"""Commands of the system's shell as a step."""

from __future__ import annotations

import base64
import json
import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from engine.activities.script import environment, process
from engine.activities.script.python import Env, Folder, Limit, Secrets
from engine.core.secrets import masked
from engine.core.sentences import say
from engine.core.values import plain
from engine.sdk import BusinessError, Context, Effect, Param, SecretRef, SystemFault, activity
from engine.sdk.files import file_errors

_KEPT = 1_000_000
_STDERR = 200_000
_SHOWN = 1500

Shell = Literal["auto", "sh", "bash", "zsh", "powershell"]
Output = Literal["auto", "text", "lines", "json"]

CodeOf = Annotated[
    str,
    Param("Commands", "Empty to run a file.", 'grep -c "$1" orders.csv', kind="code", language="shell"),
]
FileOf = Annotated[
    Path | None, Param("File", "A program or script to run instead of commands written here.", kind="file")
]
ArgumentsOf = Annotated[
    list[str],
    Param("Arguments", 'What the commands find as "$1", "$2" …: data is safe here, and is not in the commands.'),
]
InputOf = Annotated[Any, Param("Standard input", "Text is passed as it is, everything else as JSON.")]
OutputOf = Annotated[
    Output, Param("Read the output as", "auto: as JSON if it is a JSON object or list, else as text without its end.")
]
CodesOf = Annotated[list[int], Param("Exit codes of success", advanced=True)]
ShellOf = Annotated[Shell, Param("Shell", "auto: sh, or PowerShell on Windows.", advanced=True)]


@dataclass(frozen=True)
class ShellResult:
    """What was written, as `result` in the form asked for and as it was; the exit code; and how long it took."""

    result: Any
    stdout: str
    stderr: str
    exit_code: int
    truncated: bool
    seconds: float


@activity(
    "script.shell",
    label="Run shell commands",
    icon="terminal",
    effect=Effect.ONCE,
    keywords=("command", "bash", "exec"),
)
async def run_shell(
    ctx: Context,
    code: CodeOf = "",
    file: FileOf = None,
    arguments: ArgumentsOf = [],  # noqa: B006
    input: InputOf = None,
    output: OutputOf = "auto",
    timeout: Limit = 600.0,
    success_codes: CodesOf = [0],  # noqa: B006
    env: Env = {},  # noqa: B006
    secrets: Secrets = {},  # noqa: B006
    folder: Folder = None,
    shell: ShellOf = "auto",
) -> ShellResult:
    """Run commands in a shell, or a program, once.

    An exit code other than 0 is an error that shows the end of what was written. All that the commands started ends
    with them. They see none of the engine's environment variables but harmless ones such as PATH and HOME.
    Because they may do anything, they are never silently run twice. Use "Ask the shell" for what only looks.
    The output holds `result`, `stdout`, `stderr`, `exit_code`, `truncated` and `seconds`.
    """
    return await _shell(ctx, code, file, arguments, input, output, timeout, success_codes, env, secrets, folder, shell)


@activity(
    "script.query",
    label="Ask the shell",
    icon="terminal",
    effect=Effect.IDEMPOTENT,
    keywords=("command", "bash", "exec"),
)
async def query(
    ctx: Context,
    code: CodeOf = "",
    file: FileOf = None,
    arguments: ArgumentsOf = [],  # noqa: B006
    input: InputOf = None,
    output: OutputOf = "auto",
    timeout: Limit = 600.0,
    success_codes: CodesOf = [0],  # noqa: B006
    env: Env = {},  # noqa: B006
    secrets: Secrets = {},  # noqa: B006
    folder: Folder = None,
    shell: ShellOf = "auto",
) -> ShellResult:
    """Run commands in a shell that may safely run again.

    Like "Run shell commands", with the author's word that running them twice does no harm: after a crash they simply
    run again. The output holds `result`, `stdout`, `stderr`, `exit_code`, `truncated` and `seconds`.
    """
    return await _shell(ctx, code, file, arguments, input, output, timeout, success_codes, env, secrets, folder, shell)


async def _shell(
    ctx: Context,
    code: str,
    file: Path | None,
    arguments: list[str],
    given: Any,
    output: Output,
    timeout: float,
    success_codes: list[int],
    env: Env,
    secrets: Secrets,
    folder: Path | None,
    shell: Shell,
) -> ShellResult:
    if bool(code.strip()) == (file is not None):
        raise BusinessError(say("give either commands or a file to run"))
    where = folder or ctx.folder
    if file is None:
        command = commands(code, arguments, _interpreter(shell, ctx.folder, process.WINDOWS), process.WINDOWS)
    else:
        command = script(file, arguments, shell, ctx.folder, process.WINDOWS)
    done = await process.run(
        command,
        stdin=_stdin(given),
        env=environment.environment(env, secrets),
        folder=where,
        timeout=timeout,
        limits=(_KEPT, _STDERR),
    )
    truncated = done.stdout.cut or done.stderr.cut
    if truncated:
        written = done.stdout.size + done.stderr.size
        ctx.log(f"the commands wrote {written} bytes, of which the beginning and the end are kept", "warning")
    stdout, stderr = masked([done.stdout.text, done.stderr.text], secrets.values())
    if done.code not in success_codes:
        tail = (stderr.strip() or stdout.strip())[-_SHOWN:]
        last = f"; the last output:\n{tail}" if tail else ""
        kind = BusinessError if done.code in (126, 127) else SystemFault
        raise kind(f"the command {process.ended(done.code)}{last}")
    return ShellResult(
        _read(stdout, output, done.stdout.cut),
        stdout,
        stderr,
        done.code,
        truncated,
        round(done.seconds, 3),
    )


def commands(code: str, arguments: Sequence[str], interpreter: str, windows: bool) -> list[str]:
    """The command line that runs `code` in a shell."""
    if not windows and "pwsh" not in os.path.basename(interpreter):
        return [interpreter, "-c", code, os.path.basename(interpreter), *arguments]
    quoted = " ".join("'" + argument.replace("'", "''") + "'" for argument in arguments)
    block = f"[Console]::OutputEncoding = [Text.Encoding]::UTF8\n& {{\n{code}\n}} {quoted}\nexit $LASTEXITCODE"
    encoded = base64.b64encode(block.encode("utf-16-le", "surrogatepass")).decode("ascii")
    return [interpreter, "-NoProfile", "-NonInteractive", "-EncodedCommand", encoded]


def script(file: Path, arguments: Sequence[str], shell: Shell, folder: Path, windows: bool) -> list[str]:
    """The command line that runs a file: by itself where the system can, else in a shell."""
    with file_errors(file, "run"):
        if stat.S_ISDIR(file.stat().st_mode):
            raise IsADirectoryError
    if windows:
        kind = file.suffix.lower()
        if kind in (".bat", ".cmd"):
            return [environment.program("cmd", folder), "/d", "/c", str(file), *arguments]
        if kind == ".ps1" or shell == "powershell":
            options = ["-NoProfile", "-NonInteractive", "-ExecutionPolicy", "Bypass", "-File"]
            return [_interpreter("powershell", folder, windows), *options, str(file), *arguments]
        return [str(file), *arguments]
    if shell == "auto" and os.access(file, os.X_OK):
        return [str(file), *arguments]
    return [_interpreter(shell, folder, windows), str(file), *arguments]


def _interpreter(shell: Shell, folder: Path, windows: bool) -> str:
    if shell == "powershell" or (shell == "auto" and windows):
        return environment.program("powershell" if windows else "pwsh", folder)
    return environment.program("sh" if shell == "auto" else shell, folder)


def _stdin(given: Any) -> bytes:
    if given is None:
        return b""
    if isinstance(given, bytes):
        return given
    if isinstance(given, str):
        return given.encode("utf-8", "surrogatepass")
    try:
        return json.dumps(plain(given), default=_text).encode("ascii")
    except TypeError as error:
        raise BusinessError(say("the input cannot be passed on: {error}", error=error)) from None


def _text(value: Any) -> str:
    if isinstance(value, SecretRef):
        raise BusinessError(
            say("the input holds a secret, which is not handed over like this"),
            hint=say("Name it under secret environment variables."),
        )
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _read(text: str, output: Output, cut: bool) -> Any:
    if output == "lines":
        return text.splitlines()
    if output == "json" or (output == "auto" and text.lstrip()[:1] in ("{", "[")):
        try:
            return json.loads(text)
        except (ValueError, RecursionError) as error:
            if output == "json":
                reason = say("it was longer than is kept") if cut else str(error)
                raise BusinessError(say("what the command wrote is not JSON: {reason}", reason=reason)) from None
    return text.rstrip("\r\n")
