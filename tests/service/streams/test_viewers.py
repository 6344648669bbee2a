"""Viewers, pages of other origins, slow readers, clients that vanish, and the end of the service."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Callable
from typing import Any

import httpx
import numpy as np
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from scaleglove.channels import CHANNELS
from tests.deadlines import EVENT_S, wait_until
from tests.service.sockets import VALID, binary_frames, even, read, read_to_end, streams

Glove = Callable[..., np.ndarray]


def test_viewer_sees_what_the_stream_does(service: Any, glove: Glove) -> None:
    values = glove(12)
    with (
        service.stream() as (socket, started),
        service.socket(f"/v1/streams/{started['stream']}/watch") as viewer,
    ):
        assert read(viewer) == started
        wait_until(lambda: streams(service)[started["stream"]]["viewers"] == 1)
        socket.send(binary_frames(0, even(0, 5), values[:5]))
        shown = read(viewer)
        assert (shown["type"], shown["seq"], shown["t_ms"]) == ("frames", 0, even(0, 5).tolist())
        np.testing.assert_allclose(shown["values"], values[:5], atol=1e-3)
        assert read(viewer) == read(socket)
        socket.send(binary_frames(8, even(8, 1), values[8:9]))
        assert read(viewer)["type"] == "frames"
        gap = read(viewer)
        assert gap == read(socket)
        assert gap["type"] == "gap"
        socket.send('{"type": "stop"}')
        own, _ = read_to_end(socket)
        watched, close_code = read_to_end(viewer)
        assert watched == own
        assert (watched[-1]["type"], close_code) == ("stopped", 1000)


def test_viewer_of_a_stream_that_leaves_without_a_word(service: Any) -> None:
    with service.stream() as (socket, started):
        with service.socket(f"/v1/streams/{started['stream']}/watch") as viewer:
            read(viewer)
            socket.socket.shutdown(2)
            watched, close_code = read_to_end(viewer)
        assert (watched[-1]["type"], close_code) == ("stopped", 1000)
    assert started["stream"] not in streams(service)


def test_one_viewer_too_many_may_try_again_later(service: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service.hub, "_max_streams", 1)
    with service.stream() as (_, started):
        path = f"/v1/streams/{started['stream']}/watch"
        with service.socket(path) as viewer, service.socket(path) as another:
            read(viewer)
            ((error,), close_code) = read_to_end(another)
            assert (error["code"], close_code) == ("too_many_viewers", 1013)
            with service.socket() as stream:
                ((error,), close_code) = read_to_end(stream)
                assert (error["code"], close_code) == ("too_many_streams", 1013)


def test_viewer_only_listens_and_may_leave(service: Any) -> None:
    with service.stream() as (socket, started):
        path = f"/v1/streams/{started['stream']}/watch"
        with service.socket(path) as viewer:
            read(viewer)
            viewer.send('{"type": "reset"}')
            ((error,), close_code) = read_to_end(viewer)
            assert (error["code"], close_code) == ("read_only", 1008)
        with service.socket(path) as viewer:
            read(viewer)
        wait_until(lambda: streams(service)[started["stream"]]["viewers"] == 0)
        socket.send(VALID)
        socket.send('{"type": "stop"}')
        assert read_to_end(socket)[1] == 1000
    with service.socket(path) as viewer:
        ((error,), close_code) = read_to_end(viewer)
    assert (error["code"], close_code) == ("unknown_stream", 1008)


def test_unknown_socket_path_is_refused(service: Any) -> None:
    with pytest.raises(InvalidStatus) as caught, service.socket("/v1/nothing"):
        pass
    assert caught.value.response.status_code == 403


@pytest.mark.parametrize("path", ["/v1/stream", "/v1/streams/any/watch"])
def test_page_from_elsewhere_opens_no_socket(start_service: Any, path: str) -> None:
    with start_service(allowed_origins="https://gloves.example, http://localhost:5173") as service:
        host = service.url.removeprefix("http://")
        own = [None, f"http://{host}", f"https://{host}"]
        for origin in (*own, "https://gloves.example", "http://localhost:5173", "HTTP://LOCALHOST:5173"):
            with service.socket(path, origin=origin) as socket:
                assert socket.subprotocol == "scaleglove.v1"
        port = host.rpartition(":")[2]
        for origin in (
            "http://evil.example",
            "http://gloves.example",
            "null",
            "http://127.0.0.1:1",
            f"http://x:{port}",
        ):
            with pytest.raises(InvalidStatus) as caught, service.socket(path, origin=origin):
                pass
            assert caught.value.response.status_code == 403, origin


def test_client_that_vanishes_frees_its_state(service: Any, glove: Glove) -> None:
    with service.stream() as (socket, started):
        socket.send(binary_frames(0, even(0, 40), glove(40)))
        wait_until(lambda: streams(service)[started["stream"]]["frames"] == 40)
        socket.socket.shutdown(2)
        wait_until(lambda: started["stream"] not in streams(service))
    assert started["stream"] not in service.hub.streams


def test_reader_that_never_reads(start_service: Any, glove: Glove) -> None:
    """Its predictions are dropped and counted; what waits for it stays bounded; others are served meanwhile."""
    with start_service(outbox_messages=16) as service, service.socket(max_queue=1, ping_interval=None) as lazy:
        lazy.send(json.dumps({"type": "start", "channels": list(CHANNELS), "hop_ms": 20, "top_k": 24}))
        # A hand that holds still: the letters of a moving one are not dropped, and would end the stream.
        values = glove(1).repeat(200, axis=0)
        for block in range(30):
            lazy.send(binary_frames(block * 200, even(block * 200, 200), values))
            assert all(len(glove.send_queue) <= 2 * 16 for glove in service.hub._gloves)
        wait_until(lambda: [stream["frames"] for stream in streams(service).values()] == [6_000])
        with service.stream() as (socket, _):
            socket.send(binary_frames(0, even(0, 10), values[:10]))
            assert [read(socket)["state"], read(socket)["state"]] == ["warming", "ok"]
        lazy.send('{"type": "stop"}')
        messages, close_code = read_to_end(lazy)
        stopped = messages[-1]
        assert (stopped["type"], close_code) == ("stopped", 1000), stopped
        assert stopped["frames"] == 6_000
        assert stopped["dropped_messages"] > 1000
        received = sum(message["type"] == "prediction" for message in messages)
        assert received + stopped["dropped_messages"] == stopped["predictions"]
        metrics = httpx.get(f"{service.url}/metrics").text
        assert f"scaleglove_dropped_messages_total {stopped['dropped_messages']}.0" in metrics


def test_a_reader_that_is_too_slow_loses_messages(start_service: Any, glove: Glove) -> None:
    """Gaps are not dropped; when even they overflow the stream is closed and forgotten."""
    with start_service(outbox_messages=4) as service, service.stream() as (lazy, started):
        values = glove(200)
        with pytest.raises(ConnectionClosed):  # noqa: PT012 - which send it is depends on the buffers between
            for block in range(5000):
                # A gap before every frame.
                lazy.send(binary_frames(block * 200, 300.0 * (block * 200 + np.arange(200)), values))
        wait_until(lambda: started["stream"] not in service.hub.streams)
        with service.stream() as (_, other):
            assert other["type"] == "started"


def test_going_away_is_announced(start_service: Any) -> None:
    ends: list[tuple[list[dict[str, Any]], int]] = []
    with contextlib.ExitStack() as stack:
        with start_service() as service:
            socket, started = stack.enter_context(service.stream())
            viewer = stack.enter_context(service.socket(f"/v1/streams/{started['stream']}/watch"))
            read(viewer)
            threads = [threading.Thread(target=lambda s=s: ends.append(read_to_end(s))) for s in (socket, viewer)]
            for thread in threads:
                thread.start()
        for thread in threads:
            thread.join(EVENT_S)
    assert [(messages[-1]["code"], code) for messages, code in ends] == [("going_away", 1012)] * 2
