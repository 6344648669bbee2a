"""The limits of a token, for streams and requests."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import numpy as np
import pytest
from websockets.sync.client import ClientConnection

from tests.deadlines import wait_until
from tests.service.sockets import binary_frames, even, read, read_to_end, streams

Glove = Callable[..., np.ndarray]

TOKENS = {"lab": "lab-0123456789012", "other": "other-01234567890", "wall": "wall-012345678901"}
FRAMES_OF_A_HOP = 5  # at 50 Hz, with a prediction every 100 ms


def bearer(name: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {TOKENS[name]}"}


@contextmanager
def opened(service: Any, started: Any, name: str = "lab") -> Iterator[ClientConnection]:
    with service.socket(additional_headers=bearer(name)) as socket:
        socket.send(json.dumps(started()))
        yield socket


def listed(service: Any) -> dict[str, Any]:
    answer = httpx.get(f"{service.url}/v1/streams", headers=bearer("wall")).json()
    return {stream["stream"]: stream for stream in answer["streams"]}


@pytest.fixture
def limited(start_service: Any) -> Callable[..., Any]:
    """Return a function that starts a service whose two senders both have the given limits."""

    def start(**limits: Any) -> Any:
        senders = [{"name": name, "token": TOKENS[name], "role": "sender", **limits} for name in ("lab", "other")]
        wall = {"name": "wall", "token": TOKENS["wall"], "role": "viewer"}
        return start_service(tokens=json.dumps([*senders, wall]))

    return start


def test_a_token_has_its_streams_and_no_more(limited: Any, started: Any) -> None:
    with limited(streams=2) as service, opened(service, started) as first:
        assert read(first)["type"] == "started"
        with opened(service, started) as second:
            assert read(second)["type"] == "started"
            with service.socket(additional_headers=bearer("lab")) as third:  # told without being asked
                [error], close_code = read_to_end(third)
            assert (error["code"], close_code) == ("too_many_streams", 1013)
            assert "the quota of the token 'lab' is 2 concurrent streams" in error["detail"]
            with opened(service, started, "other") as another:  # its streams are its own
                assert read(another)["type"] == "started"
        wait_until(lambda: len(listed(service)) == 1)
        with opened(service, started) as again:  # what was left may be had again
            assert read(again)["type"] == "started"


@pytest.mark.parametrize("leave", ["stop", "close", "vanish", "never started", "a fault"])
def test_every_kind_of_end_releases_the_stream(limited: Any, started: Any, leave: str) -> None:
    with limited(streams=1) as service:
        for _ in range(3):
            with service.socket(additional_headers=bearer("lab")) as socket:
                if leave != "never started":
                    socket.send(json.dumps(started()))
                    assert read(socket)["type"] == "started"
                if leave == "stop":
                    socket.send('{"type": "stop"}')
                    read_to_end(socket)
                elif leave == "vanish":
                    socket.socket.shutdown(2)
                elif leave == "a fault":
                    socket.send("nonsense")
                    read_to_end(socket)
            wait_until(lambda: _may_start(service, started))


def _may_start(service: Any, started: Any) -> bool:
    with opened(service, started) as socket:
        return bool(read(socket)["type"] == "started")


def test_a_stream_beyond_the_rate_gets_an_error_and_ends(limited: Any, started: Any, glove: Glove) -> None:
    hops = 40
    frames = FRAMES_OF_A_HOP * hops
    with limited(rate=10) as service, opened(service, started) as socket:
        assert read(socket)["type"] == "started"
        socket.send(binary_frames(0, even(0, frames), glove(frames)))
        messages, close_code = read_to_end(socket)
        predictions = [message for message in messages if message.get("state") == "ok"]
        assert (messages[-1]["code"], close_code) == ("rate_limited", 1008)
        assert "the rate limit of the token 'lab' is 10 windows per second" in messages[-1]["detail"]
        assert 10 <= len(predictions) < hops - 1  # the burst was answered first; a warming window costs nothing
        with opened(service, started, "other") as another:  # its rate is its own
            assert read(another)["type"] == "started"
            another.send(binary_frames(0, even(0, FRAMES_OF_A_HOP), glove(FRAMES_OF_A_HOP)))
            assert read(another)["type"] == "prediction"


def test_streams_and_requests_share_the_rate(limited: Any, started: Any, glove: Glove) -> None:
    window = glove(40).tolist()
    # A rate so low that nothing comes back while the test runs: one window in all.
    with limited(rate=0.001) as service:
        answer = httpx.post(f"{service.url}/v1/predict", json={"windows": [window]}, headers=bearer("lab"))
        assert answer.status_code == 200
        with opened(service, started) as socket:
            assert read(socket)["type"] == "started"
            socket.send(binary_frames(0, even(0, 10), glove(10)))
            messages, close_code = read_to_end(socket)
        assert [message.get("state") for message in messages] == ["warming", None]
        assert (messages[-1]["code"], close_code) == ("rate_limited", 1008)


def test_without_tokens_neither_is_limited(service: Any, glove: Glove) -> None:
    frames = FRAMES_OF_A_HOP * 40
    with service.stream() as (socket, started), service.stream() as (_, second):
        assert {started["stream"], second["stream"]} <= set(streams(service))
        socket.send(binary_frames(0, even(0, frames), glove(frames)))
        socket.send('{"type": "stop"}')
        messages, close_code = read_to_end(socket)
    assert (messages[-1]["type"], messages[-1]["predictions"], close_code) == ("stopped", 40, 1000)
