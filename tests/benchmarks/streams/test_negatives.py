"""Readings of a hand that signs nothing: as long as asked for, within a glove's range, the same every time."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.streams.hand import Hand, Idle
from benchmarks.streams.negatives import NEGATIVES, OtherSigns, drifting, idle_actions, negative_script, putting_on
from benchmarks.streams.script import Action
from benchmarks.streams.signed_stream import sign
from models.data.dataset import Recording
from scaleglove.channels import ANGLES, FLEX

RELAXED = np.float32([800, 810, 820, 830, 840, 5, -5, 90])
RATE_HZ = 50.0


def recording(person: str, low: float, high: float, label: int = 0) -> Recording:
    """Return a recording in which every finger bends from one end of its range to the other while the hand turns."""
    t = np.linspace(0, 1, 60, dtype=np.float32)[:, np.newaxis]
    samples = np.concatenate([low + (high - low) * np.repeat(t, 5, axis=1), 40 * np.repeat(t, 3, axis=1)], axis=1)
    return Recording(samples.astype(np.float32), label, person, "1")


OWN = [recording("a", 700, 950)]
IDLE = idle_actions([recording("p", -300, 100), recording("q", -50, 50)], OWN)


@pytest.mark.parametrize("idle", IDLE.values(), ids=[action.value for action in IDLE])
@pytest.mark.parametrize("seconds", [0.5, 2.0, 11.7])
def test_it_lasts_as_long_as_asked_for_and_is_the_same_every_time(idle: Idle, seconds: float) -> None:
    frames = idle(RELAXED, seconds, RATE_HZ, np.random.default_rng(3))
    assert frames.dtype == np.float32
    assert frames.shape[1] == 8
    assert len(frames) >= seconds * RATE_HZ
    assert np.isfinite(frames).all()
    assert frames[:, FLEX].max() < 1100
    assert (np.abs(frames[:, ANGLES]) <= 180).all()
    np.testing.assert_array_equal(frames, idle(RELAXED, seconds, RATE_HZ, np.random.default_rng(3)))


def test_sensors_drift_without_the_hand_moving() -> None:
    frames = drifting(RELAXED, 10.0, RATE_HZ, np.random.default_rng(0))
    assert np.abs(np.diff(frames[:, ANGLES], axis=0)).max() < 1
    assert np.abs(frames[-25:, FLEX].mean(axis=0) - frames[:25, FLEX].mean(axis=0)).max() > 10


def test_a_glove_that_is_put_on_loses_contact_now_and_then() -> None:
    frames = putting_on(RELAXED, 60.0, RATE_HZ, np.random.default_rng(0))
    assert 0.02 < (frames[:, FLEX] == 0).mean() < 0.3


def test_signs_of_others_use_the_range_of_the_hand_not_of_their_makers() -> None:
    signs = OtherSigns.of([recording("p", -300, 100), recording("q", -50, 50)], OWN)
    frames = signs(RELAXED, 20.0, RATE_HZ, np.random.default_rng(0))
    low, high = np.percentile(frames[:, FLEX], (5, 95))
    assert low == pytest.approx(700, abs=30)
    assert high == pytest.approx(950, abs=30)


def test_a_script_does_everything_and_a_hand_can_do_it() -> None:
    steps = negative_script(2, np.random.default_rng(0))
    done = [step.action for step in steps if step.action is not Action.MOVE]
    assert sorted(each.value for each in done) == sorted(2 * [each.value for each in NEGATIVES])
    hand = Hand({"ㄱ": OWN}, RATE_HZ, np.random.default_rng(1), idle=IDLE)
    stream = sign("", steps, hand, RATE_HZ, np.random.default_rng(2))
    assert {span.action for span in stream.spans} == {*NEGATIVES, Action.MOVE}
    assert np.isfinite(stream.values).all()
