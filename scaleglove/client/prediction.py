"""The letters of recorded windows, over HTTP: no stream, no event loop.

from scaleglove.client.prediction import predict

for prediction in predict("http://127.0.0.1:8000", [[[788, 780, 861, 862, 885, -17.9, -64.5, -62.0]] * 20]):
    print(prediction.state, prediction.label, prediction.confidence)
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import orjson
from numpy.typing import ArrayLike
from pydantic import BaseModel, ConfigDict, ValidationError

from scaleglove.client.http import ask
from scaleglove.client.websocket import StreamError
from scaleglove.protocol import Candidate, State

__all__ = ["StreamError", "WindowPrediction", "predict"]


class WindowPrediction(BaseModel):
    """What the service says of one window; `label` is None where no letter is named."""

    model_config = ConfigDict(frozen=True)

    label: str | None
    index: int | None
    confidence: float | None
    top_k: list[Candidate]
    scale_importance: dict[str, float]
    state: State


class _Answer(BaseModel):
    predictions: list[WindowPrediction]


def predict(  # noqa: PLR0913 - the fields of the request, by name
    url: str,
    windows: Sequence[ArrayLike],
    *,
    model: str | None = None,
    wearer: str | None = None,
    sample_rate_hz: float | None = None,
    top_k: int | None = None,
    token: str | None = None,
) -> list[WindowPrediction]:
    """The predictions of windows, each float[frames, 8] in raw units. `token` is as for StreamConnection.

    Raises:
        StreamError: the service cannot be reached or refuses.
    """
    asked = {
        "windows": [np.ascontiguousarray(window, np.float32) for window in windows],
        "model": model,
        "wearer": wearer,
        "sample_rate_hz": sample_rate_hz,
        "top_k": top_k,
    }
    given = {name: value for name, value in asked.items() if value is not None}
    answer = ask(url, "/v1/predict", token, orjson.dumps(given, option=orjson.OPT_SERIALIZE_NUMPY))
    try:
        return _Answer.model_validate_json(answer).predictions
    except ValidationError:
        raise StreamError("bad_message", f"{url} gives no predictions: not a service of scaleglove") from None
