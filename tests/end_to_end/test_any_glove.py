"""Gloves of other makers, on a pseudo-terminal, through the bridge and the service to the text of a sentence."""

from __future__ import annotations

import json
import queue
import subprocess
import threading
from collections.abc import Callable, Iterator
from typing import Any, Final

import numpy as np
import pytest

from benchmarks.other_gloves import GLOVES
from firmware_bridge.emulator.glove_model import GloveModel
from scaleglove.letter_templates import load_templates
from tests.deadlines import EVENT_S
from tests.live_service import live_service
from tests.processes import started_command
from tests.pty_glove import PtyGlove

SENTENCE: Final = "새로 산 구두"
TEXT: Final = f"다람쥐 헌 쳇바퀴에 타고파 그 여자는 {SENTENCE}"
"""More shapes than a glove needs to be ranged for sure, and the sentence."""
SPEED: Final = 8.0
"""Faster than real time: the header names the unit of the glove's clock."""

Row = Callable[[float, np.ndarray], str]


def commas(t_ms: float, values: np.ndarray) -> str:
    return ",".join([f"{1000 * t_ms:.0f}", *(f"{value:.2f}" for value in [*values[5:], *values[:5]])])


def tabs_and_decimal_commas(t_ms: float, values: np.ndarray) -> str:
    return "\t".join([*(f"{value:.4f}" for value in values), f"{t_ms / 1000:.3f}"]).replace(".", ",")


def pairs(t_ms: float, values: np.ndarray) -> str:
    names = ("thumb", "index", "middle", "ring", "pinky", "pitch", "roll", "heading")
    return " ".join([f"ms:{t_ms:.0f}", *(f"{name}:{value:.2f}" for name, value in zip(names, values, strict=True))])


SKETCHES: Final[dict[str, tuple[str, Row, str]]] = {
    "12 bits": ("micros,pitch,roll,yaw,flex1,flex2,flex3,flex4,flex5", commas, "\r\n"),
    "0 to 1": ("flex_1\tflex_2\tflex_3\tflex_4\tflex_5\tpitch\troll\tyaw\ttime_s", tabs_and_decimal_commas, "\n"),
    "reversed": ("Glove 1.0, please hold still", pairs, "\n"),
    "left hand": ("micros,pitch,roll,yaw,flex1,flex2,flex3,flex4,flex5", commas, "\r"),
}
"""By the glove: the first line of its sketch, a line of it, and what ends one."""


def sign(glove: PtyGlove, name: str, text: str) -> None:
    """Sign a text once the port is read."""
    first, row, _ = SKETCHES[name]
    hand = GloveModel(text, load_templates(), once=True, hold_s=0.9)
    readings = iter(lambda: hand.read(20.0), None)
    change = GLOVES[name]
    glove.print(first, ((each.t_ms, row(each.t_ms, change(each.values[np.newaxis])[0])) for each in readings), SPEED)


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with live_service() as service:
        yield service.url


@pytest.mark.parametrize("name", SKETCHES)
def test_a_glove_of_another_maker_writes_the_sentence(url: str, name: str) -> None:
    glove = PtyGlove(SKETCHES[name][2])
    command = ["bridge", "--port", glove.path, "--url", url, "--json"]
    with started_command(*command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        messages: queue.Queue[dict[str, Any]] = queue.Queue()
        reading = threading.Thread(target=_read_all, args=(process.stdout, messages), daemon=True)
        reading.start()
        assert messages.get(timeout=EVENT_S)["type"] == "started"
        signing = threading.Thread(target=sign, args=(glove, name, TEXT), daemon=True)
        signing.start()
        seen = []
        while not seen or not (seen[-1].get("committed", "") + seen[-1].get("composing", "")).endswith(SENTENCE):
            seen.append(messages.get(timeout=EVENT_S))
        signing.join(EVENT_S)
        process.terminate()
        reading.join(EVENT_S)
    ranged = [message for message in seen if message["type"] == "ranging"]
    assert ranged[-1]["sure"]
    glove.close()


def _read_all(lines: Any, messages: queue.Queue[dict[str, Any]]) -> None:
    for line in lines:
        message = json.loads(line)
        if message["type"] in {"started", "text", "glove", "ranging"}:
            messages.put(message)
