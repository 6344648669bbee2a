"""One begin and one end for each letter signed; none for rest, movement, doubt and what lies behind a gap."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from scaleglove.letters import LETTERS
from scaleglove.protocol import DecoderOptions, Gesture
from service.streams.scored_window import ScoredWindow
from service.streams.text.decoder import ALONE_MS, KEPT_BACK_MS, SURE, LetterDecoder

HOP_MS = 100.0
STILL_MS = 1000.0


def seen(t_ms: float, letter: str, still_ms: float = STILL_MS, share: float = 0.95) -> ScoredWindow:
    """Return a window whose probability is `share` for a letter, or for none (`-`), and the same for all others."""
    probabilities = np.full(len(LETTERS) + 1, (1 - share) / len(LETTERS))
    probabilities[len(LETTERS) if letter == "-" else LETTERS.index(letter)] = share
    return ScoredWindow(t_ms, probabilities, still_ms)


def new_decoder(**options: float) -> LetterDecoder:
    return LetterDecoder(LETTERS, DecoderOptions(**options))


def decode(decoder: LetterDecoder, script: str, begin: float = 0) -> list[tuple[str, str, float]]:
    """Decode one window each 100 ms: a letter or none (`-`) that is held, or a moving hand (`~`).

    The hand has been still since it last moved, or for long at the beginning.
    """
    events: list[Gesture] = []
    still_ms = STILL_MS
    for at, letter in enumerate(script):
        still_ms = 0.0 if letter == "~" else still_ms + HOP_MS
        events += decoder.push(seen(begin + at * HOP_MS, "ㅎ" if letter == "~" else letter, still_ms))
    return [(event.phase, event.label, event.t_ms) for event in events]


def test_a_letter_begins_once_when_it_has_been_held() -> None:
    assert decode(new_decoder(), "~ㄱㄱㄱㄱㄱㄱㄱㄱㄱㄱ") == [("begin", "ㄱ", 300)]
    assert decode(new_decoder(hold_s=0.15), "~ㄱㄱㄱㄱㄱㄱ") == [("begin", "ㄱ", 200)]
    assert decode(new_decoder(hold_s=0.4), "~ㄱㄱㄱㄱㄱㄱ") == [("begin", "ㄱ", 400)]


def test_a_hand_on_its_way_shows_no_letter_however_sure_the_model_is() -> None:
    decoder = new_decoder()
    for at in range(100):
        assert decoder.push(seen(at * HOP_MS, "ㄱ", still_ms=40, share=0.999)) == []


def test_rest_and_shapes_that_fit_no_letter_show_none() -> None:
    assert decode(new_decoder(), "-" * 50 + "~" + "-" * 50) == []


def test_what_the_windows_do_not_agree_on_does_not_begin() -> None:
    assert decode(new_decoder(), "~ㄱㄴㄷㄱㄴㄷㄱㄴㄷㄱㄴㄷ") == []


def test_little_confidence_is_not_enough_and_how_much_is_can_be_set() -> None:
    sure, easy = new_decoder(), new_decoder(min_confidence=0.5)
    doubtful = [seen(at * HOP_MS, "ㄱ", share=0.6) for at in range(20)]
    assert [event for window in doubtful for event in sure.push(window)] == []
    (begun,) = [event for window in doubtful for event in easy.push(window)]
    assert begun.confidence == pytest.approx(0.6 * SURE)


def test_the_next_letter_ends_the_one_before() -> None:
    assert decode(new_decoder(), "~ㄱㄱㄱㄱ~~ㄴㄴㄴㄴ") == [
        ("begin", "ㄱ", 300),
        ("end", "ㄱ", 700),
        ("begin", "ㄴ", 900),
    ]


def test_a_letter_ends_when_the_hand_goes_to_rest() -> None:
    assert decode(new_decoder(), "~ㄱㄱㄱㄱ~~-----") == [("begin", "ㄱ", 300), ("end", "ㄱ", 700)]


def test_a_letter_signed_twice_is_two_and_a_trembling_hand_signs_one() -> None:
    twice = [("begin", "ㄱ", 300), ("end", "ㄱ", 700), ("begin", "ㄱ", 1100)]
    assert decode(new_decoder(), "~ㄱㄱㄱㄱ~~~~ㄱㄱㄱㄱ") == twice
    assert decode(new_decoder(), "~ㄱㄱㄱㄱ~ㄱㄱㄱㄱ~ㄱㄱㄱㄱ") == [("begin", "ㄱ", 300)]


@given(st.floats(10, 120), st.integers(1, 60))
@example(100.0, 3)
@example(40.0, 7)
@example(20.0, 13)
def test_a_letter_that_ended_on_the_way_begins_again_when_the_hand_is_back(hop_ms: float, moving: int) -> None:
    decoder, t_ms = new_decoder(), 0.0
    events: list[str] = []
    for still, windows in ((True, round(1500 / hop_ms)), (False, moving), (True, round(1500 / hop_ms))):
        for at in range(windows):
            window = seen(t_ms, "ㄱ", (100 + at * hop_ms) if still else 0.0)
            events += [event.phase for event in decoder.push(window)]
            t_ms += hop_ms
    assert events in (["begin"], ["begin", "end", "begin"])


def test_a_change_without_a_movement_has_to_last() -> None:
    assert decode(new_decoder(), "~ㄱㄱㄱㄱㄱㄴㄱㄱㄱㄱ") == [("begin", "ㄱ", 300)]
    changed = decode(new_decoder(), "~ㄱㄱㄱㄱㄱㄴㄴㄴㄴㄴㄴㄴㄴ")
    assert [(phase, label) for phase, label, _ in changed] == [("begin", "ㄱ"), ("end", "ㄱ"), ("begin", "ㄴ")]
    assert 700 <= changed[-1][2] <= 1000


@given(st.floats(10, 90), st.floats(0.3, 1))
@example(10.0, 0.30000000000000004)
def test_a_change_lasts_for_as_long_whatever_the_time_between_windows(hop_ms: float, switch_s: float) -> None:
    decoder = new_decoder(switch_s=switch_s, release_s=2.0)
    windows = [seen(at * hop_ms, "ㄱ" if at * hop_ms < 1000 else "ㄴ") for at in range(int(4000 / hop_ms))]
    events = [event for window in windows for event in decoder.push(window)]
    assert [(event.phase, event.label) for event in events] == [("begin", "ㄱ"), ("end", "ㄱ"), ("begin", "ㄴ")]
    pooled_ms = 240.0  # so long after the change the letter before may still weigh more
    assert 0 <= events[-1].t_ms - 1000 - 1000 * switch_s < pooled_ms + 2 * hop_ms


def test_a_change_has_to_outlast_the_configured_absence_of_a_letter() -> None:
    slow = new_decoder(switch_s=0.8, release_s=0.2)
    assert decode(slow, "~ㄱㄱㄱㄱㄱㄴㄴㄴㄴㄴ") == [("begin", "ㄱ", 300)]
    assert decode(slow, "ㄴㄴㄴㄴㄴㄴ", begin=1100)[-1][:2] == ("begin", "ㄴ")


def test_doubt_in_the_midst_of_a_hold_does_not_begin_the_letter_again() -> None:
    decoder = new_decoder()
    assert decode(decoder, "~ㄱㄱㄱㄱ-------ㄱㄱㄱㄱㄱ") == [("begin", "ㄱ", 300), ("end", "ㄱ", 800)]
    assert decode(decoder, "~~~ㄱㄱㄱㄱ", begin=1700) == [("begin", "ㄱ", 2200)]


def test_a_break_ends_the_letter_and_the_same_hold_does_not_begin_it_again() -> None:
    decoder = new_decoder()
    decode(decoder, "~ㄱㄱㄱㄱ")
    (end,) = decoder.break_off(420)
    assert (end.phase, end.label, end.t_ms) == ("end", "ㄱ", 420)
    assert decoder.break_off(430) == []
    assert decode(decoder, "ㄱㄱㄱㄱㄱㄱ", begin=900) == []
    assert decode(decoder, "~~~ㄱㄱㄱㄱ", begin=1600) == [("begin", "ㄱ", 2100)]


def test_another_letter_after_a_break_begins() -> None:
    decoder = new_decoder()
    decode(decoder, "~ㄱㄱㄱㄱ")
    decoder.break_off(420)
    assert decode(decoder, "ㄴㄴㄴㄴ", begin=900)[:1] == [("begin", "ㄴ", 900)]


def test_after_forgetting_the_same_letter_begins() -> None:
    decoder = new_decoder()
    decode(decoder, "~ㄱㄱㄱㄱ")
    assert [event.phase for event in decoder.forget(420)] == ["end"]
    assert decode(decoder, "ㄱ", begin=900) == [("begin", "ㄱ", 900)]


@given(st.integers(0, 2**32 - 1), st.floats(0.35, 1), st.booleans())
def test_noise_is_silence(seed: int, flat: float, moving: bool) -> None:
    """Probabilities drawn for every window by itself, most of them sharp where `flat` is small; the hand is still
    throughout, or stops now and then."""
    rng = np.random.default_rng(seed)
    decoder, still_ms = new_decoder(), 0.0
    for at in range(200):
        still_ms = 0.0 if moving and rng.random() < 0.2 else still_ms + HOP_MS
        assert decoder.push(ScoredWindow(at * HOP_MS, rng.dirichlet(np.full(len(LETTERS) + 1, flat)), still_ms)) == []


steps = st.tuples(st.integers(1, 400), st.sampled_from("ㄱㄴㄷ-!?"), st.sampled_from([0.0, 80.0, 1000.0]))


@given(st.lists(steps, max_size=200), st.booleans())
def test_begin_and_end_always_alternate(script: list[tuple[int, str, float]], is_known: bool) -> None:
    decoder, t_ms = new_decoder(), 0.0
    decoder.know_hand(is_known)
    events: list[Gesture] = []
    for pause, letter, still_ms in script:
        t_ms += pause
        if letter == "!":
            events += decoder.break_off(t_ms)
        elif letter == "?":
            events += decoder.forget(t_ms)
        else:
            events += decoder.push(seen(t_ms, letter, still_ms))
    events += decoder.forget(t_ms)
    assert [event.phase for event in events] == ["begin", "end"] * (len(events) // 2)
    for begin, end in zip(events[::2], events[1::2], strict=True):
        assert begin.label == end.label
        assert begin.t_ms <= end.t_ms
        assert begin.confidence >= DecoderOptions().min_confidence


NAMES = ("a", "b", "j", "z")
MOVING = (False, False, True, True)


def shown(t_ms: float, label: str, still_ms: float) -> ScoredWindow:
    """Return a window that shows a label of NAMES, or none (`-`), very surely."""
    probabilities = np.full(len(NAMES) + 1, 1e-9)
    probabilities[NAMES.index(label) if label in NAMES else -1] = 1 - len(NAMES) * 1e-9
    return ScoredWindow(t_ms, probabilities, still_ms)


def decode_signs(decoder: LetterDecoder, script: str) -> list[tuple[str, str]]:
    """Decode one window each 100 ms: what it shows, as a small letter while the hand moves, else as a large one."""
    events: list[Gesture] = []
    still_ms = STILL_MS
    for at, each in enumerate(script):
        still_ms = 0.0 if each.islower() or each == "-" else still_ms + HOP_MS
        events += decoder.push(shown(at * HOP_MS, each.lower(), still_ms))
    assert [event.t_ms for event in events] == sorted(event.t_ms for event in events)
    return [(event.phase, event.label) for event in events]


def new_sign_decoder() -> LetterDecoder:
    return LetterDecoder(NAMES, DecoderOptions(), MOVING)


def both(label: str) -> list[tuple[str, str]]:
    return [("begin", label), ("end", label)]


def test_static_and_moving_letters_follow_each_other() -> None:
    assert decode_signs(new_sign_decoder(), "____aAAAA--jjjjjjJJJJ--bBBBB---____") == [
        *both("a"),
        *both("j"),
        *both("b"),
    ]
    assert decode_signs(new_sign_decoder(), "____zzzzzzZZZZ---jjjjjjJJJJ___") == [*both("z"), *both("j")]


def test_a_moving_letter_does_not_begin_while_it_is_held() -> None:
    assert decode_signs(new_sign_decoder(), "J" * 40) == []


def test_the_shape_in_which_a_moving_letter_ends_is_no_letter() -> None:
    assert decode_signs(new_sign_decoder(), "____jjjjjjJJJJ" + "A" * 30) == both("j")
    assert decode_signs(new_sign_decoder(), "____jjjjjjJJJJ--aAAAA") == [*both("j"), ("begin", "a")]


def test_the_whole_window_judges_movements_and_its_newest_part_holds() -> None:
    decoder, t_ms = new_sign_decoder(), 0.0
    events: list[Gesture] = []
    for still_ms in (*[0.0] * 6, 100.0, 200.0, 300.0, 400.0):
        t_ms += HOP_MS
        newest, whole = shown(t_ms, "a", still_ms), shown(t_ms, "j", still_ms)
        events += decoder.push(ScoredWindow(t_ms, newest.probabilities, still_ms, whole.probabilities))
    assert [(event.phase, event.label) for event in events] == both("j")


@given(st.lists(steps, max_size=100), st.booleans())
def test_without_a_moving_letter_nothing_changes(script: list[tuple[int, str, float]], none_moves: bool) -> None:
    plain, other = new_decoder(), LetterDecoder(LETTERS, DecoderOptions(), (False,) * 24 if none_moves else ())
    t_ms = 0.0
    for pause, letter, still_ms in script:
        t_ms += pause
        if letter in "!?":
            assert plain.break_off(t_ms) == other.break_off(t_ms)
        else:
            window = seen(t_ms, letter, still_ms)
            assert plain.push(window) == other.push(window)
        assert not other.is_moving


moves = st.tuples(st.integers(1, 400), st.sampled_from("abjz-!?"), st.sampled_from([0.0, 80.0, 1000.0]))


@given(st.lists(moves, max_size=200))
def test_begins_and_ends_of_both_kinds_alternate(script: list[tuple[int, str, float]]) -> None:
    decoder, t_ms = new_sign_decoder(), 0.0
    events: list[Gesture] = []
    for pause, label, still_ms in script:
        t_ms += pause
        if label == "!":
            events += decoder.break_off(t_ms)
        elif label == "?":
            events += decoder.forget(t_ms)
        else:
            events += decoder.push(shown(t_ms, label, still_ms))
    events += decoder.forget(t_ms)
    assert [event.phase for event in events] == ["begin", "end"] * (len(events) // 2)
    assert [event.t_ms for event in events] == sorted(event.t_ms for event in events)
    assert all(begin.label == end.label for begin, end in zip(events[::2], events[1::2], strict=True))


def test_memory_does_not_grow_while_a_letter_is_held() -> None:
    decoder = new_decoder()
    for at in range(10_000):
        decoder.push(seen(at * 1.0, "ㄱ"))
    assert len(decoder._still) <= 302


def begun(decoder: LetterDecoder, begin_ms: float, letter: str, share: float) -> list[str]:
    """Hold a letter for half a second, then move for as long; return what began."""
    held = [seen(begin_ms + at * HOP_MS, letter, at * HOP_MS, share) for at in range(6)]
    moving = [seen(begin_ms + at * HOP_MS, letter, still_ms=0.0) for at in range(6, 12)]
    events = [event for window in [*held, *moving] for event in decoder.push(window)]
    return [event.label for event in events if event.phase == "begin"]


UNSURE, SURE_SHARE = 0.95, 0.999
"""Shares with which a letter has a confidence below and above `alone_confidence`."""


def test_of_a_known_hand_an_unsure_letter_begins_soon_after_another_one_only() -> None:
    decoder = new_decoder()
    decoder.know_hand(True)
    assert begun(decoder, 0, "ㄱ", UNSURE) == []
    assert begun(decoder, 2000, "ㄴ", SURE_SHARE) == ["ㄴ"]
    assert begun(decoder, 4000, "ㄱ", UNSURE) == ["ㄱ"]
    assert begun(decoder, 5500 + ALONE_MS, "ㄱ", UNSURE) == []


def test_an_unsure_letter_of_an_unknown_hand_or_with_the_option_off_begins_alone() -> None:
    assert begun(new_decoder(), 0, "ㄱ", UNSURE) == ["ㄱ"]
    decoder = new_decoder(alone_confidence=0.04)
    decoder.know_hand(True)
    assert begun(decoder, 0, "ㄱ", UNSURE) == ["ㄱ"]


def test_an_unsure_letter_is_written_late_where_another_one_begins_soon_after_it() -> None:
    decoder = new_decoder()
    decoder.know_hand(True)
    assert begun(decoder, 0, "ㄱ", UNSURE) == []
    assert begun(decoder, 1200, "ㄴ", SURE_SHARE) == ["ㄱ", "ㄴ"]
    assert begun(decoder, 2400, "ㄷ", SURE_SHARE) == ["ㄷ"]  # once
    late = 3600 + ALONE_MS
    assert begun(decoder, late, "ㄱ", UNSURE) == []
    assert begun(decoder, late + 1200, "ㄷ", UNSURE) == []  # two unsure ones are no word
    assert begun(decoder, late + 2400 + KEPT_BACK_MS, "ㄴ", SURE_SHARE) == ["ㄴ"]
    decoder.forget(20_000)
    assert begun(decoder, 30_000, "ㄱ", UNSURE) == []
    decoder.break_off(31_150)
    assert begun(decoder, 31_200, "ㄴ", SURE_SHARE) == ["ㄴ"]


def test_a_letter_that_was_kept_back_has_the_times_of_its_hold() -> None:
    decoder = new_decoder()
    decoder.know_hand(True)
    unsure = [seen(at * HOP_MS, "ㄱ", at * HOP_MS, UNSURE) for at in range(6)]
    sure = [seen(700 + at * HOP_MS, "ㄴ", at * HOP_MS, SURE_SHARE) for at in range(6)]
    events = [event for window in [*unsure, seen(600, "ㄱ", 0.0), *sure] for event in decoder.push(window)]
    assert [(event.phase, event.label, event.t_ms) for event in events] == [
        ("begin", "ㄱ", 300),
        ("end", "ㄱ", 500),
        ("begin", "ㄴ", 1000),
    ]


def test_a_hold_that_becomes_sure_or_another_letter_is_no_letter_before_itself() -> None:
    for letter in "ㄱㄴ":
        decoder = new_decoder()
        decoder.know_hand(True)
        unsure = [seen(at * HOP_MS, "ㄱ", at * HOP_MS, UNSURE) for at in range(6)]
        sure = [seen(at * HOP_MS, letter, at * HOP_MS, SURE_SHARE) for at in range(6, 12)]
        events = [event for window in [*unsure, *sure] for event in decoder.push(window)]
        assert [(event.phase, event.label) for event in events] == [("begin", letter)]
