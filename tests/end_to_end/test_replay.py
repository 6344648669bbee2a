"""The online answer equals the offline one: real recordings through TCP, bridge and WebSocket, against the artefact run
directly on the same files."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from scaleglove.letters import LETTERS
from scaleglove.recordings import find_recordings, load_episode
from tests.end_to_end.conftest import Part
from tests.live_service import few_models
from tests.processes import run_command

SPEED = "16"
PAUSE_S = 1.0
FRAME_MS = 31.0


@pytest.fixture
def folder(recordings_root: Path, tmp_path: Path) -> Path:
    """Copy an episode of each letter, collections and bend types taken in turn, and return their folder."""
    for index, letter in enumerate(LETTERS):
        collection, bends = (("collection_a", 5), ("collection_b", 3))[index % 2]
        bend = str(1 + index % bends)
        source = sorted((recordings_root / collection / letter / bend).glob("*.csv"))[index % 5]
        target = tmp_path / collection / letter / bend
        target.mkdir(parents=True)
        shutil.copy(source, target)
    return tmp_path


@pytest.fixture
def url(start: Callable[..., Part]) -> str:
    """Start a service whose streams do not learn from what is replayed, and return its address."""
    options = ("--models-dir", str(few_models()), "--self-calibration", "false")
    return start("serve", "--port", "0", *options).line().rpartition(" ")[2]


def last_of_each_episode(messages: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Return the last prediction before each silence between two episodes."""
    last = None
    for message in messages:
        if message["type"] == "gap":
            assert message["reason"] == "time", "the cable lost something"
            assert last is not None
            yield last
        elif message["type"] == "prediction":
            last = message


def ends_on_the_device_clock(files: list[Path]) -> list[float]:
    """Return when each episode's last frame arrives, in ms of the replaying glove's clock."""
    ends, clock_ms = [], 0.0
    for file in files:
        ends.append(clock_ms + float(load_episode(file).t_ms[-1]))
        clock_ms = ends[-1] + 1000 * PAUSE_S
    return ends


def test_the_letter_at_the_end_of_each_episode_is_the_artefacts_own(
    start: Callable[..., Part], url: str, folder: Path
) -> None:
    files = find_recordings(folder)
    assert len(files) == len(LETTERS)
    predict = run_command("predict", str(folder), "--json")
    assert predict.returncode == 0, predict.stderr
    direct = [json.loads(line) for line in predict.stdout.splitlines()]
    assert [Path(answer["file"]) for answer in direct] == files

    # By TCP, which holds what a bridge on a busy machine is late to read; a pseudo-terminal has 4 KiB.
    listen = ("--listen", "127.0.0.1:0", "--json")
    glove = start("emulate", "--replay", str(folder), "--speed", SPEED, "--pause-s", str(PAUSE_S), *listen).line()
    bridge = start(
        "bridge", "--port", f"socket://{json.loads(glove)['listen']}", "--url", url, "--json", "--hop-ms", "20"
    )
    streamed = last_of_each_episode(bridge.messages())
    next(streamed)  # the bridge may have come in the middle of this one

    # The replay goes round and round; the device clock tells which episode an answer belongs to.
    ends = ends_on_the_device_clock(files)
    period_ms = ends[-1] + 1000 * PAUSE_S
    answered: set[int] = set()
    for answer in islice(streamed, len(files)):
        index = int(np.searchsorted(ends, answer["t_ms"] % period_ms))
        expected = direct[index]
        assert ends[index] - answer["t_ms"] % period_ms < FRAME_MS, expected["file"]
        assert answer["label"] == expected["label"], expected["file"]
        assert answer["confidence"] == pytest.approx(expected["confidence"], abs=1e-4), expected["file"]
        answered.add(index)
    assert len(answered) == len(LETTERS)
    assert {Path(direct[index]["file"]).parts[-3] for index in answered} == set(LETTERS)
