"""Whether the desktop is fit for a run, and what to do if it is not."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import Annotated, Literal

from engine.activities.desktop.platform import Desktop, opened
from engine.core.errors import ActivityError
from engine.core.sentences import say
from engine.sdk import Effect, Param, SystemFault, activity

_NARROWEST, _LOWEST = 1024, 700


@dataclass(frozen=True)
class DesktopFinding:
    """One thing that was looked at: `good`, `note` (worth knowing) or `bad`; what was found, and what to do."""

    name: str
    state: Literal["good", "note", "bad"]
    text: str
    hint: str


@dataclass(frozen=True)
class Checked:
    """Whether desktop steps can run, what was found, and the size and scale of the screen."""

    well: bool
    findings: list[DesktopFinding]
    width: int
    height: int
    scale: float


@activity(
    "desktop.check", label="Check the desktop", icon="monitor", effect=Effect.IDEMPOTENT, resources=("desktop",),
    keywords=("display", "lock", "resolution", "scale", "doctor"),
)  # fmt: skip
def check(
    fail: Annotated[bool, Param("Fail if something is bad", "Else it is only told in the output.")] = True,
    width: Annotated[int | None, Param("Width the screen must have", unit="px", advanced=True)] = None,
    height: Annotated[int | None, Param("Height the screen must have", unit="px", advanced=True)] = None,
    scale: Annotated[float | None, Param("Scale it must have", "Such as 1.25.", advanced=True)] = None,
) -> Checked:
    """Check the display, its lock, size and scale, and the accessibility bus, before desktop steps rely on them.

    The output holds `findings`, each with what to do, and whether all is `well`.
    """
    findings: list[DesktopFinding] = []
    size, scaled = (0, 0), 0.0
    try:
        with opened() as desktop:
            box = desktop.screen.box
            size, scaled = (box.width, box.height), desktop.screen.scale
            findings += _looked(desktop, width, height, scale)
    except ActivityError as error:
        findings.append(DesktopFinding("display", "bad", error.message, error.hint))
    if shutil.which("tesseract") is None:
        text = say("Tesseract, which reads text on the screen, is not installed")
        findings.append(DesktopFinding("text", "note", text, say("Install it: apt install tesseract-ocr")))
    bad = [one for one in findings if one.state == "bad"]
    if bad and fail:
        raise SystemFault(bad[0].text, hint=bad[0].hint)
    return Checked(not bad, findings, *size, scaled)


def _looked(desktop: Desktop, width: int | None, height: int | None, scale: float | None) -> list[DesktopFinding]:
    box, scaled = desktop.screen.box, desktop.screen.scale
    shown = say("{width} × {height} pixels, scale {scale:g}", width=box.width, height=box.height, scale=scaled)
    found = [DesktopFinding("display", "good", shown, "")]
    if (width or box.width, height or box.height) != (box.width, box.height):
        wanted = say("{width} × {height}", width=width or box.width, height=height or box.height)
        found.append(
            DesktopFinding(
                "size",
                "bad",
                say("the screen is {shown}, not {wanted}", shown=shown, wanted=wanted),
                say("Set it: xrandr -s {wanted}", wanted=wanted.replace(" × ", "x")),
            )
        )
    elif box.width < _NARROWEST or box.height < _LOWEST:
        found.append(
            DesktopFinding(
                "size",
                "note",
                say("the screen is small, so windows may not fit"),
                say("Choose a larger size, such as 1920 × 1080."),
            )
        )
    if scale is not None and abs(scaled - scale) > 0.01:
        found.append(
            DesktopFinding(
                "scale",
                "bad",
                say("the screen is scaled by {scale:g}, not by {wanted:g}", scale=scaled, wanted=scale),
                say("Set the scale in the settings of the desktop, then log in again."),
            )
        )
    if desktop.screen.locked():
        found.append(
            DesktopFinding(
                "lock",
                "bad",
                say("the screen is locked, or another program keeps the keyboard to itself"),
                say("Unlock it, and switch its lock off while workflows run."),
            )
        )
    try:
        desktop.accessibility.enable()
        found.append(DesktopFinding("elements", "good", say("the accessibility bus answers"), ""))
    except ActivityError as error:
        found.append(DesktopFinding("elements", "note", error.message, error.hint))
    return found
