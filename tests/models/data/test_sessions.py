"""Which recordings were made without taking the glove off for long."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np

from models.data.sessions import sessions_of
from scaleglove.recordings import Episode


def at(*times: str, collection: str = "anna") -> list[Episode]:
    """Return an episode for each time of the day; an empty one is not in the name of its file."""
    names = [f"episode_20260131_{time}00_up_1.csv" if time else "up.csv" for time in times]
    frames = np.zeros((1, 8), np.float32)
    return [Episode(Path(name), collection, "up", "1", np.zeros(1), frames, Counter()) for name in names]


def test_half_an_hour_without_an_episode_ends_a_session_of_one_person() -> None:
    episodes = at("1400", "1500", "1425", "1450", "1531") + at("1445", collection="bora")
    begun = ["14:00", "14:00", "14:00", "14:00", "15:31", "14:45"]
    assert sessions_of(episodes) == [f"2026-01-31 {time}" for time in begun]


def test_without_all_times_of_a_person_nothing_is_guessed() -> None:
    assert sessions_of(at("1400", "", "1700")) == ["", "", ""]
    assert sessions_of([*at("1400", ""), *at("1400", collection="bora")]) == ["", "", "2026-01-31 14:00"]
    impossible = at("9999")
    assert sessions_of(impossible) == [""]
