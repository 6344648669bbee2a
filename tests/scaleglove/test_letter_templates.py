"""The table of letters: measured from the recordings, one hand shape a letter."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from scaleglove.channels import DROPPED_FLEX_BELOW, FLEX
from scaleglove.letter_templates import (
    LetterTemplatesError,
    load_templates,
    measure,
    neutral_shape,
)
from scaleglove.letters import LETTERS
from scaleglove.recordings import Episode, load_folder


def episode(letter: str, values: np.ndarray, bend: str = "1", collection: str = "a") -> Episode:
    times = np.arange(len(values)) * 20.0
    return Episode(Path(), collection, letter, bend, times, values.astype(np.float32), Counter())


def still(yaw: float = 10.0, flex2: float = 800.0, frames: int = 40) -> np.ndarray:
    values = np.tile([800.0, flex2, 800.0, 800.0, 800.0, 1.0, 2.0, yaw], (frames, 1))
    values[:, 0] += np.resize([-3.0, 3.0], frames)
    return values


def all_but(changed: str, recorded: list[Episode]) -> list[Episode]:
    return [episode(letter, still()) for letter in LETTERS if letter != changed] + recorded


def test_the_packaged_table_is_what_the_recordings_give(recordings_root: Path, recorded_files: list[Path]) -> None:
    episodes, _ = load_folder(recordings_root, recorded_files)
    assert measure(episodes) == load_templates()


def test_the_packaged_table_has_every_letter_with_healthy_flex_sensors() -> None:
    table = load_templates()
    assert "SignGlove" in table.source
    assert "MIT" in table.source
    for letter in LETTERS:
        figures = table.letters[letter]
        assert min(figures.mean[FLEX]) > DROPPED_FLEX_BELOW
        assert min(figures.spread) >= 0
        assert f"/{letter}/" in figures.measured


def test_angles_are_averaged_around_the_circle() -> None:
    around = [episode("ㄱ", still(yaw=yaw)) for yaw in (178.0, -178.0, -179.0)]
    assert measure(all_but("ㄱ", around)).letters["ㄱ"].mean[7] == -179.0


def test_spread_is_of_the_noise_and_drift_of_the_movement() -> None:
    values = still()
    values[:, 6] += np.arange(len(values)) * 0.02 * 1.5  # 1.5 degrees a second
    figures = measure(all_but("ㄱ", [episode("ㄱ", values)])).letters["ㄱ"]
    assert figures.drift[6] == 1.5
    assert figures.spread[6] == 0.0
    assert figures.spread[0] == pytest.approx(3 * np.sqrt(2), abs=0.1)


def test_a_letter_whose_sensor_was_lost_is_taken_from_the_same_bend_elsewhere() -> None:
    lost = [episode("ㅌ", still(flex2=0.0)), episode("ㅌ", still(flex2=700.0), collection="b")]
    figures = measure(all_but("ㅌ", lost)).letters["ㅌ"]
    assert (figures.measured, figures.mean[1]) == ("b/ㅌ/1", 700.0)


def test_a_letter_without_a_healthy_recording_is_named() -> None:
    with pytest.raises(LetterTemplatesError, match="ㅌ"):
        measure(all_but("ㅌ", [episode("ㅌ", still(flex2=0.0))]))


def test_a_broken_table_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "letters.json"
    path.write_text("{}")
    with pytest.raises(LetterTemplatesError, match=r"letters\.json"):
        load_templates(path)


def test_the_table_survives_its_own_text(tmp_path: Path) -> None:
    path = tmp_path / "letters.json"
    path.write_text(load_templates().to_json(), encoding="utf-8")
    assert load_templates(path) == load_templates()


def test_the_neutral_shape_is_one_that_a_hand_has() -> None:
    neutral = neutral_shape(load_templates())
    assert neutral.shape == (8,)
    assert (neutral[FLEX] > 700).all()
