"""The text protocol: frames by order or by header, faults named and counted, any split of the bytes the same."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_bridge.codec.decoder import GloveDecoder
from firmware_bridge.codec.events import Damaged, Event, Fault, FrameRead, HeaderRead, Remark
from firmware_bridge.codec.lines import MAX_LINE_BYTES, NINE_FIELDS, TWELVE_FIELDS
from firmware_bridge.codec.packets import encode_frame, encode_remark
from scaleglove.channels import CHANNELS

FRAME = FrameRead(40.0, (801.0, 802.0, 803.0, 804.0, 805.0, -1.5, 2.25, 179.0))
ACCELERATED = FRAME._replace(acceleration=(0.1, -0.2, 0.97))
NINE = b"40,-1.5,2.25,179,801,802,803,804,805\n"
TWELVE = b"40,-1.5,2.25,179,0.1,-0.2,0.97,801,802,803,804,805\n"
PACKET = encode_frame(10, 40_000, FRAME.values)
REMARK = encode_remark(10, 40_000, "hello")
CSV_NAMES = "timestamp_ms,recv_timestamp_ms,pitch,roll,yaw,flex1,flex2,flex3,flex4,flex5,sampling_hz,accel_x"
CSV_HEADER = CSV_NAMES.encode() + b"\n"
CSV_LINE = b"40,1759311298324,-1.5,2.25,179,801,802,803,804,805,33.3,0.3\n"


def joined() -> GloveDecoder:
    decoder = GloveDecoder()
    assert decoder.feed(b"\n") == []
    assert decoder.counts.partial == 0
    return decoder


def only(data: bytes, decoder: GloveDecoder | None = None) -> Event:
    (event,) = (decoder or joined()).feed(data)
    return event


def unreadable(data: bytes, decoder: GloveDecoder | None = None) -> Damaged:
    event = only(data, decoder)
    assert isinstance(event, Damaged)
    return event


@pytest.mark.parametrize("line", [NINE, NINE.replace(b"\n", b"\r\n"), NINE.replace(b",", b", ")])
def test_reads_a_frame(line: bytes) -> None:
    assert only(line) == FRAME


def test_nine_and_twelve_fields_may_take_turns() -> None:
    later = [line.replace(b"40", b"%d" % t_ms, 1) for t_ms, line in ((40, NINE), (60, TWELVE), (80, NINE))]
    assert joined().feed(b"".join(later)) == [FRAME, ACCELERATED._replace(t_ms=60.0), FRAME._replace(t_ms=80.0)]


def test_a_header_decides_the_order_by_name() -> None:
    decoder = joined()
    assert only(b"flex5,flex4,flex3,flex2,flex1,yaw,roll,pitch,timestamp\r\n", decoder) == HeaderRead(
        ("flex5", "flex4", "flex3", "flex2", "flex1", "yaw", "roll", "pitch", "timestamp")
    )
    assert only(b"805,804,803,802,801,179,2.25,-1.5,40\n", decoder) == FRAME


def test_reads_the_lines_of_a_recording_with_its_extra_columns() -> None:
    decoder = joined()
    assert decoder.feed(CSV_HEADER + CSV_LINE) == [HeaderRead(tuple(CSV_NAMES.split(","))), FRAME]


@pytest.mark.parametrize("names", [NINE_FIELDS, TWELVE_FIELDS])
def test_the_usual_headers_change_nothing(names: tuple[str, ...]) -> None:
    decoder = joined()
    line = NINE if names == NINE_FIELDS else TWELVE
    assert decoder.feed(",".join(names).upper().encode() + b"\n" + line) == [
        HeaderRead(names),
        FRAME if line == NINE else ACCELERATED,
    ]


def test_under_a_header_another_field_count_is_unreadable() -> None:
    decoder = joined()
    decoder.feed(CSV_HEADER)
    assert unreadable(NINE, decoder).reason is Fault.FIELDS


@pytest.mark.parametrize("left_out", [*CHANNELS, "timestamp"])
def test_a_header_that_lacks_a_column_is_named_and_nothing_is_guessed_after_it(left_out: str) -> None:
    decoder = joined()
    header = ",".join("other" if name == left_out else name for name in NINE_FIELDS).encode() + b"\n"
    event = unreadable(header, decoder)
    assert event.reason is Fault.HEADER
    assert left_out in event.detail
    assert decoder.wants_header
    assert unreadable(NINE, decoder).reason is Fault.ORDER
    assert decoder.feed(CSV_HEADER + CSV_LINE)[-1] == FRAME
    assert not decoder.wants_header


def test_a_header_that_names_a_channel_twice_is_unreadable() -> None:
    event = unreadable(",".join((*NINE_FIELDS, "flex1")).encode() + b"\n")
    assert (event.reason, event.detail) == (Fault.HEADER, "the header has 2 columns named flex1")


def test_a_remark_is_passed_on_in_any_language() -> None:
    assert only("#  보정 done \r\n".encode()) == Remark("보정 done")


@pytest.mark.parametrize(
    ("line", "reason", "named"),
    [
        (b"40,-1.5,2.25,179,801,802,803,804", Fault.FIELDS, "8 fields"),
        (NINE[:-1] + b",1", Fault.FIELDS, "10 fields"),
        (b"ready", Fault.FIELDS, "1 fields"),
        (NINE[:-1].replace(b"803", b"8o3"), Fault.NUMBER, "flex3 is '8o3'"),
        (NINE[:-1].replace(b"803", b""), Fault.NUMBER, "flex3 is ''"),
        (NINE[:-1].replace(b"803", b"8_3"), Fault.NUMBER, "flex3 is '8_3'"),
        (NINE[:-1].replace(b"803", b"0x3"), Fault.NUMBER, "flex3 is '0x3'"),
        (NINE[:-1].replace(b"179", b"nan"), Fault.FINITE, "yaw is nan"),
        (NINE[:-1].replace(b"179", b"-Inf"), Fault.FINITE, "yaw is -Inf"),
        (NINE[:-1].replace(b"179", b"1e400"), Fault.RANGE, "yaw is 1e400"),
        (NINE[:-1].replace(b"179", b"1000001"), Fault.RANGE, "yaw is 1e+06"),
        (b"-" + NINE[:-1], Fault.RANGE, "time is -40"),
        (NINE[:-1].replace(b"803", b"8\xf33"), Fault.ASCII, "not ASCII"),
        (NINE[:-1].replace(b"803", "８０３".encode()), Fault.ASCII, "not ASCII"),
    ],
)
def test_what_cannot_be_read_is_named_and_counted(line: bytes, reason: Fault, named: str) -> None:
    decoder = joined()
    event = unreadable(line + b"\n", decoder)
    assert event.reason is reason
    assert named in event.detail
    assert decoder.counts.damaged == {reason: 1}
    assert decoder.counts.frames == 0
    assert only(NINE, decoder) == FRAME


def test_the_piece_of_line_met_on_joining_is_set_aside() -> None:
    decoder = GloveDecoder()
    assert not decoder.joined
    # Cut after its first digit, the line would be a whole frame of the wrong time.
    assert decoder.feed(NINE[1:] + NINE) == [FRAME]
    assert decoder.joined
    assert decoder.counts.partial == 1
    decoder.feed(TWELVE[:20])
    decoder.rejoin()
    assert decoder.feed(NINE[5:]) == []
    assert decoder.counts.partial == 2
    assert (decoder.counts.frames, decoder.counts.damaged.total()) == (1, 0)


def test_rejoining_forgets_the_header() -> None:
    decoder = joined()
    decoder.feed(b"flex5,flex4,flex3,flex2,flex1,yaw,roll,pitch,timestamp\n")
    decoder.rejoin()
    assert decoder.feed(b"\n" + NINE) == [FRAME]


def test_a_link_without_newlines_takes_bounded_memory_and_is_reported_once() -> None:
    decoder = joined()
    events = [event for _ in range(1000) for event in decoder.feed(b"7" * 100)]
    assert [event.reason for event in events if isinstance(event, Damaged)] == [Fault.LONG]
    assert len(decoder._pending) <= MAX_LINE_BYTES
    assert decoder.feed(b"\n" + NINE) == [FRAME]


_PIECES = st.one_of(
    st.sampled_from(
        [
            NINE,
            TWELVE,
            CSV_HEADER,
            CSV_LINE,
            b"\0",
            PACKET,
            PACKET[:9],
            REMARK,
            b"# hello\r\n",
            b"\n",
            b"\r\n",
            b"8" * 600,
            b"a,b\n",
        ]
    ),
    st.binary(max_size=40),
)


@given(st.lists(_PIECES, max_size=12).map(b"".join), st.lists(st.integers(0, 2000), max_size=8))
def test_any_split_of_the_bytes_gives_the_same_events(data: bytes, cuts: list[int]) -> None:
    whole, split = GloveDecoder(), GloveDecoder()
    expected = whole.feed(data)
    places = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    events = [event for a, b in pairwise(places) for event in split.feed(data[a:b])]
    assert events == expected
    assert split.counts == whole.counts


@given(st.binary(max_size=400))
def test_every_event_of_any_bytes_is_counted_and_no_frame_is_out_of_range(data: bytes) -> None:
    decoder = joined()
    events = decoder.feed(data)
    counts = decoder.counts
    headers = sum(isinstance(event, HeaderRead) for event in events)
    assert len(events) == counts.frames + counts.remarks + counts.damaged.total() + headers
    for event in events:
        if isinstance(event, FrameRead):
            assert event.t_ms >= 0
            assert np.abs(event.values).max() <= 1e6


_float32 = st.floats(-1e6, 1e6, width=32)


@given(st.integers(0, 2**32), st.lists(_float32, min_size=8, max_size=8))
def test_a_frame_written_out_is_read_back(t_ms: int, values: list[float]) -> None:
    flex, angles = values[:5], values[5:]
    line = ",".join(map(repr, [t_ms, *angles, *flex])).encode() + b"\n"
    assert only(line) == FrameRead(float(t_ms), tuple(values))
