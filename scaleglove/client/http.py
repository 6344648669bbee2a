"""Requests to the service over HTTP: predictions of recorded windows, and commands to a glove.

from scaleglove.client import predict

for prediction in predict("http://127.0.0.1:8000", [[[788, 780, 861, 862, 885, -17.9, -64.5, -62.0]] * 20]):
    print(prediction.state, prediction.label, prediction.confidence)
"""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Sequence
from http.client import HTTPException
from typing import Final, Literal
from urllib.parse import quote, urlsplit

import numpy as np
import orjson
from numpy.typing import ArrayLike
from pydantic import BaseModel, ConfigDict, ValidationError

from scaleglove.client.websocket import StreamError, authorization, endpoint, refused
from scaleglove.protocol import Candidate, CommandName, State

_TIMEOUT_S: Final = 30.0
"""The service waits 2 s for a glove's client, and a calibration takes less than this."""

_HTTP: Final = {"ws": "http", "wss": "https"}


class WindowPrediction(BaseModel):
    """Prediction of one window; `label` is None where no letter is named."""

    model_config = ConfigDict(frozen=True)

    label: str | None
    index: int | None
    confidence: float | None
    top_k: list[Candidate]
    scale_importance: dict[str, float]
    state: State


class _Predictions(BaseModel):
    predictions: list[WindowPrediction]


class _Stream(BaseModel):
    stream: str


class _Streams(BaseModel):
    streams: list[_Stream]


def predict(  # noqa: PLR0913 - the fields of the request, by name
    url: str,
    windows: Sequence[ArrayLike],
    *,
    model: str | None = None,
    wearer: str | None = None,
    glove: str | None = None,
    sample_rate_hz: float | None = None,
    top_k: int | None = None,
    token: str | None = None,
) -> list[WindowPrediction]:
    """Return the predictions of windows, each float[frames, 8] in raw units. `token` is as for StreamConnection.

    Raises:
        StreamError: the service cannot be reached or refuses.
    """
    fields = {
        "windows": [np.ascontiguousarray(window, np.float32) for window in windows],
        "model": model,
        "wearer": wearer,
        "glove": glove,
        "sample_rate_hz": sample_rate_hz,
        "top_k": top_k,
    }
    given = {name: value for name, value in fields.items() if value is not None}
    answer = request(url, "/v1/predict", token, orjson.dumps(given, option=orjson.OPT_SERIALIZE_NUMPY))
    try:
        return _Predictions.model_validate_json(answer).predictions
    except ValidationError:
        raise StreamError("bad_message", f"{url} gives no predictions: not a service of scaleglove") from None


def command(
    url: str,
    name: CommandName,
    interval_ms: float | None = None,
    *,
    stream: str | None = None,
    token: str | None = None,
) -> str:
    """Send a command to the glove behind `stream`, or behind the service's only stream; return the stream's name.

    A bridge holds the glove's port, and the service passes commands on to it. Returns when the command is written to
    the port. `interval_ms` is only valid with `interval`. `token` is as for StreamConnection.

    Raises:
        StreamError: the service cannot be reached or refuses; or no stream is named and there is not exactly one.
    """
    stream = stream or only_stream(url, token)
    fields = {"command": name} if interval_ms is None else {"command": name, "interval_ms": interval_ms}
    request(url, f"/v1/streams/{quote(stream, safe='')}/commands", token, orjson.dumps(fields))
    return stream


def only_stream(url: str, token: str | None) -> str:
    """Return the name of the service's one stream.

    Raises:
        StreamError: there is none, or there are several.
    """
    answer = request(url, "/v1/streams", token)
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


def request(
    url: str,
    path: str,
    token: str | None,
    body: bytes | None = None,
    method: Literal["GET", "POST", "DELETE"] | None = None,
) -> bytes:
    """Return the body of an answer of the service at `url`; `method` None: GET, or POST where there is a body.

    Raises:
        StreamError: the service cannot be reached or refuses.
    """
    address = urlsplit(endpoint(url, path))
    http = address._replace(scheme=_HTTP[address.scheme]).geturl()
    asked = urllib.request.Request(http, body, authorization(token), method=method)
    if body is not None:
        asked.add_header("Content-Type", "application/json")
    try:
        with urllib.request.urlopen(asked, timeout=_TIMEOUT_S) as answer:
            return bytes(answer.read())
    except urllib.error.HTTPError as error:
        with error:
            raise refused(http, error.code, error.read()) from None
    except (urllib.error.URLError, HTTPException, OSError) as error:
        reason = error.reason if isinstance(error, urllib.error.URLError) else error
        raise StreamError("cannot_connect", f"cannot reach the service at {http}: {reason}") from None
