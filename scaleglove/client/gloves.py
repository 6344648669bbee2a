"""Gloves of the service: their profiles, for a program that checks a glove (docs/guide/gloves.md)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

import numpy as np
import orjson
from numpy.typing import NDArray
from pydantic import BaseModel

from scaleglove.client.http import request
from scaleglove.client.websocket import StreamError


class GloveFinding(BaseModel):
    """What a check found of one channel: `code` for programs, `text` for people."""

    channel: str
    code: str
    text: str
    straight: float | None
    bent: float | None
    noise: float | None
    follows: str | None


class CheckedGlove(BaseModel):
    """New profile of a glove, active from now on, and the findings of the check."""

    version: int
    findings: list[GloveFinding]


@dataclass(frozen=True, slots=True)
class Glove:
    """One glove at the service at `url`. `token` is as for StreamConnection."""

    url: str
    name: str
    token: str | None = None

    def create(self) -> bool:
        """Create the glove; False if the service has one of this name."""
        try:
            request(self.url, "/v1/gloves", self.token, orjson.dumps({"glove": self.name}))
        except StreamError as error:
            if error.code != "glove_exists":
                raise
            return False
        return True

    def tie(self, usb: str, replace: bool = False) -> None:
        """Let streams use this glove by the serial number of its board (`scaleglove.usb_identity`), instead of the one
        before; `replace`: also if it is tied to another glove.

        Raises:
            StreamError: `no_serial_number`, `usb_taken` without `replace`, or the service cannot be reached or refuses.
        """
        query = "?replace=true" if replace else ""
        request(self.url, f"{self._path}/usb{query}", self.token, orjson.dumps({"usb": usb}), "PUT")

    def untie(self) -> None:
        """Forget the board of this glove."""
        request(self.url, f"{self._path}/usb", self.token, method="DELETE")

    def calibrate(self, steps: Mapping[str, NDArray[np.float32]], hand: str = "right") -> CheckedGlove:
        """Make the glove's next profile of the frames float32[n, 8] of each step, NaN where it has no such sensor.

        Raises:
            StreamError: the service cannot be reached or refuses.
        """
        shown = {step: [_as_json(frame) for frame in frames.tolist()] for step, frames in steps.items()}
        answer = request(self.url, f"{self._path}/calibrate", self.token, orjson.dumps({"hand": hand, "steps": shown}))
        return CheckedGlove.model_validate_json(answer)

    @property
    def _path(self) -> str:
        return f"/v1/gloves/{quote(self.name, safe='')}"


def _as_json(frame: list[float]) -> list[float | None]:
    return [None if np.isnan(value) else value for value in frame]
