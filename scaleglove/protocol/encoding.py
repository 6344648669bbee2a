"""Messages as they travel: JSON text, and frames as binary too. Bad input is refused with the field that is wrong."""

from __future__ import annotations

import struct
from dataclasses import fields
from typing import Any, Final

import numpy as np
import orjson
from pydantic import ValidationError
from pydantic_core import from_json

from scaleglove.channels import CHANNELS, MAX_MAGNITUDE
from scaleglove.errors import ScaleGloveError
from scaleglove.protocol.client_messages import (
    CLIENT_MESSAGE,
    MAX_FRAMES_PER_MESSAGE,
    ClientMessage,
    Frames,
    TextFrames,
)
from scaleglove.protocol.message import Message
from scaleglove.validation_faults import describe_fault

_MAX_DETAIL: Final = 300
_U32: Final = 2**32
_HEADER: Final = struct.Struct("<BBHI")  # kind, version, count, seq of the first frame
_FRAME: Final = np.dtype([("t_ms", "<u4"), ("values", "<f4", (8,))])
FRAME_BYTES: Final = _FRAME.itemsize
"""Bytes of one frame in a binary message."""

_KIND_FRAMES: Final = 1
_VERSION: Final = 1
_MAX_FIELD: Final = 100
_MOST_UNKNOWN: Final = 16
"""Unknown keys of a message that are named; a sender may send any number."""

_MAX_UNKNOWN: Final = 64
"""Characters of one."""


class WireError(ScaleGloveError):
    """A message that violates the protocol; `code` is stable, `field` is the invalid part of the message, if there is
    one."""

    def __init__(self, code: str, detail: str, field: str | None = None) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.field = field


def encode(message: Message) -> str:
    """Return a message as JSON text, without its optional fields while they are empty."""
    return encode_utf8(message).decode()


def encode_utf8(message: Message) -> bytes:
    """Return the JSON text of `encode` in UTF-8."""
    if not message.optional_fields:
        return orjson.dumps(message)
    given = {field.name: getattr(message, field.name) for field in fields(message)}  # type: ignore[arg-type]
    for name in message.option_fields:
        if (options := given[name]) is not None:
            given[name] = _changed(options)
    for name in message.optional_fields:
        if given[name] is None or given[name] == ():
            del given[name]
    return orjson.dumps(given)


def _changed(options: Any) -> dict[str, Any]:
    """Return the options that differ from their defaults."""
    return {field.name: value for field in fields(options) if (value := getattr(options, field.name)) != field.default}


def decode_text(text: str | bytes) -> ClientMessage:
    """Decode a text message of a client.

    Raises:
        WireError: `bad_message`, with the invalid field.
    """
    try:
        message = CLIENT_MESSAGE.validate_json(text)
    except ValidationError as error:
        raise WireError("bad_message", *_describe_message(error)) from None
    if not isinstance(message, TextFrames):
        return message
    if len(message.t_ms) != len(message.values):
        detail = f"t_ms has {len(message.t_ms)} times for {len(message.values)} frames in values"
        raise WireError("bad_message", detail, "t_ms")
    return Frames(message.seq, message.t_ms, np.array(message.values, np.float32))


def unknown_keys(text: str | bytes, message: Message) -> tuple[str, ...]:
    """Return the keys of a text that `decode_text` has passed over, with those of its options as `text.space`; the
    first 16 of them.

    Args:
        text: of the message.
        message: what it was decoded to.
    """
    given = from_json(text)
    unknown = [key for key in given if key not in _names(message)]
    for name in message.option_fields:
        if (options := getattr(message, name)) is not None:
            unknown += [f"{name}.{key}" for key in given[name] if key not in _names(options)]
    return tuple(key[:_MAX_UNKNOWN] for key in unknown[:_MOST_UNKNOWN])


def _names(message: Any) -> frozenset[str]:
    return frozenset(field.name for field in fields(message))


def decode_binary(data: bytes) -> Frames:
    """Decode a binary message of a client.

    Its layout is u8 kind = 1, u8 version = 1, u16 count, u32 seq, then count x (u32 t_ms, 8 x f32), little endian.

    Raises:
        WireError: `bad_message`, with the invalid field.
    """
    if len(data) < _HEADER.size:
        raise WireError(
            "bad_message", f"binary message of {len(data)} bytes is shorter than its {_HEADER.size}-byte header"
        )
    kind, version, count, seq = _HEADER.unpack_from(data)
    if kind != _KIND_FRAMES:
        raise WireError("bad_message", f"kind is {kind}; only kind {_KIND_FRAMES} (frames) is known", "kind")
    if version != _VERSION:
        raise WireError("bad_message", f"version is {version}; only version {_VERSION} is known", "version")
    if not 1 <= count <= MAX_FRAMES_PER_MESSAGE:
        raise WireError("bad_message", f"count is {count}; it must be 1 to {MAX_FRAMES_PER_MESSAGE}", "count")
    expected = _HEADER.size + count * _FRAME.itemsize
    if len(data) != expected:
        detail = f"count is {count}, which takes {expected} bytes, but the message has {len(data)}"
        raise WireError("bad_message", detail, "count")
    frames = np.frombuffer(data, _FRAME, count, _HEADER.size)
    values = frames["values"]
    # NaN: the glove has no such sensor.
    if not np.abs(values).max() <= MAX_MAGNITUDE and (too_large := np.abs(values) > MAX_MAGNITUDE).any():
        frame, channel = np.argwhere(too_large)[0]
        field = f"values.{frame}.{channel}"
        detail = f"{field} ({CHANNELS[channel]}) is not a number within +-{MAX_MAGNITUDE:g}"
        raise WireError("bad_message", detail, field)
    return Frames(seq, frames["t_ms"].tolist(), values)


def encode_frames(frames: Frames) -> bytes:
    """Encode frames as one binary message. Times are rounded to whole milliseconds and wrap at 2**32."""
    count = len(frames.t_ms)
    packed = np.empty(count, _FRAME)
    packed["t_ms"] = np.rint(frames.t_ms).astype(np.int64) % _U32
    packed["values"] = frames.values
    return _HEADER.pack(_KIND_FRAMES, _VERSION, count, frames.seq % _U32) + packed.tobytes()


def describe(error: ValidationError, skipped: int = 0) -> str:
    """Return the first fault of a validation as a sentence that begins with its field: `values.0.2: ...`.

    `skipped`: leading parts of the field's location that are not the sender's.
    """
    faults = error.errors(include_url=False, include_input=False)
    first = faults[0]
    field = ".".join(map(str, first["loc"][skipped:]))
    more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
    found = f"{describe_fault(first)}{more}"
    sentence = f"{field}: {found}" if field else f"the whole {found}"
    # Field names are the sender's own, of any length.
    return sentence if len(sentence) <= _MAX_DETAIL else sentence[: _MAX_DETAIL - 3] + "..."


def _describe_message(error: ValidationError) -> tuple[str, str | None]:
    """Return the first fault of a message as a sentence, and its field."""
    fault = error.errors(include_url=False, include_input=False)[0]
    if fault["type"] == "union_tag_not_found":
        return f"type: {describe_fault(fault)}", "type"
    if fault["type"] == "union_tag_invalid":
        known = fault["ctx"]["expected_tags"]
        return f"type: {fault['ctx']['tag'][:64]!r} is not known; there are: {known}", "type"
    # The first part of the location is the message's type.
    field = ".".join(map(str, fault["loc"][1:]))[:_MAX_FIELD] or None
    return describe(error, skipped=1), field
