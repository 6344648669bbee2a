"""What is unusual about recordings, made on purpose from the public ones' letters; the public ones are not unusual."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from models.data.survey import survey
from scaleglove.letter_templates import load_templates
from scaleglove.letters import LETTERS
from scaleglove.recordings import Episode, load_folder

Values = NDArray[np.float32]


def episodes(change: Callable[[Values], Values] = lambda values: values, step_ms: float = 20.0) -> list[Episode]:
    """Return an episode of each letter as the model's glove reads it, changed as another glove would."""
    rng = np.random.default_rng(5)
    made = []
    for letter in LETTERS:
        mean = np.array(load_templates().letters[letter].mean)
        values = change((mean + rng.normal(0, 0.5, (40, 8))).astype(np.float32))
        t_ms = step_ms * np.arange(40)
        made.append(Episode(Path(), "mine", letter, "1", t_ms, values, Counter()))
    return made


def changed(channel: int, new: Callable[[Values], Values]) -> Callable[[Values], Values]:
    def change(values: Values) -> Values:
        values = values.copy()
        values[:, channel] = new(values)
        return values

    return change


def flex(new: Callable[[Values], Values]) -> Callable[[Values], Values]:
    return lambda values: np.concatenate([new(values[:, :5]), values[:, 5:]], axis=1)


def said(*arguments: object, **options: object) -> list[tuple[str, str | None]]:
    return [(notice.code, notice.channel) for notice in survey(episodes(*arguments, **options))]  # type: ignore[arg-type]


def test_the_model_s_own_glove_is_not_unusual() -> None:
    assert said() == []


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (flex(lambda values: 4 * values), [("scale_12_bit", None)]),
        (flex(lambda values: 64 * values), [("scale_16_bit", None)]),
        (flex(lambda values: values / 1023), [("scale_unit", None)]),
        (flex(lambda values: values / 310), [("scale_other", None)]),
        (flex(lambda values: (values - 700) / 4), [("scale_other", None)]),
        (changed(2, lambda values: 0 * values[:, 2] + 800), [("sensor_still", "flex3")]),
        (changed(2, lambda values: 800 + values[:, 2] % 1), [("sensor_still", "flex3")]),
        (changed(3, lambda values: values[:, 1] + 5), [("sensors_alike", "flex4")]),
        (changed(1, lambda values: 1600 - values[:, 1]), [("sensor_reversed", "flex2")]),
        (changed(1, lambda values: 0 * values[:, 1] + np.nan), [("missing_sensors", None)]),
        (changed(4, lambda values: np.where(np.arange(40) % 4, values[:, 4], 1023)), [("sensor_at_rail", "flex5")]),
        (
            lambda values: np.concatenate([values[:, :5], np.deg2rad(values[:, 5:])], axis=1),
            [("angles_in_radians", None)],
        ),
        (lambda values: np.concatenate([values[:, :5], 0 * values[:, 5:]], axis=1), [("angles_still", None)]),
    ],
)
def test_what_is_unusual_is_said_by_its_code_and_channel(
    change: Callable[[Values], Values], expected: list[tuple[str, str | None]]
) -> None:
    assert said(change) == expected


def test_all_sensors_the_other_way_round_are_said() -> None:
    found = said(flex(lambda values: 1023 - values))
    assert ("scale_other", None) in found
    assert [channel for code, channel in found if code == "sensor_reversed"] == [f"flex{n}" for n in range(1, 6)]


def test_a_rate_that_is_too_low_is_said_with_the_one_that_is_needed() -> None:
    (notice,) = survey(episodes(step_ms=500))
    assert (notice.code, notice.values) == ("rate_low", {"rate_hz": 2.0, "needed_hz": 20.0})


def test_each_collection_is_judged_by_itself() -> None:
    other = [
        Episode(e.path, "theirs", e.label, e.bend, e.t_ms, e.values * np.float32(4), e.repairs) for e in episodes()
    ]
    assert {notice.collection for notice in survey([*episodes(), *other])} == {"theirs"}


def test_one_short_episode_is_enough_to_say_its_scale() -> None:
    (one, *_) = episodes(flex(lambda values: 4 * values))
    assert [notice.code for notice in survey([one])] == ["scale_12_bit"]


def test_the_public_recordings_are_unusual_only_where_a_sensor_lost_contact(
    recordings_root: Path, recorded_files: list[Path]
) -> None:
    found = survey(load_folder(recordings_root, recorded_files[::4])[0])
    assert [(notice.collection, notice.code, notice.channel) for notice in found] == [
        ("collection_a", "sensor_at_rail", "flex2")
    ]


def test_the_published_recordings_of_another_glove_are_on_another_scale(recordings_root: Path) -> None:
    found = survey(load_folder(recordings_root.parent / "asl_glove" / "as_published")[0])
    assert [notice.code for notice in found] == ["scale_other"]


def test_fingers_that_bend_together_in_all_of_few_labels_are_not_taken_for_one() -> None:
    rng = np.random.default_rng(0)

    def signs(second: Callable[[Values], Values]) -> list[Episode]:
        made = []
        for label, bent in (("up", 700.0), ("stop", 800.0), ("water", 900.0)):
            for _ in range(8):
                values = np.full((40, 8), bent) + rng.normal(0, 8, 8) + rng.normal(0, 1, (40, 8))
                values[:, [0, 2, 4]] = rng.uniform(700, 900, 3) + rng.normal(0, 1, (40, 3))
                values[:, 3] = second(values)
                made.append(
                    Episode(Path(), "a", label, "1", 20.0 * np.arange(40), values.astype(np.float32), Counter())
                )
        return made

    alone = signs(lambda values: values[:, 3])
    twice = signs(lambda values: values[:, 1] + 5)
    assert "sensors_alike" not in {notice.code for notice in survey(alone)}
    assert [notice.channel for notice in survey(twice) if notice.code == "sensors_alike"] == ["flex4"]
