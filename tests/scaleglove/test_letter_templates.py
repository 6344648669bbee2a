"""The tables of the package: one hand shape or movement a sign."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from scaleglove.channels import DROPPED_FLEX_BELOW, FLEX
from scaleglove.letter_templates import (
    ARM_DOWN_DEG,
    LetterTemplatesError,
    load_templates,
    neutral_shape,
    package_templates,
    resting_shape,
)
from scaleglove.vocabulary import load_vocabulary, package_vocabularies

SOURCES = {"korean": ("SignGlove", "MIT"), "american": ("ASL-Sensor-Dataglove", "doi"), "american_signs": ("figshare",)}


@pytest.mark.parametrize("name", package_templates())
def test_a_table_of_the_package_has_every_sign_with_healthy_flex_sensors(name: str) -> None:
    table = load_templates(name)
    assert all(word in table.source for word in SOURCES[name])
    assert table.vocabulary == load_vocabulary(name)
    assert tuple(table.letters) == table.vocabulary.names
    for sign in table.vocabulary.labels:
        figures = table.letters[sign.label]
        assert min(figures.mean[FLEX]) > DROPPED_FLEX_BELOW
        assert max(figures.mean[FLEX]) < 1023
        assert min(figures.spread) >= 0
        assert sign.label in figures.measured
        assert bool(figures.path) == bool(figures.seconds) == sign.moving


def test_every_vocabulary_of_the_package_has_a_table() -> None:
    assert package_templates() == package_vocabularies()


def test_what_is_no_table_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "letters.json"
    path.write_text("{}")
    with pytest.raises(LetterTemplatesError, match=r"letters\.json"):
        load_templates(str(path))
    with pytest.raises(LetterTemplatesError, match="no templates of dutch; there are american, american_signs, korean"):
        load_templates("dutch")


@pytest.mark.parametrize("name", package_templates())
def test_a_table_survives_its_own_text(tmp_path: Path, name: str) -> None:
    path = tmp_path / "letters.json"
    path.write_text(load_templates(name).to_json(), encoding="utf-8")
    assert load_templates(str(path)) == load_templates(name)


def test_a_table_without_a_vocabulary_is_of_korean_letters(tmp_path: Path) -> None:
    path = tmp_path / "letters.json"
    table = load_templates()
    path.write_text(table.model_dump_json(exclude={"vocabulary"}), encoding="utf-8")
    assert load_templates(str(path)) == table


def test_the_neutral_shape_is_one_that_a_hand_has() -> None:
    neutral = neutral_shape(load_templates())
    assert neutral.shape == (8,)
    assert (neutral[FLEX] > 700).all()


@pytest.mark.parametrize("name", package_templates())
def test_the_resting_arm_points_where_no_letter_does(name: str) -> None:
    table = load_templates(name)
    rest = down(*resting_shape(table)[5:7])
    for label, figures in table.letters.items():
        if not figures.path:
            assert rest @ down(*figures.mean[5:7]) < np.cos(np.deg2rad(45)), label


def test_the_resting_arm_of_the_recorded_glove_hangs() -> None:
    assert resting_shape(load_templates())[5:7].tolist() == list(ARM_DOWN_DEG)


def down(pitch: float, roll: float) -> np.ndarray:
    p, r = np.deg2rad([pitch, roll])
    return np.array([-np.sin(p), np.cos(p) * np.sin(r), np.cos(p) * np.cos(r)])
