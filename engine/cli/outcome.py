"""How an execution ended, for a tired person: what, where, and the command to type next."""

from __future__ import annotations

import os
import shlex
from typing import Any

from engine.api import Client, Doubt, Outcome
from engine.cli.options import FAILED, INTERRUPTED, RESUMABLE, SUCCEEDED
from engine.cli.terminal import Terminal, age, brief, printable, short
from engine.core import durations, settings
from engine.core.settings import Settings
from engine.core.values import ArtifactRef

_LONGEST = 2000
"""Characters of a text that are shown of an output."""


def code(outcome: Outcome) -> int:
    """The exit code."""
    if outcome.status == "succeeded":
        return SUCCEEDED
    if outcome.status in ("failed", "cancelled"):
        return FAILED
    return INTERRUPTED if outcome.status in ("paused", "running", "queued") else RESUMABLE


async def fetched(client: Client, value: Any) -> Any:
    """`value` with what is kept apart put back in its place."""
    if isinstance(value, ArtifactRef):
        return await fetched(client, await client.value(value))
    if isinstance(value, dict):
        return {key: await fetched(client, item) for key, item in value.items()}
    if isinstance(value, list):
        return [await fetched(client, item) for item in value]
    return value


def document(outcome: Outcome) -> dict[str, Any]:
    """The last document of `run` and `resume`."""
    return {
        "execution": outcome.execution,
        "workflow": outcome.workflow,
        "status": outcome.status,
        "output": outcome.output,
        "error": outcome.error,
        "in_doubt": list(outcome.in_doubt),
        "duration_ms": outcome.duration_ms,
    }


def command(settings_: Settings, *words: str) -> str:
    """A command to type, with the home folder where it was given by a flag."""
    if settings_.origin.get("home") == settings.flag("home"):
        words = (*words, "--home", str(settings_.home))
    return "rpa " + " ".join(quoted(word) for word in words)


def quoted(word: str) -> str:
    """A word as the shell of this system takes it."""
    if os.name != "nt":
        return shlex.quote(word)
    return f'"{word}"' if not word or set(word) & set(" &()[]{}^=;!'+,`~") else word


def show(outcome: Outcome, settings_: Settings, terminal: Terminal) -> None:
    """Print it."""
    name = printable(outcome.workflow) or "the workflow"
    id_ = short(outcome.execution)
    took = durations.text(outcome.duration_ms / 1000)
    status = outcome.status.replace("_", " ")
    head = f"{terminal.symbol(outcome.status)} {terminal.style(name, 'bold')} "
    terminal.say()
    if outcome.status == "succeeded":
        terminal.say(f"{head}succeeded in {took}  (execution {id_})")
        outputs(outcome.output, terminal)
    elif outcome.status == "failed":
        terminal.say(f"{head}failed after {took}  (execution {id_})")
        failure(outcome.error or {}, terminal)
        terminal.say("  see what happened:          " + command(settings_, "show", id_))
        terminal.say("  mended? go on from there:   " + command(settings_, "fork", id_))
    elif outcome.status == "cancelled":
        terminal.say(f"{head}was cancelled after {took}  (execution {id_})")
    elif outcome.status == "in_doubt":
        terminal.say(f"{head}is in doubt  (execution {id_})")
        for doubt in outcome.in_doubt:
            _doubt(doubt, outcome, settings_, terminal)
    elif outcome.status == "waiting":
        when = f"until {_clock(outcome.wake_at)} ({age(outcome.wake_at)})" if outcome.wake_at else "for an answer"
        terminal.say(f"{head}waits {when}  (execution {id_})")
        terminal.say("  go on then, or now to wait here:  " + command(settings_, "resume", id_))
    else:
        stands = "runs in another process, or was cut off" if outcome.status == "running" else f"is {status}"
        terminal.say(f"{head}{stands}; nothing is lost  (execution {id_})")
        terminal.say("  go on with:  " + command(settings_, "resume", id_))


def stopped(execution: str, settings_: Settings, terminal: Terminal) -> None:
    """Print what to do after a stop at once."""
    if not execution:
        terminal.say("Stopped before anything was started.")
        return
    terminal.say("Stopped at once; what was finished is kept.")
    terminal.say("  go on with:  " + command(settings_, "resume", short(execution)))


def outputs(output: Any, terminal: Terminal) -> None:
    """The outputs as a list. Texts are whole, so that a path can be copied."""
    if isinstance(output, dict) and output:
        width = max(len(printable(str(name))) for name in output)
        for name, value in output.items():
            terminal.say(f"  {printable(str(name)):<{width}}  {_shown(value, terminal.width - width - 4)}")
    elif output not in (None, {}, []):
        terminal.say(f"  {_shown(output, terminal.width - 2)}")


def failure(error: dict[str, Any], terminal: Terminal) -> None:
    """What went wrong, where, and the hint."""
    where = f"step {printable(str(error['step']))}: " if error.get("step") else ""
    terminal.say(f"  {where}{printable(str(error.get('message', 'no reason is known')))}")
    if error.get("expression"):
        terminal.say(f"  in the expression: {{{{ {brief(str(error['expression']).strip(), 70)} }}}}")
    if error.get("hint"):
        terminal.say(f"  hint: {printable(str(error['hint']))}")


def _doubt(doubt: Doubt, outcome: Outcome, settings_: Settings, terminal: Terminal) -> None:
    id_ = short(outcome.execution)
    when = f" {age(doubt.started_at)}" if doubt.started_at else ""
    terminal.say(
        f"  The step {terminal.style(printable(doubt.step), 'bold')} ({doubt.activity}) started{when} and was cut off."
    )
    terminal.say("  Nobody knows whether it took effect, so it was not repeated.")
    if doubt.parameters:
        terminal.say(f"  It was about to use:  {brief(doubt.parameters, _LONGEST)}")
    terminal.say("  Look there, then type one of these:")
    for decision, meaning in (
        ("done", "it took effect: go on (add --output JSON if later steps need its output)"),
        ("retry", "it did not: do it again"),
        ("fail", "neither: let the step fail"),
    ):
        terminal.say(f"    # {meaning}")
        terminal.say("    " + command(settings_, "resume", id_, "--decide", f"{doubt.step}={decision}"))


def _shown(value: Any, width: int) -> str:
    return brief(value, _LONGEST if isinstance(value, str) else max(20, width))


def _clock(at: float) -> str:
    import time

    return time.strftime("%Y-%m-%d %H:%M", time.localtime(at))
