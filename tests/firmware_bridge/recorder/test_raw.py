"""Raw recordings: what was recorded is what is read, however the file ends."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_bridge.recorder.raw import RawRead, RawRecorder, read_raw
from firmware_bridge.recorder.writer import RecordingFailedError

reads = st.lists(st.tuples(st.integers(0, 1000), st.binary(max_size=80) | st.just(b"1,2,3\r\n")), max_size=20)


def record(path: Path, ports: dict[str, list[tuple[int, bytes]]]) -> None:
    now = [100.0]
    recorder = RawRecorder(path, pytest.fail, clock=lambda: now[0])
    for name, arrivals in ports.items():
        number = recorder.opened(name, 115_200)
        for at_ms, data in arrivals:
            now[0] = 100.0 + at_ms / 1000
            recorder.received(number, data)
        recorder.wrote(number, b"header\n")
        recorder.closed(number, "it was unplugged")
    recorder.close()


@given(reads, reads)
def test_what_was_recorded_is_what_is_read_and_the_port_with_more_bytes_is_first(
    one: list[tuple[int, bytes]], two: list[tuple[int, bytes]]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "glove.raw"
        record(path, {"/dev/ttyUSB0": one, "/dev/ttyUSB1": two})
        ports = read_raw(path)
    assert {port.name: port.reads for port in ports} == {
        name: tuple(RawRead(at_ms / 1000, data) for at_ms, data in arrivals)
        for name, arrivals in (("/dev/ttyUSB0", one), ("/dev/ttyUSB1", two))
    }
    assert ports[0].bytes >= ports[1].bytes


@given(reads, st.integers(0, 10_000))
def test_a_file_that_a_crash_cut_off_is_read_up_to_its_last_whole_line(
    arrivals: list[tuple[int, bytes]], cut: int
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "glove.raw"
        record(path, {"/dev/ttyUSB0": arrivals})
        whole, text = read_raw(path)[0].reads, path.read_bytes()
        header = text.index(b"\n") + 1
        path.write_bytes(text[: header + cut % (len(text) - header + 1)])
        ports = read_raw(path)
    assert all(port.reads == whole[: len(port.reads)] for port in ports)


def test_every_line_is_in_the_file_before_the_recorder_is_closed(tmp_path: Path) -> None:
    recorder = RawRecorder(tmp_path / "glove.raw", pytest.fail, clock=lambda: 0.0)
    number = recorder.opened("/dev/ttyUSB0", 9600)
    recorder.received(number, b"1,2,3\n")
    recorder.baud_changed(number, 115_200)
    recorder.received(number, b"\x00\xff")
    header, *events = map(orjson.loads, (tmp_path / "glove.raw").read_bytes().splitlines())
    assert header["scaleglove_raw"] == 1
    assert set(header) == {"scaleglove_raw", "scaleglove", "begun"}
    assert events == [
        {"t": 0.0, "port": 1, "open": "/dev/ttyUSB0", "baud": 9600},
        {"t": 0.0, "port": 1, "text": "1,2,3\n"},
        {"t": 0.0, "port": 1, "baud": 115_200},
        {"t": 0.0, "port": 1, "base64": "AP8="},
    ]
    recorder.close()


def test_a_recording_ends_at_its_maximum_size_and_says_so_once(tmp_path: Path) -> None:
    said: list[str] = []
    recorder = RawRecorder(tmp_path / "glove.raw", said.append, clock=lambda: 0.0, max_bytes=1000)
    number = recorder.opened("/dev/ttyUSB0", 9600)
    for _ in range(100):
        recorder.received(number, b"1,2,3\n")
    recorder.close()
    assert recorder.failed
    assert len(said) == 1
    assert (tmp_path / "glove.raw").stat().st_size <= 1000
    assert read_raw(tmp_path / "glove.raw")[0].bytes > 0


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (b"", "not a raw recording"),
        (b"timestamp,pitch\n1,2\n", "not a raw recording"),
        (b'{"scaleglove_raw":2}\n', "has version 2"),
        (b'{"scaleglove_raw":1}\n{"t":0,"port":1,"text":"1"}\n', "damaged in line 2"),
        (b'{"scaleglove_raw":1}\n{"t":0,"port":1,"open":"x"}\n{"t":0,"port":1,"base64":"?"}\n', "damaged in line 3"),
        (b'{"scaleglove_raw":1}\nnonsense\n', "damaged in line 2"),
        (b'{"scaleglove_raw":1}\n{"t":0,"port":1,"open":"x"}\n{"t":1e300,"port":1,"text":"1"}\n', "damaged in line 3"),
        (b'{"scaleglove_raw":1}\n{"t":0,"port":1,"open":"x"}\n{"t":-1,"port":1,"text":"1"}\n', "damaged in line 3"),
        (b'{"scaleglove_raw":1}\n{"t":0,"port":[],"open":"x"}\n', "damaged in line 2"),
    ],
)
def test_another_file_is_refused_in_words(tmp_path: Path, text: bytes, why: str) -> None:
    path = tmp_path / "glove.raw"
    path.write_bytes(text)
    with pytest.raises(RecordingFailedError, match=why):
        read_raw(path)


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "glove.raw")
    with pytest.raises(RecordingFailedError, match="not a file"):
        read_raw(tmp_path / "glove.raw")


def test_an_existing_file_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "glove.raw"
    path.write_text("mine")
    with pytest.raises(RecordingFailedError, match="exists already"):
        RawRecorder(path, pytest.fail)
    assert path.read_text() == "mine"
