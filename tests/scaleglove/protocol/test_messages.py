from __future__ import annotations

import contextlib
import json
import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from scaleglove import protocol
from scaleglove.channels import CHANNELS, MAX_MAGNITUDE
from scaleglove.protocol import (
    Commanded,
    DecoderOptions,
    DeviceRemark,
    Frames,
    LinkReport,
    Reset,
    Start,
    Stop,
    TextOptions,
    WireError,
)

READINGS = st.floats(-MAX_MAGNITUDE, MAX_MAGNITUDE, width=32)


@st.composite
def frames(draw: st.DrawFn) -> Frames:
    count = draw(st.integers(1, 12))
    times = draw(st.lists(st.integers(0, 2**32 - 1), min_size=count, max_size=count))
    values = draw(hnp.arrays(np.float32, (count, 8), elements=READINGS))
    return Frames(draw(st.integers(0, 2**32 - 1)), np.array(times, np.float64), values)


def as_text(message: Frames) -> str:
    return json.dumps(
        {
            "type": "frames",
            "seq": message.seq,
            "t_ms": message.t_ms.tolist(),
            "values": message.values.astype(np.float64).tolist(),
        }
    )


@given(frames())
def test_binary_and_text_carry_the_same_frames(message: Frames) -> None:
    for decoded in (protocol.decode_binary(protocol.encode_frames(message)), protocol.decode_text(as_text(message))):
        assert isinstance(decoded, Frames)
        assert decoded.seq == message.seq
        np.testing.assert_array_equal(decoded.t_ms, message.t_ms)
        np.testing.assert_array_equal(decoded.values, message.values)


@given(frames())
def test_binary_cut_short_anywhere_is_refused(message: Frames) -> None:
    data = protocol.encode_frames(message)
    for end in range(len(data)):
        with pytest.raises(WireError):
            protocol.decode_binary(data[:end])
    with pytest.raises(WireError, match="count"):
        protocol.decode_binary(data + b"\0")


@given(st.binary(max_size=200))
def test_random_bytes_are_refused_or_read(data: bytes) -> None:
    with contextlib.suppress(WireError):
        assert np.isfinite(protocol.decode_binary(data).values).all()


@given(st.text(max_size=60))
def test_random_text_is_refused(text: str) -> None:
    with pytest.raises(WireError):
        protocol.decode_text(text)


OPTIONS = st.builds(TextOptions, st.floats(0.3, 10), st.booleans(), st.booleans())


@given(st.none() | OPTIONS, st.none() | st.builds(DecoderOptions, switch_s=st.floats(0.05, 5)))
def test_a_start_arrives_with_the_options_it_was_sent_with(
    text: TextOptions | None, decoder: DecoderOptions | None
) -> None:
    start = Start(list(CHANNELS), text=text, decoder=decoder)
    assert protocol.decode_text(protocol.encode(start)) == start


def test_of_options_only_what_differs_from_its_default_is_sent() -> None:
    """An older service refuses an option that it does not know."""
    sent = json.loads(protocol.encode(Start(list(CHANNELS), text=TextOptions(space_s=0.5), decoder=DecoderOptions())))
    assert (sent["text"], sent["decoder"]) == ({"space_s": 0.5}, {})
    assert json.loads(protocol.encode(Start(list(CHANNELS), text=TextOptions(words=False))))["text"] == {"words": False}


@pytest.mark.parametrize("channel", range(8))
def test_a_sensor_that_the_glove_does_not_have_is_null_or_nan(channel: int) -> None:
    row: list[float | None] = [1.0] * 8
    row[channel] = None
    text = protocol.decode_text(json.dumps({"type": "frames", "seq": 0, "t_ms": [0], "values": [row]}))
    assert isinstance(text, Frames)
    binary = protocol.decode_binary(protocol.encode_frames(text))
    for frames in (text, binary):
        assert np.isnan(frames.values[0]).tolist() == [index == channel for index in range(8)]


@pytest.mark.parametrize("bad", [np.inf, -np.inf, 2e6])
def test_unreadable_number_in_binary_is_named(bad: float) -> None:
    values = np.zeros((3, 8), np.float32)
    values[1, 6] = bad
    with pytest.raises(WireError, match=r"values\.1\.6 \(roll\)") as caught:
        protocol.decode_binary(protocol.encode_frames(Frames(0, np.arange(3.0), values)))
    assert caught.value.field == "values.1.6"


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"seq": -1}, "seq"),
        ({"seq": True}, "seq"),
        ({"t_ms": ["0"]}, "t_ms.0"),
        ({"t_ms": [0, 1]}, "t_ms has 2 times for 1 frames"),
        ({"values": [[0] * 7]}, "values.0"),
        ({"values": [[0] * 6 + ["700", 0]]}, "values.0.6"),
        ({"values": [[0] * 7 + [True]]}, "values.0.7"),
        ({"values": [[0] * 7 + [float("nan")]]}, "values.0.7"),
        ({"values": [[0] * 7 + [1e7]]}, "values.0.7"),
        ({"values": []}, "values"),
        ({"seq": 0.0}, "seq"),
        ({"seq": 2**32}, "seq"),
    ],
)
def test_fault_in_text_frames_is_named(change: dict[str, object], named: str) -> None:
    message = {"type": "frames", "seq": 0, "t_ms": [0], "values": [[0] * 8]} | change
    with pytest.raises(WireError) as caught:
        protocol.decode_text(json.dumps(message))
    assert caught.value.detail.startswith(named)
    assert caught.value.field == re.match(r"[\w.]+", named)[0]  # type: ignore[index]


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "{}", '{"type": "dance"}', '{"type": "frames"}', "\ud800"])
def test_no_message_at_all(text: str) -> None:
    with pytest.raises(WireError) as caught:
        protocol.decode_text(text)
    assert caught.value.code == "bad_message"
    assert caught.value.detail


@pytest.mark.parametrize("text", ['{"type": "%s"}', '{"type": "link", "state": "%s"}'])
def test_an_error_is_short_for_any_input(text: str) -> None:
    with pytest.raises(WireError) as caught:
        protocol.decode_text(text % ("x" * 100_000))
    assert len(caught.value.detail) <= 300


def test_client_messages_survive_the_wire() -> None:
    for message in (Start(["flex1"], sample_rate_hz=None, wearer="ada", top_k=5), Reset(), Stop()):
        assert protocol.decode_text(protocol.encode(message)) == message


TYPES = "'start', 'frames', 'reset', 'edit', 'stop', 'link', 'remark', 'glove', 'glove_letter', 'commanded'"
REPORT = LinkReport("streaming", "/dev/ttyACM0", "", 50.02, 1.5, -3.0, 500, 1, 2, 3, 0, 0)


@pytest.mark.parametrize(
    "message",
    [
        REPORT,
        replace(REPORT, port=None),
        DeviceRemark("recalibrated"),
        DeviceRemark("no", {"error": "no_network"}),
        Commanded(7, None),
    ],
)
def test_reports_of_a_glove_survive_the_wire(message: LinkReport | DeviceRemark | Commanded) -> None:
    assert protocol.decode_text(protocol.encode(message)) == message


@pytest.mark.parametrize(
    ("message", "named"),
    [
        (replace(REPORT, detail="x" * 301), "detail"),
        (replace(REPORT, missing=-1), "missing"),
        (replace(REPORT, frames=2**53), "frames"),
        (DeviceRemark("x" * 201), "text"),
        (DeviceRemark("x", {str(number): "1" for number in range(9)}), "values"),
        (Commanded(-1, None), "id"),
        (Commanded(1, "x" * 301), "refused"),
        (Commanded(1, "unplugged", "Not a code"), "code"),
        (replace(REPORT, code="x" * 65), "code"),
        (Start(["flex1"], commands=("recal",) * 17), "commands"),
    ],
)
def test_a_fault_in_a_report_is_named(message: Any, named: str) -> None:
    with pytest.raises(WireError) as caught:
        protocol.decode_text(protocol.encode(message))
    assert caught.value.detail.startswith(f"{named}: ")
    assert caught.value.field == named


def test_codes_are_optional_for_older_clients_and_not_sent_where_there_are_none() -> None:
    report = json.loads(protocol.encode(REPORT))
    del report["code"]
    assert protocol.decode_text(json.dumps(report)) == REPORT
    assert json.loads(protocol.encode(Commanded(7, "unplugged"))) == {
        "type": "commanded",
        "id": 7,
        "refused": "unplugged",
    }
    for message in (replace(REPORT, code="port_busy"), Commanded(7, "unplugged", "link_lost")):
        assert protocol.decode_text(protocol.encode(message)) == message


def test_link_report_of_a_newer_client_is_read() -> None:
    assert protocol.decode_text(json.dumps(json.loads(protocol.encode(REPORT)) | {"antenna": "left"})) == REPORT


def test_a_start_without_commands_is_the_one_that_older_services_know() -> None:
    assert "commands" not in json.loads(protocol.encode(Start(["flex1"])))
    start = Start(["flex1"], commands=("recal",))
    assert protocol.decode_text(protocol.encode(start)) == start


def test_largest_text_message_fits() -> None:
    row = [-123456.789012345] * 8
    message = {"type": "frames", "seq": 0, "t_ms": [4294967295] * protocol.MAX_FRAMES_PER_MESSAGE}
    text = json.dumps(message | {"values": [row] * protocol.MAX_FRAMES_PER_MESSAGE})
    assert len(text) <= protocol.MAX_MESSAGE_BYTES
    assert isinstance(protocol.decode_text(text), Frames)


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        ("{}", "type: is missing; give it"),
        ('{"seq": 0}', "type: is missing; give it"),
        (
            '{"type": "dance"}',
            f"type: 'dance' is not known; there are: {TYPES}",
        ),
        ('{"type": "%s"}' % ("x" * 1000), TYPES),
        ("[]", "the whole is not an object; give an object"),
    ],
)
def test_a_missing_or_unknown_type_is_described(text: str, detail: str) -> None:
    with pytest.raises(WireError) as caught:
        protocol.decode_text(text)
    assert caught.value.detail.endswith(detail)


@pytest.mark.parametrize(("rate_hz", "fits"), [(3.99, False), (4.0, True), (1000.0, True), (1000.1, False)])
def test_rate_that_may_be_declared(rate_hz: float, fits: bool) -> None:
    text = protocol.encode(Start(["flex1"], sample_rate_hz=rate_hz))
    if fits:
        assert protocol.decode_text(text) == Start(["flex1"], sample_rate_hz=rate_hz)
    else:
        with pytest.raises(WireError, match=r"^sample_rate_hz"):
            protocol.decode_text(text)


def test_keys_of_a_newer_client_are_passed_over() -> None:
    start = {
        "type": "start",
        "channels": ["flex1"],
        "hue": 1,
        "text": {"hue": None, "space_s": 2},
        "decoder": {"x": []},
    }
    message = protocol.decode_text(json.dumps(start))
    assert message == Start(["flex1"], text=TextOptions(space_s=2), decoder=DecoderOptions())
    assert protocol.unknown_keys(json.dumps(start), message) == ("hue", "decoder.x", "text.hue")
    frames = {"type": "frames", "seq": 0, "t_ms": [0], "values": [[0] * 8], "hue": 1}
    assert isinstance(protocol.decode_text(json.dumps(frames)), Frames)
    for each in ({"type": "stop"}, {"type": "reset"}, {"type": "edit", "action": "space"}):
        assert protocol.decode_text(json.dumps(each | {"hue": 1})) == protocol.decode_text(json.dumps(each))


def test_unknown_keys_are_named_within_bounds() -> None:
    start = {"type": "start", "channels": ["flex1"], "text": None} | {f"{'k' * 100}{n}": n for n in range(100)}
    text = json.dumps(start)
    assert protocol.unknown_keys(text, protocol.decode_text(text)) == ("k" * 64,) * 16
    whole = protocol.encode(Start(["flex1"], text=TextOptions(space_s=2)))
    assert protocol.unknown_keys(whole, protocol.decode_text(whole)) == ()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"hop_ms": "100"}, "hop_ms"),
        ({"top_k": 0}, "top_k"),
        ({"text": {"space_s": -1}}, "text.space_s"),
        ({"decoder": {"hold_s": None}}, "decoder.hold_s"),
        ({"channels": None}, "channels"),
    ],
)
def test_wrong_values_of_known_keys_are_refused_beside_unknown_ones(changes: dict[str, object], field: str) -> None:
    with pytest.raises(WireError) as caught:
        protocol.decode_text(json.dumps({"type": "start", "channels": [], "hue": 1} | changes))
    assert (caught.value.code, caught.value.field) == ("bad_message", field)
