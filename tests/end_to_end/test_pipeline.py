"""The whole data flow in real processes: emulator on a pseudo-terminal -> bridge -> service -> a viewer."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from collections.abc import Callable

import httpx
import pytest

from scaleglove.client import watch
from scaleglove.hangul.spelling import letters
from scaleglove.protocol import Gesture, Prediction
from tests.deadlines import EVENT_S, RUN_S, wait_until
from tests.end_to_end.conftest import Part

TEXT = "안녕"


def the_stream(url: str) -> str:
    """Wait for the only stream of the service, and return its id."""
    found: list[dict[str, object]] = []

    def has_come() -> bool:
        found[:] = httpx.get(f"{url}/v1/streams").json()["streams"]
        return bool(found)

    wait_until(has_come)
    (stream,) = found
    return str(stream["stream"])


@pytest.mark.parametrize(("rate_hz", "fields"), [("50", "9"), ("100", "12")])
def test_a_spelled_text_arrives_letter_by_letter(
    start: Callable[..., Part], service_url: str, rate_hz: str, fields: str
) -> None:
    terminal = start(
        "emulate", "--text", TEXT, "--rate-hz", rate_hz, "--fields", fields, "--hold-s", "1", "--speed", "3"
    ).line()
    start("bridge", "--port", terminal, "--url", service_url)
    stream = the_stream(service_url)

    expected = letters(TEXT)

    async def spell(count: int) -> tuple[list[str], list[Prediction]]:
        begun: list[str] = []
        seen: list[Prediction] = []
        async with watch(service_url, stream) as messages:
            while "".join(expected) not in "".join(begun) and len(begun) < count:
                message = await anext(messages)
                if isinstance(message, Prediction):
                    seen.append(message)
                if isinstance(message, Gesture) and message.phase == "begin":
                    begun.append(message.label)
        return begun, seen

    begun, seen = asyncio.run(asyncio.wait_for(spell(2 * len(expected)), RUN_S))
    # The viewer may have come in the middle of the text, which goes round and round: two passes hold a whole one.
    assert "".join(expected) in "".join(begun)
    answered = [prediction for prediction in seen if prediction.state == "ok"]
    assert all(sum(prediction.scale_importance.values()) == pytest.approx(1, abs=1e-4) for prediction in answered)
    # No gap: no frame was lost on the way.
    assert {prediction.state for prediction in seen} <= {"ok", "warming", "rejected"}


def test_the_bridge_prints_what_is_recognised_and_counts_nothing_lost(
    start: Callable[..., Part], service_url: str
) -> None:
    # A glove whose port nobody reads loses what the port cannot hold.
    terminal = start("emulate", "--wait", "--text", TEXT, "--hold-s", "1", "--speed", "2").line()
    bridge = start("bridge", "--port", terminal, "--url", service_url, "--json")
    begun = (m["label"] for m in bridge.messages() if m["type"] == "gesture" and m["phase"] == "begin")
    expected, read = "".join(letters(TEXT)), ""
    while expected not in read and len(read) < 2 * len(expected):
        read += next(begun)
    assert expected in read
    status, errors = bridge.stop(signal.SIGINT)
    assert status == 0
    assert "0 of them not delivered" in errors
    assert "missing: 0; repeated: 0; restarts of the glove: 0; damaged: none" in errors


def test_the_demo_runs_all_three_and_stops_them_on_ctrl_c(start: Callable[..., Part]) -> None:
    demo = start("demo", "--port", "0")
    url = next(line for line in demo.lines() if line.startswith("The page: ")).rpartition(" ")[2]
    assert httpx.get(url).text.startswith("<!doctype html>")
    the_stream(url)
    status, errors = demo.stop(signal.SIGINT)
    assert status == 0
    assert "Traceback" not in errors
    with pytest.raises(httpx.ConnectError):
        httpx.get(url)


def test_the_demo_says_when_its_port_is_taken(start: Callable[..., Part], service_url: str) -> None:
    demo = start("demo", "--port", service_url.rpartition(":")[2])
    assert demo.process.wait(EVENT_S) == 1
    _, errors = demo.stop()
    assert "Traceback" not in errors
    assert "another program uses port" in errors


def test_serving_and_the_bridge_never_import_torch() -> None:
    code = (
        "import sys, scaleglove.cli, service.app, service.server\n"
        "import firmware_bridge.bridge, firmware_bridge.emulator.emulator\n"
        "print([name for name in ('torch', 'lightning', 'onnx', 'sklearn') if name in sys.modules])"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"
