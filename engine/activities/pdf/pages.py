"""Put pages together, take them apart, turn them, and lock them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from engine.activities.pdf.document import Pages, Password, chosen, reading, save
from engine.core.errors import BusinessError
from engine.core.secrets import Secret
from engine.core.sentences import say
from engine.sdk import Context, Effect, Param, activity


@dataclass(frozen=True)
class WrittenPdf:
    """Where it was written, and how many pages it has."""

    path: Path
    pages: int


@dataclass(frozen=True)
class SplitPdf:
    """The folder, and the files in it that were written, in the order of their pages."""

    folder: Path
    files: list[Path]
    count: int


Target = Annotated[Path, Param("Save as", "A file that is there is replaced.", kind="save")]


@activity("pdf.merge", label="Merge PDFs", icon="files", effect=Effect.IDEMPOTENT, keywords=("join", "combine"))
def merge(
    sources: Annotated[list[Path], Param("PDFs", "In the order in which they shall stand.", kind="file")],
    target: Target,
    ctx: Context,
    bookmarks: Annotated[bool, Param("A bookmark for each", "With the name of the file.")] = True,
    password: Password = None,
) -> WrittenPdf:
    """Put several PDFs together into one.

    The output holds `path` and `pages`.
    """
    import pypdf

    if not sources:
        raise BusinessError(say("there is no PDF to merge"), hint=say("Give at least one."))
    writer = pypdf.PdfWriter()
    for done, source in enumerate(sources, 1):
        ctx.check()
        with reading(source, password) as reader:
            writer.append(reader, outline_item=source.stem if bookmarks else None)
        ctx.progress(done, len(sources), source.name)
    save(writer, target)
    return WrittenPdf(target, len(writer.pages))


@activity(
    "pdf.split", label="Split PDF", icon="split-horizontal", effect=Effect.IDEMPOTENT, keywords=("separate", "pages")
)
def split(
    path: Annotated[Path, Param("PDF", kind="file")],
    folder: Annotated[Path, Param("Folder to write to", "It is made if it is missing.", kind="folder")],
    ctx: Context,
    every: Annotated[int, Param("Pages in each file", unit="pages")] = 1,
    ranges: Annotated[
        list[str], Param("Or ranges of pages", "Each becomes a file.", '["1-2", "3-"]', advanced=True)
    ] = [],  # noqa: B006 - bound as a copy
    name: Annotated[
        str, Param("Name of the files", "{name} and {number} are filled in.", advanced=True)
    ] = "{name}-{number}",
    password: Password = None,
) -> SplitPdf:
    """Split a PDF into files of so many pages each, or of the ranges that you name.

    Numbers have as many digits as the largest. The output holds `folder`, `files` and `count`.
    """
    import pypdf

    if every < 1:
        raise BusinessError(say("each file must have at least one page"))
    if "{number}" not in name or {"/", "\\"} & set(name):
        raise BusinessError(
            say("{name!r} cannot be the name of several files", name=name),
            hint=say("It must hold {{number}}, and no folders."),
        )
    files: list[Path] = []
    with reading(path, password) as reader:
        count = len(reader.pages)
        parts = [chosen(one, count, path.name) for one in ranges] or [
            list(range(start, min(start + every, count))) for start in range(0, count, every)
        ]
        digits = len(str(len(parts)))
        for number, part in enumerate(parts, 1):
            ctx.check()
            writer = pypdf.PdfWriter()
            for page in part:
                writer.add_page(reader.pages[page])
            file = name.replace("{name}", path.stem).replace("{number}", f"{number:0{digits}}")
            target = folder / (file if file.lower().endswith(".pdf") else f"{file}.pdf")
            save(writer, target)
            files.append(target)
            ctx.progress(number, len(parts))
    return SplitPdf(folder, files, len(files))


@activity(
    "pdf.extract_pages", label="Extract PDF pages", icon="file-minus", effect=Effect.IDEMPOTENT, keywords=("reorder",)
)
def extract_pages(
    path: Annotated[Path, Param("PDF", kind="file")],
    target: Target,
    pages: Annotated[str, Param("Pages", "In the order in which they shall stand.", "1-3, 5, 8-, last")],
    password: Password = None,
) -> WrittenPdf:
    """Write some pages of a PDF, in any order, to a new one; a protected one loses its password.

    The output holds `path` and `pages`.
    """
    import pypdf

    with reading(path, password) as reader:
        writer = pypdf.PdfWriter()
        for number in chosen(pages, len(reader.pages), path.name):
            writer.add_page(reader.pages[number])
        save(writer, target)
    return WrittenPdf(target, len(writer.pages))


@activity("pdf.rotate", label="Rotate PDF pages", icon="arrow-clockwise", effect=Effect.IDEMPOTENT, keywords=("turn",))
def rotate(
    path: Annotated[Path, Param("PDF", kind="file")],
    target: Target,
    angle: Annotated[Literal[90, 180, 270], Param("Clockwise by", unit="°")] = 90,
    pages: Pages = "",
    password: Password = None,
) -> WrittenPdf:
    """Turn pages of a PDF; target and source must be two files, so that a repetition does not turn them twice.

    The output holds `path` and `pages`.
    """
    import pypdf

    if target.resolve() == path.resolve():
        raise BusinessError(
            say("{name} would be turned in place", name=path.name),
            hint=say("Save it as another file: a repetition would turn it once more."),
        )
    with reading(path, password) as reader:
        writer = pypdf.PdfWriter(clone_from=reader)
        for number in set(chosen(pages, len(reader.pages), path.name)):
            writer.pages[number].rotate(angle)
        save(writer, target)
    return WrittenPdf(target, len(writer.pages))


@activity("pdf.protect", label="Protect PDF", icon="file-lock", effect=Effect.IDEMPOTENT, keywords=("encrypt",))
def protect(
    path: Annotated[Path, Param("PDF", kind="file")],
    target: Target,
    new_password: Annotated[Secret, Param("Password to set")],
    password: Annotated[Secret | None, Param("Password so far", "If it is protected already.", advanced=True)] = None,
) -> WrittenPdf:
    """Lock a PDF with a password, with AES of 256 bits.

    The output holds `path` and `pages`.
    """
    import pypdf

    if not new_password:
        raise BusinessError(say("the password to set is empty"))
    with reading(path, password) as reader:
        writer = pypdf.PdfWriter(clone_from=reader)
        writer.encrypt(new_password.reveal(), algorithm="AES-256")
        save(writer, target)
    return WrittenPdf(target, len(writer.pages))
