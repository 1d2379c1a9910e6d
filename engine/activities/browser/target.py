"""How an element is named: a bundle of ranked candidates, as data that a form, a recorder and a person can write."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BeforeValidator

from engine.core.sentences import say
from engine.sdk import BusinessError, Param

if TYPE_CHECKING:
    from playwright.async_api import FrameLocator, Locator, Page

By = Literal["any", "role", "label", "test_id", "placeholder", "text", "title", "alt", "css", "xpath", "near"]
Direction = Literal["any", "left", "right", "above", "below"]

FIELD_ENGINE = "rpa-field"
"""The selector engine that finds fields by a label that is tied to them or only stands near them; see `scan`."""
_SIDES = {"any": "near", "left": "left-of", "right": "right-of", "above": "above", "below": "below"}
_STANDING = (
    "input, select, textarea, button, a, [contenteditable=true], [role=button], [role=checkbox], [role=combobox]"
)
_ROLES = frozenset(
    [
        "alert",
        "banner",
        "button",
        "cell",
        "checkbox",
        "columnheader",
        "combobox",
        "dialog",
        "form",
        "grid",
        "gridcell",
        "heading",
        "img",
        "link",
        "list",
        "listbox",
        "listitem",
        "main",
        "menu",
        "menubar",
        "menuitem",
        "navigation",
        "option",
        "progressbar",
        "radio",
        "radiogroup",
        "region",
        "row",
        "rowheader",
        "searchbox",
        "slider",
        "spinbutton",
        "status",
        "switch",
        "tab",
        "table",
        "tablist",
        "tabpanel",
        "textbox",
        "toolbar",
        "tree",
        "treeitem",
    ]
)
_KINDS = frozenset(By.__args__)  # type: ignore[attr-defined]
_NAMED = frozenset(("label", "text", "placeholder", "title", "alt"))
_PREFIX = re.compile(r"([a-z_-]+)\s*=(.*)", re.DOTALL)


@dataclass(frozen=True)
class Candidate:
    """One way to find an element."""

    by: Annotated[By, Param("Find by", "any: a label, a text, a placeholder or a title.")]
    value: Annotated[str, Param("What", "The text; a role such as button; a selector; the text it stands near.")] = ""
    name: Annotated[str, Param("Name", "What the element with the role is called.", show_when={"by": ("role",)})] = ""
    direction: Annotated[
        Direction, Param("On which side", "Where it stands, seen from that text.", show_when={"by": ("near",)})
    ] = "any"
    what: Annotated[
        str,
        Param("What stands there", "A CSS selector; empty for a field, button or link.", show_when={"by": ("near",)}),
    ] = ""
    exact: Annotated[bool, Param("Exactly", "The whole text, upper and lower case as they are.")] = False
    nth: Annotated[int | None, Param("Which of several", "From 1; -1 is the last.")] = None
    frame: Annotated[
        str, Param("Frame", "Its name, title or selector; one inside another with >>.", "main >> editor")
    ] = ""

    def __str__(self) -> str:
        """As it can be written in one line."""
        shown = f"{self.value}={self.name}" if self.by == "role" and self.name else f"{self.by}={self.value}"
        if self.by == "any":
            shown = self.value
        if self.direction != "any":
            shown = f"{shown} ({self.direction})"
        if self.nth is not None:
            shown = f"{shown} [{self.nth}]"
        return f"{self.frame} >> {shown}" if self.frame else shown


@dataclass(frozen=True)
class Target:
    """An element, by candidates that are tried in their order until one finds it."""

    candidates: Annotated[list[Candidate], Param("Candidates", "The surest first.")]

    def __str__(self) -> str:
        return " || ".join(map(str, self.candidates))


def parsed(text: str) -> list[Candidate]:
    """The candidates of a text such as `button=Save || css=#save`. Raises `ValueError` for one that says nothing."""
    found = [_candidate(part.strip()) for part in text.split("||") if part.strip()]
    if not found:
        raise ValueError(say("says no element"))
    return found


def _candidate(text: str) -> Candidate:
    frames: list[str] = []
    while text.startswith("frame=") and ">>" in text:
        frame, _, text = text.partition(">>")
        frames.append(frame.removeprefix("frame=").strip())
        text = text.strip()
    frame = " >> ".join(frames)
    prefix = _PREFIX.fullmatch(text)
    if prefix:
        kind, value = prefix[1].replace("-", "_"), prefix[2].strip()
        quoted = len(value) > 1 and value[0] == value[-1] == '"'
        inner = value[1:-1] if quoted else value
        if kind == "role" and inner in _ROLES:
            return Candidate("role", inner, frame=frame)
        if kind in _KINDS and kind != "role":
            return Candidate(kind, inner if kind not in ("css", "xpath") else value, exact=quoted, frame=frame)  # type: ignore[arg-type]
        if kind in _ROLES:
            return Candidate("role", kind, inner, exact=quoted, frame=frame)
    if text.startswith(("//", "(//")):
        return Candidate("xpath", text, frame=frame)
    return Candidate("any", text, frame=frame)


def _target(value: Any) -> Any:
    if isinstance(value, Mapping) and "by" in value:
        value = [value]
    if isinstance(value, str):
        return Target(parsed(value))
    if isinstance(value, (list, tuple)):
        value = {"candidates": value}
    if isinstance(value, Mapping) and isinstance(value.get("candidates"), (list, tuple)):
        spread: list[Any] = []
        for one in value["candidates"]:
            spread.extend(parsed(one) if isinstance(one, str) else [one])
        if not spread:
            raise ValueError(say("says no element"))
        return {**value, "candidates": spread}
    return value


AsTarget = Annotated[Target, BeforeValidator(_target, json_schema_input_type=str | Target)]
"""Parameter: an element, as a text or as a mapping with `candidates`."""

HELP = "A label or text; or button=Save, label=…, text=…, css=…, xpath=…, test_id=…; several with ||, the surest first."
Element = Annotated[AsTarget, Param("Element", HELP, "button=Save || css=#save")]
Field = Annotated[AsTarget, Param("Field", "Its label; or css=…, xpath=…, test_id=…; several with ||.", "First name")]


def expanded(candidate: Candidate, field: bool) -> Iterator[Candidate]:
    """The candidates that one stands for, the surest first: a plain text can mean several things, and what is called
    exactly so is meant rather than what has it in its name."""
    if candidate.by == "label" and field:
        yield replace(candidate, by="near", direction="any", what=FIELD_ENGINE)
    if candidate.by != "any":
        named = candidate.name if candidate.by == "role" else candidate.by in _NAMED
        if named and not candidate.exact:
            yield replace(candidate, exact=True)
        yield candidate
        return
    if field:
        yield replace(candidate, by="near", what=FIELD_ENGINE)
        kinds: tuple[By, ...] = ("label", "placeholder", "title")
    else:
        kinds = ("label", "text", "placeholder", "title")
    for exact in (True, False) if not candidate.exact else (True,):
        for by in kinds:
            yield replace(candidate, by=by, exact=exact)


def described(candidate: Candidate) -> str:
    """What a candidate is called in a message and in the journal."""
    if candidate.what == FIELD_ENGINE:
        return str(replace(candidate, by="label", what=""))
    return str(candidate)


def frame_selector(name: str) -> str:
    """The selector of a frame that is given by its name, id, title or by a selector."""
    if re.fullmatch(r"[\w -]+", name) and name not in ("iframe", "frame"):
        quoted = json.dumps(name)
        return ", ".join(f"{tag}[{by}={quoted}]" for tag in ("iframe", "frame") for by in ("name", "id", "title"))
    return name.removeprefix("css=").strip()


def locator(page: Page, candidate: Candidate) -> Locator:
    """What Playwright looks for. Raises `BusinessError` for a role that there is not."""
    root: Page | FrameLocator = page
    for frame in filter(None, (part.strip() for part in candidate.frame.split(">>"))):
        root = root.frame_locator(frame_selector(frame))
    value, exact = candidate.value, candidate.exact
    found: Locator
    if candidate.what == FIELD_ENGINE:
        found = root.locator(f"{FIELD_ENGINE}={json.dumps(value)}")
    elif candidate.by == "role":
        if value not in _ROLES:
            raise BusinessError(
                say("there is no role {role!r}", role=value), hint=say("Such as button, link, textbox or checkbox.")
            )
        named = {"name": candidate.name, "exact": exact} if candidate.name else {}
        found = root.get_by_role(value, **named)  # type: ignore[arg-type]
    elif candidate.by == "label":
        found = root.get_by_label(value, exact=exact)
    elif candidate.by == "test_id":
        found = root.get_by_test_id(value)
    elif candidate.by == "placeholder":
        found = root.get_by_placeholder(value, exact=exact)
    elif candidate.by == "title":
        found = root.get_by_title(value, exact=exact)
    elif candidate.by == "alt":
        found = root.get_by_alt_text(value, exact=exact)
    elif candidate.by in ("text", "any"):
        found = root.get_by_text(value, exact=exact)
    elif candidate.by == "near":
        anchor = (
            value.removeprefix("css=")
            if value.startswith("css=")
            else f":text{'-is' if exact else ''}({json.dumps(value)})"
        )
        found = root.locator(f"css=:is({candidate.what or _STANDING}):visible:{_SIDES[candidate.direction]}({anchor})")
        return found.nth((candidate.nth or 1) - 1 if (candidate.nth or 1) > 0 else candidate.nth or 0)
    else:
        found = root.locator(f"{candidate.by}={value.removeprefix(f'{candidate.by}=')}")
    if candidate.nth is not None:
        found = found.nth(candidate.nth - 1 if candidate.nth > 0 else candidate.nth)
    return found
