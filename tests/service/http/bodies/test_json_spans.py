"""Parts of a JSON text are found where a decoder finds them, and what is no JSON is refused in a bounded time."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.http.bodies.json_spans import (
    MOST_DEPTH,
    MOST_QUOTING,
    BeyondLimitsError,
    JsonReader,
    PartLimits,
    SpanError,
    decoded,
)

LIMITS = PartLimits(bytes=4096, values=256)

scalars = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=8)
values = st.recursive(scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner))


def members(text: bytes) -> dict[str, object]:
    reader = JsonReader(text)
    found = {name: decoded(reader.value(LIMITS)) for name in reader.members()}
    reader.finish()
    return found


def items(text: bytes) -> list[object]:
    reader = JsonReader(text)
    found = [decoded(reader.value(LIMITS)) for _ in reader.items()]
    reader.finish()
    return found


@given(st.dictionaries(st.text(max_size=4), values, max_size=4), st.sampled_from([0, orjson.OPT_INDENT_2]))
def test_members_are_those_of_a_decoder(value: dict[str, Any], option: int) -> None:
    assert members(orjson.dumps(value, option=option)) == value


@given(st.lists(values, max_size=4), st.sampled_from([0, orjson.OPT_INDENT_2]))
def test_items_are_those_of_a_decoder(value: list[Any], option: int) -> None:
    assert items(orjson.dumps(value, option=option)) == value


@given(st.binary(max_size=20) | st.text('{}[]",:\\ 1a', max_size=20).map(str.encode))
def test_what_is_no_json_is_never_taken_for_it(text: bytes) -> None:
    for read in (members, items):
        try:
            found = read(text)
        except SpanError:
            continue
        assert orjson.loads(text) == found


@pytest.mark.parametrize(
    "value",
    [
        b'"' + b"a" * LIMITS.bytes + b'"',
        b"[" + b"1," * (LIMITS.values + 1) + b"1]",
        b"[" + b"{}," * LIMITS.values + b"{}]",
        b"[" * (MOST_DEPTH + 1) + b"]" * (MOST_DEPTH + 1),
        b'["' + b'\\"' * LIMITS.bytes + b'"]',
        b"[" + b"1" * LIMITS.bytes + b"]",
    ],
    ids=["long", "values", "objects", "nested", "escapes", "digits"],
)
def test_a_part_beyond_its_limits(value: bytes) -> None:
    with pytest.raises(BeyondLimitsError):
        items(b"[%b]" % value)


def test_text_with_quotes_is_bounded_since_its_end_is_slow_to_find() -> None:
    limits = PartLimits(bytes=8 * MOST_QUOTING, values=1000)
    kept = b'"%b\\""' % (b"a" * (MOST_QUOTING - 4))
    assert JsonReader(kept).value(limits) == kept
    halves = b"[%b]" % b",".join([b'"%b"' % (b'\\"' * (MOST_QUOTING // 4 + 1))] * 2)
    for text in (kept.replace(b"a", b"aa"), halves):
        with pytest.raises(BeyondLimitsError, match="quotes"):
            JsonReader(text).value(limits)


def test_a_name_that_is_there_twice() -> None:
    with pytest.raises(SpanError, match="twice"):
        members(b'{"a":1,"a":2}')


def test_a_shortage_of_memory_is_not_reported_as_bad_json(monkeypatch: pytest.MonkeyPatch) -> None:
    def short(_: bytes) -> object:
        raise orjson.JSONDecodeError("Not enough memory to allocate buffer for parsing", "", 0)

    monkeypatch.setattr(orjson, "loads", short)
    with pytest.raises(MemoryError):
        decoded(b"{}")
