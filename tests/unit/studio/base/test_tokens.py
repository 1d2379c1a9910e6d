"""Everything can be read: 4.5:1 for text, 3:1 for marks, in both themes."""

from __future__ import annotations

import re

import pytest

from studio.base.tokens import COLORS, MARKS_ON, MIXES, TEXT_ON, Scheme, contrast, hex_of

SCHEMES: tuple[Scheme, ...] = ("light", "dark")
each = pytest.mark.parametrize("scheme", SCHEMES)


@each
def test_text_has_contrast(scheme: Scheme) -> None:
    poor = {
        f"{text} on {ground}": round(ratio, 2)
        for text, grounds in {**TEXT_ON, "accent-text ": ("expression-soft",)}.items()
        for ground in grounds
        if (ratio := contrast(hex_of(text.strip(), scheme), hex_of(ground, scheme))) < 4.5
    }
    assert poor == {}


@each
def test_marks_have_contrast(scheme: Scheme) -> None:
    poor = {
        f"{mark} on {ground}": round(ratio, 2)
        for mark, grounds in MARKS_ON.items()
        for ground in grounds
        if (ratio := contrast(hex_of(mark, scheme), hex_of(ground, scheme))) < 3
    }
    assert poor == {}


@each
def test_every_token_is_a_colour(scheme: Scheme) -> None:
    for name in [*COLORS, *MIXES]:
        assert re.fullmatch("#[0-9A-F]{6}", hex_of(name, scheme)), name


@pytest.mark.parametrize(
    "name, light, dark",
    [
        ("running-soft", "#DEE9EE", "#23353F"),
        ("failed-soft", "#F3E2E4", "#392D33"),
        ("expression-soft", "#E5E9FA", "#1C2237"),
        ("body-fill", "#E3E6EB", "#1B1E24"),
        ("running-halo", "#BBD1D9", "#1F3D47"),
    ],
)
def test_a_mix_is_what_the_table_says(name: str, light: str, dark: str) -> None:
    for scheme, wanted in zip(SCHEMES, (light, dark), strict=True):
        got, expected = (tuple(bytes.fromhex(text[1:])) for text in (hex_of(name, scheme), wanted))
        assert all(abs(one - other) <= 1 for one, other in zip(got, expected, strict=True))


def test_the_ends_of_contrast() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#777777", "#777777") == pytest.approx(1)
