"""How a mail is named from one step to the next: its folder, the folder's UIDVALIDITY and its UID (RFC 3501)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, NamedTuple

from pydantic import BeforeValidator

from engine.core.sentences import say
from engine.sdk import BusinessError, Param


class MailId(NamedTuple):
    """Where a mail is: `INBOX/1700000000/45`."""

    folder: str
    validity: int
    uid: int

    def __str__(self) -> str:
        return f"{self.folder}/{self.validity}/{self.uid}"


def _listed(value: Any) -> Any:
    """One mail is a list of one; a mail as a step gave it stands for its id."""
    items = value if isinstance(value, list) else [] if value in (None, "") else [value]
    return [item["id"] if isinstance(item, Mapping) and "id" in item else item for item in items]


Ids = Annotated[list[str], BeforeValidator(_listed, json_schema_input_type=str | list[str | dict[str, Any]])]
Mails = Annotated[Ids, Param("Mails", "One, or several, as a step found them.", "{{ steps.find.output.mails }}")]


def by_folder(ids: Iterable[str]) -> dict[tuple[str, int], list[int]]:
    """The UIDs of mails, by folder and its UIDVALIDITY. Raises `BusinessError` for what is no id."""
    found: dict[tuple[str, int], list[int]] = {}
    for text in ids:
        folder, _, numbers = text.rpartition("/")
        folder, _, validity = folder.rpartition("/")
        if not (folder and _digits(validity) and _digits(numbers)):
            raise BusinessError(
                say("{text!a} is not the id of a mail", text=text[:200]),
                hint=say("Give mails as 'Find mails' or 'Read mails' found them."),
            )
        uids = found.setdefault((folder, int(validity)), [])
        if int(numbers) not in uids:
            uids.append(int(numbers))
    return found


def _digits(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 10
