"""Measurement of words in streams: what a language changes, and what words teach of a hand with few examples.

    python -m benchmarks.words.streams FOLDER --networks FOLDER [--words N]

It prints a table in Markdown. Each collection is left out of training in turn and signs the same words, a rest after
each, with letters of all its ways of holding them, simulated as in the stream benchmark (`benchmarks/streams/hand.py`).
Words are drawn by frequency, 15 % of no list. The examples of each letter are drawn at random.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from benchmarks.streams.cases import REST_FRAMES, SHOTS, Case, Knowledge, by_letter, drawn, generator, to_sign
from benchmarks.streams.experiment import embeddings
from benchmarks.streams.hand import Hand
from benchmarks.streams.recognition import Recognised, recognise
from benchmarks.streams.scoring import edit_distance
from benchmarks.streams.script import script
from benchmarks.streams.signed_stream import SignedStream, sign
from benchmarks.trained_networks import load, trained
from benchmarks.words.drawn_words import DrawnWords
from models.adaptation.open_set import REST
from models.adaptation.user_reference import Examples, UserReference
from models.cli.options import DEFAULT_MODEL, make_recipe, read_recordings
from models.data.dataset import HoldOut, Recording
from models.training.recipe import Recipe
from scaleglove.hangul.spelling import letters
from scaleglove.hangul.syllables import compose
from scaleglove.letters import LETTERS
from service.inference.engine import Model
from service.inference.profile import Profile

RATE_HZ: Final = 50.0
UNLISTED: Final = 0.15
EPOCHS: Final = 30
LAST: Final = 40
"""Words at the end of a stream, for which the others have taught the hand."""
_KNOWLEDGE: Final[tuple[Knowledge, ...]] = ("one", "three")
_EDGE_MS: Final = 300.0


@dataclass(frozen=True, slots=True)
class Row:
    """Errors in percent of the letters signed: of the letters of the first and the last LAST words, as decoded, and of
    the last words as they are written."""

    collection: str
    examples: int
    words: bool
    first: float
    last: float
    written: float


def measure(recordings: Sequence[Recording], recipe: Recipe, folder: Path, count: int) -> Iterator[Row]:
    """Yield the rows of every collection, of one and three examples, without words and with them."""
    source = DrawnWords("korean", offset=0)
    for name in sorted({recording.collection for recording in recordings}):
        case = Case(HoldOut(collections=(name,)), name, "mixed")
        model = load(trained(case.left_out, recordings, recipe, folder))
        rng = generator(0, f"{name}/words")
        text = [compose([LETTERS[label] for label in word.labels]) for word in source.draw(count, UNLISTED, rng)]
        hand = Hand(by_letter(to_sign(case, recordings)), model.contract.sample_rate_hz, rng)
        signed = sign(" ".join(text), script([" ".join(text)], rng), hand, RATE_HZ, rng)
        rests = hand.rest_examples(REST_FRAMES)
        for knowledge in _KNOWLEDGE:
            shown = drawn(case, recordings, knowledge, 0)
            profile = _profile(model, shown, rests)
            for words in (False, True):
                found = recognise(model, signed, self_calibration=True, profile=profile, words=words)
                yield row_of(name, SHOTS[knowledge], words, signed, found, text)


def _profile(model: Model, shown: Sequence[Recording], rests: Sequence[np.ndarray]) -> Profile:
    found = embeddings(model, [*(recording.samples for recording in shown), *rests])
    labels = [recording.label for recording in shown] + [REST] * len(rests)
    return Profile("benchmark", 1, UserReference.of(Examples(found, labels), len(model.contract.labels)), None)


def row_of(name: str, examples: int, words: bool, signed: SignedStream, found: Recognised, text: Sequence[str]) -> Row:
    """Return the errors of what was recognised where `text` was signed, one word after another."""
    counts = np.cumsum([0, *(len(letters(word)) for word in text)])

    def errors(first: int, last: int) -> float:
        """Return the errors in the letters of the words from `first` to before `last`."""
        holds = signed.holds[counts[first] : counts[last]]
        begin_ms, end_ms = holds[0].start_ms - _EDGE_MS, holds[-1].end_ms + _EDGE_MS
        read = [each.letter for each in found.letters if begin_ms <= each.t_ms <= end_ms]
        return _percent(edit_distance(read, [hold.letter for hold in holds]), len(holds))

    last = [letter for word in text[-LAST:] for letter in letters(word)]
    line = letters((found.text or "").replace(" ", ""))
    slack = max(1, len(last) // 10)  # the line does not say where a word began
    ends = (line[-size:] for size in range(len(last) - slack, len(last) + slack + 1))
    written = min(edit_distance(end, last) for end in ends)
    return Row(
        name, examples, words, errors(0, LAST), errors(len(text) - LAST, len(text)), _percent(written, len(last))
    )


def _percent(part: int, whole: int) -> float:
    return round(100 * part / whole, 1)


def table(rows: Sequence[Row]) -> str:
    """Return the rows as a table in Markdown."""
    heading = f"letter errors, first {LAST} words, % | last {LAST} words, % | the same as written, %"
    lines = [f"| signed by | examples of each letter | words | {heading} |", "|---|---|---|---|---|---|"]
    for row in rows:
        way = "on" if row.words else "off"
        lines.append(f"| {row.collection} | {row.examples} | {way} | {row.first} | {row.last} | {row.written} |")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="folder of recordings")
    parser.add_argument("--networks", type=Path, required=True, help="folder in which trained networks are kept")
    parser.add_argument("--words", type=int, default=100, help=f"words that each collection signs, at least {2 * LAST}")
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    given = parser.parse_args(arguments)
    if given.words < 2 * LAST:
        parser.error(f"--words: at least {2 * LAST}, got {given.words}")
    recipe = make_recipe(DEFAULT_MODEL, given.epochs, seed=0)
    print(table(list(measure(read_recordings(given.folder, recipe), recipe, given.networks, given.words))))


if __name__ == "__main__":
    main()
