"""The family `mail`: mails sent, found, read, filed and waited for. Sees `sdk` and `core` alone."""

from __future__ import annotations

from engine.activities.mail.attachments import attachments
from engine.activities.mail.filing import delete, mark, move
from engine.activities.mail.folders import folders
from engine.activities.mail.read import read
from engine.activities.mail.search import search
from engine.activities.mail.send import send
from engine.activities.mail.wait import wait
from engine.sdk.catalog import Family

FAMILY = Family("Mail", icon="envelope-simple", order=72, color="msg")

__all__ = ["attachments", "delete", "folders", "mark", "move", "read", "search", "send", "wait"]
