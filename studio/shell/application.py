"""Qt's application, dressed as the preferences say: its look, its language, its name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from engine import __version__
from studio.base import preferences as preferences_room
from studio.base import spoken
from studio.base.i18n import language, set_language
from studio.base.preferences import preferences
from studio.base.theme import ARGUMENTS, theme
from studio.shell.display import opening


def make_application(home: Path, refuse: Callable[[str], int]) -> QApplication:
    """The application as the preferences in `home` want it; ends with what `refuse` gives where Qt finds no display."""
    preferences_room.set_home(home)
    QApplication.setAttribute(Qt.ApplicationAttribute.AA_DontShowIconsInMenus, False)
    with opening(refuse):
        app = QApplication(["rpa-studio", *ARGUMENTS])
    app.setApplicationName("RPA Studio")
    app.setApplicationVersion(__version__)
    app.setDesktopFileName("rpa-studio")
    app.setQuitOnLastWindowClosed(False)
    set_language(preferences().get("language"))
    _translate_qt(app)
    apply_theme(app)
    spoken.install()
    return app


def apply_theme(app: QApplication) -> None:
    """Look as the preferences say."""
    chosen = preferences()
    theme().apply(
        app,
        chosen.get("theme"),
        scale=chosen.get("text_size") / 100,
        reduced=chosen.get("reduce_motion"),
    )


def _translate_qt(app: QApplication) -> None:
    """Qt's own texts (file dialogs, standard menus) in the language of the program."""
    if language() == "en":
        return
    from PySide6.QtCore import QLibraryInfo, QLocale, QTranslator

    translator = QTranslator(app)
    if translator.load(f"qtbase_{language()}", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)):
        app.installTranslator(translator)
    QLocale.setDefault(QLocale(language()))
