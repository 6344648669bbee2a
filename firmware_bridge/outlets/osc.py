"""Open Sound Control (opensoundcontrol.stanford.edu) over UDP: one message for each letter, line, changed word, window
and frame."""

from __future__ import annotations

import math
import re
import socket
from collections.abc import Sequence
from typing import Final

from pythonosc.udp_client import SimpleUDPClient

from firmware_bridge.address import AddressError, parse_address
from firmware_bridge.outlets.outlet import Outlet, OutletCode, OutletError, Say, TimedFrame
from scaleglove.protocol import Gesture, Prediction, ServerMessage, Text, Word

PREFIX: Final = "/scaleglove"

_PREFIX: Final = re.compile(r"(?:/[A-Za-z0-9_.-]+)+")
_INT32: Final = 2**31
"""OSC's integers have 32 bits: device times start again after 24.8 days."""


class OscOutlet(Outlet):
    """Sends to `host`:`port`, at addresses that begin with `prefix`. docs/guide/outlets.md lists the messages."""

    def __init__(self, host: str, port: int, prefix: str = PREFIX) -> None:
        self._host = host
        self._port = port
        self._prefix = prefix
        self._client: SimpleUDPClient | None = None
        self._is_reachable = True

    def start(self, say: Say) -> None:
        address = f"{self._host}:{self._port}"
        try:
            # Resolved once: the client itself would ask for the host's address with each message.
            ((*_, resolved), *_) = socket.getaddrinfo(self._host.strip("[]"), self._port, type=socket.SOCK_DGRAM)
            self._client = SimpleUDPClient(str(resolved[0]), self._port, allow_broadcast=True)
        except (OSError, UnicodeError) as error:
            raise OutletError(OutletCode.UNKNOWN_HOST, f"cannot find the host of {address}: {error}") from None
        self._say = say
        say(OutletCode.READY, f"sends to {address} at {self._prefix}/...", address=address, prefix=self._prefix)

    def frames(self, frames: Sequence[TimedFrame]) -> None:
        for timed in frames:
            values = [math.nan if value is None else float(value) for value in timed.frame.values]
            self._send("frame", _ms(timed.frame.t_ms), *values)

    def message(self, message: ServerMessage, time_s: float) -> None:
        match message:
            case Gesture(phase="begin"):
                self._send("letter", message.label, float(message.confidence), _ms(message.t_ms))
            case Gesture():
                self._send("letter/end", message.label, _ms(message.t_ms))
            case Text():
                self._send("text", message.committed, message.composing)
            case Word():
                self._send("word", message.written, message.signed, message.by, _ms(message.t_ms))
            case Prediction():
                confidence = math.nan if message.confidence is None else float(message.confidence)
                self._send("prediction", message.state, message.label or "", confidence, _ms(message.t_ms))
            case _:
                pass

    def stop(self) -> None:
        if self._client is not None:
            self._client.close()

    def _send(self, name: str, *values: str | float) -> None:
        assert self._client is not None
        try:
            self._client.send_message(f"{self._prefix}/{name}", values)
        except OSError as error:  # a network that is away may come back
            if self._is_reachable:
                self._is_reachable = False
                self._say(OutletCode.UNREACHABLE, f"cannot send to {self._host}:{self._port}: {error.strerror}")
        else:
            self._is_reachable = True


def _ms(t_ms: float) -> int:
    return round(t_ms) % _INT32


def make(target: str, glove: str) -> OscOutlet:
    """Make the outlet for `HOST:PORT` or `HOST:PORT/PREFIX`.

    Raises:
        AddressError: the target is neither.
    """
    address, slash, prefix = target.partition("/")
    host, port = parse_address(address)
    if slash and not _PREFIX.fullmatch(f"/{prefix}"):
        raise AddressError(f"{prefix!r} is no prefix of OSC addresses: use letters, digits, _ . - and /")
    return OscOutlet(host, port, f"/{prefix}" if slash else PREFIX)
