"""The AsyncAPI document of the streaming front door, made from the classes of `scaleglove.protocol`."""

from __future__ import annotations

from typing import Any, Final

from fastapi import APIRouter
from pydantic import TypeAdapter
from starlette.responses import JSONResponse

from scaleglove import protocol

_CLIENT: Final = {
    "start": protocol.Start,
    "frames": protocol.TextFrames,
    "reset": protocol.Reset,
    "edit": protocol.Edit,
    "stop": protocol.Stop,
    "link": protocol.LinkReport,
    "remark": protocol.DeviceRemark,
    "gloveLetter": protocol.GloveLetter,
    "commanded": protocol.Commanded,
}
_SERVER: Final = {
    "started": protocol.Started,
    "model": protocol.ModelChanged,
    "profile": protocol.ProfileChanged,
    "prediction": protocol.Prediction,
    "gesture": protocol.Gesture,
    "text": protocol.Text,
    "gap": protocol.Gap,
    "stale": protocol.Stale,
    "stopped": protocol.Stopped,
    "sensors": protocol.Sensors,
    "selfCalibrated": protocol.SelfCalibrated,
    "command": protocol.Command,
    "viewedFrames": protocol.ViewedFrames,
    "error": protocol.Error,
}
_BINARY: Final = {
    "name": "binaryFrames",
    "contentType": "application/octet-stream",
    "summary": "Frames as binary, little endian",
    "description": (
        "u8 kind = 1, u8 version = 1, u16 count, u32 seq of the first frame; then count times: u32 t_ms, 8 x f32. "
        f"At most {protocol.MAX_FRAMES_PER_MESSAGE} frames in a message."
    ),
    "payload": {"type": "string", "format": "binary"},
}


def describe_streams(version: str) -> dict[str, Any]:
    """The AsyncAPI 3 document. `receive` is what clients send, `send` what the service answers."""
    classes = _CLIENT | _SERVER
    schemas, shared = TypeAdapter.json_schemas(
        [(name, "validation", TypeAdapter(kind)) for name, kind in classes.items()],
        ref_template="#/components/schemas/{model}",
    )
    messages: dict[str, Any] = {
        name: {
            "name": name,
            "contentType": "application/json",
            "summary": (kind.__doc__ or "").split("\n\n")[0].replace("\n", " ") if kind.__doc__ else name,
            "payload": schemas[name, "validation"],
        }
        for name, kind in classes.items()
    }
    messages["binaryFrames"] = _BINARY
    viewed = [name for name in _SERVER if name != "command"] + ["link", "remark"]
    answered = [name for name in _SERVER if name != "viewedFrames"]
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "scaleglove streams",
            "version": version,
            "description": f"WebSocket, subprotocol {protocol.SUBPROTOCOL}. A fault gets `error` and a close.",
        },
        "defaultContentType": "application/json",
        "channels": {
            "stream": _channel("/v1/stream", [*_CLIENT, "binaryFrames", *answered]),
            "watch": _channel("/v1/streams/{stream}/watch", viewed)
            | {"parameters": {"stream": {"description": "name of a stream, as `started` or GET /v1/streams tell it"}}},
        },
        "operations": {
            "bringFrames": _operation("receive", "stream", [*_CLIENT, "binaryFrames"]),
            "answer": _operation("send", "stream", answered),
            "show": _operation("send", "watch", viewed),
        },
        "components": {"messages": messages, "schemas": shared.get("$defs", {})},
    }


def asyncapi_router(version: str) -> APIRouter:
    router = APIRouter(tags=["streams"])
    document = describe_streams(version)

    @router.get("/asyncapi.json", response_class=JSONResponse)
    async def asyncapi() -> JSONResponse:
        """The messages of the WebSocket front door (AsyncAPI 3)."""
        return JSONResponse(document)

    return router


def _channel(address: str, messages: list[str]) -> dict[str, Any]:
    return {
        "address": address,
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in messages},
        "bindings": {"ws": {"method": "GET"}},
    }


def _operation(action: str, channel: str, messages: list[str]) -> dict[str, Any]:
    return {
        "action": action,
        "channel": {"$ref": f"#/channels/{channel}"},
        "messages": [{"$ref": f"#/channels/{channel}/messages/{name}"} for name in messages],
    }
