"""The AsyncAPI document of the streaming interface, derived from the classes of `scaleglove.protocol`."""

from __future__ import annotations

import asyncio
import re
from functools import cache, partial
from typing import Any, Final

from fastapi import APIRouter
from pydantic import TypeAdapter
from starlette.requests import Request
from starlette.responses import JSONResponse

from scaleglove import protocol
from scaleglove.protocol import CLIENT_MESSAGES, SERVER_MESSAGES, Message, type_of
from service.http.public_address import PublicAddress

_NAMES: Final[dict[type[Message], str]] = {
    protocol.ViewedFrames: "viewedFrames",  # `frames` is the client's
    protocol.SelfCalibrated: "selfCalibrated",
}
"""Names of messages that do not follow from their type."""

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


def message_name(kind: type[Message]) -> str:
    """Return the name of a message in the document: its type in camel case."""
    return _NAMES.get(kind) or re.sub("_(.)", lambda match: match[1].upper(), type_of(kind))


def describe_streams(version: str) -> dict[str, Any]:
    """Make the AsyncAPI 3 document; clients send the messages of `receive` operations, the service those of `send`."""
    sent = [message_name(kind) for kind in CLIENT_MESSAGES] + ["binaryFrames"]
    to_owner = [message_name(kind) for kind in SERVER_MESSAGES if kind.audience != "viewers"]
    to_viewers = [message_name(kind) for kind in SERVER_MESSAGES if kind.audience != "owner"]
    classes = {message_name(kind): kind for kind in (*CLIENT_MESSAGES, *SERVER_MESSAGES)}
    schemas, shared = TypeAdapter.json_schemas(
        [(name, "validation", TypeAdapter(kind)) for name, kind in classes.items()],
        ref_template="#/components/schemas/{model}",
    )
    messages: dict[str, Any] = {
        name: {
            "name": name,
            "contentType": "application/json",
            "summary": (kind.__doc__ or name).split("\n\n")[0].replace("\n", " "),
            "payload": schemas[name, "validation"],
        }
        for name, kind in classes.items()
    }
    messages["binaryFrames"] = _BINARY
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "scaleglove streams",
            "version": version,
            "description": f"WebSocket, subprotocol {protocol.SUBPROTOCOL}. A fault gets `error` and a close.",
        },
        "defaultContentType": "application/json",
        "channels": {
            "stream": _channel("/v1/stream", [*sent, *to_owner]),
            "watch": _channel("/v1/streams/{stream}/watch", to_viewers)
            | {"parameters": {"stream": {"description": "name of a stream, as in `started` or GET /v1/streams"}}},
        },
        "operations": {
            "bringFrames": _operation("receive", "stream", sent),
            "answer": _operation("send", "stream", to_owner),
            "show": _operation("send", "watch", to_viewers),
        },
        "components": {"messages": messages, "schemas": shared.get("$defs", {})},
    }


def asyncapi_router(version: str) -> APIRouter:
    """Return the route of the document, which is made in a thread when it is asked for first: no start waits for it,
    and no stream."""
    router = APIRouter(tags=["streams"])
    document = cache(partial(describe_streams, version))

    @router.get("/asyncapi.json", response_class=JSONResponse)
    async def read_asyncapi(request: Request) -> JSONResponse:
        """Return the description of the WebSocket messages (AsyncAPI 3)."""
        return JSONResponse(await asyncio.to_thread(document) | _servers(PublicAddress.of(request.scope)))

    return router


def _servers(address: PublicAddress) -> dict[str, Any]:
    """Return where the streams are, as far as it is known."""
    if not address.host:
        return {}
    server = {"host": address.host, "protocol": "wss" if address.is_secure else "ws"}
    return {"servers": {"service": server | ({"pathname": address.prefix} if address.prefix else {})}}


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
