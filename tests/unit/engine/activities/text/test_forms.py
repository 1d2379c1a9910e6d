from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import pytest

from engine.activities import text
from engine.core.errors import BusinessError

Call = Callable[..., Any]


@pytest.mark.parametrize(
    ("to", "expected"),
    [
        ("upper", "ORDER numberÑ 7".upper()),
        ("title", "Order Numberñ 7"),
        ("camel", "orderNumberñ7"),
        ("pascal", "OrderNumberñ7"),
        ("snake", "order_numberñ_7"),
        ("kebab", "order-numberñ-7"),
        ("constant", "ORDER_NUMBERÑ_7"),
        ("sentence", "Order numberñ 7"),
        ("swap", "order NUMBERñ 7"),
    ],
)
def test_case(call: Call, to: str, expected: str) -> None:
    assert call(text.change_case, text="ORDER numberÑ 7", to=to)["text"] == expected


def test_humps_are_words(call: Call) -> None:
    assert call(text.change_case, text="parseHTMLPage", to="snake")["text"] == "parse_html_page"
    assert call(text.change_case, text="it's done", to="title")["text"] == "It's Done"


def test_clean(call: Call) -> None:
    messy = "\ufeff  a\u00a0 \tb \r\n\r\n cafe\u0301\u200b\x07  "
    assert call(text.clean, text=messy)["text"] == "a b\n\ncafé"
    assert call(text.clean, text=messy, blank_lines=True, accents=True)["text"] == "a b\ncafe"
    assert call(text.clean, text="ﬁ ①", unicode="NFKC")["text"] == "fi 1"
    assert call(text.clean, text="Йод à", accents=True)["text"] == "Йод a"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("Фактура №12 / Щъркел", "faktura-no12-shtarkel"),
        ("Straße Œuvre Łódź", "strasse-oeuvre-lodz"),
        ("  --  ", ""),
        ("日本", ""),
    ],
)
def test_slug(call: Call, given: str, expected: str) -> None:
    assert call(text.slug, text=given)["text"] == expected


@pytest.mark.parametrize("coding", ["base64", "base64url", "url", "html", "hex"])
def test_codings_there_and_back(call: Call, coding: str) -> None:
    given = '<a href="?x=1&y=2+3">Ж\0~ÿ</a>'
    encoded = call(text.encode, text=given, to=coding)["text"]
    assert encoded != given
    assert call(text.decode, text=encoded, to=coding)["text"] == given


def test_codings_are_forgiving_and_refuse_the_rest(call: Call) -> None:
    assert call(text.decode, text="  aGVs\nbG8 ", to="base64")["text"] == "hello"
    assert call(text.decode, text="0x68 65", to="hex")["text"] == "he"
    for coding, wrong in (("base64", "a"), ("base64", "жж"), ("hex", "xyz")):
        with pytest.raises(BusinessError, match=f"is not {coding}"):
            call(text.decode, text=wrong, to=coding)
    with pytest.raises(BusinessError, match="not in the encoding"):
        call(text.decode, text="/w==", to="base64")
    with pytest.raises(BusinessError, match="does not have"):
        call(text.encode, text="\ud800", to="base64")


def test_hash(call: Call) -> None:
    assert call(text.hash_text, text="Ж")["hash"] == hashlib.sha256("Ж".encode()).hexdigest()
    assert call(text.hash_text, text="", algorithm="md5")["hash"] == "d41d8cd98f00b204e9800998ecf8427e"


def test_compare(call: Call) -> None:
    assert call(text.compare, first="A  b", second="a b", ignore_case=True, ignore_spaces=True)["equal"]
    assert call(text.compare, first="e\u0301", second="é")["equal"]
    output = call(text.compare, first="a\nb", second="a\nc")
    assert output["similarity"] == pytest.approx(2 / 3, abs=1e-4)
    assert output["diff"] == "@@ -2 +2 @@\n-b\n+c"
    assert call(text.compare, first="x\n" * 20_000, second="x\n" * 20_000 + "y")["similarity"] > 0.99
