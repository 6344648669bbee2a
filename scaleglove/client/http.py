"""Asking the service over HTTP: what a client does beside its stream."""

from __future__ import annotations

import urllib.error
import urllib.request
from http.client import HTTPException
from typing import Final, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ValidationError

from scaleglove.client.websocket import (
    StreamError,
    authorization,
    endpoint,
    refused,
)

_ANSWER_S: Final = 30.0
"""The service gives a glove's client 2 s, and a calibration takes less."""

_HTTP: Final = {"ws": "http", "wss": "https"}


class _Stream(BaseModel):
    stream: str


class _Streams(BaseModel):
    streams: list[_Stream]


def only_stream(url: str, token: str | None) -> str:
    """The name of the one stream of the service at `url`.

    Raises:
        StreamError: there is none, or there are several.
    """
    answer = ask(url, "/v1/streams", token)
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


def ask(
    url: str,
    path: str,
    token: str | None,
    body: bytes | None = None,
    method: Literal["GET", "POST", "DELETE"] | None = None,
) -> bytes:
    """The body of an answer of the service at `url`; `method` None: GET, or POST where there is a body.

    Raises:
        StreamError: it cannot be reached, or refuses.
    """
    address = urlsplit(endpoint(url, path))
    http = address._replace(scheme=_HTTP[address.scheme]).geturl()
    request = urllib.request.Request(http, body, authorization(token), method=method)
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
