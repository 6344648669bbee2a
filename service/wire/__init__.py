"""What travels on `/v1/stream`, subprotocol `scaleglove.v1`: every message, as text and as binary.

Pure and light: the service and the Python client share it. Messages are plain dataclasses; `CLIENT_MESSAGE` checks
what a client sends, and the AsyncAPI document is made from the same classes.
"""

from typing import Final

from service.wire.client_messages import (
    CLIENT_MESSAGE,
    MAX_FRAMES_PER_MESSAGE,
    MAX_RATE_HZ,
    MAX_REASON,
    MAX_REMARK,
    ClientMessage,
    Commanded,
    CommandName,
    DecoderOptions,
    DeviceRemark,
    Edit,
    EditAction,
    Frames,
    LinkReport,
    LinkState,
    RateHz,
    Reset,
    Start,
    Stop,
    TextFrames,
    TextOptions,
)
from service.wire.encoding import WireError, decode_binary, decode_text, describe, encode, encode_frames
from service.wire.server_messages import (
    ACCEPTS,
    Candidate,
    ChannelRange,
    Command,
    Error,
    Gap,
    Gesture,
    Prediction,
    SelfCalibrated,
    SensorFault,
    SensorFaultKind,
    Sensors,
    ServerMessage,
    Stale,
    Started,
    State,
    Stopped,
    Text,
    ViewedFrames,
)

SUBPROTOCOL: Final = "scaleglove.v1"

MAX_MESSAGE_BYTES: Final = 256 * 1024
"""A text message of `MAX_FRAMES_PER_MESSAGE` frames with 15-digit numbers fits."""

__all__ = [
    "ACCEPTS",
    "CLIENT_MESSAGE",
    "MAX_FRAMES_PER_MESSAGE",
    "MAX_MESSAGE_BYTES",
    "MAX_RATE_HZ",
    "MAX_REASON",
    "MAX_REMARK",
    "SUBPROTOCOL",
    "Candidate",
    "ChannelRange",
    "ClientMessage",
    "Command",
    "CommandName",
    "Commanded",
    "DecoderOptions",
    "DeviceRemark",
    "Edit",
    "EditAction",
    "Error",
    "Frames",
    "Gap",
    "Gesture",
    "LinkReport",
    "LinkState",
    "Prediction",
    "RateHz",
    "Reset",
    "SelfCalibrated",
    "SensorFault",
    "SensorFaultKind",
    "Sensors",
    "ServerMessage",
    "Stale",
    "Start",
    "Started",
    "State",
    "Stop",
    "Stopped",
    "Text",
    "TextFrames",
    "TextOptions",
    "ViewedFrames",
    "WireError",
    "decode_binary",
    "decode_text",
    "describe",
    "encode",
    "encode_frames",
]
