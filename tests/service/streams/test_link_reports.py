"""What a client tells of its link and its glove, and who hears it."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict, replace
from typing import Any

import httpx
import numpy as np
import pytest

from scaleglove import protocol
from scaleglove.protocol import DeviceRemark, GloveLetter, LinkReport
from tests.deadlines import wait_until
from tests.service.sockets import binary_frames, even, read, read_to_end, streams

REPORT = LinkReport("streaming", "/dev/ttyACM0", "", 50.02, 1.5, -3.0, 500, 1, 2, 3, 0, 4)
LETTER = GloveLetter(7, 2580.0, "ㄷ", 0.98, {"3": 0.4, "5": 0.1, "7": 0.5})
LOST = replace(REPORT, state="lost", detail="unplugged")


def as_json(message: LinkReport | DeviceRemark | GloveLetter) -> dict[str, Any]:
    return json.loads(json.dumps(asdict(message)))


def test_viewers_receive_link_reports_and_the_client_does_not(service: Any) -> None:
    with service.stream() as (socket, started), service.socket(f"/v1/streams/{started['stream']}/watch") as viewer:
        assert read(viewer)["type"] == "started"
        sent = (
            REPORT,
            DeviceRemark("recalibrated", {"done": "recal"}),
            LETTER,
            replace(LETTER, seq=None, scale_importance={}),
            LOST,
        )
        for message in sent:
            socket.send(protocol.encode(message))
        assert [read(viewer) for _ in sent] == [as_json(message) for message in sent]
        socket.send('{"type": "stop"}')
        messages, code = read_to_end(socket)
        assert ([message["type"] for message in messages], code) == (["stopped"], 1000)


def test_a_later_viewer_receives_the_last_link_report(service: Any) -> None:
    with service.stream() as (socket, started):
        for message in (REPORT, DeviceRemark("gone by"), LETTER, LOST):
            socket.send(protocol.encode(message))
        wait_until(lambda: b"lost" in service.hub.streams[started["stream"]].retained.get("link", b""))
        with service.socket(f"/v1/streams/{started['stream']}/watch") as viewer:
            assert [read(viewer)["type"], read(viewer)] == ["started", as_json(LOST)]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("label", "a/b"),
        ("label", " A"),
        ("confidence", 1.5),
        ("seq", -1),
        ("t_ms", "soon"),
        ("scale_importance", {"3": 2.0}),
        ("scale_importance", None),
    ],
)
def test_a_letter_that_cannot_be_is_refused_by_the_name_of_its_field(service: Any, field: str, value: object) -> None:
    with service.stream() as (socket, _):
        socket.send(json.dumps(as_json(LETTER) | {field: value}))
        messages, code = read_to_end(socket)
        assert (messages[-1]["code"], code) == ("bad_message", 1007)
        assert messages[-1]["detail"].startswith(field)


def test_link_reports_before_start_are_refused(service: Any) -> None:
    with service.socket() as socket:
        socket.send(protocol.encode(REPORT))
        messages, code = read_to_end(socket)
        assert ([message["code"] for message in messages], code) == (["not_started"], 1008)


def test_a_flood_of_remarks_delays_no_stream_and_closes_no_slow_viewer(service: Any) -> None:
    with service.stream() as (socket, started), service.socket(f"/v1/streams/{started['stream']}/watch") as viewer:
        assert read(viewer)["type"] == "started"
        remark = protocol.encode(DeviceRemark("x" * 200))
        for _ in range(20_000):  # more than the sockets between hold, and nobody reads
            socket.send(remark)
        socket.send(binary_frames(0, even(0, 5), np.full((5, 8), 500, np.float32)))
        assert read(socket)["type"] == "prediction"
        socket.send('{"type": "stop"}')
        messages, code = read_to_end(viewer)
        assert (messages[-1]["type"], code) == ("stopped", 1000)
        assert len(messages) < 20_000


def test_lost_frames_are_counted_from_the_first_report_on(service: Any) -> None:
    def counted() -> dict[str, float]:
        lines = httpx.get(f"{service.url}/metrics").text.splitlines()
        samples = [line.split('"') for line in lines if line.startswith("scaleglove_link_frames_total{")]
        return {outcome: float(value.lstrip("} ")) for _, outcome, value in samples}

    before = Counter(counted())
    with service.stream() as (socket, started):
        for report in (REPORT, replace(REPORT, missing=6, unsent=14), replace(REPORT, missing=2), REPORT, LOST):
            socket.send(protocol.encode(report))
        wait_until(lambda: (streams(service)[started["stream"]]["link"] or {}).get("state") == "lost")
        assert streams(service)[started["stream"]]["link"] == as_json(LOST)
        socket.send('{"type": "stop"}')
        read_to_end(socket)
    grown = {outcome: value - before[outcome] for outcome, value in counted().items()}
    assert grown == {"missing": 5, "repeated": 0, "damaged": 0, "unsent": 10}
