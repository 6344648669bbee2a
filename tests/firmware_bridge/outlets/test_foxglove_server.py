"""A WebSocket client of the Foxglove server, as the viewer is one."""

from __future__ import annotations

import json
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from firmware_bridge.address import AddressError
from firmware_bridge.codec.events import FrameRead
from firmware_bridge.outlets.foxglove_server import FoxgloveOutlet, make
from firmware_bridge.outlets.outlet import OutletCode, OutletError, TimedFrame
from firmware_bridge.recorder.schemas import topics
from scaleglove.protocol import DeviceRemark, Gesture, ViewedFrames
from tests.deadlines import EVENT_S, wait_until
from tests.firmware_bridge.outlets.said import Said


class Viewer:
    """A client that subscribes to all channels: github.com/foxglove/ws-protocol, version foxglove.sdk.v1."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self.channels: dict[str, dict[str, Any]] = {}
        while len(self.channels) < len(topics()):
            message = json.loads(self._socket.recv(EVENT_S))
            if message["op"] == "advertise":
                self.channels |= {channel["topic"]: channel for channel in message["channels"]}
        self._topics = {channel["id"]: topic for topic, channel in self.channels.items()}
        chosen = [{"id": number, "channelId": number} for number in self._topics]
        self._socket.send(json.dumps({"op": "subscribe", "subscriptions": chosen}))

    def next(self) -> tuple[str, int, dict[str, Any]]:
        """Return topic, log time in ns and fields of the next message."""
        while not isinstance(data := self._socket.recv(EVENT_S), bytes):
            pass
        _, subscription, time_ns = struct.unpack_from("<BIQ", data)
        return self._topics[subscription], time_ns, json.loads(data[struct.calcsize("<BIQ") :])


@contextmanager
def viewing(address: str) -> Iterator[Viewer]:
    with connect(f"ws://{address}", subprotocols=[Subprotocol("foxglove.sdk.v1")], open_timeout=EVENT_S) as socket:
        yield Viewer(socket)


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[FoxgloveOutlet, str]]:
    outlet, said = make("127.0.0.1:0", ""), Said()
    outlet.start(said)
    yield outlet, said.values["address"]
    outlet.stop()


@pytest.fixture
def viewer(served: tuple[FoxgloveOutlet, str]) -> Iterator[Viewer]:
    outlet, address = served
    with viewing(address) as opened:
        wait_until(lambda: all(channel.has_sinks() for channel in outlet._channels.values()))
        yield opened


def test_the_topics_are_those_of_a_recording(viewer: Viewer) -> None:
    for topic in topics().values():
        channel = viewer.channels[topic.name]
        assert (channel["encoding"], channel["schemaEncoding"]) == ("json", "jsonschema")
        assert channel["schemaName"] == topic.schema_name
        assert json.loads(channel["schema"]) == json.loads(topic.schema)


def test_frames_remarks_and_letters_arrive_with_their_times(served: tuple[FoxgloveOutlet, str], viewer: Viewer) -> None:
    outlet, now_ns = served[0], time.time_ns()
    frame = FrameRead(20.0, (801.0, None, 803.0, 804.0, 805.0, -1.5, 2.25, 179.0))
    outlet.frames([TimedFrame(7, time.monotonic() - 0.5, frame)])
    topic, time_ns, fields = viewer.next()
    assert (topic, fields["seq"], fields["flex1"], "flex2" in fields) == ("/glove/frames", 7, 801.0, False)
    assert time_ns == pytest.approx(now_ns - 0.5e9, abs=1e9 * EVENT_S / 2)
    outlet.message(ViewedFrames(0, [], []), time.monotonic())  # for viewers of the service only
    outlet.message(DeviceRemark("hi", {"a": "1"}), time.monotonic())
    assert viewer.next()[::2] == ("/glove/remarks", {"text": "hi", "values": {"a": "1"}})
    outlet.message(Gesture("begin", "thank you", 20.0, 0.5), time.monotonic())
    topic, _, fields = viewer.next()
    assert (topic, fields["phase"], fields["label"]) == ("/service/gestures", "begin", "thank you")


def test_a_port_that_is_taken_ends_the_outlet(served: tuple[FoxgloveOutlet, str]) -> None:
    outlet = make(served[1], "")
    with pytest.raises(OutletError) as failed:
        outlet.start(Said())
    assert failed.value.code is OutletCode.CANNOT_LISTEN
    outlet.stop()


def test_another_address_is_refused() -> None:
    with pytest.raises(AddressError):
        make("8765", "")
