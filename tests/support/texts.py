"""Collects every text that the program shows, and compiles the translations.

::

    python -m tests.support.texts            # renew the .po files from the source, and compile them to .mo
    python -m tests.support.texts --check    # only tell what is missing; exit status 1 where something is

A text is what `tr`, `trn` and `N_` are given in `studio`, what `say` is given in `engine`, and what activities declare:
labels, help, choices, first sentences and the paragraphs of their documentation; and the help of expression functions.
"""

from __future__ import annotations

import io
import string
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog as Texts
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from engine.api import FUNCTIONS, Catalog
from studio.base.i18n import LANGUAGES
from studio.base.resources import ROOT
from studio.forms.editors.choice import choice_label
from studio.forms.shape import Declared, declared_fields

FOLDER = ROOT / "translations"
SOURCE = Path(__file__).parents[2]
ALWAYS = datetime(2026, 1, 1, tzinfo=UTC)
"""The date in the files: the same texts give the same bytes."""
KEYWORDS: dict[str, dict[str, Any]] = {"studio": {"tr": None, "trn": (1, 2), "N_": None}, "engine": {"say": None}}
"""What marks a text in the source, by package."""


def declared() -> Iterator[tuple[str, str]]:
    """Every text of the built-in activities, with where it is declared."""
    catalog = Catalog(entry_points=False)
    for name, family in catalog.families().items():
        yield f"engine/{name}", family.label
    for activity in catalog.all():
        yield activity.id, activity.label
        yield activity.id, activity.summary
        for paragraph in activity.paragraphs:
            yield activity.id, paragraph
        for port in activity.ports:
            yield activity.id, port.label
        for field in declared_fields(activity):
            yield from asked(f"{activity.id}.{field.name}", field)
    for function in FUNCTIONS.values():
        yield function.name, function.help


def asked(where: str, field: Declared) -> Iterator[tuple[str, str]]:
    """What a form says of one field, and of those inside it."""
    for text in (field.label, field.help, field.placeholder):
        yield where, text
    shapes = [field.shape]
    while shapes:
        shape = shapes.pop()
        yield where, shape.unit
        for choice in shape.choices:
            if (label := choice_label(choice)) != str(choice):  # else it is shown as it is written
                yield where, label
        for inner in shape.fields:
            yield from asked(f"{where}.{inner.name}", inner)
        if shape.item is not None:
            shapes.append(shape.item)


def template() -> Texts:
    """All texts of the source, untranslated."""
    texts = Texts(project="RPA Studio", charset="utf-8", fuzzy=False)
    for package, keywords in KEYWORDS.items():
        for file, line, message, comments, context in extract_from_dir(
            SOURCE / package, method_map=[("**.py", "python")], keywords=keywords
        ):
            texts.add(message, locations=[(f"{package}/{file}", line)], auto_comments=comments, context=context)
    for where, text in declared():
        if text:
            texts.add(text, locations=[(where, 0)])
    return texts


def files(language: str) -> tuple[Path, Path]:
    """The .po and the .mo of a language."""
    folder = FOLDER / language / "LC_MESSAGES"
    return folder / "studio.po", folder / "studio.mo"


def translated(language: str) -> Texts:
    """The texts of the source with the translations that the .po holds."""
    po, _ = files(language)
    known = Texts(locale=language)
    if po.is_file():
        with po.open("rb") as file:
            known = read_po(file, locale=language)
    known.update(template(), no_fuzzy_matching=True)
    known.obsolete.clear()
    known.fuzzy = False
    known.header_comment = f"# {LANGUAGES[language]}"
    known.project, known.version, known.last_translator = "RPA Studio", "1", "RPA Studio"
    known.msgid_bugs_address, known.creation_date, known.revision_date = "", ALWAYS, ALWAYS
    for message in known:
        message.flags.discard("python-format")  # a percent sign is one here
    return known


def missing(language: str) -> list[str]:
    """The texts without a translation."""
    found = []
    for message in translated(language):
        strings = message.string if isinstance(message.string, (list, tuple)) else [message.string]
        if message.id and not all(strings):
            found.append(message.id if isinstance(message.id, str) else message.id[0])
    return found


def names(text: str) -> set[str]:
    """The `{names}` of a text; none where its braces are no names."""
    try:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}
    except ValueError:
        return set()


def misnamed(language: str) -> list[str]:
    """The translations that name other values than their texts do: they could not be filled in."""
    found = []
    for message in translated(language):
        originals = [message.id] if isinstance(message.id, str) else list(message.id)
        strings = [message.string] if isinstance(message.string, str) else list(message.string or ())
        known = set().union(*map(names, originals))
        found += [text for text in strings if text and message.id and not names(text) <= known]
    return found


def compiled(texts: Texts) -> bytes:
    out = io.BytesIO()
    write_mo(out, texts)
    return out.getvalue()


def written(texts: Texts) -> bytes:
    out = io.BytesIO()
    write_po(out, texts, width=116, omit_header=False, sort_output=True, no_location=True)
    return out.getvalue()


def main(arguments: list[str]) -> int:
    lacking = 0
    for language in LANGUAGES:
        if language == "en":
            continue
        texts = translated(language)
        if "--check" not in arguments:
            po, mo = files(language)
            po.parent.mkdir(parents=True, exist_ok=True)
            po.write_bytes(written(texts))
            mo.write_bytes(compiled(texts))
        untranslated = missing(language)
        wrong = misnamed(language)
        lacking += len(untranslated) + len(wrong)
        print(f"{language}: {len(texts)} texts, {len(untranslated)} untranslated")
        for text in untranslated[: None if "-v" in arguments else 20]:
            print(f"  {text!r}")
        for text in wrong:
            print(f"  names what its text does not: {text!r}")
    return 1 if lacking and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
