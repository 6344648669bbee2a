from __future__ import annotations

from scaleglove.backoff import Backoff


def test_waits_double_up_to_the_longest_and_reset_after_success() -> None:
    backoff = Backoff()
    assert [backoff.next_s() for _ in range(7)] == [0.5, 1.0, 2.0, 4.0, 8.0, 8.0, 8.0]
    backoff.reset()
    assert backoff.next_s() == 0.5
