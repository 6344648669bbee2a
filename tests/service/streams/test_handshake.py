"""The first message of a stream: a session, or a fault."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from models.runtime.artefact import Artefact
from scaleglove.channels import CHANNELS
from scaleglove.protocol import ClientMessage, Frames, Reset, Start, Stop, WireError
from service.problems import ProblemError
from service.streams.handshake import handshake
from service.streams.session import StreamRules, StreamSession

Glove = Callable[..., np.ndarray]
Begin = Callable[[ClientMessage], StreamSession]


@pytest.fixture
def begin(artefact: Artefact) -> Begin:
    def find(name: str | None) -> Artefact:
        if name is not None:
            raise ProblemError(404, "unknown_model", "there is only one")
        return artefact

    return lambda first: handshake(first, "here", StreamRules(1000, 60_000, self_calibrates=True), find)


def start(**changes: object) -> Start:
    return Start(**{"channels": list(CHANNELS), "sample_rate_hz": 50.0, **changes})


def test_nothing_before_start(begin: Begin, glove: Glove) -> None:
    for first in (Frames(0, [0.0], glove(1)), Reset(), Stop()):
        with pytest.raises(WireError, match="the first message of a stream must be start") as caught:
            begin(first)
        assert caught.value.code == "not_started"


@pytest.mark.parametrize(
    ("changes", "code", "detail"),
    [
        ({"channels": list(CHANNELS[:7])}, "bad_channels", "channels has 7 names"),
        ({"channels": [*CHANNELS, "accel_x"]}, "bad_channels", "channels has 9 names"),
        ({"channels": [*CHANNELS[:6], "yaw", "roll"]}, "bad_channels", "channels.6 is 'yaw'; it must be 'roll'"),
        ({"channels": []}, "bad_channels", "channels has 0 names"),
        ({"model": "GPT"}, "unknown_model", "there is only one"),
        ({"wearer": "ada"}, "unknown_wearer", "no wearer is called 'ada'"),
    ],
)
def test_start_that_is_refused(begin: Begin, changes: dict[str, object], code: str, detail: str) -> None:
    with pytest.raises(WireError) as caught:
        begin(start(**changes))
    assert (caught.value.code, caught.value.detail[: len(detail)]) == (code, detail)
