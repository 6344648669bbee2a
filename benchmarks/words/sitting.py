"""Measurement of a new wearer after a sitting of one minute: each letter held once or twice within some ten words.

    python -m benchmarks.words.sitting FOLDER --networks FOLDER [--words N]

It prints a table in Markdown. Each collection is left out of training in turn. Its wearer spells the words of the
sitting (`service/wearers/sitting_words.py`) one after another, a rest after each, with letters of all ways of holding
them, simulated as in the stream benchmark. The shapes that the stream has held are aligned with each word as it ends,
and what is found becomes examples, beside one of the hand at rest; letters of which nothing is found are asked for once
more, in other words. The wearer then signs N words drawn by frequency, 15 % of no list, with letters that the sitting
has not seen. Nobody answers what is left in doubt.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np

from benchmarks.streams.cases import REST_FRAMES, Case, by_letter, generator, to_show
from benchmarks.streams.experiment import embeddings
from benchmarks.streams.hand import Hand
from benchmarks.streams.recognition import frames_of, recognise
from benchmarks.streams.script import script
from benchmarks.streams.signed_stream import SignedStream, sign
from benchmarks.trained_networks import load, trained
from benchmarks.words.drawn_words import DrawnWords
from benchmarks.words.streams import EPOCHS, RATE_HZ, SPANS, errors_heading, row_of, signed_words
from benchmarks.words.streams import Row as Errors
from models.adaptation.asked_letters import LetterState, align
from models.adaptation.example_selection import ExampleSelector
from models.adaptation.first_examples import log_scores
from models.adaptation.open_set import REST
from models.adaptation.user_reference import Examples, UserReference
from models.cli.options import DEFAULT_MODEL, make_recipe, read_recordings
from models.data.dataset import HoldOut, Recording
from models.training.recipe import Recipe
from scaleglove.channels import CHANNELS
from scaleglove.language.covering_words import SpelledWord
from scaleglove.letters import LETTERS
from scaleglove.protocol import Start
from service.inference.engine import Model
from service.inference.profile import Profile
from service.streams.handshake import handshake
from service.streams.session import StreamRules
from service.streams.shape_memory import HeldShape
from service.wearers.sitting_words import AT_RISK, sitting_words

ROUNDS: Final = 2
"""As on the page: the second round asks for what the first one has not found."""

_AFTER_MS: Final = 400.0
"""Time after the last hold of a word at which it is aligned."""

_INTO_MS: Final = 100.0
"""Time from the begin of a shape on at which it is surely held."""

_FRAMES: Final = 8
"""Frames of a message: a shape is looked for that often."""


@dataclass(slots=True)
class Sitting:
    """What a sitting has found so far: the examples by label, and how many of them are right."""

    model: Model
    rest: np.ndarray
    found: list[np.ndarray] = field(default_factory=list)
    labels: list[int] = field(default_factory=list)
    right: int = 0
    words: int = 0
    asked: int = 0
    seconds: float = 0.0
    """Of signing, from the first letter to the last."""

    def align(self, shapes: Sequence[HeldShape], word: Sequence[int], signed: SignedStream) -> None:
        """Make examples of the shapes that were held for a word."""
        if not shapes:
            return
        assert self.model.reference is not None
        outputs = self.model.run_windows([shape.frames for shape in shapes])
        scores = log_scores(self.model.reference, outputs.probabilities, outputs.embedding, self._examples())
        for label, letter in zip(word, align(scores, word, is_over=True), strict=True):
            if letter.hold is not None and letter.state is LetterState.FOUND:
                self.found.append(outputs.embedding[letter.hold][np.newaxis])
                self.labels.append(label)
                self.right += _held_at(signed, shapes[letter.hold].t_ms + _INTO_MS) == LETTERS[label]

    def profile(self) -> Profile:
        """Return the profile of the examples."""
        reference = UserReference.of(self._examples(), len(self.model.contract.labels))
        return Profile("benchmark", 1, reference, None)

    def _examples(self) -> Examples:
        return Examples(np.concatenate([self.rest, *self.found]), [REST, *self.labels])


def _held_at(signed: SignedStream, t_ms: float) -> str | None:
    """Return the letter that was held at a time."""
    return next((span.letter for span in signed.spans if span.start_ms <= t_ms < span.end_ms), None)


@dataclass(frozen=True, slots=True)
class Row:
    """The sitting of a collection, and the errors in the words after it."""

    spelled: int
    asked: int
    seconds: float
    examples: int
    right: int
    letters: int
    errors: Errors


def measure(recordings: Sequence[Recording], recipe: Recipe, folder: Path, count: int) -> Iterator[Row]:
    """Yield the rows of every collection, without words and with them."""
    source = DrawnWords("korean", offset=0)
    for name in sorted({recording.collection for recording in recordings}):
        case = Case(HoldOut(collections=(name,)), name, "mixed")
        model = load(trained(case.left_out, recordings, recipe, folder))
        sitting = sit(model, case, recordings)
        text, signed, _ = signed_words(case, model, recordings, source, count)
        profile = sitting.profile()
        for words in (False, True):
            found = recognise(model, signed, self_calibration=True, profile=profile, words=words)
            yield Row(
                sitting.words,
                sitting.asked,
                sitting.seconds,
                len(sitting.labels),
                sitting.right,
                len(set(sitting.labels)),
                row_of(name, 1, words, signed, found, text),
            )


def sit(model: Model, case: Case, recordings: Sequence[Recording]) -> Sitting:
    """Return what is found of a wearer who spells the words that they are shown."""
    rng = generator(0, f"{case.collection}/sitting")
    hand = Hand(by_letter(to_show(case, recordings)), model.contract.sample_rate_hz, rng)
    sitting = Sitting(model, embeddings(model, hand.rest_examples(REST_FRAMES)[:1]))
    labels = model.contract.labels
    for _ in range(ROUNDS):
        lacking = [label for index, label in enumerate(labels) if index not in sitting.labels]
        words = sitting_words(model.contract.vocabulary, lacking, _at_risk(model))
        if words:
            _spell(sitting, words, hand, rng)
    return sitting


def _at_risk(model: Model) -> list[str]:
    """Return the letters most at risk of a wearer of whom nothing is known."""
    assert model.reference is not None
    nothing = np.zeros((0, model.reference.embeddings.shape[1]), np.float32)
    risks = ExampleSelector(model.reference).risks(nothing, [])
    return [model.contract.labels[index] for index in np.argsort(-risks, kind="stable")[:AT_RISK]]


def _spell(sitting: Sitting, words: Sequence[SpelledWord], hand: Hand, rng: np.random.Generator) -> None:
    """Let the hand spell words, and learn from them."""
    text = " ".join(word.word for word in words)
    signed = sign(text, script([text], rng), hand, RATE_HZ, rng)
    for word, shapes in _held(sitting.model, signed, words):
        sitting.align(shapes, [sitting.model.contract.labels.index(label) for label in word.labels], signed)
    sitting.words += len(words)
    sitting.asked += len(signed.holds)
    sitting.seconds += (signed.holds[-1].end_ms - signed.holds[0].start_ms) / 1000


def _held(
    model: Model, signed: SignedStream, words: Sequence[SpelledWord]
) -> Iterator[tuple[SpelledWord, list[HeldShape]]]:
    """Yield each word with the shapes that the stream has held for it."""
    rules = StreamRules(stale_after_ms=1000, idle_after_ms=60_000, self_calibrates=True)
    start = Start(list(CHANNELS), sample_rate_hz=None)
    session = handshake(start, "benchmark", rules, lambda _: model, _no_profile)
    ends = np.cumsum([len(word.labels) for word in words]) - 1
    left = [(signed.holds[end].end_ms + _AFTER_MS, word) for end, word in zip(ends.tolist(), words, strict=True)]
    since = 0
    for message in frames_of(signed, _FRAMES):
        if dues := list(session.receive(message, 0)):
            outputs = model.run_windows([due.frames for due in dues])
            for row in range(len(dues)):
                session.answer(outputs, row)
        list(session.drain())
        while left and message.t_ms[-1] >= left[0][0]:
            shapes = [shape for shape in session.shapes.now.shapes if shape.number >= since]
            since = max((shape.number + 1 for shape in shapes), default=since)
            yield left.pop(0)[1], shapes


def _no_profile(wearer: str, _: Model) -> Profile:
    raise LookupError(f"{wearer} has no profile")


def table(rows: Sequence[Row]) -> str:
    """Return the rows as a table in Markdown."""
    heading = (
        "signed by | words of the sitting | letters | s | examples | of these right | letters known | words | "
        f"{errors_heading()}"
    )
    lines = [f"| {heading} |", "|" + "---|" * (8 + 2 * len(SPANS))]
    for row in rows:
        sat = f"{row.spelled} | {row.asked} | {row.seconds:.0f} | {row.examples} | {row.right} | {row.letters}"
        way, errors = "on" if row.errors.words else "off", (*row.errors.decoded, *row.errors.written)
        lines.append(f"| {row.errors.collection} | {sat} | {way} | {' | '.join(map(str, errors))} |")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="folder of recordings")
    parser.add_argument("--networks", type=Path, required=True, help="folder in which trained networks are kept")
    parser.add_argument("--words", type=int, default=SPANS[-1][1], help="words that are signed after it")
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    given = parser.parse_args(arguments)
    if given.words < SPANS[-1][1]:
        parser.error(f"--words: at least {SPANS[-1][1]}, got {given.words}")
    recipe = make_recipe(DEFAULT_MODEL, given.epochs, seed=0)
    print(table(list(measure(read_recordings(given.folder, recipe), recipe, given.networks, given.words))))


if __name__ == "__main__":
    main()
