"""Draws the program's icon from its sign: `python -m resources.deploy.icons` writes the files in resources/icons."""

from __future__ import annotations

import os
import struct
from pathlib import Path

from PySide6.QtCore import QBuffer, QIODevice, QRectF, Qt
from PySide6.QtGui import QGuiApplication, QImage, QImageWriter, QPainter

from studio.widgets.logo import paint_logo

FOLDER = Path(__file__).parents[1] / "icons"
SIDES = (16, 24, 32, 48, 64, 256)
"""The sizes in the Windows icon, in pixels."""


def picture(side: int) -> bytes:
    """The sign as a PNG file of `side` pixels."""
    image = QImage(side, side, QImage.Format.Format_ARGB32)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    paint_logo(painter, QRectF(image.rect()))
    painter.end()
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, b"PNG").write(image)
    return bytes(buffer.data().data())


def windows_icon(pictures: dict[int, bytes]) -> bytes:
    """PNG files by side as one ICO file: a header, an entry of 16 bytes for each (0 means 256 pixels), the files."""
    entries, place = b"", 6 + 16 * len(pictures)
    for side, data in pictures.items():
        entries += struct.pack("<BBBBHHII", side % 256, side % 256, 0, 0, 1, 32, len(data), place)
        place += len(data)
    return struct.pack("<HHH", 0, 1, len(pictures)) + entries + b"".join(pictures.values())


if __name__ == "__main__":
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    application = QGuiApplication()
    FOLDER.joinpath("rpa-studio.png").write_bytes(picture(256))
    FOLDER.joinpath("rpa-studio.ico").write_bytes(windows_icon({side: picture(side) for side in SIDES}))
