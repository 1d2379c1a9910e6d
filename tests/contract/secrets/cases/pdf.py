"""Documents under a password, opened with it and with another one."""

from __future__ import annotations

import io
from typing import Any

from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

from tests.contract.secrets.world import Case, World

PASSWORD = "Unl0ck (this) canary"


def cases(world: World) -> dict[str, Case]:
    world.keep("pdf", "custom", {"password": PASSWORD, "fresh": "fr3sh & new canary"})
    content = io.BytesIO()
    drawn = Canvas(content, encrypt=StandardEncryption(PASSWORD, PASSWORD, strength=128))
    drawn.drawString(72, 720, "Canary")
    drawn.acroForm.textfield(name="name", x=72, y=600, width=200, height=20)
    drawn.showPage()
    drawn.save()
    path = world.write("locked.pdf", content.getvalue())
    out = f"{world.folder}/pdf"
    given: dict[str, dict[str, Any]] = {
        "info": {},
        "read_text": {},
        "read_tables": {},
        "read_form": {},
        "read_scan": {},
        "extract_pages": {"target": f"{out}/extracted.pdf", "pages": "1"},
        "rotate": {"target": f"{out}/rotated.pdf"},
        "fill_form": {"target": f"{out}/filled.pdf", "values": {"name": "Ada"}},
        "split": {"folder": f"{out}/split"},
        "to_images": {"folder": f"{out}/images"},
        "protect": {"target": f"{out}/protected.pdf", "new_password": "{{ secret('pdf.fresh') }}"},
    }
    right, wrong = "{{ secret('pdf.password') }}", world.secret("login", "login-spaces", "custom")
    found = {
        f"pdf.{name}": Case({"path": path, **values, "password": right}, {"path": path, **values, "password": wrong})
        for name, values in given.items()
    }
    merge = {"sources": [path], "target": f"{out}/merged.pdf"}
    found["pdf.merge"] = Case({**merge, "password": right}, {**merge, "password": wrong})
    return found
