"""What a person is told of a value that does not fit its parameter."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import pytest

from engine.core.errors import BusinessError
from engine.core.secrets import SecretRef
from engine.sdk import Effect, Param, activity
from engine.sdk.activity import declared


@activity("binding.note", label="Note", effect=Effect.PURE)
def note(text: Annotated[str, Param("Text")], lines: Annotated[list[str], Param("Lines")]) -> str:
    """Note something."""
    return text


def test_a_secret_where_none_is_asked_for_is_named_and_not_shown(tmp_path: Path) -> None:
    one = declared(note)
    assert one is not None
    with pytest.raises(BusinessError) as caught:
        one.bind({"text": SecretRef("mail"), "lines": ["a", SecretRef("bank")]}, tmp_path)
    assert caught.value.message == (
        "Text: the secret 'mail' can only be used where a secret is asked for; "
        "Lines[1]: the secret 'bank' can only be used where a secret is asked for"
    )
