"""Sentences with lost frames, through all real processes: emulator -> bridge -> service -> text."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from scaleglove.hangul.spelling import letters
from tests.end_to_end.conftest import Part

LOST = "0.02"
SPEED = "2"
AMERICAN = "American_INT8"
SENTENCES = (("안녕하세요", 30), ("안녕", 50), ("밥 먹었어요", 30), ("괜찮아요", 50), ("학교 왜", 100))
"""With the rates of their gloves."""

SLOW = 1


def written(bridge: Part, text: str) -> tuple[str, str]:
    """Return the line when as many words as `text` has are committed, and the letters that began until then."""
    begun = ""
    for message in bridge.messages():
        if message["type"] == "gesture" and message["phase"] == "begin":
            begun += message["label"]
        if message["type"] == "text" and len(message["committed"].split()) == len(text.split()):
            return message["committed"], begun
    raise AssertionError(f"{text}: the bridge ended, and these letters began: {begun}")


def test_the_text_arrives_as_it_was_spelled(start: Callable[..., Part], service_url: str) -> None:
    """Five gloves at once, on one service; one signs as slowly as who begins."""

    def signed(place: int) -> tuple[str, str]:
        text, rate_hz = SENTENCES[place]
        options = ("--rate-hz", str(rate_hz), "--lose", LOST, "--seed", str(place))
        pace = ("--hold-s", "2" if place == SLOW else "1", "--speed", SPEED)
        terminal = start("emulate", "--text", text, *options, *pace, "--wait").line()
        return written(start("bridge", "--port", terminal, "--url", service_url, "--json"), text)

    with ThreadPoolExecutor(len(SENTENCES)) as pool:
        found = list(pool.map(signed, range(len(SENTENCES))))
    assert found == [(text, "".join(letters(text)).replace(" ", "")) for text, _ in SENTENCES]


def test_an_american_glove_writes_hello_world(start: Callable[..., Part], artefact_path: Path, tmp_path: Path) -> None:
    """Beside the Korean default, with the model named; the English speller writes the capital."""
    for name in (artefact_path.stem, AMERICAN):
        shutil.copy(artefact_path.with_stem(name), tmp_path)
    url = start("serve", "--port", "0", "--models-dir", str(tmp_path)).line().rpartition(" ")[2]
    options = ("--vocabulary", "american", "--text", "HELLO WORLD", "--hold-s", "1", "--speed", SPEED, "--wait")
    terminal = start("emulate", *options).line()
    bridge = start("bridge", "--port", terminal, "--url", url, "--model", AMERICAN, "--json")
    assert written(bridge, "HELLO WORLD") == ("Hello world", "helloworld")
