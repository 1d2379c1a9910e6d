"""The packaged program: built once, then used as the person uses it who was handed the folder."""

from __future__ import annotations

import gettext
import hashlib
import json
import os
import runpy
import shutil
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import CodeType

import pytest
from filelock import FileLock

from engine import __version__
from engine.api import Catalog
from tests.e2e.conftest import Rpa

ROOT = Path(__file__).parents[2]
SHIPPED = ("examples", "fonts", "icons", "schemas", "translations")
LINUX = sys.platform == "linux"
LARGEST = 620_000_000
"""Bytes of the whole folder."""
UNWANTED = {"tkinter", "pytest", "_pytest", "hypothesis", "mypy", "babel", "setuptools", "pygments"}
SCRIPT = """\
rpa: 1
name: script
outputs:
  sum: "{{ steps.add.output.result.sum }}"
  python: "{{ steps.add.output.result.python }}"
steps:
  - id: add
    activity: script.python
    with:
      inputs: {numbers: [1, 2, 39]}
      code: |
        import sys
        result = {"sum": sum(inputs["numbers"]), "python": sys.executable}
"""

pytestmark = [
    pytest.mark.timeout(400),
    pytest.mark.skipif(
        LINUX and shutil.which("objdump") is None and "CI" not in os.environ,
        reason="needs objdump to build the program (Debian: binutils)",
    ),
]


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder to hand out, built by the first process of this run that asks for it."""
    base = tmp_path_factory.getbasetemp()
    shared = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "frozen"
    shared.mkdir(exist_ok=True)
    with FileLock(shared / "lock"):
        if not (shared / "built").exists():
            built = subprocess.run(
                [sys.executable, "-m", "PyInstaller", "build.spec", "--noconfirm", "--log-level", "WARN",
                 "--distpath", shared / "dist", "--workpath", shared / "work"],
                cwd=ROOT,
                env={**os.environ, "PYINSTALLER_CONFIG_DIR": str(shared / "cache")},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
            )  # fmt: skip
            assert built.returncode == 0, built.stdout + built.stderr
            shutil.rmtree(shared / "work")
            shutil.rmtree(shared / "cache")
            (shared / "built").touch()
    return shared / "dist" / "rpa-studio"


@dataclass
class Frozen(Rpa):
    """Runs a program of the folder with nothing of the checkout around it."""

    program: str = ""
    language: str = "C"

    def command(self, *arguments: str) -> list[str]:
        return [self.program, *arguments]

    def environment(self, **more: str) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "TEMP", "TMP") if name in os.environ}
        own = {"HOME": self.folder, "RPA_HOME": self.home, "LC_ALL": f"{self.language}.UTF-8"}
        return {**kept, **{name: str(value) for name, value in own.items()}, "QT_QPA_PLATFORM": "offscreen", **more}


@pytest.fixture
def frozen(folder: Path, tmp_path: Path, own_home: Path) -> Iterator[Callable[[str], Frozen]]:
    made: list[Frozen] = []

    def program(name: str) -> Frozen:
        made.append(Frozen(tmp_path, own_home, program=str(folder / name)))
        return made[-1]

    yield program
    for one in made:
        for process in list(one.started):
            one.kill(process)


@pytest.fixture
def example(folder: Path, tmp_path: Path) -> Path:
    """A copy of the order report, as the program brings it along."""
    shutil.copytree(folder / "_internal" / "resources" / "examples" / "order-report", tmp_path / "orders")
    return tmp_path / "orders" / "order-report.rpa.yaml"


def until(what: Callable[[], bool], seconds: float = 30) -> bool:
    end = time.monotonic() + seconds
    while not what() and time.monotonic() < end:
        time.sleep(0.05)
    return what()


def made_by(example: Path) -> tuple[list[str], int]:
    """The files that the order report left, and how many letters are in them."""
    output = example.parent / "output"
    letters = (output / "outbox.txt").read_text("utf-8").count("To: ")
    return sorted(path.name for path in output.iterdir() if path.stat().st_size > 100), letters


ALL = (["late-orders.csv", "order-report.xlsx", "outbox.txt"], 35)


def test_the_window_runs_the_order_report(frozen: Callable[[str], Frozen], example: Path) -> None:
    frozen("rpa-studio")(str(example), "--run", "--then-quit")
    assert made_by(example) == ALL


def test_the_command_runs_the_order_report(frozen: Callable[[str], Frozen], example: Path) -> None:
    assert frozen("rpa").json("run", str(example))["output"]["letters"] == 35
    assert made_by(example) == ALL


def test_it_has_every_activity_and_is_well(frozen: Callable[[str], Frozen]) -> None:
    rpa = frozen("rpa")
    assert rpa("--version").stdout.split() == ["rpa", __version__]
    assert [one["id"] for one in rpa.json("activities")] == Catalog(entry_points=False).ids()
    findings = rpa.json("doctor")["findings"]
    assert [one for one in findings if one["state"] == "bad"] == []


def test_a_script_runs_on_the_python_of_the_computer(frozen: Callable[[str], Frozen], folder: Path) -> None:
    rpa = frozen("rpa")
    rpa.write("script.rpa.yaml", SCRIPT)
    output = rpa.json("run", "script.rpa.yaml")["output"]
    assert output["sum"] == 42
    assert not Path(output["python"]).is_relative_to(folder)


@pytest.mark.parametrize(
    ("program", "arguments", "code"),
    [("rpa", ["run", "nowhere.rpa.yaml"], 3), ("rpa-studio", ["nowhere.rpa.yaml", "--run", "--then-quit"], 2)],
)
def test_a_file_that_is_not_there(
    frozen: Callable[[str], Frozen], program: str, arguments: list[str], code: int
) -> None:
    assert "there is no file nowhere.rpa.yaml" in frozen(program)(*arguments, code=code).stderr


def test_a_second_start_hands_over_in_bulgarian(frozen: Callable[[str], Frozen], folder: Path, example: Path) -> None:
    studio = frozen("rpa-studio")
    studio.language = "bg_BG"
    first = studio.start()
    assert until((studio.home / "store.db.lock").exists)
    text = "RPA Studio is open already; it shows the files."
    said = gettext.translation("studio", ROOT / "resources" / "translations", ["bg"]).gettext(text)
    assert studio(str(example)).stdout.strip() == said != text
    remembered = studio.home / "studio.json"
    assert until(lambda: remembered.exists() and json.dumps(str(example)) in remembered.read_text("utf-8"))
    if LINUX:
        maps = Path(f"/proc/{first.pid}/maps").read_text("utf-8").splitlines()
        loaded = {Path(line.split(maxsplit=5)[5]) for line in maps if "/" in line}
        assert folder / "_internal" / "PySide6" / "Qt" / "translations" / "qtbase_bg.qm" in loaded
        assert [path for path in loaded if path.is_relative_to(ROOT) or path.is_relative_to(sys.prefix)] == []


def test_what_is_in_it(folder: Path) -> None:
    assert sorted(path.stem for path in folder.iterdir()) == ["_internal", "rpa", "rpa-studio"]
    inside = folder / "_internal"
    for name in SHIPPED:
        assert below(ROOT / "resources" / name) == below(inside / "resources" / name) != set()
    assert {path.name for path in inside.rglob("*.qm")} == {"qtbase_bg.qm", "qtbase_en.qm"}
    assert [path for path in inside.rglob("*") if set(path.relative_to(inside).parts) & UNWANTED] == []
    assert [path for path in inside.rglob("*Qt6*") if any(part in path.name for part in ("Qml", "Quick", "Pdf"))] == []


def below(folder: Path) -> set[Path]:
    """The files in a folder, without what running an example in it leaves."""
    found = {path.relative_to(folder) for path in folder.rglob("*") if path.is_file()}
    return {path for path in found if "output" not in path.parts}


def test_it_is_small_and_holds_no_file_twice(folder: Path) -> None:
    files = [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
    assert sum(path.stat().st_size for path in files) < LARGEST
    same: dict[str, list[str]] = defaultdict(list)
    for path in files:
        if path.stat().st_size > 10_000:
            same[hashlib.sha256(path.read_bytes()).hexdigest()].append(path.name)
    assert [names for names in same.values() if len(names) > 1] == []


def test_it_tells_nothing_of_where_it_was_built(folder: Path) -> None:
    from PyInstaller.archive.readers import CArchiveReader  # type: ignore[import-untyped]

    here = [str(ROOT).encode(), str(Path(sys.prefix)).encode()]
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert [path for path in files if any(name in path.read_bytes() for name in here)] == []
    suffix = ".exe" if os.name == "nt" else ""
    modules = CArchiveReader(str(folder / f"rpa{suffix}")).open_embedded_archive("PYZ.pyz")
    assert {"engine.cli.main", "studio.app"} <= set(modules.toc)
    assert [name for name in modules.toc if name.partition(".")[0] in UNWANTED] == []
    codes = {name: modules.extract(name) for name in modules.toc}
    assert [
        name for name, code in codes.items() if isinstance(code, CodeType) and Path(code.co_filename).is_absolute()
    ] == []


def test_what_it_starts_finds_the_libraries_of_the_system(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LD_LIBRARY_PATH", "/ours")
    monkeypatch.setenv("LD_LIBRARY_PATH_ORIG", "/theirs")
    monkeypatch.setenv("LIBPATH", "/ours")
    runpy.run_path(str(ROOT / "resources" / "deploy" / "libraries.py"))
    assert os.environ["LD_LIBRARY_PATH"] == "/theirs"
    assert "LD_LIBRARY_PATH_ORIG" not in os.environ and "LIBPATH" not in os.environ


def test_the_icons_are_the_sign() -> None:
    """`python -m resources.deploy.icons` draws them."""
    program = (
        "from resources.deploy import icons; application = icons.QGuiApplication(); print(icons.picture(64).hex())"
    )
    drawn = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert bytes.fromhex(drawn.stdout) in (ROOT / "resources" / "icons" / "rpa-studio.ico").read_bytes()
