"""What the canary's cases are made of: a vault of 25 secrets, a server that repeats whatever it is told, a folder."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus, unquote_plus

from engine.core.secrets import Use
from engine.vault import cipher
from engine.vault.fields import is_secret
from engine.vault.keys import KEY, Access
from engine.vault.vault import Vault
from tests.unit.engine.vault.pki import certificate, ssh_key

MASTER = cipher.write_key(bytes(range(100, 132)))


@dataclass
class Case:
    """How the canary uses an activity: parameters with which it does well, and with which it fails, and is tried
    again. Every parameter that takes a secret has to be given in both."""

    success: Mapping[str, Any]
    failure: Mapping[str, Any]


@dataclass
class World:
    """Where the cases act. `folder` is the workflow's own; what is written there is the workflow's affair."""

    folder: Path
    home: Path
    echo: str
    secrets: dict[str, str] = field(default_factory=dict)
    _turn: dict[str, int] = field(default_factory=dict)

    def secret(self, *fit: str) -> str:
        """An expression that names one of the secrets, each in turn; `fit` limits it to those of these credentials."""
        names = [name for name in self.secrets if not fit or name.partition(".")[0] in fit]
        turn = self._turn.get("|".join(fit), 0)
        self._turn["|".join(fit)] = turn + 1
        return f"{{{{ secret('{names[turn % len(names)]}') }}}}"

    def keep(self, name: str, kind: str, fields: dict[str, str]) -> None:
        """Put one more credential into the vault, whose secrets are looked for as well."""
        vault = Vault(self.home, Access({KEY: MASTER}))
        vault.add(name, kind, fields, Use("a test"))
        self.secrets |= {f"{name}.{one}": value for one, value in fields.items() if is_secret(kind, one)}

    def write(self, name: str, content: str | bytes) -> str:
        path = self.folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return str(path)


def make_vault(world: World, token_url: str) -> None:
    """Credentials of every kind, with 25 secrets between them that are as awkward as secrets are."""
    chain, private = certificate(passphrase="C3rt p/ss+phr=se")
    key = ssh_key('ssh "quoted" & 100% passphrase')
    credentials: dict[str, tuple[str, dict[str, str]]] = {
        "login": ("login", {"username": "ada", "password": "tr0ub4dor&3=canary"}),
        "login-cyrillic": ("login", {"username": "борис", "password": "Пар0ла-на-Борис"}),
        "login-spaces": ("login", {"username": "eve", "password": "correct horse battery staple 7"}),
        "login-quotes": ("login", {"username": "mal", "password": 'it\'s "quoted" \\ and <tagged>'}),
        "key": ("api_key", {"key": "AKIAIOSFODNN7CANARY0", "header": "X-Api-Key"}),
        "key-slashes": ("api_key", {"key": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYCANARYKEY+=="}),
        "token": ("token", {"token": "ghp_16C7e42F292c6912E7710c838347Ae178B4a"}),
        "token-long": ("token", {"token": "eyJhbGciOiJIUzI1NiJ9.eyJjYW5hcnkiOjF9.dBjftJeZ4CVPmB92K27uhbUJU1p1r" * 3}),
        "oauth": (
            "oauth2",
            {
                "token_url": token_url,
                "client_id": "robot",
                "client_secret": "oauth-cl13nt-s3cret",
                "refresh_token": "r3fresh-me-canary",
            },
        ),
        "tls": ("certificate", {"certificate": chain, "key": private, "passphrase": "C3rt p/ss+phr=se"}),
        "ssh": ("ssh_key", {"username": "git", "key": key, "passphrase": 'ssh "quoted" & 100% passphrase'}),
        "database": ("database", {"url": "postgresql://db/erp", "username": "erp", "password": "db:p@ss/word?x=1&y=2"}),
        "custom": (
            "custom",
            {
                "pin": "4815162342",
                "emoji": "🔑🔑🔑🔑 canary",
                "lines": "first line of canary\nsecond line of canary",
                "json": '{"nested": ["c4nary", null]}',
                "tabs": "tab\tseparated\tcanary",
                "percent": "100%25%20canary",
                "latin": "naïve café canary",
                "tags": "<b>&amp;canary</b>",
                "hash": "#hash;semi:colon,canary",
                "dollar": "$(whoami)`id`${HOME}canary",
            },
        ),
    }
    for name, (kind, fields) in credentials.items():
        world.keep(name, kind, fields)
    assert len(world.secrets) + 1 >= 25


ACCESS_TOKEN = "ya29.access-token-canary"
"""What the token server grants: the secret that is not put in, but fetched."""


@contextmanager
def echo_server() -> Iterator[str]:
    """The address of a server that answers with all that it was sent, in several spellings.

    `/ok…` answers 200, `/bad…` 400, `/busy…` 503, `/token` as a token server does.
    """

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(length).decode("utf-8", "replace")
            if self.path.startswith("/token"):
                return self._send(200, json.dumps({"access_token": ACCESS_TOKEN, "expires_in": 3600}))
            told = {"path": self.path, "headers": dict(self.headers), "body": body}
            scheme, _, pair = self.headers.get("Authorization", "").partition(" ")
            if scheme == "Basic":
                told["pair"] = base64.b64decode(pair).decode("utf-8", "replace")
            text = json.dumps({**told, "path": unquote_plus(self.path)}, ensure_ascii=False)
            spellings = {
                "told": told,
                "json": json.dumps(text),
                "base64": base64.b64encode(text.encode()).decode(),
                "quoted": quote(text),
                "plus": quote_plus(text),
            }
            status = next((code for start, code in STATUSES.items() if self.path.startswith(start)), 200)
            self._send(status, json.dumps({"items": [spellings], "next": None}, ensure_ascii=False))

        do_POST = do_PUT = do_PATCH = do_DELETE = do_GET

        def _send(self, status: int, text: str) -> None:
            data = text.encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


STATUSES = {"/ok": 200, "/bad": 400, "/busy": 503}


def spellings(value: str) -> set[bytes]:
    """The bytes by which a secret would be found, made apart from the engine's own list of them."""
    texts = {value, *(line for line in value.splitlines() if len(line) >= 12)}
    found: set[bytes] = set()
    for text in texts:
        data = text.encode()
        found |= {data, quote(text).encode(), quote(text, safe="").encode(), quote_plus(text).encode()}
        found |= {json.dumps(text)[1:-1].encode(), json.dumps(text, ensure_ascii=False)[1:-1].encode()}
        found |= {json.dumps(json.dumps(text))[3:-3].encode()}
        if len(data) >= 9:
            for before in range(3):
                whole = base64.b64encode(b"\0" * before + data)
                core = whole[4 if before else 0 : (before + len(data)) // 3 * 4]
                found |= {core, core.translate(bytes.maketrans(b"+/", b"-_"))}
    return {one for one in found if len(one) >= 8}
