"""A trunk that two gloves share: what it is trained on, and that a person left out is in neither arm."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

pytest.importorskip("torch", reason="the train extra is not installed")

from benchmarks.model import shared_trunk
from benchmarks.model.shared_trunk import STANDARD, Hands, in_contact, measure, train
from models.data.dataset import Recording
from models.data.ranges import Range

LETTERS = 10


def glove(seed: int, people: int) -> list[Recording]:
    """Return recordings of people who hold letters alike, each with another range of the sensors."""
    rng = np.random.default_rng(seed)
    letters = np.hstack([rng.uniform(-2, 2, (LETTERS, 5)), rng.uniform(-60, 60, (LETTERS, 3))])
    found = []
    for person in range(people):
        middle, spread = rng.uniform(600, 900, 5), rng.uniform(20, 60, 5)
        for label, letter in enumerate(letters):
            for _ in range(6):
                frames = np.tile(letter, (12, 1)) + rng.normal(0, 0.05, (12, 8))
                frames[:, :5] = middle + spread * frames[:, :5]
                found.append(Recording(frames.astype(np.float32), label, f"{seed}-{person}", "1"))
    return found


def test_every_hand_is_brought_to_one_range() -> None:
    hands = Hands.of(glove(0, 3), LETTERS)
    for person in range(3):
        own = Range.of([one.samples for one in hands.recordings if one.collection == f"0-{person}"])
        assert np.allclose(own.mean, STANDARD.mean, atol=0.1)
        assert np.allclose(own.deviation, STANDARD.deviation, rtol=0.01)


def test_a_sensor_without_contact_reads_what_is_usual_for_its_person() -> None:
    recordings = glove(0, 2)
    shapes = np.stack([one.samples[0] for one in recordings if one.collection == "0-1"])
    recordings[-1].samples[:, 2] = 0.0
    filled = in_contact(recordings)
    assert filled[-1].samples[:, 2] == pytest.approx(np.median(shapes[:-1, 2]), abs=20)
    assert all((one.samples == same.samples).all() for one, same in zip(filled[:-1], recordings[:-1], strict=True))


def test_a_training_is_a_function_of_its_seed() -> None:
    hands = [Hands.of(glove(seed, 2), LETTERS) for seed in range(2)]
    one, same, other = (train(hands, seed, steps=2).heads[0].state_dict()["weight"] for seed in (0, 0, 1))
    assert (one == same).all()
    assert not (one == other).all()


def test_people_of_both_gloves_are_judged_by_trunks_that_never_met_them(monkeypatch: pytest.MonkeyPatch) -> None:
    met: list[list[set[str]]] = []

    def watched(hands: Sequence[Hands], seed: int) -> shared_trunk.Trunk:
        met.append([{one.collection for one in each.recordings} for each in hands])
        return train(hands, seed, steps=20)

    monkeypatch.setattr(shared_trunk, "train", watched)
    monkeypatch.setattr(shared_trunk, "SHOTS", (5,))
    rows = measure([("korean", glove(0, 3), LETTERS, 1), ("american", glove(1, 3), LETTERS, 2)], seeds=1, most=2)
    everyone = [{f"0-{person}" for person in range(3)}, {f"1-{person}" for person in range(3)}]
    assert met[:2] == [[everyone[0] - {"0-0"}], [everyone[0] - {"0-0"}, everyone[1]]]
    assert met[-2:] == [[everyone[1] - {"1-0", "1-1"}], [everyone[1] - {"1-0", "1-1"}, everyone[0]]]
    assert {name for name, *_ in rows} == {"korean", "american"}
    for by_person in rows.values():
        assert len(by_person) == 2
    # Letters are held alike by all, so examples tell them.
    assert np.mean(list(rows["american", "5 of each letter", "both gloves"].values())) > 90
