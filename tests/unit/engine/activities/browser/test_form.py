"""Single fields, and whole forms filled by their labels."""

from __future__ import annotations

import random
from datetime import date, datetime
from pathlib import Path

import pytest

from engine.activities import browser
from engine.core.errors import BusinessError, SystemFault
from tests.unit.engine.activities.browser.conftest import LOGIN, PASSWORD, Web

pytestmark = pytest.mark.asyncio(loop_scope="session")

VALUES = "Object.fromEntries([...document.querySelectorAll('[id]')].map(e => [e.id, e.type === 'checkbox' || e.type === 'radio' ? e.checked : e.value]))"
SEVEN = ["First Name", "Last Name", "Company Name", "Role in Company", "Address", "Email", "Phone Number"]
LAYOUTS = {
    "tied": "<div><label for=f{n}>{label}</label><input id=f{n}></div>",
    "wrapped": "<p><label>{label}: <input id=f{n}></label></p>",
    "untied above": "<div><label>{label}</label><br><input id=f{n}></div>",
    "untied left": "<div>{label}* <input id=f{n}></div>",
    "table": "<table><tr><td width=200>{label}</td><td><input id=f{n}></td></tr></table>",
    "columns": "<div style='float:left;width:45%;margin:4px'><div>{label}</div><input id=f{n} style='width:90%'></div>",
    "aria": "<div><span id=l{n}>{label}</span> some help <input aria-labelledby=l{n} id=f{n}></div>",
    "shuffled names": "<div style='display:flex'><b style='width:150px'>{label}</b><input name=x{n} placeholder=x id=f{n}></div>",
}


@pytest.mark.parametrize("layout", LAYOUTS)
async def test_a_form_whose_fields_move_about(web: Web, layout: str) -> None:
    for seed in range(3):
        order = random.Random(seed).sample(range(7), 7)
        fields = "".join(LAYOUTS[layout].format(n=n, label=SEVEN[n]) for n in order)
        await web.show(f"<h1>Details of a person</h1><form>{fields}<button type=button>Submit</button></form>")
        out = await web(browser.fill_form, values={label: f"value {n}" for n, label in enumerate(SEVEN)})
        assert out == {"fields": dict.fromkeys(SEVEN, "text"), "count": 7}
        found = await web.js(VALUES)
        assert {name: value for name, value in found.items() if name[0] == "f"} == {
            f"f{n}": f"value {n}" for n in range(7)
        }


async def test_every_kind_of_field(web: Web, tmp_path: Path) -> None:
    (tmp_path / "cv.txt").write_text("me")
    await web.show(
        "<form><label>Note <textarea id=note></textarea></label>"
        "<label>Country <select id=country><option value=bg>Bulgaria<option value=de>Germany</select></label>"
        "<div>Tags <select id=tags multiple><option>a<option>b<option>c</select></div>"
        "<p><input type=checkbox id=terms> I agree</p><p><label><input type=checkbox id=news checked>News</label></p>"
        "<fieldset><legend>Payment</legend><label><input type=radio name=pay value=c id=card>Card</label>"
        "<input type=radio name=pay value=i id=invoice> Invoice</fieldset>"
        "<fieldset><legend>Days</legend><label><input type=checkbox id=mon>Mon</label><label><input type=checkbox id=tue checked>Tue</label></fieldset>"
        "<div>Due <input type=date id=due></div><div>Month <input type=month id=month></div><div>Hour <input type=time id=hour></div>"
        "<div>When <input type=datetime-local id=at></div><div>Amount <input type=number id=amount step=any></div>"
        "<div>Level <input type=range id=level></div><div>CV <input type=file id=cv></div><div>Text <div contenteditable id=rich style='border:1px solid'></div></div></form>"
    )
    out = await web(
        browser.fill_form,
        values={
            "note": "two\nlines",
            "COUNTRY:": "Germany",
            "Tags": ["a", "c"],
            "I agree": True,
            "News": "no",
            "Payment": "invoice",
            "Days": ["Mon"],
            "Due": date(2026, 11, 24),
            "Month": date(2026, 11, 24),
            "Hour": "13:45",
            "When": datetime(2026, 11, 24, 13, 45),
            "Amount": 12.5,
            "Level": 70,
            "Text": "rich",
        },
        files={"CV": str(tmp_path / "cv.txt")},
    )
    assert out["count"] == 15
    assert await web.js(VALUES) == {
        "note": "two\nlines", "country": "de", "tags": "a", "terms": True, "news": False, "card": False, "invoice": True,
        "mon": True, "tue": False, "due": "2026-11-24", "month": "2026-11", "hour": "13:45", "at": "2026-11-24T13:45",
        "amount": "12.5", "level": "70", "cv": "C:\\fakepath\\cv.txt", "rich": None,
    }  # fmt: skip
    assert await web.js(
        "[rich.innerText, [...tags.selectedOptions].map(o => o.value), document.querySelector('#cv').files[0].size]"
    ) == ["rich", ["a", "c"], 2]


async def test_real_events_arrive_in_the_page(web: Web) -> None:
    await web.show(
        "<label>Name <input id=n></label><script>window.seen = []; for (const e of ['focus','input','change','blur']) n.addEventListener(e, x => seen.push(e + x.isTrusted))</script>"
    )
    await web(browser.fill_form, values={"Name": "Ada"})
    await web.js("document.activeElement.blur()")
    assert {"focustrue", "inputtrue"} <= set(await web.js("window.seen")) and "changetrue" in await web.js(
        "window.seen"
    )


async def test_nothing_is_filled_where_a_label_is_missing_or_double(web: Web) -> None:
    await web.show("<label>Name <input id=a></label><label>City <input id=b></label><label>City <input id=c></label>")
    with pytest.raises(
        BusinessError, match="nothing was filled in: no field has the label 'Nmae'; 2 fields have the label 'City'"
    ) as caught:
        await web(browser.fill_form, values={"Name": "x", "Nmae": "x", "City": "y"}, timeout=0.3)
    assert caught.value.hint == "The labels are: Name, City."
    assert await web.js(VALUES) == {"a": "", "b": "", "c": ""}
    await web.show("<p>Nothing here")
    with pytest.raises(SystemFault, match="it has no fields"):
        await web(browser.fill_form, values={"Name": "x"}, timeout=0.3)


async def test_only_inside_one_of_two_forms_and_in_a_frame(web: Web) -> None:
    assert web.site is not None
    await web.show(
        "<form id=one><label>Name <input id=a></label></form><form id=two><label>Name <input id=b></label></form>"
    )
    await web(browser.fill_form, values={"Name": "x"}, within="css=#two")
    assert await web.js(VALUES) == {"one": None, "two": None, "a": "", "b": "x"}
    web.site.pages["/in"] = "<label>Street <input id=s></label>"
    await web.show("<label>Name <input></label><iframe name=f src=/in></iframe>")
    await web(browser.fill_form, values={"Street": "Main"})
    assert (await web(browser.run_javascript, code="s.value", frame="f"))["value"] == "Main"


async def test_a_form_that_comes_late_or_is_drawn_anew_is_filled(web: Web) -> None:
    await web.show(
        "<body><script>let draws = 0; const draw = () => { document.body.innerHTML ="
        " '<label>A <input id=a></label><label>B <input id=b></label>'; if (draws++ < 1) a.oninput = () => setTimeout(draw, 1); };"
        " setTimeout(draw, 300)</script>"
    )
    await web(browser.fill_form, values={"A": "1", "B": "2"})
    assert await web.js(VALUES) == {"a": "1", "b": "2"}


async def test_what_a_field_does_not_take(web: Web) -> None:
    await web.show(
        "<label>Short <input maxlength=3></label><label>When <input type=date></label><label>Box <input type=checkbox></label>"
        "<label>Pick <select><option>a<option>b</select></label><label>Off <input disabled></label>"
        "<fieldset><legend>One</legend><label><input type=radio name=o>x</label></fieldset>"
    )
    for values, message in [
        ({"Short": "toolong"}, "takes 3 characters at most"),
        ({"When": "tomorrow"}, "does not take this value"),
        ({"Box": "maybe"}, "is a box"),
        ({"Pick": "c"}, "has no option 'c'"),
        ({"One": "z"}, "has no option 'z'"),
    ]:
        with pytest.raises(BusinessError, match=message):
            await web(browser.fill_form, values=values, timeout=1)
    with pytest.raises(SystemFault, match="'Off' cannot be filled in: it is disabled"):
        await web(browser.fill_form, values={"Off": "x"}, timeout=0.5)


async def test_signing_in_from_a_credential_leaves_no_secret_behind(web: Web) -> None:
    await web.show(
        "<form><div>User name <input id=u></div><div>Password <input type=password id=p></div><div>Code <input id=c></div></form>"
    )
    secrets = {"User name": "username", "Password": "password", "Code": "password"}
    await web(browser.fill_form, values={}, credential=LOGIN.name, secrets=secrets)
    assert await web.js("[u.value, p.value.length, c.value.length]") == ["ada", len(PASSWORD), len(PASSWORD)]
    assert PASSWORD not in str(await web(browser.read, target="Code", what="value"))
    assert (await web(browser.read, target="Password", what="value"))["value"] == ""
    with pytest.raises(BusinessError, match=r"no option|no field") as caught:
        await web(browser.fill_form, values={"Nope": 1}, timeout=0.2)
    assert PASSWORD.encode() not in caught.value.files[1].content
    with pytest.raises(BusinessError, match="has no pin"):
        await web(browser.type_text, target="Code", credential=LOGIN.name, part="pin")


async def test_single_fields(web: Web, tmp_path: Path) -> None:
    await web.show(
        "<div>Name <input id=n value=old></div><label>Size <select id=s><option value=1>Small<option value=2>Big</select></label>"
        "<label style='position:relative'>Fancy<input type=checkbox id=f style='opacity:0;width:1px;height:1px'></label>"
        "<input type=file id=u multiple><button id=b onclick=u.click()>Choose</button>"
    )
    assert await web(browser.type_text, target="Name", text="new") == {"used": "label=Name"}
    await web(browser.type_text, target="Name", text="slow", keys=True)
    assert await web(browser.select, target="Size", option="Big") == {"used": "label=Size", "values": ["2"]}
    await web(browser.check, target="Fancy")
    await web(browser.check, target="Fancy")
    for name in "ab":
        (tmp_path / name).write_text(name)
    await web(browser.upload, target="css=#u", files=[str(tmp_path / "a"), str(tmp_path / "b")])
    assert await web.js("[n.value, f.checked, u.files.length]") == ["slow", True, 2]
    await web(browser.upload, target="button=Choose", files=str(tmp_path / "a"))
    assert await web.js("u.files.length") == 1
    with pytest.raises(BusinessError, match="not a field that this can be done with"):
        await web(browser.type_text, target="css=#b", text="x", timeout=0.5)
    with pytest.raises(BusinessError, match="no file or folder"):
        await web(browser.upload, target="css=#u", files=str(tmp_path / "none"))
    with pytest.raises(SystemFault, match="it has no such option"):
        await web(browser.select, target="Size", option="Huge", timeout=0.5)
