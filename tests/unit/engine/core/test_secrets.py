"""A secret is known by every spelling in which programs hand it on."""

from __future__ import annotations

from engine.core.secrets import MASK, Secret, masked, redact, within

KEY = "-----BEGIN KEY-----\nAAAAB3NzaC1\nqL9+/x==&yz\n"


def test_spellings() -> None:
    secret = Secret('p\u00e4ss&"word\n2nd of it')
    for told in (
        'p\u00e4ss&"word\n2nd of it',
        "k=p%C3%A4ss%26%22word%0A2nd+of+it",
        '{"k": "p\u00e4ss&\\"word\\n2nd of it"}',
    ):
        assert MASK in redact(told)
        assert "ss&" not in redact(told) and "ss%26" not in redact(told)
        assert masked(told, [secret]) == redact(told)


def test_a_line_of_a_private_key_is_a_secret_too() -> None:
    assert masked("AAAAB3NzaC1 qL9+/x==&yz", [Secret(KEY)]) == f"{MASK} {MASK}"


def test_plain_data_is_masked_at_every_depth() -> None:
    value = {"a hunter2hunter2": [b"x hunter2hunter2", {"k": "hunter2hunter2"}, 7, None]}
    assert masked(value, [Secret("hunter2hunter2")]) == {f"a {MASK}": [f"x {MASK}".encode(), {"k": MASK}, 7, None]}


def test_what_is_short_or_not_given_is_left_alone() -> None:
    Secret("another secret")
    assert masked("abc, another secret", [Secret("abc")]) == "abc, another secret"


def test_secrets_are_found_in_arguments() -> None:
    one, two, three = Secret("one1"), Secret("two2"), Secret("three3")
    assert list(within({"a": one, "b": {"c": [two, 5]}, "d": [three], "e": "one1"})) == [one, two, three]
