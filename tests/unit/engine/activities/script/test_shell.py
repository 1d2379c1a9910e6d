from __future__ import annotations

import base64
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine.activities import script
from engine.activities.script.shell import commands
from engine.core.errors import BusinessError, StepTimeout, SystemFault
from engine.core.secrets import Secret, SecretRef

Call = Callable[..., Any]
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="written for sh")


def test_arguments_are_data(call: Call) -> None:
    hostile = "$(touch here); `touch here` ' \" \\ \n*"
    output = call(script.run_shell, code='printf %s "$1"; ls', arguments=[hostile])
    assert output["result"] == hostile
    assert output["exit_code"] == 0


def test_standard_input(call: Call) -> None:
    assert call(script.query, code="cat", input={"a": [1, None]})["result"] == {"a": [1, None]}
    assert call(script.query, code="cat", input="text\n\n")["stdout"] == "text\n\n"
    assert call(script.query, code="cat")["result"] == ""
    assert len(call(script.query, code="cat", input="x" * 900_000)["stdout"]) == 900_000
    assert call(script.query, code="true", input="x" * 900_000)["result"] == ""
    with pytest.raises(BusinessError, match="holds a secret"):
        call(script.query, code="cat", input={"a": SecretRef("x")})


@pytest.mark.parametrize(
    ("written", "output", "result"),
    [
        ("a\\nb\\n", "auto", "a\nb"),
        ("[1]\\n", "auto", [1]),
        ("[1\\n", "auto", "[1"),
        ("007", "auto", "007"),
        ("007", "text", "007"),
        ("a\\nb\\n", "lines", ["a", "b"]),
        ("5", "json", 5),
    ],
)
def test_the_form_of_the_result(call: Call, written: str, output: str, result: Any) -> None:
    assert call(script.query, code=f"printf '{written}'", output=output)["result"] == result


def test_not_json(call: Call) -> None:
    with pytest.raises(BusinessError, match="is not JSON"):
        call(script.query, code="echo {", output="json")


def test_exit_codes(call: Call) -> None:
    with pytest.raises(SystemFault, match=r"(?s)ended with exit code 3; the last output:\ndisk full"):
        call(script.run_shell, code="echo disk full >&2; exit 3")
    assert call(script.run_shell, code="exit 3", success_codes=[0, 3])["exit_code"] == 3
    with pytest.raises(BusinessError, match=r"(?s)exit code 127.*not found"):
        call(script.run_shell, code="no-such-command-here")
    with pytest.raises(SystemFault, match=r"was killed \(SIGKILL\)"):
        call(script.run_shell, code="kill -9 $$")


def test_files(call: Call, tmp_path: Path) -> None:
    (tmp_path / "with.py").write_text(f"#!{sys.executable}\nimport sys\nprint(sys.argv[1:])\n")
    (tmp_path / "with.py").chmod(0o755)
    assert call(script.run_shell, file="with.py", arguments=["a b"])["result"] == "['a b']"
    (tmp_path / "without").write_text('echo "$1"\n')
    assert call(script.run_shell, file="without", arguments=["a b"])["result"] == "a b"
    (tmp_path / "without").chmod(0o755)
    assert call(script.run_shell, file="without", arguments=["a b"])["result"] == "a b"
    with pytest.raises(BusinessError, match="no file or folder"):
        call(script.run_shell, file="missing")
    with pytest.raises(BusinessError, match="is a folder"):
        call(script.run_shell, file=".")


def test_what_the_system_refuses(call: Call) -> None:
    with pytest.raises(BusinessError, match="longer than the system allows"):
        call(script.run_shell, code="true " + "x" * 3_000_000)
    for code in ("echo \0", "echo \ud800"):
        with pytest.raises(BusinessError, match="NUL character or half a character"):
            call(script.run_shell, code=code)


def test_secrets_do_not_show(call: Call) -> None:
    output = call(
        script.run_shell, code='echo "{\\"a\\": \\"$T\\"}"; echo "$T" >&2', secrets={"T": Secret("s3cr3t-token")}
    )
    assert "s3cr3t-token" not in repr(output)
    assert set(output["result"]) == {"a"}
    with pytest.raises(SystemFault) as caught:
        call(script.run_shell, code='echo "$T" >&2; exit 1', secrets={"T": Secret("s3cr3t-token")})
    assert "s3cr3t-token" not in str(caught.value)


def test_much_output_is_cut(call: Call) -> None:
    output = call(script.query, code="head -c 30000000 /dev/zero | tr '\\0' x; echo; echo end")
    assert output["truncated"]
    assert len(output["stdout"]) < 1_100_000
    assert output["result"].endswith("end")


def test_powershell_gets_arguments_as_literals() -> None:
    command = commands("echo $args", ["it's; rm", "$x"], "powershell.exe", windows=True)
    text = base64.b64decode(command[-1]).decode("utf-16-le")
    assert command[:-1] == ["powershell.exe", "-NoProfile", "-NonInteractive", "-EncodedCommand"]
    assert "} 'it''s; rm' '$x'\n" in text


def test_a_secret_that_is_cut_at_the_edge_of_an_error_is_masked(call: Call) -> None:
    with pytest.raises(SystemFault) as caught:
        code = "printf %s \"$T\"; head -c 1490 /dev/zero | tr '\\0' x; exit 1"
        call(script.run_shell, code=code, secrets={"T": Secret("s3cr3t-token-of-some-length")})
    assert "x" * 1490 in str(caught.value)
    assert "length" not in str(caught.value)
    with pytest.raises(StepTimeout) as timed_out:
        code = "printf %s \"$T\"; head -c 990 /dev/zero | tr '\\0' x; sleep 60"
        call(script.run_shell, code=code, timeout=1, secrets={"T": Secret("s3cr3t-token-of-some-length")})
    assert "x" * 990 in str(timed_out.value)
    assert "length" not in str(timed_out.value)
