"""Cases and their intervals: near-copies of one case count once."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from models.data.dataset import Recording
from models.evaluation.cases import Cases, interval


def shown(letter: int, person: str = "a", way: str = "1") -> Recording:
    return Recording(np.zeros((1, 8), np.float32), letter, person, way)


def cases_of(shares: dict[tuple[str, str], list[float]], copies: int = 12) -> Cases:
    """Return cases by person and way, of which each label has this share of `copies` answers right."""
    return Cases({
        group: np.stack([np.round(np.array(of) * copies), np.full(len(of), copies)]).astype(np.int64)
        for group, of in shares.items()
    })  # fmt: skip


def test_answers_are_counted_by_letter_way_and_person() -> None:
    recordings = [shown(0), shown(0), shown(1), shown(0, way="2"), shown(0, person="b")]
    cases = Cases.of(np.array([True, False, True, True, False]), recordings, 3)
    assert (cases.number, cases.people) == (4, ("a", "b"))
    assert cases.by_case().tolist() == [[1, 2], [1, 1], [1, 1], [0, 1]]
    assert cases.by_person().tolist() == [[3, 4], [0, 1]]
    assert cases.as_dict() == {"a": {"1": ["1 1 0", "2 1 0"], "2": ["1 0 0", "1 0 0"]}, "b": {"1": ["0 0 0", "1 0 0"]}}


@given(st.integers(0, 2**32 - 1), st.integers(1, 30))
def test_parts_add_up_to_the_whole_and_survive_json(seed: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    recordings = [shown(int(rng.integers(4)), str(rng.choice([*"ab"])), str(rng.choice([*"12"]))) for _ in range(count)]
    right = rng.random(count) < 0.5
    whole = Cases.of(right, recordings, 4)
    cut = count // 2
    parts = [Cases.of(right[:cut], recordings[:cut], 4), Cases.of(right[cut:], recordings[cut:], 4)]
    total = Cases.total(Cases.from_dict(json.loads(json.dumps(part.as_dict()))) for part in parts)
    assert total.counts.keys() == whole.counts.keys()
    for group, counts in total.counts.items():
        assert_array_equal(counts, whole.counts[group])
    assert total.number == whole.number == len({(r.label, r.bend, r.collection) for r in recordings})
    assert_array_equal(whole.by_case().sum(axis=0), [right.sum(), count])


def test_more_copies_of_the_same_cases_make_an_interval_no_narrower() -> None:
    halves = {("a", "1"): [1.0, 0.0] * 12}
    few, many = (interval([cases_of(halves, copies)]) for copies in (1, 1000))
    assert few == many
    assert many[0] < 35
    assert many[1] > 65
    wide, narrow = (np.ptp(interval([cases_of({("a", "1"): [1.0, 0.0] * count})])) for count in (12, 120))
    assert narrow < wide / 2


def test_an_interval_holds_the_truth_as_often_as_it_says() -> None:
    rng = np.random.default_rng(0)
    drawn = [cases_of({("a", "1"): (rng.random(60) < 0.7).astype(float).tolist()}) for _ in range(200)]
    held = np.mean([low <= 70 <= high for low, high in (interval([cases]) for cases in drawn)])
    assert held == pytest.approx(0.95, abs=0.04)


def test_of_many_people_the_people_are_drawn_and_of_few_their_cases() -> None:
    """Each person is right about all letters or about none: of few nothing else is known than that."""
    alike = [{("p" * (1 + number), "1"): [float(number % 2)] * 24} for number in range(20)]
    few, many = (interval([cases_of(of_person) for of_person in alike[:count]]) for count in (6, 20))
    assert few == [50, 50]
    assert many[0] < 35
    assert many[1] > 65
    together = Cases.total(cases_of(of_person) for of_person in alike)  # as in a fold of all people
    low, high = interval([together])
    assert low < 35
    assert high > 65


def test_a_lead_on_the_same_cases_is_surer_than_its_two_parts() -> None:
    """Two classifiers that are right about nearly the same cases: who leads is known, how good they are is not."""
    right = [1.0, 0.0] * 30
    one, other = cases_of({("a", "1"): right}), cases_of({("a", "1"): [share * 0.9 for share in right]}, copies=10)
    with pytest.raises(ValueError, match="not tested on the same"):
        one.less(other)
    one = cases_of({("a", "1"): right}, copies=10)
    low, high = interval([one.less(other)])
    assert 0 < low < 5 < high < 10
    assert np.ptp(interval([one])) > 4 * (high - low)
    assert interval([one.less(one)]) == [0, 0]
    assert interval([other.less(one)]) == pytest.approx([-high, -low], abs=0.01)


def test_each_fold_counts_the_same_and_nothing_is_said_of_one_case() -> None:
    small, large = cases_of({("a", "1"): [1.0] * 4}), cases_of({("b", "1"): [0.0] * 400})
    assert interval([small, large]) == [50, 50]
    assert interval([cases_of({("a", "1"): [1.0]}), large]) is None
    assert interval([small]) == interval([small]) == [100, 100]
