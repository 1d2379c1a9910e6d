"""The program: reads the command line, composes the rooms, shows the window, and ends in order."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from PySide6.QtCore import QEventLoop, QObject, QRect, QTimer
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication, QWidget

from engine import __version__
from engine.core import settings as engine_settings
from engine.core.errors import RpaError, UsageError
from engine.core.sentences import say
from engine.core.settings import Settings
from studio.base import icons, open_files, tasks
from studio.base.actions import Actions
from studio.base.collector import Collector
from studio.base.first_paint import FirstPaint
from studio.base.i18n import N_, tr, tr_sentence
from studio.base.preferences import preferences
from studio.base.resources import ROOT
from studio.base.tasks import spawn
from studio.base.theme import theme
from studio.designer.actions import ACTIONS as DESIGNER_ACTIONS
from studio.shell.application import apply_theme, make_application
from studio.shell.display import missing_display
from studio.shell.instance import Instance, claim
from studio.shell.page_entry import PageEntry
from studio.shell.window import MainWindow
from studio.welcome.actions import ACTIONS as WELCOME_ACTIONS

if TYPE_CHECKING:
    import asyncio

    from PySide6.QtWidgets import QMenu

    from engine.api import Catalog
    from studio.bridge import Bridge
    from studio.designer.workspace import Workspace
    from studio.welcome.tour import Tour
    from studio.welcome.tour_guide import TourGuide

T = TypeVar("T")

PATIENCE = 500
"""Milliseconds after which the start goes on although the window was not drawn: it may be on another desktop."""
_WITHOUT = "To run a workflow without a window, use: rpa run FILE"
_log = logging.getLogger(__name__)


def run_app(arguments: Sequence[str]) -> int:
    """Run the studio until its window is closed.

    Gives the exit status: 0; 2 where it cannot begin; with `--run`, 1 where the execution did not succeed.
    """
    options = _parser().parse_args(arguments)
    try:
        settings = engine_settings.read({"home": options.home})
        settings.make_home()
        reason = missing_display()
        if reason:
            return _refuse(reason, _WITHOUT)
        _log_to(settings)
        app = make_application(settings.home, lambda reason: _refuse(reason, _WITHOUT))
        if options.then_quit:
            _demand(options.files)
        instance = claim(settings.home, [str(Path(file).absolute()) for file in options.files])
    except RpaError as error:
        return _refuse(tr_sentence(error.message), tr_sentence(error.hint))
    if instance is None:
        print(tr("RPA Studio is open already; it shows the files."))
        return 0
    tasks.hold()
    studio = Studio(app, settings, instance)
    drawn = FirstPaint(studio.window)
    studio.show()
    _wait_for(drawn)
    instance.listen()
    app.setWindowIcon(QIcon(str(ROOT / "icons" / "rpa-studio.png")))
    # Only now, for these take as long as a quarter of the first window.
    import asyncio

    import qasync

    loop = qasync.QEventLoop(app)
    asyncio.set_event_loop(loop)
    with loop:
        code: int = loop.run_until_complete(studio.live(options))
    return code


class Studio(QObject):
    """All rooms of one window, and how they know of each other."""

    def __init__(self, app: QApplication, settings: Settings, instance: Instance | None = None) -> None:
        super().__init__()
        self.app = app
        self.settings = settings
        self.instance = instance
        self.actions = Actions(self)
        self._collector = Collector(self)
        self.actions.add([*DESIGNER_ACTIONS, *WELCOME_ACTIONS])
        self._workspace: Workspace | None = None
        self._tour: Tour | None = None
        self.window = MainWindow(
            self.actions,
            [
                PageEntry("home", N_("Home"), "house", self._home_page),
                PageEntry("designer", N_("Designer"), "flow-arrow", self._designer_page, compact=True),
                PageEntry("settings", N_("Settings"), "gear", self._settings_page, "bottom", keys=("Ctrl+,",)),
            ],
        )
        self.window.may_close = self._may_close
        self.window.closed.connect(self._window_closed)
        self.window.files_dropped.connect(self.open_files)
        self.window.page_shown.connect(self._page_shown)
        if instance is not None:
            instance.requested.connect(self._second_start)
        self.actions.bind("file.new", self.new)
        self.actions.bind("file.open", lambda: spawn(self.workspace.ask_and_open()))
        self.actions.bind("view.snap", lambda: preferences().set("snap", not preferences().get("snap")))
        self.actions.set_checked("view.snap", preferences().get("snap"))
        preferences().changed.connect(self._preferred)
        self.window.menus.add_list("file.open", N_("Open recent"), self._fill_recent)
        self.actions.bind("help.tour", lambda: self.guide.begin())
        self._ended: asyncio.Future[int] | None = None
        self._begun = False
        """Whether all is open that the start opens."""
        self._remembering = False
        """Whether what is open is what a person wants to find again."""
        self._warnings: list[tuple[str, str]] = []
        self.window.banner.closed.connect(lambda: self._warnings.clear())

    @cached_property
    def bridge(self) -> Bridge:
        """The way to the engine; made when first asked for, after the window is there."""
        from studio.bridge import Bridge

        made = Bridge(self.settings, self)
        made.opened.connect(self._show_engine)
        made.failed.connect(lambda error: self._show_engine())
        made.catalog_loaded.connect(self._collector.start)
        return made

    def show(self) -> None:
        """Show the window, with the page that is wanted first."""
        if open_files.remembered()[0]:
            self.window.show_page_soon("designer")
        else:
            self.window.show_page("home")
        self.window.show()

    async def live(self, options: argparse.Namespace) -> int:
        """Until the window is closed: open what was asked for, and whatever a person does then."""
        import asyncio

        self._ended = asyncio.get_running_loop().create_future()
        tasks.release()
        QTimer.singleShot(0, self, self.bridge.start)
        files = [Path(file) for file in options.files]
        spawn(self._begin(files, options), failed=lambda error: self._stumbled(error, options))
        try:
            return await self._ended
        finally:
            if self._remembering:
                self._remembering = False
                open_files.end()
            if self._workspace is not None:
                self._workspace.close()
            self._collector.stop()
            await tasks.cancel_all()
            await self.bridge.close()
            preferences().save()
            if self.instance is not None:
                self.instance.close()

    async def _begin(self, files: list[Path], options: argparse.Namespace) -> None:
        if preferences().error:
            self._warn(
                tr("Your preferences could not be read, so the defaults apply."),
                tr("The old file was kept beside it, with “broken” in its name."),
            )
        if lacking := [*theme().lacking, *icons.lacking()]:
            self._warn(
                tr("Fonts or icons of the program are missing. It looks different, and everything works."),
                tr("Install RPA Studio again. Missing: {files}", files=", ".join(lacking)),
            )
        if not options.then_quit:  # nobody is there to be asked, and what is open then is no person's session
            await self._restore()
        if files:
            await self.workspace.open(files)
        if files or self.workspace.files.things:
            self.window.show_page("designer")
        elif open_files.remembered()[0]:  # and all of them are gone
            self.window.show_page("home")
        self._remember_open()
        self._begun = True
        self._show_warnings()
        self._collector.start()
        if options.run:
            succeeded = await self.workspace.run_and_wait()
            if options.then_quit:
                self._end(0 if succeeded else 1)

    async def _restore(self) -> None:
        """Open again what was open, and remember from then on what is."""
        await self.workspace.restore(*open_files.remembered())
        self._remembering = True
        self.workspace.files.changed.connect(self._remember_open)
        self.workspace.page.current_changed.connect(self._remember_open)

    def _remember_open(self) -> None:
        if self._remembering:
            open_files.remember(self.workspace.files_open(), self.workspace.file_in_front())

    def _warn(self, title: str, text: str) -> None:
        """Say something about all that is done here; what is found at the start is said together."""
        self._warnings = [*(one for one in self._warnings if one[0] != title), (title, text)]
        if self._begun:
            self._show_warnings()

    def _relieve(self, title: str) -> None:
        """What was warned of is over."""
        shown = bool(self._warnings) and self.window.banner.accessibleName() == self._warnings[0][0]
        self._warnings = [one for one in self._warnings if one[0] != title]
        if shown and self._warnings:
            self._show_warnings()
        elif shown:
            self.window.banner.hide()

    def _show_warnings(self) -> None:
        if self._warnings:
            (title, text), *others = self._warnings
            self.window.notify("warn", title, "\n".join([text, *(" ".join(one) for one in others)]))

    def _stumbled(self, error: Exception, options: argparse.Namespace) -> None:
        self._complain(error)
        if options.then_quit:
            self._end(1)

    def _complain(self, error: Exception) -> None:
        _log.error("starting failed", exc_info=error)
        self.window.notify("error", tr("Something went wrong at the start."), str(error))

    # -- pages -------------------------------------------------------------------------------------------------------

    @property
    def workspace(self) -> Workspace:
        """The designer's page and all that belongs to it; made when first asked for."""
        if self._workspace is None:
            from studio.designer.workspace import Workspace

            self._workspace = Workspace(self.bridge, self.actions, self.window)
            self._workspace.status_changed.connect(self._show_status)
            self._workspace.said.connect(self.window.status_bar.say)
            self._workspace.refused.connect(lambda text: self.window.status_bar.say(text, "stopped"))
            self._workspace.page_wanted.connect(lambda: self.window.show_page("designer"))
            self._workspace.facts_changed.connect(lambda: self.tour.look())
            self.window.palette_popup.add_provider(self._workspace.picks.provider)
            self.window.palette_popup.add_source(self._workspace.picks.files)
            self.window.title_bar.count_clicked.connect(self._workspace.show_count)
            self._workspace.files.used.connect(self._remember)
            self._workspace.files.warned.connect(self._warn)
            self._workspace.files.relieved.connect(self._relieve)
        return self._workspace

    @property
    def tour(self) -> Tour:
        """The guided first workflow."""
        if self._tour is None:
            from studio.welcome.tour import Facts, Tour

            def look() -> Facts:
                if self._workspace is None:
                    return Facts()
                from studio.designer.tour_places import facts

                return Facts(*facts(self._workspace.page))

            self._tour = Tour(look, self)
        return self._tour

    @cached_property
    def guide(self) -> TourGuide:
        """What goes along with the guided first workflow."""
        from studio.welcome.tour_guide import TourGuide

        return TourGuide(self.tour, self.window, self._place, run=self._run)

    def _fill_recent(self, menu: QMenu) -> None:
        from studio.welcome.recent_menu import fill_recent

        fill_recent(menu, lambda path: self.open_files([path]), self._run)

    def _remember(self, path: Path, name: str) -> None:
        from studio.welcome import recent

        recent.remember(path, name)
        page = self.window.page("home")
        if page is not None and hasattr(page, "refresh"):
            page.refresh()

    def _designer_page(self) -> QWidget:
        return self.workspace.page

    def _home_page(self) -> QWidget:
        from studio.welcome.page import WelcomePage
        from studio.welcome.recent import last_runs

        page = WelcomePage(
            self.actions,
            self._catalog,
            self.tour,
            run=self._run,
            last_runs=lambda: self.bridge.call(last_runs),
        )
        page.wanted.connect(lambda path: self.open_files([Path(path)]))
        page.tour_wanted.connect(lambda: self.guide.begin())
        page.failed.connect(lambda title, text: self.window.notify("error", title, text))
        return page

    def _catalog(self) -> Catalog:
        return self.bridge.catalog

    async def _run(self, function: Callable[..., T], *arguments: Any) -> T:
        return await self.bridge.run(function, *arguments)

    def _settings_page(self) -> QWidget:
        from studio.settings.page import SettingsPage

        return SettingsPage(self.actions, self.settings)

    def _place(self, task: str) -> QRect | None:
        """Where the next task of the tour is done, in global coordinates."""
        if task == "new" and self.window.page_id != "designer":
            self.window.show_page("home")
            page = self.window.page("home")
            button = getattr(page, "new_button", None)
            if isinstance(button, QWidget):
                return QRect(button.mapToGlobal(button.rect().topLeft()), button.size())
        self.window.show_page("designer")
        from studio.designer.tour_places import place_of

        return place_of(task, self.workspace.page)

    # -- what a person asks for --------------------------------------------------------------------------------------

    def new(self) -> None:
        """Begin an empty workflow."""
        self.workspace.new()
        self.window.show_page("designer")

    def open_files(self, files: Sequence[Path]) -> None:
        """Open these files, and show the designer."""
        spawn(self._open(list(files)), failed=self._complain)

    async def _open(self, files: list[Path]) -> None:
        await self.workspace.open(files)
        self.window.show_page("designer")

    def _second_start(self, files: list[Path]) -> None:
        self.window.raise_up()
        if files:
            self.open_files(files)

    # -- what the frame shows ----------------------------------------------------------------------------------------

    def _show_engine(self) -> None:
        bridge, bar = self.bridge, self.window.title_bar
        self.actions.set_context("writable", bridge.writable)
        if bridge.error is not None:
            bar.set_engine("failed", tr("Engine stopped"), tr_sentence(bridge.error.message))
        elif bridge.refusal is not None:
            bar.set_engine("reading", tr("Read only"), tr_sentence(bridge.refusal.message))
        elif bridge.ready:
            bar.set_engine("open", tr("This computer"))
        else:
            bar.set_engine("opening", tr("Starting…"))

    def _show_status(self) -> None:
        if self._workspace is None:
            return
        text, status, detail = self._workspace.status()
        self.window.status_bar.show_now(text, status, detail)
        self.window.title_bar.set_counts(*self._workspace.counts())
        self._show_file()

    def _show_file(self) -> None:
        name, path, unsaved = "", None, False
        if self.window.page_id == "designer" and self._workspace is not None:
            name, path, unsaved = self._workspace.file()
        self.window.status_bar.show_file(path.name if path is not None else "")
        self.window.show_file(name, path, unsaved=unsaved)

    def _page_shown(self, id: str) -> None:
        on_designer = id == "designer" and self._workspace is not None
        if self._workspace is not None:
            self._workspace.set_in_front(on_designer)
        self._show_file()

    def _preferred(self, name: str) -> None:
        chosen = preferences()
        if name in ("theme", "text_size", "reduce_motion"):
            apply_theme(self.app)
        elif name == "snap":
            self.actions.set_checked("view.snap", chosen.get("snap"))

    # -- the end -----------------------------------------------------------------------------------------------------

    async def _may_close(self) -> bool:
        return self._workspace is None or await self._workspace.may_close()

    def _window_closed(self) -> None:
        self._end(0)

    def _end(self, code: int) -> None:
        if self._ended is not None and not self._ended.done():
            self.window.hide()
            self._ended.set_result(code)


def _wait_for(drawn: FirstPaint) -> None:
    """Let Qt draw the window, and what its page adds after that, before anything else is done."""
    loop = QEventLoop()
    drawn.happened.connect(loop.quit)
    QTimer.singleShot(PATIENCE, loop, loop.quit)
    loop.exec()
    loop.processEvents()


def _log_to(settings: Settings) -> None:
    from engine.core.log import configure

    configure(settings.log_level, folder=settings.logs, as_json=settings.log_format == "json")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="rpa-studio", description="Draw, run and watch workflows.")
    parser.add_argument("files", nargs="*", metavar="FILE", help="workflows to open")
    parser.add_argument("--run", action="store_true", help="run the workflow in front once it is open")
    parser.add_argument("--then-quit", action="store_true", help="with --run: end when the run has ended")
    parser.add_argument("--home", metavar="FOLDER", help="folder of the checkpoint store and the preferences")
    parser.add_argument("--version", action="version", version=f"rpa-studio {__version__}")
    return parser


def _demand(files: Sequence[str]) -> None:
    """Raise `UsageError` for a file that is not there: nobody is at the window to be told."""
    for file in files:
        if not Path(file).is_file():
            raise UsageError(say("there is no file {path}", path=file), hint=say("check its name and folder"))


def _refuse(message: str, hint: str) -> int:
    print(f"rpa-studio: {message}", file=sys.stderr)
    if hint:
        print(f"  {hint}", file=sys.stderr)
    return 2
