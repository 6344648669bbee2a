"""Wearers of the service: their examples and profiles, for a program that calibrates (docs/guide/calibration.md)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote, urlencode

import orjson
from pydantic import BaseModel

from scaleglove.client.http import request
from scaleglove.client.websocket import StreamError


class Guidance(BaseModel):
    """Suggestion of the next letter to show; `next` None: the examples suffice."""

    next: str | None
    again: bool
    reason: str
    enough: bool
    expected_accuracy: float | None
    have: dict[str, int]
    confused: list[tuple[str, str]]


class Shown(BaseModel):
    """Stored example with its quality, 0 to 1, and what lowers it: `code` and `other` for programs, `reason` for users.

    A service before 0.2 sends the reason alone.
    """

    id: int
    label: str
    quality: float | None
    code: str | None = None
    other: str | None = None
    reason: str


class Score(BaseModel):
    accuracy: float
    mean_confidence: float


class Calibrated(BaseModel):
    """New profile, with the scores of held-out examples without it and with it."""

    version: int
    model: str
    before: Score | None
    after: Score | None
    held_back: int
    seconds: float
    signs_lost: str | None = None
    """The code for which the own signs of another wearer are not recognised any more."""
    alike: list[tuple[str, str]] = []
    """Own signs, each with the label that it is too close to."""


@dataclass(frozen=True, slots=True)
class Wearer:
    """One wearer at the service at `url`. `token` is as for StreamConnection; `model` None: the service's default.

    Every method raises a StreamError where the service cannot be reached or refuses.
    """

    url: str
    name: str
    token: str | None = None
    model: str | None = None

    def create(self) -> bool:
        """Create the wearer; False if the service has one of this name."""
        try:
            request(self.url, "/v1/wearers", self.token, orjson.dumps({"wearer": self.name}))
        except StreamError as error:
            if error.code != "wearer_exists":
                raise
            return False
        return True

    def labels(self) -> tuple[str, ...]:
        """Return the labels of the model, in the order of its probabilities."""
        model = self.model or orjson.loads(request(self.url, "/v1/models", self.token))["default"]
        contract = orjson.loads(request(self.url, f"/v1/models/{quote(model, safe='')}", self.token))
        return tuple(contract["labels"])

    def guidance(self, letters: str = "") -> Guidance:
        """Return what to show next, among `letters`; empty: all letters."""
        fields = {"model": self.model, "letters": letters or None}
        query = urlencode({name: value for name, value in fields.items() if value is not None})
        return Guidance.model_validate_json(request(self.url, f"{self._path}/guide?{query}", self.token))

    def show(self, label: str, stream: str) -> Shown:
        """Store the newest window of a running stream as an example."""
        named = {"label": label, "stream": stream, "model": self.model}
        body = orjson.dumps({name: value for name, value in named.items() if value is not None})
        return Shown.model_validate_json(request(self.url, f"{self._path}/examples", self.token, body))

    def take_back(self, example: int) -> None:
        """Delete one example."""
        request(self.url, f"{self._path}/examples/{example}", self.token, method="DELETE")

    def calibrate(
        self,
        glove: str | None = None,
        signs: Sequence[str] = (),
        alone: bool | None = None,
        signs_from: str | None = None,
        stream: str | None = None,
    ) -> Calibrated:
        """Make a profile of the examples, shown with a glove of this name; it applies from now on.

        `signs` are own signs that it recognises though another vocabulary has them too; `alone`: own signs and no label
        of the model (None: as before); `signs_from`: the own signs of another wearer too (empty: of nobody; None: as
        before); `stream`: a running stream of the glove, which says how it reads where neither the examples nor a
        profile do.
        """
        named = {
            "model": self.model,
            "glove": glove,
            "signs": list(signs) or None,
            "alone": alone,
            "signs_from": signs_from,
            "stream": stream,
        }
        body = orjson.dumps({name: value for name, value in named.items() if value is not None})
        return Calibrated.model_validate_json(request(self.url, f"{self._path}/calibrate", self.token, body))

    @property
    def _path(self) -> str:
        return f"/v1/wearers/{quote(self.name, safe='')}"
