"""Units and ranges of flex sensors: what is taken away of a glove and of a person, and what is left."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from models.data.dataset import Augmentation, Recording, WindowSampler, are_many_people, common_ranges, to_recordings
from models.data.ranges import COUNTS, MANY_PEOPLE, Range, Ranges, Unit
from scaleglove.recordings import Episode
from scaleglove.vocabulary import Vocabulary

RNG = np.random.default_rng(0)
FRAMES = 60
SHAPES = RNG.uniform(-1, 1, (6, 5))


def frames(
    shape: NDArray[np.float64], mean: float = 800, deviation: float = 90, count: int = 60
) -> NDArray[np.float32]:
    flex = mean + deviation * shape + RNG.normal(0, 1, (count, 5))
    return np.concatenate([flex, np.tile([10, -20, 30], (count, 1))], axis=1).astype(np.float32)


def episode(values: NDArray[np.float32], label: str = "a", collection: str = "one") -> Episode:
    t_ms = np.arange(len(values)) * 20.0
    return Episode(Path("x.csv"), collection, label, "", t_ms, values, Counter())


def people(count: int) -> list[Recording]:
    return [
        Recording(frames(shape, 700 + 20 * person, 60 + 5 * person), label, f"person {person}", "")
        for person in range(count)
        for label, shape in enumerate(SHAPES)
    ]


def test_readings_in_counts_stay_as_they_are() -> None:
    values = frames(SHAPES[0])
    assert Unit.of([episode(values)]) == COUNTS
    assert COUNTS.apply(values) is values


@given(scale=st.floats(0.01, 100), zero=st.floats(-1000, 1000))
def test_readings_in_any_unit_become_counts(scale: float, zero: float) -> None:
    seen = [episode(frames(shape, zero, scale)) for shape in SHAPES]
    unit = Unit.of(seen)
    flex = np.concatenate([unit.apply(one.values)[:, :5] for one in seen])
    low, high = np.percentile(flex, [1, 99])
    assert low >= 100
    assert high <= 1126
    assert unit == COUNTS or 100 <= high - low <= 600
    assert unit.apply(seen[0].values)[:, 5:].tolist() == seen[0].values[:, 5:].tolist()


def test_without_a_reading_there_is_no_unit() -> None:
    assert Unit.of([]) == COUNTS
    assert Unit.of([episode(np.zeros((10, 8), np.float32))]) == COUNTS


def test_in_the_common_range_people_read_alike() -> None:
    shown, ranges = common_ranges(people(4))
    for label in range(len(SHAPES)):
        medians = [np.median(one.samples[:, :5], axis=0) for one in shown if one.label == label]
        assert np.ptp(medians, axis=0).max() < 10
    assert len(ranges.of_collections) == 4
    assert shown[0].samples[:, 5:].tolist() == people(1)[0].samples[:, 5:].tolist()


def test_another_range_lies_between_those_of_two_people_and_can_be_undone() -> None:
    recordings = people(5)
    shown, ranges = common_ranges(recordings)
    lows = np.min([each.mean for each in ranges.of_collections.values()], axis=0)
    highs = np.max([each.mean for each in ranges.of_collections.values()], axis=0)
    for number in range(50):
        moved = [ranges.as_another(one.samples, np.random.default_rng(number)) for one in shown[: len(SHAPES)]]
        drawn = Range.of(moved)
        assert (drawn.mean >= lows - 1).all()
        assert (drawn.mean <= highs + 1).all()
        back = drawn.to(ranges.common, moved[0])
        assert np.allclose(back, shown[0].samples, atol=0.1)


def test_a_finger_that_does_not_move_has_a_range_all_the_same() -> None:
    still = [np.full((20, 8), 800, np.float32)] * 3
    ranges = Ranges.of([*still, *(one.samples for one in people(1))], ["still"] * 3 + ["moves"] * len(SHAPES))
    assert np.isfinite(ranges.to_common(still[0], "still")).all()


def test_a_share_of_the_windows_has_the_range_of_another_person() -> None:
    recordings = people(MANY_PEOPLE)
    assert are_many_people(recordings)
    assert not are_many_people(people(MANY_PEOPLE - 1))
    plain = {"full_window": 0, "letter_before": 0, "flex_dropped": 0, "flex_offset": 0, "angle_offset": 0}
    in_common, _ = common_ranges(recordings)
    for share, expected in ((0.5, 0.5), (1.0, 1.0)):
        sampler = WindowSampler(recordings, 40, 10, Augmentation(**plain, other_range=share), seed=0)
        batches = [sampler.batch(range(len(recordings)), epoch) for epoch in range(10)]
        moved = np.mean([
            np.abs(np.median(window[:length, 0]) - np.median(in_common[index].samples[:, 0])) > 3
            for batch in batches
            for index, (window, length) in enumerate(zip(batch.frames, batch.lengths, strict=True))
        ])  # fmt: skip
        assert moved == pytest.approx(expected, abs=0.2)


def test_recordings_say_in_which_unit_they_were() -> None:
    episodes = [episode(frames(shape, 20, 40), label, "one") for label, shape in zip("abcdef", SHAPES, strict=True)]
    recordings, left_out = to_recordings(episodes, 50, 10, Vocabulary.of(tuple("abcdef")))
    assert left_out == 0
    assert {one.unit for one in recordings} == {Unit.of(episodes)}
    assert [one.label for one in recordings] == list(range(6))
    assert min(one.samples[:, :5].min() for one in recordings) > 100
