"""Documents in a workflow that a real engine runs."""

from __future__ import annotations

from pathlib import Path

import docx

from tests.support.workflows import file_engine, workflow

STEPS = """
steps:
  - id: write
    activity: pdf.write
    with: {path: "{{ inputs.folder }}/order.pdf", title: Order 7, rows: [{name: Lamp, price: 12.5}, {name: Desk, price: 80}]}
  - id: read
    activity: pdf.read_tables
    with: {path: "{{ steps.write.output.path }}"}
  - id: fill
    activity: word.fill_template
    with:
      template: "{{ inputs.folder }}/template.docx"
      target: "{{ inputs.folder }}/letter.docx"
      values: {items: "{{ steps.read.output.rows }}"}
  - id: draw
    activity: pdf.to_images
    with: {path: "{{ steps.write.output.path }}", folder: "{{ inputs.folder }}", dpi: 72}
  - id: look
    activity: image.info
    with: {path: "{{ steps.draw.output.files[0] }}"}
inputs:
  folder: {type: folder}
edges: [write.next -> read, read.next -> fill, fill.next -> draw, draw.next -> look]
outputs: {width: "{{ steps.look.output.width }}"}
"""


async def test_a_table_goes_from_pdf_to_word(tmp_path: Path) -> None:
    template = docx.Document()
    template.add_table(1, 2)
    for cell, text in zip(template.tables[0].rows[0].cells, ("{{ items.name }}", "{{ items.price }}"), strict=True):
        cell.text = text
    template.save(str(tmp_path / "template.docx"))
    async with file_engine(tmp_path) as engine:
        execution = await engine.start(workflow(STEPS), {"folder": str(tmp_path)})
        outcome = await engine.wait(execution)
    assert outcome.status == "succeeded", outcome
    assert outcome.output == {"width": 596}
    made = docx.Document(str(tmp_path / "letter.docx"))
    assert [[cell.text for cell in row.cells] for row in made.tables[0].rows] == [["Lamp", "12.5"], ["Desk", "80"]]
