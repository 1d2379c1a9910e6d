"""`rpa practice`: a shop on this machine to automate against."""

from __future__ import annotations

import argparse
import signal
import threading
from typing import Any

from engine.cli.options import SUCCEEDED, Command
from engine.cli.terminal import Terminal
from engine.core.errors import SystemFault, UsageError
from engine.core.settings import Settings


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=_port, default=0, help="where to serve; 0, as without it, takes a free port")
    parser.add_argument("--seed", type=int, help="the same number gives the same data and the same moving forms")
    parser.add_argument(
        "--slow", type=_number, default=0.0, metavar="SECONDS", help="every page takes that much longer"
    )
    parser.add_argument(
        "--session", type=_number, default=900.0, metavar="SECONDS", help="how long a log-in lasts unused"
    )
    rates = {"429": "too many requests", "503": "service unavailable", "reset": "torn connection"}
    for name, text in rates.items():
        parser.add_argument(
            f"--{name}", dest=f"rate_{name}", type=_number, default=0.0, metavar="RATE",
            help=f"how often a request ends so ({text}), from 0 to 1",
        )  # fmt: skip


def _practice(arguments: argparse.Namespace, settings: Settings, terminal: Terminal) -> int:
    from engine.practice import Faults, PracticeSite

    try:
        faults = Faults(arguments.rate_429, arguments.rate_503, arguments.rate_reset)
    except ValueError as error:
        raise UsageError(f"rpa practice: {error}", hint="write for example --503 0.1") from None
    try:
        site = PracticeSite(
            port=arguments.port, seed=arguments.seed, slow=arguments.slow, session=arguments.session, faults=faults
        )
    except OSError as error:
        raise SystemFault(
            f"port {arguments.port} cannot be used: {error.strerror or error}",
            hint="choose another, or leave out --port for a free one",
        ) from None
    ended = threading.Event()
    before = {number: signal.signal(number, lambda *_: ended.set()) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        with site:
            terminal.say(site.address)
            terminal.say("The practice shop is open. Log in as clerk with the password practice; Ctrl+C closes it.")
            while not ended.wait(0.5):  # a wait without an end would not hear Ctrl+C on Windows
                pass
            _farewell(site.scoreboard(), terminal)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    return SUCCEEDED


def _farewell(board: dict[str, Any], terminal: Terminal) -> None:
    form = board["form"]
    if form["submissions"]:
        terminal.say(
            f"Moving form: {form['correct']} of {form['people']} people, {form['submissions']} submissions, "
            f"{form['wrong']} wrong, {form['duplicates']} once more."
        )


def _port(text: str) -> int:
    if text.isdecimal() and int(text) <= 65_535:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is not a port from 0 to 65535")


def _number(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 86_400:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0 on")
    return value


COMMANDS = (
    Command(
        "practice",
        "serve a shop to practise automation on",
        "rpa practice --port 8020\nrpa practice --seed 7 --slow 0.5 --503 0.05",
        _options,
        _practice,
    ),
)
