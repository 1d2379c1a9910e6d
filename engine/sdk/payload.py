"""What a message carries, for those who send and receive them: texts, bytes, and data as JSON."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

from engine.core.errors import BusinessError
from engine.core.sentences import say
from engine.sdk.params import Param

Form = Literal["auto", "json", "text", "bytes"]
ReadAs = Annotated[
    Form, Param("Read messages as", "auto: as JSON if it is some, else as text, else as bytes.", advanced=True)
]


def written(value: Any) -> str | bytes:
    """A text and bytes as they are, nothing as an empty text, any other data as JSON. Raises `BusinessError`."""
    if value is None:
        return ""
    if isinstance(value, bytes):
        return value
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError:
            raise BusinessError(say("a message holds half a character"), hint=say("Take it out.")) from None
        return value
    from engine.sdk.http.call import json_body

    return json_body(value).decode("ascii")


def read(content: str | bytes, form: Form) -> Any:
    """What a message says. Raises `BusinessError` for one that is not JSON or no text, where that is asked for."""
    if form == "bytes":
        return content.encode() if isinstance(content, str) else content
    if isinstance(content, bytes):
        try:
            text = content.decode()
        except UnicodeDecodeError:
            if form == "auto":
                return content
            raise BusinessError(
                say("a message of {size} bytes is no text", size=len(content)), hint=say("Read messages as bytes.")
            ) from None
    else:
        text = content
    if form == "text":
        return text
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        if form == "auto":
            return text
        raise BusinessError(
            say("a message is not JSON: {start}", start=text[:100]), hint=say("Read messages as text.")
        ) from None
