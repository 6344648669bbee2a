"""A server for Foxglove (foxglove.dev), live: the topics and schemas of a recording, as they happen."""

from __future__ import annotations

import time
from collections.abc import Sequence

import foxglove
import orjson
from foxglove.websocket import WebSocketServer

from firmware_bridge.address import parse_address
from firmware_bridge.outlets.outlet import Outlet, OutletCode, OutletError, Say, TimedFrame
from firmware_bridge.recorder.schemas import FRAMES, REMARKS, frame_fields, remark_fields, topic_of, topics
from scaleglove.protocol import DeviceRemark, ServerMessage


class FoxgloveOutlet(Outlet):
    """Serves at `host`:`port`. The log time is that at which the glove took a frame, by this computer's clock."""

    def __init__(self, host: str, port: int) -> None:
        self._host = host
        self._port = port
        self._server: WebSocketServer | None = None
        self._channels: dict[str, foxglove.Channel] = {}

    def start(self, say: Say) -> None:
        context = self._context = foxglove.Context()  # channels do not keep it
        for topic in topics().values():
            schema = foxglove.Schema(name=topic.schema_name, encoding="jsonschema", data=topic.schema)
            self._channels[topic.name] = foxglove.Channel(
                topic.name, schema=schema, message_encoding="json", context=context
            )
        try:
            self._server = foxglove.start_server(
                name="scaleglove", host=self._host.strip("[]"), port=self._port, context=context
            )
        except (RuntimeError, OSError, ValueError) as error:
            address = f"{self._host}:{self._port}"
            raise OutletError(OutletCode.CANNOT_LISTEN, f"cannot listen on {address}: {error}") from None
        address = f"{self._host}:{self._server.port}"
        say(OutletCode.READY, f"open ws://{address} in Foxglove", address=address)

    def frames(self, frames: Sequence[TimedFrame]) -> None:
        for timed in frames:
            self._log(FRAMES, frame_fields(timed.frame, timed.seq), timed.time_s)

    def message(self, message: ServerMessage, time_s: float) -> None:
        if isinstance(message, DeviceRemark):
            self._log(REMARKS, remark_fields(message.text, message.values), time_s)
        elif (topic := topic_of(message)) is not None:
            self._log(topic, message, time_s)

    def stop(self) -> None:
        for channel in self._channels.values():
            channel.close()
        if self._server is not None:
            self._server.stop()

    def _log(self, topic: str, message: object, time_s: float) -> None:
        channel = self._channels[topic]
        if channel.has_sinks():
            channel.log(orjson.dumps(message), log_time=round((time_s - time.monotonic()) * 1e9) + time.time_ns())


def make(address: str, glove: str) -> FoxgloveOutlet:
    """Make the outlet for `HOST:PORT`.

    Raises:
        AddressError: it is no address.
    """
    return FoxgloveOutlet(*parse_address(address))
