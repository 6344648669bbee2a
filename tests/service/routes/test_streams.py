"""`/v1/stream` on real sockets: what a glove may say, and what it is answered."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.runtime.artefact import Artefact
from scaleglove import protocol
from scaleglove.channels import CHANNELS
from scaleglove.protocol import described
from scaleglove.recordings import load_episode
from scaleglove.resampling import resample
from tests.deadlines import wait_until
from tests.service.inference.answers import answer_windows
from tests.service.sockets import VALID, binary_frames, even, read, read_to_end, streams, text_frames

Glove = Callable[..., np.ndarray]


@pytest.mark.parametrize("encode", [text_frames, binary_frames])
def test_recording_ends_at_the_letter_of_the_file(
    service: Any, artefact: Artefact, recorded_files: list[Path], encode: Callable[..., Any]
) -> None:
    for path in recorded_files[:: 2308 // 6]:
        episode = load_episode(path)
        with service.stream(sample_rate_hz=None) as (socket, _):
            for begin in range(0, len(episode.t_ms), 7):
                part = slice(begin, begin + 7)
                socket.send(encode(begin, episode.t_ms[part], episode.values[part]))
            socket.send('{"type": "stop"}')
            messages, code = read_to_end(socket)
        samples = resample(episode.t_ms, episode.values, artefact.contract.sample_rate_hz)
        (offline,) = answer_windows(artefact, [samples], 1)
        last = [message for message in messages if message["type"] == "prediction"][-1]
        assert (last["label"], last["state"]) == (offline.label, offline.state), path
        assert last["confidence"] == pytest.approx(offline.confidence, abs=1e-4)
        assert (code, messages[-1]["type"], messages[-1]["frames"]) == (1000, "stopped", len(episode.t_ms))


def test_started_describes_the_stream(service: Any, artefact: Artefact) -> None:
    with service.stream() as (socket, started):
        assert socket.subprotocol == "scaleglove.v1"
        contract = artefact.contract
        labels = [{"label": label, "moving": False, "display": label} for label in contract.labels]
        assert started == {
            "type": "started",
            "stream": started["stream"],
            "model": contract.name,
            "window_frames": contract.window_frames,
            "min_frames": contract.min_frames,
            "sample_rate_hz": contract.sample_rate_hz,
            "labels": list(contract.labels),
            "commands": [],
            "accepts": [
                *("edit", "link", "remark", "glove", "glove_letter", "commanded", "commands", "usb", "commanded.code"),
                *("text.words", "edit.as_signed"),
            ],
            "wearer": None,
            "profile": None,
            "glove": None,
            "glove_profile": None,
            "glove_by": None,
            "ignored": [],
            "vocabulary": asdict(described(contract.vocabulary)) | {"labels": labels},
        }
        listed = streams(service)[started["stream"]]
        assert (listed["frames"], listed["rate_hz"], listed["state"], listed["viewers"]) == (0, None, "warming", 0)
        socket.send(binary_frames(0, even(0, 40), np.full((40, 8), 500, np.float32)))
        wait_until(lambda: streams(service)[started["stream"]]["frames"] == 40)
        assert streams(service)[started["stream"]]["rate_hz"] == 50.0
    wait_until(lambda: started["stream"] not in streams(service))


def test_two_gloves_never_see_each_other(service: Any, artefact: Artefact, glove: Glove) -> None:
    """Eight gloves at once, their messages interleaved: each gets what its own frames say, to the last digit."""
    gloves = [glove(100, seed) for seed in range(8)]
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(service.stream(top_k=24))[0] for _ in gloves]
        for begin in range(0, 100, 5):
            for socket, values in zip(sockets, gloves, strict=True):
                socket.send(binary_frames(begin, even(begin, 5), values[begin : begin + 5]))
        for socket, values in zip(sockets, gloves, strict=True):
            socket.send('{"type": "stop"}')
            messages, _ = read_to_end(socket)
            predictions = [message for message in messages if message["type"] == "prediction"]
            assert [prediction["seq"] for prediction in predictions] == list(range(4, 100, 5))
            for prediction in predictions[1:]:
                (own,) = answer_windows(artefact, [values[: prediction["seq"] + 1]], 24)
                confidences = {candidate["label"]: candidate["confidence"] for candidate in prediction["top_k"]}
                assert confidences == pytest.approx({each.label: each.confidence for each in own.top_k}, abs=1e-4)


def test_gap_reset_and_account(service: Any, glove: Glove) -> None:
    with service.stream() as (socket, started):
        socket.send(text_frames(0, even(0, 20), glove(20)))
        socket.send(text_frames(22, even(22, 20), glove(20)))
        socket.send(text_frames(30, even(30, 5), glove(5)))
        socket.send('{"type": "reset"}')
        socket.send(text_frames(0, even(0, 5), glove(5)))
        socket.send('{"type": "stop"}')
        messages, code = read_to_end(socket)
    gaps = [message for message in messages if message["type"] == "gap"]
    assert gaps == [
        {"type": "gap", "seq": 22, "t_ms": 440.0, "missing": 2, "reason": "sequence"},
        {"type": "gap", "seq": 30, "t_ms": 600.0, "missing": 0, "reason": "duplicate"},
    ]
    states = [message["state"] for message in messages if message["type"] == "prediction"]
    assert states == ["warming", "ok", "ok", "ok", "gap", "gap", "gap", "gap", "warming"]
    assert messages[-1] == {
        "type": "stopped",
        "stream": started["stream"],
        "frames": 45,
        "predictions": 9,
        "late_frames": 0,
        "duplicate_frames": 5,
        "missing_frames": 2,
        "dropped_messages": 0,
    }
    assert code == 1000


def test_stale_is_sent_once(start_service: Any, glove: Glove) -> None:
    """Only the order of messages is tested, not their delay: frames are sent after `stale` has arrived."""
    with start_service(stale_after_ms=600) as service, service.stream() as (socket, started):
        stale = read(socket)
        assert stale["type"] == "stale"
        assert stale["silent_ms"] >= 600
        assert streams(service)[started["stream"]]["state"] == "stale"
        with pytest.raises(TimeoutError):
            socket.recv(timeout=1.5)
        socket.send(binary_frames(0, even(0, 5), glove(5)))
        assert [read(socket)["type"], read(socket)["type"]] == ["prediction", "stale"]
        socket.send('{"type": "stop"}')
        assert [message["type"] for message in read_to_end(socket)[0]] == ["stopped"]


def test_long_message_keeps_no_other_stream_waiting(service: Any, glove: Glove) -> None:
    """The largest message there may be makes some 2,900 predictions; another glove is answered among them."""
    with (
        service.stream(sample_rate_hz=None, hop_ms=1) as (busy, started),
        service.stream() as (socket, _),
    ):
        session = service.hub.streams[started["stream"]].session
        busy.send(binary_frames(0, np.arange(1024) * 58.0, glove(1024)))
        wait_until(lambda: session.predictions > 0)
        socket.send(binary_frames(0, even(0, 10), glove(10)))
        answers = (message for message in iter(lambda: read(socket), None) if message["type"] == "prediction")
        assert [next(answers)["state"], next(answers)["state"]] == ["warming", "ok"]
        assert session.predictions < 2900
        busy.send('{"type": "stop"}')
        messages, _ = read_to_end(busy)
        assert messages[-1]["predictions"] == 1 + 1023 * 58 // 20
        assert not any(message["type"] == "stale" for message in messages)


def test_message_of_too_long_a_time_is_refused(service: Any, glove: Glove) -> None:
    with service.stream(sample_rate_hz=None, hop_ms=1) as (socket, _):
        socket.send(binary_frames(0, np.arange(1024) * 249.0, glove(1024)))
        ((error,), close_code) = read_to_end(socket)
    assert (error["code"], error["detail"][:6], close_code) == ("bad_message", "t_ms c", 1007)


ROW = [700.0] * 5 + [0.0] * 3


@pytest.mark.parametrize(
    ("message", "code", "detail", "close"),
    [
        ("{", "bad_message", "the whole is not valid JSON", 1007),
        ("not json", "bad_message", "the whole is not valid JSON", 1007),
        ('{"type": "dance"}', "bad_message", "dance", 1007),
        ('{"type": "frames", "seq": 0, "t_ms": [0], "values": [[1, 2]]}', "bad_message", "values.0", 1007),
        (
            json.dumps({"type": "frames", "seq": 0, "t_ms": [0], "values": [["a", *ROW[1:]]]}),
            "bad_message",
            "0.0",
            1007,
        ),
        (text_frames(0, even(0, 1), np.full((1, 8), np.nan)), "bad_message", "values.0.0", 1007),
        *[
            (f'{{"type": "frames", "seq": {seq}, "t_ms": [0], "values": [{ROW}]}}', "bad_message", "seq", 1007)
            for seq in ("true", "0.0", "1.5", "-1", '"0"')
        ],
        (VALID[:-1], "bad_message", "count is 2", 1007),
        (VALID[:5], "bad_message", "header", 1007),
        (b"", "bad_message", "header", 1007),
        (b"\x09" + VALID[1:], "bad_message", "kind is 9", 1007),
        (json.dumps({"type": "start", "channels": list(CHANNELS)}), "already_started", "already", 1008),
    ],
)
def test_bad_message_gets_one_error_and_a_close(
    service: Any, glove: Glove, message: str | bytes, code: str, detail: str, close: int
) -> None:
    with service.stream() as (socket, started):
        socket.send(message)
        messages, close_code = read_to_end(socket)
    (error,) = messages
    assert (error["type"], error["code"], close_code) == ("error", code, close)
    assert detail in error["detail"]
    wait_until(lambda: started["stream"] not in streams(service))
    with service.stream() as (socket, _):
        socket.send(binary_frames(0, even(0, 10), glove(10)))
        assert [read(socket)["state"], read(socket)["state"]] == ["warming", "ok"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"channels": list(CHANNELS)[:7]}, "bad_channels"),
        ({"channels": ["flex1", *CHANNELS[:-1]]}, "bad_channels"),
        ({"model": "GPT"}, "unknown_model"),
        ({"wearer": "nobody"}, "unknown_wearer"),
        ({"hop_ms": 0}, "bad_message"),
        ({"top_k": 201}, "bad_message"),
        ({"sample_rate_hz": "50"}, "bad_message"),
        ({"type": "reset"}, "not_started"),
        ({"type": "hello"}, "bad_message"),
    ],
)
def test_start_that_is_refused(service: Any, started: Any, change: dict[str, Any], code: str) -> None:
    before = set(streams(service))  # one of an earlier test may still be closing
    with service.socket() as socket:
        socket.send(json.dumps(started(**change)))
        ((error,), close_code) = read_to_end(socket)
    assert (error["type"], error["code"]) == ("error", code)
    assert close_code == (1007 if code == "bad_message" else 1008)
    assert set(streams(service)) <= before


def test_frames_before_start(service: Any) -> None:
    with service.socket() as socket:
        socket.send(VALID)
        ((error,), close_code) = read_to_end(socket)
    assert (error["code"], close_code) == ("not_started", 1008)


def test_versions(service: Any) -> None:
    for path in ("/v1/stream", "/v1/streams/any/watch"):
        with service.socket(path, subprotocols=["scaleglove.v9", "mqtt"]) as socket:
            assert socket.subprotocol is None
            ((error,), close_code) = read_to_end(socket)
        assert (error["code"], close_code) == ("unsupported_version", 1002)
        assert "scaleglove.v1" in error["detail"]
    with service.socket(subprotocols=["scaleglove.v9", "scaleglove.v1"]) as socket:
        assert socket.subprotocol == "scaleglove.v1"
    with service.socket(subprotocols=None) as socket:
        assert socket.subprotocol is None
        socket.send(json.dumps({"type": "start", "channels": list(CHANNELS)}))
        assert read(socket)["type"] == "started"


def test_start_has_to_come(start_service: Any) -> None:
    with start_service(start_timeout_s=0.1) as service, service.socket() as socket:
        ((error,), close_code) = read_to_end(socket)
        assert (error["code"], close_code) == ("start_timeout", 1008)


def test_limit_of_streams(start_service: Any) -> None:
    with start_service(max_streams=2) as service:
        with service.stream(), service.stream(), service.socket() as third:
            ((error,), close_code) = read_to_end(third)
            assert (error["code"], close_code) == ("too_many_streams", 1013)
        wait_until(lambda: not streams(service))
        with service.stream() as (_, started):
            assert started["type"] == "started"


def test_a_message_that_is_too_large_and_invalid_text(service: Any) -> None:
    with service.stream() as (socket, _):
        socket.send(b"\x01" * (protocol.MAX_MESSAGE_BYTES + 1))
        assert read_to_end(socket) == ([], 1009)
    with service.stream() as (socket, _):
        socket.send(b"\xff\xfe\xfd", text=True)
        ((error,), close_code) = read_to_end(socket)
        assert (error["code"], close_code) == ("bad_message", 1007)
    with service.stream() as (_, started):
        assert started["type"] == "started"
