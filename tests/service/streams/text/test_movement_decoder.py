"""One movement for each moving sign: none for rest, for transitions and for what windows do not agree on."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.streams.text.movement_decoder import AGREEING_MS, EVIDENCE, FADED_MS, Movement, MovementDecoder

LABELS = "abxyz"
MOVING = np.array([False, False, True, True, True])
HOP_MS = 100.0
HOLD_MS = 240.0


def seen(label: str, log_odds: float = 20.0) -> np.ndarray:
    """Return probabilities of a window that shows a label with these odds against none of them (`-`)."""
    scores = np.full(len(LABELS) + 1, -log_odds)
    scores[LABELS.index(label) if label in LABELS else -1] = 0.0
    likely = np.exp(scores)
    return likely / likely.sum()


def new_decoder() -> MovementDecoder:
    return MovementDecoder(MOVING, HOLD_MS, 0.85)


def decode(decoder: MovementDecoder, script: str, begin_ms: float = 0, log_odds: float = 20.0) -> list[Movement]:
    """Decode one window each 100 ms: a small letter is what it shows while the hand moves, a large one while it is
    still; `-` and `_` show no label, moving and still."""
    found, still_ms = [], 1000.0
    for at, each in enumerate(script):
        still_ms = 0.0 if each.islower() or each == "-" else still_ms + HOP_MS
        ended = decoder.push(begin_ms + at * HOP_MS, seen(each.lower(), log_odds), still_ms)
        found += [] if ended is None else [ended]
    return found


def test_a_moving_sign_is_one_movement_that_ends_when_the_hand_came_to_rest() -> None:
    (movement,) = decode(new_decoder(), "____--xxxxxxXXXXXXXX____")
    assert (movement.label, movement.begin_ms, movement.end_ms) == (2, 600, 1100)
    assert movement.probability == pytest.approx(1, abs=1e-6)


def test_rest_is_no_sign_whatever_windows_show() -> None:
    assert decode(new_decoder(), "X" * 50) == []
    assert decode(new_decoder(), "____----____----") == []


def test_a_static_letter_is_no_movement() -> None:
    assert decode(new_decoder(), "____aaaaaaaaAAAAAAAA____") == []


def test_a_transition_in_which_no_sign_is_the_best_for_long_is_none() -> None:
    assert decode(new_decoder(), "____xxyyzzxxAAAAAA") == []
    assert decode(new_decoder(), "____xxxAAAAAA") == []


def test_a_sign_that_resembles_the_examples_little_is_none() -> None:
    assert decode(new_decoder(), "____xxxxxxxxXXXXXX", log_odds=8) == []


def test_a_short_halt_is_a_turning_point() -> None:
    assert [each.label for each in decode(new_decoder(), "____yyyyyyXXxxxxxxXXXXXX")] == [2]


def test_a_sign_that_begins_like_another_is_named_by_its_end() -> None:
    assert [each.label for each in decode(new_decoder(), "____yyyyyyxxxxxxXXXXXX")] == [2]


def test_a_sign_from_which_the_hand_goes_on_has_ended() -> None:
    ((label, end_ms),) = [(each.label, each.end_ms) for each in decode(new_decoder(), "____xxxxxx--------____")]
    assert (label, end_ms) == (2, 900)


def test_the_same_sign_counts_again_only_when_windows_have_not_shown_it_in_between() -> None:
    assert len(decode(new_decoder(), "____xxxxxxXXXXXxxxxxxxXXXXX")) == 1
    assert len(decode(new_decoder(), "____xxxxxxXXXXX---xxxxxxXXXXX")) == 2


def test_another_sign_follows_without_a_rest() -> None:
    labels = [each.label for each in decode(new_decoder(), "____xxxxxx---yyyyyyYYYYY")]
    assert labels == [2, 3]


def test_frames_that_are_missing_end_the_movement_without_a_sign() -> None:
    decoder = new_decoder()
    decode(decoder, "____xxxxxx")
    assert decoder.is_going_on
    decoder.break_off()
    assert not decoder.is_going_on
    assert decode(decoder, "XXXXXX", begin_ms=1000) == []


def test_it_goes_on_until_the_hand_has_rested() -> None:
    decoder = new_decoder()
    going = []
    for at, still_ms in enumerate((1000.0, 0.0, 100.0, 200.0, 0.0, 100.0, 200.0, 300.0)):
        decoder.push(at * HOP_MS, seen("-"), still_ms)
        going.append(decoder.is_going_on)
    assert going == [False, True, True, True, True, True, True, False]


windows = st.tuples(
    st.integers(10, 300), st.sampled_from("abxyz-"), st.sampled_from([0.0, 80.0, 1000.0]), st.booleans()
)


@given(st.lists(windows, max_size=150))
def test_movements_follow_each_other_and_take_time(script: list[tuple[int, str, float, bool]]) -> None:
    decoder, t_ms, ends = new_decoder(), 0.0, []
    for pause, label, still_ms, breaks in script:
        t_ms += pause
        if breaks and label == "-":
            decoder.break_off()
        ended = decoder.push(t_ms, seen(label), still_ms)
        if ended is not None:
            assert MOVING[ended.label]
            assert ended.begin_ms <= ended.end_ms <= t_ms
            ends.append(t_ms)
    assert all(later - earlier >= min(AGREEING_MS, FADED_MS) for earlier, later in pairwise(ends))


@given(st.integers(0, 2**32 - 1), st.floats(0.35, 1))
def test_noise_is_silence(seed: int, flat: float) -> None:
    """Probabilities drawn for every window by itself, none of them sure, of a hand that stops now and then."""
    rng, decoder, still_ms = np.random.default_rng(seed), new_decoder(), 0.0
    for at in range(200):
        still_ms = 0.0 if rng.random() < 0.3 else still_ms + HOP_MS
        drawn = rng.dirichlet(np.full(len(LABELS) + 1, flat))
        drawn[-1] = max(drawn[-1], np.exp(-EVIDENCE))  # noise may by chance be sure, as sure as a sign
        assert decoder.push(at * HOP_MS, drawn / drawn.sum(), still_ms) is None
