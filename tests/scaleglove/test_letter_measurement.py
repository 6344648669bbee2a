"""Templates measured from recordings, one hand shape or movement a sign."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from scaleglove.channels import FLEX
from scaleglove.letter_measurement import in_counts, measure
from scaleglove.letter_templates import LetterTemplatesError, load_templates
from scaleglove.letters import LETTERS
from scaleglove.recordings import Episode, load_folder
from scaleglove.vocabulary import Vocabulary, load_vocabulary

PEOPLE = (("ada", 179.0, 800.0), ("ben", -178.0, 900.0), ("cem", -179.0, 820.0))


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


def test_the_packaged_american_tables_are_the_medians_of_seventeen_people(asl_root: Path) -> None:
    episodes = in_counts(load_folder(asl_root, sorted(asl_root.glob("person_*.npz")))[0], 2, 800)
    for name in ("american", "american_signs"):
        table = load_templates(name)
        vocabulary = load_vocabulary(name)
        assert measure(episodes, vocabulary, source=table.source, command=table.command, median=True) == table


def test_the_median_is_that_of_every_style() -> None:
    people = [episode("ㄱ", still(yaw=yaw, flex2=flex2), "", name) for name, yaw, flex2 in PEOPLE]
    figures = measure(all_but("ㄱ", people), median=True).letters["ㄱ"]
    assert (figures.measured, figures.episodes) == ("3 styles of ㄱ", 3)
    assert (figures.mean[1], figures.mean[7]) == (820.0, -179.0)


def test_a_sign_that_moves_has_the_mean_of_its_movements() -> None:
    vocabulary = Vocabulary.model_validate(
        {"name": "own", "labels": [{"label": "up"}, {"label": "go", "moving": True}]}
    )
    times = np.arange(61)[:, None] * np.ones(8)
    ways = [episode("go", np.tile(800.0, (61, 8)) + sign * times) for sign in (1.0, 2.0)]
    for way in ways:
        way.values[:, 7] = (170.0 + np.arange(61)) % 360.0 - 360.0 * ((170.0 + np.arange(61)) % 360.0 > 180.0)
    table = measure([episode("up", still()), *ways], vocabulary)
    go = table.letters["go"]
    assert (go.seconds, table.letters["up"].path) == (1.2, ())
    assert [shape[0] for shape in go.path] == pytest.approx(np.linspace(800.0, 890.0, len(go.path)), abs=0.01)
    assert [go.path[0][7], go.path[-1][7]] == [170.0, -130.0]
    assert go.measured == "a/go/1"


def test_readings_in_another_unit_are_brought_to_counts() -> None:
    (counted,) = in_counts([episode("a", still())], 2, 800)
    assert counted.values[0, FLEX].tolist() == [2 * (800 - 3) + 800] + [2400.0] * 4
    assert counted.values[0, 7] == 10.0
