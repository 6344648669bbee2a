"""Commands to a glove, from a request to its client and back, over real sockets."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from scaleglove import protocol
from scaleglove.protocol import Commanded
from tests.deadlines import EVENT_S, wait_until
from tests.service.sockets import read, streams

ALL = ["interval", "recal", "yawzero", "show"]


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor() as pool:
        yield pool


def post(service: Any, stream: str, body: Any) -> httpx.Response:
    return httpx.post(f"{service.url}/v1/streams/{stream}/commands", json=body, timeout=EVENT_S)


def refusal(response: httpx.Response) -> tuple[int, str]:
    assert response.headers["content-type"] == "application/problem+json"
    return response.status_code, response.json()["code"]


def test_the_client_gets_the_command_and_its_reply_is_the_response(service: Any, pool: ThreadPoolExecutor) -> None:
    with service.stream(commands=ALL) as (socket, started):
        assert started["commands"] == ALL
        assert streams(service)[started["stream"]]["commands"] == ALL
        for body in (
            {"command": "interval", "interval_ms": 12.5},
            {"command": "recal"},
            {"command": "yawzero"},
            {"command": "show", "letter": "ㅏ"},
            {"command": "show", "letter": "rest"},
            {"command": "show"},
        ):
            pending: Future[httpx.Response] = pool.submit(post, service, started["stream"], body)
            received = read(socket)
            whole = {"interval_ms": None} | body
            assert received == {"type": "command", "id": received["id"]} | whole
            socket.send(protocol.encode(Commanded(received["id"], None)))
            answer = pending.result()
            assert (answer.status_code, answer.json()) == (200, {"letter": None} | whole)


def test_a_lost_link_refuses_the_command(service: Any, pool: ThreadPoolExecutor) -> None:
    with service.stream(commands=ALL) as (socket, started):
        pending = pool.submit(post, service, started["stream"], {"command": "recal"})
        socket.send(protocol.encode(Commanded(read(socket)["id"], "the glove is unplugged")))
        assert refusal(pending.result()) == (409, "link_lost")
        assert pending.result().json()["detail"] == "the glove is unplugged"


@pytest.mark.parametrize(
    ("code", "expected"),
    [("not_reading", "not_reading"), ("not_obeyed", "not_obeyed"), ("from_the_future", "link_lost")],
)
def test_the_code_of_a_refusal_is_the_clients_where_it_is_known(
    service: Any, pool: ThreadPoolExecutor, code: str, expected: str
) -> None:
    with service.stream(commands=ALL) as (socket, started):
        pending = pool.submit(post, service, started["stream"], {"command": "recal"})
        socket.send(protocol.encode(Commanded(read(socket)["id"], "it does not read", code)))
        assert refusal(pending.result()) == (409, expected)


def test_a_stream_that_ends_meanwhile(service: Any, pool: ThreadPoolExecutor) -> None:
    with service.stream(commands=ALL) as (socket, started):
        pending = pool.submit(post, service, started["stream"], {"command": "recal"})
        read(socket)
    assert refusal(pending.result()) == (404, "unknown_stream")
    wait_until(lambda: started["stream"] not in streams(service))
    assert refusal(post(service, started["stream"], {"command": "recal"})) == (404, "unknown_stream")


def test_a_client_that_never_replies_blocks_nothing(service: Any, pool: ThreadPoolExecutor) -> None:
    with service.stream(commands=ALL) as (socket, started):
        pending = pool.submit(post, service, started["stream"], {"command": "recal"})
        read(socket)
        assert started["stream"] in streams(service)
        socket.send('{"type": "stop"}')
        assert read(socket)["type"] == "stopped"
        assert refusal(pending.result()) in {(504, "no_answer"), (404, "unknown_stream")}


def test_a_stream_that_takes_no_commands(service: Any) -> None:
    with service.stream() as (_, started):
        assert refusal(post(service, started["stream"], {"command": "recal"})) == (409, "no_commands")
    with service.stream(commands=["dance", "recal"]) as (_, started):
        assert started["commands"] == ["recal"]
        assert refusal(post(service, started["stream"], {"command": "yawzero"})) == (409, "no_commands")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "command"),
        ({"command": "format"}, "command"),
        ({"command": "interval"}, "interval_ms"),
        ({"command": "interval", "interval_ms": 0.5}, "interval_ms"),
        ({"command": "interval", "interval_ms": 1001}, "interval_ms"),
        ({"command": "interval", "interval_ms": "20"}, "interval_ms"),
        ({"command": "recal", "interval_ms": 20}, "interval_ms"),
        ({"command": "recal", "speed": 3}, "speed"),
        ({"command": "recal", "letter": "ㅏ"}, "letter"),
        ({"command": "show", "letter": "a/b"}, "letter"),
        ({"command": "show", "letter": "x" * 65}, "letter"),
        ({"command": "show", "interval_ms": 20}, "interval_ms"),
    ],
)
def test_fault_in_a_command_is_named(service: Any, body: Any, field: str) -> None:
    answer = post(service, "none", body)
    assert refusal(answer) == (422, "invalid_request")
    assert answer.json()["field"] == field


def test_a_body_that_is_too_large_is_not_read(service: Any) -> None:
    answer = post(service, "none", {"command": "recal", "because": "x" * 10_000})
    assert refusal(answer) == (413, "body_too_large")


@pytest.mark.parametrize("stream", ["none", "0-none", "1-none%0Alist", "%22", "x" * 64])
def test_no_such_stream(service: Any, stream: str) -> None:
    assert refusal(post(service, stream, {"command": "recal"})) == (404, "unknown_stream")


def test_answers_without_questions_do_no_harm(service: Any) -> None:
    with service.stream(commands=ALL) as (socket, _):
        for number in range(100):
            socket.send(protocol.encode(Commanded(number, None)))
        socket.send('{"type": "stop"}')
        assert read(socket)["type"] == "stopped"
