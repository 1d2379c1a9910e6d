"""An IMAP server with a mailbox for everybody who knows the password."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.servers import free_port, open_folder, program, started

PASSWORD = "correct-horse-1"


@dataclass(frozen=True)
class Dovecot:
    """Where it listens, without and with TLS, and where the mailboxes are."""

    port: int
    tls_port: int
    folder: Path


@contextmanager
def dovecot(certificate: Path, capability: str = "") -> Iterator[Dovecot]:
    """Run it, with a PEM file of key and certificate; `capability` is what it claims to be able to do."""
    with open_folder() as folder:
        port, tls_port = free_port(), free_port()
        pem = folder / "server.pem"
        pem.write_bytes(certificate.read_bytes())
        user = "nobody" if os.getuid() == 0 else Path.home().name
        pem.chmod(0o644)
        claims = f"imap_capability = {capability}" if capability else ""
        (folder / "dovecot.conf").write_text(f"""
base_dir = {folder}/run
state_dir = {folder}/run
log_path = {folder}/log
protocols = imap
listen = 127.0.0.1
default_internal_user = {user}
default_login_user = {user}
default_internal_group = nogroup
mail_uid = {user}
mail_gid = nogroup
first_valid_uid = 1
mail_location = maildir:{folder}/mail/%u
ssl = yes
ssl_cert = <{pem}
ssl_key = <{pem}
disable_plaintext_auth = no
auth_mechanisms = plain login
auth_failure_delay = 0
mail_max_userip_connections = 100
{claims}
passdb {{
  driver = static
  args = password={PASSWORD}
}}
userdb {{
  driver = static
  args = home={folder}/mail/%u
}}
namespace inbox {{
  inbox = yes
  separator = /
  mailbox Trash {{
    auto = create
    special_use = \\Trash
  }}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
}}
""")
        command = [program("dovecot"), "-F", "-c", str(folder / "dovecot.conf")]
        if os.getuid() == 0:
            command = ["runuser", "-u", "nobody", "--", *command]
        with started(*command, port=port, cwd=folder):
            yield Dovecot(port, tls_port, folder)
