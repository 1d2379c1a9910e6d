"""What a screen reader is told beyond what Qt tells by itself: what has just happened, and what a drawn widget is.

A widget that is drawn by hand has a method `spoken`, which gives a `Spoken`; `install` lets Qt know of it. Whoever
needs more than that gives its widgets an interface of its own with `present`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from PySide6.QtCore import QObject
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QAccessibleEvent,
    QAccessibleInterface,
    QAccessibleStateChangeEvent,
)
from PySide6.QtWidgets import QAccessibleWidget, QComboBox, QWidget
from shiboken6 import isValid

Role = QAccessible.Role
Make = Callable[[Any], QAccessibleInterface | None]


class Spoken(NamedTuple):
    """What a drawn widget is: a role, states by Qt's names for them, and what it is set to now."""

    role: QAccessible.Role
    states: Mapping[str, bool] = {}
    value: str = ""


_makers: dict[type, Make] = {}
_kept: dict[int, tuple[QObject, QAccessibleInterface]] = {}
"""Interfaces by the id of their object. Qt owns them once it knows them, and Python must not destroy them before Qt
does: one is let go only when Qt has deleted it."""
_installed = False


def announce(widget: QWidget, text: str, *, urgent: bool = False) -> None:
    """Have a screen reader say something, wherever the focus is; what is `urgent` cuts short what it says now."""
    if text and QAccessible.isActive():
        event = QAccessibleAnnouncementEvent(widget, text)
        if urgent:
            event.setPoliteness(QAccessible.AnnouncementPoliteness.Assertive)
        QAccessible.updateAccessibility(event)


def changed(widget: QWidget, *states: str, value: bool = False) -> None:
    """Tell that `states` of a drawn widget are others now, or its value."""
    if not QAccessible.isActive():
        return
    if states:
        differ = QAccessible.State()
        for name in states:
            setattr(differ, name, 1)
        QAccessible.updateAccessibility(QAccessibleStateChangeEvent(widget, differ))
    if value:
        QAccessible.updateAccessibility(QAccessibleEvent(widget, QAccessible.Event.NameChanged))


def present(kind: type, make: Make) -> None:
    """Let objects of that class have the interface that `make` gives."""
    _makers[kind] = make
    install()


def install() -> None:
    """Let Qt ask here; done once a process."""
    global _installed
    if not _installed:
        _installed = True
        if sys.platform.startswith("linux"):  # elsewhere Qt says the name of a list of choices, not only the choice
            _makers[QComboBox] = _combo_box
        QAccessible.installFactory(_interface)


def _interface(class_name: str, object: QObject) -> QAccessibleInterface | None:
    make = next((_makers[kind] for kind in type(object).__mro__ if kind in _makers), None)
    if make is None and isinstance(object, QWidget) and hasattr(object, "spoken"):
        make = DrawnInterface
    made = make(object) if make is not None else None
    if made is not None:
        for key in [key for key, (owner, _) in _kept.items() if not isValid(owner)]:
            del _kept[key]
        _kept[id(object)] = (object, made)
    return made


def _combo_box(box: QComboBox) -> QAccessibleInterface | None:
    return DrawnInterface(box) if not box.isEditable() and box.accessibleName() else None


class DrawnInterface(QAccessibleWidget):
    """A widget that says itself what it is; its value is said with its name."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget, _spoken(widget).role, widget.accessibleName())
        self._widget = widget

    def role(self) -> QAccessible.Role:
        return _spoken(self._widget).role

    def state(self) -> QAccessible.State:
        state = super().state()
        for name, on in _spoken(self._widget).states.items():
            setattr(state, name, int(on))
        return state

    def text(self, kind: QAccessible.Text) -> str:
        if kind is QAccessible.Text.Name:
            return ": ".join(filter(None, (self._widget.accessibleName(), _spoken(self._widget).value)))
        return super().text(kind)


def _spoken(widget: QWidget) -> Spoken:
    if isinstance(widget, QComboBox):
        return Spoken(Role.ComboBox, {"expandable": True, "hasPopup": True}, widget.currentText())
    given = widget.spoken()  # type: ignore[attr-defined]
    assert isinstance(given, Spoken)
    return given
