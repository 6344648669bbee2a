"""Telling a glove something through the service: its port is the bridge's, and the service passes commands on."""

from __future__ import annotations

import urllib.error
import urllib.request
from http.client import HTTPException
from typing import Final
from urllib.parse import quote, urlsplit

import orjson
from pydantic import BaseModel, ValidationError

from clients.connection import StreamError, authorization, endpoint, refused
from service.wire import CommandName

_ANSWER_S: Final = 10.0
"""The service gives a glove's client less."""

_HTTP: Final = {"ws": "http", "wss": "https"}


class _Stream(BaseModel):
    stream: str


class _Streams(BaseModel):
    streams: list[_Stream]


def command(
    url: str,
    name: CommandName,
    interval_ms: float | None = None,
    *,
    stream: str | None = None,
    token: str | None = None,
) -> str:
    """Command the glove behind `stream` of the service at `url`, or behind its only stream; gives the stream's name.

    `interval_ms` goes with `interval`. `token` is as for GloveStream. Returns when the command is written to the port.

    Raises:
        StreamError: the service cannot be reached or refuses; or there is not one stream alone, and none was named.
    """
    stream = stream or _only_stream(url, token)
    told = {"command": name} if interval_ms is None else {"command": name, "interval_ms": interval_ms}
    _ask(url, f"/v1/streams/{quote(stream, safe='')}/commands", token, orjson.dumps(told))
    return stream


def _only_stream(url: str, token: str | None) -> str:
    answer = _ask(url, "/v1/streams", token)
    try:
        names = [info.stream for info in _Streams.model_validate_json(answer).streams]
    except ValidationError:
        raise StreamError("bad_message", f"{url} has no list of streams: not a service of scaleglove") from None
    if not names:
        raise StreamError("unknown_stream", f"no glove streams to {url}: start the bridge first")
    if len(names) > 1:
        raise StreamError(
            "unknown_stream", f"several gloves stream to {url}: name one with --stream: {', '.join(names)}"
        )
    return names[0]


def _ask(url: str, path: str, token: str | None, body: bytes | None = None) -> bytes:
    address = urlsplit(endpoint(url, path))
    http = address._replace(scheme=_HTTP[address.scheme]).geturl()
    request = urllib.request.Request(http, body, authorization(token))
    if body is not None:
        request.add_header("Content-Type", "application/json")
    try:
        with urllib.request.urlopen(request, timeout=_ANSWER_S) as answer:
            return bytes(answer.read())
    except urllib.error.HTTPError as error:
        with error:
            raise refused(http, error.code, error.read()) from None
    except (urllib.error.URLError, HTTPException, OSError) as error:
        reason = error.reason if isinstance(error, urllib.error.URLError) else error
        raise StreamError("cannot_connect", f"cannot reach the service at {http}: {reason}") from None
