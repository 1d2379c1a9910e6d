"""Python as a step: five lines in a form, or a file."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from engine.activities.script import environment, process
from engine.core.secrets import masked
from engine.core.sentences import say
from engine.core.values import decode, encode
from engine.sdk import ActivityError, BusinessError, Context, Effect, Param, Secret, SystemFault, activity
from engine.sdk.durations import Duration
from engine.sdk.files import file_errors

RUNNER = Path(__file__).with_name("runner.py")
LARGEST_RESULT = 64_000_000
_PRINTED = 200_000
_SHOWN = 1500

Code = Annotated[
    str,
    Param(
        "Code",
        "Finds `inputs`, and leaves its answer in `result`. Empty to run a file.",
        "result = sum(inputs['prices'])",
        kind="code",
        language="python",
    ),
]
File = Annotated[Path | None, Param("File", "A Python file to run instead of code written here.", kind="file")]
Inputs = Annotated[dict[str, Any], Param("Inputs", "What the script finds in `inputs`.", kind="table")]
Arguments = Annotated[list[str], Param("Arguments", "What the script finds in `sys.argv`.", advanced=True)]
Env = Annotated[dict[str, str], Param("Environment variables", kind="table", advanced=True)]
Secrets = Annotated[
    dict[str, Secret], Param("Secret environment variables", "Variable: credential.", kind="table", advanced=True)
]
Folder = Annotated[
    Path | None, Param("Working folder", "Empty for the folder of the workflow.", kind="folder", advanced=True)
]
Limit = Annotated[Duration, Param("Time limit", "The script and all it started are ended then: 30s, 5m, 1h.")]
Interpreter = Annotated[
    str, Param("Interpreter", "A path or name of a Python. Empty for the engine's own.", advanced=True)
]


@dataclass(frozen=True)
class PythonResult:
    """What the script left in `result`; what it printed, and whether that was cut; and how long it took."""

    result: Any
    printed: str
    truncated: bool
    seconds: float


@activity("script.python", label="Run Python", icon="file-py", effect=Effect.ONCE, keywords=("code", "script", "py"))
async def run_python(
    ctx: Context,
    code: Code = "",
    file: File = None,
    inputs: Inputs = {},  # noqa: B006
    arguments: Arguments = [],  # noqa: B006
    timeout: Limit = 600.0,
    env: Env = {},  # noqa: B006
    secrets: Secrets = {},  # noqa: B006
    folder: Folder = None,
    interpreter: Interpreter = "",
) -> PythonResult:
    """Run Python in a process of its own, once.

    The script finds `inputs` (also as JSON on standard input), and leaves its answer in `result`: numbers, text, dates,
    lists, mappings. What it prints is in `printed`. It says that its data is wrong with `raise BusinessError("…")`;
    any other exception, and an exit code other than 0, is a system error. All that it started ends with it.
    It sees none of the engine's environment variables but harmless ones such as PATH and HOME.
    Because it may do anything, it is never silently run twice. Use "Compute with Python" for what only computes.
    The output holds `result`, `printed`, `truncated` and `seconds`.
    """
    return await _python(ctx, code, file, inputs, arguments, timeout, env, secrets, folder, interpreter)


@activity(
    "script.compute", label="Compute with Python", icon="file-py", effect=Effect.PURE, keywords=("code", "script", "py")
)
async def compute(
    ctx: Context,
    code: Code = "",
    file: File = None,
    inputs: Inputs = {},  # noqa: B006
    arguments: Arguments = [],  # noqa: B006
    timeout: Limit = 600.0,
    env: Env = {},  # noqa: B006
    secrets: Secrets = {},  # noqa: B006
    folder: Folder = None,
    interpreter: Interpreter = "",
) -> PythonResult:
    """Run Python that only computes, in a process of its own.

    Like "Run Python", with the author's word that the script changes nothing outside it: after a crash it simply runs
    again. The output holds `result`, `printed`, `truncated` and `seconds`.
    """
    return await _python(ctx, code, file, inputs, arguments, timeout, env, secrets, folder, interpreter)


async def _python(
    ctx: Context,
    code: str,
    file: Path | None,
    inputs: Mapping[str, Any],
    arguments: list[str],
    timeout: float,
    env: Mapping[str, str],
    secrets: Mapping[str, Secret],
    folder: Path | None,
    interpreter: str,
) -> PythonResult:
    if bool(code.strip()) == (file is not None):
        raise BusinessError(say("give either code or a file to run"))
    stdin = await asyncio.to_thread(_job, code, file, inputs, arguments)
    where = folder or ctx.folder
    variables = {"PYTHONUTF8": "1", **environment.environment(env, secrets)}
    done = await process.run(
        [environment.python(interpreter, where), str(RUNNER)],
        stdin=stdin,
        env=variables,
        folder=where,
        timeout=timeout,
        limits=(LARGEST_RESULT, _PRINTED),
    )
    printed = masked(done.stderr.text, secrets.values())
    if done.stderr.cut:
        ctx.log(f"the script printed {done.stderr.size} bytes, of which the beginning and the end are kept", "warning")
    if done.stdout.cut:
        raise BusinessError(
            say("the result of the script is larger than {most} MB", most=LARGEST_RESULT // 1000000),
            hint=say("Write large data to a file, and give its path as the result."),
        )
    answer = await asyncio.to_thread(_answer, done.stdout.head)
    if answer.get("code") == 0:
        result = masked(answer["result"], secrets.values())
        return PythonResult(result, printed, done.stderr.cut, round(done.seconds, 3))
    raise _failure(masked(answer, secrets.values()), done.code, printed.strip()[-_SHOWN:])


def _job(code: str, file: Path | None, inputs: Mapping[str, Any], arguments: list[str]) -> bytes:
    """What the runner reads from its standard input."""
    if file is not None:
        with file_errors(file, "read"), open(file, "rb"):
            pass
    data = encode(dict(inputs))
    if '{"$":"secret"' in data:
        raise BusinessError(
            say("an input of the script is a secret, which is not handed over like this"),
            hint=say("Name it under secret environment variables, and read it from `os.environ`."),
        )
    job = {"code": None if file else code, "file": str(file) if file else "", "inputs": data, "arguments": arguments}
    return json.dumps(job).encode("ascii")


def _answer(text: bytes) -> dict[str, Any]:
    """What the runner wrote to its standard output; nothing if it did not come to that."""
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    if not isinstance(found, dict):
        return {}
    return {**found, "result": decode(found["result"])} if "result" in found else found


def _failure(answer: Mapping[str, Any], code: int, tail: str) -> ActivityError:
    """What a person is told of a script that gave no result."""
    kind = answer.get("kind")
    line = answer.get("line")
    message = answer.get("message", "")
    if kind == "result":
        return BusinessError(
            say("what the script left in `result` cannot be handed on: {message}", message=message),
            hint=say("Leave numbers, text, dates, lists and mappings of them."),
        )
    if kind == "business" and answer["type"] == "BusinessError":
        if message or not line:
            return BusinessError(message or say("the script found its data wrong"))
        return BusinessError(say("the script found its data wrong in line {line}", line=line))
    if kind == "business":
        wrong = say("the script cannot be read: {message}", message=message)
        if line:
            wrong = say("the script cannot be read in line {line}: {message}", line=line, message=message)
        return BusinessError(wrong, hint=say("Correct the code."))
    if kind == "system":
        said = f"{answer['type']}: {message}" if message else answer["type"]
        failed = say("the script failed with {said}", said=said)
        if line:
            failed = say("the script failed in line {line} with {said}", line=line, said=said)
    elif answer.get("exit"):
        failed = say("the script ended with exit code {code}", code=answer["code"])
    else:
        failed = say("the script {ended} and gave no result", ended=process.ended(code))
    return SystemFault(process.with_output(failed, tail))
