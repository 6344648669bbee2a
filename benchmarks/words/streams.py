"""Measurement of words in streams: what a language changes, and what words teach of a hand.

    python -m benchmarks.words.streams FOLDER --networks FOLDER [--words N] [--collections NAME...] [--known WHAT...]

It prints a table in Markdown. Each collection is left out of training in turn and signs the same words, a rest after
each, with letters of all its ways of holding them, simulated as in the stream benchmark (`benchmarks/streams/hand.py`).
Words are drawn by frequency, 15 % of no list. Of the hand nothing is known, or examples of each letter that are drawn
at random.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from benchmarks.streams.cases import REST_FRAMES, SHOTS, Case, Knowledge, by_letter, drawn, generator, to_sign
from benchmarks.streams.experiment import profile_of
from benchmarks.streams.hand import Hand
from benchmarks.streams.recognition import Recognised, recognise
from benchmarks.streams.scoring import edit_distance
from benchmarks.streams.script import script
from benchmarks.streams.signed_stream import SignedStream, Span, sign
from benchmarks.trained_networks import load, trained
from benchmarks.words.alignment import errors_by_letter
from benchmarks.words.drawn_words import DrawnWords
from models.cli.options import DEFAULT_MODEL, make_recipe, read_recordings
from models.data.dataset import HoldOut, Recording
from models.training.recipe import Recipe
from scaleglove.hangul.spelling import letters
from scaleglove.hangul.syllables import compose
from scaleglove.letters import LETTERS
from service.inference.engine import Model

RATE_HZ: Final = 50.0
UNLISTED: Final = 0.15
EPOCHS: Final = 30
SPANS: Final = ((0, 10), (40, 60), (80, 100))
"""Words of a stream for which errors are stated, the first and the one behind the last: as the hand is taught."""
_KNOWLEDGE: Final[tuple[Knowledge, ...]] = ("nothing", "one", "three")
_EDGE_MS: Final = 300.0


@dataclass(frozen=True, slots=True)
class Plan:
    """The words that each collection signs, how networks are trained, and the folder that keeps them."""

    words: int
    recipe: Recipe
    folder: Path


@dataclass(frozen=True, slots=True)
class Row:
    """Errors in percent of the letters signed in each of SPANS: of the letters as decoded, and as they are written."""

    collection: str
    examples: int
    words: bool
    decoded: tuple[float, ...]
    written: tuple[float, ...]


def measure(
    recordings: Sequence[Recording], plan: Plan, collections: Sequence[str], known: Sequence[Knowledge]
) -> Iterator[Row]:
    """Yield the rows of these collections, each left out in turn, by what is known, without words and with them."""
    source = DrawnWords("korean", offset=0)
    for name in collections:
        case = Case(HoldOut(collections=(name,)), name, "mixed")
        model = load(trained(case.left_out, recordings, plan.recipe, plan.folder))
        text, signed, rests = signed_words(case, model, recordings, source, plan.words)
        for knowledge in known:
            shots = SHOTS.get(knowledge, 0)
            profile = profile_of(model, drawn(case, recordings, knowledge, 0), rests) if shots else None
            for words in (False, True):
                found = recognise(model, signed, self_calibration=True, profile=profile, words=words)
                yield row_of(name, shots, words, signed, found, text)


def signed_words(
    case: Case, model: Model, recordings: Sequence[Recording], source: DrawnWords, count: int
) -> tuple[list[str], SignedStream, list[np.ndarray]]:
    """Return `count` words, the stream in which a wearer signs them, and windows of their hand at rest."""
    rng = generator(0, f"{case.collection}/words")
    text = [compose([LETTERS[label] for label in word.labels]) for word in source.draw(count, UNLISTED, rng)]
    hand = Hand(by_letter(to_sign(case, recordings)), model.contract.sample_rate_hz, rng)
    signed = sign(" ".join(text), script([" ".join(text)], rng), hand, RATE_HZ, rng)
    return text, signed, hand.rest_examples(REST_FRAMES)


def row_of(name: str, examples: int, words: bool, signed: SignedStream, found: Recognised, text: Sequence[str]) -> Row:
    """Return the errors of what was recognised where `text` was signed, one word after another."""
    counts = np.cumsum([0, *(len(letters(word)) for word in text)])
    text_letters = letters((found.text or "").replace(" ", ""))
    written = errors_by_letter(text_letters, [hold.letter or "" for hold in signed.holds])
    spans = [slice(int(counts[first]), int(counts[last])) for first, last in SPANS]
    return Row(
        name,
        examples,
        words,
        tuple(_decoded(signed.holds[span], found) for span in spans),
        tuple(round(100 * float(written[span].mean()), 1) for span in spans),
    )


def _decoded(holds: Sequence[Span], found: Recognised) -> float:
    """Return the errors in percent of the letters that were decoded while these were held."""
    begin_ms, end_ms = holds[0].start_ms - _EDGE_MS, holds[-1].end_ms + _EDGE_MS
    read = [each.letter for each in found.letters if begin_ms <= each.t_ms <= end_ms]
    return round(100 * edit_distance(read, [hold.letter for hold in holds]) / len(holds), 1)


def errors_heading() -> str:
    """Return the names of the columns of errors in Markdown."""
    spans = [f"{first + 1} to {last}" for first, last in SPANS]
    return " | ".join(f"{what}, words {span}, %" for what in ("letter errors", "as written") for span in spans)


def heading() -> str:
    """Return the first two lines of the table in Markdown."""
    return f"| signed by | examples of each letter | words | {errors_heading()} |\n{'|---' * (3 + 2 * len(SPANS))}|"


def line(row: Row) -> str:
    """Return a row as a line of the table."""
    cells = (row.collection, row.examples, "on" if row.words else "off", *row.decoded, *row.written)
    return f"| {' | '.join(map(str, cells))} |"


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="folder of recordings")
    parser.add_argument("--networks", type=Path, required=True, help="folder in which trained networks are kept")
    parser.add_argument("--words", type=int, default=SPANS[-1][1], help="words that each collection signs")
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    parser.add_argument("--collections", nargs="+", help="who signs; by default each in turn")
    parser.add_argument("--known", nargs="+", choices=_KNOWLEDGE, default=_KNOWLEDGE, help="what is known of the hand")
    given = parser.parse_args(arguments)
    if given.words < SPANS[-1][1]:
        parser.error(f"--words: at least {SPANS[-1][1]}, got {given.words}")
    recipe = make_recipe(DEFAULT_MODEL, given.epochs, seed=0)
    recordings = read_recordings(given.folder, recipe)
    everyone = sorted({recording.collection for recording in recordings})
    print(heading())
    for row in measure(
        recordings, Plan(given.words, recipe, given.networks), given.collections or everyone, given.known
    ):
        print(line(row), flush=True)


if __name__ == "__main__":
    main()
