"""Tables and lists read into data."""

from __future__ import annotations

import pytest

from engine.activities import browser
from engine.core.errors import BusinessError, SystemFault
from tests.unit.engine.activities.browser.conftest import Web

pytestmark = pytest.mark.asyncio(loop_scope="session")

PAGED = """
<table><thead><tr><th>No<th>Name</thead><tbody></tbody></table><button id=next>Next</button><script>
let page = 1; const draw = () => { document.querySelector('tbody').innerHTML =
  [1, 2].map(n => `<tr><td>${page * 2 + n - 2}<td>Name ${page}.${n}`).join(''); document.querySelector('#next').disabled = page === 3; };
document.querySelector('#next').onclick = () => setTimeout(() => { page++; draw() }, 60); draw();
</script>"""
ENDLESS = """
<div id=box style='height:120px;overflow:auto'><table><tr><th>No</tr></table></div><script>
let last = 0; const more = () => { for (let n = 0; n < 10 && last < 45; n++)
  document.querySelector('tbody').insertAdjacentHTML('beforeend', `<tr style='height:30px'><td>${++last}`); };
more(); box.onscroll = () => { if (box.scrollTop + box.clientHeight >= box.scrollHeight - 5) setTimeout(more, 40); };
</script>"""
WINDOWED = """
<div id=box style='height:150px;overflow:auto'><div id=all style='height:900px;position:relative'></div></div><script>
const draw = () => { const first = Math.floor(box.scrollTop / 30); all.innerHTML = [...Array(7)].map((_, n) => first + n + 1).filter(n => n <= 30)
  .map(n => `<p style='position:absolute;margin:0;height:30px;top:${(n - 1) * 30}px'>${n}</p>`).join(''); };
draw(); box.onscroll = draw;
</script>"""


async def test_a_table_with_merged_cells_fields_and_a_header_of_two_rows(web: Web) -> None:
    await web.show(
        "<p>Orders</p><table id=t><tr><th rowspan=2>Name<th colspan=2>Price</tr><tr><th>net<th>gross</tr>"
        "<tr><td rowspan=2>Ada  L.<td>1<td><input value=2></tr><tr><td>3<td><input type=checkbox checked></tr><tr hidden><td>x</tr>"
        "<tr><td>Bob<td colspan=2>none</tr></table>"
    )
    out = await web(browser.read_table)
    assert out == {
        "rows": [
            {"Name": "Ada L.", "Price net": "1", "Price gross": "2"},
            {"Name": "Ada L.", "Price net": "3", "Price gross": True},
            {"Name": "Bob", "Price net": "none", "Price gross": "none"},
        ],
        "columns": ["Name", "Price net", "Price gross"],
        "count": 3,
        "pages": 1,
    }
    with pytest.raises(BusinessError, match="is no table"):
        await web(browser.read_table, target="css=p")


async def test_a_grid_of_roles(web: Web) -> None:
    await web.show(
        "<div role=grid><div role=row><b role=columnheader>A</b><b role=columnheader>B</b></div>"
        "<div role=row><i role=gridcell>1</i><i role=gridcell>2</i></div></div>"
    )
    assert (await web(browser.read_table))["rows"] == [{"A": "1", "B": "2"}]


async def test_over_pages(web: Web) -> None:
    await web.show(PAGED)
    out = await web(browser.read_table, next_page="button=Next")
    assert (out["count"], out["pages"]) == (6, 3)
    assert [row["Name"] for row in out["rows"]] == [
        "Name 1.1",
        "Name 1.2",
        "Name 2.1",
        "Name 2.2",
        "Name 3.1",
        "Name 3.2",
    ]
    await web.show(PAGED)
    assert (await web(browser.read_table, next_page="button=Next", max_pages=2))["count"] == 4
    await web.show(PAGED)
    assert (await web(browser.read_table, next_page="button=Next", max_rows=3))["count"] == 3
    await web.show(PAGED.replace("page++; draw()", ""))
    with pytest.raises(SystemFault, match="the next page did not come"):
        await web(browser.read_table, next_page="button=Next", timeout=0.4)


async def test_pages_that_are_pages_of_their_own(web: Web) -> None:
    assert web.site is not None
    for at in range(1, 4):
        link = f"<a href=/p{at + 1}>Next</a>" if at < 3 else "<a>Next</a>"
        web.site.pages[f"/p{at}"] = f"<ul><li><a href=/x{at}>Item {at}</a></ul>{link if at < 3 else ''}"
    await web(browser.go_to, address=f"{web.site.url}/p1")
    out = await web(browser.read_list, items="css=li", fields={"text": "", "link": "a@href"}, next_page="link=Next")
    assert out["items"] == [{"text": f"Item {at}", "link": f"{web.site.url}/x{at}"} for at in range(1, 4)]
    assert out["pages"] == 3


async def test_what_loads_as_one_scrolls(web: Web) -> None:
    await web.show(ENDLESS)
    out = await web(browser.read_table, scroll=True)
    assert [row["No"] for row in out["rows"]] == [str(n) for n in range(1, 46)]
    await web.show(ENDLESS)
    assert (await web(browser.read_table, scroll=True, max_rows=15))["count"] == 15


async def test_what_is_taken_away_above_as_one_scrolls_is_kept(web: Web) -> None:
    await web.show(WINDOWED)
    out = await web(browser.read_list, items="css=#all > p", scroll=True)
    assert out["items"] == [str(n) for n in range(1, 31)]


async def test_a_list_of_texts_and_one_that_is_empty(web: Web) -> None:
    await web.show("<ul><li>a<li>b</ul>")
    assert (await web(browser.read_list, items="css=li"))["items"] == ["a", "b"]
    assert await web(browser.read_list, items="css=dt", timeout=0.1) == {"items": [], "count": 0, "pages": 1}
    assert await web(browser.count, target="css=li") == {"count": 2, "visible": 2, "used": "css=li"}
    assert (await web(browser.count, target="css=dt"))["count"] == 0
