"""Recognition of a stream through the service's own session."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="the train extra is not installed")

from benchmarks.streams import recognition
from benchmarks.streams.recognition import NetworkAlone, recognise, recognise_by_majority
from benchmarks.streams.scoring import Score
from benchmarks.streams.script import Action
from benchmarks.streams.signed_stream import SignedStream, Span
from models.runtime.artefact import Artefact
from scaleglove.hangul.spelling import letters
from scaleglove.protocol import Gesture, Word
from service.inference.engine import Model
from tests.signing import hand

TEXT = "안녕"


@pytest.fixture(scope="module")
def model(artefact_path: Path) -> Model:
    return Artefact.load(artefact_path)


def emulated(lost: float = 0.0) -> SignedStream:
    readings = hand(TEXT, 50.0)
    kept = np.flatnonzero(np.random.default_rng(0).random(len(readings)) >= lost)
    t_ms = np.array([reading.t_ms for reading in readings])
    values = np.stack([reading.values for reading in readings])
    spans = [Span(Action.HOLD, letter, 0.0, 1.0) for letter in letters(TEXT)]
    return SignedStream(t_ms[kept], kept, values[kept], tuple(spans), TEXT)


def test_letters_and_text_are_those_that_were_signed(model: Model) -> None:
    found = recognise(model, emulated())
    assert [begun.letter for begun in found.letters] == letters(TEXT)
    assert found.text == TEXT
    assert Score.of(emulated(), found).errors == 0
    assert len(found.windows) + len(found.rejected_ms) > 50


def test_letters_of_a_word_that_was_not_written_are_left_out(model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    def begun(label: str, t_ms: float) -> Gesture:
        return Gesture("begin", label, t_ms, 0.9)

    def word(letters: str, written: str) -> Word:
        return Word(0.0, letters, letters, written, "language", False, 0.0)

    said = [begun("ㄱ", 1), begun("ㅏ", 2), word("ㄱㅏ", "가"), begun("ㄴ", 3), word("ㄴ", "")]
    said += [begun("ㅏ", 4), begun("ㄷ", 5), begun("ㄹ", 6), word("ㅏㄷ", "")]  # ㄹ is the next word's
    monkeypatch.setattr(recognition, "_messages", lambda *_: said)
    assert [each.letter for each in recognise(model, emulated()).kept.letters] == ["ㄱ", "ㅏ", "ㄹ"]


@pytest.mark.parametrize("frames", [1, 7, 1000])
def test_the_size_of_messages_changes_nothing(model: Model, frames: int, monkeypatch: pytest.MonkeyPatch) -> None:
    before = recognise(model, emulated(0.02))
    monkeypatch.setattr(recognition, "MESSAGE_FRAMES", frames)
    after = recognise(model, emulated(0.02))
    assert [(begun.letter, begun.t_ms) for begun in after.letters] == [
        (begun.letter, begun.t_ms) for begun in before.letters
    ]
    assert after.text == before.text
    assert after.rejected_ms == before.rejected_ms


def test_a_majority_names_each_letter_too_and_makes_no_text(model: Model) -> None:
    found = recognise_by_majority(NetworkAlone(model), emulated())
    assert set(letters(TEXT)) <= {begun.letter for begun in found.letters}
    assert all(0.6 <= begun.confidence <= 1 for begun in found.letters)
    assert (found.text, found.rejected_ms) == (None, ())
