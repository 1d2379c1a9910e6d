"""A whole form filled from a mapping of labels to values, wherever its fields stand this time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from datetime import time as daytime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from engine.activities.browser.faults import is_passing, reason_of
from engine.activities.browser.fields import text_of
from engine.activities.browser.finding import find
from engine.activities.browser.scan import HIDE, RESOLVE
from engine.activities.browser.session import DEFAULT, Browser, Patience, Session, using
from engine.activities.browser.target import HELP, AsTarget, Target
from engine.core.secrets import redact
from engine.core.sentences import joined, say
from engine.sdk import ActivityError, BusinessError, Context, Credential, Effect, Param, SystemFault, activity
from engine.sdk.files import file_error

if TYPE_CHECKING:
    from playwright.async_api import ElementHandle, Frame, JSHandle

_SETTLING = 1.0
"""Seconds for which a label that is not there is waited for at least: a form is often drawn in steps."""
_SLICE = 3_000.0
_HELD = """els => els.map(el => el.isConnected ? ('value' in el ? el.value : el.innerText) : null)"""
_TYPED = frozenset(("date", "time", "datetime-local", "month", "week", "number", "range", "color"))
_YES = frozenset({"true", "yes", "on", "1", "x", "checked"})
_NO = frozenset({"false", "no", "off", "0", "", "unchecked"})


@dataclass(frozen=True)
class FilledForm:
    """The labels that were filled in, and of what kind each field is."""

    fields: dict[str, str]
    count: int


@dataclass(frozen=True)
class _Entry:
    """What is to be put under a label."""

    label: str
    value: Any
    secret: bool = False


@dataclass(frozen=True)
class _Place:
    """Where a label leads: the kind of the field, its elements, and what each is called where there are several."""

    label: str
    kind: str
    elements: list[ElementHandle]
    options: list[list[str]]


@activity(
    "browser.fill_form",
    label="Fill form",
    icon="list-bullets",
    effect=Effect.IDEMPOTENT,
    keywords=("fields", "type", "enter", "input", "labels", "data"),
)
async def fill_form(
    ctx: Context,
    values: Annotated[
        dict[str, Any], Param("Values", "Under the label of each field; a list where several are chosen.", kind="table")
    ],
    files: Annotated[
        dict[str, Path], Param("Files", "Under the label of the field that takes it.", kind="table", advanced=True)
    ] = {},  # noqa: B006 - bound as a copy
    credential: Annotated[Credential | None, Param("Credential", "To sign in with.")] = None,
    secrets: Annotated[
        dict[str, str],
        Param(
            "From the credential",
            "Which part of it belongs under which label; such as Password: password.",
            "Password: password",
            kind="table",
        ),
    ] = {},  # noqa: B006 - bound as a copy
    within: Annotated[
        AsTarget | None, Param("Only inside", f"The form, where there are several. {HELP}", advanced=True)
    ] = None,
    timeout: Patience = None,
    session: Session = DEFAULT,
) -> FilledForm:
    """Fill in the fields of a form by their labels, all of them or none.

    A label is tied to its field, or only stands near it: to the left, above, or to the right of a box. Upper and lower
    case, a colon and a star do not matter. Texts, numbers, dates, lists to choose from, boxes (yes or no), radio
    buttons and files are filled in as a person does. Where a label is missing, or means several fields, nothing is
    filled in, and the error lists the labels that there are.
    The output holds `fields`, the kind of each, and `count`.
    """
    entries = [_Entry(label, value) for label, value in values.items()]
    for label, path in files.items():
        if not path.is_file():
            raise file_error(FileNotFoundError(), path, "read")
        entries.append(_Entry(label, path))
    parts = secrets
    if credential is not None:
        if not parts:
            raise BusinessError(
                say("it is not said under which labels the parts of the credential belong"),
                hint=say("Such as User name: username, and Password: password."),
            )
        entries += [_Entry(label, *text_of(credential, part)) for label, part in parts.items()]
    async with using(ctx, session) as browser:
        until = browser.until(timeout)
        kinds: dict[str, str] = {}
        while entries:
            places = await _resolve(browser, entries, within, until)
            lost = ""
            for place, entry in zip(places, entries, strict=True):
                kinds[place.label] = place.kind
                if not await _put(browser, place, entry, until):
                    lost = entry.label
                    break
            lost = lost or await _lost(places, entries)
            await _forget(places)
            if lost and time.monotonic() >= until:
                raise SystemFault(
                    say("the field {label!r} does not keep what is put into it", label=lost),
                    hint=say("See in the picture what the page shows; the page may be drawing the form anew."),
                )
            if not lost:
                break
            await asyncio.sleep(0.1)
        return FilledForm(kinds, len(kinds))


async def _resolve(browser: Browser, entries: list[_Entry], within: Target | None, until: float) -> list[_Place]:
    """Where all the labels lead, in one look at the page. Raises `BusinessError` where that is not clear in the end."""
    labels = [entry.label for entry in entries]
    pause, first = 0.03, time.monotonic()
    while True:
        best: tuple[int, dict[str, Any]] | None = None
        for frame, root in await _roots(browser, within, until):
            told, elements = await _look(frame, root, labels)
            if told is None:
                continue
            unclear = sum(one["count"] != 1 for one in told["told"])
            if not unclear:
                return [
                    _Place(
                        one["label"],
                        one["kind"],
                        elements[one["first"] : one["first"] + max(1, len(one["options"]))],
                        one["options"],
                    )
                    for one in told["told"]
                ]
            if best is None or unclear < best[0]:
                best = unclear, told
        now = time.monotonic()
        several = best is not None and any(one["count"] > 1 for one in best[1]["told"])
        if now >= until or (several and now - first >= _SETTLING):
            raise _unclear(best[1] if best else {"told": [], "known": []}, labels)
        await asyncio.sleep(min(pause, max(0.0, until - now)))
        pause = min(pause * 1.6, 0.3)


async def _roots(browser: Browser, within: Target | None, until: float) -> list[tuple[Frame, ElementHandle | None]]:
    if within is None:
        return [(frame, None) for frame in browser.page.frames if not frame.is_detached()]
    found = await find(browser, within, until)
    handle = await found.locator.element_handle(timeout=_SLICE)
    frame = await handle.owner_frame()
    return [(frame or browser.page.main_frame, handle)]


async def _look(
    frame: Frame, root: ElementHandle | None, labels: list[str]
) -> tuple[dict[str, Any] | None, list[ElementHandle]]:
    from playwright.async_api import Error

    try:
        run = f"([root, labels]) => ({RESOLVE})(root, labels)"
        array: JSHandle = await frame.evaluate_handle(run, [root, labels])
        found = list((await array.get_properties()).values())
        told: dict[str, Any] = await found[0].json_value()
        return told, [one for one in (handle.as_element() for handle in found[1:]) if one is not None]
    except Error as error:
        if is_passing(error) or frame.is_detached():
            return None, []
        raise


def _unclear(told: dict[str, Any], labels: list[str]) -> ActivityError:
    by_label = {one["label"]: one for one in told["told"]}
    wrong = []
    for label in labels:
        one = by_label.get(label)
        if one is None or not one["count"]:
            wrong.append(say("no field has the label {label!r}", label=label))
        elif one["count"] > 1:
            shown = ", ".join(one["shown"])
            wrong.append(
                say("{count} fields have the label {label!r} ({shown})", count=one["count"], label=label, shown=shown)
            )
    known = ", ".join(redact(one) for one in told["known"])
    if not known:
        return SystemFault(
            say("there is no form on the page: it has no fields"),
            hint=say("See in the picture what the page shows; allow more time."),
        )
    return BusinessError(
        say("nothing was filled in: {wrong}", wrong=joined(wrong, "; ")),
        hint=say("The labels are: {names}.", names=known),
    )


async def _put(browser: Browser, place: _Place, entry: _Entry, until: float) -> bool:
    """Put a value into its field. Gives False if the field went away meanwhile."""
    from playwright.async_api import Error
    from playwright.async_api import TimeoutError as Overdue

    while True:
        limit = min(max(until - time.monotonic(), 0.1) * 1000, _SLICE)
        try:
            await _enter(browser, place, entry, limit)
            return True
        except Error as error:
            text = str(error)
            if is_passing(error) or "detached" in reason_of(error):
                return False
            if "Malformed value" in text or "Cannot type text" in text or "cannot be filled" in text:
                raise _refused(place, entry) from None
            if not isinstance(error, Overdue):
                raise
            if time.monotonic() >= until or "did not find some options" in text:
                if place.kind == "select":
                    raise await _no_option(place, entry) from None
                raise SystemFault(
                    say(
                        "the field {label!r} cannot be filled in: {reason}", label=entry.label, reason=reason_of(error)
                    ),
                    hint=say("See in the picture what the page shows; do first what enables it."),
                ) from None
            if not await place.elements[0].evaluate("el => el.isConnected"):
                return False


async def _enter(browser: Browser, place: _Place, entry: _Entry, limit: float) -> None:
    element, value = place.elements[0], entry.value
    if entry.secret:
        await element.evaluate(HIDE)
    if place.kind == "select":
        await element.select_option(_texts(value), timeout=limit)
    elif place.kind == "check":
        await _tick(element, _truth(entry), limit)
    elif place.kind in ("radio", "checks"):
        wanted = set(_matches(place, entry))
        for at, one in enumerate(place.elements):
            if place.kind == "checks" or at in wanted:
                await _tick(one, at in wanted, limit)
    elif place.kind == "file":
        await element.set_input_files(value, timeout=limit)
    elif place.kind == "choose":
        await _choose(browser, place, entry, limit)
    else:
        await element.fill(_written(value, place.kind), timeout=limit)


async def _tick(element: ElementHandle, checked: bool, limit: float) -> None:
    visible = await element.is_visible()
    if visible and await element.evaluate("el => getComputedStyle(el).opacity !== '0'"):
        await element.set_checked(checked, timeout=limit)
    elif await element.is_checked() != checked:
        label = (await element.evaluate_handle("el => el.labels && el.labels[0] || el")).as_element()
        if label is not None:
            await label.click(timeout=limit)


async def _choose(browser: Browser, place: _Place, entry: _Entry, limit: float) -> None:
    """A list that the page draws itself: open it and click the option."""
    await place.elements[0].click(timeout=limit)
    option = browser.page.get_by_role("option", name=str(entry.value), exact=True).filter(visible=True)
    await option.first.click(timeout=limit)


def _matches(place: _Place, entry: _Entry) -> list[int]:
    found = []
    for text in _texts(entry.value):
        hits = [at for at, names in enumerate(place.options) if _same(text) in map(_same, names)]
        if len(hits) != 1:
            raise _option_error(entry, [names[0] for names in place.options if names])
        found += hits
    return found


async def _no_option(place: _Place, entry: _Entry) -> BusinessError:
    names = await place.elements[0].evaluate("el => [...el.options].slice(0, 40).map(o => o.label)")
    return _option_error(entry, names)


def _option_error(entry: _Entry, names: list[str]) -> BusinessError:
    shown = ", ".join(_texts(entry.value))
    return BusinessError(
        say("the field {label!r} has no option {value!r}", label=entry.label, value=redact(shown)),
        hint=say("Its options are: {names}.", names=redact(", ".join(names))),
    )


async def _lost(places: list[_Place], entries: list[_Entry]) -> str:
    """The label of a field that was drawn anew, or emptied, after it was filled in. One look at the page."""
    from playwright.async_api import Error

    plain = [
        (place, entry)
        for place, entry in zip(places, entries, strict=True)
        if place.kind == "text" or place.kind in _TYPED
    ]
    if not plain:
        return ""
    try:
        held: list[str | None] = (
            await plain[0][0]
            .elements[0]
            .evaluate(f"(_, els) => ({_HELD})(els)", [place.elements[0] for place, _ in plain])
        )
    except Error as error:
        if not is_passing(error):
            raise
        return plain[0][1].label
    for (place, entry), now in zip(plain, held, strict=True):
        written = _written(entry.value, place.kind)
        if now is None:
            return entry.label
        if written.strip() and not now.strip():
            if place.kind in _TYPED:
                raise _refused(place, entry)
            return entry.label
        if len(now) < len(written) and written.startswith(now):
            raise BusinessError(
                say("the field {label!r} takes {count} characters at most", label=entry.label, count=len(now)),
                hint=say("Shorten the value."),
            )
    return ""


def _refused(place: _Place, entry: _Entry) -> BusinessError:
    return BusinessError(
        say("the field {label!r} does not take this value", label=entry.label),
        hint=say("It is of the kind {kind}.", kind=place.kind),
    )


async def _forget(places: list[_Place]) -> None:
    """Let go of the elements, which the page would keep in memory else."""
    await asyncio.gather(*(one.dispose() for place in places for one in place.elements), return_exceptions=True)


def _texts(value: Any) -> list[str]:
    return [_written(one, "text") for one in (value if isinstance(value, list) else [value])]


def _same(text: str) -> str:
    return " ".join(text.split()).casefold()


def _truth(entry: _Entry) -> bool:
    value = entry.value
    if isinstance(value, bool):
        return value
    word = str(value if value is not None else "").strip().lower()
    if word in _YES or word in _NO:
        return word in _YES
    raise BusinessError(
        say("the field {label!r} is a box: it is checked or not", label=entry.label), hint=say("Give yes or no.")
    )


def _written(value: Any, kind: str) -> str:
    """A value as the browser's own field of that kind takes it, or as a person writes it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, datetime):
        if kind == "date":
            return value.date().isoformat()
        if kind == "time":
            return value.strftime("%H:%M")
        if kind == "datetime-local":
            return value.replace(tzinfo=None).isoformat(timespec="minutes")
    if isinstance(value, date) and not isinstance(value, datetime):
        if kind == "month":
            return value.strftime("%Y-%m")
        if kind == "week":
            year, week, _ = value.isocalendar()
            return f"{year}-W{week:02}"
        return value.isoformat()
    if isinstance(value, daytime):
        return value.strftime("%H:%M")
    if isinstance(value, Mapping):
        raise BusinessError(say("a mapping cannot be put into a field"), hint=say("Give a text, a number or a date."))
    return str(value)
