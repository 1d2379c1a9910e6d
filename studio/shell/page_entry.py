"""A page as the window knows it: a name, an icon, and how to build it when it is first shown."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from PySide6.QtWidgets import QVBoxLayout, QWidget

from studio.base.i18n import tr
from studio.widgets.empty import EmptyState


@dataclass(frozen=True, slots=True)
class PageEntry:
    """`title` is English, marked with `N_`. A `compact` page begins with the names of the rail hidden.

    `keys` are further keys besides Ctrl and the number of its place.
    """

    id: str
    title: str
    icon: str
    build: Callable[[], QWidget]
    place: Literal["top", "bottom"] = "top"
    compact: bool = False
    keys: tuple[str, ...] = ()


class BrokenPage(QWidget):
    """Stands in for a page that could not be built, and offers to try again."""

    def __init__(self, title: str, error: Exception, again: Callable[[], object]) -> None:
        super().__init__()
        self.details = "".join(traceback.format_exception(error))
        last = self.details.strip().splitlines()[-1]
        self.notice = EmptyState(
            "warning",
            tr("The page “{name}” could not be opened.", name=title),
            tr("The rest of the program goes on. This is what went wrong: {error}", error=last[:300]),
            (tr("Try again"), again),
            self,
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 20, 20, 20)
        column.addWidget(self.notice)
        column.addStretch(1)
