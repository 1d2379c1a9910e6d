"""Pages, tabs, dialogs, keys, waiting, files, scripts and what a browser remembers."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import pytest

from engine.activities import browser
from engine.core.errors import BusinessError, StepTimeout, SystemFault
from tests.unit.engine.activities.browser.conftest import LOGIN, PASSWORD, Web

pytestmark = pytest.mark.asyncio(loop_scope="session")


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


async def test_where_it_goes_and_what_it_is_answered(web: Web) -> None:
    assert web.site is not None
    web.site.pages |= {"/a": "<title>A</title>", "/b": "<title>B</title>", "/sick": (503, "text/html", b"x", {})}
    out = await web(browser.go_to, address=f"{web.site.url}/a")
    assert out == {"address": f"{web.site.url}/a", "title": "A", "status": 200, "dialogs": []}
    await web(browser.go_to, address=f"{web.site.url}/b")
    assert (await web(browser.go_to, address="back"))["title"] == "A"
    assert (await web(browser.go_to, address="forward"))["title"] == "B"
    await web(browser.go_to, address="reload")
    assert web.site.asked[-1] == "/b"
    with pytest.raises(BusinessError, match="/gone was answered with 404"):
        await web(browser.go_to, address=f"{web.site.url}/gone?token=abc")
    with pytest.raises(SystemFault, match="/sick was answered with 503"):
        await web(browser.go_to, address=f"{web.site.url}/sick")
    assert (await web(browser.go_to, address=f"{web.site.url}/gone", check=False))["status"] == 404


async def test_addresses_that_lead_nowhere(web: Web) -> None:
    with pytest.raises(SystemFault, match="there is no such name"):
        await web(browser.go_to, address="http://nowhere.invalid/")
    with pytest.raises(SystemFault, match="it refuses the connection") as caught:
        await web(browser.go_to, address=f"http://user:geheim@127.0.0.1:{free_port()}?secret=1")
    assert "geheim" not in caught.value.message and "secret" not in caught.value.message
    with pytest.raises(BusinessError, match="there is no file"):
        await web(browser.go_to, address="file:///nonexistent.html")
    with pytest.raises(BusinessError, match="is not an address"):
        await web(browser.go_to, address="http://[oops")


async def test_a_page_that_is_too_slow(web: Web) -> None:
    assert web.site is not None
    web.site.pages["/hang"] = (200, "text/html", b"<p>", {"Content-Length": "99"})
    with pytest.raises((StepTimeout, SystemFault)):
        await web(browser.go_to, address=f"{web.site.url}/hang", timeout=0.3)


async def test_tabs(web: Web) -> None:
    assert web.site is not None
    web.site.pages["/pop"] = "<title>Popup</title><p id=p>in the popup</p>"
    await web.show("<title>Main</title><a href=/pop target=_blank>Open</a>")
    await web(browser.click, target="link=Open")
    assert (await web(browser.switch_tab))["title"] == "Popup"
    assert (await web(browser.read, target="css=#p"))["value"] == "in the popup"
    listed = await web(browser.tabs)
    assert [(one["title"], one["active"]) for one in listed["tabs"]] == [("Main", False), ("Popup", True)]
    assert (await web(browser.switch_tab, tab=1))["title"] == "Main"
    assert (await web(browser.switch_tab, tab="pop"))["title"] == "Popup"
    assert (await web(browser.close_tab))["count"] == 1
    assert (await web(browser.new_tab, address=f"{web.site.url}/pop"))["title"] == "Popup"
    await web(browser.close_tab)
    with pytest.raises(BusinessError, match="last tab"):
        await web(browser.close_tab)
    with pytest.raises(SystemFault, match="no tab 'other'") as caught:
        await web(browser.switch_tab, tab="other", timeout=0.2)
    assert caught.value.hint == "Open are: 1. Main."


async def test_dialogs_are_answered_and_told(web: Web) -> None:
    await web.show(
        "<button onclick=\"alert('Saved'); r.value = confirm('Sure?') + ' ' + prompt('Name?')\">Go</button><input id=r>"
    )
    out = await web(browser.click, target="button=Go")
    assert out["dialogs"] == [
        {"kind": "alert", "message": "Saved", "answer": "accept"},
        {"kind": "confirm", "message": "Sure?", "answer": "dismiss"},
        {"kind": "prompt", "message": "Name?", "answer": "dismiss"},
    ]
    assert await web.js("r.value") == "false null"
    await web(browser.dialogs, which="all", text="Ada")
    await web(browser.click, target="button=Go")
    assert await web.js("r.value") == "true Ada"
    await web(browser.dialogs, which="next")
    await web(browser.dialogs, which="next", answer="dismiss")
    await web(browser.click, target="button=Go")
    assert await web.js("r.value") == "false Ada"


async def test_mouse_and_keyboard(web: Web) -> None:
    await web.show(
        "<input id=i><button id=b>Do</button><div id=m>Menu<a hidden id=sub href=#>Sub</a></div>"
        "<p id=from draggable=true style='width:80px;height:30px'>drag</p><p id=to style='width:80px;height:30px'>here</p>"
        "<script>window.seen = []; const see = x => seen.push(x); b.ondblclick = () => see('double'); b.oncontextmenu = e => { e.preventDefault(); see('right') };"
        "b.onclick = e => see('click' + (e.ctrlKey ? ' ctrl' : '')); m.onmouseenter = () => sub.hidden = false; i.onkeydown = e => see(e.key);"
        "to.ondragover = e => e.preventDefault(); to.ondrop = () => see('drop')</script>"
    )
    await web(browser.click, target="button=Do", modifiers=["Control"])
    await web(browser.click, target="button=Do", how="right")
    await web(browser.click, target="button=Do", how="double")
    await web(browser.hover, target="css=#m")
    assert (await web(browser.wait, until="visible", target="link=Sub"))["used"] == "link=Sub"
    await web(browser.drag, target="css=#from", destination="css=#to")
    await web(browser.press, keys="Enter Shift+A", target="css=#i")
    assert await web.js("window.seen") == [
        "click ctrl",
        "right",
        "click",
        "click",
        "double",
        "drop",
        "Enter",
        "Shift",
        "A",
    ]
    with pytest.raises(BusinessError, match="no key 'Strg'"):
        await web(browser.press, keys="Strg")


async def test_a_click_can_wait_for_the_page_it_leads_to(web: Web) -> None:
    assert web.site is not None
    web.site.pages["/next"] = "<title>Next</title>"
    await web.show("<a href=/next>On</a><button>Stay</button>")
    with pytest.raises(StepTimeout, match="was clicked, and no page followed"):
        await web(browser.click, target="button=Stay", afterwards="page", timeout=0.4)
    assert (await web(browser.click, target="link=On", afterwards="page"))["address"].endswith("/next")


@pytest.mark.parametrize(
    ("until", "more"),
    [
        ("visible", {"target": "css=#late"}), ("there", {"target": "css=#late"}), ("hidden", {"target": "css=#load"}),
        ("gone", {"target": "css=#load"}), ("enabled", {"target": "button=Save"}), ("text", {"text": "all done"}),
        ("text", {"text": "all", "target": "css=#late"}), ("address", {"text": "#done"}), ("script", {"text": "window.ready"}),
        ("loaded", {}), ("quiet", {}),
    ],
)  # fmt: skip
async def test_waiting(web: Web, until: str, more: dict[str, str]) -> None:
    await web.show(
        "<div id=load>Loading</div><button disabled>Save</button><script>setTimeout(() => { window.ready = true; location.hash = 'done';"
        "load.remove(); document.querySelector('button').disabled = false; document.body.insertAdjacentHTML('beforeend', '<p id=late>all done</p>') }, 250)</script>"
    )
    assert (await web(browser.wait, until=until, **more))["seconds"] < 4


async def test_waiting_in_vain(web: Web) -> None:
    await web.show("<p hidden id=p>x</p><i>y</i>")
    for until, more in [
        ("visible", {"target": "css=#p"}),
        ("gone", {"target": "css=i"}),
        ("script", {"text": "false"}),
    ]:
        with pytest.raises(SystemFault, match=r"not visible|in vain"):
            await web(browser.wait, until=until, timeout=0.1, **more)
    with pytest.raises(BusinessError, match="no element is given"):
        await web(browser.wait)
    with pytest.raises(BusinessError, match="not JavaScript"):
        await web(browser.wait, until="script", text="(((", timeout=1)


async def test_two_steps_on_one_browser_take_turns(web: Web) -> None:
    await web.show("<input id=a><input id=b>")
    await asyncio.gather(*(web(browser.type_text, target=f"css=#{id}", text=id * 30, keys=True) for id in "ab"))
    assert await web.js("[a.value, b.value]") == ["a" * 30, "b" * 30]


async def test_downloads(web: Web, tmp_path: Path) -> None:
    assert web.site is not None
    web.site.pages["/f"] = (
        200,
        "application/pdf",
        b"%PDF" * 1000,
        {"Content-Disposition": 'attachment; filename="../in:voice.pdf"'},
    )
    web.site.pages["/half"] = (
        200,
        "application/zip",
        b"PK",
        {"Content-Disposition": "attachment", "Content-Length": "9999"},
    )
    await web.show("<a href=/f>Invoice</a><a href=/half>Half</a><a href=#>None</a>")
    out = await web.environment.run(browser.download, target="link=Invoice")
    assert out.file.content.read_bytes() == b"%PDF" * 1000 and (out.size, out.file.media_type) == (
        4000,
        "application/pdf",
    )
    saved = await web(browser.download, address=f"{web.site.url}/f", folder=str(tmp_path / "new"), name="a.pdf")
    assert saved == {"file": None, "path": str(tmp_path / "new/a.pdf"), "name": "a.pdf", "size": 4000}
    with pytest.raises(SystemFault, match=r"broken off|in time"):
        await web(browser.download, target="link=Half", folder=str(tmp_path / "new"), patience=3)
    assert [one.name for one in (tmp_path / "new").iterdir()] == ["a.pdf"]
    with pytest.raises(SystemFault, match="no download began"):
        await web(browser.download, target="link=None", timeout=0.4)
    with pytest.raises(BusinessError, match="either an element or an address"):
        await web(browser.download)


async def test_pictures_and_pdf(web: Web) -> None:
    await web.show(
        "<div style='height:3000px;background:red'></div><button id=b style='width:50px;height:20px'>x</button>"
    )
    page = (await web.environment.run(browser.screenshot)).file.content
    whole = (await web.environment.run(browser.screenshot, whole=True)).file.content
    part = (await web.environment.run(browser.screenshot, target="css=#b")).file.content
    sizes = [(int.from_bytes(data[16:20]), int.from_bytes(data[20:24])) for data in (page, whole, part)]
    assert sizes[0] == (1280, 800) and sizes[1][1] > 3000 and sizes[2] == (50, 20)
    printed = (await web.environment.run(browser.pdf, landscape=True)).file
    assert printed.content.startswith(b"%PDF-") and printed.name == "page.pdf"


async def test_a_picture_shows_no_typed_secret(web: Web) -> None:
    await web.show("<label>Code <input id=c style='position:absolute;left:0;top:50px;width:300px;height:40px'></label>")
    before = await web.environment.run(browser.screenshot, target="css=#c")
    await web(browser.type_text, target="Code", credential=LOGIN.name)
    covered = await web.environment.run(browser.screenshot, target="css=#c")
    await web(browser.type_text, target="Code", text="something else entirely")
    again = await web.environment.run(browser.screenshot, target="css=#c")
    assert before.file.content != covered.file.content == again.file.content


async def test_scripts(web: Web) -> None:
    await web.show("<title>T</title>")
    run = browser.run_javascript
    assert (await web(run, code="async x => ({n: x.n + 1, t: document.title, u: undefined})", argument={"n": 1}))[
        "value"
    ] == {"n": 2, "t": "T", "u": None}
    with pytest.raises(BusinessError, match=r"the script failed: .*boom"):
        await web(run, code="() => { throw new Error('boom') }")
    assert PASSWORD not in str(await web(run, code=f"'{PASSWORD}'"))


async def test_what_a_browser_remembers_can_be_taken_along(web: Web) -> None:
    assert web.site is not None
    await web.show("<p>x")
    await web(browser.set_cookies, cookies=[{"name": "sid", "value": "1"}])
    await web(browser.set_storage, state={"cart": "full", "n": {"a": 1}})
    state = (await web(browser.get_storage))["state"]
    assert sorted(state["origins"][0]["localStorage"], key=lambda one: one["name"]) == [
        {"name": "cart", "value": "full"},
        {"name": "n", "value": '{"a": 1}'},
    ]
    assert (await web(browser.get_cookies, site="127.0.0.1"))["count"] == 1 and (
        await web(browser.get_cookies, site="x")
    )["count"] == 0
    await web.js("localStorage.clear()")
    assert (await web(browser.set_cookies, cookies=[], clear=True))["count"] == 0
    await web(browser.set_storage, state=state)
    await web(browser.go_to, address="reload")
    assert await web.js("[document.cookie, localStorage.cart]") == ["sid=1", "full"]
    with pytest.raises(BusinessError, match="has no name or no value"):
        await web(browser.set_cookies, cookies=[{"name": "x"}])
