"""Load on the real service: its counts are what it sent."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from benchmarks.serve.load.gloves import Gloves, Tally, measure
from benchmarks.serve.load.messages import Rhythm
from benchmarks.serve.load.websocket import RefusedError
from service.server import Server
from tests.live_service import live_service


@pytest.fixture(scope="module")
def service() -> Iterator[Server]:
    with live_service(max_streams=8) as server:
        yield server


def address(service: Server) -> tuple[str, int]:
    return "127.0.0.1", int(service.url.rpartition(":")[2])


@pytest.mark.parametrize(
    "rhythm", [Rhythm(), Rhythm(binary=True), Rhythm(False, 5), Rhythm(True, 20), Rhythm(hop_frames=2)]
)
def test_every_prediction_that_is_due_comes(service: Server, rhythm: Rhythm) -> None:
    tally = measure(address(service), 2, rhythm, warm_up_s=0.2, seconds=0.4)
    assert tally.messages == 2 * rhythm.messages_in(0.4)
    assert tally.due == tally.messages * rhythm.frames_per_message // rhythm.hop_frames
    assert len(tally.delays_s) == tally.due
    assert min(tally.delays_s) > 0
    assert (tally.broken, tally.hopeless) == (0, False)
    assert 0 <= tally.client_share <= 1


def test_a_stream_that_breaks_is_counted(service: Server) -> None:
    with Gloves(address(service), 1, Rhythm(), 20) as gloves:
        gloves._sockets[0].sendall(b"\x88\x80\x00\x00\x00\x00")  # a close frame
        gloves.run(20)
        gloves.drain(0.5)
        assert gloves.tally.broken == 1
        assert not gloves.tally.passes(limit_ms=1e9)


def test_one_stream_too_many_is_refused(service: Server) -> None:
    with pytest.raises(RefusedError, match="8 streams are open already"):
        Gloves(address(service), 9, Rhythm(), 1)


def test_a_server_that_opens_no_streams_is_reported() -> None:
    token = json.dumps([{"name": "wall", "token": "a-token-of-a-viewer", "role": "viewer"}])
    with live_service(tokens=token) as closed, pytest.raises(RefusedError, match=r"did not start|refused"):
        Gloves(address(closed), 1, Rhythm(), 1)


def test_what_passes() -> None:
    tally = Tally(1, due=2, delays_s=[0.001, 0.002])
    assert tally.passes(50)
    assert not tally.passes(1.5)
    assert not Tally(1, due=3, delays_s=[0.001, 0.002]).passes(50)
    assert not Tally(1, due=2, delays_s=[0.001, 0.002], hopeless=True).passes(50)
    assert not Tally(1).passes(50)
