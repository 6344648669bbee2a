"""Errors, false positives and delays of recognised signs, of both kinds."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.streams.alignment import edit_distance
from benchmarks.streams.recognition import RecognisedSign
from benchmarks.streams.script import Action
from benchmarks.streams.sign_scoring import SignScore, align
from benchmarks.streams.signed_stream import SignedStream, Span

PERIOD_MS = 20.0
WORDS = st.lists(st.sampled_from("abcd"), max_size=12)


def stream() -> SignedStream:
    """Return a stream in which a hand rests, holds `a`, makes `j`, which comes to rest after 500 of its 1000 ms, and
    rests."""
    spans = (
        Span(Action.RELAXED, None, 0, 1000),
        Span(Action.HOLD, "a", 1000, 2000),
        Span(Action.SIGN, "j", 2000, 3000),
        Span(Action.RELAXED, None, 3000, 6000),
    )
    t_ms = np.arange(0, 6000, PERIOD_MS)
    values = np.full((len(t_ms), 8), 500.0, np.float32)
    values[:, 6] = np.interp(t_ms, (2000, 2500), (0, 100))
    return SignedStream(t_ms, np.arange(len(t_ms)), values, spans, "")


def sign(label: str, sent_ms: float) -> RecognisedSign:
    return RecognisedSign(label, sent_ms, sent_ms, 0.9)


def test_everything_is_right() -> None:
    score = SignScore.of(stream(), [sign("a", 1300), sign("j", 2800)])
    figures = score.figures()
    assert (figures["sign_error_rate"], figures["false_per_minute"], figures["signs"]) == (0, 0, 2)
    assert figures["static_delay_median_ms"] == 300
    assert (
        abs(score.moving_delays_ms[0] - 300) <= 100
    )  # a hand that is slow at the end has come to rest a little before


def test_each_kind_has_errors_of_its_own() -> None:
    missed = SignScore.of(stream(), [sign("a", 1300)]).figures()
    assert (missed["static_missed"], missed["moving_missed"], missed["sign_error_rate"]) == (0, 100, 50)
    wrong = SignScore.of(stream(), [sign("b", 1300), sign("j", 2800)]).figures()
    assert (wrong["static_missed"], wrong["moving_missed"], wrong["sign_error_rate"]) == (100, 0, 50)


def test_a_sign_that_was_not_made_is_a_false_positive() -> None:
    figures = SignScore.of(stream(), [sign("a", 1300), sign("j", 2800), sign("b", 4000)]).figures()
    assert (figures["false_per_minute"], figures["sign_error_rate"]) == (10, 50)
    assert (figures["static_missed"], figures["moving_missed"]) == (0, 0)


def test_a_sum_counts_all_streams() -> None:
    one = SignScore.of(stream(), [sign("a", 1300)])
    total = SignScore.total([one, one])
    assert (total.static, total.moving, total.moving_errors, total.seconds) == (2, 2, 2, 12)
    assert total.figures()["sign_error_rate"] == one.figures()["sign_error_rate"]
    assert SignScore().figures()["sign_error_rate"] is None


@given(WORDS, WORDS)
def test_an_alignment_has_every_sign_once_in_order_and_the_fewest_errors(made: list[str], found: list[str]) -> None:
    pairs = list(align(made, found))[::-1]
    assert [truth for truth, _ in pairs if truth is not None] == list(range(len(made)))
    assert [other for _, other in pairs if other is not None] == list(range(len(found)))
    errors = sum(truth is None or other is None or made[truth] != found[other] for truth, other in pairs)
    assert errors == edit_distance(found, made)
