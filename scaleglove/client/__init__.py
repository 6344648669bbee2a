"""Python client of the service: a stream that reconnects, its synchronous form, and predictions of recorded windows.

`GloveStream` (asyncio) and `SyncGloveStream` have the same methods; `predict` needs no stream; `watch` follows another
glove's stream. `StreamConnection` is one connection, for programs that reconnect by themselves.
"""

from __future__ import annotations

from scaleglove.client.connection import StreamConnection, StreamOptions
from scaleglove.client.http import WindowPrediction, predict
from scaleglove.client.running_streams import StreamEntry, command, find_stream, running_streams
from scaleglove.client.stream import GloveStream
from scaleglove.client.sync_stream import SyncGloveStream
from scaleglove.client.websocket import StreamError, watch
from scaleglove.protocol import (
    Candidate,
    Command,
    Commanded,
    CommandName,
    DeviceRemark,
    EditAction,
    Error,
    Gap,
    Gesture,
    GloveChanged,
    GloveLetter,
    GloveNotice,
    LinkReport,
    ModelChanged,
    Prediction,
    ProfileChanged,
    Ranging,
    Sensors,
    ServerMessage,
    Stale,
    Started,
    Stopped,
    Text,
    TextOptions,
    ViewedFrames,
    Word,
)

__all__ = [
    "Candidate",
    "Command",
    "CommandName",
    "Commanded",
    "DeviceRemark",
    "EditAction",
    "Error",
    "Gap",
    "Gesture",
    "GloveChanged",
    "GloveLetter",
    "GloveNotice",
    "GloveStream",
    "LinkReport",
    "ModelChanged",
    "Prediction",
    "ProfileChanged",
    "Ranging",
    "Sensors",
    "ServerMessage",
    "Stale",
    "Started",
    "Stopped",
    "StreamConnection",
    "StreamEntry",
    "StreamError",
    "StreamOptions",
    "SyncGloveStream",
    "Text",
    "TextOptions",
    "ViewedFrames",
    "WindowPrediction",
    "Word",
    "command",
    "find_stream",
    "predict",
    "running_streams",
    "watch",
]
