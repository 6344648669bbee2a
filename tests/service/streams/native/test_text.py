"""Text messages of frames read in C against `decode_text`, bit by bit."""

from __future__ import annotations

import ctypes
import json
import locale
from collections.abc import Iterator

import numpy as np
import orjson
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from scaleglove.channels import MAX_MAGNITUDE, MAX_TIME_MS
from scaleglove.protocol import MAX_FRAMES_PER_MESSAGE, Frames, WireError, decode_text
from service.streams.native.text import TextReader

BOUND = st.floats(-MAX_MAGNITUDE, MAX_MAGNITUDE)
NUMBERS = st.one_of(
    st.integers(-1_000_000, 1_000_000),
    BOUND,
    BOUND.map(lambda value: round(value, 2)),
    BOUND.map(lambda value: float(np.float32(value))),
)
TIMES = st.one_of(st.integers(0, 2**53 - 1), st.floats(0, MAX_TIME_MS, exclude_max=True))
_WRITTEN = """
0 -0 -0.0 0.0 00 01 -1 +1 1. .5 1.5 1e2 1E+2 1e-2 1e-400 1e400 1e 2e5 1000000 1000000.0000000001 1000001 0.1 1_0 0x10
0.30000000000000004 3.3000000000000003 12345678901234567 123456789012345678 1234567890123456789 9007199254740991
9007199254740992 9007199254740993 0.000000000000000000000001 4.35 8.41 2.675 1e23 NaN Infinity null true "1" [] 1e5f
0.1000000000000000055511151231257827021181583404541015625 1.00000000000000011102230246251565404236316680908203125
"""
WRITTEN = st.sampled_from([*_WRITTEN.split(), "1" + 70 * "0", "0." + 70 * "3", ""])


@pytest.fixture(scope="module")
def reader(library: ctypes.CDLL) -> TextReader:
    return TextReader(library)


def written(seq: object, times: list[object], rows: list[list[object]]) -> dict[str, object]:
    return {"type": "frames", "seq": seq, "t_ms": times, "values": rows}


@st.composite
def messages(draw: st.DrawFn) -> dict[str, object]:
    count = draw(st.integers(1, 6))
    times = draw(st.lists(TIMES, min_size=count, max_size=count))
    rows = draw(
        st.lists(st.lists(st.none() | NUMBERS, min_size=8, max_size=8), min_size=count, max_size=count),
    )
    keys = draw(st.permutations(["type", "seq", "t_ms", "values"]))
    message = written(draw(st.integers(0, 2**32 - 1)), times, rows)
    return {key: message[key] for key in keys}


def same(read: Frames, decoded: object) -> bool:
    assert isinstance(decoded, Frames)
    times = [np.asarray(frames.t_ms, np.float64).tobytes() for frames in (read, decoded)]
    return (read.seq, times[0], read.values.tobytes()) == (decoded.seq, times[1], decoded.values.tobytes())


def check(reader: TextReader, text: bytes) -> bool:
    """Return whether the text is read here; then as `decode_text` reads it."""
    found = reader.read(text)
    if found is None:
        return False
    read = found.read()
    assert found.count == read.count
    assert same(read, decode_text(text))
    return True


@given(messages(), st.sampled_from([None, 1]), st.sampled_from([(",", ":"), (", ", ": "), (" ,\r\n", "\t:")]))
def test_what_clients_write_is_read(
    reader: TextReader, message: dict[str, object], indent: int | None, separators: tuple[str, str]
) -> None:
    assert check(reader, json.dumps(message, indent=indent, separators=separators).encode())
    assert check(reader, orjson.dumps(message))


@settings(max_examples=300)
@given(st.lists(WRITTEN, min_size=1, max_size=3), st.integers(0, 8), WRITTEN)
def test_any_number_is_read_alike_or_left_to_python(
    reader: TextReader, numbers: list[str], place: int, seq: str
) -> None:
    row = ["1"] * 8
    row[place:place] = numbers
    for times in (["20"], numbers[:1]):
        values = ",".join(row[-8:])
        check(reader, f'{{"type":"frames","seq":7,"t_ms":[{",".join(times)}],"values":[[{values}]]}}'.encode())
        check(reader, f'{{"type":"frames","seq":{seq},"t_ms":[{",".join(times)}],"values":[[{values}]]}}'.encode())


TOKENS = st.sampled_from(
    [*'{}[]:, \n"', '"type"', '"frames"', '"seq"', '"t_ms"', '"values"', "null", "1", "-", ".", "e", "x", "\0", "\xff"]
)


@settings(max_examples=300)
@given(messages(), st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 3), TOKENS), min_size=1, max_size=3))
@example(written(1, [0], [[0] * 8]), [(0, 0, "")])
def test_changed_text_is_read_alike_or_left_to_python(
    reader: TextReader, message: dict[str, object], changes: list[tuple[int, int, str]]
) -> None:
    text = orjson.dumps(message)
    for place, length, token in changes:
        begin = place % (len(text) + 1)
        text = text[:begin] + token.encode("latin-1") + text[begin + length :]
        check(reader, text)
        check(reader, text[:begin])


def other_texts() -> Iterator[str]:
    row = [1.0] * 8
    yield from ("", "{", "{}", "[]", "null", '{"type":"stop"}', '{"type":"frames"}')
    yield json.dumps(written(0, [0.0], [row]) | {"hue": 1})
    yield json.dumps(written(0, [0.0], [row]))[:-1] + ',"seq":1}'
    yield json.dumps(written(0, [0.0], [row])) + "x"
    yield json.dumps(written(0, [], []))
    yield json.dumps(written(0, [0.0], [row, row]))
    yield json.dumps(written(0, [0.0], [row[1:]]))
    yield json.dumps(written(0, [0.0] * (MAX_FRAMES_PER_MESSAGE + 1), [row] * (MAX_FRAMES_PER_MESSAGE + 1)))


@pytest.mark.parametrize("text", list(other_texts()))
def test_other_messages_are_left_to_python(reader: TextReader, text: str) -> None:
    assert reader.read(text.encode()) is None


def test_the_largest_message_is_read(reader: TextReader) -> None:
    count = MAX_FRAMES_PER_MESSAGE
    assert check(reader, orjson.dumps(written(0, list(range(count)), [[0.1] * 8] * count)))


def test_what_is_refused_is_named_by_python(reader: TextReader) -> None:
    text = orjson.dumps(written(0, [0.0], [[1.0] * 7 + [2e6]]))
    assert reader.read(text) is None
    with pytest.raises(WireError) as caught:
        decode_text(text)
    assert caught.value.field == "values.0.7"


def test_another_decimal_point_changes_nothing(reader: TextReader) -> None:
    before = locale.setlocale(locale.LC_NUMERIC)
    try:
        for name in ("de_DE.UTF-8", "fr_FR.UTF-8", "C.UTF-8", "C"):
            try:
                locale.setlocale(locale.LC_NUMERIC, name)
            except locale.Error:
                continue
            check(reader, orjson.dumps(written(0, [0.1], [[0.30000000000000004] * 8])))
    finally:
        locale.setlocale(locale.LC_NUMERIC, before)
