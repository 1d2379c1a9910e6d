"""Scripts that print and give back what they were given, and fail with it in their message."""

from __future__ import annotations

from tests.contract.secrets.world import Case, World

GIVE = """
import os, base64, json
value = os.environ["CANARY"]
print(value)
print(json.dumps(value), base64.b64encode(value.encode()).decode())
result = {"again": value, value: [value, {"in": base64.b64encode(("x" + value).encode()).decode()}]}
"""
PRINT = 'printf "%s" "$CANARY" "$OTHER"; printf "x%s" "$CANARY" | base64 -w0'
FAIL = GIVE + "\nraise ValueError('no good: ' + value)\n"


def cases(world: World) -> dict[str, Case]:
    found = {}
    for name in ("python", "compute"):
        found[f"script.{name}"] = Case(
            {"code": GIVE, "secrets": {"CANARY": world.secret("custom")}},
            {"code": FAIL, "secrets": {"CANARY": world.secret("tls", "ssh", "login-quotes", "login-cyrillic")}},
        )
    for name in ("shell", "query"):
        found[f"script.{name}"] = Case(
            {"code": PRINT, "secrets": {"CANARY": world.secret(), "OTHER": world.secret()}},
            {"code": f"{PRINT} >&2; exit 3", "secrets": {"CANARY": world.secret(), "OTHER": world.secret()}},
        )
    return found
