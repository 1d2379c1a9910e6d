"""The inside of a scroll area whose texts wrap."""

from __future__ import annotations

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QWidget


class Scrolled(QWidget):
    """As high as its content needs at the width there is: a scroll area itself asks only for the preferred size, in
    which no text is wrapped, and would cut lines off."""

    def event(self, event: QEvent) -> bool:
        answer = super().event(event)
        if event.type() in (QEvent.Type.LayoutRequest, QEvent.Type.Resize):
            layout = self.layout()
            if layout is not None and layout.hasHeightForWidth():
                height = layout.heightForWidth(self.width())
                if height != self.minimumHeight():
                    self.setMinimumHeight(height)
        return answer
