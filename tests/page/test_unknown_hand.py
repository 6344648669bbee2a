"""An emulated hand that the shipped network has not met signs sentences on a pseudo-terminal: words teach it as it
goes, through the bridge and the service to the line on the page."""

from __future__ import annotations

import json
import queue
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest

pytest.importorskip("torch", reason="the train extra is not installed")

from benchmarks.streams.alignment import errors_by_letter
from benchmarks.streams.cases import MIXED, Case, by_letter, generator, to_sign
from benchmarks.streams.hand import Hand
from benchmarks.streams.script import PHRASES, script
from benchmarks.streams.signed_stream import SignedStream, sign
from models.cli.options import DEFAULT_MODEL, make_recipe, read_recordings
from models.data.dataset import HoldOut
from scaleglove.hangul.spelling import letters
from tests.deadlines import EVENT_S
from tests.live_service import live_service
from tests.page.conftest import OpenPage
from tests.processes import started_command
from tests.pty_glove import PtyGlove

SENTENCES: Final = 20
SPEED: Final = 10.0
"""Faster than real time: the header names the unit of the glove's clock."""
HEADER: Final = "micros,pitch,roll,yaw,flex1,flex2,flex3,flex4,flex5"
LEFT_OUT: Final = "collection_c"
"""What the shipped network was not trained on."""


@pytest.fixture(scope="module")
def signed(recordings_root: Path) -> SignedStream:
    """Return twenty sentences, signed in all ways of holding letters, and a rest behind them."""
    recipe = make_recipe(DEFAULT_MODEL, epochs=1, seed=0)
    own = [each for each in read_recordings(recordings_root, recipe) if each.collection == LEFT_OUT]
    rng = generator(0, "unknown hand")
    hand = Hand(by_letter(to_sign(Case(HoldOut(collections=(LEFT_OUT,)), LEFT_OUT, MIXED), own)), 50.0, rng)
    chosen = [PHRASES[index] for index in rng.permutation(len(PHRASES))[:SENTENCES]]
    return sign(" ".join(chosen), script(chosen, rng), hand, 50.0, rng)


def rows(stream: SignedStream) -> Iterator[tuple[float, str]]:
    """Yield the frames as the sketch prints them."""
    for t_ms, values in zip(stream.t_ms.tolist(), stream.values, strict=True):
        yield t_ms, ",".join([f"{1000 * t_ms:.0f}", *(f"{value:.2f}" for value in [*values[5:], *values[:5]])])


def test_the_later_sentences_of_an_unknown_hand_are_read(signed: SignedStream, open_page: OpenPage) -> None:
    glove = PtyGlove()
    with live_service() as service:
        command = ["bridge", "--port", glove.path, "--url", service.url, "--json"]
        with started_command(*command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
            messages: queue.Queue[dict[str, Any]] = queue.Queue()
            reading = threading.Thread(target=_read_all, args=(process.stdout, messages), daemon=True)
            reading.start()
            while messages.get(timeout=EVENT_S)["type"] != "started":
                pass
            printing = threading.Thread(target=glove.print, args=(HEADER, rows(signed), SPEED), daemon=True)
            printing.start()
            text, words = "", 0
            while (message := messages.get(timeout=EVENT_S))["type"] != "prediction" or not _is_last(message, signed):
                if message["type"] == "text":
                    text = message["committed"] + message["composing"]
                words += message["type"] == "word"
            opened = open_page(service.url)
            opened.wait_for_text("transcript", text[-20:].strip())
            process.terminate()
            reading.join(EVENT_S)
    glove.close()
    held = [hold.letter or "" for hold in signed.holds]
    wrong = errors_by_letter(letters(text.replace(" ", "")), held)
    later = wrong[len(held) // 2 :]
    assert words > SENTENCES / 2  # what the letters alone would have been was changed
    assert later.mean() < 0.25  # without words some 0.4
    assert opened.faults == []


def _is_last(message: dict[str, Any], stream: SignedStream) -> bool:
    return bool(message["t_ms"] >= np.floor(stream.t_ms[-1]) - 200)


def _read_all(lines: Any, messages: queue.Queue[dict[str, Any]]) -> None:
    for line in lines:
        messages.put(json.loads(line))
