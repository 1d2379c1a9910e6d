"""Sentences for a person that can still be said in another language.

::

    sentence = say("there is no step {name!r}", name=wrong)     # a text: "there is no step 'raed'"
    sentence.template, sentence.values                          # what a translation is made from

The template is a literal, given directly to `say`, so that the texts to translate can be collected from the source.
A brace that is meant as text is doubled.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence


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


def _shown(value: object) -> str:
    said = value.args[0] if isinstance(value, BaseException) and len(value.args) == 1 else None
    return said if isinstance(said, Sentence) else str(value)


_KEPT = frozenset({str, int, float, bool, type(None), Sentence})
