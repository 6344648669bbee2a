"""Simulated streams from recorded episodes and movements between them."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.streams.hand import Hand
from benchmarks.streams.script import Action, Step, script
from benchmarks.streams.signed_stream import (
    DROPOUT_S,
    LOST,
    SignedStream,
    sign,
)
from scaleglove.channels import ANGLES, FLEX
from scaleglove.letter_templates import ARM_DOWN_DEG
from scaleglove.letters import LETTERS
from scaleglove.resampling import wrap_degrees
from tests.made_letters import made_letters

EPISODES = {letter: [each for each in made_letters() if each.label == label] for label, letter in enumerate(LETTERS)}
RATES = st.sampled_from([30.0, 50.0, 100.0])
SEEDS = st.integers(0, 2**32 - 1)


def signed(
    text: str = "감사합니다", rate_hz: float = 50.0, seed: int = 0, steps: list[Step] | None = None
) -> SignedStream:
    rng = np.random.default_rng(seed)
    hand = Hand(EPISODES, 50.0, rng)
    return sign(text, script([text], rng) if steps is None else steps, hand, rate_hz, rng)


@given(RATES, SEEDS)
@settings(max_examples=20)
def test_frames_come_in_order_about_as_often_as_asked(rate_hz: float, seed: int) -> None:
    stream = signed(rate_hz=rate_hz, seed=seed)
    assert (np.diff(stream.seq) > 0).all()
    assert (np.diff(stream.t_ms) > 0).all()
    assert stream.values.dtype == np.float32
    assert np.isfinite(stream.values).all()
    assert (np.abs(stream.values[:, ANGLES]) <= 180).all()
    every_ms = (stream.t_ms[-1] - stream.t_ms[0]) / (stream.seq[-1] - stream.seq[0])
    assert every_ms == pytest.approx(1000 / rate_hz, rel=0.01)


@given(SEEDS)
@settings(max_examples=20)
def test_the_spans_cover_the_stream_without_gaps(seed: int) -> None:
    stream = signed(seed=seed)
    assert stream.spans[0].start_ms == 0
    assert all(after.start_ms == before.end_ms for before, after in pairwise(stream.spans))
    assert stream.spans[-1].end_ms == pytest.approx(stream.t_ms[-1], abs=200)
    assert [hold.letter for hold in stream.holds] == list("ㄱㅏㅁㅅㅏㅎㅏㅂㄴㅣㄷㅏ")


def test_streams_are_reproducible_by_seed() -> None:
    one, same, other = signed(seed=3), signed(seed=3), signed(seed=4)
    assert np.array_equal(one.values, same.values)
    assert one.spans == same.spans
    assert not np.array_equal(one.t_ms, other.t_ms)


def test_a_hold_reads_as_the_letters_episodes_do() -> None:
    stream = signed(steps=[Step(Action.HOLD, 60.0, "ㄷ")])
    recorded = np.concatenate([episode.samples for episode in EPISODES["ㄷ"]])
    kept = stream.values[:, FLEX][(stream.values[:, FLEX] > 0).all(axis=1)]
    assert kept.mean(axis=0) == pytest.approx(recorded.mean(axis=0)[FLEX], abs=40)


@given(SEEDS)
@settings(max_examples=20)
def test_the_hand_never_jumps_and_takes_the_shorter_direction(seed: int) -> None:
    """Angles only: a flex sensor may lose contact. At 100 Hz the fastest movement turns some 15 degrees a frame."""
    stream = signed(rate_hz=100.0, seed=seed)
    there = np.diff(stream.seq) == 1
    turns = np.abs(wrap_degrees(np.diff(stream.values[:, ANGLES], axis=0)))[there]
    assert turns.max() < 20


def test_the_share_of_lost_frames() -> None:
    stream = signed(steps=[Step(Action.HOLD, 1200.0, "ㄷ")])
    lost = 1 - len(stream.seq) / (stream.seq[-1] + 1)
    assert lost == pytest.approx(LOST, rel=0.3)


def test_a_flex_sensor_reads_nothing_now_and_then_for_a_moment() -> None:
    stream = signed(steps=[Step(Action.HOLD, 1200.0, "ㄷ")])
    silent = (stream.values[:, FLEX] == 0).any(axis=1)
    edges = np.flatnonzero(np.diff(silent.astype(int)))
    begins, ends = stream.t_ms[edges[::2] + 1], stream.t_ms[edges[1::2] + 1]
    assert 20 * 2 < len(begins) < 20 * 4.2  # three a minute
    assert np.quantile(ends - begins, 0.9) <= 1000 * DROPOUT_S[1] + 40


def test_rest_examples_are_relaxed_and_with_the_arm_lowered() -> None:
    hand = Hand(EPISODES, 50.0, np.random.default_rng(0))
    relaxed, lowered = hand.rest_examples(40)
    assert relaxed.shape == lowered.shape == (40, 8)
    assert lowered[:, 5].mean() == pytest.approx(ARM_DOWN_DEG[0], abs=35)
    assert abs(relaxed[:, 5].mean() - lowered[:, 5].mean()) > 20


def test_an_episode_shorter_than_a_hold_is_played_back_and_forth() -> None:
    stream = signed(steps=[Step(Action.HOLD, 5.0, "ㄱ")])  # episodes are of 1.2 s
    assert len(stream.t_ms) == pytest.approx(250, abs=10)
    assert np.abs(np.diff(stream.values[:, 6])).max() < 15
