"""Recordings small enough to train on in a test, real and made."""

from __future__ import annotations

import numpy as np
import pytest

from models.data.dataset import Recording, to_recordings
from scaleglove.letters import LETTERS
from scaleglove.recordings import find_recordings, load_folder


@pytest.fixture(scope="session")
def made() -> list[Recording]:
    """Four letters far apart, two bends, two collections, four episodes of each."""
    rng = np.random.default_rng(0)
    centres = np.hstack([rng.uniform(700, 950, (4, 5)), rng.uniform(-120, 120, (4, 3))])
    return [
        Recording((centres[letter] + rng.normal(0, 3, (90, 8))).astype(np.float32), letter, collection, bend)
        for letter in range(4)
        for collection in ("a", "b")
        for bend in ("1", "2")
        for _ in range(4)
    ]


@pytest.fixture(scope="session")
def people() -> list[Recording]:
    """Eight letters in two bends, twice each, by nine people, each with other ranges of the flex sensors: as many as it
    takes to learn from their ranges, and letters as it takes to fit a front end."""
    rng = np.random.default_rng(1)
    flex, angles = rng.uniform(700, 900, (8, 5)), rng.uniform(-120, 120, (8, 3))
    of_people = [(rng.uniform(0.6, 1.4, 5), rng.uniform(-60, 60, 5)) for _ in range(9)]
    return [
        Recording(
            (np.hstack([gain * flex[letter] + offset, angles[letter]]) + rng.normal(0, 3, (40, 8))).astype(np.float32),
            letter,
            f"p{person}",
            bend,
        )
        for person, (gain, offset) in enumerate(of_people)
        for letter in range(8)
        for bend in ("1", "2")
        for _ in range(2)
    ]


@pytest.fixture(scope="session")
def real(recordings_root) -> list[Recording]:
    """Four letters, two bends, two collections, three episodes of each."""
    paths = [
        path
        for collection in ("collection_a", "collection_b")
        for letter in LETTERS[:4]
        for bend in ("1", "2")
        for path in find_recordings(recordings_root / collection / letter / bend)[:3]
    ]
    episodes, _ = load_folder(recordings_root, paths)
    recordings, left_out = to_recordings(episodes, 50, 10)
    assert (len(recordings), left_out) == (48, 0)
    return recordings
