"""Every parameter of every activity there is: shown, left alone, set and read back."""

from __future__ import annotations

from typing import Any

import pytest

from studio.forms.context import FormContext
from studio.forms.field import Field
from studio.forms.form import Form
from studio.forms.shape import Declared, Shape, declared_fields
from studio.forms.unset import UNSET, same
from studio.widgets.section import Section
from tests.gui.forms.conftest import CATALOG, Show

IDS = CATALOG.ids()
NARROW = 300 - 2 * 14 - 10
"""The narrowest inspector, without its margins and the scroll bar."""


def example(shape: Shape) -> Any:
    """A value as a person would give it."""
    if shape.choices:
        return shape.choices[-1]
    kind = shape.kind
    plain: dict[str, Any] = {
        "text": "orders",
        "lines": "one\ntwo",
        "scalar": "Totals",
        "integer": int(shape.minimum or 3),
        "number": 2.5,
        "switch": True,
        "date": "2026-11-23",
        "duration": "1h30m",
        "path": "folder/orders.xlsx",
        "secret": "{{ secret('mail') }}",
        "credential": "erp",
        "integration": "shop",
        "code": "x = 1\n",
        "expression": "{{ item.total > 1 }}",
        "any": {"a": [1, "{{ inputs.day }}", None], "b": {"c": True}},
    }
    if kind in plain:
        return plain[kind]
    item = shape.item or Shape("text")
    if kind == "list":
        return [example(item), example(item)]
    if kind == "mapping":
        return {"first": example(item), "second": example(item)}
    if kind == "table":
        return [{"port": "a", "equals": 1}, {"port": "b", "equals": "x"}]
    record = {one.name: example(one.shape) for one in shape.fields}
    return [record] if kind == "records" else record


def holds_expression(value: Any) -> bool:
    return "{{" in str(value)


@pytest.mark.parametrize("id", IDS)
def test_a_form_shows_every_value_and_changes_none(id: str, show: Show) -> None:
    activity = CATALOG.require(id)
    form = show(id)
    assert form.values() == {}
    values = {one.name: example(one.shape) for one in declared_fields(activity)}
    form.set_values(values)
    for name, value in values.items():
        field = form.group.fields.get(name)
        if field is None:
            section = form.group._section
            assert section is not None
            section.set_expanded(True)
            field = form.group.fields[name]
        assert same(field.value, value)
        assert field.editor.accepts(value), name
        assert not field.isHidden(), name
    assert form.told.count == 0  # type: ignore[attr-defined]
    constants = {name: value for name, value in values.items() if not holds_expression(value)}
    assert activity.check(constants) == {}
    form.check_now()
    form.set_values({})
    assert form.told.count == 0  # type: ignore[attr-defined]
    assert all(field.value is UNSET for field in form.group.fields.values())


@pytest.mark.parametrize("id", IDS)
def test_defaults_are_shown_without_being_set(id: str, show: Show) -> None:
    form = show(id)
    for one in declared_fields(CATALOG.require(id)):
        if one.default is not UNSET and not one.advanced:
            field = form.group.fields[one.name]
            assert field.value is UNSET
            field.set_value(one.default)
            assert field.editor.accepts(one.default), one.name
    assert form.told.count == 0  # type: ignore[attr-defined]


def every_editor() -> list[Declared]:
    """One parameter of each shape there is."""
    found: dict[tuple[Any, ...], Declared] = {}
    for id in IDS:
        for one in declared_fields(CATALOG.require(id)):
            shape = one.shape
            found.setdefault((shape.kind, shape.language, shape.item and shape.item.kind, shape.free), one)
    return list(found.values())


@pytest.mark.parametrize("declared", every_editor(), ids=lambda one: f"{one.name}-{one.shape.kind}")
@pytest.mark.parametrize(
    "value",
    [
        None, True, 0, -1.5, "", " x ", "{{ steps.join.output }}", "{{", "a\nb", "a\r\nb\0", "\ud800", [], {}, [1, [2]],
        {"a": {"b": []}}, [{}, {"a": 1}], "x" * 300_000, list(range(5_000)), {"": 1}, float("nan"), 10**400,
    ],
    ids=lambda value: f"{type(value).__name__}-{str(value)[:12]!r}",
)  # fmt: skip
def test_any_editor_gets_any_value(declared: Declared, value: Any, context: FormContext, qtbot: Any) -> None:
    field = Field(declared, context)
    qtbot.addWidget(field)
    told: list[Any] = []
    field.changed.connect(told.append)
    field.set_value(value)
    assert field.value is value
    assert told == []
    field.set_value(UNSET)
    assert field.value is UNSET
    assert told == []


def test_parameters_that_nobody_declared_are_shown_and_can_go(show: Show, qtbot: Any) -> None:
    form = show("files.append", {"path": "a.txt", "colour": {"red": 1}})
    form.check_now()
    strangers = form._strangers
    assert strangers is not None
    field = strangers.fields["colour"]
    assert "no such parameter" in field._message.text()
    field.setFocus()
    field.reset()
    assert form.told == {"colour": UNSET}  # type: ignore[attr-defined]
    assert form.values() == {"path": "a.txt"}


def test_a_new_value_goes_where_it_is_declared(show: Show) -> None:
    form = show("files.append", {"text": "x"})
    form._changed("path", "a.txt")
    assert list(form.values()) == ["path", "text"]
    form._changed("text", "y")
    assert list(form.values()) == ["path", "text"]


def test_fields_come_and_go_with_what_they_depend_on(show: Show) -> None:
    form = show("http.get", {"auth": "none"})
    assert "username" in form.group.fields
    assert form.group.fields["username"].isHidden()
    form.set_values({"auth": "basic"})
    assert not form.group.fields["username"].isHidden()
    form.set_values({"auth": "none", "username": "kept"})
    assert not form.group.fields["username"].isHidden()
    form.set_values({"auth": "{{ inputs.auth }}"})
    assert not form.group.fields["username"].isHidden()


def test_a_problem_opens_the_folded_part(show: Show) -> None:
    form = show("data.read_csv", {})
    advanced = next(one.name for one in form.group.declared if one.advanced)
    assert advanced not in form.group.fields
    form.set_problems({advanced: "This is wrong."})
    assert form.group.fields[advanced]._message.text() == "This is wrong."
    assert isinstance(form, Form)


@pytest.mark.parametrize("id", IDS)
def test_a_form_fits_into_the_narrowest_inspector(id: str, show: Show) -> None:
    form = show(id)
    for section in form.findChildren(Section):
        section.set_expanded(True)
    assert form.minimumSizeHint().width() <= NARROW
    form.resize(NARROW, 700)
    fields = [field for field in form.findChildren(Field) if field.isVisible()]
    assert all(field.mapTo(form, field.rect().topRight()).x() < NARROW for field in fields)
