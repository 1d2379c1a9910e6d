"""What Playwright and the browser say when something fails, as errors that say what happened and what to do."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from engine.core.secrets import redact
from engine.core.sentences import say
from engine.sdk import ActivityError, BusinessError, StepTimeout, SystemFault

if TYPE_CHECKING:
    from engine.activities.browser.session import Browser

CLOSED = (
    "has been closed",
    "has disconnected",
    "Connection closed",
    "Target closed",
    "Browser closed",
    "browser has been",
)
PASSING = (
    "Execution context was destroyed",
    "Cannot find context",
    "Frame was detached",
    "frame was detached",
    "not attached to the DOM",
    "is detached",
    "Element is not attached",
    "interrupted by another navigation",
    "because of a navigation",
    "Unable to adopt element handle",
    "Node is detached",
    "strict mode violation",
)
"""What passes when it is looked again: the page was just changing."""
_NET = re.compile(r"net::(ERR_[A-Z_]+)")
_REASONS = (
    (re.compile(r"(<[^>]*>).* intercepts pointer events"), say("something lies over it")),
    (re.compile(r"element is not enabled"), say("it is disabled")),
    (re.compile(r"element is not editable"), say("it is read-only")),
    (re.compile(r"element is not visible"), say("it is not visible")),
    (re.compile(r"element is not stable"), say("it keeps moving")),
    (re.compile(r"outside of the viewport"), say("it is outside the window")),
    (re.compile(r"detached from the DOM"), say("it disappeared")),
    (re.compile(r"did not find some options|option being selected"), say("it has no such option")),
)
_UNREACHED = {
    "NAME_NOT_RESOLVED": say("there is no such name"),
    "CONNECTION_REFUSED": say("it refuses the connection"),
    "CONNECTION_RESET": say("the connection broke"),
    "CONNECTION_CLOSED": say("the connection broke"),
    "EMPTY_RESPONSE": say("it closed the connection without an answer"),
    "CONNECTION_TIMED_OUT": say("it does not answer"),
    "TIMED_OUT": say("it does not answer"),
    "ADDRESS_UNREACHABLE": say("no way leads there"),
    "INTERNET_DISCONNECTED": say("there is no network"),
    "NETWORK_CHANGED": say("the network changed"),
    "PROXY_CONNECTION_FAILED": say("the proxy does not answer"),
    "TUNNEL_CONNECTION_FAILED": say("the proxy refuses the connection"),
}


def first_line(error: BaseException) -> str:
    """What an error of Playwright says, in one line without secrets."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return redact(re.sub(r"^[\w.]+: (Error: )?", "", lines[0]) if lines else type(error).__name__)[:300]


def is_closed(error: BaseException) -> bool:
    """Whether it says that the browser, its tab or its driver is gone."""
    return any(mark in str(error) for mark in CLOSED)


def is_passing(error: BaseException) -> bool:
    """Whether it says that the page was just changing."""
    return any(mark in str(error) for mark in PASSING)


def acted(error: BaseException) -> bool:
    """Whether the mouse or keyboard was used before it failed, so that the page may have acted on it."""
    text = str(error)
    return "performing" in text and "action" in text.partition("performing")[2]


def reason_of(error: BaseException) -> str:
    """Why an element could not be used, from the end of what Playwright tried."""
    for line in reversed(str(error).splitlines()):
        for pattern, reason in _REASONS:
            found = pattern.search(line)
            if found:
                if found.groups():
                    return say("{reason}: {what}", reason=reason, what=redact(found[1])[:200])
                return reason
    return say("it was not ready in time")


def shown_address(address: str) -> str:
    """An address for a message: without user, password, query and fragment, where secrets live."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return redact(address.partition("?")[0][:200])
    if not parts.netloc:
        return redact(address.partition("?")[0][:200]) if parts.scheme != "data" else "data:"
    return redact(f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"[:300])


def gone(browser: Browser) -> ActivityError:
    """The browser was closed, was killed, or its display went away."""
    return SystemFault(
        say("the browser {name!r} is gone: it was closed, crashed or was killed", name=browser.name),
        hint=say(
            "Put the steps that need it into the body of Use browser, and let that step be retried; "
            "if it is visible, see that the screen is still there."
        ),
    )


def fault(error: Exception, browser: Browser, address: str = "") -> ActivityError:
    """What a failure of Playwright means."""
    if isinstance(error, ActivityError):
        return error
    text = str(error)
    if "Page crashed" in text or "Target crashed" in text or browser.crashed:
        return SystemFault(
            say("the page crashed in the browser {name!r}", name=browser.name),
            hint=say("It may have run out of memory; open it again."),
        )
    if is_closed(error):
        if browser.lost or not browser.pages:
            return gone(browser)
        return SystemFault(
            say("the tab was closed while the step used it"), hint=say("Switch to another tab before this step.")
        )
    net = _NET.search(text)
    if net:
        return _network(net[1].removeprefix("ERR_"), shown_address(address or browser.page.url))
    if "invalid URL" in text:
        return BusinessError(
            say("{address!a} is not an address", address=shown_address(address)),
            hint=say("An address looks like https://host/path."),
        )
    if type(error).__name__ == "TimeoutError":
        return StepTimeout(
            say("the page {address} was not ready in time", address=shown_address(address or browser.page.url)),
            hint=say("Allow more time."),
        )
    return SystemFault(say("the browser reports: {reason}", reason=first_line(error)))


def _network(code: str, address: str) -> ActivityError:
    if code.startswith(("CERT_", "SSL_")):
        why = {
            "CERT_DATE_INVALID": say("its certificate has expired, or the clock of this computer is wrong"),
            "CERT_COMMON_NAME_INVALID": say("its certificate is for another name"),
            "CERT_AUTHORITY_INVALID": say("its certificate is signed by nobody this computer trusts"),
        }.get(code, code)
        return SystemFault(
            say("{address} cannot be trusted: {reason}", address=address, reason=why),
            hint=say("Have it renewed; for a test system, open the browser with certificates unchecked."),
        )
    if code == "FILE_NOT_FOUND":
        return BusinessError(say("there is no file {address}", address=address), hint=say("Check the address."))
    if code in ("TOO_MANY_REDIRECTS", "INVALID_URL", "UNKNOWN_URL_SCHEME", "DISALLOWED_URL_SCHEME", "UNSAFE_PORT"):
        return BusinessError(
            say("{address} cannot be opened: {reason}", address=address, reason=code), hint=say("Check the address.")
        )
    if code == "ABORTED":
        return SystemFault(
            say("{address} is no page: loading was broken off, or it is a download", address=address),
            hint=say("Use Download from page for a file."),
        )
    return SystemFault(
        say("{address} cannot be reached: {reason}", address=address, reason=_UNREACHED.get(code, code)),
        hint=say("Check the address, and that the system is running."),
    )


def launch_fault(error: Exception, program: str) -> ActivityError:
    """Why a browser could not be started."""
    text = str(error)
    if "Executable doesn't exist" in text or "is not found at" in text:
        return SystemFault(
            say("no browser was found"),
            hint=say("Install Chrome, Edge or Chromium, or type: playwright install chromium"),
        )
    if "DISPLAY" in text or "XServer" in text or "ozone_platform" in text or "cannot open display" in text:
        return SystemFault(
            say("the browser cannot be shown: there is no screen"),
            hint=say("Sign in to a desktop, or let the browser run unseen."),
        )
    if "ProcessSingleton" in text or "SingletonLock" in text or "existing browser session" in text or "in use" in text:
        return SystemFault(
            say("the profile is in use by another browser"),
            hint=say("Close that browser, or name another profile folder."),
        )
    if "No usable sandbox" in text:
        return SystemFault(
            say("{program} cannot start its sandbox on this system", program=program),
            hint=say("Use the browser that comes with the system, or allow user namespaces."),
        )
    library = re.search(r"loading shared libraries: (\S+?):", text)
    if library:
        return SystemFault(
            say("{program} lacks the system library {library}", program=program, library=library[1]),
            hint=say("Type: playwright install-deps chromium"),
        )
    return SystemFault(say("{program} cannot be started: {reason}", program=program, reason=first_line(error)))
