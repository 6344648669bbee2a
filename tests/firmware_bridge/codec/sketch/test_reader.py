"""Properties of the reader of any sketch: chunks do not matter, and a flipped bit moves no value to another column."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_bridge.codec.events import Damaged, Event, FrameRead
from firmware_bridge.codec.glove_reader import GloveReader

SEPARATORS = st.sampled_from([",", ";", "\t", " ", "  ", ", "])
ENDS = st.sampled_from(["\n", "\r", "\r\n", "\n\r"])
HEADER = "timestamp,pitch,roll,yaw,flex1,flex2,flex3,flex4,flex5"
HEADERS = st.sampled_from(["", HEADER])
BEFORE = 12


def row(number: int) -> list[float]:
    """Return the numbers of a line, each column in a range of its own, with digits that differ."""
    return [20.0 * number, -17.64, 64.21, 161.99, 786.47, 317.82, 561.06, 459.96, 882.13 + number % 3]


def sketch(separator: str, end: str, header: str, decimal: str = ".") -> list[bytes]:
    """Return the lines of a sketch."""
    lines = [separator.join(f"{number:g}".replace(".", decimal) for number in row(n)) for n in range(30)]
    head = [header.replace(",", separator)] if header else []
    return [f"{line}{end}".encode() for line in (*head, *lines)]


def read(lines: list[bytes], step: int = 10_000) -> list[Event]:
    reader, events = GloveReader(), list[Event]()
    for number, line in enumerate([b"\n", *lines]):
        for at in range(0, len(line), step):
            events += reader.feed(line[at : at + step], 20.0 * number)
    return events


def frames(events: list[Event]) -> list[FrameRead]:
    return [event for event in events if isinstance(event, FrameRead)]


@given(SEPARATORS, ENDS, HEADERS, st.integers(1, 40))
@settings(max_examples=60, deadline=None)
def test_every_dialect_gives_the_same_frames_in_pieces_of_any_size(
    separator: str, end: str, header: str, step: int
) -> None:
    events = read(sketch(separator, end, header), step)
    seen = frames(events)
    assert len(seen) >= 29
    last = seen[-1]
    numbers = row(round(last.t_ms / 20))
    assert last.values == (*numbers[4:], *numbers[1:4])


def test_a_header_that_is_said_again_costs_no_line() -> None:
    header, *lines = sketch(",", "\n", "timestamp,pitch,roll,yaw,flex1,flex2,flex3,flex4,flex5")
    for place in range(6):
        events = read([header, *lines[:place], header, *lines[place:]])
        assert [round(frame.t_ms) for frame in frames(events)] == [20 * n for n in range(30)]
        assert not [event for event in events if isinstance(event, Damaged)]


@given(SEPARATORS, ENDS, HEADERS, st.data())
@settings(max_examples=400, deadline=None)
def test_a_flipped_bit_never_moves_a_value_into_another_column(
    separator: str, end: str, header: str, data: st.DataObject
) -> None:
    lines = sketch(separator, end, header)
    place = data.draw(st.integers(BEFORE, len(lines) - 3))
    broken = bytearray(lines[place])
    bit = data.draw(st.integers(0, 8 * len(broken) - 1))
    broken[bit // 8] ^= 1 << bit % 8
    whole = {frame.t_ms: frame.values for frame in frames(read(lines))}
    for frame in frames(read([*lines[:place], bytes(broken), *lines[place + 1 :]])):
        expected = whole.get(frame.t_ms)
        if expected is None:  # the time itself is what was hit, or the loss of a line's end joined two
            expected = next(iter(whole.values()))
        differing = [index for index, pair in enumerate(zip(frame.values, expected, strict=True)) if pair[0] != pair[1]]
        assert len(differing) <= 2 if 7 in differing else len(differing) <= 1


@given(SEPARATORS, st.data())
@settings(max_examples=200, deadline=None)
def test_a_flipped_bit_in_a_header_moves_no_value_into_another_column(separator: str, data: st.DataObject) -> None:
    header, *lines = sketch(separator, "\n", HEADER)
    bit = data.draw(st.integers(0, 8 * len(header) - 1))
    broken = bytearray(header)
    broken[bit // 8] ^= 1 << bit % 8
    columns = [
        {None, *column} for column in zip(*(frame.values for frame in frames(read([header, *lines]))), strict=True)
    ]
    for frame in frames(read([bytes(broken), *lines])):
        assert all(value in column for value, column in zip(frame.values, columns, strict=True))
