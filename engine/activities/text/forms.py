"""The form of a text: case, white space, Unicode, slugs, codings, hashes, and how alike two texts are."""

from __future__ import annotations

import base64
import binascii
import hashlib
import html
import re
import unicodedata
import urllib.parse
from dataclasses import dataclass
from difflib import SequenceMatcher, unified_diff
from typing import Annotated, Literal

from engine.core.errors import BusinessError
from engine.core.sentences import say
from engine.sdk import Effect, Param, activity
from engine.sdk.encodings import decode_text, encode_text

_WORD = re.compile(r"[^\W_]+")
_HUMP = re.compile(r"(?<=[a-zа-яё0-9])(?=[A-ZА-ЯЁ])|(?<=[A-ZА-ЯЁ])(?=[A-ZА-ЯЁ][a-zа-яё])")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufeff\u200b\u200e\u200f\u2060]")
_SPACES = re.compile(r"[^\S\n]+")
_MAX_BY_CHARACTER = 1_000
# The streamlined system for Bulgarian (Transliteration Act, 2009), and what other Cyrillic alphabets add to it.
_LETTERS = "a b v g d e zh z i y k l m n o p r s t u f h ts ch sh sht a y yu ya y e yo i yi ye g g j lj nj k c dz dj dz"
_LATIN = str.maketrans(
    dict(
        zip(
            "абвгдежзийклмнопрстуфхцчшщъьюяыэёіїєґѓјљњќћџђѕ",
            _LETTERS.split(" "),
            strict=True,
        )
    )
    | {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"}
)


@dataclass(frozen=True)
class Text:
    """The text, and its length."""

    text: str
    length: int


def _text(text: str) -> Text:
    return Text(text, len(text))


@activity(
    "text.case", label="Change case", icon="text-aa", effect=Effect.PURE, keywords=("upper", "lower", "title", "snake")
)
async def change_case(
    text: Annotated[str, Param("Text", kind="text")],
    to: Annotated[
        Literal["upper", "lower", "title", "sentence", "swap", "camel", "pascal", "snake", "kebab", "constant"],
        Param("To", "camelCase, PascalCase, snake_case, kebab-case and CONSTANT_CASE join the words."),
    ],
) -> Text:
    """Change a text to upper or lower case, or to one of the forms of names.

    The output holds `text` and `length`.
    """
    if to in ("upper", "lower", "swap"):
        return _text({"upper": text.upper, "lower": text.lower, "swap": text.swapcase}[to]())
    if to == "title":
        return _text(re.sub(r"[^\W_]+(?:['’][^\W_]+)*", lambda word: word.group().capitalize(), text))
    if to == "sentence":
        return _text(re.sub(r"(^\s*|[.!?…]\s+)(\w)", lambda part: part.group(1) + part.group(2).upper(), text.lower()))
    words = [word.lower() for word in _WORD.findall(_HUMP.sub(" ", text))]
    if to in ("camel", "pascal"):
        capital = [word.capitalize() for word in words]
        return _text("".join([*words[:1], *capital[1:]] if to == "camel" else capital))
    joined = ("-" if to == "kebab" else "_").join(words)
    return _text(joined.upper() if to == "constant" else joined)


@activity(
    "text.clean",
    label="Clean up text",
    icon="broom",
    effect=Effect.PURE,
    keywords=("trim", "strip", "normalize", "unicode"),
)
async def clean(
    text: Annotated[str, Param("Text", kind="text")],
    trim: Annotated[bool, Param("Trim the ends")] = True,
    spaces: Annotated[bool, Param("One space where there are several", "Hard spaces and tabs count as such.")] = True,
    blank_lines: Annotated[bool, Param("Remove empty lines")] = False,
    invisible: Annotated[
        bool, Param("Remove invisible characters", "Control characters, byte order marks, zero width.")
    ] = True,
    unicode: Annotated[
        Literal["", "NFC", "NFD", "NFKC", "NFKD"],
        Param("Unicode form", "NFC makes equal what looks equal; NFKC also ﬁ to fi."),
    ] = "NFC",
    accents: Annotated[bool, Param("Remove accents", advanced=True)] = False,
) -> Text:
    """Clean a text of what cannot be seen and does not belong.

    The ends of lines become plain ones. The output holds `text` and `length`.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if unicode:
        text = unicodedata.normalize(unicode, text)
    if accents:
        text = unicodedata.normalize(
            "NFC", "".join(sign for sign in unicodedata.normalize("NFD", text) if not _accent(sign))
        )
    if invisible:
        text = _CONTROL.sub("", text)
    lines = text.split("\n")
    if spaces:
        lines = [_SPACES.sub(" ", line) for line in lines]
    if trim:
        lines = [line.strip() for line in lines]
    if blank_lines:
        lines = [line for line in lines if line.strip()]
    text = "\n".join(lines)
    return _text(text.strip() if trim else text)


def _accent(sign: str) -> bool:
    # The breve of й is a letter's own part, not an accent.
    return unicodedata.combining(sign) != 0 and sign != "\u0306"


@activity(
    "text.slug", label="Make a slug", icon="link", effect=Effect.PURE, keywords=("url", "file name", "transliterate")
)
async def slug(
    text: Annotated[str, Param("Text")],
    separator: Annotated[str, Param("Between words")] = "-",
    max_length: Annotated[int, Param("At most", unit="characters", advanced=True)] = 80,
) -> Text:
    """Turn a text into lower-case Latin letters and digits, fit for addresses and names of files.

    Cyrillic is written as the Bulgarian law says; other letters without a Latin form are left out.
    The output holds `text` and `length`.
    """
    latin = unicodedata.normalize("NFC", text).lower().translate(_LATIN)
    plain = unicodedata.normalize("NFKD", latin).encode("ascii", "ignore").decode().lower()
    made = separator.join(re.findall(r"[a-z0-9]+", plain.replace("'", "")))[: max(max_length, 0)]
    return _text(made.removesuffix(separator) if separator else made)


Coding = Literal["base64", "base64url", "url", "html", "hex"]


@activity(
    "text.encode",
    label="Encode text",
    icon="code",
    effect=Effect.PURE,
    keywords=("base64", "url", "html", "hex", "escape"),
)
async def encode(
    text: Annotated[str | bytes, Param("Text", kind="text")],
    to: Annotated[Coding, Param("As")],
    encoding: Annotated[str, Param("Encoding of the text", advanced=True)] = "utf-8",
) -> Text:
    """Encode a text as base64, for addresses, for HTML, or as hexadecimal digits.

    The output holds `text` and `length`.
    """
    if to == "html":
        return _text(html.escape(text if isinstance(text, str) else decode_text(text, encoding, say("the data"))[0]))
    raw = text if isinstance(text, bytes) else encode_text(text, encoding, say("the result"))
    if to == "url":
        return _text(urllib.parse.quote_from_bytes(raw, safe=""))
    if to == "hex":
        return _text(raw.hex())
    if to == "base64url":
        return _text(base64.urlsafe_b64encode(raw).decode("ascii").rstrip("="))
    return _text(base64.b64encode(raw).decode("ascii"))


@activity(
    "text.decode",
    label="Decode text",
    icon="code",
    effect=Effect.PURE,
    keywords=("base64", "url", "html", "hex", "unescape"),
)
async def decode(
    text: Annotated[str, Param("Text", kind="text")],
    to: Annotated[Coding, Param("Is encoded as")],
    encoding: Annotated[str, Param("Encoding of the result", "Empty or auto finds it out.", advanced=True)] = "utf-8",
) -> Text:
    """Decode a text from base64, an address, HTML, or hexadecimal digits.

    White space in base64 and hexadecimal digits does not matter, nor does missing padding.
    The output holds `text` and `length`.
    """
    if to == "html":
        return _text(html.unescape(text))
    try:
        if to == "url":
            raw = urllib.parse.unquote_to_bytes(text.replace("+", " "))
        elif to == "hex":
            raw = bytes.fromhex(re.sub(r"\s|^\s*0[xX]", "", text))
        else:
            digits = re.sub(r"\s", "", text).rstrip("=").replace("-", "+").replace("_", "/")
            raw = base64.b64decode(digits + "=" * (-len(digits) % 4), validate=True)
    except (ValueError, binascii.Error):
        raise BusinessError(
            say("the text is not {to}", to=to), hint=say("Check that it is complete, and how it was encoded.")
        ) from None
    return _text(decode_text(raw, encoding, say("the result"))[0])


@dataclass(frozen=True)
class Hash:
    """The hash, in hexadecimal digits."""

    hash: str


@activity("text.hash", label="Hash a text", icon="hash", effect=Effect.PURE, keywords=("sha256", "md5", "checksum"))
async def hash_text(
    text: Annotated[str | bytes, Param("Text", kind="text")],
    algorithm: Annotated[
        Literal["sha256", "sha512", "sha1", "md5", "blake2b"],
        Param("Algorithm", "sha1 and md5 are only for old checksums."),
    ] = "sha256",
    encoding: Annotated[str, Param("Encoding of the text", advanced=True)] = "utf-8",
) -> Hash:
    """Compute the hash of a text.

    The output holds `hash`, in hexadecimal digits.
    """
    raw = text if isinstance(text, bytes) else encode_text(text, encoding, say("the hash"))
    return Hash(hashlib.new(algorithm, raw, usedforsecurity=False).hexdigest())


@dataclass(frozen=True)
class Comparison:
    """Whether the texts are equal, how alike they are from 0 to 1, and the lines that differ."""

    equal: bool
    similarity: float
    diff: str


@activity(
    "text.compare",
    label="Compare texts",
    icon="git-diff",
    effect=Effect.PURE,
    keywords=("similarity", "fuzzy", "difference"),
)
def compare(
    first: Annotated[str, Param("Text", kind="text")],
    second: Annotated[str, Param("Other text", kind="text")],
    ignore_case: Annotated[bool, Param("Upper and lower case are alike")] = False,
    ignore_spaces: Annotated[bool, Param("Spaces do not matter", "Ends, and how many there are.")] = False,
) -> Comparison:
    """Tell whether two texts are equal, and how alike they are.

    Texts of more than 1,000 characters are compared word by word. The output holds `equal`, `similarity` (0 to 1) and
    `diff`, the lines that differ, marked with + and -.
    """
    left, right = (unicodedata.normalize("NFC", text) for text in (first, second))
    if ignore_spaces:
        left, right = (
            "\n".join(" ".join(line.split()) for line in text.splitlines()).strip() for text in (left, right)
        )
    if ignore_case:
        left, right = left.casefold(), right.casefold()
    if left == right:
        return Comparison(True, 1.0, "")
    lines = left.splitlines(), right.splitlines()
    if max(len(left), len(right)) <= _MAX_BY_CHARACTER:
        ratio = SequenceMatcher(None, left, right, autojunk=False).ratio()
    else:
        ratio = SequenceMatcher(None, left.split(), right.split()).ratio()
    diff = "\n".join(list(unified_diff(*lines, lineterm="", n=0))[2:])
    return Comparison(False, round(ratio, 4), diff)
