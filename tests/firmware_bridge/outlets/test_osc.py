"""OSC messages on a real socket."""

from __future__ import annotations

import math
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from pythonosc.osc_message import OscMessage

from firmware_bridge.address import AddressError
from firmware_bridge.codec.events import FrameRead
from firmware_bridge.outlets.osc import OscOutlet, make
from firmware_bridge.outlets.outlet import OutletCode, OutletError, TimedFrame
from scaleglove.protocol import Candidate, Gesture, Prediction, Text, Word
from tests.deadlines import EVENT_S
from tests.firmware_bridge.outlets.said import Said


class Receiver:
    """A socket that reads OSC messages."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.settimeout(EVENT_S)
        self.port = self._socket.getsockname()[1]

    def next(self) -> tuple[str, list[Any]]:
        message = OscMessage(self._socket.recv(4096))
        return message.address, list(message.params)

    def close(self) -> None:
        self._socket.close()


@contextmanager
def sending(prefix: str = "") -> Iterator[tuple[OscOutlet, Receiver, Said]]:
    receiver, said = Receiver(), Said()
    outlet = make(f"127.0.0.1:{receiver.port}{prefix}", "")
    outlet.start(said)
    yield outlet, receiver, said
    outlet.stop()
    receiver.close()


def test_letters_text_predictions_and_frames_are_messages() -> None:
    with sending() as (outlet, receiver, said):
        assert said.values == {"address": f"127.0.0.1:{receiver.port}", "prefix": "/scaleglove"}
        outlet.message(Gesture("begin", "thank you", 680.4, 0.5), 0.0)
        assert receiver.next() == ("/scaleglove/letter", ["thank you", 0.5, 680])
        outlet.message(Gesture("end", "ㄱ", 2**31 + 7.0, 0.5), 0.0)
        assert receiver.next() == ("/scaleglove/letter/end", ["ㄱ", 7])
        outlet.message(Text(0.0, "안녕 ", "하", "ㅎㅏ"), 0.0)
        assert receiver.next() == ("/scaleglove/text", ["안녕 ", "하"])
        outlet.message(Word(680.4, "ㅇㅏㄴㄴㅓㅇ", "안넝", "안녕", "language", True, 3.5), 0.0)
        assert receiver.next() == ("/scaleglove/word", ["안녕", "안넝", "language", 680])
        outlet.message(Prediction(4, 80.0, "ok", "ㄱ", 0.75, [Candidate("ㄱ", 0.75)], {}), 0.0)
        assert receiver.next() == ("/scaleglove/prediction", ["ok", "ㄱ", 0.75, 80])
        outlet.message(Prediction(4, 80.0, "warming", None, None, [], {}), 0.0)
        address, (state, label, confidence, _) = receiver.next()
        assert (address, state, label, math.isnan(confidence)) == ("/scaleglove/prediction", "warming", "", True)
        outlet.frames([TimedFrame(0, 1.0, FrameRead(20.0, (1.0, None, 3, 4.0, 5.0, 6.0, 7.0, 8.5)))])
        address, (t_ms, first, missing, *rest) = receiver.next()
        assert (address, t_ms, first, math.isnan(missing)) == ("/scaleglove/frame", 20, 1.0, True)
        assert rest == [3.0, 4.0, 5.0, 6.0, 7.0, 8.5]


def test_two_gloves_have_prefixes_of_their_own() -> None:
    with sending("/hands/left") as (outlet, receiver, _):
        outlet.message(Gesture("begin", "ㄱ", 0.0, 0.5), 0.0)
        assert receiver.next()[0] == "/hands/left/letter"


@pytest.mark.parametrize("target", ["9000", "host", "host:port", "127.0.0.1:9000/", "127.0.0.1:9000/a b"])
def test_another_target_is_refused(target: str) -> None:
    with pytest.raises(AddressError):
        make(target, "")


def test_a_host_that_there_is_not_ends_the_outlet() -> None:
    outlet = make("no-such-host.invalid:9000", "")
    with pytest.raises(OutletError) as failed:
        outlet.start(Said())
    assert failed.value.code is OutletCode.UNKNOWN_HOST
    outlet.stop()


def test_a_network_that_is_away_is_said_once_and_may_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    with sending() as (outlet, receiver, said):
        with monkeypatch.context() as patched:

            def away(*_: object) -> None:
                raise OSError(101, "Network is unreachable")

            patched.setattr("pythonosc.udp_client.SimpleUDPClient.send_message", away)
            for _ in range(3):
                outlet.message(Gesture("begin", "ㄱ", 0.0, 0.5), 0.0)
        outlet.message(Gesture("begin", "ㄴ", 0.0, 0.5), 0.0)
        assert receiver.next()[1][0] == "ㄴ"
        assert said.codes == [OutletCode.READY, OutletCode.UNREACHABLE]
