"""How elements are named and found."""

from __future__ import annotations

import time
from typing import Any

import pytest

from engine.activities import browser
from engine.activities.browser.target import Candidate, Target, parsed
from engine.core.errors import BusinessError, SystemFault
from engine.sdk.activity import declared
from tests.unit.engine.activities.browser.conftest import LOGIN, PASSWORD, Web

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.mark.parametrize(
    ("text", "candidates"),
    [
        ("Save", [Candidate("any", "Save")]),
        ("button=Save", [Candidate("role", "button", "Save")]),
        ('button="Save"', [Candidate("role", "button", "Save", exact=True)]),
        ("role=main", [Candidate("role", "main")]),
        ("css=#a || test-id=b", [Candidate("css", "#a"), Candidate("test_id", "b")]),
        ("//td[2]", [Candidate("xpath", "//td[2]")]),
        ("frame=main >> frame=editor >> text=Go", [Candidate("text", "Go", frame="main >> editor")]),
        ("Total = 5", [Candidate("any", "Total = 5")]),
        ('css=[a="b"]', [Candidate("css", '[a="b"]')]),
    ],
)
async def test_a_text_says_candidates(text: str, candidates: list[Candidate]) -> None:
    assert parsed(text) == candidates


async def test_a_bundle_is_bound_from_text_mapping_or_list() -> None:
    click = declared(browser.click)
    assert click is not None
    wanted = Target([Candidate("role", "button", "Save"), Candidate("css", "#save")])
    for given in (
        "button=Save || css=#save",
        ["button=Save", {"by": "css", "value": "#save"}],
        {"candidates": [{"by": "role", "value": "button", "name": "Save"}, "css=#save"]},
    ):
        assert click.bind({"target": given})["target"] == wanted
    assert click.bind({"target": {"by": "css", "value": "#save"}})["target"] == Target([wanted.candidates[1]])
    wrongs: list[Any] = ["", " || ", [], {"by": "colour", "value": "red"}, {"candidates": []}]
    for wrong in wrongs:
        with pytest.raises(BusinessError):
            click.bind({"target": wrong})


async def test_the_first_candidate_that_finds_it_is_told(web: Web) -> None:
    await web.show("<button id=b onclick='this.title += 1'>Save</button><p>Hello</p>")
    out = await web(browser.click, target="test_id=save || button=Save || css=#b")
    assert out["used"] == "button=Save"
    assert await web.js("b.title") == "1"


@pytest.mark.parametrize(
    ("target", "id"),
    [
        ("label=Name", "name"),
        ("placeholder=Search", "search"),
        ("title=Hint", "hint"),
        ("alt=Logo", "logo"),
        ("test_id=tid", "tid"),
        ("xpath=//p[2]", "second"),
        ("heading=Orders", "head"),
        ("text=only text", "first"),
        ({"by": "near", "value": "Phone", "direction": "right"}, "phone"),
        ({"by": "near", "value": "Phone", "direction": "below", "what": "p"}, "first"),
        ({"by": "css", "value": "p", "nth": 2}, "second"),
        ({"by": "css", "value": "p", "nth": -1}, "second"),
    ],
)
async def test_every_kind_of_candidate(web: Web, target: Any, id: str) -> None:
    await web.show(
        "<h2 id=head>Orders</h2><label for=name>Name</label><input id=name><input id=search placeholder=Search>"
        "<span id=hint title=Hint>?</span><img id=logo alt=Logo width=9 height=9><i id=tid data-testid=tid>x</i><br>"
        "<span>Phone</span> <input id=phone><p id=first>only text</p><p id=second>other</p>"
    )
    out = await web(browser.read, target=target, what="attribute", attribute="id")
    assert out["value"] == id


async def test_several_matches_are_an_error_that_lists_them(web: Web) -> None:
    await web.show("<ul><li>Ada <button class=del>Delete</button><li>Bob <button>Delete</button></ul>")
    with pytest.raises(BusinessError, match="matches 2 elements") as caught:
        await web(browser.click, target="button=Delete")
    assert 'class="del"' in caught.value.message and "in “Bob Delete”" in caught.value.message
    assert [one.name for one in caught.value.files] == ["page.png", "page.html"]


async def test_another_candidate_settles_which_of_several(web: Web) -> None:
    await web.show("<ul><li><button>Delete</button><li><button id=second onclick='title=1'>Delete</button></ul>")
    out = await web(browser.click, target="button=Delete || css=#second")
    assert out["used"] == "button=Delete && css=#second"
    assert await web.js("second.title") == "1"


async def test_a_hidden_twin_does_not_count(web: Web) -> None:
    await web.show(
        "<button hidden>Save</button><button style='display:none'>Save</button><button id=b onclick='title=1'>Save</button>"
    )
    await web(browser.click, target="text=Save")
    assert await web.js("b.title") == "1"


async def test_it_waits_over_the_whole_time_for_any_candidate(web: Web) -> None:
    await web.show(
        "<script>setTimeout(() => document.body.innerHTML = '<button onclick=title=1 id=late>Go</button>', 400)</script><body>"
    )
    began = time.monotonic()
    out = await web(browser.click, target="test_id=never || css=#late", timeout=5)
    assert out["used"] == "css=#late" and time.monotonic() - began < 3


async def test_a_failure_says_what_was_tried_and_shows_the_page_without_secrets(web: Web) -> None:
    await web.show(
        "<form><label>Password <input type=password value=old-secret></label><label>User <input></label><p>Hi</p></form>"
    )
    await web(browser.type_text, target="Password", credential=LOGIN.name)
    await web(browser.type_text, target="User", credential=LOGIN.name)
    with pytest.raises(SystemFault, match=r"no element .*; tried: button=Save: nothing; css=#save: nothing") as caught:
        await web(browser.click, target="button=Save || css=#save", timeout=0.2)
    picture, html = caught.value.files
    assert picture.content.startswith(b"\x89PNG") and picture.media_type == "image/png"
    assert b"<p>Hi</p>" in html.content and b"old-secret" not in html.content
    assert PASSWORD.encode() not in html.content


async def test_an_element_that_goes_away_while_it_is_clicked_is_clicked_when_it_is_back(web: Web) -> None:
    await web.show(
        "<body><script>let n = 0; const draw = () => { document.body.innerHTML = '<button style=\"position:relative\">Go</button>';"
        " const b = document.querySelector('button'); b.onclick = () => window.clicked = (window.clicked || 0) + 1;"
        " if (++n < 30) { b.style.left = n * 7 + 'px'; setTimeout(draw, 30); } }; draw();</script>"
    )
    await web(browser.click, target="button=Go")
    assert await web.js("window.clicked") == 1


async def test_what_cannot_be_clicked_says_why(web: Web) -> None:
    await web.show(
        "<button disabled>Save</button><div style='position:fixed;inset:0;background:#0008' id=veil></div><a href=#>More</a>"
    )
    with pytest.raises(SystemFault, match="it is disabled"):
        await web(browser.click, target="button=Save", timeout=0.5)
    with pytest.raises(SystemFault, match='something lies over it: <div id="veil"'):
        await web(browser.click, target="link=More", timeout=0.5)


async def test_inside_frames_and_shadow_roots(web: Web) -> None:
    assert web.site is not None
    web.site.pages["/inner"] = "<iframe name=deep srcdoc='<button onclick=title=7>Deep</button>'></iframe>"
    await web.show(
        "<iframe name=outer src=/inner></iframe><x-box></x-box><script>"
        "document.querySelector('x-box').attachShadow({mode:'open'}).innerHTML = '<label>In <input id=i></label>'</script>"
    )
    out = await web(browser.click, target="frame=outer >> frame=deep >> button=Deep")
    assert out["used"] == "outer >> deep >> button=Deep"
    await web(browser.type_text, target="In", text="shade")
    assert (await web(browser.read, target="In", what="value"))["value"] == "shade"


async def test_nonsense_is_told_at_once(web: Web) -> None:
    await web.show("<p>x")
    with pytest.raises(BusinessError, match="not a selector"):
        await web(browser.click, target="css=[[", timeout=5)
    with pytest.raises(BusinessError, match="there is no role 'knob'"):
        await web(browser.click, target={"by": "role", "value": "knob"})
    with pytest.raises(BusinessError, match=r"no open browser 'other'.*"):
        await web(browser.click, target="x", session="other")
