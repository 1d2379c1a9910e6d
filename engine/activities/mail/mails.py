"""What a step gives of a mail."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class Attachment:
    """A file in a mail: its name, its size in bytes, its media type, and whether it is a picture within the text."""

    name: str
    size: int
    media_type: str
    inline: bool


@dataclass(frozen=True)
class Mail:
    """A mail. `id` finds it in later steps, in its folder as it is now.

    Addresses stand alone, without names; `date` is what the sender wrote, or else when it arrived (`received`). `text`
    is what is left of `html` where the sender wrote no plain one.
    """

    id: str
    folder: str
    sender: str
    sender_name: str
    to: list[str]
    cc: list[str]
    reply_to: list[str]
    subject: str
    date: datetime
    received: datetime
    message_id: str
    seen: bool
    flagged: bool
    size: int
    text: str = ""
    html: str = ""
    attachments: list[Attachment] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
