"""What goes wrong with file servers: each has a name, and says what to do."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncssh
import pytest

from engine.activities.ftp import get, list_files, put
from engine.activities.ftp.classic import listed
from engine.core.secrets import Credential, Secret
from engine.sdk import BusinessError, SystemFault
from engine.sdk.testing import ActivityEnvironment
from tests.support.certificates import certificate
from tests.support.file_servers import PASSWORD, USER, ftp_server, sftp_server
from tests.support.workflows import file_engine, workflow
from tests.unit.engine.activities.ftp.conftest import LOGIN, There


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("", "not said which server"),
        ("files.example.com", "not that of a file server"),
        ("http://host/x", "not that of a file server"),
        ("ftp://ada:secret@host/x", "holds a password"),
        ("ftp://host:nan", "not that of a file server"),
    ],
)
async def test_an_address_that_cannot_be(tmp_path: Path, address: str, told: str) -> None:
    with pytest.raises(BusinessError, match=told) as refused:
        await ActivityEnvironment(tmp_path).run(list_files, address=address)
    assert refused.value.hint and "secret" not in str(refused.value)


async def test_a_path_with_a_line_end_is_no_command(there: There) -> None:
    with pytest.raises(BusinessError, match="not a path on a server"):
        await there.run(get, path="a\r\nDELE b", destination="x")


async def test_a_server_that_cannot_prove_who_it_is(tmp_path: Path) -> None:
    environment = ActivityEnvironment(tmp_path, credentials=[LOGIN])
    expired, good = certificate(tmp_path / "expired.pem", expired=True), certificate(tmp_path / "good.pem")
    with ftp_server(tmp_path, expired) as server:
        given: dict[str, Any] = {"address": f"ftpes://127.0.0.1:{server.port}", "credential": "erp"}
        with pytest.raises(BusinessError, match="cannot be trusted: certificate has expired"):
            await environment.run(list_files, authority=expired, **given)
        assert (await environment.run(list_files, verify=False, **given)).count == 2
    with ftp_server(tmp_path, good) as server:
        given["address"] = f"ftpes://127.0.0.1:{server.port}"
        with pytest.raises(BusinessError, match="cannot be trusted: self-signed"):
            await environment.run(list_files, **given)


async def test_the_key_of_a_server(tmp_path: Path) -> None:
    environment = ActivityEnvironment(tmp_path, credentials=[LOGIN])
    known = tmp_path / "known"
    async with sftp_server(tmp_path) as server:
        address = f"sftp://127.0.0.1:{server.port}"
        given: dict[str, Any] = {"address": address, "credential": "erp", "known_hosts": known}
        with pytest.raises(BusinessError, match="is not known yet") as refused:
            await environment.run(list_files, **given)
        assert server.fingerprint in refused.value.hint and not known.exists()
        await environment.run(list_files, new_hosts="accept", **given)
        await environment.run(list_files, **given)
        with pytest.raises(BusinessError, match="another key than it must have"):
            await environment.run(list_files, fingerprint="SHA256:AAAA", **given)
        line = known.read_text()
        other = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode()
        known.write_text(f"{line.split()[0]} {other}")
        with pytest.raises(BusinessError, match="another key than before") as refused:
            await environment.run(list_files, new_hosts="accept", **given)
        assert "known" in refused.value.hint


async def test_a_key_opens_as_a_password_does(tmp_path: Path) -> None:
    key = asyncssh.generate_private_key("ssh-ed25519")
    text = key.export_private_key(passphrase="open sesame").decode()
    hidden = {"key": Secret(text, "key"), "passphrase": Secret("open sesame", "key")}
    right = Credential("key", "ssh_key", "key", {"username": USER}, hidden)
    wrong = Credential("wrong", "ssh_key", "key", {"username": USER}, {**hidden, "passphrase": Secret("open barley")})
    environment = ActivityEnvironment(tmp_path, credentials=[right, wrong])
    async with sftp_server(tmp_path, key) as server:
        given = {"address": f"sftp://127.0.0.1:{server.port}/", "fingerprint": server.fingerprint}
        (tmp_path / "a").touch()
        assert [one.path for one in (await environment.run(list_files, credential="key", **given)).entries] == ["/a"]
        with pytest.raises(BusinessError, match="SSH key of the credential 'wrong' cannot be read"):
            await environment.run(list_files, credential="wrong", **given)
    with pytest.raises(BusinessError, match="serves SFTP alone"):
        await environment.run(list_files, credential="key", address="ftp://127.0.0.1")


@pytest.mark.parametrize(
    ("command", "answer", "told", "kind"),
    [
        ("STOR", "552 Disk full", "no space left", SystemFault),
        ("STOR", "452 Disk full", "no space left", SystemFault),
        ("STOR", "553 Not here", "refuses it for", BusinessError),
        ("STOR", "450 Busy", "cannot do it now", SystemFault),
        ("PASS", "421 Too many users", "cannot do it now", SystemFault),
        ("PASS", "530 No", "does not let 'ada' in", BusinessError),
    ],
)
async def test_what_a_server_answers(
    tmp_path: Path, command: str, answer: str, told: str, kind: type[Exception]
) -> None:
    environment = ActivityEnvironment(tmp_path, credentials=[LOGIN])
    (tmp_path / "a.txt").write_text("x")
    root = tmp_path / "there"
    root.mkdir()
    with ftp_server(root) as server:
        server.refusals = {command: answer}
        with pytest.raises(kind, match=told):
            await environment.run(
                put, source="a.txt", address=f"ftp://127.0.0.1:{server.port}", credential="erp", retries=0
            )
    assert not list(root.iterdir())


async def test_what_was_damaged_on_the_way_does_not_get_its_name(tmp_path: Path) -> None:
    environment = ActivityEnvironment(tmp_path, credentials=[LOGIN])
    (tmp_path / "a.txt").write_text("xyz")
    root = tmp_path / "there"
    root.mkdir()
    with ftp_server(root) as server:
        server.damage = True
        with pytest.raises(SystemFault, match="damaged on the way"):
            await environment.run(
                put, source="a.txt", address=f"ftp://127.0.0.1:{server.port}", credential="erp", retries=0
            )
        assert not list(root.iterdir())
        server.damage = False
        sent = await environment.run(put, source="a.txt", address=f"ftp://127.0.0.1:{server.port}", credential="erp")
    assert sent.count == 1 and (root / "a.txt").read_text() == "xyz"


async def test_a_server_that_names_files_to_harm(tmp_path: Path) -> None:
    def serve(listener: socket.socket) -> None:
        control, _ = listener.accept()
        with control, control.makefile("rb") as lines, socket.create_server(("127.0.0.1", 0)) as data:
            answers = {
                b"FEAT": b"211-Has\r\n MLST type*;size*;\r\n211 End", b"MLSD": b"150 comes",
                b"EPSV": f"229 Entering (|||{data.getsockname()[1]}|)".encode(),
                b"PASV": "227 Entering (127,0,0,1,{},{})".format(*divmod(data.getsockname()[1], 256)).encode(),
            }  # fmt: skip
            control.sendall(b"220 hello\r\n")
            for line in lines:
                verb = line.split()[0]
                control.sendall(answers.get(verb, b"230 ok" if verb in (b"PASS", b"USER") else b"200 ok") + b"\r\n")
                if verb == b"MLSD":
                    channel, _ = data.accept()
                    channel.sendall(b"type=file;size=3; ../../evil.txt\r\n")
                    channel.close()
                    control.sendall(b"226 done\r\n")
                if verb == b"QUIT":
                    return

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=(listener,))
        thread.start()
        with pytest.raises(BusinessError, match="a name that no file should have"):
            await ActivityEnvironment(tmp_path).run(
                get, path="*", destination="in", address=f"ftp://127.0.0.1:{listener.getsockname()[1]}"
            )
        await asyncio.to_thread(thread.join)
    assert not (tmp_path / "in").exists()


async def test_encrypted_from_the_first_byte_on(tmp_path: Path) -> None:
    pem = certificate(tmp_path / "server.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    heard: list[bytes] = []

    def serve(listener: socket.socket) -> None:
        with suppress(OSError), context.wrap_socket(listener.accept()[0], server_side=True) as control:
            control.sendall(b"220 hello\r\n")
            heard.append(control.recv(100))
            control.sendall(b"530 no\r\n")
            control.recv(100)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=(listener,))
        thread.start()
        address = f"ftps://127.0.0.1:{listener.getsockname()[1]}"
        with pytest.raises(BusinessError, match="does not let 'anonymous' in"):
            await ActivityEnvironment(tmp_path).run(list_files, address=address, authority=pem)
        await asyncio.to_thread(thread.join)
    assert heard == [b"USER anonymous\r\n"]


NOW = datetime(2026, 11, 24, tzinfo=UTC)


@pytest.mark.parametrize(
    ("line", "name", "folder", "size", "modified"),
    [
        ("-rw-r--r--   1 ada  users     1234 Nov 20 08:15 my file.txt", "my file.txt", False, 1234, datetime(2026, 11, 20, 8, 15, tzinfo=UTC)),
        ("drwxr-xr-x   2 1000 1000      4096 Dec 31 23:59 archive", "archive", True, None, datetime(2025, 12, 31, 23, 59, tzinfo=UTC)),
        ("-rw-r--r--+  1 ada  users       12 Jan  5  2024 old", "old", False, 12, datetime(2024, 1, 5, tzinfo=UTC)),
        ("lrwxrwxrwx   1 ada  users       12 Jan  5  2024 link -> there", "link", False, 12, datetime(2024, 1, 5, tzinfo=UTC)),
        ("11-24-26  09:05PM       <DIR>          Folder", "Folder", True, None, datetime(2026, 11, 24, 21, 5, tzinfo=UTC)),
        ("11-24-2026  12:05AM              77 a b.csv", "a b.csv", False, 77, datetime(2026, 11, 24, 0, 5, tzinfo=UTC)),
    ],
)  # fmt: skip
def test_lists_as_old_servers_write_them(
    line: str, name: str, folder: bool, size: int | None, modified: datetime
) -> None:
    entry = listed(line, "/x", NOW)
    assert entry is not None
    assert (entry.name, entry.path, entry.folder, entry.size, entry.modified) == (
        name,
        f"/x/{name}",
        folder,
        size,
        modified,
    )
    assert listed("total 12", "/x", NOW) is None


async def test_a_workflow_takes_a_kept_file_there_and_back(tmp_path: Path) -> None:
    class Vault:
        async def credential(self, name: str, use: Any) -> Credential:
            return LOGIN

    root = tmp_path / "there"
    root.mkdir()
    (tmp_path / "report.txt").write_text("all well")
    with ftp_server(root) as server:
        at = f"address: ftp://127.0.0.1:{server.port}, credential: erp"
        text = f"""
steps:
  - {{id: send, activity: ftp.put, with: {{source: report.txt, path: in/, {at}}}}}
  - {{id: fetch, activity: ftp.get, with: {{path: in/*, destination: back, {at}}}}}
outputs: {{files: "{{{{ steps.fetch.output.files }}}}"}}
edges: [send.next -> fetch]
"""
        async with file_engine(tmp_path, secrets=Vault()) as engine:
            outcome: Any = await engine.wait(await engine.start(workflow(text), folder=tmp_path))
    assert outcome.status == "succeeded", outcome.error
    assert (tmp_path / "back/report.txt").read_text() == "all well"
    assert PASSWORD not in str(outcome)
