"""Python client of the service: streams of a glove, predictions of recorded windows, viewers of streams."""

from __future__ import annotations

from scaleglove.client.connection import (
    Command,
    Commanded,
    CommandName,
    DeviceRemark,
    EditAction,
    Error,
    Gap,
    Gesture,
    GloveLetter,
    LinkReport,
    ModelChanged,
    Prediction,
    ProfileChanged,
    Sensors,
    ServerMessage,
    Stale,
    Started,
    Stopped,
    StreamConnection,
    StreamError,
    StreamOptions,
    Text,
    TextOptions,
    ViewedFrames,
)
from scaleglove.client.prediction import WindowPrediction, predict
from scaleglove.client.stream import GloveStream
from scaleglove.client.sync_stream import SyncGloveStream
from scaleglove.client.viewer import watch

__all__ = [
    "Command",
    "CommandName",
    "Commanded",
    "DeviceRemark",
    "EditAction",
    "Error",
    "Gap",
    "Gesture",
    "GloveLetter",
    "GloveStream",
    "LinkReport",
    "ModelChanged",
    "Prediction",
    "ProfileChanged",
    "Sensors",
    "ServerMessage",
    "Stale",
    "Started",
    "Stopped",
    "StreamConnection",
    "StreamError",
    "StreamOptions",
    "SyncGloveStream",
    "Text",
    "TextOptions",
    "ViewedFrames",
    "WindowPrediction",
    "predict",
    "watch",
]
