"""The firmware's output in QEMU, where every instruction takes 1 ns: the recorded bytes."""

from __future__ import annotations

import json

import numpy as np
import pytest

from firmware_bridge.codec.decoder import GloveDecoder
from firmware_bridge.codec.events import Event, FrameRead, HeaderRead, Remark
from scaleglove.channels import ANGLES
from scaleglove.resampling import wrap_degrees
from tests.firmware.builds import needs_qemu
from tests.firmware.conftest import BuildImage
from tests.firmware.kept_runs import MADE_WITH, RUNS, Run, output_of, tools


@pytest.fixture(params=RUNS, ids=lambda run: run.name)
def run(request: pytest.FixtureRequest) -> Run:
    assert isinstance(request.param, Run)
    return request.param


@pytest.fixture
def output(run: Run, build_image: BuildImage) -> bytes:
    needs_qemu()
    return output_of(build_image(**run.defines).path("stm32f405-qemu.elf"), run.size)


def events(output: bytes) -> list[Event]:
    decoder = GloveDecoder()
    read = decoder.feed(output)
    assert not decoder.counts.damaged
    assert decoder.counts.missing == 0
    return read


def test_the_bytes_are_those_kept(run: Run, output: bytes) -> None:
    made_with = json.loads(MADE_WITH.read_text(encoding="utf-8"))
    if tools() != made_with:
        pytest.skip(f"recorded with {made_with}, here is {tools()}: other code takes other times")
    assert output == run.path.read_bytes(), "if this change is intended: python -m tests.firmware.kept_runs"


def test_with_any_compiler_all_but_the_times_is_as_kept(run: Run, output: bytes) -> None:
    now, kept = events(output), events(run.path.read_bytes())
    assert [e for e in now if isinstance(e, Remark | HeaderRead)] == [
        e for e in kept if isinstance(e, Remark | HeaderRead)
    ]
    frames_now = [e for e in now if isinstance(e, FrameRead)]
    frames_kept = [e for e in kept if isinstance(e, FrameRead)]
    # A time of one digit more or less may make space for a frame more or less.
    count = min(len(frames_now), len(frames_kept))
    assert abs(len(frames_now) - len(frames_kept)) <= 1
    assert count > 280
    times = np.array([[e.t_ms for e in frames[:count]] for frames in (frames_now, frames_kept)])
    assert np.abs(times[0] - times[1]).max() < 1
    difference = np.subtract(*(np.array([e.values for e in frames[:count]]) for frames in (frames_now, frames_kept)))
    difference[:, ANGLES] = wrap_degrees(difference[:, ANGLES])
    assert np.abs(difference).max() < 0.5
    assert [e.seq for e in frames_now[:count]] == [e.seq for e in frames_kept[:count]]
