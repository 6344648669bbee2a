"""The shapes that a stream keeps: which, under which number, and how exactly."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.runtime.artefact import Artefact
from models.runtime.contract import ModelContract
from scaleglove.protocol import Gesture, Text
from scaleglove.resampling import wrap_degrees
from service.problems import ProblemError
from service.streams.shape_memory import KEPT_FRAMES, LEAST_MS, REMEMBERED, ShapeMemory

HOP_MS = 100.0


@pytest.fixture(scope="module")
def contract(artefact_path: object) -> ModelContract:
    return Artefact.load(artefact_path).contract  # type: ignore[arg-type]


def shown(seed: int, frames: int = 80) -> np.ndarray:
    rng = np.random.default_rng(seed)
    shape = rng.uniform([400] * 5 + [-180] * 3, [950] * 5 + [180] * 3)
    raw = shape + rng.normal(0, [4] * 5 + [1] * 3, (frames, 8))
    raw[:, 5:] = wrap_degrees(raw[:, 5:])
    return raw.astype(np.float32)


class Hand:
    """Holds and moves; windows fall due every HOP_MS."""

    def __init__(self, contract: ModelContract) -> None:
        self.memory = ShapeMemory(contract)
        self.now_ms = 0.0

    def hold(self, for_ms: float, raw: np.ndarray, letter: str | None = None) -> int | None:
        """Hold a shape, for which `letter` is written; return the number under which that is announced."""
        self.stay(raw, 0.0)
        for still_ms in np.arange(HOP_MS, for_ms + 1, HOP_MS):
            self.stay(raw, float(still_ms))
        return None if letter is None else self.write(letter)

    def write(self, letter: str) -> int | None:
        begun = self.memory.named(Gesture("begin", letter, self.now_ms, 0.9))
        assert isinstance(begun, Gesture)
        return begun.shape

    def move(self) -> None:
        self.stay(shown(0), 0.0)

    def stay(self, raw: np.ndarray, still_ms: float) -> None:
        """Let a window fall due."""
        self.now_ms += HOP_MS
        self.memory.push(self.now_ms, raw, still_ms)


@pytest.fixture
def hand(contract: ModelContract) -> Hand:
    return Hand(contract)


@given(st.integers(0, 2**32 - 1))
def test_the_newest_frames_are_kept_more_exactly_than_a_hand_is_still(contract: ModelContract, seed: int) -> None:
    hand, raw = Hand(contract), shown(seed)
    number = hand.hold(800, raw, "ㄱ")
    before = hand.memory.now.shapes
    hand.move()
    (shape,) = hand.memory.now.shapes
    assert (before[0].is_over, shape.is_over) == (False, True)
    assert shape.number == number == before[0].number
    assert (shape.letter, shape.t_ms) == ("ㄱ", 2 * HOP_MS - HOP_MS)
    np.testing.assert_array_equal(before[0].frames, raw[-KEPT_FRAMES:])  # while it is held
    apart = shape.frames - raw[-KEPT_FRAMES:]
    apart[:, 5:] = wrap_degrees(apart[:, 5:])
    assert np.abs(apart).max() < 0.01


def test_a_lost_sensor_and_readings_in_another_unit_are_kept(hand: Hand) -> None:
    raw = shown(1)
    raw[:, 0] = np.nan
    raw[-5:, 1] = np.nan
    raw[:, 2] = np.linspace(-1e6, 1e6, 80)
    raw[-3:, 3] = 0.0
    hand.hold(800, raw)
    hand.move()
    (shape,) = hand.memory.now.shapes
    np.testing.assert_array_equal(np.isnan(shape.frames), np.isnan(raw[-KEPT_FRAMES:]))
    assert not np.isinf(shape.frames).any()
    np.testing.assert_allclose(shape.frames[:, 3], raw[-KEPT_FRAMES:, 3], atol=0.3)


def test_only_still_frames_are_kept(hand: Hand) -> None:
    hand.hold(300, shown(2))
    hand.move()
    (shape,) = hand.memory.now.shapes
    assert len(shape.frames) == 15


def test_a_halt_is_no_shape(hand: Hand) -> None:
    hand.hold(LEAST_MS - 40, shown(3))
    assert not hand.memory.now.shapes
    hand.move()
    assert not hand.memory.now.shapes


@given(st.lists(st.booleans(), min_size=1, max_size=120))
def test_the_newest_are_kept_in_order_each_under_its_own_number(contract: ModelContract, held: list[bool]) -> None:
    hand, announced = Hand(contract), []
    for index, is_long in enumerate(held):
        number = hand.hold(400 if is_long else 100, shown(index), str(index))
        hand.move()
        if is_long:
            announced.append((number, str(index)))
    shapes = hand.memory.now.shapes
    assert [(shape.number, shape.letter) for shape in shapes] == announced[-REMEMBERED:]
    assert len({number for number, _ in announced}) == len(announced)


def test_of_two_letters_in_one_hold_the_second_is_kept(hand: Hand) -> None:
    first = hand.hold(400, shown(4), "ㄱ")
    hand.stay(shown(4), 500.0)
    second = hand.write("ㄴ")
    hand.move()
    (shape,) = hand.memory.now.shapes
    assert (shape.number, shape.letter) == (second, "ㄴ")
    assert first != second


def test_a_shape_that_is_answered_while_it_is_held_stays_as_the_example_is(hand: Hand) -> None:
    number = hand.hold(400, shown(9), "ㄱ")
    assert number is not None
    example = hand.memory.answered(number).numbered(number)
    assert not example.is_over
    hand.stay(shown(10), 500.0)
    assert [shape.number for shape in hand.memory.answered(number).shapes] == [number]
    hand.move()
    (shape,) = hand.memory.now.shapes
    assert (shape.number, shape.letter, shape.is_over) == (number, "ㄱ", True)
    np.testing.assert_array_equal(shape.frames, example.frames)
    hand.hold(400, shown(11))
    assert hand.memory.answered(number).numbered(number + 1).frames.tolist() == shown(11)[-20:].tolist()


def test_an_answer_is_about_the_first_letter_of_a_hold(hand: Hand) -> None:
    first = hand.hold(400, shown(4), "ㄱ")
    assert first is not None
    hand.memory.answered(first)
    hand.stay(shown(8), 500.0)
    second = hand.write("ㄴ")
    hand.move()
    (shape,) = hand.memory.now.shapes
    assert (shape.number, shape.letter) == (second, "ㄴ")
    np.testing.assert_allclose(shape.frames[:, :5], shown(8)[-KEPT_FRAMES:, :5], atol=0.01)


def test_a_letter_that_begins_early_is_kept_where_it_is_long_enough_for_the_model(hand: Hand) -> None:
    """With a shorter `hold_s` than the default."""
    period_ms = hand.memory.contract.period_ms
    assert hand.memory.contract.min_frames * period_ms == 2 * HOP_MS < LEAST_MS
    assert hand.hold(HOP_MS, shown(12), "ㄱ") is None
    hand.move()
    assert not hand.memory.now.shapes
    number = hand.hold(2 * HOP_MS, shown(13), "ㄴ")
    hand.move()
    (shape,) = hand.memory.now.shapes
    assert (shape.number, shape.letter) == (number, "ㄴ")


def test_a_sign_that_moved_has_no_shape(hand: Hand) -> None:
    hand.hold(400, shown(5))
    begun = Gesture("begin", "thank you", hand.now_ms - 700, 0.9)
    ended = Gesture("end", "thank you", hand.now_ms, 0.9)
    text = Text(hand.now_ms, "", "", "")
    assert [hand.memory.named(message) for message in (begun, ended, text)] == [begun, ended, text]
    hand.move()
    (shape,) = hand.memory.now.shapes
    assert shape.letter is None


def test_frames_that_are_missing_end_a_shape(hand: Hand) -> None:
    hand.hold(400, shown(6))
    hand.memory.finish()
    hand.hold(400, shown(6))
    assert [shape.number for shape in hand.memory.now.shapes] == [0, 1]


def test_a_shape_that_is_not_kept_is_unknown(hand: Hand) -> None:
    hand.hold(400, shown(7), "ㄱ")
    assert hand.memory.now.numbered(0).letter == "ㄱ"
    with pytest.raises(ProblemError) as refused:
        hand.memory.now.numbered(1)
    assert (refused.value.status, refused.value.code, refused.value.field) == (404, "unknown_shape", "shape")


def test_what_a_stream_keeps_is_small(hand: Hand) -> None:
    """docs/guide/calibration.md says how much."""
    for seed in range(REMEMBERED):
        hand.hold(500, shown(seed), "ㄱ")
        hand.move()
    objects = [each for packed in hand.memory._kept for each in (packed, packed.data, packed.t_ms)]
    assert sum(map(sys.getsizeof, objects)) + sys.getsizeof(hand.memory._kept) < 28 * 1024
