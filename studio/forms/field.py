"""One field: its label, its editor or an expression in place of it, what is wrong with it, what it would give."""

from __future__ import annotations

import re
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QEnterEvent, QResizeEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from studio.base.i18n import tr
from studio.base.theme import set_kind, theme
from studio.forms.context import FormContext
from studio.forms.editors import ValueEditor, make
from studio.forms.editors.text import AnyEditor, HugeEditor, TextEditor
from studio.forms.faults import Fault
from studio.forms.field_buttons import FieldButtons
from studio.forms.message import Message, Trouble
from studio.forms.preview_line import PreviewLine
from studio.forms.shape import Declared, Shape
from studio.forms.unset import UNSET
from studio.widgets.icon_button import IconButton
from studio.widgets.wrap_label import WrapLabel

_OWN_NAMES = re.compile(r"\b(?:item|index|row)\b")


class Field(QWidget):
    """`changed` tells the new value, or `UNSET`.

    A value with `{{ … }}` is shown as an expression wherever its editor takes none, one that the editor cannot show as
    YAML, and one too large for that by its beginning.
    """

    changed = Signal(object)

    def __init__(self, declared: Declared, context: FormContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.declared = declared
        self.context = context
        self._value: Any = UNSET
        self._before: Any = UNSET
        """The value that was shown before the field became an expression."""
        self._outer = Trouble("")
        self._complaint = ""
        self._plain_wanted = False
        """Whether a person asked for the editor where an expression is what is usually wanted."""
        self._faults: tuple[Fault, ...] = ()
        px = theme().px

        self._label = WrapLabel("label", self)
        self._info: IconButton | None = None
        self._head = QHBoxLayout()
        self._head.setContentsMargins(0, 0, 0, 0)
        self._head.setSpacing(px(2))
        self._head.addWidget(self._label)
        if declared.help:
            self._info = IconButton("info", tr(declared.help), parent=self)
            self._info.setAccessibleName(tr("What this means"))
            self._info.setCheckable(True)
            self._info.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            self._info.toggled.connect(self._show_help)
            self._head.addWidget(self._info)
        self._head.addStretch(1)
        self.buttons = FieldButtons(self)
        self.buttons.switch_wanted.connect(self.toggle_expression)
        self.buttons.reset_wanted.connect(self.reset)
        self._head.addWidget(self.buttons)

        self._whole = QVBoxLayout(self)
        self._whole.setContentsMargins(0, 0, 0, 0)
        self._whole.setSpacing(px(4))
        self._whole.addLayout(self._head)
        self._plain: ValueEditor | None = None
        self._expression: TextEditor | None = None
        self._raw: ValueEditor | None = None
        self._shown: ValueEditor | None = None
        self._message = Message(self)
        self._message.fix_wanted.connect(self._fix)
        self._whole.addWidget(self._message)
        self._preview: PreviewLine | None = None
        self._help: QLabel | None = None
        self._name()
        self._choose(UNSET)
        self._show_buttons()
        theme().changed.connect(self._name)

    # The value

    @property
    def value(self) -> Any:
        return self._value

    @property
    def editor(self) -> ValueEditor:
        """What is shown now: the editor of its shape, the expression, or the value as YAML."""
        assert self._shown is not None
        return self._shown

    @property
    def in_expression(self) -> bool:
        """Whether an expression stands in place of the editor."""
        return self._shown is not None and self._shown is self._expression

    def set_value(self, value: Any) -> None:
        """Show `value` without telling."""
        self._value = value
        self._choose(value)
        self.editor.set_value(value)
        self._show_buttons()
        self._look()

    def set_problem(self, problem: str | Trouble) -> None:
        """Show what is wrong; nothing where it is empty."""
        self._outer = problem if isinstance(problem, Trouble) else Trouble(problem)
        self._show_message()

    def reset(self) -> None:
        """Take the value away."""
        self._before = UNSET
        self._complaint = ""
        self._tell(UNSET)
        self._choose(UNSET)
        self.editor.set_value(UNSET)
        self._look()
        self.setFocus()

    def refresh(self) -> None:
        """Look again at what came from outside."""
        self._look()

    def toggle_expression(self) -> None:
        """Insert an expression where text stands, or let one take the place of the editor, or let it go again."""
        editor = self.editor
        if isinstance(editor, TextEditor) and not self.in_expression:
            editor.edit.insert_expression()
        elif self.in_expression:
            self._plain_wanted = True
            self._use(self._own())
            value = self._before if self._own().accepts(self._before) else UNSET
            self._tell(value)
            self.editor.set_value(value)
            self._look()
            self.setFocus()
        else:
            self._begin_expression("")

    def setFocus(self, reason: Qt.FocusReason = Qt.FocusReason.OtherFocusReason) -> None:
        self.editor.setFocus(reason)

    # Which editor

    def _choose(self, value: Any) -> None:
        own = self._own()
        holds = isinstance(value, str) and "{{" in value and self.context.expressions
        if value is UNSET:
            if not (self.in_expression and self._has_focus()):
                computed = self.declared.shape.computed and not self._plain_wanted and not isinstance(own, TextEditor)
                self._use(self._expressions() if computed else own)
        elif holds and not own.templates and not own.accepts(value):
            self._use(self._expressions() if self._expressions().accepts(value) else self._yaml(value))
        elif own.accepts(value):
            # What was typed as an expression and is none yet is still being typed.
            if not (self.in_expression and isinstance(value, str) and self._has_focus()):
                self._use(own)
        elif isinstance(value, str) and self._shown is self._expression and self._has_focus():
            pass
        else:
            self._use(self._yaml(value))

    def _own(self) -> ValueEditor:
        if self._plain is None:
            self._plain = self._connected(make(self.declared, self.context, self))
            self._plain.expression_wanted.connect(self._begin_expression)
        return self._plain

    def _expressions(self) -> TextEditor:
        if self._expression is None:
            shape = Shape("expression")
            made = TextEditor(Declared(self.declared.name, self.declared.label, shape), self.context, self)
            self._expression = made
            self._connected(made)
        return self._expression

    def _yaml(self, value: Any) -> ValueEditor:
        if not isinstance(self._raw, AnyEditor):
            self._raw = self._connected(AnyEditor(self._as("any"), self.context, self))
        if not self._raw.accepts(value):
            self._raw = self._connected(HugeEditor(self._as("any"), self.context, self))
        return self._raw

    def _as(self, kind: Any) -> Declared:
        return Declared(self.declared.name, self.declared.label, Shape(kind), required=self.declared.required)

    def _connected(self, editor: ValueEditor) -> ValueEditor:
        editor.hide()
        editor.edited.connect(self._edited)
        editor.complained.connect(self._complain)
        if isinstance(editor, TextEditor):
            editor.edit.checked.connect(self._checked)
        for inner in (editor.focusProxy(), editor):
            if inner is not None:
                inner.installEventFilter(self)
                inner.setAccessibleName(tr(self.declared.label))
                inner.setAccessibleDescription(tr(self.declared.help))
        return editor

    def _use(self, editor: ValueEditor) -> None:
        if editor is self._shown:
            return
        if self._shown is not None:
            self._shown.hide()
            (self._head if self._shown.beside else self._whole).removeWidget(self._shown)
        self._shown = editor
        self._faults = ()
        if editor.beside:
            self._head.addWidget(editor)
        else:
            self._whole.insertWidget(1, editor)
        editor.show()
        self._label.setBuddy(editor.focusProxy() or editor)

    def _begin_expression(self, typed: str) -> None:
        if not self.context.expressions:
            return
        if not self.in_expression:
            self._before = self._value
        editor = self._expressions()
        self._use(editor)
        self._show_buttons()
        editor.edit.set_text("")
        editor.setFocus()
        if typed.strip("{ "):
            editor.edit.insertPlainText(typed)
        else:
            editor.edit.insert_expression()

    # What happens

    def _edited(self, value: Any) -> None:
        self._tell(value)
        self._look()

    def _tell(self, value: Any) -> None:
        self._value = value
        self._show_buttons()
        self.changed.emit(value)

    def _complain(self, message: str) -> None:
        self._complaint = message
        self._show_message()

    def _checked(self, found: tuple[Fault, ...]) -> None:
        sender = self.sender()
        if isinstance(self.editor, TextEditor) and sender is self.editor.edit:
            self._faults = found
            self._show_message()
            self._look()

    def _fix(self) -> None:
        """Put right what is wrong, as the message offers."""
        fault = self._worst()
        if fault is not None and fault.instead and isinstance(self.editor, TextEditor):
            self.editor.edit.replace(fault.start, fault.end, fault.instead)
            self.editor.edit.check_now()
        elif self._outer.fix is not None:
            self._outer.fix()

    # Looks

    def _worst(self) -> Fault | None:
        return self._faults[0] if self._faults else None

    def _show_message(self) -> None:
        fault = self._worst()
        message = self._outer.message
        if self._complaint:
            self._message.show_message(self._complaint)
        elif fault is not None:
            self._message.show_message(fault.message, fault.instead)
        else:
            self._message.show_message(message, self._outer.offer, verb=True)
        self.editor.set_wrong(bool(self._complaint or fault or message))

    def _look(self) -> None:
        """Show what the expressions give with the last execution's data."""
        value = self._value
        edit = self.editor.edit if isinstance(self.editor, TextEditor) else None
        holds = self.context.expressions and isinstance(value, str) and "{{" in value and not self._faults
        # What the activity itself gives to an expression is in no data.
        own = self.declared.shape.kind == "expression" and _OWN_NAMES.search(str(value)) is not None
        if edit is None or not holds or own:
            if self._preview is not None:
                self._preview.clear()
            return
        if self._preview is None:
            self._preview = PreviewLine(self.context, self)
            self._preview.fault_found.connect(self._found_in_data)
            self._whole.insertWidget(self._whole.indexOf(self._message) + 1, self._preview)
        self._preview.show_value_of(value)

    def _found_in_data(self, fault: Fault) -> None:
        """Underline what the last execution's data has against the expression; it is no problem of the document."""
        if isinstance(self.editor, TextEditor) and not self._faults:
            self.editor.edit.set_faults((fault,))

    def _name(self) -> None:
        self._label.set_text(tr(self.declared.label), "*" if self.declared.required else "")
        self._label.setToolTip(tr(self.declared.help))

    @property
    def comfortable(self) -> int:
        """The width at which its label and its editor are shown whole, on one line each."""
        label = self._label.sizeHint().width()
        info = self._info.sizeHint().width() + self._head.spacing() if self._info is not None else 0
        editor = self.editor.comfortable
        if self.editor.beside:
            return label + info + editor + self.buttons.room
        return max(label + info + self.buttons.room, editor)

    def _show_help(self, on: bool) -> None:
        if self._help is None:
            self._help = QLabel(tr(self.declared.help), self)
            self._help.setTextFormat(Qt.TextFormat.PlainText)
            self._help.setWordWrap(True)
            set_kind(self._help, "muted")
            self._whole.addWidget(self._help)
        self._help.setVisible(on)

    def _show_buttons(self) -> None:
        """Offer what is possible while a person is near."""
        editor = self.editor
        active = self.underMouse() or self._has_focus()
        resettable = active and self._value is not UNSET and not self.declared.required
        possible = self.context.expressions and self.declared.shape.kind not in ("code", "record", "expression")
        always = isinstance(editor, TextEditor) and not self.in_expression and self.declared.shape.computed
        switchable = active and possible and not always and not isinstance(editor, HugeEditor)
        self.buttons.offer(switch=switchable, reset=resettable)
        self._name_switch()

    def _name_switch(self) -> None:
        taken = self.comfortable if self.editor.beside else self._label.sizeHint().width() + self.buttons.room
        self.buttons.name_switch(in_expression=self.in_expression, most=self.width() - taken)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._name_switch()

    def _has_focus(self) -> bool:
        focused = QApplication.focusWidget()
        return focused is not None and self.isAncestorOf(focused)

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self._show_buttons()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._show_buttons()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            self._show_buttons()
            if self._preview is not None:
                self._preview.set_whole(self._has_focus())
        return super().eventFilter(watched, event)
