from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from engine.activities import script
from engine.activities.script import runner
from engine.core.errors import BusinessError, StepTimeout, SystemFault
from engine.core.secrets import Secret, SecretRef
from engine.core.values import decode, encode

Call = Callable[..., Any]


def test_inputs_in_result_out(call: Call) -> None:
    code = """
        total = sum(inputs["prices"])
        print("adding")
        result = {"total": total, "on": inputs["on"]}
    """
    import textwrap

    output = call(script.run_python, code=textwrap.dedent(code), inputs={"prices": [1, 2.5], "on": date(2026, 11, 23)})
    assert output["result"] == {"total": 3.5, "on": date(2026, 11, 23)}
    assert output["printed"] == "adding\n"
    assert output["truncated"] is False


def test_a_file_with_arguments_and_a_neighbour(call: Call, tmp_path: Path) -> None:
    (tmp_path / "prices.py").write_text("VAT = 20\n")
    (tmp_path / "main.py").write_text(
        "import json, sys, prices\n"
        "if __name__ == '__main__':\n"
        "    result = [sys.argv, json.load(sys.stdin), prices.VAT, __file__]\n"
    )
    output = call(script.compute, file="main.py", inputs={"a": 1}, arguments=["x y", "ж"])
    path = str(tmp_path / "main.py")
    assert output["result"] == [[path, "x y", "ж"], {"a": 1}, 20, path]


def test_what_a_script_can_hand_on(call: Call) -> None:
    code = (
        "import dataclasses, decimal, enum, pathlib\n"
        "@dataclasses.dataclass\nclass Point:\n    x: int\n"
        "class Colour(enum.Enum):\n    RED = 'red'\n"
        "result = [Point(1), decimal.Decimal('1.5'), Colour.RED, pathlib.PurePosixPath('a/b'), {3, 1}, (1,), range(2)]\n"
    )
    assert call(script.compute, code=code)["result"] == [{"x": 1}, 1.5, "red", "a/b", [1, 3], [1], [0, 1]]
    assert call(script.compute, code="pass")["result"] is None
    for code in ("result = object()", "result = []; result.append(result)", "result = 10 ** 5000"):
        with pytest.raises(BusinessError, match="cannot be handed on"):
            call(script.compute, code=code)


VALUES = [
    date(2026, 1, 2),
    datetime(2026, 1, 2, 3, 4, 5, 6),
    datetime(2026, 1, 2, tzinfo=UTC),
    time(1, 2, 3),
    timedelta(days=-1, microseconds=5),
    b"\x00\xff",
    math.inf,
    {"$": "date", "v": "x"},
    '\0 \ud800 {"$":"secret"}',
    [{"a": [None, True, 1, 1.5, "ж"]}],
    10**300,
]


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_the_runner_reads_and_writes_values_as_the_core_does(value: Any) -> None:
    assert json.loads(encode(value), object_hook=runner.untagged) == value
    assert decode(json.dumps(runner.tagged(value))) == value


def test_every_value_survives_the_way_there_and_back(call: Call) -> None:
    assert call(script.compute, code="result = inputs['values']", inputs={"values": VALUES})["result"] == VALUES


@pytest.mark.parametrize(
    ("code", "kind", "message"),
    [
        ("x = 1\nx / 0", SystemFault, "failed in line 2 with ZeroDivisionError: division by zero"),
        ("def f():\n    raise KeyError('k')\nf()", SystemFault, "failed in line 2 with KeyError: 'k'"),
        ("x = (", BusinessError, r"cannot be read in line 1: '\(' was never closed"),
        ("x = '\0'", BusinessError, "cannot be read"),
        ("x = '\ud800' + 1", BusinessError, "cannot be read"),
        ("raise BusinessError('no such order')", BusinessError, "^no such order$"),
        ("import sys; sys.exit('no way')", SystemFault, "(?s)exit code 1.*no way"),
        ("import sys; sys.exit(7)", SystemFault, "exit code 7"),
        ("import os; os._exit(3)", SystemFault, "ended with exit code 3 and gave no result"),
        ("import os; os.close(1); os.close(2); 1 / 0", SystemFault, "gave no result|ZeroDivisionError"),
        ("def f(): f()\nf()", SystemFault, "RecursionError"),
        (" ", BusinessError, "give either code or a file"),
    ],
)
def test_how_it_fails(call: Call, code: str, kind: type[Exception], message: str) -> None:
    with pytest.raises(kind, match=message):
        call(script.run_python, code=code)


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_killed_by_a_signal(call: Call) -> None:
    with pytest.raises(SystemFault, match=r"was killed \(SIGSEGV\)"):
        call(script.run_python, code="import os, signal; os.kill(os.getpid(), signal.SIGSEGV)")


def test_the_last_output_is_in_the_error(call: Call) -> None:
    with pytest.raises(SystemFault, match="order 17") as caught:
        call(script.run_python, code="print('x' * 100_000); print('order 17'); 1 / 0")
    assert len(caught.value.message) < 4000


def test_what_is_not_there(call: Call, tmp_path: Path) -> None:
    with pytest.raises(BusinessError, match="there is no file or folder"):
        call(script.run_python, file="missing.py")
    with pytest.raises(BusinessError, match="there is no program 'python0'"):
        call(script.run_python, code="pass", interpreter="python0")
    with pytest.raises(BusinessError, match="no file or folder"):
        call(script.run_python, code="pass", folder="missing")


def test_its_environment_holds_no_secret_but_those_given(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_PASSWORD", "hunter2")
    monkeypatch.setenv("HTTPS_PROXY", "http://me:hunter2@127.0.0.1:1")
    code = "import os; print(os.environ['TOKEN']); result = [dict(os.environ), os.environ['TOKEN'][::-1]]"
    output = call(script.run_python, code=code, env={"MODE": "test"}, secrets={"TOKEN": Secret("s3cr3t-token")})
    seen, backwards = output["result"]
    assert seen["MODE"] == "test"
    assert "PATH" in seen
    assert "hunter2" not in repr(seen)
    assert "s3cr3t-token" not in repr(output)
    assert backwards == "nekot-t3rc3s"
    with pytest.raises(SystemFault) as caught:
        call(script.run_python, code="import os; raise OSError(os.environ['T'])", secrets={"T": Secret("s3cr3t-token")})
    assert "s3cr3t-token" not in str(caught.value)
    with pytest.raises(BusinessError, match="an input of the script is a secret"):
        call(script.run_python, code="pass", inputs={"a": [SecretRef("x")]})
    for env in ({"A=B": "1"}, {"": "1"}, {"A": "\0"}, {"A": "\ud800"}, {"A": f"x{SecretRef('x')}"}):
        with pytest.raises(BusinessError, match="environment variable"):
            call(script.run_python, code="pass", env=env)


def test_much_output_is_cut(call: Call) -> None:
    output = call(script.run_python, code="for i in range(200): print(i, 'x' * 20_000)\nresult = 1")
    assert output["result"] == 1
    assert output["truncated"]
    assert len(output["printed"]) < 300_000
    assert "bytes left out" in output["printed"]
    assert output["printed"].startswith("0 xxx")


def test_a_result_too_large(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.activities.script.python.LARGEST_RESULT", 1_000_000)
    with pytest.raises(BusinessError, match="larger than 1 MB"):
        call(script.run_python, code="result = 'x' * 2_000_000")


def test_it_takes_too_long(call: Call) -> None:
    with pytest.raises(StepTimeout, match=r"(?s)within 0.3 seconds; its last output:\nwaiting"):
        call(script.run_python, code="import time\nprint('waiting')\ntime.sleep(60)", timeout="300ms")


def test_the_packaged_application_finds_a_python(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert call(script.run_python, code="import sys; result = sys.version_info[0]")["result"] == 3
    monkeypatch.setenv("PATH", "")
    with pytest.raises(BusinessError, match="there is no Python on this computer"):
        call(script.run_python, code="pass")
