"""The rows of lists and trees."""

from __future__ import annotations

from PySide6.QtCore import QRect
from PySide6.QtGui import QColor, QImage, QPainter

from studio.base.theme import theme
from studio.widgets.row import HEIGHT, Picture, Piece, Row, paint_row


def painted(row: Row, wide: int = 600) -> QImage:
    image = QImage(wide, HEIGHT, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(QColor("white"))
    painter = QPainter(image)
    paint_row(painter, QRect(0, 0, wide, HEIGHT), row)
    painter.end()
    return image


def inked(image: QImage, left: int = 0, right: int | None = None) -> list[int]:
    """The columns in which there is anything."""
    white = QColor("white").rgb()
    columns = range(left, right if right is not None else image.width())
    return [x for x in columns if any(image.pixel(x, y) != white for y in range(image.height()))]


def test_what_follows_a_column_stands_in_one_line_down_the_list() -> None:
    starts = set()
    for name in ("a", "A name that is far too long for its column, so it is cut"):
        ink = inked(painted(Row((Piece(name, column=True), Piece("|")))), left=151)
        starts.add(min(ink))
    assert len(starts) == 1


def test_a_piece_without_room_is_left_out() -> None:
    long = "x" * 200
    ink = inked(painted(Row((Piece(long), Piece("hint", least=30))), 200))
    assert max(ink) < 200
    assert inked(painted(Row((Piece(long),)), 200)) == ink


def test_glyphs_stand_at_the_right_and_text_ends_before_them() -> None:
    plain = inked(painted(Row((Piece("y" * 200),)), 300))
    glyphs: list[str | Picture] = [Picture("x-circle-fill", "failed"), "done"]
    ink = inked(painted(Row((Piece("y" * 200),), glyphs=glyphs), 300))
    assert max(plain) > 280
    assert not inked(painted(Row((), glyphs=glyphs), 300), right=255)
    gap = sorted(set(range(300)) - set(ink))
    assert any(240 < x < 262 for x in gap)


def test_a_tile_is_a_square_of_its_colour() -> None:
    image = painted(Row((), Picture("folder", "cat-files", tile=True)))
    assert image.pixelColor(1, HEIGHT // 2) == theme().color("cat-files")
    ink = inked(image)
    assert (ink[0], ink[-1]) == (0, 15)
