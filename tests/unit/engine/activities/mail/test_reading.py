from __future__ import annotations

import asyncio
import base64
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from engine.activities import mail
from engine.activities.mail.ids import by_folder
from engine.core.errors import BusinessError, StepTimeout, SystemFault
from engine.sdk import Effect, File
from engine.sdk.activity import declared
from engine.sdk.testing import ActivityEnvironment
from tests.support.authority import Authority
from tests.support.dovecot import Dovecot, dovecot
from tests.support.servers import Line, free_port
from tests.unit.engine.activities.mail.conftest import Box
from tests.unit.engine.activities.mail.conftest import mail as written

Cut = Callable[..., Any]


def with_files(subject: str, **files: bytes) -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "Ada <ada@example.com>", "shop@example.com", subject
    message.set_content("See the files.")
    for name, content in files.items():
        message.add_attachment(content, "application", "pdf", filename=name.replace("_", "."))
    return message.as_bytes()


async def until(it_is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not it_is_so():  # noqa: ASYNC110
            await asyncio.sleep(0.02)


def test_effects_are_declared_honestly() -> None:
    effects = {name: declared(getattr(mail, name)).effect for name in mail.__all__}  # type: ignore[union-attr]
    assert effects.pop("send") is Effect.ONCE
    assert set(effects.values()) == {Effect.IDEMPOTENT}


async def test_mails_are_found_newest_first_and_stay_unread(env: ActivityEnvironment, box: Box) -> None:
    box.put(*(written(f"Order {number}") for number in range(5)))
    box.put(written("Read already"), flags=r"(\Seen \Flagged)")
    found = await env.run(mail.search, **box.where, limit=3)
    assert [one.subject for one in found.mails] == ["Read already", "Order 4", "Order 3"]
    assert (found.count, found.total) == (3, 6)
    first = found.mails[0]
    assert (first.seen, first.flagged, first.sender, first.sender_name) == (True, True, "ada@example.com", "Ada")
    assert first.to == ["shop@example.com"] and first.date.isoformat() == "2026-11-23T10:00:00+02:00"
    read = await env.run(mail.read, **box.where)
    assert [one.subject for one in read.mails] == [f"Order {number}" for number in (4, 3, 2, 1, 0)]
    assert read.mails[0].text == "Text.\n" and read.mails[0].headers["message-id"] == read.mails[0].message_id
    assert (await env.run(mail.read, **box.where)).count == 5, "reading changes nothing"
    again = await env.run(mail.read, **box.where, mails=[{"id": first.id}])
    assert [one.subject for one in again.mails] == ["Read already"]
    assert (await env.run(mail.search, **box.where, limit=0)).total == 6


async def test_the_conditions(env: ActivityEnvironment, box: Box) -> None:
    box.put(
        written("Фактура 17", "Борис <boris@example.com>", "Здравей", "Content-Type: text/plain; charset=utf-8\n"),
        written('A "quoted" \\ subject', "Carl <carl@example.com>"),
        with_files("With a file", a_pdf=b"%PDF"),
    )

    async def subjects(**conditions: Any) -> list[str]:
        found = await env.run(mail.search, **box.where, **conditions)
        return [one.subject for one in reversed(found.mails)]

    assert await subjects(subject="фактура") == ["Фактура 17"]
    assert await subjects(sender="carl@") == ['A "quoted" \\ subject']
    assert await subjects(subject='"quoted" \\') == ['A "quoted" \\ subject']
    assert await subjects(text="здравей", sender="boris") == ["Фактура 17"]
    assert await subjects(attachments=True) == ["With a file"]
    assert await subjects(attachments=False) == ["Фактура 17", 'A "quoted" \\ subject']
    assert await subjects(state="seen") == []
    now = datetime.now()
    assert len(await subjects(since=now - timedelta(minutes=5), before=now + timedelta(minutes=5))) == 3
    assert await subjects(since=now + timedelta(minutes=5)) == []
    assert await subjects(before=now - timedelta(minutes=5)) == []
    assert len(await subjects(since="2026-01-01")) == 3
    with pytest.raises(BusinessError, match="line break"):
        await subjects(subject="a\r\nX1 DELETE INBOX")
    with pytest.raises(BusinessError, match="no folder 'Nowhere'"):
        await subjects(folder="Nowhere")


async def test_broken_mails_are_read_as_far_as_they_go(env: ActivityEnvironment, box: Box) -> None:
    box.put(
        b"From: =?utf-8?b?0JDQtNCw?= <ada@example.com>\nSubject: =?windows-1251?Q?=D4=E0=EA=F2?= =?windows-1251?Q?=F3=F0=E0?=\n"
        b"Content-Type: text/plain; charset=windows-1251\n\n" + "Добър ден".encode("cp1251"),
        b"From: nobody\nSubject: " + "Сурово".encode() + b"\nContent-Type: multipart/mixed; boundary=x\n\n--x\n"
        b"Content-Type: text/plain; charset=no-such\n\nhalf\n--x\nContent-Type: application/pdf; name*0*=UTF-8''%D1%84%D0%B0;\n name*1*=%D0%BA%D1%82.pdf\n"
        b"Content-Transfer-Encoding: base64\n\nJVBERi0=!!\n",
        b"Subject: =?utf-8?b?broken\nDate: the day after\nContent-Type: multipart/alternative\n\nno boundary",
        b'From: "x\nContent-Type: multipart/mixed; boundary="y"\n\n--y\nContent-Type: application/octet-stream;\n name="=?koi8-r?B?1sXMxdrP?= =?utf-8?q?=2Exlsx?="\n'
        b"Content-Disposition: attachment\n\nx\n--y\nContent-Type: message/rfc822\n\nSubject: Inner\n\nInner text\n--y--\n",
        b"Content-Type: text/html\n\n<html><head><style>p{}</style></head><body><p>One &amp; two</p><br>three<script>x</script></body>",
    )
    found = {one.id.rpartition("/")[2]: one for one in (await env.run(mail.read, **box.where)).mails}
    assert found["1"].subject == "Фактура" and found["1"].sender_name == "Ада" and found["1"].text == "Добър ден"
    assert found["2"].subject == "Сурово" and found["2"].text.strip() == "half"
    assert [(one.name, one.media_type) for one in found["2"].attachments] == [("факт.pdf", "application/pdf")]
    assert found["3"].subject == "=?utf-8?b?broken" and found["3"].date == found["3"].received
    assert "no boundary" in found["3"].text
    assert [one.name for one in found["4"].attachments] == ["железо.xlsx", "Inner.eml"]
    assert found["5"].text == "One & two\nthree" and found["5"].html.startswith("<html>")


async def test_attachments_are_saved_under_names_of_their_own(
    env: ActivityEnvironment, box: Box, tmp_path: Path
) -> None:
    box.put(
        with_files("1", a_pdf=b"one", b_txt=b"text"), with_files("2", a_pdf=b"two"), with_files("3", A_PDF=b"three")
    )
    found = await env.run(mail.search, **box.where)
    mails = list(reversed([{"id": one.id} for one in found.mails]))
    for _ in range(2):  # a repetition finds the names again
        saved = await env.run(mail.attachments, **box.where, mails=mails, folder="in", pattern="*.pdf")
        assert [one.path.name for one in saved.files] == ["a.pdf", "a (2).pdf", "A (3).PDF"]
    assert sorted(one.name for one in (tmp_path / "in").iterdir()) == ["A (3).PDF", "a (2).pdf", "a.pdf"]
    assert (tmp_path / "in/a (2).pdf").read_bytes() == b"two"
    (tmp_path / "in/a.pdf").write_bytes(b"mine")
    with pytest.raises(BusinessError, match=r"a\.pdf is already there"):
        await env.run(mail.attachments, **box.where, mails=mails, folder="in", if_exists="fail")
    await env.run(mail.attachments, **box.where, mails=mails[:1], folder="in", if_exists="replace")
    assert (tmp_path / "in/a.pdf").read_bytes() == b"one"
    kept = await env.run(mail.attachments, **box.where, mails=mails[0]["id"])
    assert [(one.file, one.path) for one in kept.files] == [
        (File(b"one", "a.pdf", "application/pdf"), None),
        (File(b"text", "b.txt", "application/pdf"), None),
    ]


async def test_names_of_attachments_are_made_safe(env: ActivityEnvironment, box: Box, tmp_path: Path) -> None:
    parts = "".join(
        f"--y\nContent-Type: application/x-y\nContent-Disposition: attachment; filename={name}\n\nx\n"
        for name in (
            '"../../etc/passwd"',
            '"C:\\\\\\\\a\\\\\\\\b?.txt"',
            '".."',
            '"CON.txt"',
            '""',
            f'"{"я" * 200}.pdf"',
        )
    )
    box.put(f"Subject: x\nContent-Type: multipart/mixed; boundary=y\n\n{parts}--y--\n")
    found = await env.run(mail.search, **box.where)
    saved = await env.run(mail.attachments, **box.where, mails=found.mails[0].id, folder="in")
    names = [one.path.name for one in saved.files]
    assert names[:5] == ["passwd", "b_.txt", "file", "_CON.txt", "5.bin"]
    assert names[5].endswith("я.pdf") and all(one.path.parent == tmp_path / "in" for one in saved.files)


async def test_pictures_of_the_text_are_left_out(env: ActivityEnvironment, box: Box) -> None:
    message = EmailMessage()
    message["Subject"] = "Newsletter"
    message.set_content("text")
    message.add_alternative('<img src="cid:logo">', subtype="html")
    html = message.get_body(("html",))
    assert html is not None
    html.add_related(b"\x89PNG", "image", "png", cid="<logo>", filename="logo.png", disposition="inline")
    box.put(message.as_bytes())
    (found,) = (await env.run(mail.read, **box.where)).mails
    assert [(one.name, one.inline) for one in found.attachments] == [("logo.png", True)]
    assert (await env.run(mail.search, **box.where, attachments=True)).count == 0
    assert (await env.run(mail.attachments, **box.where, mails=found.id)).count == 0
    assert (await env.run(mail.attachments, **box.where, mails=found.id, pictures=True)).count == 1


async def test_mails_are_moved_marked_and_deleted(env: ActivityEnvironment, box: Box) -> None:
    box.put(*(written(f"Mail {number}") for number in range(4)))
    mails = [one.id for one in (await env.run(mail.search, **box.where)).mails]
    moved = await env.run(mail.move, **box.where, mails=mails[:2], destination="Архив/2026 & more")
    assert (moved.count, moved.missing, len(moved.moved)) == (2, [], 2)
    there = await env.run(mail.read, **box.where, mails=moved.moved)
    assert [one.subject for one in there.mails] == ["Mail 3", "Mail 2"]
    again = await env.run(mail.move, **box.where, mails=mails[:3], destination="Архив/2026 & more")
    assert (again.count, again.missing) == (1, mails[:2])
    marked = await env.run(mail.mark, **box.where, mails=mails[3:], seen=True, flagged=True)
    assert marked.count == 1
    (left,) = (await env.run(mail.search, **box.where)).mails
    assert left.seen and left.flagged
    await env.run(mail.mark, **box.where, mails=[{"id": left.id}], seen=False)
    assert (await env.run(mail.search, **box.where, state="unseen")).count == 1
    deleted = await env.run(mail.delete, **box.where, mails=left.id)
    assert deleted.moved[0].startswith("Trash/")
    assert (await env.run(mail.delete, **box.where, mails=deleted.moved, for_good=True)).count == 1
    assert box.count("Trash") == 0 and box.count() == 0
    listed = await env.run(mail.folders, **box.where)
    assert {(one.name, one.role, one.mails, one.unseen) for one in listed.folders} >= {
        ("INBOX", "", 0, 0),
        ("Trash", "trash", 0, 0),
        ("Архив/2026 & more", "", 3, 3),
    }
    with pytest.raises(BusinessError, match="not in its folder any more"):
        await env.run(mail.read, **box.where, mails=mails)
    with pytest.raises(BusinessError, match="no folder 'Nowhere'"):
        await env.run(mail.move, **box.where, mails=moved.moved, destination="Nowhere", create=False)


async def test_a_server_that_can_do_little(plain_box: Box, tmp_path: Path) -> None:
    env = ActivityEnvironment(tmp_path, credentials=[plain_box.credential])
    box = plain_box
    box.put(*(written(f"Mail {number}") for number in range(3)))
    client = box.client()
    client.select("INBOX")
    client.store("1", "+FLAGS", r"(\Deleted)")
    mails = [one.id for one in (await env.run(mail.search, **box.where)).mails]
    assert len(mails) == 2, "what is marked as deleted is not found"
    assert (await env.run(mail.move, **box.where, mails=mails[:1], destination="Done")).count == 1
    assert (box.count(), box.count("Done")) == (2, 1)
    await env.run(mail.delete, **box.where, mails=mails[1:], for_good=True)
    assert box.count() == 1, "what somebody else marked as deleted stays"
    assert client.search(None, "DELETED")[1][0]
    client.logout()
    waiting = asyncio.create_task(env.run(mail.wait, **box.where, within=20, poll=0.1, subject="late"))
    await asyncio.sleep(0.5)
    box.put(written("Too late"))
    assert [one.subject for one in (await waiting).mails] == ["Too late"]


async def test_ids_of_a_folder_that_was_made_anew_are_refused(env: ActivityEnvironment, box: Box) -> None:
    box.put(written(), folder="Orders")
    (found,) = (await env.run(mail.search, **box.where, folder="Orders")).mails
    client = box.client()
    client.delete("Orders")
    await asyncio.sleep(1.1)  # UIDVALIDITY is a time in seconds
    box.put(written("Another"), folder="Orders")
    client.logout()
    for activity, values in (
        (mail.read, {}),
        (mail.attachments, {}),
        (mail.delete, {}),
        (mail.move, {"destination": "x"}),
    ):
        with pytest.raises(BusinessError, match="numbered anew"):
            await env.run(activity, **box.where, mails=found.id, **values)
    assert box.count("Orders") == 1


@pytest.mark.parametrize("text", ["", "INBOX", "INBOX/1", "/1/2", "INBOX/a/2", "INBOX/1/2x", "INBOX/1/²"])
def test_what_is_no_id(text: str) -> None:
    with pytest.raises(BusinessError, match="not the id of a mail"):
        by_folder([text])


async def test_waiting_for_a_mail(env: ActivityEnvironment, box: Box) -> None:
    box.put(written("Confirm"))
    at_once = await env.run(mail.wait, **box.where, subject="confirm", within=5)
    assert at_once.mails[0].text == "Text.\n"
    waiting = asyncio.create_task(env.run(mail.wait, **box.where, subject="confirm", only_new=True, within=20))
    await until(lambda: bool(env.progressed) and env.progressed[-1].total == 20)
    await asyncio.sleep(0.3)
    box.put(written("Other"), written("Confirm 2"))
    assert [one.subject for one in (await waiting).mails] == ["Confirm 2"]
    with pytest.raises(StepTimeout, match="no such mail came to 'INBOX'"):
        await env.run(mail.wait, **box.where, subject="never", within=1)


async def test_a_wait_goes_on_over_a_broken_connection_and_can_be_stopped(
    env: ActivityEnvironment, box: Box, line: Cut
) -> None:
    way: Line = line(box.server.port, lambda sent, received: b"IDLE" in sent and way.connections == 1, before=False)
    where = {**box.where, "host": f"127.0.0.1:{way.port}"}
    waiting = asyncio.create_task(env.run(mail.wait, **where, within=30))
    await until(lambda: way.connections == 2)
    box.put(written("There"))
    assert [one.subject for one in (await waiting).mails] == ["There"]
    assert "trying again" in env.lines[0].message
    stopped = asyncio.create_task(env.run(mail.wait, **where, subject="never", within=None))
    await until(lambda: way.connections == 3)
    await asyncio.sleep(0.2)
    began = time.monotonic()
    stopped.cancel()
    with pytest.raises(asyncio.CancelledError):
        await stopped
    assert time.monotonic() - began < 5


async def test_signing_in(env: ActivityEnvironment, box: Box) -> None:
    with pytest.raises(BusinessError, match="refuses the sign-in of user") as caught:
        await env.run(mail.search, **{**box.where, "credential": "wrong"})
    assert "hunter2" not in str(caught.value)
    with pytest.raises(BusinessError, match="wants a sign-in"):
        await env.run(mail.search, **{**box.where, "credential": None})
    with pytest.raises(BusinessError, match="as whom to sign in"):
        await env.run(mail.search, **{**box.where, "credential": "token"})
    with pytest.raises(BusinessError, match="refuses the sign-in"):
        await env.run(mail.search, **{**box.where, "credential": "token"}, username=box.user)


async def test_signing_in_with_a_token(env: ActivityEnvironment) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"* OK ready\r\n")
        while line := await reader.readline():
            tag, _, command = line.decode().strip().partition(" ")
            if command == "CAPABILITY":
                writer.write(b"* CAPABILITY IMAP4rev1 AUTH=XOAUTH2\r\n")
            elif command.startswith("AUTHENTICATE XOAUTH2"):
                writer.write(b"+ \r\n")
                said.append(base64.b64decode(await reader.readline()).decode())
            elif command.startswith("EXAMINE"):
                writer.write(f"{tag} NO [NONEXISTENT] Unknown mailbox\r\n".encode())
                continue
            writer.write(f"{tag} OK done\r\n".encode())
        writer.close()

    said: list[str] = []
    async with await asyncio.start_server(talk, "127.0.0.1", 0) as running:
        host = f"127.0.0.1:{running.sockets[0].getsockname()[1]}"
        with pytest.raises(BusinessError, match="no folder 'INBOX'"):
            await env.run(mail.search, host=host, security="none", credential="token", username="shop@example.com")
    assert said == ["user=shop@example.com\1auth=Bearer t0ken-t0ken\1\1"]


async def test_encryption(env: ActivityEnvironment, box: Box, server: Dovecot, authority: Authority) -> None:
    tls = {"host": f"127.0.0.1:{server.tls_port}", "credential": "box"}
    start = {"host": f"127.0.0.1:{server.port}", "credential": "box", "security": "starttls"}
    for where in (tls, start):
        assert (await env.run(mail.search, **where, authority=authority.pem)).count == 0
        assert (await env.run(mail.search, **where, verify=False)).count == 0
        with pytest.raises(BusinessError, match="cannot be trusted"):
            await env.run(mail.search, **where)
    with dovecot(authority.issue("old", expired=True)) as old:
        for where in ({**tls, "host": f"127.0.0.1:{old.tls_port}"}, {**start, "host": f"127.0.0.1:{old.port}"}):
            with pytest.raises(BusinessError, match="certificate has expired"):
                await env.run(mail.search, **where, authority=authority.pem)
    with pytest.raises(SystemFault, match="no encrypted connection"):
        await env.run(mail.search, **{**tls, "host": f"127.0.0.1:{server.port}"}, timeout=5)
    with pytest.raises(BusinessError, match="holds no certificate"):
        await env.run(mail.search, **tls, authority=__file__)


async def test_a_host_that_is_gone(env: ActivityEnvironment, box: Box, line: Cut) -> None:
    with pytest.raises(SystemFault, match="cannot be reached: Connection refused"):
        await env.run(mail.search, **{**box.where, "host": f"127.0.0.1:{free_port()}"})
    with pytest.raises(SystemFault, match="cannot be reached"):
        await env.run(mail.wait, **{**box.where, "host": f"127.0.0.1:{free_port()}"})
    box.put(written(body="x" * 200_000))
    way = line(box.server.port, lambda sent, received: len(received) > 100_000)
    with pytest.raises(SystemFault, match=r"the connection to .* broke"):
        await env.run(mail.read, **{**box.where, "host": f"127.0.0.1:{way.port}"})
    for wrong in ("", "a b", "x:port", "http://"):
        with pytest.raises(BusinessError):
            await env.run(mail.search, **{**box.where, "host": wrong})
