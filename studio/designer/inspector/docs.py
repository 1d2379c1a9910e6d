"""The documentation of an activity, from its declaration alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape

from PySide6.QtWidgets import QFrame, QTextBrowser, QWidget

from engine.api import Activity
from studio.base.i18n import tr
from studio.base.theme import theme
from studio.designer.inspector.effect import sentence
from studio.forms.completion import kind_of
from studio.forms.editors.choice import choice_label
from studio.forms.shape import Declared, declared_fields, result_schema
from studio.forms.shown import brief
from studio.forms.unset import UNSET

_CODE = re.compile(r"`([^`]+)`")


def documentation(activity: Activity) -> str:
    """The page as HTML."""
    return "".join(_parts(activity))


def _parts(activity: Activity) -> Iterator[str]:
    muted = theme().color("text-2").name()
    for paragraph in activity.paragraphs:
        yield f"<p>{_prose(tr(paragraph))}</p>"
    fields = declared_fields(activity)
    if fields:
        yield _heading(tr("Parameters"))
        for one in fields:
            star = f' <span style="color:{theme().color("failed").name()}">*</span>' if one.required else ""
            yield f"<p><b>{escape(tr(one.label))}</b>{star} <code>{escape(one.name)}</code>"
            about = " ".join(filter(None, (tr(one.help) if one.help else "", _allowed(one))))
            yield f'<br><span style="color:{muted}">{_prose(about)}</span></p>' if about else "</p>"
    schema = result_schema(activity)
    if schema.get("properties"):
        yield _heading(tr("Gives")) + "<p>"
        for name, inner in schema["properties"].items():
            kind = kind_of(inner, schema.get("$defs", {}))
            yield f'<code>{escape(name)}</code> <span style="color:{muted}">{escape(kind)}</span><br>'
        yield "</p>"
    ports = [port.label or port.name for port in activity.ports if port.name != "next"]
    if ports:
        yield _heading(tr("Ways out")) + f"<p>{escape(', '.join(map(tr, ports)))}</p>"
    effect = tr("Effect")
    yield _heading(f"{effect}: {activity.effect.name}") + f"<p>{escape(sentence(activity.effect))}</p>"
    if activity.resources:
        needs = tr("Needs for itself: {what}.", what=", ".join(activity.resources))
        yield f"<p>{escape(needs)}</p>"
    yield f'<p style="color:{muted}"><code>{escape(activity.id)}</code></p>'


def _heading(text: str) -> str:
    return f"<h4>{escape(text)}</h4>"


def _prose(text: str) -> str:
    """Text with `words` of code in it, as HTML."""
    return _CODE.sub(r"<code>\1</code>", escape(text))


def _allowed(one: Declared) -> str:
    parts = []
    if one.shape.choices:
        parts.append(tr("One of: {choices}.", choices=", ".join(choice_label(value) for value in one.shape.choices)))
    if one.default is not UNSET and one.default not in ("", False) and one.default != [] and one.default != {}:
        default = choice_label(one.default) if one.shape.choices else brief(one.default, 60)
        parts.append(tr("Otherwise {default}.", default=default))
    if one.shape.unit:
        parts.append(tr("In {unit}.", unit=tr(one.shape.unit)))
    return " ".join(parts)


class DocsPage(QTextBrowser):
    """Shows the documentation; what stands there is text, never a link that leads somewhere."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._activity: Activity | None = None
        self.setOpenLinks(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.document().setDocumentMargin(theme().px(12))
        self.setStyleSheet("QTextBrowser { background: transparent; border: 0; padding: 0; }")
        theme().changed.connect(self._write)

    def show_activity(self, activity: Activity | None) -> None:
        if activity is not self._activity:
            self._activity = activity
            self._write()

    def _write(self) -> None:
        self.setHtml(documentation(self._activity) if self._activity is not None else "")
