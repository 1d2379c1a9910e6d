"""Set up and work on RPA Studio; needs nothing but Python 3.11 or newer.

    python3 dev.py run [ARGS]    set up, then open RPA Studio (ARGS are workflows to open); where there is no display,
                                 run the example workflow in the terminal instead (ARGS go to `rpa run`)
    python3 dev.py test [ARGS]   set up, then run the whole test suite in parallel (ARGS go to pytest)
    python3 dev.py check         set up, then lint, import rules and types
    python3 dev.py build         set up, then make the program to hand out, in dist/rpa-studio
    python3 dev.py bench [NAME]  set up, also what we are compared with, then run a benchmark: engine, canvas, gui_loop,
                                 designer or startup
    python3 dev.py lock [ARGS]   write requirements.lock anew from pyproject.toml (--upgrade: newest versions)
    python3 dev.py setup         only set up

The environment is `.venv`. What stands in it is written to `.venv/ready` last, so an interrupted set-up is made again.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
LOCK = ROOT / "requirements.lock"
EXAMPLE = "resources/examples/order-report/order-report.rpa.yaml"
BENCHES = ("engine", "canvas", "gui_loop", "designer", "startup")


class Library(NamedTuple):
    """What the operating system has to bring: there when one of `places` (programs or patterns) exists."""

    package: str
    places: tuple[str, ...]


def shared(package: str, name: str) -> Library:
    return Library(package, (f"/usr/lib/*/{name}", f"/usr/lib64/{name}", f"/usr/lib/{name}"))


WINDOW = [
    shared("libegl1", "libEGL.so.1"),
    shared("libgl1", "libGL.so.1"),
    shared("libglib2.0-0", "libglib-2.0.so.0"),
    shared("libxkbcommon0", "libxkbcommon.so.0"),
    shared("libdbus-1-3", "libdbus-1.so.3"),
    shared("libfontconfig1", "libfontconfig.so.1"),
    shared("libgssapi-krb5-2", "libgssapi_krb5.so.2"),
    shared("libbrotli1", "libbrotlidec.so.1"),
    shared("libxkbcommon-x11-0", "libxkbcommon-x11.so.0"),
    shared("libxcb-cursor0", "libxcb-cursor.so.0"),
    shared("libxcb-icccm4", "libxcb-icccm.so.4"),
    shared("libxcb-keysyms1", "libxcb-keysyms.so.1"),
    shared("libxcb-shape0", "libxcb-shape.so.0"),
]
"""What Qt needs for a window on X11."""
PYTHON = "{}.{}".format(*sys.version_info)
BUILD = [
    *WINDOW,
    Library("binutils", ("objdump",)),
    Library(
        f"libpython{PYTHON}",
        tuple(f"{place}/libpython{PYTHON}.*" for place in ("/usr/lib/*", "/usr/lib64", f"{sys.base_prefix}/lib")),
    ),
]
"""What PyInstaller needs; it packs the libraries of the window too."""
LIBRARIES = {
    "window": WINDOW,
    "build": BUILD,
    "test": [
        *BUILD,
        Library("postgresql", ("initdb", "/usr/lib/postgresql/*/bin/initdb")),
        Library("xvfb", ("Xvfb",)),
        Library("openbox", ("openbox",)),
        Library("xdotool", ("xdotool",)),
        Library("dbus-daemon", ("dbus-run-session",)),
        Library("at-spi2-core", ("/usr/libexec/at-spi-bus-launcher", "/usr/lib/at-spi2-core/at-spi-bus-launcher")),
        Library("x11-xkb-utils", ("setxkbmap",)),
        Library("git", ("git",)),
        Library("chromium", ("chromium",)),
        shared("libatomic1", "libatomic.so.1"),
        Library("dovecot-imapd", ("/usr/lib/dovecot/imap",)),
        Library("gnome-keyring", ("gnome-keyring-daemon",)),
        Library("libglib2.0-bin", ("gdbus",)),
        Library("mariadb-server", ("mariadbd", "/usr/sbin/mariadbd")),
        Library("mosquitto", ("mosquitto", "/usr/sbin/mosquitto")),
        Library("mousepad", ("mousepad",)),
        Library("tesseract-ocr", ("tesseract",)),
        Library("xterm", ("xterm",)),
    ],
}


def main(arguments: list[str]) -> int:
    command, *rest = arguments or ["help"]
    if command not in ("run", "test", "check", "build", "bench", "lock", "setup"):
        print(__doc__)
        return 0 if command in ("help", "-h", "--help") else 2
    os.chdir(ROOT)
    if command == "lock":
        return lock(rest)
    setup()
    if command == "run" and not has_display():
        say("There is no display, so the example runs in this terminal. With a display, this opens RPA Studio.")
        return become("-m", "engine.cli", "run", EXAMPLE, *rest)
    if command == "run":
        bring(LIBRARIES["window"] if sys.platform.startswith("linux") else [])
        return become("-m", "studio", *rest)
    found = bring(LIBRARIES.get(command, []) if sys.platform.startswith("linux") else [])
    if command == "test":
        if not found and os.environ.get("CI"):
            return 1
        return test(rest)
    if command == "check":
        return check()
    if command == "build":
        return become("-m", "PyInstaller", "build.spec", "--noconfirm", "--log-level", "WARN")
    if command == "bench":
        peers()
        name = rest.pop(0) if rest and rest[0] in BENCHES else "engine"
        return become("-m", f"tests.benchmarks.{name}", *rest)
    return 0


def setup() -> None:
    """Bring `.venv` to what requirements.lock and pyproject.toml say. Nothing to do: a few milliseconds."""
    base = f"{sys.version} in {ROOT}".replace("\n", " ")
    wanted = hashlib.sha256(LOCK.read_bytes() + (ROOT / "pyproject.toml").read_bytes()).hexdigest()
    stamp = VENV / "ready"
    ready = stamp.read_text("utf-8").split("\n") if stamp.is_file() else []
    if ready == [base, wanted]:
        return
    stamp.unlink(missing_ok=True)
    if ready[:1] == [base]:
        say("[1/3] keeping the virtual environment .venv")
    else:
        make(VENV, "[1/3] making the virtual environment .venv")
    count = sum(line[:1].isalnum() for line in LOCK.read_text("utf-8").splitlines())
    do(f"[2/3] installing {count} packages (about 30 s)", *pip(VENV), "--require-hashes", "-r", LOCK.name)
    do("[3/3] installing RPA Studio itself", *pip(VENV), "--no-deps", "--no-build-isolation", "--editable", ".")
    stamp.write_text(f"{base}\n{wanted}", "utf-8")


def test(options: list[str]) -> int:
    """The whole suite: what has no window first, then the windows, in processes apart. With options: what they name."""
    tool = ["-m", "pytest", "-n", "logical", "--dist", "worksteal"]
    if options and not all(option.startswith("-") for option in options):
        return become(*tool, *options)
    windows = ["tests/gui", "tests/unit/studio"]
    sys.stdout.flush()
    apart = [f"--ignore={folder}" for folder in windows]
    failed = 0
    for what in (apart, windows):
        failed |= subprocess.run([str(python(VENV)), *tool, *options, *what]).returncode
    return failed


def check() -> int:
    """Lint, import rules and types: all of them, so that one call shows everything there is to mend."""
    failed = []
    for name, *command in (
        ("lint", "ruff", "check", "."),
        ("import rules", "lint-imports", "--no-logo"),
        ("types", "mypy"),
    ):
        say(f"== {name}")
        if subprocess.run([python(VENV).with_name(command[0]), *command[1:]]).returncode:
            failed.append(name)
    say("check: " + (f"failed: {', '.join(failed)}" if failed else "all good"))
    return 1 if failed else 0


def lock(options: list[str]) -> int:
    """Hash-pin the dependencies for every platform, naming no registry: pip asks the one it is configured with."""
    tools = VENV.with_name(".venv-lock")
    make(tools, "[1/3] making the environment .venv-lock")
    do("[2/3] installing uv", *pip(tools), "uv")
    compile_ = "pip compile pyproject.toml --generate-hashes --no-emit-index-url --no-header"
    extras = [part for extra in ("dev", "studio") for part in ("--extra", extra)]
    where = f"--universal --python-version 3.11 --quiet --output-file {LOCK.name}"
    do("[3/3] locking", str(python(tools)), "-m", "uv", *compile_.split(), *extras, *where.split(), *options)
    return 0


def peers() -> Path:
    """The Python that has what the benchmark compares with; made at the first call, apart from ours."""
    import tomllib

    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]["bench"]
    home = VENV.with_name(".venv-bench")
    stamp = home / "ready"
    if not stamp.is_file() or stamp.read_text("utf-8") != "\n".join(wanted):
        make(home, "[1/2] making the environment .venv-bench")
        do(f"[2/2] installing {', '.join(wanted)}", *pip(home), *wanted)
        stamp.write_text("\n".join(wanted), "utf-8")
    return python(home)


def make(home: Path, title: str) -> None:
    """A new virtual environment at `home`, whatever was there."""
    if not importlib.util.find_spec("ensurepip"):
        version = "{}.{}".format(*sys.version_info)
        if not apt([f"python{version}-venv"], f"[0/3] installing python{version}-venv"):
            sys.exit("Python's venv module is missing. Install it, then try again.")
        os.execv(sys.executable, [sys.executable, str(ROOT / "dev.py"), *sys.argv[1:]])  # apt may have renewed Python
    do(title, getattr(sys, "_base_executable", sys.executable), "-m", "venv", "--clear", str(home))


def bring(libraries: list[Library]) -> bool:
    """Install what is missing where we may; else print the line to type and go on. True when all are there."""
    missing = [library for library in libraries if not any(there(place) for place in library.places)]
    packages = [library.package for library in missing]
    if packages:
        apt(packages, f"installing {', '.join(packages)}")
    lacking = [library.package for library in missing if not any(there(place) for place in library.places)]
    if lacking:
        say(f"Still missing: {', '.join(lacking)}. What needs them is left out, or fails.")
    return not lacking


def has_display() -> bool:
    return sys.platform in ("win32", "darwin") or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def there(place: str) -> bool:
    return bool(shutil.which(place) or any(Path("/").glob(place.lstrip("/")) if place.startswith("/") else ()))


def apt(packages: list[str], title: str) -> bool:
    """Install Debian packages as root or through sudo without a password; else print the line to type."""
    if not shutil.which("apt-get"):
        say(f"To install what is missing, use your system's packages: {' '.join(packages)}")
        return False
    sudo: list[str] = []
    if os.geteuid() != 0:
        sudo = ["sudo", "-n"]
        if not shutil.which("sudo") or subprocess.run([*sudo, "true"], capture_output=True).returncode:
            line = f"sudo apt-get install -y --no-install-recommends {' '.join(packages)}"
            say(f"To install what is missing, type: {line}")
            return False
    tool = [*sudo, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q"]
    install = [*tool, "install", "-y", "--no-install-recommends", *packages]
    known = any(Path("/var/lib/apt/lists").glob("*Packages*"))
    if known and do(title, *install, may_fail=True):
        return True
    do("reading apt's lists of packages", *tool, "update", may_fail=True)
    return do(title, *install, may_fail=True)


def do(title: str, *command: str, may_fail: bool = False) -> bool:
    """Run a command under a progress line with its seconds. Its output is shown only when it fails."""
    started = time.monotonic()
    print(f"{title} ...", end="", flush=True)
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    )
    while True:
        try:
            output, _ = process.communicate(timeout=5)
            break
        except subprocess.TimeoutExpired:
            print(".", end="", flush=True)
        except KeyboardInterrupt:
            process.kill()
            sys.exit("\nInterrupted. The next call makes it again.")
    say(f" {time.monotonic() - started:.1f} s{' (failed)' if process.returncode else ''}")
    if process.returncode and not may_fail:
        print(output)
        sys.exit(f"Failed: {' '.join(command)}")
    return process.returncode == 0


def become(*arguments: str) -> int:
    """Hand over to the environment's Python: signals and the exit status are its own."""
    sys.stdout.flush()
    command = [str(python(VENV)), *arguments]
    if os.name != "nt":
        os.execv(command[0], command)
    process = subprocess.Popen(command)
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            continue


def pip(home: Path) -> tuple[str, ...]:
    options = ("--disable-pip-version-check", "--no-input", "--progress-bar", "off")
    return str(python(home)), "-m", "pip", "install", *options


def python(home: Path) -> Path:
    return home / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    if sys.version_info < (3, 11):  # noqa: UP036 - this file is what an older Python is given to run
        sys.exit("RPA Studio needs Python 3.11 or newer; this is {}.{}.".format(*sys.version_info))
    try:
        sys.exit(main(sys.argv[1:]))
    except OSError as error:
        sys.exit(f"dev.py: {error}")
