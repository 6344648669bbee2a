from __future__ import annotations

import resource
import socket

import pytest

from service.workers.fd_passing import (
    Kind,
    first_bytes,
    kind_of,
    pass_on,
    take,
)


@pytest.mark.parametrize(
    ("first", "kind"),
    [
        (b"GET /v1/stream HTTP/1.1\r\n", Kind.STREAM),
        (b"GET /v1/stream?x=1 HTTP/1.1", Kind.STREAM),
        (b"GET /v1/streams HTTP/1.1", Kind.OTHER),
        (b"GET /v1/streams/abc/watch HTTP/1.1", Kind.OTHER),
        (b"GET /v1/stream", Kind.OTHER),
        (b"POST /v1/predict HTTP/1.1", Kind.OTHER),
        (b"", Kind.OTHER),
        (b"\x16\x03\x01", Kind.OTHER),
    ],
)
def test_the_first_bytes_determine_the_kind(first: bytes, kind: Kind) -> None:
    assert kind_of(first) is kind
    assert kind_of(first, "/gloves") is kind  # a proxy has taken the prefix off, or there is none
    assert kind_of(first.replace(b" /", b" /gloves/", 1), "/gloves") is kind


def test_another_prefix_begins_no_stream() -> None:
    assert kind_of(b"GET /hall/v1/stream HTTP/1.1", "/gloves") is Kind.OTHER
    assert kind_of(b"GET /gloves/v1/stream HTTP/1.1") is Kind.OTHER
    assert kind_of(b"POST /gloves/v1/stream HTTP/1.1", "/gloves") is Kind.OTHER


def connection() -> tuple[socket.socket, socket.socket]:
    """Return a connected pair: the client's end and the accepted one."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        client = socket.create_connection(listening.getsockname())
        accepted, _ = listening.accept()
    accepted.setblocking(False)
    return client, accepted


async def test_first_bytes_stay_to_be_read() -> None:
    client, accepted = connection()
    with client, accepted:
        client.sendall(b"GET /v1/stream HTTP/1.1\r\n")
        assert await first_bytes(accepted) == b"GET /v1/stream HTTP/1.1\r\n"
        assert accepted.recv(100) == b"GET /v1/stream HTTP/1.1\r\n"


async def test_silent_and_leaving_clients_are_not_waited_for_long() -> None:
    client, accepted = connection()
    with client, accepted:
        assert await first_bytes(accepted) == b""
        client.close()
        assert await first_bytes(accepted) == b""


def test_connections_arrive_in_order_with_their_kind() -> None:
    sending, receiving = socket.socketpair()
    pairs = [connection() for _ in range(3)]
    kinds = [Kind.STREAM, Kind.OTHER, Kind.STREAM]
    with sending, receiving:
        receiving.setblocking(False)
        with pytest.raises(BlockingIOError):
            take(receiving)
        for (client, accepted), kind in zip(pairs, kinds, strict=True):
            with accepted:
                assert pass_on(sending, accepted, kind)
            client.sendall(kind.value)
        for (client, _), kind in zip(pairs, kinds, strict=True):
            taken = take(receiving)
            assert taken is not None
            mine, passed_as = taken
            assert mine is not None
            with client, mine:
                mine.setblocking(True)
                assert (passed_as, mine.recv(1)) == (kind, kind.value)
        sending.close()
        assert take(receiving) is None


def test_a_receiver_that_reads_nothing_is_reported() -> None:
    sending, receiving = socket.socketpair()
    client, accepted = connection()
    with sending, client, accepted:
        sending.setblocking(False)
        with receiving:
            passed = 0
            while pass_on(sending, accepted, Kind.OTHER):
                passed += 1
            assert passed > 0
        assert not pass_on(sending, accepted, Kind.OTHER)


def test_a_process_without_a_descriptor_left_knows_which_connection_it_missed() -> None:
    sending, receiving = socket.socketpair()
    client, accepted = connection()
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    with sending, receiving, client, accepted:
        assert pass_on(sending, accepted, Kind.STREAM)
        resource.setrlimit(resource.RLIMIT_NOFILE, (0, limits[1]))
        try:
            missed = take(receiving)
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, limits)
        assert missed == (None, Kind.STREAM)
        assert pass_on(sending, accepted, Kind.OTHER)
        taken = take(receiving)
        assert taken is not None
        assert taken[0] is not None
        taken[0].close()
