"""Jinja2's sandbox and simpleeval: `python peer_templates.py path|condition` prints microseconds as JSON.

Cached: the template is compiled, the expression parsed before. Jinja2 as a text template and as a native one, which
keeps the type; simpleeval for comparison.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import sys
from pathlib import Path
from typing import Any


def main(kind: str) -> dict[str, float]:
    shared: Any = importlib.import_module("expressions")
    sandbox: Any = importlib.import_module("jinja2.sandbox")
    native: Any = importlib.import_module("jinja2.nativetypes")
    simpleeval: Any = importlib.import_module("simpleeval")
    source, expected = shared.EXPRESSIONS[kind]
    names = shared.NAMES

    class Native(sandbox.SandboxedEnvironment):  # type: ignore[misc]
        code_generator_class = native.NativeCodeGenerator
        concat = staticmethod(native.native_concat)
        template_class = native.NativeTemplate

    text = sandbox.SandboxedEnvironment().from_string("{{ " + source + " }}")
    typed = Native().from_string("{{ " + source + " }}")
    evaluator = simpleeval.EvalWithCompoundTypes(names=names)
    parsed = evaluator.parse(source)
    return {
        "Jinja2, text": shared.microseconds(lambda: text.render(names), str(expected)),
        "Jinja2, native": shared.microseconds(lambda: typed.render(names), expected),
        "simpleeval": shared.microseconds(lambda: evaluator.eval(source, previously_parsed=parsed), expected),
    }


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent))
    print(json.dumps(main(sys.argv[1])))
