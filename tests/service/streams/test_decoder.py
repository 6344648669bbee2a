from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from service.streams.decoder import LetterDecoder
from service.wire import Gesture, Prediction, State


def prediction(t_ms: float, label: str | None, confidence: float = 0.9, state: State = "ok") -> Prediction:
    return Prediction(0, t_ms, state, label, confidence, [], {})


def decode(decoder: LetterDecoder, *letters: str, begin: float = 0) -> list[tuple[str, str, float]]:
    """One prediction each 100 ms; `-` is a sure sign of nothing."""
    events: list[Gesture] = []
    for place, letter in enumerate(letters):
        events += decoder.push(prediction(begin + place * 100, letter, 0.1 if letter == "-" else 0.9))
    return [(event.phase, event.label, event.t_ms) for event in events]


def test_letter_begins_after_the_hold_time_once() -> None:
    assert decode(LetterDecoder(), *"ㄱㄱㄱㄱㄱㄱㄱㄱ") == [("begin", "ㄱ", 300)]


def test_flicker_begins_nothing() -> None:
    assert decode(LetterDecoder(), *"ㄱㄴㄱㄴㄱㄴㄱㄴㄱㄱㄱ-") == []


def test_another_letter_ends_the_first() -> None:
    assert decode(LetterDecoder(), *"ㄱㄱㄱㄱㄴㄴㄴㄴ") == [
        ("begin", "ㄱ", 300),
        ("end", "ㄱ", 500),
        ("begin", "ㄴ", 700),
    ]


def test_a_short_doubt_does_not_end_it() -> None:
    assert decode(LetterDecoder(), *"ㄱㄱㄱㄱ-ㄱㄱㄴㄱ-ㄱ") == [("begin", "ㄱ", 300)]


def test_unrest_ends_it_though_nothing_else_begins() -> None:
    assert decode(LetterDecoder(), *"ㄱㄱㄱㄱㄴㄷㄴㄷ") == [("begin", "ㄱ", 300), ("end", "ㄱ", 500)]


def test_same_letter_again_after_a_pause_is_a_second_one() -> None:
    events = decode(LetterDecoder(), *"ㄱㄱㄱㄱ--ㄱㄱㄱㄱ")
    assert events == [("begin", "ㄱ", 300), ("end", "ㄱ", 500), ("begin", "ㄱ", 900)]


def test_warming_and_unsure_do_not_count() -> None:
    decoder = LetterDecoder()
    for t_ms in range(0, 1000, 100):
        assert decoder.push(prediction(t_ms, None, None or 0.0, "warming")) == []
        assert decoder.push(prediction(t_ms + 50, "ㄱ", 0.59)) == []


def test_data_that_breaks_off_ends_it_at_once() -> None:
    decoder = LetterDecoder()
    decode(decoder, *"ㄱㄱㄱㄱ")
    assert decoder.let_go(320) == [Gesture("end", "ㄱ", 320, 0.9)]
    assert decoder.let_go(330) == []
    assert decode(decoder, *"ㄱㄱㄱㄱ", begin=340) == [("begin", "ㄱ", 640)]


@given(st.lists(st.tuples(st.integers(1, 400), st.sampled_from("ㄱㄴㄷ-!")), max_size=200))
def test_begin_and_end_always_alternate(steps: list[tuple[int, str]]) -> None:
    decoder, t_ms = LetterDecoder(), 0.0
    events: list[Gesture] = []
    for pause, letter in steps:
        t_ms += pause
        if letter == "!":
            events += decoder.let_go(t_ms)
        else:
            events += decoder.push(prediction(t_ms, letter, 0.1 if letter == "-" else 0.9))
    events += decoder.let_go(t_ms)
    assert [event.phase for event in events] == ["begin", "end"] * (len(events) // 2)
    for begin, end in zip(events[::2], events[1::2], strict=True):
        assert begin.label == end.label
        assert begin.t_ms <= end.t_ms
