"""Connections that come and go leave nothing that only the garbage collector finds: an old collection is rare in a
service, and until then its memory would grow. A malformed handshake does: websockets keeps its exception."""

from __future__ import annotations

import gc
import json
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

import httpx
import numpy as np
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.deadlines import wait_until
from tests.service.sockets import binary_frames, even, read, read_to_end

OFTEN: Final = 5
SERVERS: Final = ("service.", "starlette.", "fastapi.", "uvicorn.", "uvloop.", "httptools.")
"""The modules of the service's side; the clients of the test run in the same process."""


def play(service: Any, glove: Any) -> None:
    with service.stream() as (socket, _):
        socket.send(binary_frames(0, even(0, 50), glove(50)))
        while read(socket)["type"] != "prediction":
            pass
        socket.send('{"type": "stop"}')
        read_to_end(socket)


def leave(service: Any, glove: Any) -> None:
    with service.stream() as (socket, _):
        socket.send(binary_frames(0, even(0, 50), glove(50)))
        socket.socket.close()


def send_nonsense(service: Any, glove: Any) -> None:
    with service.socket() as socket:
        socket.send("{")
        read_to_end(socket)


def watch(service: Any, glove: Any) -> None:
    with service.stream() as (_, started), service.socket(f"/v1/streams/{started['stream']}/watch") as viewer:
        assert read(viewer)["type"] == "started"


def watch_nothing(service: Any, glove: Any) -> None:
    with suppress(ConnectionClosed), service.socket("/v1/streams/none/watch") as viewer:
        read_to_end(viewer)


def come_from_elsewhere(service: Any, glove: Any) -> None:
    with pytest.raises(InvalidStatus), service.socket(origin="https://elsewhere.example"):
        pass


def ask(service: Any, glove: Any) -> None:
    window: np.ndarray = glove(20)
    assert httpx.post(f"{service.url}/v1/predict", json={"windows": [window.tolist()]}).status_code == 200


def ask_in_vain(service: Any, glove: Any) -> None:
    assert httpx.post(f"{service.url}/v1/predict", content=b"[" * 100).status_code == 422
    assert httpx.get(f"{service.url}/v1/nothing").status_code == 404
    assert httpx.post(f"{service.url}/v1/wearers", content=json.dumps({"wearer": ".."})).status_code == 422


@pytest.mark.parametrize(
    "connect",
    [play, leave, send_nonsense, watch, watch_nothing, come_from_elsewhere, ask, ask_in_vain],
)
def test_nothing_is_left_for_the_collector(connect: Callable[[Any, Any], None], service: Any, glove: Any) -> None:
    connect(service, glove)  # what is made once is not garbage
    wait_until(lambda: not service.hub.streams)
    gc.collect()
    gc.disable()
    gc.set_debug(gc.DEBUG_SAVEALL)
    try:
        for _ in range(OFTEN):
            connect(service, glove)
        wait_until(lambda: not service.hub.streams)
        gc.collect()
        kinds = (f"{type(each).__module__}.{type(each).__qualname__}" for each in gc.garbage)
        found = Counter(kind for kind in kinds if kind.startswith(SERVERS))
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
        gc.enable()
    assert not {kind: number for kind, number in found.items() if number >= OFTEN}
