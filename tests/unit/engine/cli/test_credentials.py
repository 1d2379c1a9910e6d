"""`rpa credentials`, with values from files and standard input; what is typed is tried on a terminal in `tests/e2e`."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.api import Catalog, absent_credentials, loads, named_credentials, open_credentials
from engine.cli.main import interpret
from engine.core import settings
from engine.vault import cipher
from engine.vault.keys import KEY, NEW_KEY

Rpa = Callable[..., tuple[int, str, str]]


@pytest.fixture
def rpa(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Rpa:
    """Runs a command line; gives the exit code, standard output and error."""
    monkeypatch.setenv(KEY, cipher.write_key(bytes(range(32))))

    def run(*arguments: str, given: bytes = b"") -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(given), encoding="utf-8"))
        code = interpret(["credentials", *arguments])
        return (code, *capsys.readouterr())

    return run


@pytest.fixture
def erp(rpa: Rpa) -> Rpa:
    code, out, _ = rpa(
        "add",
        "erp",
        "--kind",
        "login",
        "--field",
        "username=ada",
        "--field",
        "password=@-",
        given="pässw0rd\r\n".encode(),
    )
    assert code == 0 and "RPA_VAULT_KEY" in out and "pässw0rd" not in out
    return rpa


def test_from_adding_to_removing(erp: Rpa, tmp_path: Path) -> None:
    assert erp("list")[1].splitlines()[1].split()[:2] == ["erp", "Login"]
    _, shown, _ = erp("show", "erp")
    assert "ada" in shown and "pässw0rd" not in shown and "••••••" in shown
    assert erp("reveal", "erp", "--reason", "ticket 12") == (0, "pässw0rd\n", "")
    assert erp("reveal", "erp", "username") == (0, "ada\n", "")
    key = tmp_path / "key.txt"
    key.write_text("line one\nline two\n")
    assert erp("edit", "erp", "--field", f"password=@{key}", "--field", "username=@@ada")[0] == 0
    assert erp("reveal", "erp")[1] == "line one\nline two\n"
    assert erp("reveal", "erp", "username")[1] == "@ada\n"
    assert erp("rename", "erp", "ERP")[0] == 0
    assert erp("remove", "ERP")[0] == 2
    assert erp("remove", "ERP", "--yes")[0] == 0
    assert "no credentials yet" in erp("list")[1]
    lines = erp("audit")[1].splitlines()[1:]
    assert [line.split()[2] for line in lines] == [
        "removed",
        "renamed",
        "revealed",
        "revealed",
        "changed",
        "revealed",
        "revealed",
        "added",
    ]
    assert "ticket 12" in lines[-2]
    assert erp("audit", "--verify")[0] == 0


def test_documents_for_scripts(erp: Rpa) -> None:
    (one,) = json.loads(erp("list", "--json")[1])
    assert (one["name"], one["kind"], one["used"]) == ("erp", "login", None)
    assert json.loads(erp("show", "erp", "--json")[1])["hidden"] == ["password"]
    assert json.loads(erp("reveal", "erp", "--json")[1])["value"] == "pässw0rd"
    assert json.loads(erp("status", "--json")[1])["origin"] == "variable"
    assert json.loads(erp("unlock", "--json")[1]) == {
        "opens": True,
        "credentials": 1,
        "audit_lines": 2,
        "audit_findings": [],
    }
    assert json.loads(erp("audit", "--json")[1])[0]["event"] == "revealed"
    code, out, _ = erp("show", "nope", "--json")
    assert (code, json.loads(out)["error"]["type"]) == (2, "no_such_credential")


@pytest.mark.parametrize(
    ("arguments", "given", "code", "told"),
    [
        (("add", "a", "--kind", "login", "--field", "username=a", "--field", "password=secret"), b"", 2, "does not belong in a command line"),
        (("add", "a", "--kind", "custom", "--field", "pin=1234"), b"", 2, "does not belong in a command line"),
        (("add", "a", "--kind", "login", "--field", "username=a"), b"", 1, "lacks: password"),
        (("add", "a"), b"", 2, "needs --kind"),
        (("add", "a", "--kind", "logon"), b"", 2, "logon"),
        (("add", "ERP", "--kind", "token", "--field", "token=@-"), b"x", 2, "already"),
        (("add", "a", "--kind", "login", "--field", "username=@-", "--field", "password=@-"), b"x", 2, "one field only"),
        (("add", "a", "--kind", "token", "--field", "token=@/nowhere"), b"", 2, "cannot be read"),
        (("add", "a", "--kind", "token", "--field", "token=@-"), b"\xff\xfe", 2, "not text in UTF-8"),
        (("add", "a", "--kind", "token", "--field", "token"), b"", 2, "NAME=VALUE"),
        (("add", "a", "--kind", "ssh_key", "--field", "username=a", "--field", "key=@-"), b"PuTTY-User-Key-File-3:", 1, "cannot be read"),
        (("edit", "erp"), b"", 2, "nothing is to be changed"),
        (("edit", "erp", "--unset", "password"), b"", 1, "lacks: password"),
        (("show", "epr"), b"", 2, "'erp'"),
        (("reveal", "erp", "token"), b"", 1, "has no token"),
        (("export", "out.rpacred"), b"", 2, "RPA_EXPORT_PASSPHRASE"),
        (("rotate", "--to", "passphrase"), b"", 1, "RPA_VAULT_NEW_PASSPHRASE"),
        (("rotate",), b"", 1, "RPA_VAULT_NEW_KEY"),
        (("lst",), b"", 2, "rpa credentials list"),
        (("--nope",), b"", 2, "no option"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_what_to_do(
    erp: Rpa, arguments: tuple[str, ...], given: bytes, code: int, told: str
) -> None:
    found, out, err = erp(*arguments, given=given)
    assert (found, out) == (code, "") and told in err, err
    assert "hint:" in err
    assert "secret" not in err or "a secret does not" in err


def test_help_of_the_group_and_of_each_command(erp: Rpa) -> None:
    code, out, _ = erp()
    names = [line.split()[0] for line in out.splitlines() if line.startswith("  ")]
    assert code == 0 and names == [
        "list",
        "show",
        "add",
        "edit",
        "rename",
        "remove",
        "reveal",
        "export",
        "import",
        "rotate",
        "audit",
        "status",
        "unlock",
        "repair",
    ]
    for name in names:
        code, out, _ = erp(name, "--help")
        assert code == 0 and f"rpa credentials {name}" in out and "example:" in out
    assert interpret(["help", "credentials", "add"]) == 0


def test_export_import_and_rotation(erp: Rpa, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = str(tmp_path / "out.rpacred")
    monkeypatch.setenv("RPA_EXPORT_PASSPHRASE", "for the journey")
    assert erp("export", file)[0] == 0
    assert erp("import", file)[0] == 2
    assert "erp is called erp-2" in erp("import", file, "--conflict", "rename")[1]
    monkeypatch.setenv(NEW_KEY, "ab" * 32)
    assert erp("rotate", "--data")[0] == 0
    assert erp("unlock")[0] == 1
    monkeypatch.setenv(KEY, "ab" * 32)
    assert "2 credentials" in erp("unlock")[1]


def test_repairing(erp: Rpa, own_home: Path) -> None:
    assert "nothing to repair" in erp("repair")[1]
    erp("add", "shop", "--kind", "token", "--field", "token=@-", given=b"t-1234")
    (own_home / "vault.json").write_text("{")
    code, _, err = erp("list")
    assert code == 1 and "rpa credentials repair" in err
    code, out, _ = erp("repair")
    assert code == 2 and "from the backup, as they were then: erp" in out
    assert erp("repair", "--yes")[0] == 0
    assert erp("unlock")[0] == 0
    assert len(list(own_home.glob("vault.json.damaged-*"))) == 1


WORKFLOW = """
rpa: 1
name: a
steps:
  - id: get
    activity: http.get
    with: {url: "http://127.0.0.1/", auth: bearer, credential: "{{ secret('erp.password') }}"}
  - id: script
    activity: script.python
    with: {code: "", secrets: {A: "{{ 'shop' | secret }}", B: '{{ secret("erp") }}'}}
  - id: mail
    activity: mail.send
    with: {to: a@example.com, subject: a, credential: post}
edges: [get.next -> script, script.next -> mail]
"""


def test_credentials_that_a_workflow_names_and_this_machine_lacks(
    erp: Rpa, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = loads(WORKFLOW)
    assert named_credentials(document.workflow, Catalog()) == {
        "erp.password": ["get"],
        "shop": ["script"],
        "erp": ["script"],
        "post": ["mail"],
    }
    path = tmp_path / "a.rpa.yaml"
    path.write_text(WORKFLOW)
    assert interpret(["validate", str(path), "--json"]) in (0, 3)
    problems = json.loads(capsys.readouterr().out)["files"][0]["problems"]
    found = [(one["severity"], one["step"], one["parameter"]) for one in problems if one["code"] == "no-credential"]
    assert found == [("warning", "script", "secrets"), ("warning", "mail", "credential")]
    assert not [one for one in problems if one["code"] == "plain-secret"]


def test_where_there_is_no_vault_nothing_is_missed(own_home: Path) -> None:
    vault = open_credentials(settings.read())
    assert absent_credentials(loads(WORKFLOW), Catalog(), vault) == []
    assert not own_home.exists()
