"""The spelling hand: which letter is held when, how it moves, what the sensors add."""

from __future__ import annotations

from itertools import groupby, pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_bridge.emulator.glove_model import (
    AFTER_S,
    MOVE_S,
    REST_S,
    SHOWN_S,
    GloveModel,
    Segment,
)
from scaleglove.channels import ANGLES, FLEX
from scaleglove.hangul.spelling import letters
from scaleglove.letter_templates import load_templates, neutral_shape, resting_shape
from scaleglove.letters import LETTERS
from scaleglove.resampling import wrap_degrees
from scaleglove.signed_text import REST, SpellingError

TABLE = load_templates()


def glove(text: str, **options: object) -> GloveModel:
    return GloveModel(text, TABLE, **{"once": True, **options})  # type: ignore[arg-type]


def script(text: str, **options: object) -> list[Segment]:
    model = glove(text, **options)
    seen: list[Segment] = []
    while model.read(10.0) is not None:
        assert model.segment is not None
        if not seen or seen[-1] is not model.segment:
            seen.append(model.segment)
    return seen


def test_spells_the_letters_in_order_each_held_as_long_as_asked() -> None:
    held = [segment for segment in script("안녕", hold_s=0.5) if segment.letter]
    assert [segment.letter for segment in held] == letters("안녕")
    assert [segment.end_s - segment.start_s for segment in held] == pytest.approx([0.5] * 6)


def test_opens_the_hand_between_equal_letters_only() -> None:
    neutral = neutral_shape(TABLE)
    segments = script("ㄱㄱㄴ")
    places = [place for place, segment in enumerate(segments) if segment.letter]
    between_equal = segments[places[0] + 1 : places[1]]
    assert [np.array_equal(segment.end, neutral) for segment in between_equal] == [True, False]
    assert places[2] - places[1] == 2


def test_at_a_space_the_arm_hangs_down() -> None:
    segments = script("ㄱ ㄴ", hold_s=0.8)
    rests = [segment for segment in segments if segment.letter is None and segment.end_s - segment.start_s > 0.5]
    assert len(rests) == 1
    assert rests[0].shape_at(rests[0].start_s + 0.4) == pytest.approx(resting_shape(TABLE), abs=1e-3)


@given(st.text(st.sampled_from([*LETTERS, REST]), max_size=6), st.integers(0, 3))
@settings(max_examples=25)
def test_the_hand_never_jumps_and_time_has_no_gaps(text: str, seed: int) -> None:
    segments = script(text, hold_s=0.2, seed=seed)
    assert segments[0].start_s == 0.0
    for before, after in pairwise(segments):
        assert after.start_s == before.end_s
        step = after.shape_at(after.start_s) - before.shape_at(before.end_s)
        assert np.abs(step[FLEX]).max() < 1e-3
        assert np.abs(wrap_degrees(step[ANGLES])).max() < 1e-3
    assert segments[0].shape_at(0.0) == pytest.approx(neutral_shape(TABLE), abs=1e-3)


def test_angles_move_the_shorter_arc_and_start_and_end_slowly() -> None:
    begin, end = np.zeros(8, np.float32), np.zeros(8, np.float32)
    begin[7], end[7] = 170.0, -170.0
    move = Segment(0.0, MOVE_S, begin, end, None)
    path = [move.shape_at(MOVE_S * fraction)[7] % 360 for fraction in (0.0, 0.1, 0.5, 0.9, 1.0)]
    assert path == pytest.approx([170.0, 170.17, 180.0, 189.83, 190.0], abs=0.01)


def test_the_readings_of_a_held_letter_have_its_mean_and_spread() -> None:
    model = glove("ㄱ", hold_s=20.0)
    readings = []
    while (reading := model.read(20.0)) is not None:
        if model.segment is not None and model.segment.letter == "ㄱ":
            readings.append(reading.values)
    values = np.stack(readings)
    figures = TABLE.letters["ㄱ"]
    assert values[:50].mean(axis=0)[FLEX] == pytest.approx(figures.mean[FLEX], abs=10)
    noise = np.diff(values, axis=0).std(axis=0) / np.sqrt(2)
    assert noise[FLEX] == pytest.approx(figures.spread[FLEX], rel=0.1, abs=0.3)


def test_readings_are_as_the_board_reports_them() -> None:
    model = glove("하")
    times = []
    while (reading := model.read(100 / 3)) is not None:
        times.append(reading.t_ms)
        assert reading.values.dtype == np.float32
        assert np.array_equal(reading.values[FLEX], np.rint(reading.values[FLEX]))
        assert np.abs(reading.values[ANGLES]).max() <= 180.0
    assert times[:4] == [0, 33, 67, 100]
    assert times[300 // 3] == pytest.approx(100 * 100 / 3, abs=0.5)


def test_the_same_seed_gives_the_same_readings_and_another_seed_others() -> None:
    def readings(seed: int) -> np.ndarray:
        model = glove("가", seed=seed)
        return np.stack([model.read(20.0).values for _ in range(100)])  # type: ignore[union-attr]

    assert np.array_equal(readings(1), readings(1))
    assert not np.array_equal(readings(1), readings(2))


@pytest.mark.parametrize("text", ["ㄱㄴ", "ㄱㄴ ", " ㄱㄴ"])
def test_the_text_goes_round_with_one_rest_between(text: str) -> None:
    model = GloveModel(text, TABLE, hold_s=0.2)
    rounds = []
    for _ in range(1200):
        assert model.read(10.0) is not None
        assert model.segment is not None
        is_rest = model.segment.letter is None and model.segment.end_s - model.segment.start_s >= REST_S
        rounds.append(REST if is_rest else model.segment.letter or "")
    assert "ㄱㄴ ㄱㄴ ㄱ" in "".join(letter for letter, _ in groupby(rounds))


def test_a_text_that_cannot_be_spelled_is_refused() -> None:
    with pytest.raises(SpellingError, match="'h'"):
        glove("hi")


def ends(model: GloveModel, seconds: float) -> np.ndarray:
    """Return the readings of the next seconds, float32[n, 8]."""
    readings = [model.read(20.0) for _ in range(round(seconds * 50))]
    return np.array([reading.values for reading in readings if reading is not None])


@settings(max_examples=30, deadline=None)
@given(st.sampled_from([*LETTERS, "rest"]), st.floats(0, 5), st.integers(0, 99))
def test_the_hand_shows_what_it_is_asked_for_from_wherever_it_is(label: str, after_s: float, seed: int) -> None:
    model = glove("안녕", once=False, seed=seed)
    ends(model, after_s)
    before = model.segment
    assert before is not None
    model.show(label)
    held = ends(model, MOVE_S + 2.0)[-80:]
    assert model.segment is not None
    assert model.segment.letter == (None if label == "rest" else label)
    wanted = resting_shape(TABLE) if label == "rest" else np.array(TABLE.letters[label].mean)
    off = np.median(held, axis=0) - wanted
    off[ANGLES] = wrap_degrees(off[ANGLES])
    assert (np.abs(off[FLEX]) < 40).all()
    assert (np.abs(off[ANGLES]) < 20).all()


def test_each_time_a_letter_is_held_differently_and_the_same_request_keeps_it_there() -> None:
    model = glove("안녕", once=False)
    shapes = []
    for label in ("ㅁ", "ㅁ", "ㅏ", "ㅁ"):
        model.show(label)
        ends(model, 2 * MOVE_S)
        assert model.segment is not None
        shapes.append(model.segment.end)
    assert np.array_equal(shapes[0], shapes[1])
    assert not np.array_equal(shapes[0], shapes[3])


def test_it_goes_on_with_the_text_when_it_is_let_go_or_nobody_waits() -> None:
    for let_go in (True, False):
        model = glove("ㄴ", once=False)
        model.show("ㅁ")
        ends(model, 1.0)
        if let_go:
            model.show(None)
        else:
            ends(model, SHOWN_S)
        ends(model, 1.0)
        assert model.segment is not None
        assert model.segment.letter == "ㄴ"
    spelling = model.segment
    model.show(None)
    assert model.segment is spelling


def signed(text: str, vocabulary: str, **options: object) -> list[Segment]:
    model = GloveModel(text, load_templates(vocabulary), once=True, **options)  # type: ignore[arg-type]
    seen: list[Segment] = []
    while model.read(10.0) is not None:
        if model.segment is not None and (not seen or seen[-1] is not model.segment):
            seen.append(model.segment)
    return seen


def test_spells_in_the_language_of_its_vocabulary() -> None:
    held = [segment.letter for segment in signed("Hello world", "american", hold_s=0.3) if segment.letter]
    assert held == list("helloworld")
    with pytest.raises(SpellingError, match="'j', cannot be spelled"):
        signed("jazz", "american")


def test_a_sign_that_moves_is_made_once_and_then_the_hand_is_still() -> None:
    table = load_templates("american_signs")
    of_j = [segment for segment in signed("ij", "american_signs", hold_s=0.5) if segment.letter == "j"]
    *moving, still = of_j
    assert moving[-1].end_s - moving[0].start_s == pytest.approx(table.letters["j"].seconds)
    assert [segment.begin for segment in moving] == pytest.approx(np.array(table.letters["j"].path[:-1]), abs=1e-3)
    assert still.end_s - still.start_s == pytest.approx(AFTER_S)
    assert np.array_equal(still.begin, still.end)


def test_a_sign_that_moves_is_shown_again_and_again() -> None:
    model = GloveModel("a", load_templates("american_signs"))
    model.show("hello")
    beginnings = 0
    before = None
    while (reading := model.read(20.0)) is not None and reading.t_ms < 10_000:
        assert model.segment is not None
        beginnings += model.segment.letter is not None and before is None
        before = model.segment.letter
        assert before in {None, "hello"}
    assert beginnings == 4
