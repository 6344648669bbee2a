"""Wearers of the service, for a program that calibrates one (docs/guide/wearers.md, docs/guide/calibration.md)."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote, urlencode

import orjson
from pydantic import BaseModel

from scaleglove.client.http import ask
from scaleglove.client.websocket import StreamError


class Guidance(BaseModel):
    """What to show next; `next` null: it is enough."""

    next: str | None
    again: bool
    reason: str
    enough: bool
    expected_accuracy: float | None
    have: dict[str, int]
    confused: list[tuple[str, str]]


class Shown(BaseModel):
    """An example that is kept now, and how good it is: 0 to 1, and why: `code` and `other` for programs, `reason` in
    words. A service before 0.2 says it in words alone."""

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
    """The new profile, and how examples held back are answered without and with it."""

    version: int
    model: str
    before: Score | None
    after: Score | None
    held_back: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Wearer:
    """One wearer at the service at `url`; `token` is as for StreamConnection, `model` None: the service's own
    choice. Every
    method raises a StreamError where the service cannot be reached or refuses."""

    url: str
    name: str
    token: str | None = None
    model: str | None = None

    def create(self) -> bool:
        """Make room for her; False where she is known already."""
        try:
            ask(self.url, "/v1/wearers", self.token, orjson.dumps({"wearer": self.name}))
        except StreamError as error:
            if error.code != "wearer_exists":
                raise
            return False
        return True

    def guidance(self, letters: str = "") -> Guidance:
        """What to show next; `letters`: those that are needed, empty: all."""
        asked = {"model": self.model, "letters": letters or None}
        query = urlencode({name: value for name, value in asked.items() if value is not None})
        return Guidance.model_validate_json(ask(self.url, f"{self._path}/guide?{query}", self.token))

    def show(self, label: str, stream: str) -> Shown:
        """Keep the newest window of a running stream as an example."""
        told = orjson.dumps({"label": label, "stream": stream})
        return Shown.model_validate_json(ask(self.url, f"{self._path}/examples", self.token, told))

    def take_back(self, example: int) -> None:
        """Delete one example."""
        ask(self.url, f"{self._path}/examples/{example}", self.token, method="DELETE")

    def calibrate(self) -> Calibrated:
        """Make a profile of the examples; it holds from now on."""
        told = orjson.dumps({} if self.model is None else {"model": self.model})
        return Calibrated.model_validate_json(ask(self.url, f"{self._path}/calibrate", self.token, told))

    @property
    def _path(self) -> str:
        return f"/v1/wearers/{quote(self.name, safe='')}"
