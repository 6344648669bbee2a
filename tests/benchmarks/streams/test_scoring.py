from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch", reason="the train extra is not installed")

from benchmarks.streams.recognition import Letter, Recognised
from benchmarks.streams.scoring import EARLY_MS, LATE_MS, Score
from benchmarks.streams.script import Action
from benchmarks.streams.signed_stream import SignedStream, Span

# A rest of 2 s, then letters held for 1 s each, with movements of 400 ms between and after them, and a rest.
LETTERS = "ㄱㄴㄷ"


def stream(letters: str = LETTERS) -> SignedStream:
    spans, t_ms = [Span(Action.RELAXED, None, 0.0, 2000.0)], 2000.0
    for letter in letters:
        spans += [Span(Action.HOLD, letter, t_ms, t_ms + 1000), Span(Action.MOVE, None, t_ms + 1000, t_ms + 1400)]
        t_ms += 1400
    spans.append(Span(Action.STRAY, None, t_ms, t_ms + 2000))
    nothing = np.zeros(0)
    return SignedStream(nothing, nothing.astype(np.int64), np.zeros((0, 8), np.float32), tuple(spans), "각")


def recognised(*letters: tuple[str, float], text: str | None = "각", confidence: float = 0.9) -> Recognised:
    return Recognised(tuple(Letter(letter, t_ms, confidence) for letter, t_ms in letters), (), (), text)


RIGHT = (("ㄱ", 2300.0), ("ㄴ", 3700.0), ("ㄷ", 5100.0))


def test_correct_letters_have_no_errors() -> None:
    figures = Score.of(stream(), recognised(*RIGHT)).figures()
    assert figures["letter_error_rate"] == figures["false_per_minute"] == 0
    assert (figures["delay_median_ms"], figures["delay_p95_ms"]) == (300, 300)
    assert figures["calibration_error_begins"] == pytest.approx(10)  # 90 % sure, always right


def test_a_missed_letter_is_an_error_and_has_no_delay() -> None:
    score = Score.of(stream(), recognised(*RIGHT[:2]))
    assert (score.errors, score.letters, len(score.delays_ms)) == (1, 3, 2)


@pytest.mark.parametrize(
    ("letter", "t_ms", "false"),
    [
        ("ㄹ", 1000.0, {"relaxed": 1}),
        ("ㄹ", 3200.0, {"move": 1}),
        ("ㄴ", 3400.0 - EARLY_MS + 1, {}),  # before its hold, while the hand comes to it
        ("ㄴ", 3400.0 - EARLY_MS - 1, {"move": 1}),
        ("ㄱ", 3000.0 + LATE_MS - 1, {}),
        ("ㄱ", 3000.0 + LATE_MS + 1, {"move": 1}),
        ("ㄹ", 3500.0, {}),  # another letter while one is held: wrong, but not out of nothing
    ],
)
def test_a_letter_without_a_hold_is_a_false_positive(letter: str, t_ms: float, false: dict[str, int]) -> None:
    assert Score.of(stream(), recognised((letter, t_ms))).false == false


def test_one_hold_is_recognised_once() -> None:
    """A letter that begins again right after its hold is false: the hold was recognised already."""
    score = Score.of(stream(), recognised(("ㄱ", 2300.0), ("ㄱ", 3100.0)))
    assert score.false == {"move": 1}
    assert [right for _, right in score.begins] == [True, False]


def test_false_positives_are_per_minute_of_rest_and_movement() -> None:
    score = Score.of(stream(), recognised(("ㄹ", 1000.0)))
    assert score.unheld_s == pytest.approx(2 + 3 * 0.4 + 2)
    assert score.figures()["false_per_minute"] == pytest.approx(60 / 5.2, abs=0.01)


def test_windows_within_a_hold_are_scored_and_no_others() -> None:
    windows = tuple(Letter(letter, t_ms, 0.8) for letter, t_ms in [("ㄱ", 2300.0), ("ㄴ", 2500.0), ("ㄴ", 3100.0)])
    score = Score.of(stream(), Recognised((), windows, (2600.0, 1000.0), None))
    assert score.windows == [(0.8, True), (0.8, False)]
    assert score.rejected == 1
    assert score.figures()["windows_rejected"] == pytest.approx(100 / 3, abs=0.01)


def test_a_total_sums_all_and_an_empty_one_has_no_figures() -> None:
    scores = [Score.of(stream(), recognised(*RIGHT)), Score.of(stream(), recognised(("ㄹ", 1000.0)))]
    total = Score.total(scores)
    assert (total.letters, total.errors, total.false.total()) == (6, 3, 1)
    assert total.unheld_s == pytest.approx(2 * 5.2)
    assert len(total.delays_ms) == 3
    assert scores[0].false.total() == 0
    nothing = Score.total([]).figures()
    assert nothing.pop("letters") == 0
    assert set(nothing.values()) == {None}
