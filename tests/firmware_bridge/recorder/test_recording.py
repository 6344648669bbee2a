"""A continuous recording: exact, readable by others, and of use after a crash."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mcap.reader import make_reader

from firmware_bridge.codec.events import DeviceRestarted, Event, FrameRead, FramesMissing, Remark
from firmware_bridge.emulator.replay import continuous_tracks
from firmware_bridge.recorder.reader import read_recording, recover
from firmware_bridge.recorder.schemas import FRAMES, PREDICTIONS, READ_FROM_GLOVE, REMARKS
from firmware_bridge.recorder.writer import Recorder, RecordingFailedError
from scaleglove.channels import CHANNELS
from scaleglove.protocol import (
    SERVER_MESSAGES,
    Candidate,
    ChannelRange,
    Command,
    Error,
    Gap,
    Gesture,
    GloveChanged,
    GloveLetter,
    GloveNotice,
    LinkReport,
    ModelChanged,
    Prediction,
    ProfileChanged,
    Ranging,
    SelfCalibrated,
    SensorFault,
    Sensors,
    Stale,
    Started,
    Stopped,
    Text,
    Word,
)
from scaleglove.recordings import RecordingError

VALUES = (801.0, 802.5, 803.0, 804.0, 805.0, -1.5, 2.25, 179.0)
LETTER = GloveLetter(6, 120.0, "ㄷ", 0.9, {"3": 1.0})
PREDICTION = Prediction(4, 80.0, "ok", "ㄱ", 0.9, [Candidate("ㄱ", 0.9)], {"3": 0.5, "5": 0.3, "7": 0.2})


def frames(count: int, begin: int = 0) -> list[Event]:
    return [FrameRead(n * 20.0, VALUES, None, n % 2**16) for n in range(begin, begin + count)]


def ticking() -> Iterator[int]:
    now = 1_760_000_000_000_000_000
    while True:
        yield now
        now += 20_000_000


def record(path: Path, *entries: object) -> None:
    clock = ticking()
    with Recorder(path, lambda: next(clock)) as recorder:
        for one in entries:
            if isinstance(one, list):
                recorder.events(one)
            else:
                recorder.message(one)  # type: ignore[arg-type]


def test_a_sensor_that_the_glove_does_not_have_is_left_out_and_read_as_nan(tmp_path: Path) -> None:
    path = tmp_path / "a.mcap"
    values: Any = (801.0, None, *VALUES[2:7], None)
    record(path, [FrameRead(0.0, values), FrameRead(20.0, values)])
    recording = read_recording(path)
    assert {"flex2", "yaw"}.isdisjoint(recording.of(FRAMES)[0])
    (track,) = recording.tracks()
    assert np.isnan(track.values).all(axis=0).tolist() == [value is None for value in values]
    with pytest.raises(RecordingError, match="lacks sensors"):
        continuous_tracks(path, lambda _: None)


def test_frames_and_predictions_stand_in_it_in_order(tmp_path: Path) -> None:
    path = tmp_path / "a.mcap"
    record(path, frames(5), PREDICTION, frames(2, 5), [Remark("hello")], LETTER, Gap(7, 140.0, 2, "sequence"))
    recording = read_recording(path)
    assert recording.finished
    assert [message.topic for message in recording.messages] == [
        *[FRAMES] * 5, PREDICTIONS, *[FRAMES] * 2, REMARKS, "/glove/letters", "/service/gaps",
    ]  # fmt: skip
    assert recording.of(PREDICTIONS) == [json.loads(json.dumps(_plain(PREDICTION)))]
    times = [message.log_time_ns for message in recording.messages]
    assert times == sorted(times)


MESSAGES: dict[type[Any], Any] = {
    Started: Started("s", "M", 100, 10, 50.0, ("ㄱ",)),
    ModelChanged: ModelChanged("M", "1"),
    ProfileChanged: ProfileChanged("ada", 3),
    GloveChanged: GloveChanged("blue", 3, "usb"),
    Prediction: PREDICTION,
    Gesture: Gesture("begin", "ㄱ", 80.0, 0.9),
    Text: Text(80.0, "가 ", "나", "ㄴㅏ"),
    Word: Word(80.0, "ㄱㅓ", "거", "가", "language", True, 2.5),
    Gap: Gap(7, 140.0, 2, "sequence"),
    Stale: Stale(1000.0),
    Stopped: Stopped("s", 10, 2, 0, 0, 0),
    Sensors: Sensors(4, 80.0, (SensorFault("flex1", "stuck", 20.0),)),
    SelfCalibrated: SelfCalibrated(80.0, 12, 7, (ChannelRange("flex1", 1.0, 2.0, 3.0),)),
    Command: Command(0, "recal", None),
    LinkReport: LinkReport("lost", None, "unplugged", None, None, None, 5, 0, 0, 0, 0, 0),
    GloveLetter: LETTER,
    GloveNotice: GloveNotice("scale_12_bit", "12 bits", values={"most": "3900"}),
    Ranging: Ranging(80.0, 10, 24, False, ("flex1",), False),
    Error: Error("idle", "no frame"),
}


def test_every_message_of_the_service_is_recorded(tmp_path: Path) -> None:
    assert set(MESSAGES) | READ_FROM_GLOVE == set(SERVER_MESSAGES)
    assert all(kind.audience == "viewers" for kind in READ_FROM_GLOVE)
    path = tmp_path / "a.mcap"
    record(path, *MESSAGES.values())
    recorded = read_recording(path).messages
    assert [message.fields["type"] for message in recorded] == [one.type for one in MESSAGES.values()]
    assert len({message.topic for message in recorded}) == len(MESSAGES)
    assert {"/service/text", "/service/self_calibration"} <= {message.topic for message in recorded}


def _plain(prediction: Prediction) -> dict[str, Any]:
    return {
        "seq": prediction.seq,
        "t_ms": prediction.t_ms,
        "state": prediction.state,
        "label": prediction.label,
        "confidence": prediction.confidence,
        "top_k": [{"label": one.label, "confidence": one.confidence} for one in prediction.top_k],
        "scale_importance": prediction.scale_importance,
        "type": "prediction",
    }


def test_any_reader_of_mcap_finds_index_statistics_and_schemas_inside(tmp_path: Path) -> None:
    path = tmp_path / "a.mcap"
    record(path, frames(500), PREDICTION, Gesture("begin", "ㄱ", 80.0, 0.9))
    with path.open("rb") as file:
        reader = make_reader(file, validate_crcs=True)
        summary = reader.get_summary()
        assert summary is not None
        assert summary.statistics is not None
        assert summary.statistics.message_count == 502
        assert len(summary.chunk_indexes) > 5
        by_name = {schema.name: json.loads(schema.data) for schema in summary.schemas.values()}
        assert set(by_name) >= {"scaleglove.Frame", "scaleglove.Prediction", "scaleglove.Gesture", "scaleglove.Gap"}
        assert set(CHANNELS) <= set(by_name["scaleglove.Frame"]["properties"])
        for schema in by_name.values():
            assert schema["type"] == "object"
            assert "$ref" not in json.dumps(schema)
        begin_ns = summary.statistics.message_start_time
        late = reader.iter_messages(topics=[FRAMES], starting_at=begin_ns + 490 * 20_000_000)
        assert len(list(late)) == 10


@settings(max_examples=30)
@given(
    st.lists(st.tuples(*[st.floats(-1e6, 1e6, width=32)] * 8), min_size=1, max_size=5),
    st.floats(0, 2**40, allow_nan=False),
)
def test_values_and_times_come_back_to_the_bit(
    tmp_path_factory: pytest.TempPathFactory, values: list[tuple[float, ...]], t_ms: float
) -> None:
    path = tmp_path_factory.mktemp("exact") / "a.mcap"
    record(path, [FrameRead(t_ms, one, (0.1, 0.2, 0.3), 0) for one in values])
    recording = read_recording(path)
    assert [frame["t_ms"] for frame in recording.of(FRAMES)] == [t_ms] * len(values)
    (track,) = recording.tracks()
    assert track.values.tobytes() == np.array(values, np.float32).tobytes()


def test_tracks_know_of_losses_and_restarts(tmp_path: Path) -> None:
    path = tmp_path / "a.mcap"
    entries = [*frames(3), FramesMissing(120.0, 3, "sequence"), *frames(2, 6), DeviceRestarted(140.0, 0.0), *frames(2)]
    record(path, entries)
    first, second = read_recording(path).tracks()
    assert first.t_ms.tolist() == [0, 20, 40, 120, 140]
    assert first.missing.tolist() == [0, 0, 0, 3, 0]
    assert second.t_ms.tolist() == [0, 20]


def test_a_truncated_recording_is_read_up_to_its_last_complete_chunk(tmp_path: Path) -> None:
    whole = tmp_path / "whole.mcap"
    record(whole, *[frames(5, 5 * n) for n in range(100)])  # a chunk holds 50
    data = whole.read_bytes()
    cut = tmp_path / "cut.mcap"
    known = 0
    for size in range(0, len(data) - 8, 997):
        cut.write_bytes(data[:size])
        if size < 8:
            continue
        recording = read_recording(cut)
        assert not recording.finished
        assert len(recording.messages) >= known
        known = len(recording.messages)
    assert known >= 400


def test_the_complete_part_of_a_truncated_recording_is_recovered(tmp_path: Path) -> None:
    whole, cut, mended = (tmp_path / name for name in ("whole.mcap", "cut.mcap", "mended.mcap"))
    record(whole, *[frames(5, 5 * n) for n in range(100)], PREDICTION)
    cut.write_bytes(whole.read_bytes()[:-9000])
    count = recover(cut, mended)
    before, after = read_recording(cut), read_recording(mended)
    assert (before.finished, after.finished) == (False, True)
    assert before.messages == after.messages
    assert len(after.messages) == count > 100
    with mended.open("rb") as file:
        assert make_reader(file).get_summary() is not None
    with pytest.raises(FileExistsError):
        recover(cut, mended)


@pytest.mark.parametrize("rate_hz", [1, 10, 50, 1000])
def test_a_crash_costs_a_second_at_most_whatever_the_rate(tmp_path: Path, rate_hz: int) -> None:
    path = tmp_path / "a.mcap"
    times = (1_760_000_000_000_000_000 + n * 10**9 // rate_hz for n in range(10**9))
    recorder = Recorder(path, lambda: next(times))
    for n in range(3 * rate_hz + 1):
        recorder.events(frames(1, n))
    on_the_disk = len(read_recording(path).of(FRAMES))
    recorder.close()
    assert 3 * rate_hz + 1 - on_the_disk <= rate_hz
    assert len(read_recording(path).of(FRAMES)) == 3 * rate_hz + 1


def test_nothing_is_replaced_and_no_folder_made(tmp_path: Path) -> None:
    path = tmp_path / "a.mcap"
    path.write_text("mine")
    with pytest.raises(RecordingFailedError, match="exists already"):
        Recorder(path)
    with pytest.raises(RecordingFailedError, match="No such file or directory"):
        Recorder(tmp_path / "none" / "a.mcap")
    assert path.read_text() == "mine"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a full disk is /dev/full's part")
def test_a_full_disk_is_reported_once_and_ends_the_recording(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "a.mcap")
    full = Path("/dev/full").open("wb")  # noqa: SIM115 - the recorder closes it
    recorder._file.close()
    recorder._file = full
    recorder._writer._Writer__stream = full  # type: ignore[attr-defined]
    with pytest.raises(RecordingFailedError, match="No space left"):
        recorder.events(frames(2000))
    with pytest.raises(RecordingFailedError, match="has ended"):
        recorder.events(frames(1))
    recorder.close()


@pytest.mark.parametrize("content", [b"", b"not a recording at all", b"\x89MCAP0\r\n" + b"\xff" * 100])
def test_a_file_that_is_not_a_recording_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.mcap"
    path.write_bytes(content)
    with pytest.raises(RecordingError, match=r"a\.mcap"):
        read_recording(path).tracks()
