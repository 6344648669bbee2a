"""Streams of Lab Streaming Layer, received by real inlets."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator

import pytest

from firmware_bridge.codec.events import FrameRead
from firmware_bridge.outlets import lsl
from firmware_bridge.outlets.lsl import LslOutlet, make
from firmware_bridge.outlets.outlet import OutletCode, OutletError, TimedFrame
from scaleglove.channels import CHANNELS
from scaleglove.protocol import Gesture
from tests.deadlines import EVENT_S
from tests.firmware_bridge.outlets.said import Said

pylsl = pytest.importorskip("pylsl", exc_type=RuntimeError, reason="pylsl has no liblsl for this system")

NAME = f"test {time.time_ns()}"
"""Other tests may offer streams at the same time."""


def inlet(name: str) -> pylsl.StreamInlet:
    (found,) = pylsl.resolve_byprop("name", name, timeout=EVENT_S)
    opened = pylsl.StreamInlet(found)
    opened.open_stream(timeout=EVENT_S)
    return opened


@pytest.fixture
def outlet() -> Iterator[LslOutlet]:
    made, said = make("test", NAME.removeprefix("test ")), Said()
    made.start(said)
    assert said.values == {"name": NAME}
    yield made
    made.stop()


def test_frames_arrive_with_their_times_and_names(outlet: LslOutlet) -> None:
    receiving = inlet(NAME)
    info = receiving.info(timeout=EVENT_S)
    assert (info.type(), info.channel_count(), info.nominal_srate()) == ("Glove", 8, 0.0)
    assert info.get_channel_labels() == list(CHANNELS)
    now_s = time.monotonic()
    values = (801.0, None, 803.0, 804.0, 805.0, -1.5, 2.25, 179.0)
    outlet.frames([TimedFrame(n, now_s - 0.1 + n * 0.02, FrameRead(n * 20.0, values)) for n in range(3)])
    samples, times = [], []
    while len(samples) < 3:
        sample, time_s = receiving.pull_sample(timeout=EVENT_S)
        assert sample is not None
        samples.append(sample)
        times.append(time_s - pylsl.local_clock() + time.monotonic())
    assert times == pytest.approx([now_s - 0.1, now_s - 0.08, now_s - 0.06], abs=0.005)
    assert math.isnan(samples[0][1])
    assert samples[0][2:] == list(values[2:])


def test_letters_arrive_as_markers(outlet: LslOutlet) -> None:
    receiving = inlet(f"{NAME} letters")
    assert receiving.info(timeout=EVENT_S).type() == "Markers"
    now_s = time.monotonic()
    for phase, label in (("begin", "ㄱ"), ("end", "ㄱ"), ("begin", "thank you")):
        outlet.message(Gesture(phase, label, 0.0, 0.9), now_s)  # type: ignore[arg-type]
    heard = [receiving.pull_sample(timeout=EVENT_S) for _ in range(3)]
    assert [sample for sample, _ in heard] == [["begin:ㄱ"], ["end:ㄱ"], ["begin:thank you"]]
    assert heard[0][1] - pylsl.local_clock() + time.monotonic() == pytest.approx(now_s, abs=0.005)


def test_a_system_without_the_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lsl, "pylsl", None)
    with pytest.raises(OutletError) as failed:
        make("scaleglove", "").start(Said())
    assert failed.value.code is OutletCode.NO_LIBLSL
