"""CSV files: read what others wrote, write what others can read."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from engine.core.errors import BusinessError
from engine.core.sentences import say
from engine.sdk import Context, Effect, Param, activity
from engine.sdk.cells import CellFormat, CellType, cell_text, type_word
from engine.sdk.encodings import decode_text, encode_text
from engine.sdk.files import append_bytes, atomic_write, read_bytes
from engine.sdk.tables import Names, Row, Rows, column_names, columns_of, require, shown

csv.field_size_limit(1 << 26)

_DELIMITERS = ",;\t|"
_NAMED = {"comma": ",", "semicolon": ";", "tab": "\t", "\\t": "\t", "pipe": "|", "space": " "}
_SAMPLE_RECORDS = 50
_CHECK_EVERY = 1000
_BAD_SHOWN = 5
_OPENERS = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class CsvTable:
    """The table; where and how it was read; and the bad rows: line, reason and text of each."""

    rows: list[Row]
    columns: list[str]
    count: int
    path: Path
    encoding: str
    delimiter: str
    bad_rows: list[Row]


@activity("data.read_csv", label="Read CSV", icon="table", effect=Effect.PURE, keywords=("import", "tsv", "table"))
def read_csv(
    path: Annotated[Path, Param("CSV file", kind="file")],
    ctx: Context,
    delimiter: Annotated[str, Param("Separator", "auto, or the character: , ; | or tab.")] = "auto",
    encoding: Annotated[str, Param("Encoding", "auto, utf-8, windows-1251 …")] = "auto",
    header: Annotated[int, Param("Header row", "1 for the first row of the file, 0 for none.")] = 1,
    columns: Annotated[Names, Param("Only columns", "Empty for all.", advanced=True)] = [],  # noqa: B006
    names: Annotated[Names, Param("Names of columns", "Instead of those of the header.", advanced=True)] = [],  # noqa: B006
    types: Annotated[
        Literal["auto", "text"], Param("Types", "auto: numbers, dates and true or false where a whole column is such.")
    ] = "auto",
    column_types: Annotated[
        dict[str, CellType],
        Param(
            "Types of columns", "Where you know better: text, integer, number, boolean, date, datetime.", kind="table"
        ),
    ] = {},  # noqa: B006
    decimal: Annotated[Literal[".", ","], Param("Decimal sign")] = ".",
    date_format: Annotated[str, Param("Dates are written as", "Empty for ISO 8601.", "%d.%m.%Y", advanced=True)] = "",
    on_bad_row: Annotated[
        Literal["fail", "skip", "repair"],
        Param("A row with too few or too many cells", "repair: missing cells are null, further ones are dropped."),
    ] = "fail",
    quote: Annotated[str, Param("Quotation mark", advanced=True)] = '"',
    limit: Annotated[int | None, Param("At most", unit="rows", advanced=True)] = None,
) -> CsvTable:
    """Read a CSV file into a table.

    Separator and encoding are found out; empty rows are passed over; names of columns are trimmed, completed and made
    unique. With automatic types a column becomes numbers or dates only if all of its cells are, and none would lose
    anything: 007 and telephone numbers stay text. An empty cell is null.
    The output is a table (`rows`, `columns`, `count`), with `path`, `encoding`, `delimiter` and `bad_rows`, each with
    its `line`, `reason` and `text`.
    """
    content = read_bytes(path)
    _refuse_foreign(content, path)
    text, found_encoding = decode_text(content, encoding, path.name)
    text = text.removeprefix("\ufeff")
    if header < 0:
        raise BusinessError(say("the header row cannot be negative"), hint=say("Use 0 for a file without a header."))
    if len(quote) > 1:
        raise BusinessError(say("the quotation mark must be one character"))
    first, sep = 1, _character(delimiter)
    if text[:4].lower() == "sep=" and text[5:6] in ("\r", "\n"):
        first, sep = 2, sep or text[4]
        text = text[5:].removeprefix("\r\n") if text[5:7] == "\r\n" else text[6:]
    sep = sep or _sniff(text, quote)

    records = _records(text, sep, quote, first, path)
    heads = list(names)
    cells: list[list[str]] = []
    bad: list[Row] = []
    count = 0
    for line, record in records:
        count += 1
        if header and count < header:
            continue
        if header and count == header:
            heads = heads or column_names(record)
            if len(heads) != len(record):
                raise BusinessError(
                    say(
                        "{name} has {count} columns, and {wanted} names were given",
                        name=path.name,
                        count=len(record),
                        wanted=len(heads),
                    )
                )
            continue
        if not any(cell.strip() for cell in record):
            continue
        heads = heads or column_names([None] * len(record))
        if len(record) != len(heads):
            while len(record) > len(heads) and not record[-1].strip():
                record.pop()
            if len(record) != len(heads):
                reason = f"{len(record)} cells, not {len(heads)}"
                bad.append({"line": line, "reason": reason, "text": sep.join(record)[:500]})
                if on_bad_row == "skip":
                    continue
                record = [*record[: len(heads)], *[""] * (len(heads) - len(record))]
        cells.append(record)
        if not len(cells) % _CHECK_EVERY:
            ctx.check()
        if limit is not None and len(cells) >= limit:
            break
    if bad and on_bad_row == "fail":
        listed = "; ".join(f"line {row['line']}: {row['reason']}" for row in bad[:_BAD_SHOWN])
        if len(bad) > _BAD_SHOWN:
            listed = say("{listed}; and {more} more", listed=listed, more=len(bad) - _BAD_SHOWN)
        raise BusinessError(
            say("{name} has {count} bad rows ({listed})", name=path.name, count=len(bad), listed=listed),
            hint=say("Correct the file, or choose to skip or repair such rows; the separator may also be another one."),
        )
    for asked in (*columns, *column_types):
        if asked not in heads:
            there = ", ".join(heads) or say("none")
            raise BusinessError(
                say("{name} has no column {asked!r}", name=path.name, asked=asked),
                hint=say("Its columns are: {names}.", names=there),
            )
    kept = columns or heads
    made = []
    for name in kept:
        ctx.check()
        place = heads.index(name)
        kind: CellType = column_types.get(name, "auto" if types == "auto" else "text")
        made.append(_typed([row[place] for row in cells], kind, CellFormat(decimal, date_format), name, path))
    rows = [dict(zip(kept, row, strict=True)) for row in zip(*made, strict=True)]
    return CsvTable(rows, list(kept), len(rows), path, found_encoding, sep, bad)


def _typed(texts: list[str], kind: CellType, given: CellFormat, name: str, path: Path) -> list[Any]:
    if kind == "auto":
        kind = given.infer(texts)
    if kind == "text":
        return [text or None for text in texts]
    convert = given.converter(kind)
    made: list[Any] = []
    for index, text in enumerate(texts):
        try:
            made.append(convert(text))
        except (ValueError, OverflowError):
            raise BusinessError(
                say(
                    "row {index} of {name}, column {column!r}: {text} is not a {kind}",
                    index=index + 1,
                    name=path.name,
                    column=name,
                    text=shown(text),
                    kind=type_word(kind),
                ),
                hint=say("Correct the cell, or give the column another type."),
            ) from None
    return made


def _records(text: str, delimiter: str, quote: str, first: int, path: Path) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(
        io.StringIO(text, newline=""),
        delimiter=delimiter,
        quotechar=quote or None,
        quoting=csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE,
    )
    line = first
    while True:
        try:
            record = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise BusinessError(
                say("{name}, line {line}: {error}", name=path.name, line=line, error=error),
                hint=say("A quotation mark may not have been closed there."),
            ) from None
        if record:
            yield line, record
        line = first + reader.line_num


def _character(delimiter: str) -> str:
    given = _NAMED.get(delimiter.strip().lower(), delimiter)
    if given in ("", "auto"):
        return ""
    if len(given) != 1 or given in '"\r\n':
        raise BusinessError(
            say("{delimiter!r} cannot separate cells", delimiter=delimiter),
            hint=say("Give one character, tab, or auto."),
        )
    return given


def _sniff(text: str, quote: str) -> str:
    """The candidate that cuts most of the first records into the same, and the largest, number of cells."""
    sample = text[: 1 << 16]
    best, best_score = ",", (0.0, 0)
    for candidate in _DELIMITERS:
        widths: list[int] = []
        try:
            for record in csv.reader(io.StringIO(sample, newline=""), delimiter=candidate, quotechar=quote or None):
                if record:
                    widths.append(len(record))
                if len(widths) == _SAMPLE_RECORDS:
                    break
        except csv.Error:
            continue
        if len(widths) > 2 and len(sample) < len(text) and len(widths) < _SAMPLE_RECORDS:
            widths.pop()
        if not widths:
            continue
        usual = max(set(widths), key=lambda width: (widths.count(width), width))
        if usual > 1 and (score := (widths.count(usual) / len(widths), usual)) > best_score:
            best, best_score = candidate, score
    return best


def _refuse_foreign(content: bytes, path: Path) -> None:
    if content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise BusinessError(
            say("{name} is not a CSV file but looks like an Excel workbook", name=path.name),
            hint=say("Use `excel.read`."),
        )
    if content.startswith(b"%PDF"):
        raise BusinessError(say("{name} is not a CSV file but a PDF document", name=path.name))


@dataclass(frozen=True)
class WrittenCsv:
    """Where the table was written, and how many rows were."""

    path: Path
    count: int


@activity(
    "data.write_csv", label="Write CSV", icon="table", effect=Effect.IDEMPOTENT, keywords=("export", "save", "tsv")
)
def write_csv(
    path: Annotated[Path, Param("CSV file", kind="save")],
    rows: Annotated[Rows, Param("Table", kind="table")],
    columns: Annotated[Names, Param("Columns", "Empty for all.")] = [],  # noqa: B006
    delimiter: Annotated[str, Param("Separator", "The character: , ; | or tab.")] = ",",
    encoding: Annotated[str, Param("Encoding", "utf-8-sig is what Excel opens best.")] = "utf-8",
    header: Annotated[bool, Param("Write the header")] = True,
    decimal: Annotated[Literal[".", ","], Param("Decimal sign")] = ".",
    date_format: Annotated[str, Param("Write dates as", "Empty for ISO 8601.", "%d.%m.%Y", advanced=True)] = "",
    line_end: Annotated[Literal["lf", "crlf"], Param("Ends of lines", advanced=True)] = "lf",
    guard_formulas: Annotated[
        bool, Param("Guard against formulas", "An apostrophe before text that Excel would compute.", advanced=True)
    ] = False,
) -> WrittenCsv:
    """Write a table to a CSV file, which is replaced whole.

    Null is an empty cell, dates are ISO 8601, lists and mappings JSON. Folders that are missing are made.
    The output holds `path` and `count`, the number of rows.
    """
    require(rows, columns)
    names = columns or columns_of(rows)
    text = _text(rows, names, delimiter, header, decimal, date_format, line_end, guard_formulas)
    content = encode_text(text, encoding, path.name)
    with atomic_write(path) as stream:
        stream.write(content)
    return WrittenCsv(path, len(rows))


@activity("data.append_csv", label="Append to CSV", icon="table", effect=Effect.ONCE, keywords=("add", "log"))
def append_csv(
    path: Annotated[Path, Param("CSV file", kind="save")],
    rows: Annotated[Rows, Param("Table", kind="table")],
    delimiter: Annotated[str, Param("Separator", "auto is that of the file, or a comma in a new one.")] = "auto",
    encoding: Annotated[str, Param("Encoding", "auto is that of the file, or utf-8 in a new one.")] = "auto",
    decimal: Annotated[Literal[".", ","], Param("Decimal sign")] = ".",
    date_format: Annotated[str, Param("Write dates as", "Empty for ISO 8601.", "%d.%m.%Y", advanced=True)] = "",
    guard_formulas: Annotated[
        bool, Param("Guard against formulas", "An apostrophe before text that Excel would compute.", advanced=True)
    ] = False,
) -> WrittenCsv:
    """Append rows to a CSV file, in the columns that it has.

    A file that is not there, or empty, gets a header first. A column that the file does not have is an error; one that
    the rows do not have stays empty. The output holds `path` and `count`, the number of rows appended.
    """
    names = columns_of(rows)
    sep, line_end, header = _character(delimiter), "lf", True
    found = "utf-8" if encoding == "auto" else encoding
    content = read_bytes(path) if path.exists() else b""
    if content.strip():
        _refuse_foreign(content, path)
        text, found = decode_text(content, encoding, path.name)
        header, line_end = False, "crlf" if "\r\n" in text else "lf"
        sep = sep or _sniff(text.removeprefix("\ufeff"), '"')
        there = next((record for _, record in _records(text.removeprefix("\ufeff"), sep, '"', 1, path)), [])
        there = column_names(there)
        unknown = [name for name in names if name not in there]
        if unknown:
            raise BusinessError(
                say("{name} has no column {unknown}", name=path.name, unknown=", ".join(map(repr, unknown))),
                hint=say("Its columns are: {names}. Choose the columns of the rows first.", names=", ".join(there)),
            )
        names = there
        found = {"utf-8-sig": "utf-8", "utf-16": "utf-16-le" if content[:2] == b"\xff\xfe" else "utf-16-be"}.get(
            found, found
        )
    if not rows:
        return WrittenCsv(path, 0)
    added = _text(rows, names, sep or ",", header, decimal, date_format, line_end, guard_formulas)
    if content and not content.endswith(encode_text("\n", found, path.name)):
        added = "\n" + added
    append_bytes(path, encode_text(added, found, path.name))
    return WrittenCsv(path, len(rows))


def _text(
    rows: Sequence[Row],
    names: Sequence[str],
    delimiter: str,
    header: bool,
    decimal: str,
    date_format: str,
    line_end: str,
    guard: bool,
) -> str:
    sep = _character(delimiter) or ","
    if sep == decimal:
        mark = say("comma") if sep == "," else say("dot")
        raise BusinessError(
            say("a {mark} cannot be both separator and decimal sign", mark=mark),
            hint=say("Use a semicolon between cells."),
        )
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=sep, lineterminator="\r\n" if line_end == "crlf" else "\n")
    if header and names:
        writer.writerow(names)
    for row in rows:
        cells = [cell_text(row.get(name), decimal, date_format) for name in names]
        if guard:
            cells = [
                "'" + cell if isinstance(row.get(name), str) and cell.startswith(_OPENERS) else cell
                for name, cell in zip(names, cells, strict=True)
            ]
        writer.writerow(cells)
    return out.getvalue()
