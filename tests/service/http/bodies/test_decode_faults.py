"""Sentences about what msgspec refuses: they speak of the value, and name where it is."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.http.bodies.decode_faults import DECODE_ERRORS, describe_decode_error, fault_sentence
from tests.scaleglove.test_validation_faults import LIBRARY


class Part(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    size: Annotated[int, msgspec.Meta(ge=1, le=9)] = 1
    flag: bool | None = None
    rest: msgspec.Raw = msgspec.Raw()
    rows: Annotated[list[list[float]], msgspec.Meta(max_length=2)] = []


def sentence(text: bytes) -> str | None:
    """Return what is said about a text; None: it is accepted."""
    try:
        msgspec.json.decode(text, type=list[Part])
    except DECODE_ERRORS as error:
        return fault_sentence(*describe_decode_error(error))
    return None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{}", "the whole is not a list; give a list"),
        ("[1]", "0: is not an object; give an object"),
        ("[{}]", "0.name: is missing; give it"),
        ('[{"name":1}]', "0.name: is not text; give text"),
        ('[{"name":"a","size":0}]', "0.size: is out of range; give at least 1"),
        ('[{"name":"a","flag":3}]', "0.flag: is not true or false; give true or false"),
        ('[{"name":"a"},{"name":"b","rows":[[],["1"]]}]', "1.rows.1.0: is not a number; give a number"),
        ('[{"name":"a","rows":[[],[],[]]}]', "0.rows: has too many values; give at most 2"),
        ('[{"name":"a","colour":1}]', "0: the field 'colour' is not known here; leave it out"),
        ('[{"name":"a","rest":' + "[" * 100_000, "the whole is nested too deeply; give fewer levels"),
    ],
)
def test_the_value_and_what_to_give(text: str, expected: str) -> None:
    assert sentence(text.encode()) == expected


values = st.recursive(
    st.none() | st.booleans() | st.integers(-20, 20) | st.floats(allow_nan=False) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["name", "size", "rows", "x"]), inner),
)


@given(values)
def test_no_value_is_refused_in_the_words_of_the_library(value: Any) -> None:
    found = sentence(msgspec.json.encode([value]))
    assert found is None or not any(words in found for words in LIBRARY)
