"""Credentials typed on a terminal: nothing that is typed is shown, and a run asks for the passphrase once, before it."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import time
from pathlib import Path

from tests.e2e.conftest import Rpa

PASSPHRASE = "correct horse staple"
SIGN_IN = """\
rpa: 1
name: sign-in
steps:
  - id: look
    activity: script.compute
    with: {code: "import os; result = len(os.environ['P'])", secrets: {P: "{{ secret('erp') }}"}}
outputs: {length: "{{ steps.look.output.result }}"}
"""


def on_a_terminal(rpa: Rpa, *arguments: str, answers: list[tuple[str, str]], code: int = 0) -> str:
    """Run a command on a terminal of its own; type each answer when its question is there. Gives all that was shown."""
    outer, inner = pty.openpty()
    environment = rpa.environment(TERM="dumb", DBUS_SESSION_BUS_ADDRESS="unix:path=/nowhere")
    run = subprocess.Popen(
        rpa.command(*arguments),
        cwd=rpa.folder,
        env=environment,
        stdin=inner,
        stdout=inner,
        stderr=inner,
        start_new_session=True,
    )
    os.close(inner)
    shown, until, left = "", time.monotonic() + 60, list(answers)
    seen = 0
    try:
        while time.monotonic() < until:
            ready, _, _ = select.select([outer], [], [], 0.1)
            if ready:
                try:
                    piece = os.read(outer, 65536)
                except OSError:
                    break
                shown += piece.decode("utf-8", "replace")
            if left and left[0][0] in shown[seen:]:
                seen = shown.index(left[0][0], seen) + len(left[0][0])
                os.write(outer, left.pop(0)[1].encode() + b"\n")
        assert run.wait(10) == code, shown
    finally:
        run.kill()
        run.wait()
        os.close(outer)
    assert left == [], shown
    return shown


def test_from_a_first_credential_to_a_run(rpa: Rpa) -> None:
    shown = on_a_terminal(
        rpa,
        "credentials",
        "add",
        "erp",
        answers=[
            ("Kind: ", "login"),
            ("User name: ", "ada"),
            ("Password: ", "tr0ub4dor&3"),
            ("New passphrase of the vault: ", PASSPHRASE),
            ("Once more: ", PASSPHRASE),
        ],
    )
    assert "erp is in the vault" in shown and "your passphrase" in shown
    assert "tr0ub4dor" not in shown and PASSPHRASE not in shown
    (rpa.folder / "sign-in.rpa.yaml").write_text(SIGN_IN)
    shown = on_a_terminal(
        rpa,
        "run",
        "sign-in.rpa.yaml",
        answers=[("Passphrase of the vault: ", "wrong one"), ("Passphrase of the vault: ", PASSPHRASE)],
    )
    assert "not that of this vault" in shown and "length  11" in shown
    refused = rpa("run", "sign-in.rpa.yaml", code=1)
    assert "nobody here to ask" in refused.stdout and "RPA_VAULT_PASSPHRASE" in refused.stdout
    assert rpa("run", "sign-in.rpa.yaml", environment={"RPA_VAULT_PASSPHRASE": PASSPHRASE}).returncode == 0
    shown = on_a_terminal(
        rpa,
        "credentials",
        "edit",
        "erp",
        answers=[("User name (Enter", ""), ("Password (Enter", "n3w-word"), ("Passphrase of", PASSPHRASE)],
    )
    assert "erp was changed: password" in shown
    shown = on_a_terminal(rpa, "credentials", "remove", "erp", answers=[("[y/N]", "n")], code=1)
    assert "Nothing was removed" in shown


def test_a_run_that_needs_no_secret_asks_nothing(rpa: Rpa, tmp_path: Path) -> None:
    rpa(
        "credentials",
        "add",
        "a",
        "--kind",
        "login",
        "--field",
        "username=a",
        "--field",
        f"password=@{_file(rpa)}",
        environment={"RPA_VAULT_PASSPHRASE": PASSPHRASE, "PYTHON_KEYRING_BACKEND": ""},
    )
    rpa("new", "first")
    on_a_terminal(rpa, "run", "first.rpa.yaml", answers=[])


def _file(rpa: Rpa) -> Path:
    path = rpa.folder / "password.txt"
    path.write_text("a-password\n")
    return path
