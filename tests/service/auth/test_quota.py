from __future__ import annotations

import math
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.auth.quota import Quota, TokenBucket
from service.problems import ProblemError

RATES = st.floats(0.01, 5000)
ASKED = st.lists(st.tuples(st.floats(0, 10), st.integers(1, 2000)), max_size=100)


@given(RATES, ASKED)
def test_never_more_than_the_rate_and_one_burst(rate: float, requests: list[tuple[float, int]]) -> None:
    bucket = TokenBucket(rate)
    now_s, given_out = 1000.0, 0
    begins: list[tuple[float, int]] = []  # of every span that ends now: its time, and what was given before it
    for pause_s, amount in requests:
        now_s += pause_s
        begins.append((now_s, given_out))
        if bucket.take(amount, now_s) == 0:
            given_out += amount
        for begin_s, before in begins:
            assert given_out - before <= (rate * (now_s - begin_s) + max(rate, 1)) * (1 + 1e-9)


@given(RATES, ASKED)
def test_a_refused_request_costs_nothing_and_succeeds_after_the_reported_wait(
    rate: float, requests: list[tuple[float, int]]
) -> None:
    bucket = TokenBucket(rate)
    now_s = 1000.0
    for pause_s, amount in requests:
        now_s += pause_s
        wait_s = bucket.take(amount, now_s)
        if amount > max(rate, 1):
            assert math.isinf(wait_s)
        elif wait_s > 0:
            assert bucket.take(amount, now_s) == wait_s
            now_s += wait_s * (1 + 1e-9) + 1e-9
            assert bucket.take(amount, now_s) == 0


def test_a_clock_that_steps_back_adds_no_tokens() -> None:
    bucket = TokenBucket(1)
    assert bucket.take(1, 100) == 0
    assert bucket.take(1, 50) == 1
    assert bucket.take(1, 100.5) == 0.5


def test_without_limits_nothing_is_refused() -> None:
    quota = Quota("everybody")
    quota.spend(10**9, 0.0)
    with quota.stream(), quota.stream():
        pass


def test_a_refusal_reports_the_time_to_wait() -> None:
    quota = Quota("the token 'lab'", rate=4)
    quota.spend(4, 10.0)
    with pytest.raises(ProblemError, match=r"is 4 windows per second; retry in 0\.75 s$") as caught:
        quota.spend(3, 10.0)
    assert (caught.value.status, caught.value.code, caught.value.headers) == (429, "rate_limited", {"Retry-After": "1"})
    with pytest.raises(ProblemError, match="windows: 5 are too many") as caught:
        quota.spend(5, 1000.0)
    assert (caught.value.status, caught.value.code, caught.value.field) == (413, "too_many_windows", "windows")
    assert caught.value.headers == {}  # waiting would not help


def test_streams_are_counted_while_they_are_open() -> None:
    quota = Quota("the token 'lab'", streams=2)

    def open_one(inside: Callable[[], None]) -> None:
        with quota.stream():
            inside()

    def fail() -> None:
        raise KeyError

    for _ in range(3):
        with quota.stream():
            with pytest.raises(KeyError):
                open_one(fail)  # it counts no longer, however it ended
            with quota.stream(), pytest.raises(ProblemError, match="is 2 concurrent streams") as caught:
                open_one(pytest.fail)
        assert caught.value.code == "too_many_streams"
