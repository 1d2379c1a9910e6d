"""`rpa integrations`: the outside systems that steps name, and how they are."""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import AsyncIterator, Coroutine, Iterable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from engine.cli.options import FAILED, INTERRUPTED, SUCCEEDED, Command, Group, add_json, pair
from engine.cli.terminal import Terminal, age, brief, printable
from engine.core import durations
from engine.core.errors import UsageError
from engine.core.secrets import Use
from engine.core.settings import Settings

if TYPE_CHECKING:
    from engine.api import HealthCheck, IntegrationAlert, IntegrationRegistry, IntegrationSummary, Problem

_SIGNS = {"up": "succeeded", "down": "failed", "unknown": "queued"}
_BLOCKS = "▁▂▃▄▅▆▇█"
_SHOWN = 20
_FOREVER = 1e9


@asynccontextmanager
async def _registry(settings: Settings) -> AsyncIterator[IntegrationRegistry]:
    from engine.api import open_integrations
    from engine.cli import asking

    registry = open_integrations(settings, asking.passphrase if asking.somebody() else None)
    try:
        yield registry
    finally:
        await registry.close()


def _run(work: Coroutine[Any, Any, int]) -> int:
    return asyncio.run(work)


def _name(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="the name of the integration")


def _listing(arguments: argparse.Namespace, settings: Settings, terminal: Terminal) -> int:
    async def work() -> int:
        async with _registry(settings) as registry:
            found = await registry.summary()
            problems = (await registry.book()).problems
        if terminal.as_json:
            terminal.document({"integrations": found, "problems": problems})
        elif not found:
            terminal.say("There are no integrations yet; rpa integrations add --help shows how to add one.")
        else:
            table(found, terminal)
        if not terminal.as_json:
            _problems(problems, terminal)
        return SUCCEEDED

    return _run(work())


def _problems(problems: Iterable[Problem], terminal: Terminal) -> None:
    for one in problems:
        line = f"line {one.line}: " if one.line > 1 else ""
        where = ".".join(str(key) for key in one.place[1:])
        hint = f" ({one.hint})" if one.hint else ""
        terminal.say(f"  {one.severity}: {line}{printable(where)}: {printable(one.message + hint)}")


def table(found: list[IntegrationSummary], terminal: Terminal, now: float | None = None) -> None:
    """One line an integration."""
    rows = [
        (
            one.name,
            one.kind,
            "wrong" if one.problem else one.state,
            age(one.since, now) if one.since else "",
            _ms(one.figures.median),
            _ms(one.figures.p95),
            f"{one.figures.good:.1%}" if one.figures.good is not None else "",
            f"{one.figures.calls:,}" if one.figures.calls else "",
            one.breaker if one.breaker != "closed" else "",
            one.problem or (one.said if one.state == "down" else one.address),
        )
        for one in found
    ]
    head = ("NAME", "KIND", "STATE", "SINCE", "MEDIAN", "P95", "GOOD", "CALLS", "", "")
    terminal.table(rows, head, right=(4, 5, 6, 7))


def _ms(value: float | None) -> str:
    return "" if value is None else durations.text(value / 1000)


def _show(arguments: argparse.Namespace, settings: Settings, terminal: Terminal) -> int:
    async def work() -> int:
        async with _registry(settings) as registry:
            entry = (await registry.book()).entry(arguments.name)
            summary = next(one for one in await registry.summary() if one.name == arguments.name)
            changes = await registry.changes(arguments.name, _SHOWN)
        if terminal.as_json:
            terminal.document({"summary": summary, "settings": entry.given, "changes": changes})
            return SUCCEEDED
        sign = terminal.symbol(_SIGNS[summary.state])
        terminal.say(f"{sign} {terminal.style(entry.name, 'bold')}  {entry.kind}")
        for key, value in entry.given.items():
            if key != "kind":
                terminal.say(f"  {key:<12}{brief(value, max(20, terminal.width - 14))}")
        _problems(entry.problems, terminal)
        _figures(summary, terminal)
        for change in changes:
            terminal.say(f"  {_clock(change.at)}  {change.state}: {printable(change.said)}")
        return SUCCEEDED

    return _run(work())


def _figures(summary: IntegrationSummary, terminal: Terminal) -> None:
    figures = summary.figures
    if figures.good is not None:
        times = f", median {_ms(figures.median)}, p95 {_ms(figures.p95)}" if figures.median is not None else ""
        terminal.say(f"  {'24 hours':<12}{figures.checks:,} checks, {figures.good:.1%} good{times}")
    if figures.calls:
        terminal.say(f"  {'':<12}{figures.calls:,} calls, {figures.failed:,} failed")
    if summary.recent and terminal.unicode:
        terminal.say(f"  {'latency':<12}{spark(list(summary.recent))}")


def spark(checks: list[HealthCheck]) -> str:
    """The latency of checks as a line of blocks; a failed one is a cross."""
    most = max((check.ms for check in checks if check.good), default=0.0) or 1.0
    return "".join(_BLOCKS[min(7, int(check.ms / most * 7.99))] if check.good else "×" for check in checks)


def _set_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--credential", metavar="NAME", help="the credential that signs in, by its name in the vault")
    parser.add_argument(
        "--set",
        metavar="KEY=VALUE",
        action="append",
        default=[],
        help="any other key, such as rate=100/min, timeout=10s, headers.Accept=text/xml, health.every=5m",
    )
    add_json(parser)


def _all_kinds() -> tuple[str, ...]:
    from engine.api import INTEGRATION_KINDS

    return tuple(INTEGRATION_KINDS)


def _add_options(parser: argparse.ArgumentParser) -> None:
    _name(parser)
    kinds = _all_kinds()
    parser.add_argument("kind", metavar="KIND", choices=kinds, help=", ".join(kinds))
    parser.add_argument("address", metavar="ADDRESS", help="where it is, such as https://api.example.com/v1/")
    _set_options(parser)


def _add(arguments: argparse.Namespace, settings: Settings, terminal: Terminal) -> int:
    given: dict[str, Any] = {"kind": arguments.kind, "address": arguments.address}
    return _put(arguments, settings, terminal, given, new=True)


def _edit_options(parser: argparse.ArgumentParser) -> None:
    _name(parser)
    parser.add_argument("--address", metavar="ADDRESS", help="where it is")
    parser.add_argument("--unset", metavar="KEY", action="append", default=[], help="take a key out, such as rate")
    _set_options(parser)


def _edit(arguments: argparse.Namespace, settings: Settings, terminal: Terminal) -> int:
    from engine.core.values import plain

    async def current() -> dict[str, Any]:
        async with _registry(settings) as registry:
            found: dict[str, Any] = plain((await registry.book()).entry(arguments.name).given)
            return found

    given = asyncio.run(current())
    if arguments.address is not None:
        given["address"] = arguments.address
    for key in arguments.unset:
        _unset(given, key)
    return _put(arguments, settings, terminal, given, new=False)


def _put(
    arguments: argparse.Namespace, settings: Settings, terminal: Terminal, given: dict[str, Any], *, new: bool
) -> int:
    if arguments.credential is not None:
        given["credential"] = arguments.credential
    for text in arguments.set:
        key, value = pair(text, "--set", "rate=100/min")
        _assign(given, key, value)

    async def work() -> int:
        async with _registry(settings) as registry:
            entry = await registry.put(arguments.name, given, new=new)
        if terminal.as_json:
            terminal.document({"name": entry.name, "settings": entry.given, "problems": entry.problems})
            return SUCCEEDED
        terminal.say(f"{'Added' if new else 'Changed'} {printable(entry.name)} in {registry.path}.")
        _problems(entry.problems, terminal)
        terminal.say(f"  see whether it works:  rpa integrations test {printable(entry.name)}")
        return SUCCEEDED

    return _run(work())


def _assign(given: dict[str, Any], key: str, text: str) -> None:
    """Put a value, written as in the file, at a key such as `health.every`. Raises `UsageError`."""
    from engine.api import parse

    place, *rest = key.split(".", 1)
    if rest:
        inner = given.setdefault(place, {})
        if not isinstance(inner, dict):
            raise UsageError(f"--set {key}: {place} holds a value, and no keys")
        # The name of a header may hold a dot; only the first one divides.
        inner[rest[0]] = text if place == "headers" else parse(f"value: {text}", f"--set {key}").data["value"]
    else:
        given[place] = parse(f"value: {text}", f"--set {key}").data["value"]


def _unset(given: dict[str, Any], key: str) -> None:
    place, *rest = key.split(".", 1)
    inner = given.get(place) if rest else given
    name = rest[0] if rest else place
    if not isinstance(inner, dict) or name not in inner:
        raise UsageError(f"--unset {key}: there is no such key")
    del inner[name]


def _remove(arguments: argparse.Namespace, settings: Settings, terminal: Terminal) -> int:
    async def work() -> int:
        async with _registry(settings) as registry:
            await registry.remove(arguments.name)
        if terminal.as_json:
            terminal.document({"name": arguments.name, "removed": True})
        else:
            terminal.say(f"Removed {printable(arguments.name)}; its credential is still in the vault.")
        return SUCCEEDED

    return _run(work())


def _test(arguments: argparse.Namespace, settings: Settings, terminal: Terminal) -> int:
    async def work() -> int:
        stages = []
        async with _registry(settings) as registry:
            async for stage in registry.test(arguments.name, Use("rpa integrations test")):
                stages.append(stage)
                if not terminal.as_json:
                    sign = terminal.symbol("succeeded" if stage.good else "failed")
                    terminal.say(f"{sign} {stage.name:<12}{printable(stage.said)}  ({durations.text(stage.ms / 1000)})")
                    if stage.hint:
                        terminal.say(f"  {'':<12}hint: {printable(stage.hint)}")
        good = all(stage.good for stage in stages)
        if terminal.as_json:
            terminal.document({"name": arguments.name, "works": good, "stages": stages})
        elif good:
            terminal.say("It works.")
        return SUCCEEDED if good else FAILED

    return _run(work())


def _health_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", nargs="?", help="only this one, with its last checks")
    parser.add_argument("--now", action="store_true", help="check first, and fail where something is down")
    add_json(parser)


def _health(arguments: argparse.Namespace, settings: Settings, terminal: Terminal) -> int:
    async def work() -> int:
        bad: list[str] = []
        async with _registry(settings) as registry:
            entries = await registry.entries()
            if arguments.name is not None:
                entries = {arguments.name: (await registry.book()).entry(arguments.name)}
            if arguments.now:
                names = [name for name, entry in entries.items() if entry.adapter is not None]
                checks = await asyncio.gather(*map(registry.check, names))
                bad = [name for name, check in zip(names, checks, strict=True) if not check.good]
            found = [one for one in await registry.summary() if one.name in entries]
        if terminal.as_json:
            terminal.document(found)
        elif arguments.name is not None:
            _figures(found[0], terminal)
            for check in reversed(found[0].recent[-_SHOWN:]):
                sign = terminal.symbol("succeeded" if check.good else "failed")
                terminal.say(
                    f"{sign} {_clock(check.at)}  {durations.text(check.ms / 1000):>6}  {printable(check.said)}"
                )
            if not found[0].recent:
                terminal.say("It was never checked; rpa integrations health --now does it.")
        elif found:
            table(found, terminal)
        return FAILED if bad else SUCCEEDED

    return _run(work())


def _watch_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--for", dest="length", metavar="TIME", type=_length, default=None, help="end after that long, such as 10m"
    )
    add_json(parser)


def _length(text: str) -> float:
    try:
        return durations.seconds(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _watch(arguments: argparse.Namespace, settings: Settings, terminal: Terminal) -> int:
    alerts: list[IntegrationAlert] = []

    def told(alert: IntegrationAlert) -> None:
        alerts.append(alert)
        sign = terminal.symbol(_SIGNS[alert.state])
        lasted = f" after {durations.text(alert.lasted)}" if alert.lasted else ""
        terminal.say(
            f"{_clock(alert.at)} {sign} {printable(alert.name)} is {alert.state}{lasted}: {printable(alert.said)}"
        )

    async def work() -> int:
        async with _registry(settings) as registry:
            names = [name for name, entry in (await registry.entries()).items() if entry.adapter is not None]
            terminal.say(f"Watching {len(names)} integration{'' if len(names) == 1 else 's'}; Ctrl+C ends it.")
            registry.subscribe(told)
            registry.watch()
            await asyncio.sleep(arguments.length if arguments.length is not None else _FOREVER)
        return SUCCEEDED

    try:
        code = _run(work())
    except KeyboardInterrupt:
        code = INTERRUPTED
    if terminal.as_json:
        terminal.document(alerts)
    return code


def _kinds_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("kind", metavar="KIND", nargs="?", choices=_all_kinds(), help="one of them, with all its keys")
    add_json(parser)


def _kinds(arguments: argparse.Namespace, settings: Settings, terminal: Terminal) -> int:
    from engine.api import integration_schema

    if terminal.as_json:
        terminal.document(integration_schema(arguments.kind or ""))
        return SUCCEEDED
    if arguments.kind is None:
        for kind in _all_kinds():
            shown = integration_schema(kind)
            example = shown["properties"]["address"]["examples"][0]
            terminal.say(f"  {kind:<12}{shown['title']:<16}{example}")
        return SUCCEEDED
    _keys(integration_schema(arguments.kind)["properties"], "", terminal)
    return SUCCEEDED


def _keys(properties: dict[str, Any], before: str, terminal: Terminal) -> None:
    for name, one in properties.items():
        if "properties" in one:
            _keys(one["properties"], f"{before}{name}.", terminal)
        elif name != "kind":
            words = ". ".join(part.rstrip(".") for part in (one.get("title"), one.get("description")) if part)
            terminal.say(f"  {before + name:<22}{words}")


def _clock(at: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(at))


def _named(parser: argparse.ArgumentParser) -> None:
    _name(parser)
    add_json(parser)


_CRM = "rpa integrations add crm rest https://crm.example/ --credential crm --set rate=100/min"
COMMANDS = (
    Group(
        "integrations",
        "outside systems that steps name, and how they are",
        (
            Command("integrations list", "list them with their health", "rpa integrations list", add_json, _listing),
            Command("integrations show", "show one of them", "rpa integrations show crm", _named, _show),
            Command("integrations add", "add one", _CRM, _add_options, _add),
            Command(
                "integrations edit",
                "change one",
                "rpa integrations edit crm --set health.path=status --unset rate",
                _edit_options,
                _edit,
            ),
            Command("integrations remove", "remove one", "rpa integrations remove crm", _named, _remove),
            Command(
                "integrations test",
                "tell what of a connection works and what does not",
                "rpa integrations test crm",
                _named,
                _test,
            ),
            Command(
                "integrations health",
                "tell how they were lately, or check them now",
                "rpa integrations health --now",
                _health_options,
                _health,
            ),
            Command(
                "integrations watch",
                "check them again and again, and tell when one turns",
                "rpa integrations watch --for 10m",
                _watch_options,
                _watch,
            ),
            Command(
                "integrations kinds",
                "list the kinds there are, or the keys of one",
                "rpa integrations kinds rest",
                _kinds_options,
                _kinds,
            ),
        ),
    ),
)
