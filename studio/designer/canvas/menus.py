"""The context menus of the canvas, made of the actions by what lies under the mouse."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu, QWidget

from studio.base.actions import Actions
from studio.base.i18n import tr
from studio.designer.actions import ALIGN, SELECT
from studio.designer.canvas.hits import Hit

_LINE = ""
_CLIPBOARD = ("edit.cut", "edit.copy", "edit.paste", "edit.duplicate")
_STEP = (
    "step.edit", "group.open", "step.connect", "step.splice", "edit.rename", "step.disable", _LINE,
    *_CLIPBOARD, _LINE,
    "edit.delete", "edit.heal", _LINE,
    "group.subworkflow", "insert.frame",
)  # fmt: skip
_WIRE = ("insert.step", "wire.lead", _LINE, "edit.delete")
_MARK = ("edit.rename", _LINE, *_CLIPBOARD, _LINE, "edit.delete")
_CANVAS = ("insert.step", "insert.note", "insert.frame", _LINE, "edit.paste", "edit.select_all", _LINE)
_SUBMENUS = (
    (SELECT, ("select.upstream", "select.downstream")),
    (
        ALIGN,
        (
            "arrange.left", "arrange.center", "arrange.right", _LINE,
            "arrange.top", "arrange.middle", "arrange.bottom", _LINE,
            "arrange.spread_x", "arrange.spread_y",
        ),
    ),
)  # fmt: skip


def context_menu(actions: Actions, hit: Hit, parent: QWidget) -> QMenu:
    """The menu for what was clicked; it deletes itself when it is closed."""
    menu = QMenu(parent)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    if hit.kind in ("step", "port"):
        opens = actions.possible("group.open")
        _fill(menu, actions, tuple(id for id in _STEP if opens or id != "group.open"))
        menu.addSeparator()
        for title, ids in _SUBMENUS:
            _fill(menu.addMenu(tr(title)), actions, ids)
        _fill(menu, actions, ("arrange.layout",))
    elif hit.kind in ("wire", "wire-end"):
        _fill(menu, actions, _WIRE)
    elif hit.kind in ("note", "note-edge", "frame", "frame-edge"):
        _fill(menu, actions, _MARK)
    else:
        _fill(menu, actions, (*_CANVAS, "arrange.layout", "view.fit"))
    return menu


def _fill(menu: QMenu, actions: Actions, ids: tuple[str, ...]) -> None:
    for id in ids:
        if id == _LINE:
            menu.addSeparator()
        else:
            menu.addAction(actions.qaction(id))
