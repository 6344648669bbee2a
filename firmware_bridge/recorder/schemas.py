"""What a continuous recording holds: one topic for each kind of message, each with its JSON Schema inside the file.

Foxglove plots the fields of such messages by name, so a frame's channels are fields of their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import orjson
from pydantic import TypeAdapter

from firmware_bridge.codec.lines import ACCELERATION
from scaleglove.channels import CHANNELS, UNITS
from scaleglove.client import (
    Gap,
    Gesture,
    GloveLetter,
    LinkReport,
    ModelChanged,
    Prediction,
    ProfileChanged,
    Sensors,
    Stale,
    Started,
)


@dataclass(frozen=True, slots=True)
class Topic:
    """Where a kind of message stands, and the name and JSON Schema of its kind."""

    name: str
    schema_name: str
    schema: bytes


FRAMES: Final = "/glove/frames"
REMARKS: Final = "/glove/remarks"
PREDICTIONS: Final = "/service/predictions"

_MESSAGES: Final[Mapping[type[Any], str]] = {
    Started: "/service/started",
    ModelChanged: "/service/model",
    ProfileChanged: "/service/profile",
    Prediction: PREDICTIONS,
    Gesture: "/service/gestures",
    Gap: "/service/gaps",
    Stale: "/service/stale",
    Sensors: "/service/sensors",
    LinkReport: "/glove/link",
    GloveLetter: "/glove/letters",
}


@cache
def topics() -> Mapping[str, Topic]:
    """Every topic by its name."""
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
    """The topic of a message of the service, or of a report on the link; None: it is not kept."""
    return _MESSAGES.get(type(message))


def _frame_schema() -> dict[str, Any]:
    properties: dict[str, Any] = {
        "t_ms": {"type": "number", "description": "device time in ms, running on over wrap-arounds"},
        "seq": {"type": "integer", "description": "number in the stream; those passed over are lost"},
    }
    properties |= {name: {"type": "number", "description": unit} for name, unit in zip(CHANNELS, UNITS, strict=True)}
    properties |= {name: {"type": "number", "description": "g"} for name in ACCELERATION}
    return {"type": "object", "properties": properties, "required": ["t_ms", "seq", *CHANNELS]}


_REMARK: Final = {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]}


def _inlined(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema without references, which not every reader of recordings follows."""
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
