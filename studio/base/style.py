"""The style sheet of ordinary widgets, from the tokens. What a widget is, its property `kind` says:

QPushButton `primary`, `ghost`, `danger`, `large`; QToolButton `tool`; QLabel `title`, `heading`, `section`, `strong`,
`label`, `small`, `caption`, `muted`, `error`, `code`, `link`, `display`, `hint`; QFrame `card`, `panel`, `chrome`,
`line`, `popover`; QLineEdit and other inputs: `problem` true draws the outline of an error.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from studio.base.resources import ROOT

if TYPE_CHECKING:
    from studio.base.theme import Theme


def style_sheet(theme: Theme) -> str:
    """The whole sheet for the theme as it is now."""

    def c(name: str) -> str:
        return theme.color(name).name()

    def font(name: str) -> str:
        found = theme.font(name)
        return f"font-size: {found.pixelSize()}px; font-weight: {int(found.weight())};"

    px = theme.px
    arrows = (ROOT / "icons").as_posix()
    dark = "dark" if theme.scheme == "dark" else "light"
    labels = "\n".join(
        f'QLabel[kind="{kind}"] {{ {font(kind)} color: {c(color)}; background: transparent; }}'
        for kind, color in (
            ("display", "text"),
            ("title", "text"),
            ("heading", "text"),
            ("section", "text"),
            ("strong", "text"),
            ("label", "text-2"),
            ("small", "text-2"),
            ("caption", "text-3"),
        )
    )
    return f"""
* {{ outline: 0; }}
QWidget {{ color: {c("text")}; selection-background-color: {c("select")}; selection-color: {c("text")}; }}
QMainWindow, QDialog {{ background: {c("chrome")}; }}
QToolTip {{ background: {c("tooltip")}; color: {c("on-accent")}; border: 0; padding: 4px 8px; {font("small")} }}
{labels}
QLabel[kind="muted"] {{ color: {c("text-3")}; {font("small")} }}
QLabel[kind="error"] {{ color: {c("failed")}; {font("small")} }}
QLabel[kind="link"] {{ color: {c("accent-text")}; }}
QLabel[kind="code"] {{ font-family: "{theme.font("code").families()[0]}"; {font("code")} }}

QLabel[kind="hint"] {{ background: {c("tooltip")}; color: {c("on-accent")}; border-radius: 6px; padding: 5px 9px;
  {font("small")} }}

QFrame[kind="card"] {{ background: {c("raised")}; border: 1px solid {c("line")}; border-radius: 10px; }}
QFrame[kind="popover"] {{ background: {c("panel")}; border: 1px solid {c("line")}; border-radius: 8px; }}
QFrame[kind="panel"], QWidget[kind="panel"] {{ background: {c("panel")}; border: 0; }}
QFrame[kind="chrome"], QWidget[kind="chrome"] {{ background: {c("chrome")}; border: 0; }}
QFrame[kind="line"] {{ background: {c("line-subtle")}; border: 0; max-height: 1px; min-height: 1px; }}
QFrame[kind="vline"] {{ background: {c("line-subtle")}; border: 0; max-width: 1px; min-width: 1px; }}

QPushButton {{ background: {c("raised")}; color: {c("text")}; border: 1px solid {c("line")}; border-radius: 6px;
  padding: 0 12px; min-height: {px(26)}px; {font("strong")} }}
QPushButton, QAbstractItemView {{ icon-size: {px(16)}px; }}
QPushButton:hover {{ background: {c("hover")}; border-color: {c("line-field")}; }}
QPushButton:pressed {{ background: {c("pressed")}; }}
QPushButton:focus {{ border: 2px solid {c("focus")}; padding: 0 11px; min-height: {px(24)}px; }}
QPushButton:disabled {{ color: {c("text-off")}; background: {c("panel")}; border-color: {c("line-subtle")}; }}
QPushButton[kind="primary"] {{ background: {c("accent")}; color: {c("on-accent")}; border-color: {c("accent")}; }}
QPushButton[kind="primary"]:hover {{ background: {c("accent-hover")}; border-color: {c("accent-hover")}; }}
QPushButton[kind="primary"]:focus {{ border-color: {c("text")}; }}
QPushButton[kind="primary"]:disabled {{ background: {c("pressed")}; color: {c("text-off")};
  border-color: {c("pressed")}; }}
QPushButton[kind="danger"] {{ color: {c("failed")}; border-color: {c("failed")}; }}
QPushButton[kind="danger"]:hover {{ background: {c("failed-soft")}; }}
QPushButton[kind="ghost"] {{ background: transparent; border-color: transparent; color: {c("text-2")}; }}
QPushButton[kind="ghost"]:hover {{ background: {c("hover")}; color: {c("text")}; }}
QPushButton[kind="ghost"]:checked {{ background: {c("select")}; color: {c("accent-text")}; }}
QPushButton[kind="ghost"]:focus {{ border-color: {c("focus")}; }}
QPushButton[kind="link"] {{ background: transparent; border: 1px solid transparent; color: {c("accent-text")};
  padding: 0 2px; min-height: {px(18)}px; text-align: left; }}
QPushButton[kind="inline"], QToolButton[kind="inline"] {{ background: transparent; border: 1px solid transparent;
  border-radius: 4px; color: {c("text-2")}; padding: 0 4px; min-width: 0; min-height: {px(18)}px; {font("small")} }}
QPushButton[kind="inline"]:hover, QToolButton[kind="inline"]:hover {{ background: {c("hover")}; color: {c("text")}; }}
QPushButton[kind="inline"]:focus, QToolButton[kind="inline"]:focus {{ border-color: {c("focus")}; }}
QPushButton[kind="link"]:hover {{ text-decoration: underline; }}
QPushButton[kind="link"]:focus {{ border: 1px solid {c("focus")}; border-radius: 4px; }}

QToolButton {{ background: transparent; border: 1px solid transparent; border-radius: 6px; padding: 0; margin: 0;
  color: {c("text-2")}; min-width: {px(26)}px; min-height: {px(26)}px; }}
QToolButton:hover {{ background: {c("hover")}; color: {c("text")}; }}
QToolButton:pressed {{ background: {c("pressed")}; }}
QToolButton:checked {{ background: {c("select")}; color: {c("accent-text")}; }}
QToolButton:focus {{ border-color: {c("focus")}; }}
QToolButton:disabled {{ color: {c("text-off")}; }}
QToolButton::menu-indicator {{ image: none; width: 0; }}

QLineEdit, QSpinBox, QDoubleSpinBox, QComboBox, QDateEdit, QDateTimeEdit, QTimeEdit {{ background: {c("field")};
  border: 1px solid {c("line-field")}; border-radius: 6px; padding: 0 8px; min-height: {px(26)}px; color: {c("text")};
  selection-background-color: {c("select")}; }}
QPlainTextEdit, QTextEdit {{ background: {c("field")}; border: 1px solid {c("line-field")}; border-radius: 6px;
  padding: 4px; color: {c("text")}; }}
QLineEdit:focus, QSpinBox:focus, QDoubleSpinBox:focus, QComboBox:focus, QDateEdit:focus, QDateTimeEdit:focus,
QTimeEdit:focus {{ border: 2px solid {c("focus")}; padding: 0 7px; min-height: {px(24)}px; }}
QPlainTextEdit:focus, QTextEdit:focus {{ border: 2px solid {c("focus")}; padding: 3px; }}
QLineEdit[problem="true"], QPlainTextEdit[problem="true"], QComboBox[problem="true"], QSpinBox[problem="true"],
QDoubleSpinBox[problem="true"] {{ border-color: {c("failed")}; }}
QLineEdit:disabled, QComboBox:disabled, QSpinBox:disabled, QPlainTextEdit:disabled {{ color: {c("text-off")};
  background: {c("panel")}; border-color: {c("line-subtle")}; }}
QComboBox::drop-down {{ border: 0; width: 24px; }}
QComboBox::down-arrow {{ image: url({arrows}/caret-down-{dark}.svg); width: 12px; height: 12px; }}
QComboBox QAbstractItemView {{ background: {c("panel")}; border: 1px solid {c("line")}; padding: 4px; }}
QSpinBox::up-button, QDoubleSpinBox::up-button {{ border: 0; width: 20px; subcontrol-position: top right; }}
QSpinBox::down-button, QDoubleSpinBox::down-button {{ border: 0; width: 20px; subcontrol-position: bottom right; }}
QSpinBox::up-arrow, QDoubleSpinBox::up-arrow {{ image: url({arrows}/caret-up-{dark}.svg); width: 10px; height: 10px; }}
QSpinBox::down-arrow, QDoubleSpinBox::down-arrow {{ image: url({arrows}/caret-down-{dark}.svg); width: 10px;
  height: 10px; }}

QCheckBox, QRadioButton {{ spacing: 8px; background: transparent; }}
QCheckBox::indicator, QAbstractItemView::indicator {{ width: 16px; height: 16px;
  border: 1px solid {c("line-strong")}; border-radius: 4px;
  background: {c("field")}; }}
QCheckBox::indicator:checked, QAbstractItemView::indicator:checked {{ background: {c("accent")};
  border-color: {c("accent")};
  image: url({arrows}/check-dark.svg); }}
QCheckBox:focus {{ color: {c("accent-text")}; }}
QCheckBox::indicator:focus {{ border: 2px solid {c("focus")}; }}

QMenuBar {{ background: transparent; spacing: 0; padding: 0; {font("body")} }}
QMenuBar::item {{ background: transparent; padding: 5px 9px; border-radius: 6px; color: {c("text-2")}; }}
QMenuBar::item:selected, QMenuBar::item:pressed {{ background: {c("hover")}; color: {c("text")}; }}
QMenu {{ background: {c("panel")}; border: 1px solid {c("line")}; padding: 5px; }}
QMenu::item {{ padding: 5px 22px 5px 8px; border-radius: 5px; min-height: {px(18)}px; }}
QMenu::item:selected {{ background: {c("select")}; }}
QMenu::item:disabled {{ color: {c("text-off")}; }}
QMenu::icon {{ padding-left: 6px; }}
QMenu::separator {{ height: 1px; background: {c("line-subtle")}; margin: 5px 4px; }}

QTabBar {{ background: transparent; qproperty-drawBase: 0; }}
QTabBar::tab {{ background: transparent; color: {c("text-2")}; border: 0; border-bottom: 2px solid transparent;
  padding: 0 10px; min-height: {px(32)}px; {font("strong")} }}
QTabBar::tab:selected {{ color: {c("text")}; border-bottom-color: {c("accent")}; }}
QTabBar::tab:hover {{ color: {c("text")}; }}
QTabBar::tab:focus {{ color: {c("accent-text")}; }}
QTabWidget::pane {{ border: 0; }}

QAbstractItemView {{ background: {c("panel")}; border: 0; alternate-background-color: {c("panel")};
  selection-background-color: {c("select")}; selection-color: {c("text")}; }}
QTreeView::item, QListView::item {{ min-height: {px(24)}px; border: 0; }}
QTreeView::item:hover, QListView::item:hover, QTableView::item:hover {{ background: {c("hover")}; }}
QTreeView::item:selected, QListView::item:selected, QTableView::item:selected {{ background: {c("select")};
  color: {c("text")}; }}
QTreeView::branch {{ background: transparent; }}
QTreeView::branch:has-children:closed {{ image: url({arrows}/caret-right-{dark}.svg); }}
QTreeView::branch:has-children:open {{ image: url({arrows}/caret-down-{dark}.svg); }}
QTableView {{ gridline-color: {c("line-subtle")}; border: 1px solid {c("line")}; border-radius: 6px; }}
QHeaderView {{ background: {c("panel")}; }}
QHeaderView::section {{ background: {c("panel")}; color: {c("text-2")}; border: 0; border-bottom: 1px solid {c("line")};
  padding: 4px 8px; {font("label")} }}

QScrollArea {{ background: transparent; border: 0; }}
QScrollBar:vertical {{ background: transparent; width: 10px; margin: 0; }}
QScrollBar:horizontal {{ background: transparent; height: 10px; margin: 0; }}
QScrollBar::handle {{ background: {c("line-field")}; border-radius: 3px; margin: 2px; }}
QScrollBar::handle:vertical {{ min-height: 28px; }}
QScrollBar::handle:horizontal {{ min-width: 28px; }}
QScrollBar::handle:hover {{ background: {c("line-strong")}; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}

QDockWidget {{ titlebar-close-icon: none; titlebar-normal-icon: none; }}
QDockWidget::title {{ background: {c("panel")}; padding: 6px 12px; text-align: left; }}
QMainWindow::separator {{ background: {c("line-subtle")}; width: 1px; height: 1px; }}
QMainWindow::separator:hover {{ background: {c("focus")}; }}
QSplitter::handle {{ background: {c("line-subtle")}; }}
QSplitter::handle:horizontal {{ width: 1px; }}
QSplitter::handle:vertical {{ height: 1px; }}
QSplitter::handle:hover {{ background: {c("focus")}; }}
QProgressBar {{ background: {c("pressed")}; border: 0; border-radius: 2px; max-height: 4px; text-align: center; }}
QProgressBar::chunk {{ background: {c("accent")}; border-radius: 2px; }}
QStatusBar {{ background: {c("chrome")}; color: {c("text-2")}; {font("small")} }}
QStatusBar::item {{ border: 0; }}
"""
