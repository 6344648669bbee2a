"""A letter signed twice is two letters, whatever the noise of the sensors: emulated glove, window, model, decoder."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from firmware_bridge.emulated.glove_model import GloveModel
from firmware_bridge.emulated.letter_table import load_table
from models.artefact import Artefact
from models.hangul import letters
from service.streams.decoder import LetterDecoder
from service.wire import Prediction

TEXT = "난냐"
HOP = 5
SEEDS = range(12)


def spelled(artefact: Artefact, seed: int) -> list[str]:
    """The letters begun in one pass of the text, 50 Hz, a prediction every 100 ms."""
    glove = GloveModel(TEXT, load_table(), hold_s=1.0, once=True, seed=seed)
    readings = list(iter(lambda: glove.read(20.0), None))
    newest = artefact.contract.window_frames
    ends = range(artefact.contract.min_frames + seed % HOP, len(readings) + 1, HOP)
    windows = [readings[max(0, end - newest) : end] for end in ends]
    outputs = artefact.run_windows([np.stack([reading.values for reading in window]) for window in windows])
    decoder, begun = LetterDecoder(), []
    for end, probabilities in zip(ends, outputs.probabilities, strict=True):
        best = int(probabilities.argmax())
        label, t_ms = artefact.contract.labels[best], readings[end - 1].t_ms
        prediction = Prediction(end - 1, t_ms, "ok", label, float(probabilities[best]), [], {})
        begun += [gesture.label for gesture in decoder.push(prediction) if gesture.phase == "begin"]
    return begun


def test_equal_letters_in_a_row_are_told_apart(artefact_path: Path) -> None:
    artefact = Artefact.load(artefact_path)
    assert {seed: spelled(artefact, seed) for seed in SEEDS} == dict.fromkeys(SEEDS, letters(TEXT))
