"""Topics of a continuous recording: one for each kind of message, each with its JSON Schema inside the file.

Foxglove plots the fields of such messages by name, so each channel of a frame is a field.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import orjson
from pydantic import TypeAdapter

from firmware_bridge.codec.events import FrameRead
from firmware_bridge.codec.header_fields import ACCELERATION
from scaleglove.channels import CHANNELS, UNITS
from scaleglove.protocol import (
    SERVER_MESSAGES,
    DeviceRemark,
    Gap,
    Gesture,
    GloveLetter,
    GloveNotice,
    LinkReport,
    Prediction,
    SentByService,
    ViewedFrames,
    type_of,
)


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic's name, and the name and JSON Schema of its messages."""

    name: str
    schema_name: str
    schema: bytes


FRAMES: Final = "/glove/frames"
REMARKS: Final = "/glove/remarks"
PREDICTIONS: Final = "/service/predictions"

READ_FROM_GLOVE: Final = frozenset({ViewedFrames, DeviceRemark})
"""Messages for viewers only: a recording has the frames and remarks themselves, as the glove sent them."""

_NAMED: Final[Mapping[type[SentByService], str]] = {
    Prediction: PREDICTIONS,
    Gesture: "/service/gestures",
    Gap: "/service/gaps",
    LinkReport: "/glove/link",
    GloveLetter: "/glove/letters",
    GloveNotice: "/glove/notices",
}
"""Topics that are not called `/service/` and the message's type."""

_MESSAGES: Final[Mapping[type[Any], str]] = {
    kind: _NAMED.get(kind) or f"/service/{type_of(kind)}" for kind in SERVER_MESSAGES if kind not in READ_FROM_GLOVE
}


@cache
def topics() -> Mapping[str, Topic]:
    """Return every topic by its name."""
    known = [
        Topic(FRAMES, "scaleglove.Frame", _json(_frame_schema())),
        Topic(REMARKS, "scaleglove.Remark", _json(_REMARK)),
    ]
    known += [
        Topic(name, f"scaleglove.{kind.__name__}", _json(_inlined(TypeAdapter(kind).json_schema())))
        for kind, name in _MESSAGES.items()
    ]
    return {topic.name: topic for topic in known}


def topic_of(message: object) -> str | None:
    """Return the topic of a message of the service, of the bridge's link or of the glove's network; None: not recorded,
    as the recording has what it is made from."""
    return _MESSAGES.get(type(message))


def frame_fields(frame: FrameRead, seq: int) -> dict[str, float]:
    """Return the message of a frame, which has number `seq` in the stream."""
    fields: dict[str, float] = {"t_ms": frame.t_ms, "seq": seq}
    # A sensor that the glove does not have is left out: plots of numbers by name know no null.
    fields |= {name: value for name, value in zip(CHANNELS, frame.values, strict=True) if value is not None}
    if frame.acceleration is not None:
        fields |= zip(ACCELERATION, frame.acceleration, strict=True)
    return fields


def remark_fields(text: str, values: Mapping[str, str]) -> dict[str, object]:
    """Return the message of a remark of the glove."""
    return {"text": text, "values": dict(values)}


def _frame_schema() -> dict[str, Any]:
    properties: dict[str, Any] = {
        "t_ms": {"type": "number", "description": "device time in ms, continued over wrap-arounds"},
        "seq": {"type": "integer", "description": "number in the stream; skipped numbers are lost frames"},
    }
    properties |= {name: {"type": "number", "description": unit} for name, unit in zip(CHANNELS, UNITS, strict=True)}
    properties |= {name: {"type": "number", "description": "g"} for name in ACCELERATION}
    return {"type": "object", "properties": properties, "required": ["t_ms", "seq"]}


_REMARK: Final = {
    "type": "object",
    "properties": {
        "text": {"type": "string"},
        "values": {"type": "object", "additionalProperties": {"type": "string"}},
    },
    "required": ["text"],
}


def _inlined(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema without references, which not every reader of recordings resolves."""
    definitions = schema.pop("$defs", {})

    def resolve(part: Any) -> Any:
        if isinstance(part, dict):
            if "$ref" in part:
                return resolve(definitions[part["$ref"].rpartition("/")[2]])
            return {key: resolve(value) for key, value in part.items()}
        return [resolve(value) for value in part] if isinstance(part, list) else part

    resolved: dict[str, Any] = resolve(schema)
    return resolved


def _json(schema: dict[str, Any]) -> bytes:
    return orjson.dumps(schema)
