"""What an emulated hand signs is what a stream says: window, model, decoder, at several rates and with frames lost."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.runtime.accelerate import accelerate
from models.runtime.artefact import Artefact
from scaleglove.hangul.spelling import letters
from scaleglove.protocol import (
    Gap,
    Gesture,
    Prediction,
    Text,
)
from service.inference.engine import Model
from tests.signing import answers_to, as_messages, begun, hand

SENTENCES = ("안녕하세요", "감사합니다", "만나서 반가워요", "토끼와 코끼리")


@pytest.fixture(scope="module")
def model(artefact_path: Path) -> Model:
    return accelerate(Artefact.load(artefact_path), "auto")


def spelled(text: str) -> str:
    return "".join(letters(text)).replace(" ", "")


@pytest.mark.parametrize("rate_hz", [30, 50, 100])
@pytest.mark.parametrize("text", SENTENCES)
def test_every_letter_begins_once_though_frames_are_lost(model: Model, text: str, rate_hz: int) -> None:
    readings = hand(text, rate_hz, seed=rate_hz)
    lost = np.flatnonzero(np.random.default_rng(0).random(len(readings)) < 0.02)
    answers = answers_to(model, as_messages(readings, lost.tolist()))
    assert begun(answers) == spelled(text)
    assert sum(answer.missing or 0 for answer in answers if isinstance(answer, Gap)) == len(lost)


@pytest.mark.parametrize("seed", range(12))
def test_a_letter_signed_twice_is_two_letters(model: Model, seed: int) -> None:
    assert begun(answers_to(model, as_messages(hand("난냐", 50, seed=seed)))) == spelled("난냐")


@settings(max_examples=15)
@given(sizes=st.lists(st.integers(1, 200), max_size=60), start=st.sampled_from([50.0, None]))
def test_however_the_frames_are_cut_the_events_are_the_same(
    model: Model, sizes: list[int], start: float | None
) -> None:
    readings = hand("뷁 스", 50, hold_s=0.6, seed=3)
    whole = answers_to(model, as_messages(readings), sample_rate_hz=start)
    cut = answers_to(model, as_messages(readings, sizes=sizes), sample_rate_hz=start)
    assert len(whole) > 50
    assert cut == whole


def test_a_rest_and_the_ways_between_letters_are_none(model: Model) -> None:
    """Between the words the arm hangs down."""
    answers = answers_to(model, as_messages(hand("가 나", 50, hold_s=1.5)))
    predictions = [answer for answer in answers if isinstance(answer, Prediction)]
    gestures = [answer for answer in answers if isinstance(answer, Gesture)]
    rest = [each for each in predictions if gestures[3].t_ms + 600 < each.t_ms < gestures[4].t_ms - 700]
    assert len(rest) > 2
    assert {(each.state, each.label, each.confidence) for each in rest} == {("rejected", None, None)}
    assert all(each.top_k for each in rest)


@pytest.mark.parametrize("gap_ms", [200, 400, 5000])
def test_no_letter_is_invented_across_a_gap(model: Model, gap_ms: int) -> None:
    """A gap in the middle of a hold: the letter is sent once, whatever was missing."""
    readings = hand("아", 50, hold_s=8.0)
    middle = len(readings) // 2
    lost = range(middle, middle + gap_ms // 20)
    answers = answers_to(model, as_messages(readings, lost))
    assert begun(answers) == "ㅇㅏ"
    ended = [answer.t_ms for answer in answers if isinstance(answer, Gesture) and answer.phase == "end"]
    assert len(ended) == 2


def test_noise_is_silence(model: Model) -> None:
    """Hands that jump from one reading to the next."""
    rng = np.random.default_rng(0)
    readings = hand("아", 50, hold_s=8.0)
    noise = rng.uniform([0] * 5 + [-180] * 3, [1023] * 5 + [180] * 3, (len(readings), 8)).astype(np.float32)
    jumping = [type(reading)(reading.t_ms, values) for reading, values in zip(readings, noise, strict=True)]
    assert begun(answers_to(model, as_messages(jumping))) == ""


def test_a_glove_that_restarts_ends_the_word(model: Model) -> None:
    """How long the hand rested meanwhile is unknown."""
    first, second = hand("가", 50), hand("나", 50)
    before = list(as_messages(first))
    after = [replace(message, seq=message.seq + len(first)) for message in as_messages(second)]
    late = [replace(message, t_ms=[t_ms + 1_000_000 for t_ms in message.t_ms]) for message in before]
    lines = [answer for answer in answers_to(model, [*late, *after]) if isinstance(answer, Text)]
    assert lines[-1].committed == "가 나"
