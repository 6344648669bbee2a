from __future__ import annotations

import pytest

from benchmarks.serve.load.messages import json_body, windows
from benchmarks.serve.load.posts import (
    AnswerError,
    answer_size,
    build_request,
    measure,
)
from tests.live_service import live_service


def test_an_answer_is_as_long_as_it_says() -> None:
    answer = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nContent-Length: 2\r\n\r\n{}"
    assert answer_size(answer) == len(answer)
    assert answer_size(answer[:40]) is None


def test_an_answer_that_is_no_answer_is_an_error() -> None:
    with pytest.raises(AnswerError, match="not today") as caught:
        answer_size(b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 9\r\n\r\nnot today")
    assert caught.value.status == 503


def test_requests_are_answered_on_every_connection() -> None:
    with live_service() as service:
        address = "127.0.0.1", int(service.url.rpartition(":")[2])
        request = build_request("/v1/predict", "application/json", json_body(windows(2, 87)))
        posted = measure(address, request, connections=3, warm_up_s=0.0, seconds=0.5)
        assert len(posted.delays_s) >= 3
        assert posted.per_second == pytest.approx(len(posted.delays_s) / 0.5, rel=0.5)
        assert all(0 < delay_s < posted.seconds for delay_s in posted.delays_s)
        with pytest.raises(AnswerError, match="422"):
            measure(address, build_request("/v1/predict", "application/json", b"{}"), 1, 0.0, 1.0)
