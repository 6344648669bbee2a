"""Spellings of header fields: those of the shared table, and properties of all."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaleglove.channel_names import ACCELERATION, QUATERNION, ROTATION, UNKNOWN, HeaderField, read_field, read_header
from scaleglove.channels import CHANNELS

TABLE: dict[str, Any] = json.loads(Path(__file__).with_name("channel_names.json").read_text("utf-8"))


@pytest.mark.parametrize(("text", "quantity", "unit", "limits"), TABLE["fields"])
def test_a_field_is_read_as_the_table_says(
    text: str, quantity: str, unit: str, limits: tuple[float, float] | None
) -> None:
    assert read_field(text) == HeaderField(quantity, unit, None if limits is None else tuple(limits))


@pytest.mark.parametrize(("texts", "quantities"), TABLE["headers"])
def test_fields_of_one_header_are_read_together(texts: list[str], quantities: list[str]) -> None:
    assert [field.quantity for field in read_header(texts)] == quantities


@given(
    st.sampled_from(["time", *CHANNELS, *ACCELERATION, *ROTATION, *QUATERNION]),
    st.sampled_from([str.lower, str.upper, str.title]),
    st.sampled_from(["{}", " {} ", "{}()", "{} []"]),
)
def test_case_blanks_and_empty_brackets_do_not_matter(name: str, case: Any, frame: str) -> None:
    assert read_field(frame.format(case(name))) == HeaderField(name)


@given(st.text())
def test_any_text_is_a_known_name_or_none(text: str) -> None:
    field = read_field(text)
    assert field == UNKNOWN or field.quantity


@pytest.mark.parametrize(
    ("text", "factor"),
    [("t_us", 1e-3), ("pitch(rad)", 57.29577951308232), ("ax(m/s2)", 1 / 9.80665), ("flex1", 1), ("flex1(V)", None)],
)
def test_a_unit_converts_or_does_not(text: str, factor: float | None) -> None:
    assert read_field(text).factor == (None if factor is None else pytest.approx(factor))
