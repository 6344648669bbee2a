"""The prompt in the terminal: names of the user's choice are shown as they are."""

from __future__ import annotations

import asyncio
import os

import pytest

from firmware_bridge.recorder.episodes import Slot
from firmware_bridge.recorder.prompts import TerminalPrompt
from firmware_bridge.recorder.recording_session import RecordingAnswer


def test_labels_and_bends_in_brackets_are_shown(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    reader, writer = os.pipe()
    os.write(writer, b"q\n")
    with os.fdopen(reader) as answers, os.fdopen(writer, "w"):
        monkeypatch.setattr("sys.stdin", answers)
        prompt = TerminalPrompt(1, countdown=0, json=False)
        assert asyncio.run(prompt.ready(Slot("[up]", "[a]", 1, 1), can_redo=False)) is RecordingAnswer.QUIT
    assert "[up]  bend [a], 1 of 1: " in capsys.readouterr().err
