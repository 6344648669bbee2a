"""A stream that begins with kept words reads as the stream that learned them would go on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
import pytest

pytest.importorskip("torch", reason="the train extra is not installed")

from benchmarks.streams.recognition import said, session_of
from benchmarks.words.kept import WearerOfWords
from models.runtime.artefact import Artefact
from scaleglove.protocol import Frames, Prediction
from scaleglove.resampling import Frames as Values
from service.streams.session import StreamSession
from tests.models.runtime.test_prototypes import SHIPPED
from tests.service.wearers.test_kept_words import signed

TAUGHT: Final = ("사람", "나라", "한국", "시간", "우리", "학교")
NOISE: Final = (6.0,) * 5 + (0.3,) * 3
"""Of a real glove, in counts and degrees: a shape without any looks otherwise to the model."""
SAME: Final = 0.98
"""Share of the windows with the same label; of medians in place of frames 0.95 to 0.97 had it."""
APART: Final = 0.02
"""Mean difference of their confidences; with medians 0.050 to 0.065."""


@pytest.mark.parametrize("seed", [1, 2])
def test_the_next_stream_reads_as_the_one_before_would_go_on(tmp_path: Path, seed: int) -> None:
    rng = np.random.default_rng(seed)
    taught, asked = (_noisy(signed(words, words_seed), rng) for words, words_seed in ((TAUGHT, seed), (TAUGHT[:3], 9)))
    model = Artefact.load(SHIPPED)
    session = session_of(model)
    assert _read(session, taught)
    wearer = WearerOfWords(tmp_path, model)
    profile = wearer.keep(session.word_shapes, session.front_end)
    wearer.close()
    new = _read(session_of(model, profile=profile), asked)
    same = _read(session, asked, first=len(taught))[-len(new) :]
    assert np.mean([one.label == other.label for one, other in zip(same, new, strict=True)]) >= SAME
    apart = [abs((one.confidence or 0) - (other.confidence or 0)) for one, other in zip(same, new, strict=True)]
    assert np.mean(apart) <= APART


def _noisy(values: Values, rng: np.random.Generator) -> Values:
    return (values + rng.normal(0, NOISE, values.shape)).astype(np.float32)


def _read(session: StreamSession, values: Values, first: int = 0) -> list[Prediction]:
    return [each for each in said(session, _frames(values, first)) if isinstance(each, Prediction)]


def _frames(values: Values, first: int) -> Iterator[Frames]:
    for begin in range(0, len(values), 40):
        part = values[begin : begin + 40]
        yield Frames(first + begin, [20.0 * (first + begin + index) for index in range(len(part))], part)
