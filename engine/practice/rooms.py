"""The practice rooms: one page for each thing that is hard for a robot, and the scoreboard. None needs a log-in."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Mapping
from html import escape
from typing import Any

from engine.practice import form
from engine.practice.faults import KINDS, Faults
from engine.practice.pages import Html, bare, fill, link, page, rows
from engine.practice.state import FOLDER, RESOURCES, State, route
from engine.practice.web import Refused, Reply, Request, as_json, redirect

_WORKBOOK = RESOURCES / "examples" / "rpa-challenge" / "challenge.xlsx"
_STATIC = {
    "site.css": "text/css; charset=utf-8",
    "site.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
}
_LARGEST = 50 << 20
_MOST_ROWS = 100


@route("GET", "/form")
def moving_form(state: State, request: Request) -> Reply:
    ties = form.TIED if request.query.get("labels") == "tied" else form.LABELS
    ticket = state.ticket()
    fields = Html("".join(_field(one) for one in form.placed(ticket, ties)))
    right, of = state.scoreboard.entered()
    saved = request.query.get("saved", "")
    return page(
        "form",
        "Moving form",
        path="/form",
        notice=f"Entry {saved} was saved." if saved.isdecimal() else "",
        fields=fields,
        ticket=ticket,
        button=f"b{random.Random(ticket + 'b').getrandbits(32):08x}",
        labels="tied" if ties is form.TIED else "",
        right=right,
        of=of,
    )


@route("POST", "/form")
def enter(state: State, request: Request) -> Reply:
    values = form.values(request.form)
    if values is None:
        state.scoreboard.count("rejected")
        raise Refused(400, "This is not the form that was loaded: its fields have other names. Load it again.")
    number = state.scoreboard.enter(request.form[form.TICKET][:100], values)
    tied = "&labels=tied" if request.form.get("labels") == "tied" else ""
    return redirect(f"/form?saved={number}{tied}")


def _field(one: form.Placed) -> str:
    label, shape = escape(one.label), "field wide" if one.wide else "field"
    box = f'<input type="text" id="{one.id}" name="{one.name}" autocomplete="off" maxlength="{form.MAX_VALUE}">'
    if one.tie == "for":
        return f'<div class="{shape}"><label for="{one.id}">{label}</label>{box}</div>'
    if one.tie == "around":
        return f'<div class="{shape}"><label><span>{label}</span>{box}</label></div>'
    if one.tie == "loose":
        return f'<div class="{shape}"><label>{label}</label>{box}</div>'
    if one.tie == "text":
        return f'<div class="{shape}"><div class="caption">{label}</div><div>{box}</div></div>'
    return f'<div class="{shape} row"><span class="caption">{label}</span>{box}</div>'


@route("GET", "/people.xlsx")
def workbook(state: State, request: Request) -> Reply:
    return _attachment(
        _WORKBOOK.read_bytes(), "challenge.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    )


@route("GET", "/people.csv")
def people(state: State, request: Request) -> Reply:
    return _attachment((FOLDER / "people.csv").read_bytes(), "people.csv", "text/csv; charset=utf-8")


@route("GET", "/slow")
def slow(state: State, request: Request) -> Reply:
    seconds = request.number("seconds", 3.0, 60.0)
    if "wait" in request.query:
        state.wait(seconds)
    return page("slow", "Slow page", path="/slow", seconds=f"{seconds:g}")


@route("GET", "/slow/report")
def report(state: State, request: Request) -> Reply:
    state.wait(request.number("seconds", 3.0, 60.0))
    lines = [[one.name, one.town, f"{one.balance:,.2f}"] for one in state.shop.customers[:5]]
    return as_json({"rows": lines})


@route("GET", "/frames")
def frames(state: State, request: Request) -> Reply:
    return page("frames", "Frames", path="/frames")


@route("GET", "/frames/outer")
def outer_frame(state: State, request: Request) -> Reply:
    return bare("frame_outer")


@route("GET", "/frames/inner")
def inner_frame(state: State, request: Request) -> Reply:
    saved = request.query.get("saved", "")
    return bare("frame_inner", told=f"Remark {saved} was saved." if saved.isdecimal() else "")


@route("POST", "/frames/inner")
def remark(state: State, request: Request) -> Reply:
    state.scoreboard.note("remarks", text=request.form.get("remark", "")[:1000])
    return redirect(f"/frames/inner?saved={state.scoreboard.shown()['counts']['remarks']}")


@route("GET", "/files")
def files(state: State, request: Request) -> Reply:
    export = _export(state)
    values: dict[str, Any] = {"told": ""}
    digest = request.query.get("uploaded", "")
    kept = state.kept(digest)
    if kept:
        values["told"] = fill("uploaded", name=kept[0], size=len(kept[1]), digest=digest)
    return page(
        "files",
        "Files",
        path="/files",
        export_size=len(export),
        export_digest=hashlib.sha256(export).hexdigest(),
        **values,
    )


@route("POST", "/files")
def upload(state: State, request: Request) -> Reply:
    found = request.uploads
    if not found:
        return redirect("/files")
    for one in found:
        digest = state.keep(one.name, one.content)
        state.scoreboard.note("uploads", name=one.name, size=len(one.content), sha256=digest)
    return redirect(f"/files?uploaded={digest}")


@route("GET", "/files/customers.csv")
def export(state: State, request: Request) -> Reply:
    return _attachment(_export(state), "customers.csv", "text/csv; charset=utf-8")


@route("GET", "/files/uploaded/{digest}")
def uploaded(state: State, request: Request, digest: str) -> Reply:
    kept = state.kept(digest)
    if kept is None:
        raise Refused(404, "There is no such file.")
    return _attachment(kept[1], kept[0], "application/octet-stream")


@route("GET", "/files/large.bin")
def large(state: State, request: Request) -> Reply:
    """A file of `size` bytes that can be had in ranges. With `cut` and `key` the first `times` transfers are torn."""
    size = int(request.number("size", 1 << 20, _LARGEST))
    content = random.Random(f"{state.seed} {size}").randbytes(size)
    tag = f'"{hashlib.sha256(content).hexdigest()}"'
    headers = {"ETag": tag, "Accept-Ranges": "bytes", "Content-Disposition": 'attachment; filename="large.bin"'}
    status, body = 200, content
    start, _, end = request.headers.get("range", "").removeprefix("bytes=").partition("-")
    if start.isdecimal() and request.headers.get("if-range", tag) == tag:
        if int(start) >= size:
            return Reply(b"", 416, "text/plain", {**headers, "Content-Range": f"bytes */{size}"})
        last = min(int(end), size - 1) if end.isdecimal() else size - 1
        status, body = 206, content[int(start) : last + 1]
        headers["Content-Range"] = f"bytes {start}-{last}/{size}"
    cut = None
    times = int(request.number("times", 1, 1000))
    if "cut" in request.query and state.trouble.again("cut " + request.query.get("key", ""), times):
        cut = int(request.number("cut", 0, _LARGEST))
        state.trouble.note("reset")
    return Reply(body, status, "application/octet-stream", headers, cut)


@route("GET", "/scroll")
def scroll(state: State, request: Request) -> Reply:
    return page("scroll", "Long table", path="/scroll", count=len(state.shop.products))


@route("GET", "/scroll/rows")
def scrolled(state: State, request: Request) -> Reply:
    start = int(request.number("from", 0, 1e6))
    count = int(request.number("count", 25, _MOST_ROWS))
    found = state.shop.products[start : start + count]
    return as_json(
        {
            "total": len(state.shop.products),
            "rows": [[one.code, one.name, f"{one.price:.2f}", one.stock] for one in found],
        }
    )


@route("GET", "/dialogs")
def dialogs(state: State, request: Request) -> Reply:
    return page("dialogs", "Dialogs", path="/dialogs")


@route("GET", "/dialogs/tab")
def tab(state: State, request: Request) -> Reply:
    return bare("tab")


@route("POST", "/dialogs")
def answered(state: State, request: Request) -> Reply:
    answer = request.form
    state.scoreboard.note("dialogs", dialog=answer.get("dialog", "")[:20], answer=answer.get("answer", "")[:500])
    return as_json({"noted": True})


@route("GET", "/drag")
def drag(state: State, request: Request) -> Reply:
    return page("drag", "Drag and drop", path="/drag")


@route("POST", "/drag")
def dropped(state: State, request: Request) -> Reply:
    moved = request.form
    state.scoreboard.note("moves", card=moved.get("card", "")[:100], to=moved.get("to", "")[:50])
    return as_json({"noted": True})


@route("GET", "/errors", steady=True)
def errors(state: State, request: Request) -> Reply:
    rates: dict[str, Any] = dict(
        zip(("too_many", "unavailable", "reset"), (f"{rate:g}" for rate in state.trouble.faults.rates), strict=True)
    )
    notice = "The rates were set." if "set" in request.query else ""
    return page("errors", "Errors", path="/errors", notice=notice, slow=f"{state.slow:g}", **rates)


@route("POST", "/errors", steady=True)
def set_errors(state: State, request: Request) -> Reply:
    """Set how often each fault happens and how much longer a page takes, as a form or as JSON."""
    given = request.form
    try:
        now = state.trouble.faults
        rates = {name: float(given.get(name) or getattr(now, name)) for name in ("too_many", "unavailable", "reset")}
        faults = Faults(**rates)
        slow = float(given.get("slow") or state.slow)
        if not 0 <= slow <= 60:
            raise ValueError
    except ValueError:
        raise Refused(
            400, "Rates are numbers from 0 to 1, together no more than 1; seconds are from 0 to 60."
        ) from None
    state.trouble.faults, state.slow = faults, slow
    return redirect("/errors?set=1")


@route("GET", "/unsteady", steady=True)
def unsteady(state: State, request: Request) -> Reply:
    return _unsteady(state, request)


@route("POST", "/unsteady", steady=True)
def unsteady_post(state: State, request: Request) -> Reply:
    return _unsteady(state, request)


def _unsteady(state: State, request: Request) -> Reply:
    """Fails with `kind` the first `times` times that it is asked for with this `key`, and works from then on."""
    kind = request.query.get("kind", "503")
    if kind not in KINDS:
        raise Refused(400, "kind is 429, 503 or reset.")
    if state.trouble.again(f"{kind} {request.query.get('key', '')}"[:200], int(request.number("times", 1, 1000))):
        state.trouble.note(kind)
        return fault(kind)
    if request.method == "POST":
        state.scoreboard.note("unsteady", text=request.body.decode("utf-8", "replace")[:1000])
    return as_json({"well": True})


def fault(kind: str) -> Reply:
    """The reply that a fault gives."""
    if kind == "reset":
        return Reply(status=503, cut=0)
    told = {"429": "Too many requests. Try again in a second.", "503": "The shop is out for a moment."}[kind]
    reply = page("refused", told, status=int(kind), message=told, headers={"Retry-After": "1"})
    return reply


@route("GET", "/scoreboard", steady=True)
def scoreboard(state: State, request: Request) -> Reply:
    shown = state.scoreboard.shown()
    graded: Mapping[str, Any] = shown["form"]
    lines = [
        (
            one["number"],
            one["at"][11:23],
            one["person"] or "nobody of the list",
            Html(_grade(one)),
            ", ".join(one["wrong_fields"]),
        )
        for one in graded["entries"][-200:]
    ]
    other = [
        (name.replace("_", " "), count) for name, count in shown["counts"].items() if name not in ("loads", "entries")
    ]
    faults = [(f"fault {kind}", count) for kind, count in sorted(state.trouble.happened.items())]
    values = {name: graded[name] for name in ("people", "correct", "submissions", "wrong", "duplicates", "rejected")}
    return page(
        "scoreboard",
        "Scoreboard",
        path="/scoreboard",
        **values,
        seconds=f"{graded['seconds']:.1f}",
        missing=", ".join(graded["missing"]) or "nobody",
        rows=rows(lines),
        other=rows(other + faults),
        raw=link("/scoreboard.json", "scoreboard.json"),
    )


def _grade(entry: Mapping[str, Any]) -> str:
    if entry["duplicate"]:
        return '<span class="chip packed">once more</span>'
    return '<span class="chip sent">right</span>' if entry["correct"] else '<span class="chip cancelled">wrong</span>'


@route("GET", "/scoreboard.json", steady=True)
def scoreboard_json(state: State, request: Request) -> Reply:
    return as_json({**state.scoreboard.shown(), "faults": dict(state.trouble.happened)})


@route("POST", "/reset", steady=True)
def reset(state: State, request: Request) -> Reply:
    state.reset()
    return redirect("/scoreboard")


@route("GET", "/static/{name}", steady=True)
def static(state: State, request: Request, name: str) -> Reply:
    if name not in _STATIC:
        raise Refused(404, "There is no such page.")
    return Reply(
        (FOLDER / "static" / name).read_bytes(), media_type=_STATIC[name], headers={"Cache-Control": "max-age=600"}
    )


def _export(state: State) -> bytes:
    lines = [
        f"{one.number},{one.name},{one.email},{one.town},{one.since},{one.balance:.2f}" for one in state.shop.customers
    ]
    return "\r\n".join(["number,name,email,town,since,balance", *lines, ""]).encode()


def _attachment(content: bytes, name: str, media_type: str) -> Reply:
    safe = "".join(letter if letter.isascii() and letter not in '"\\' else "_" for letter in name)
    return Reply(
        content,
        media_type=media_type,
        headers={
            "Content-Disposition": f'attachment; filename="{safe}"',
            "X-Checksum-SHA256": hashlib.sha256(content).hexdigest(),
        },
    )
