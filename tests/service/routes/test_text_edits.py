"""The line being written, edited by a request, over real sockets."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.deadlines import EVENT_S, wait_until
from tests.service.sockets import read, streams


def post(service: Any, stream: str, body: Any) -> httpx.Response:
    return httpx.post(f"{service.url}/v1/streams/{stream}/text", json=body, timeout=EVENT_S)


def refusal(response: httpx.Response) -> tuple[int, str]:
    assert response.headers["content-type"] == "application/problem+json"
    return response.status_code, response.json()["code"]


@pytest.mark.parametrize("action", ["space", "delete", "commit", "clear", "as_signed"])
@pytest.mark.parametrize("field", ["action", "edit"])
def test_the_line_is_returned_and_the_client_receives_it(service: Any, action: str, field: str) -> None:
    with service.stream() as (socket, started):
        answer = post(service, started["stream"], {field: action})
        assert answer.status_code == 200
        assert answer.json() == read(socket)
        assert answer.json()["type"] == "text"


def test_a_client_edits_its_own_line(service: Any) -> None:
    with service.stream() as (socket, _):
        socket.send('{"type": "edit", "action": "clear"}')
        received = read(socket)
        assert (received["type"], received["committed"], received["composing"]) == ("text", "", "")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "action"),
        ({"action": "undo"}, "action"),
        ({"edit": "undo"}, "edit"),
        ({"action": "space", "n": 2}, "n"),
        ({"edit": "space", "n": 2}, "n"),
    ],
)
def test_fault_in_an_edit_is_named(service: Any, body: Any, field: str) -> None:
    answer = post(service, "none", body)
    assert refusal(answer) == (422, "invalid_request")
    assert answer.json()["field"] == field


@pytest.mark.parametrize("stream", ["none", "0-none", "1-none%0Alist", "x" * 64])
def test_no_such_stream(service: Any, stream: str) -> None:
    assert refusal(post(service, stream, {"action": "space"})) == (404, "unknown_stream")


def test_a_stream_that_is_over_has_no_line(service: Any) -> None:
    with service.stream() as (_, started):
        pass
    wait_until(lambda: started["stream"] not in streams(service))
    assert refusal(post(service, started["stream"], {"action": "space"})) == (404, "unknown_stream")
