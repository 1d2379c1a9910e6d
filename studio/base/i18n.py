"""The texts of the program in the user's language.

English is in the source; `resources/translations/LANGUAGE/LC_MESSAGES/studio.mo` holds the others (GNU gettext).
`tests/support/texts.py` collects the texts and compiles the catalogs.
"""

from __future__ import annotations

import gettext
import locale
import os
from typing import Final

from studio.base.resources import ROOT

LANGUAGES: Final = {"en": "English", "bg": "Български"}
"""What there is, by code, each in its own language."""

_current = "en"
_catalog: gettext.NullTranslations = gettext.NullTranslations()


def N_(text: str) -> str:
    """Mark a text for translation where it is declared; it is translated by `tr` where it is shown."""
    return text


def tr(text: str, **values: object) -> str:
    """The text in the user's language, its `{names}` filled in."""
    translated = _catalog.gettext(text) if text else ""
    return translated.format(**values) if values else translated


def tr_sentence(text: str) -> str:
    """A sentence of the engine in the user's language; a text that does not know its template stays as it is.

    The sentences among its values are translated too. An error's message and hint, a problem's, and the reasons inside
    them are such sentences (`engine.core.sentences`).
    """
    template: str = getattr(text, "template", "")
    if not template:
        return text
    values: dict[str, object] = getattr(text, "values", {})
    said = {name: tr_sentence(value) if isinstance(value, str) else value for name, value in values.items()}
    return _catalog.gettext(template).format_map(said)


def trn(one: str, many: str, n: int, **values: object) -> str:
    """The text for `n` things; `{n}` is filled in with the number as it is written in the language."""
    return _catalog.ngettext(one, many, n).format(n=number(n), **values)


def sentence(text: str) -> str:
    """The text of an error in the user's language and as a sentence: with a capital, and a full stop at its end."""
    text = tr_sentence(text).strip()
    return text[:1].upper() + text[1:] + ("" if not text or text[-1] in ".!?…:" else ".")


def number(value: int) -> str:
    """A whole number with its thousands apart, as the language writes it."""
    return f"{value:,}" if _current == "en" else f"{value:,}".replace(",", "\u00a0")


def language() -> str:
    """The code of the language in use."""
    return _current


def set_language(code: str = "system") -> str:
    """Choose a language by code, or the system's; an unknown one falls back to English. Gives what is in use."""
    global _catalog, _current
    wanted = _system() if code == "system" else code
    _current = wanted if wanted in LANGUAGES else "en"
    _catalog = gettext.translation("studio", ROOT / "translations", [_current], fallback=True)
    return _current


def _system() -> str:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if os.environ.get(name):
            return os.environ[name][:2].lower()
    return (locale.getlocale()[0] or "en")[:2].lower()
