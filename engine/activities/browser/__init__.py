"""The family `browser`: web pages used as a person does, with Playwright. Sees `sdk` and `core` alone.

`target` says how an element is named, `finding` finds it, `session` is the browser between steps, `driver` what drives
it, `faults` what is said when something fails, `scan` what runs inside a page; the others hold the activities.
"""

from __future__ import annotations

from engine.activities.browser.acting import click, drag, hover, press
from engine.activities.browser.fields import check, select, type_text, upload
from engine.activities.browser.files import download, pdf, screenshot
from engine.activities.browser.form import fill_form
from engine.activities.browser.opening import close_browser, open_browser, use
from engine.activities.browser.pages import close_tab, dialogs, go_to, new_tab, switch_tab, tabs
from engine.activities.browser.reading import count, read
from engine.activities.browser.storage import get_cookies, get_storage, run_javascript, set_cookies, set_storage
from engine.activities.browser.table import read_list, read_table
from engine.activities.browser.waiting import wait
from engine.sdk import Family

FAMILY = Family("Browser", icon="browser", order=15, color="web")

__all__ = [
    "check",
    "click",
    "close_browser",
    "close_tab",
    "count",
    "dialogs",
    "download",
    "drag",
    "fill_form",
    "get_cookies",
    "get_storage",
    "go_to",
    "hover",
    "new_tab",
    "open_browser",
    "pdf",
    "press",
    "read",
    "read_list",
    "read_table",
    "run_javascript",
    "screenshot",
    "select",
    "set_cookies",
    "set_storage",
    "switch_tab",
    "tabs",
    "type_text",
    "upload",
    "use",
    "wait",
]
