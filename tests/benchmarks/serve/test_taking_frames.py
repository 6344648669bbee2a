"""The measurement of taking frames in, on a few of them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from benchmarks.serve import taking_frames
from benchmarks.serve.load.messages import Rhythm
from scaleglove.protocol import decode_binary, decode_text


@pytest.mark.parametrize("rhythm", taking_frames.RHYTHMS, ids=lambda rhythm: rhythm.title)
def test_messages_are_those_of_the_rhythm(monkeypatch: pytest.MonkeyPatch, rhythm: Rhythm) -> None:
    monkeypatch.setattr(taking_frames, "FRAMES", 20)
    decode: Callable[[bytes], object] = decode_binary if rhythm.binary else decode_text
    read = [decode(data) for data in taking_frames.payloads(rhythm)]
    assert [frames.seq for frames in read] == list(range(0, 20, rhythm.frames_per_message))
    assert {frames.count for frames in read} == {rhythm.frames_per_message}


def test_a_row_for_each_rhythm(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(taking_frames, "FRAMES", 20)
    monkeypatch.setattr(taking_frames, "ROUNDS", 1)
    monkeypatch.setattr(taking_frames, "microseconds", lambda *_: 2.0)
    taking_frames.main()
    table = capsys.readouterr().out
    assert all(f"| {rhythm.title} | 2.0 | " in table for rhythm in taking_frames.RHYTHMS)
