"""Requests to the service over HTTP, and predictions of recorded windows.

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
from urllib.parse import urlsplit

import numpy as np
import orjson
from numpy.typing import ArrayLike
from pydantic import BaseModel, ConfigDict, ValidationError

from scaleglove.client.proxies import open_url
from scaleglove.client.websocket import StreamError, authorization, endpoint, refused, unreachable
from scaleglove.protocol import Candidate, State

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


def request(
    url: str,
    path: str,
    token: str | None,
    body: bytes | None = None,
    method: Literal["GET", "POST", "PUT", "DELETE"] | None = None,
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
        with open_url(asked, _TIMEOUT_S) as answer:
            return bytes(answer.read())
    except urllib.error.HTTPError as error:
        with error:
            raise refused(http, error.code, error.read()) from None
    except (urllib.error.URLError, HTTPException, OSError, ValueError) as error:
        reason = error.reason if isinstance(error, urllib.error.URLError) else error
        raise unreachable(http, reason) from None
