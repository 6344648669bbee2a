"""A service process when things go wrong: crowds that come and go, senders without measure, being stopped."""

from __future__ import annotations

import json
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from scaleglove.channels import CHANNELS
from tests.deadlines import EVENT_S, wait_until
from tests.end_to_end.conftest import Part
from tests.live_service import few_models
from tests.service.sockets import binary_frames, even, read, read_to_end

pytestmark = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory and handles are read from /proc")

START = json.dumps({"type": "start", "channels": list(CHANNELS), "sample_rate_hz": 50})
HAND = np.full((1, 8), 500, np.float32)


@pytest.fixture
def serving(start: Callable[..., Part]) -> tuple[Part, str]:
    models = ("--models-dir", str(few_models()))
    part = start("serve", "--port", "0", *models, "--log-level", "warning")  # nobody reads its stderr meanwhile
    return part, part.line().rpartition(" ")[2]


@contextmanager
def streaming(url: str) -> Iterator[ClientConnection]:
    with connect(url.replace("http", "ws") + "/v1/stream", subprotocols=["scaleglove.v1"]) as socket:
        socket.send(START)
        assert read(socket)["type"] == "started"
        yield socket


def resident_kib(pid: int) -> int:
    (line,) = (line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1])


def handles(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


def test_a_thousand_who_come_and_leave_leave_nothing_behind(serving: tuple[Part, str]) -> None:
    """Half of them say goodbye, half hang up in the middle of a frame."""
    part, url = serving
    frames = binary_frames(0, even(0, 10), HAND.repeat(10, axis=0))

    def come_and_leave(count: int) -> None:
        for number in range(count):
            with streaming(url) as socket:
                socket.send(frames)
                assert read(socket)["type"] == "prediction"
                if number % 2:
                    socket.socket.sendall(b"\x82\xfe")  # a header that is not finished
                    socket.socket.shutdown(2)

    come_and_leave(400)
    before_kib, before_handles = resident_kib(part.process.pid), handles(part.process.pid)
    come_and_leave(1000)
    wait_until(lambda: handles(part.process.pid) <= before_handles)
    assert resident_kib(part.process.pid) - before_kib < 2048  # two KiB for each of them would show


def test_a_sender_at_many_times_the_rate_loses_nothing_and_delays_nobody(serving: tuple[Part, str]) -> None:
    _, url = serving
    with streaming(url) as hasty, streaming(url) as calm:
        heard: list[dict[str, Any]] = []
        listening = threading.Thread(target=lambda: heard.extend(read_to_end(hasty)[0]))
        listening.start()

        def pour() -> None:
            for block in range(60):  # four minutes of a hand, as fast as it goes
                hasty.send(binary_frames(block * 200, even(block * 200, 200), HAND.repeat(200, axis=0)))
            hasty.send('{"type": "stop"}')

        pouring = threading.Thread(target=pour)
        pouring.start()
        messages = []
        for block in range(20):
            calm.send(binary_frames(block * 5, even(block * 5, 5), HAND.repeat(5, axis=0)))
            messages.append(read(calm))
            while messages[-1]["type"] in {"gesture", "glove", "sensors"}:  # this hand never moves
                messages[-1] = read(calm)
        calm.send('{"type": "stop"}')
        calm_end, _ = read_to_end(calm)
        pouring.join()
        listening.join()
    assert [(message["type"], message["seq"]) for message in messages] == [
        ("prediction", 5 * block + 4) for block in range(20)
    ]
    assert calm_end[-1]["frames"] == 100
    assert heard[-1]["type"] == "stopped"
    seqs = [message["seq"] for message in heard if message["type"] == "prediction"]
    assert heard[-1]["frames"] == 12_000
    assert len(seqs) + heard[-1]["dropped_messages"] == 12_000 / 5
    assert seqs == sorted(set(seqs))
    assert not any(message["type"] in {"gap", "stale", "error"} for message in heard)


def test_stopped_under_load_it_answers_what_is_due_and_says_goodbye(serving: tuple[Part, str]) -> None:
    part, url = serving
    stopping = threading.Event()
    all_begun = threading.Barrier(8)  # a client that comes after the stop is refused

    def play(ends: list[tuple[list[dict[str, Any]], int]]) -> None:
        with streaming(url) as socket:
            listening = threading.Thread(target=lambda: ends.append(read_to_end(socket)))
            listening.start()
            all_begun.wait(EVENT_S)
            for block in range(400):
                try:
                    socket.send(binary_frames(block * 5, even(block * 5, 5), HAND.repeat(5, axis=0)))
                except ConnectionClosed:
                    break
                if block == 20:
                    stopping.set()
                time.sleep(0.005)
            listening.join()

    ends: list[tuple[list[dict[str, Any]], int]] = []
    players = [threading.Thread(target=play, args=(ends,)) for _ in range(8)]
    for player in players:
        player.start()
    assert stopping.wait(EVENT_S)
    status, _ = part.stop(signal.SIGTERM)
    for player in players:
        player.join()
    assert status == 0
    assert len(ends) == 8
    for messages, code in ends:
        assert (messages[-1]["type"], messages[-1]["code"], code) == ("error", "going_away", 1012)
        seqs = [message["seq"] for message in messages if message["type"] == "prediction"]
        assert seqs == list(range(4, seqs[-1] + 1, 5))


def test_a_sender_that_does_not_listen_is_not_cut_off_before_it_has_read_the_goodbye(serving: tuple[Part, str]) -> None:
    part, url = serving
    address = url.replace("http", "ws") + "/v1/stream"
    with connect(address, subprotocols=["scaleglove.v1"], max_queue=1) as socket:
        socket.send(START)
        for block in range(20):  # from the second answer on, this client reads nothing
            socket.send(binary_frames(block * 5, even(block * 5, 5), HAND.repeat(5, axis=0)))
        part.process.send_signal(signal.SIGTERM)
        for block in range(20, 100):
            socket.send(binary_frames(block * 5, even(block * 5, 5), HAND.repeat(5, axis=0)))
            time.sleep(0.01)
        messages, code = read_to_end(socket)
    assert (messages[-1].get("code"), code) == ("going_away", 1012)
