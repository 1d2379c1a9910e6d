"""The theme of this process: colours, fonts, palette and style sheet from the tokens, applied as one.

Fusion with explicit palettes: Qt's own colour schemes do nothing on several platforms. `theme().changed` says that
everything drawn by hand must be drawn again.
"""

from __future__ import annotations

from functools import cache
from typing import Final, Literal

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication, QWidget

from studio.base.resources import ROOT
from studio.base.tokens import CODE_FAMILIES, DURATION, TYPE, UI_FAMILIES, Scheme, hex_of

Choice = Literal["system", "light", "dark"]
ARGUMENTS: Final = ("-style", "fusion")
"""For `QApplication`: a style that is chosen later makes PySide prepare the classes of styles, which takes 5 ms."""

_FONTS = ("Inter-Regular.otf", "Inter-Medium.otf", "Inter-SemiBold.otf", "JetBrainsMono-Regular.ttf")


class Theme(QObject):
    """Read it anywhere, apply it once at the start and again whenever a preference changes."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.scheme: Scheme = "light"
        self.scale = 1.0
        self.reduced = False
        """Whether nothing should move."""
        self._choice: Choice = "light"
        self._fonts_loaded = False
        self.lacking: list[str] = []
        """The fonts of the program that could not be loaded."""
        self._colors: dict[str, QColor] = {}
        self._made: dict[str, QFont] = {}

    def color(self, name: str) -> QColor:
        """The colour of a token, shared: make a copy before changing it. Raises `KeyError`."""
        found = self._colors.get(name)
        if found is None:
            found = self._colors[name] = QColor(hex_of(name, self.scheme))
        return found

    def px(self, size: float) -> int:
        """A length in device-independent pixels, scaled with the text size that the user chose."""
        return max(1, round(size * self.scale))

    def font(self, name: str) -> QFont:
        """The font of a type token, shared: make a copy before changing it. Raises `KeyError`."""
        found = self._made.get(name)
        if found is None:
            found = self._made[name] = self._font(name)
        return found

    def duration(self, name: str) -> int:
        """Milliseconds of a motion token; 0 where motion is reduced."""
        return 0 if self.reduced else DURATION[name]

    def _font(self, name: str) -> QFont:
        self._load_fonts()
        kind = TYPE[name]
        font = QFont(list(CODE_FAMILIES if kind.code else UI_FAMILIES))
        font.setPixelSize(self.px(kind.size))
        font.setWeight(QFont.Weight(kind.weight))
        if kind.code:
            font.setStyleHint(QFont.StyleHint.Monospace)
            font.setFeature(QFont.Tag("liga"), 0)
            font.setFeature(QFont.Tag("calt"), 0)
        else:
            font.setFeature(QFont.Tag("tnum"), 1)
        return font

    def _load_fonts(self) -> None:
        if not self._fonts_loaded:
            self._fonts_loaded = True
            for file in _FONTS:
                # A font that cannot be loaded is not fatal: the families of the platform follow in the list.
                if QFontDatabase.addApplicationFont(str(ROOT / "fonts" / file)) < 0:
                    self.lacking.append(file)

    def apply(self, app: QApplication, choice: Choice = "system", *, scale: float = 1.0, reduced: bool = False) -> None:
        """Restyle the whole application, and follow the system's scheme from now on where `choice` says so.

        It is made with `ARGUMENTS`.
        """
        from studio.base.style import style_sheet

        self._choice, self.scale, self.reduced = choice, scale, reduced
        self.scheme = _system() if choice == "system" else choice
        self._colors.clear()
        self._made.clear()
        app.setPalette(self._palette())
        app.setFont(self.font("body"))
        app.setStyleSheet(style_sheet(self))
        hints = app.styleHints()
        hints.colorSchemeChanged.connect(self._follow, Qt.ConnectionType.UniqueConnection)
        self.changed.emit()

    def _follow(self) -> None:
        app = QApplication.instance()
        if self._choice == "system" and isinstance(app, QApplication) and _system() != self.scheme:
            self.apply(app, "system", scale=self.scale, reduced=self.reduced)

    def _palette(self) -> QPalette:
        palette = QPalette()
        roles = {
            QPalette.ColorRole.Window: "panel",
            QPalette.ColorRole.WindowText: "text",
            QPalette.ColorRole.Base: "field",
            QPalette.ColorRole.AlternateBase: "panel",
            QPalette.ColorRole.Text: "text",
            QPalette.ColorRole.PlaceholderText: "text-3",
            QPalette.ColorRole.Button: "raised",
            QPalette.ColorRole.ButtonText: "text",
            QPalette.ColorRole.BrightText: "on-accent",
            QPalette.ColorRole.ToolTipBase: "tooltip",
            QPalette.ColorRole.ToolTipText: "on-accent",
            QPalette.ColorRole.Highlight: "select",
            QPalette.ColorRole.HighlightedText: "text",
            QPalette.ColorRole.Link: "accent-text",
            QPalette.ColorRole.LinkVisited: "accent-text",
            QPalette.ColorRole.Accent: "accent",
            QPalette.ColorRole.Light: "raised",
            QPalette.ColorRole.Midlight: "line-subtle",
            QPalette.ColorRole.Mid: "line",
            QPalette.ColorRole.Dark: "line-strong",
            QPalette.ColorRole.Shadow: "shadow",
        }
        for role, name in roles.items():
            palette.setColor(role, self.color(name))
        for role in (QPalette.ColorRole.WindowText, QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText):
            palette.setColor(QPalette.ColorGroup.Disabled, role, self.color("text-off"))
        return palette


def _system() -> Scheme:
    """What the system says; light where it does not tell."""
    return "dark" if QGuiApplication.styleHints().colorScheme() is Qt.ColorScheme.Dark else "light"


@cache
def theme() -> Theme:
    """The theme of this process."""
    return Theme()


def set_kind(widget: QWidget, kind: str) -> None:
    """Choose how the style sheet draws an ordinary widget; see `studio.base.style`."""
    if (widget.property("kind") or "") == kind:
        return
    widget.setProperty("kind", kind)
    if not widget.testAttribute(Qt.WidgetAttribute.WA_WState_Polished):
        return  # the sheet is looked at when it is first shown
    style = widget.style()
    style.unpolish(widget)
    style.polish(widget)
