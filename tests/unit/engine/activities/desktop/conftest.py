from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from subprocess import Popen

import pytest

from engine.activities.desktop.platform import Desktop as Opened
from engine.activities.desktop.platform import Window, opened
from tests.support.desktop import Desktop

PATIENCE = 20.0


@pytest.fixture(scope="module")
def screen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Desktop, str]]:
    """Xvfb with openbox and a session bus of its own, whose address is the second."""
    with Desktop((1280, 900)) as desktop:
        said = tmp_path_factory.mktemp("bus") / "address"
        desktop.start(["dbus-daemon", "--session", "--nofork", "--print-address=1"], output=said)
        until = time.monotonic() + PATIENCE
        while not said.read_text().strip():
            assert time.monotonic() < until, "no session bus"
            time.sleep(0.02)
        yield desktop, said.read_text().strip()


@pytest.fixture
def desk(screen: tuple[Desktop, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Desktop]:
    """The desktop, which this process is on, too, with the mouse in the middle."""
    desktop, bus = screen
    monkeypatch.setenv("DISPLAY", desktop.display)
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", bus)
    monkeypatch.setenv("XAUTHORITY", str(tmp_path / "none"))
    monkeypatch.setenv("GSETTINGS_BACKEND", "memory")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    desktop.move(640, 450)
    with opened() as seen:
        seen.accessibility.enable()
    yield desktop


@pytest.fixture
def eyes(desk: Desktop) -> Iterator[Opened]:
    """The desktop as the steps see it."""
    with opened() as seen:
        yield seen


@pytest.fixture
def editor(desk: Desktop, screen: tuple[Desktop, str], tmp_path: Path) -> Iterator[Path]:
    """A GTK editor with an empty file `notes.txt`, which is what comes."""
    path = tmp_path / "notes.txt"
    path.write_text("")
    with running(desk, screen[1], ["mousepad", "--disable-server", str(path)], "notes.txt - Mousepad"):
        yield path


@pytest.fixture
def terminal(desk: Desktop, screen: tuple[Desktop, str], tmp_path: Path) -> Iterator[Path]:
    """An xterm whose `cat` writes the lines that it gets to the file that comes."""
    path = tmp_path / "typed.txt"
    command = ["xterm", "-u8", "-T", "terminal", "-e", "sh", "-c", f"exec cat > {path}"]
    with running(desk, screen[1], command, "terminal"):
        yield path


@contextlib.contextmanager
def running(desktop: Desktop, bus: str, command: list[str], title: str) -> Iterator[Popen[bytes]]:
    program = desktop.start(command, environment={"DBUS_SESSION_BUS_ADDRESS": bus, "NO_AT_BRIDGE": "0"})
    try:
        desktop.wait_for_window(title)
        eventually(lambda: any(title in one.title and one.active for one in windows()))
        yield program
    finally:
        program.kill()
        program.wait()
        with contextlib.suppress(Exception):
            eventually(lambda: not any(title in one.title for one in windows()))


def windows() -> list[Window]:
    with opened() as seen:
        return seen.windows.all()


def eventually(what: Callable[[], object], seconds: float = PATIENCE) -> None:
    until = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < until, "it did not come true"
        time.sleep(0.05)
