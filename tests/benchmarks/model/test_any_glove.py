"""Measurement of other gloves, on windows made up from the letters' typical readings."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch", reason="the train extra is not installed")

from benchmarks.model import any_glove, missing_sensors
from benchmarks.other_gloves import GLOVES, Frames
from models.data.dataset import Recording
from models.runtime.artefact import Artefact
from scaleglove.letter_templates import load_templates
from scaleglove.letters import LETTERS

EACH = 12


@pytest.fixture(scope="module")
def hand() -> tuple[list[Frames], np.ndarray]:
    """Return windows of a hand that holds each letter a dozen times, each time a little differently."""
    rng, letters = np.random.default_rng(0), load_templates().letters
    labels = np.repeat(np.arange(len(LETTERS)), EACH)
    shapes = [letters[LETTERS[label]].mean + rng.normal(0, [4.0] * 5 + [2.0] * 3) for label in labels]
    noise = [1.0] * 5 + [0.1] * 3
    return [(shape + rng.normal(0, noise, (any_glove.FRAMES, 8))).astype(np.float32) for shape in shapes], labels


def test_every_affine_glove_is_measured_alike_but_with_nothing_known(hand: tuple[list[Frames], np.ndarray]) -> None:
    artefact = Artefact.load(any_glove.SHIPPED)
    recorded, *others = (
        any_glove.measure(artefact, GLOVES[name], *hand, seed=1)
        for name in ("as recorded", "12 bits", "other dividers", "reversed")
    )
    assert min(named for named, _ in recorded) > 90
    for rows in others:
        assert np.allclose(rows[1:], recorded[1:], atol=0.5)
        assert rows[0][0] < recorded[0][0] - 20


def test_a_glove_without_a_motion_sensor_is_measured_too(hand: tuple[list[Frames], np.ndarray]) -> None:
    artefact, (windows, labels) = Artefact.load(any_glove.SHIPPED), hand
    lacking = [window.copy() for window in windows]
    for window in lacking:
        window[:, 5:] = np.nan
    whole = missing_sensors.measure(artefact, windows, labels, draws=1)
    without = missing_sensors.measure(artefact, lacking, labels, draws=1)
    assert all(0 < less <= more for less, more in zip(without, whole, strict=True))


def test_the_missing_channels_of_another_recording_carry_no_information() -> None:
    recordings = [Recording(np.full((20 + label, 8), label, np.float32), label, "a", "1") for label in range(12)]
    exchanged = missing_sensors.without(recordings, (2, 5))
    assert [each.label for each in exchanged] == list(range(12))
    kept = [0, 1, 3, 4, 6, 7]
    assert all((each.samples[:, kept] == each.label).all() for each in exchanged)
    drawn = [np.unique(each.samples[:, [2, 5]]).tolist() for each in exchanged]
    assert sorted(drawn) == [[label] for label in range(12)]
    assert drawn != [[label] for label in range(12)]
