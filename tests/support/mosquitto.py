"""An MQTT broker."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.servers import free_port, open_folder, program, started


@dataclass(frozen=True)
class Mosquitto:
    """Where it listens: for everybody; for those with a password; with TLS, with TLS and certificates of clients."""

    port: int
    password_port: int
    tls_port: int
    certificate_port: int


@contextmanager
def mosquitto(certificate: Path, authority: Path, users: Mapping[str, str]) -> Iterator[Mosquitto]:
    """Run it. `users` may read and write what is below `open/`, and no more."""
    with open_folder() as folder:
        ports = [free_port() for _ in range(4)]
        for name, source in (("server.pem", certificate), ("authority.pem", authority)):
            (folder / name).write_bytes(source.read_bytes())
            (folder / name).chmod(0o644)
        passwords = folder / "passwords"
        passwords.touch(0o644)
        for user, password in users.items():
            subprocess.run([program("mosquitto_passwd"), "-b", str(passwords), user, password], check=True)
        (folder / "acl").write_text("".join(f"user {user}\ntopic readwrite open/#\n" for user in users))
        tls = f"certfile {folder}/server.pem\nkeyfile {folder}/server.pem\n"
        (folder / "mosquitto.conf").write_text(f"""
per_listener_settings true
persistence false
listener {ports[0]} 127.0.0.1
allow_anonymous true
listener {ports[1]} 127.0.0.1
allow_anonymous false
password_file {passwords}
acl_file {folder}/acl
listener {ports[2]} 127.0.0.1
allow_anonymous true
{tls}
listener {ports[3]} 127.0.0.1
allow_anonymous false
require_certificate true
use_identity_as_username true
cafile {folder}/authority.pem
{tls}
""")
        for name in ("passwords", "acl", "mosquitto.conf"):
            (folder / name).chmod(0o644)
        command = [program("mosquitto"), "-c", str(folder / "mosquitto.conf")]
        if os.getuid() == 0:
            command = ["runuser", "-u", "nobody", "--", *command]
        with started(*command, port=ports[3], cwd=folder):
            yield Mosquitto(*ports)
