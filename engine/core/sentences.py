"""Sentences for a person that can still be said in another language.

::

    sentence = say("there is no step {name!r}", name=wrong)     # a text: "there is no step 'raed'"
    sentence.template, sentence.values                          # what a translation is made from

The template is a literal, given directly to `say`, so that the texts to translate can be collected from the source.
A brace that is meant as text is doubled. `packed` and `recalled` take sentences through the journal.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any


class Sentence(str):
    """A text that knows how it was put together. Whatever is made from it (`+`, slices, `replace`) is an ordinary text.

    `values` are texts, numbers and None; anything else is kept as the text that it shows, so that no error or
    document lives as long as the sentence about it.
    """

    __slots__ = ("template", "values")

    template: str
    values: Mapping[str, str | int | float | None]

    def __new__(cls, template: str, values: Mapping[str, object]) -> Sentence:
        if not _KEPT.issuperset(map(type, values.values())):
            values = {name: value if type(value) in _KEPT else _shown(value) for name, value in values.items()}
        sentence = str.__new__(cls, template.format_map(values))
        sentence.template = template
        sentence.values = values  # type: ignore[assignment]
        return sentence

    def __reduce__(self) -> tuple[type[Sentence], tuple[str, Mapping[str, object]]]:
        return type(self), (self.template, self.values)


def declared(text: str) -> str:
    """A text that an activity declares, such as a label: it is collected from there, and translated like a sentence."""
    return Sentence(text.replace("{", "{{").replace("}", "}}"), {}) if text else ""


def joined(sentences: Sequence[str], between: str) -> str:
    """Several sentences as one, which are translated one by one."""
    parts = {f"s{index}": sentence for index, sentence in enumerate(sentences)}
    return Sentence(between.join(f"{{{name}}}" for name in parts), parts)


def say(template: str, /, **values: object) -> Sentence:
    """The sentence of a literal template such as `"{count:,} items"`, its names filled in with `values`."""
    return Sentence(template, values)


def packed(text: str, clean: Callable[[str], str]) -> dict[str, Any] | None:
    """The template and the values of a sentence as plain data, every text among them passed through `clean`.

    None for a text that is no sentence.
    """
    if not isinstance(text, Sentence):
        return None
    values = {
        name: packed(value, clean) or clean(value) if isinstance(value, str) else value
        for name, value in text.values.items()
    }
    return {"template": text.template, "values": values}


def recalled(error: Mapping[str, Any], key: str = "message") -> str:
    """A text of an error of the journal: as the sentence that it was, where `said` beside it still gives that text."""
    text, said = str(error.get(key, "")), error.get("said")
    if isinstance(said, Mapping) and key in said:
        try:
            sentence = _unpacked(said[key])
        except (AttributeError, LookupError, TypeError, ValueError):  # of another version, or put there by somebody
            return text
        return sentence if sentence == text else text
    return text


def _unpacked(said: Mapping[str, Any]) -> Sentence:
    values = {name: _unpacked(value) if isinstance(value, Mapping) else value for name, value in said["values"].items()}
    return Sentence(said["template"], values)


def _shown(value: object) -> str:
    said = value.args[0] if isinstance(value, BaseException) and len(value.args) == 1 else None
    return said if isinstance(said, Sentence) else str(value)


_KEPT = frozenset({str, int, float, bool, type(None), Sentence})
