"""The files in mails, saved to a folder or kept."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from engine.activities.mail.ids import MailId, Mails, by_folder
from engine.activities.mail.mailbox import mailbox, select
from engine.activities.mail.read import gone, whole
from engine.activities.mail.server import Configured, Encryption, ImapHost, Port, SignIn, Timeout, Username, server
from engine.core.sentences import say
from engine.sdk import BusinessError, Context, Effect, File, Param, activity
from engine.sdk.endpoint import Authority, Verify
from engine.sdk.files import atomic_write, read_bytes

if TYPE_CHECKING:
    from imapclient import IMAPClient

IfExists = Literal["number", "replace", "fail"]
_LONGEST = 120


@dataclass(frozen=True)
class SavedAttachment:
    """A file of a mail: the mail's id, the file's name in it, where it was saved or the kept file, and its size."""

    mail: str
    name: str
    path: Path | None
    file: File | None
    size: int
    media_type: str


@dataclass(frozen=True)
class Attachments:
    """The files, and how many there are."""

    files: list[SavedAttachment]
    count: int


@activity(
    "mail.attachments",
    label="Save attachments",
    icon="paperclip",
    effect=Effect.IDEMPOTENT,
    keywords=("imap", "download", "email", "file"),
)
async def attachments(
    mails: Mails,
    ctx: Context,
    folder: Annotated[
        Path | None,
        Param("Folder", "Empty to keep the files with the execution, for the steps that follow.", "in", kind="folder"),
    ] = None,
    pattern: Annotated[
        str, Param("Names", "* stands for anything, ? for a character; several with a semicolon.", "*.pdf; *.xlsx")
    ] = "*",
    if_exists: Annotated[
        IfExists, Param("If the name is taken", "number: a number is added, unless it is the same file.")
    ] = "number",
    pictures: Annotated[bool, Param("Also pictures within the text", advanced=True)] = False,
    integration: Configured = None,
    host: ImapHost = "",
    credential: SignIn = None,
    security: Encryption = "tls",
    username: Username = "",
    port: Port = None,
    timeout: Timeout = 60.0,
    verify: Verify = True,
    authority: Authority = None,
) -> Attachments:
    """Save the files in mails.

    Each takes its name when it is whole and on the disk. Files of the same name get numbers; signs that no file system
    takes are replaced. The output holds `files`, each with `mail`, `name`, `path` or `file`, `size` and `media_type`,
    in the order of the mails; and their `count`.
    """
    source = server("imap", integration, host, credential, username, port, security, timeout, verify, authority)
    given = by_folder(mails)
    names = _pattern(pattern)

    def work(client: IMAPClient) -> Attachments:
        from engine.activities.mail import message as letter

        saved: list[SavedAttachment] = []
        taken: set[str] = set()
        for (place, validity), uids in given.items():
            select(client, place, validity)
            for uid in uids:
                id = MailId(place, validity, uid)
                found = whole(client, id, ctx)
                if found is None:
                    raise gone(id)
                for about, data in letter.files(letter.parsed(found[1])):
                    if not names.fullmatch(about.name) or (about.inline and not pictures):
                        continue
                    path = None if folder is None else _save(folder, safe(about.name), data, if_exists, taken)
                    file = File(data, about.name, about.media_type) if folder is None else None
                    saved.append(SavedAttachment(str(id), about.name, path, file, about.size, about.media_type))
                    ctx.progress(len(saved))
        return Attachments(saved, len(saved))

    async with mailbox(source) as box:
        return await box.do(work)


def _save(folder: Path, name: str, data: bytes, if_exists: IfExists, taken: set[str]) -> Path:
    """Write the file under a name that none of this step's has, so that a repetition finds the same names."""
    for path in _numbered(folder / name):
        if path.name.casefold() in taken:
            continue
        if path.exists() and if_exists != "replace" and not (path.is_file() and _same(path, data)):
            if if_exists == "fail":
                raise BusinessError(
                    say("{path} is already there", path=path),
                    hint=say("Choose another folder, or what to do if the name is taken."),
                )
            continue
        with atomic_write(path) as stream:
            stream.write(data)
        taken.add(path.name.casefold())
        return path
    raise AssertionError


def _same(path: Path, data: bytes) -> bool:
    return path.stat().st_size == len(data) and read_bytes(path) == data


def _numbered(path: Path) -> Iterator[Path]:
    yield path
    for number in count(2):
        yield path.with_name(f"{path.stem} ({number}){path.suffix}")


def safe(name: str) -> str:
    """`name` as every file system takes it: one part of a path, that is not hidden and means nothing to any of them."""
    last = re.split(r"[/\\]", name)[-1]
    kept = "".join(
        "_" if sign in '<>:"|?*' or not (sign.isprintable() or sign == " ") or "\ud800" <= sign <= "\udfff" else sign
        for sign in last
    ).strip(" .")
    stem, dot, suffix = kept.rpartition(".")
    if not dot or len(suffix) > 20:
        stem, dot, suffix = kept, "", ""
    if re.fullmatch(r"(con|prn|aux|nul|com\d|lpt\d)", stem, re.IGNORECASE):
        stem = f"_{stem}"
    while len(stem.encode("utf-8", "replace")) > _LONGEST:
        stem = stem[:-1]
    return f"{stem}{dot}{suffix}" or "file"


def _pattern(text: str) -> re.Pattern[str]:
    wanted = [part.strip() for part in text.split(";") if part.strip()] or ["*"]
    return re.compile("|".join(fnmatch.translate(one) for one in wanted), re.IGNORECASE | re.DOTALL)
