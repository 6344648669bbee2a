"""Measurement of words decoded from the letters of a hand that the model does not know.

    python -m benchmarks.words.decoding FOLDER --collection NAME [--artefact FILE | --networks FOLDER] [--words N]

It prints a table in Markdown. Letters are recorded holds of one collection, each drawn at random among those of its
letter, as an artefact scores them that was trained without the collection: that of `--artefact`, by default the shipped
one, which knows collections a and b, or one that is trained here on `--train` alone and kept in `--networks`. Words are
drawn by frequency from a list without every tenth word; two of five have an ending; 15 % are words of no list.

Wrong letters are the edit distance from what was signed in percent of its letters, as written and as decoded. Examples
are the holds of words that lead the next spelling by EXAMPLE_MARGIN: how many of a hundred, and how many are right.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Final

import numpy as np

from benchmarks.streams.alignment import edit_distance
from benchmarks.streams.drawn_words import Drawn, DrawnWords
from benchmarks.trained_networks import load, trained
from benchmarks.words.held_letters import HeldLetters
from benchmarks.words.signing import NONE, SOME, Faults, sign
from models.cli.options import DEFAULT_MODEL, make_recipe, read_recordings
from models.data.dataset import HoldOut, Recording
from scaleglove.vocabulary import load_vocabulary
from service.streams.words.word_decoder import WordDecoder

UNLISTED: Final = 0.15
EXAMPLE_MARGIN: Final = 2.0
EPOCHS: Final = 30
SHIPPED: Final = Path(__file__).parents[2] / "models" / "artefacts" / f"{DEFAULT_MODEL}.onnx"


@dataclass(slots=True)
class Tally:
    """Counts of words, of their letters, and of the examples that they make."""

    words: int = 0
    letters: int = 0
    wrong_written: int = 0
    wrong_decoded: int = 0
    words_written: int = 0
    """Words that are right as they were written."""
    words_decoded: int = 0
    holds: int = 0
    examples: int = 0
    examples_right: int = 0

    def add(self, other: Tally) -> None:
        """Add the counts of another one."""
        for each in fields(self):
            setattr(self, each.name, getattr(self, each.name) + getattr(other, each.name))


def decode(decoder: WordDecoder, word: Drawn, hand: HeldLetters, faults: Faults, rng: np.random.Generator) -> Tally:
    """Sign one word of Korean, decode it, and count."""
    decoder.clear()
    held = []
    for hold, label in sign(word.labels, hand, faults, rng):
        decoder.push(hold)
        held.append(label)
    found = decoder.result()
    tally = Tally(1, len(word.labels), holds=len(held))
    tally.wrong_written = edit_distance(found.raw, word.labels)
    tally.wrong_decoded = edit_distance(found.labels, word.labels)
    tally.words_written, tally.words_decoded = int(found.raw == word.labels), int(found.labels == word.labels)
    if found.margin >= EXAMPLE_MARGIN:
        pairs = zip(found.labels, found.sources, strict=True)
        shown = [label == held[source] for label, source in pairs if source is not None]
        tally.examples, tally.examples_right = len(shown), sum(shown)
    return tally


def measure(hand: HeldLetters, words: DrawnWords, count: int, faults: Faults, seed: int) -> dict[bool, Tally]:
    """Return the counts of words of the list and of words of none, by whether they are of it."""
    rng = np.random.default_rng(seed)
    decoder = WordDecoder(load_vocabulary("korean"), words.model)
    tallies = {True: Tally(), False: Tally()}
    for word in words.draw(count, UNLISTED, rng):
        tallies[word.in_list].add(decode(decoder, word, hand, faults, rng))
    return tallies


def _rows(hand: HeldLetters, count: int, seed: int) -> Iterator[str]:
    words = DrawnWords("korean", seed)
    for name, faults in (("every letter read", NONE), ("some missed, false or doubled", SOME)):
        for in_list, tally in measure(hand, words, count, faults, seed).items():
            kind = "in the list" if in_list else "in none"
            cells = (
                100 * tally.wrong_written / tally.letters,
                100 * tally.wrong_decoded / tally.letters,
                100 * tally.words_written / tally.words,
                100 * tally.words_decoded / tally.words,
                100 * tally.examples / tally.holds,
            )
            right = f"{100 * tally.examples_right / tally.examples:.1f}" if tally.examples else "-"
            yield f"| {name} | {kind} | {tally.words} | {' | '.join(f'{cell:.1f}' for cell in cells)} | {right} |"


def _artefact_of(arguments: argparse.Namespace, recordings: Sequence[Recording]) -> Path:
    if arguments.networks is None:
        path: Path = arguments.artefact
        return path
    names = {recording.collection for recording in recordings}
    left_out = HoldOut(collections=tuple(sorted(names - set(arguments.train))))
    return trained(left_out, recordings, make_recipe(DEFAULT_MODEL, EPOCHS, seed=0), arguments.networks)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folder", type=Path, help="folder of recordings")
    parser.add_argument("--collection", required=True, help="the collection whose letters are signed")
    parser.add_argument("--artefact", type=Path, default=SHIPPED, help="of a network without it")
    parser.add_argument("--networks", type=Path, help="folder in which a network trained for this is kept")
    parser.add_argument("--train", nargs="+", default=[], help="the collections that it is trained on")
    parser.add_argument("--words", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    recordings = read_recordings(arguments.folder, make_recipe(DEFAULT_MODEL, EPOCHS, seed=0))
    own = [recording for recording in recordings if recording.collection == arguments.collection]
    hand = HeldLetters.of(load(_artefact_of(arguments, recordings)), own)
    print(f"Single letters right: {100 * hand.right():.1f} %\n")
    print("| holds | words | | letters wrong, written, % | decoded, % | words right, written, % | decoded, % |", end="")
    print(" examples in 100 holds | of these right, % |")
    print("|---" * 9 + "|")
    for row in _rows(hand, arguments.words, arguments.seed):
        print(row, flush=True)


if __name__ == "__main__":
    main()
