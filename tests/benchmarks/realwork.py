"""The figures of real work: `python -m tests.benchmarks.realwork [PART …] [--quick]`.

Each part is a module beside this one with `measured(quick)`, which gives its figures; without a name all parts run.
Exit status 1 where a promise is not kept.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from dataclasses import dataclass

PARTS = {"integrations": "tests.benchmarks.realwork_integrations"}


@dataclass(frozen=True, slots=True)
class Figure:
    """What was measured, what was promised, and whether that is kept; None where it is only told."""

    title: str
    value: str
    promise: str = ""
    kept: bool | None = None


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--quick", action="store_true", help="seconds instead of minutes")
    arguments = parser.parse_args()
    unknown = set(arguments.parts) - set(PARTS)
    if unknown:
        parser.error(f"there is no part {', '.join(sorted(unknown))}")
    broken = 0
    for part in arguments.parts or PARTS:
        print(part, flush=True)
        for figure in importlib.import_module(PARTS[part]).measured(arguments.quick):
            sign = {True: "kept", False: "BROKEN", None: ""}[figure.kept]
            print(f"  {figure.title:<58} {figure.value:>28}   {figure.promise:<24} {sign}", flush=True)
            broken += figure.kept is False
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
