"""Keys by XTEST: chords by name, and text of any script.

A character that no key of the layout gives is put on a key code that no keyboard uses, for every group and level, and
typed with it. It stays there: to take it away again while the program that was typed into has not looked it up yet
would lose the character.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from engine.core.sentences import say
from engine.sdk import BusinessError

_SETTLING = 0.25
"""Seconds in which programs are expected to have learned of a new meaning of a key."""
_NAMES = {
    "ctrl": "Control_L", "control": "Control_L", "alt": "Alt_L", "altgr": "ISO_Level3_Shift", "shift": "Shift_L",
    "win": "Super_L", "super": "Super_L", "cmd": "Super_L", "meta": "Super_L", "enter": "Return", "esc": "Escape",
    "del": "Delete", "ins": "Insert", "backspace": "BackSpace", "pageup": "Page_Up", "page_up": "Page_Up",
    "pagedown": "Page_Down", "page_down": "Page_Down", "pgup": "Page_Up", "pgdn": "Page_Down", "capslock": "Caps_Lock",
    "printscreen": "Print", "plus": "plus", "numlock": "Num_Lock",
}  # fmt: skip
_CONTROLS = {"\n": "Return", "\t": "Tab", "\b": "BackSpace", "\x1b": "Escape"}
_EXTENDED = ("xkb", "xf86", "miscellany")


class Keys:
    """See `engine.activities.desktop.platform.Keyboard`."""

    def __init__(self, display: Any, act: Callable[[], None]) -> None:
        self._display = display
        self._act = act
        info = display.display.info
        self._first = info.min_keycode
        self._count = info.max_keycode - info.min_keycode + 1
        self._read()

    def _read(self) -> None:
        self._rows = [list(row) for row in self._display.get_keyboard_mapping(self._first, self._count)]

    def chord(self, keys: Sequence[str]) -> None:
        codes: list[int] = []
        for key in keys:
            code, shifted = self._named(key)
            if shifted and not codes:
                codes.append(self._named("shift")[0])
            codes.append(code)
        held = []
        try:
            for code in codes:
                self._send(code, True)
                held.append(code)
        finally:
            for code in reversed(held):
                self._send(code, False)
        self._display.sync()

    def write(self, text: str, pause: float) -> None:
        from Xlib import X

        if self._display.screen().root.query_pointer().mask & X.LockMask:
            self.chord(["capslock"])
            try:
                self._write(text, pause)
            finally:
                self.chord(["capslock"])
        else:
            self._write(text, pause)

    def _write(self, text: str, pause: float) -> None:
        symbols = [_symbol(character) for character in text.replace("\r\n", "\n").replace("\r", "\n")]
        at = 0
        while at < len(symbols):
            at = self._some(symbols, at, pause)

    def _some(self, symbols: list[int], at: int, pause: float) -> int:
        """Type as many as the spare keys reach for, and give where to go on."""
        group = self._display.screen().root.query_pointer().mask >> 13 & 3
        spare = [index for index, row in enumerate(self._rows) if not any(row)]
        ours = [index for index, row in enumerate(self._rows) if row[0] and len(set(row[:4])) == 1 and row[0] > 0xFF]
        ways: dict[int, tuple[int, bool]] = {}
        end = at
        wanted = set(symbols[at:])
        spare += [index for index in ours if self._rows[index][0] >> 24 == 1 and self._rows[index][0] not in wanted]
        changed = False
        while end < len(symbols):
            symbol = symbols[end]
            if symbol not in ways:
                way = self._way(symbol, group)
                if way is None:
                    if not spare:
                        break
                    index = spare.pop(0)
                    self._mean(index, symbol)
                    changed = True
                    way = (self._first + index, False)
                ways[symbol] = way
            end += 1
        if end == at:
            raise BusinessError(
                say("the keyboard has no key free for further characters"), hint=say("Paste the text instead.")
            )
        if changed:
            self._display.sync()
            time.sleep(_SETTLING)
        shift = self._named("shift")[0]
        for symbol in symbols[at:end]:
            code, shifted = ways[symbol]
            if shifted:
                self._send(shift, True)
            self._send(code, True)
            self._send(code, False)
            if shifted:
                self._send(shift, False)
            self._display.sync()
            time.sleep(pause)
        if end < len(symbols):
            time.sleep(_SETTLING)  # before keys that are being looked up get another meaning
        return end

    def _mean(self, index: int, symbol: int) -> None:
        self._rows[index] = [symbol] * len(self._rows[index])
        self._display.change_keyboard_mapping(self._first + index, [tuple(self._rows[index])])

    def _way(self, symbol: int, group: int) -> tuple[int, bool] | None:
        """The key code that gives a symbol in a group, and whether with shift."""
        for index, row in enumerate(self._rows):
            if symbol in row[:4] and len(set(row[:4])) == 1:
                return self._first + index, False
        for level in (0, 1):
            for index, row in enumerate(self._rows):
                columns = row[group * 2 : group * 2 + 2] if group < 2 else []
                if not any(columns) and group < 2:
                    columns = row[:2]  # a key that has one group only
                if len(columns) > level and columns[level] == symbol:
                    return self._first + index, bool(level)
        return None

    def _named(self, key: str) -> tuple[int, bool]:
        """The key code of a key by its name or character, and whether it needs shift."""
        from Xlib import XK

        for group in _EXTENDED:
            XK.load_keysym_group(group)
        name = _NAMES.get(key.lower(), key)
        tries = [name, name.capitalize(), name.upper(), name.lower()] if len(name) > 1 else [name]
        symbols = [_symbol(name)] if len(name) == 1 else [found for one in tries if (found := XK.string_to_keysym(one))]
        for symbol in symbols:
            for level in (0, 1):
                for index, row in enumerate(self._rows):
                    if len(row) > level and row[level] == symbol:
                        return self._first + index, bool(level)
        spare = next((index for index, row in enumerate(self._rows) if not any(row)), None)
        if symbols and spare is not None:  # a layout without Latin letters, or a key of another keyboard
            self._mean(spare, symbols[0])
            self._display.sync()
            time.sleep(_SETTLING)
            return self._first + spare, False
        raise BusinessError(
            say("there is no key {key!r}", key=key), hint=say("Such as ctrl, alt, shift, enter, tab, esc, f5 or a.")
        )

    def _send(self, code: int, down: bool) -> None:
        from Xlib import X
        from Xlib.ext.xtest import fake_input

        self._act()
        fake_input(self._display, X.KeyPress if down else X.KeyRelease, code)


def _symbol(character: str) -> int:
    """The key symbol of a character: Latin 1 is itself, the rest of Unicode has its number with a mark."""
    from Xlib import XK

    if character in _CONTROLS:
        return int(XK.string_to_keysym(_CONTROLS[character]))
    number = ord(character)
    if number < 0x20 or 0x7F <= number < 0xA0 or 0xD800 <= number < 0xE000:
        raise BusinessError(
            say("the character with the number {number} cannot be typed", number=number),
            hint=say("Take it out of the text."),
        )
    return number if number < 0x100 else 0x01000000 + number
