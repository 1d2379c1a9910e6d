"""A small program to act on, the same on every system: `python form.py FILE` adds each form it is sent to the file."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QWidget,
)


def main(file: Path) -> None:
    app = QApplication(sys.argv)
    window = QWidget(windowTitle="Order form")
    form = QFormLayout(window)
    customer, secret, notes, urgent, kind = QLineEdit(), QLineEdit(), QPlainTextEdit(), QCheckBox("Urgent"), QComboBox()
    secret.setEchoMode(QLineEdit.EchoMode.Password)
    kind.addItems(["Invoice", "Credit note"])
    sent = QLabel("Nothing sent")
    for label, field in (("Customer", customer), ("Password", secret), ("Notes", notes), ("Kind", kind)):
        form.addRow(label, field)
    for field in (urgent, sent):
        form.addRow(field)
    locked, save = QPushButton("Archive"), QPushButton("Save order")
    locked.setEnabled(False)
    form.addRow(locked)
    form.addRow(save)

    def submit() -> None:
        told = [customer.text(), secret.text(), notes.toPlainText(), urgent.isChecked(), kind.currentText()]
        with file.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(told) + "\n")
        sent.setText(f"Sent {customer.text()}")
        for one in (customer, secret, notes):
            one.clear()

    save.clicked.connect(submit)
    window.resize(420, 420)
    window.show()
    app.exec()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
