"""The simulated sensors on this computer, and the core's measurement of their raw readings."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from firmware_bridge.emulator import letters_in_c
from firmware_bridge.emulator.glove_model import HOLD_S, MOVE_S, REST_S
from scaleglove.channels import ANGLES, FLEX
from scaleglove.hangul.spelling import letters
from scaleglove.letter_templates import load_templates
from scaleglove.resampling import wrap_degrees
from scaleglove.vocabulary import load_vocabulary
from tests.firmware.builds import FIRMWARE
from tests.firmware.conftest import BuildImage

Values = NDArray[np.float64]

TEXT = "안녕"


class Trace:
    """The core's measurement: times in s, letters (None in movement), true and measured values [samples, 8]."""

    def __init__(self, output: str) -> None:
        rows = np.array([line.split() for line in output.splitlines()], np.float64)
        self.t_s = rows[:, 0] / 1e6
        letters = load_vocabulary("korean").names
        self.letters = [letters[int(number)] if number < len(letters) else None for number in rows[:, 1]]
        self.true, self.measured = rows[:, 2:10], rows[:, 10:]

    def errors(self) -> Values:
        errors: Values = self.measured - self.true
        errors[:, ANGLES] = wrap_degrees(errors[:, ANGLES])
        return errors

    def stretches(self) -> list[tuple[str | None, float]]:
        """Return each letter, or None between letters, and its duration in s."""
        begins = [n for n in range(len(self.letters)) if n == 0 or self.letters[n] != self.letters[n - 1]]
        ends = [*begins[1:], len(self.letters) - 1]
        return [(self.letters[a], self.t_s[b] - self.t_s[a]) for a, b in zip(begins, ends, strict=True)]


@pytest.fixture(scope="module")
def program(build_image: BuildImage) -> Path:
    return build_image("BUILD/simulated_trace").path("simulated_trace")


def trace(program: Path, *, begin_us: int = 0, interval_us: int = 20_000, seconds: float = 60, seed: int = 1) -> Trace:
    samples = int(seconds * 1e6 / interval_us)
    numbers = [str(number) for number in (begin_us, interval_us, samples, seed)]
    return Trace(subprocess.run([str(program), *numbers], capture_output=True, text=True, check=True).stdout)


@pytest.mark.parametrize(
    ("name", "written"), [("letters.h", letters_in_c.header()), ("letters.c", letters_in_c.source(load_templates()))]
)
def test_the_table_in_c_is_that_of_the_emulator(name: str, written: str) -> None:
    kept = (FIRMWARE / "boards" / "simulated" / name).read_text(encoding="utf-8")
    assert kept == written, "python -m firmware_bridge.emulator.letters_in_c firmware_bridge/firmware/boards/simulated"


def test_the_hand_rests_and_then_spells_over_and_over(program: Path) -> None:
    first, *stretches, _ = trace(program).stretches()
    assert first == (None, pytest.approx(REST_S + MOVE_S, abs=0.03))
    held = [letter for letter, _ in stretches if letter]
    spelled = letters(TEXT)
    assert held == (spelled * 10)[: len(held)]
    for letter, seconds in stretches:
        assert letter is None or seconds == pytest.approx(HOLD_S, abs=0.03)
        # Between two equal letters the hand opens, which takes two movements.
        assert letter or any(seconds == pytest.approx(moves * MOVE_S, abs=0.03) for moves in (1, 2))


def test_a_held_letter_is_the_table_s(program: Path) -> None:
    seen = trace(program)
    table = load_templates()
    for letter, values in zip(seen.letters, seen.true, strict=True):
        if letter:
            difference = values - np.array(table.letters[letter].mean)
            difference[ANGLES] = wrap_degrees(difference[ANGLES])
            assert np.abs(difference).max() < 0.01


@pytest.mark.parametrize(("interval_us", "roll_bound"), [(5_000, 3), (10_000, 3), (20_000, 3), (40_000, 4.5)])
@pytest.mark.parametrize("begin_us", [0, 2**32 - 5_000_000])
def test_the_core_s_filter_gives_the_orientation_back(
    program: Path, interval_us: int, roll_bound: float, begin_us: int
) -> None:
    """Use raw acceleration and biased turn rate; the bound of the yaw, which nothing corrects, is for a minute."""
    errors = np.abs(trace(program, begin_us=begin_us, interval_us=interval_us).errors()[:, ANGLES])
    assert (errors.max(axis=0) < [2, roll_bound, 4]).all()
    assert (np.median(errors, axis=0) < [0.3, roll_bound / 6, 2]).all()


def test_the_yaw_drifts_no_further_than_a_glove_s_in_ten_minutes(program: Path) -> None:
    errors = np.abs(trace(program, seconds=600).errors()[:, ANGLES])
    assert (errors.max(axis=0) < [2, 3, 8]).all()


def test_held_fingers_read_as_the_table_has_them(program: Path) -> None:
    seen = trace(program)
    errors = seen.errors()[:, FLEX]
    settled = np.array(
        [letter is not None and seen.letters[max(0, n - 25)] == letter for n, letter in enumerate(seen.letters)]
    )
    assert np.abs(errors[settled].mean(axis=0)).max() < 1
    assert errors[settled].std(axis=0).max() < 10
    assert errors[settled].std(axis=0).min() > 0.5


def test_the_same_seed_gives_the_same_readings_and_another_one_others(program: Path) -> None:
    once, again, other = (trace(program, seconds=5, seed=seed).measured for seed in (1, 1, 2))
    assert (once == again).all()
    assert (once != other).any()
