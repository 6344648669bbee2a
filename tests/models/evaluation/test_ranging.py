"""Ranging takes a user's own range away, whatever it is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("torch", reason="the train extra is not installed")

from models.data.dataset import Recording
from models.evaluation.ranging import COMMON_RANGE, FRONT_END, Ranging
from scaleglove.channels import FLEX


def moved(recordings: list[Recording]) -> list[Recording]:
    """Return the recordings as sensors with another gain and offset would read them."""
    gain, offset = np.float32([0.8, 1.1, 0.7, 1.2, 0.9]), np.float32([150, -60, 200, -100, 90])
    found = []
    for one in recordings:
        samples = one.samples.copy()
        samples[:, FLEX] = gain * samples[:, FLEX] + offset
        found.append(replace(one, samples=samples))
    return found


@pytest.mark.parametrize("few", [True, False])
def test_a_user_with_other_sensors_is_seen_as_with_their_own(people: list[Recording], few: bool) -> None:
    own = [one for one in people if one.collection == "p0"]
    train = [one for one in people if one.collection in {"p1", "p2"} or (not few and one.collection != "p0")]
    ranging = Ranging.of(train)
    assert ranging.method == (FRONT_END if few else COMMON_RANGE)
    shapes, test = own[::2], own[1::2]
    plain, other = ranging.ranged(shapes, test), ranging.ranged(moved(shapes), moved(test))
    for one, same, before in zip(plain, other, test, strict=True):
        np.testing.assert_allclose(one.samples, same.samples, atol=0.1)
        assert (one.label, one.collection, one.bend) == (before.label, before.collection, before.bend)


@pytest.mark.parametrize("few", [True, False])
def test_ranged_shapes_read_what_the_training_knows(people: list[Recording], few: bool) -> None:
    """The letters of all people are the same, but for the ranges of their sensors."""
    train = [one for one in people if one.collection == "p1" or (not few and one.collection != "p0")]
    own = [one for one in people if one.collection == "p0"]
    ranging = Ranging.of(train)
    for ranged in ranging.ranged(own, own):
        alike = [one.samples[:, FLEX].mean(axis=0) for one in ranging.train if one.label == ranged.label]
        np.testing.assert_allclose(ranged.samples[:, FLEX].mean(axis=0), np.mean(alike, axis=0), atol=12)
