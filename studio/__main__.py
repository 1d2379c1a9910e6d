"""`python -m studio` is `rpa-studio`."""

from __future__ import annotations

import sys


def main() -> int:
    """The program: open the window with the files named on the command line, and give the exit status."""
    from studio.app import run_app

    return run_app(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
