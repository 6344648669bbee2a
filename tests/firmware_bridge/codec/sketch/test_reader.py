"""Properties of the reader of any sketch: chunks do not matter, and a flipped bit moves no value to another column."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_bridge.codec.events import (
    Damaged,
    DeviceRestarted,
    Event,
    Fault,
    FrameRead,
    Notice,
    NoticeCode,
    Remark,
)
from firmware_bridge.codec.glove_reader import GloveReader

SEPARATORS = st.sampled_from([",", ";", "\t", " ", "  ", ", "])
ENDS = st.sampled_from(["\n", "\r", "\r\n", "\n\r"])
HEADER = "timestamp,pitch,roll,yaw,flex1,flex2,flex3,flex4,flex5"
HEADERS = st.sampled_from(["", HEADER])
BEFORE = 12
ODD = [
    b"time,ax,ay,az,flex1", b"time,ax,ay,az,gx,gy,gz,flex1", b"flex1,flex1", b"uptime:60", b"thumb:5 thumb:6", b",,,",
    b"1e308,1e308,1e308,1e308,1e308", b"0,0,0,1,500", b"20,0,0,0,500", b"20,nan,inf,ovf,1", b"\xff,1,2", b"#", b":",
    *(f"{20 * n},1,2,3,4,5,6,7,{n}".encode() for n in range(6)),
]  # fmt: skip


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


PLACES = "1,2,3,500,501,502,503"


def plain(times: Iterable[float], last: Iterable[int] | None = None) -> list[bytes]:
    """Return lines of nine numbers at these times, whose last number is of `last`."""
    return [
        f"{time:.0f},{PLACES},{end}\n".encode() for time, end in zip(times, last or range(600, 100_000), strict=False)
    ]


def test_a_header_that_comes_while_frames_are_held_loses_none() -> None:
    held = [f"{20_000 * n},0,0,1,{500 + n}\n".encode() for n in range(3)]
    more = [f"{20_000 * n},0,0,1,0,0,0,{500 + n}\n".encode() for n in range(3, 70)]
    events = read([b"time,ax,ay,az,flex1\n", *held, b"time,ax,ay,az,gx,gy,gz,flex1\n", *more])
    assert [frame.values[0] for frame in frames(events)] == [500 + n for n in range(70)]
    named = b"time_us,pitch,roll,yaw,flex1,flex2,flex3,flex4,flex5\n"
    lines = plain(20_000 * n for n in range(30))
    assert [frame.t_ms for frame in frames(read([*lines[:5], named, *lines[5:]]))] == [20.0 * n for n in range(30)]


def test_a_turn_that_is_no_number_of_a_sensor_is_damage() -> None:
    header = b"time_ms,ax_g,ay_g,az_g,gx_rad/s,gy_rad/s,gz_rad/s,flex1\n"
    lines = [f"{20 * n},0,0,1,{'1e308' if n == 10 else 0},0,0,{500 + n}\n".encode() for n in range(20)]
    events = read([header, *lines])
    assert len(frames(events)) == len(lines) - 1
    assert [event.reason for event in events if isinstance(event, Damaged)] == [Fault.RANGE]


def test_a_status_among_the_numbers_is_a_remark_and_changes_nothing() -> None:
    lines = plain(20 * n for n in range(200))
    for place in (180, 120, 60, 20):
        lines.insert(place, b"uptime:60\n")
    events = read(lines)
    assert len(frames(events)) == 200
    assert not [event for event in events if isinstance(event, Damaged)]
    assert sum(event == Remark("uptime:60") for event in events) == 4


def test_a_sketch_that_is_replaced_by_one_of_names_is_read_again() -> None:
    numbers = plain(20 * n for n in range(30))
    pairs = [f"t:{600 + 20 * n} thumb:{700 + n % 3}\n".encode() for n in range(100)]
    more = [f"t:{2600 + 20 * n} thumb:{700 + n % 3} index:{800 + n % 4}\n".encode() for n in range(100)]
    events = frames(read([*numbers, *pairs, *more]))
    assert events[-1].values[:2] == (700, 803)
    assert len(events) > 30 + 70 + 70


def test_a_clock_that_stops_and_goes_on_is_not_mixed_with_arrival() -> None:
    times = [1_000_000.0 + 20 * n for n in range(20)]
    times += [times[-1]] * 5 + [times[-1] + 20 * n for n in range(1, 60)]
    events = read(plain(times))
    seen = [frame.t_ms for frame in frames(events)]
    assert not [event for event in events if isinstance(event, DeviceRestarted)]
    assert all(0 <= after - before < 100 for before, after in pairwise(seen))
    assert len(seen) == len(times)


@pytest.mark.parametrize("times", [lambda n: 100_000 - 10 * n, lambda n: n % 10], ids=["falls", "goes round"])
def test_a_time_that_never_shows_its_unit_is_given_up(times: Callable[[int], float]) -> None:
    events = read(plain(times(n) for n in range(400)))
    assert [(event.code, event.values) for event in events if isinstance(event, Notice)] == [
        (NoticeCode.TIME_BY_ARRIVAL, {"reason": "ticks"})
    ]
    assert len(frames(events)) == 400


@given(st.lists(st.one_of(st.binary(max_size=40), st.sampled_from(ODD)), max_size=60))
@settings(max_examples=200, deadline=None)
def test_whatever_is_printed_raises_nothing(lines: list[bytes]) -> None:
    read([line + b"\n" for line in lines * 3])


PAUSED = st.lists(st.sampled_from([0.0, 10.0, 20.0, 500.0, 2900.0, 3000.0, 3100.0, 9000.0]), min_size=1, max_size=25)


@given(
    HEADERS | st.just("timestamp[ms]" + HEADER.removeprefix("timestamp")),
    st.sampled_from([None, 1.0, 1000.0, 0.0]),
    PAUSED,
    st.lists(st.floats(0, 60_000), max_size=40),
)
@settings(max_examples=200, deadline=None)
def test_frames_that_are_held_come_out_when_due_and_asking_for_them_changes_nothing(
    header: str, per_ms: float | None, pauses: list[float], asked: list[float]
) -> None:
    told, silent, now = GloveReader(), GloveReader(), 0.0
    events = [told.feed(f"\n{header}\n".encode(), now), silent.feed(f"\n{header}\n".encode(), now)]
    for number, pause in enumerate(pauses):
        for at in sorted(time for time in asked if now < time < now + pause):
            events[0] += told.feed(b"", at)
            assert told.due_ms is None or told.due_ms > at
        now += pause
        time = f"{now * (per_ms or 0):.0f}," if per_ms is not None or header else ""
        line = f"{time}1,2,3,500,501,502,503,{600 + number}\n".encode()
        events[0] += told.feed(line, now)
        events[1] += silent.feed(line, now)
    assert events[0] == events[1]
    events[1] += silent.feed(b"", now + 3000)
    assert silent.due_ms is None
    for before, after in pairwise(frames(events[1])):
        assert after.t_ms - before.t_ms <= 20_000 * (per_ms or 1)  # no stamps run away


@pytest.mark.parametrize("is_first_right", [True, False])
def test_of_three_headers_that_differ_by_a_bit_two_decide(is_first_right: bool) -> None:
    right, wrong = b"timestamp,flex1,flex2\n", b"timestamp,flex1,flex3\n"
    first, second = (right, wrong) if is_first_right else (wrong, right)
    reader = GloveReader()
    lines = [b"%d,701,%d\n" % (20 * n, 602 + n % 3) for n in range(30)]
    reader.feed(b"\n" + first + b"".join(lines[:10]))
    assert not reader.wants_header
    (damage,) = reader.feed(second)
    assert isinstance(damage, Damaged)
    assert reader.wants_header
    reader.feed(right)
    assert not reader.wants_header
    (frame,) = frames(reader.feed(lines[10]))
    assert frame.values[:3] == (701, 603, None)


def test_a_restart_while_frames_are_held_and_a_clock_that_stops_later_lose_nothing() -> None:
    """The place of the restart among the frames that were held must not count among later ones."""
    reader = GloveReader()
    times = [5000, 5020, 0, *range(20, 100, 20), *[80] * 20]
    frames = 0
    for place, time in enumerate(times):
        line = f"{time},1,2,3,500,510,520,530,540\n".encode()
        frames += sum(isinstance(event, FrameRead) for event in reader.feed(line, 20.0 * place))
    frames += sum(isinstance(event, FrameRead) for event in reader.feed(b"", 20.0 * len(times) + 10_000))
    counts = reader.counts  # the first line may be the end of one; the first ones that stand still count as repeated
    assert frames + counts.repeated + counts.partial == len(times)
