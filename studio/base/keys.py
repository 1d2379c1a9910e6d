"""Keys: how they are shown, what they stand for, and what is meant by one of a layout without Latin letters.

Qt tries the other layouts of the keyboard; where none of them is Latin, no shortcut of a letter is found. The letter
meant is then the one at the same place of an American keyboard, which Cyrillic keys are printed with.
"""

from __future__ import annotations

import sys
from typing import Final

from PySide6.QtCore import QKeyCombination, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence

_ROWS: Final = ((16, "QWERTYUIOP[]"), (30, "ASDFGHJKL;'`"), (43, "\\ZXCVBNM,./"))
"""Each row of keys after the scan code of its first one: set 1 of the IBM PC, which evdev took over."""
_LATIN: Final = {first + place: ord(key) for first, row in _ROWS for place, key in enumerate(row)}
_BEFORE: Final = 0 if sys.platform == "win32" else 8
"""X and Wayland count eight more than evdev does."""
_SCRIPTS: Final = range(0x250, 0x01000000)
"""Qt's keys for letters of other scripts than Latin; those above are no letters."""


def latin(event: QKeyEvent) -> QKeyCombination:
    """The keys that were pressed, with a letter of another script as the Latin key at its place."""
    key = _LATIN.get(event.nativeScanCode() - _BEFORE) if event.key() in _SCRIPTS else None
    return event.keyCombination() if key is None else QKeyCombination(event.modifiers(), Qt.Key(key))


def pressed_keys(event: QKeyEvent) -> str:
    """What was pressed, in Qt's portable notation; the keypad has no keys of its own."""
    held = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    keys = QKeySequence(QKeyCombination(held, latin(event).key())).toString(QKeySequence.SequenceFormat.PortableText)
    return keys.replace("Enter", "Return")


def sequences(keys: str) -> list[QKeySequence]:
    """What Qt is to listen for: Enter is two keys for it. The first is the one to be shown."""
    return [QKeySequence(one) for one in dict.fromkeys((keys.replace("Return", "Enter"), keys))]


def shown_keys(keys: str) -> str:
    """Keys as this platform writes them ("Ctrl+Shift+P" is drawn with signs on macOS)."""
    return sequences(keys)[0].toString(QKeySequence.SequenceFormat.NativeText) or keys
