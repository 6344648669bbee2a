"""An emulated glove spells, and other programs receive it: through serial, bridge, service and every outlet at once."""

from __future__ import annotations

import json
import re
import socket
import struct
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from pythonosc.osc_message import OscMessage
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from scaleglove.hangul.spelling import letters
from tests.deadlines import EVENT_S, RUN_S
from tests.end_to_end.conftest import Part
from tests.x_display import text_field, x_display

pylsl = pytest.importorskip("pylsl", exc_type=RuntimeError, reason="pylsl has no liblsl for this system")

TEXT = "학교 안녕"
SPELLED = [letter for letter in letters(TEXT) if letter.strip()]
GESTURES = "/service/gestures"


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> Iterator[Page]:
    """Open a text field on a display that the processes of the test use."""
    with x_display() as name:
        monkeypatch.setenv("DISPLAY", name)
        monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
        with text_field(name) as opened:
            yield opened


@pytest.fixture
def receiver() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as opened:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2**22)
        opened.bind(("127.0.0.1", 0))
        opened.settimeout(RUN_S)
        yield opened


def ready(messages: Iterator[dict[str, Any]], count: int) -> dict[str, dict[str, str]]:
    """Wait until outlets are open, and return the values that they give, by their names."""
    found: dict[str, dict[str, str]] = {}
    while len(found) < count:
        message = next(messages)
        if message["type"] == "outlet":
            assert message["code"] == "ready", message
            found[message["outlet"]] = message["values"]
    return found


def has_all(labels: list[str]) -> bool:
    """Return whether the text was heard as a whole. The glove repeats it: a program may come too late for its begin."""
    return "".join(SPELLED) in "".join(labels)


def heard_by_osc(receiver: socket.socket) -> list[str]:
    labels: list[str] = []
    while not has_all(labels):
        message = OscMessage(receiver.recv(4096))
        if message.address == "/scaleglove/letter":
            labels.append(message.params[0])
    return labels


def heard_by_lsl(markers: pylsl.StreamInlet) -> tuple[list[str], list[float]]:
    labels: list[str] = []
    times: list[float] = []
    while not has_all(labels):
        sample, time_s = markers.pull_sample(timeout=RUN_S)
        phase, _, label = sample[0].partition(":")
        if phase == "begin":
            labels.append(label)
            times.append(time_s)
    return labels, times


def seen_in_foxglove(viewer: ClientConnection) -> list[str]:
    channel: int | None = None
    labels: list[str] = []
    while not has_all(labels):
        data = viewer.recv(RUN_S)
        if isinstance(data, bytes):
            fields = json.loads(data[struct.calcsize("<BIQ") :])
            labels += [fields["label"]] if fields["phase"] == "begin" else []
        elif channel is None:
            advertised = {one["topic"]: one["id"] for one in json.loads(data).get("channels", [])}
            if (channel := advertised.get(GESTURES)) is not None:
                viewer.send(json.dumps({"op": "subscribe", "subscriptions": [{"id": 1, "channelId": channel}]}))
    return labels


def inlet(name: str, since_s: float) -> pylsl.StreamInlet:
    """Open a stream of this test: another on this network may have the same name."""
    while True:
        found = pylsl.resolve_byprop("name", name, timeout=EVENT_S)
        own = [info for info in found if info.created_at() >= since_s and info.hostname() == socket.gethostname()]
        if own:
            opened = pylsl.StreamInlet(own[0])
            opened.open_stream(timeout=EVENT_S)
            return opened


def test_other_programs_receive_what_a_glove_spells(
    page: Page, start: Callable[..., Part], service_url: str, receiver: socket.socket
) -> None:
    begun_s = pylsl.local_clock()
    emulator = start("emulate", "--text", f"{TEXT} ", "--hold-s", "1", "--speed", "2", "--wait")
    target = f"127.0.0.1:{receiver.getsockname()[1]}"
    options = ("--type", "--osc", target, "--lsl", "--foxglove", "127.0.0.1:0")
    bridge = start("bridge", "--port", emulator.line(), "--url", service_url, "--json", *options)
    messages = bridge.messages()
    address = ready(messages, 4)["foxglove"]["address"]
    with (
        connect(f"ws://{address}", subprotocols=[Subprotocol("foxglove.sdk.v1")], open_timeout=EVENT_S) as viewer,
        ThreadPoolExecutor(4) as pool,
    ):
        lines = pool.submit(lambda: [one["committed"] for one in messages if one["type"] == "text"])
        by_osc = pool.submit(heard_by_osc, receiver)
        by_foxglove = pool.submit(seen_in_foxglove, viewer)
        frames, markers = inlet("scaleglove", begun_s), inlet("scaleglove letters", begun_s)
        by_lsl = pool.submit(heard_by_lsl, markers)
        expect(page.locator("#field")).to_have_value(re.compile(f"^{TEXT}"), timeout=1000 * RUN_S)
        assert by_osc.result()[: len(SPELLED)] == SPELLED
        assert by_foxglove.result()
        _, times = by_lsl.result()
        bridge.process.terminate()
        assert any(line == TEXT for line in lines.result())
    _, first_s = frames.pull_sample(timeout=EVENT_S)
    assert begun_s < first_s < times[-1] < pylsl.local_clock()
    assert times == sorted(times)
    status, errors = bridge.stop()
    assert status == 0, errors


def test_an_outlet_that_fails_is_named_and_the_bridge_goes_on(
    start: Callable[..., Part], service_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISPLAY", ":9999")
    emulator = start("emulate", "--speed", "2")
    bridge = start("bridge", "--port", emulator.line(), "--url", service_url, "--json", "--type")
    messages = bridge.messages()
    failure = next(message for message in messages if message["type"] == "outlet")
    assert (failure["outlet"], failure["code"], failure["failed"]) == ("type", "no_display", True)
    assert next(message for message in messages if message["type"] == "gesture")["phase"] == "begin"
    status, errors = bridge.stop()
    assert status == 1
    assert "Traceback" not in errors
