"""Measurement of what words have shown and that is kept: does the next stream read as the one before would go on?

    python -m benchmarks.words.kept FOLDER --networks FOLDER [--words N] [--after N] [--collections NAME...]

It prints a table in Markdown. Each collection is left out of training in turn and signs words as in
the stream benchmark. After N of them what they have shown becomes a profile, as over the API, with the examples
that the wearer has shown, if any. The words after them are signed in the same stream; in a new one with this profile;
and in a new one with what was known at first.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np

from benchmarks.streams.alignment import edit_distance, errors_by_letter
from benchmarks.streams.cases import MIXED, Case, Knowledge, drawn
from benchmarks.streams.drawn_words import DrawnWords
from benchmarks.streams.recognition import Recognised, frames_of, recognise, said, session_of
from benchmarks.streams.signed_stream import SignedStream
from benchmarks.streams.signing import USUAL, signed, text_of
from benchmarks.trained_networks import load, trained
from models.adaptation.front_end import FrontEnd
from models.cli.options import DEFAULT_MODEL, make_recipe, read_recordings
from models.data.dataset import HoldOut, Recording
from models.training.recipe import Recipe
from scaleglove.hangul.spelling import letters
from scaleglove.language.language_model import LanguageModel
from service.inference.engine import Engine, Model
from service.inference.profile import Profile
from service.streams.words.word_shapes import WordShapes
from service.telemetry.metrics import Metrics
from service.wearers.calibration import Calibrator
from service.wearers.database import Database
from service.wearers.kept_words import WordKeeper
from service.wearers.profile_loader import ProfileLoader
from service.wearers.profiles import ProfileStore
from service.wearers.records import REST_LABEL, Example
from service.wearers.store import WearerStore

EPOCHS: Final = 30
_KNOWLEDGE: Final[tuple[Knowledge, ...]] = ("nothing", "three")
_WEARER: Final = "ada"
_AFTER_MS: Final = 1700.0
"""Time after the last hold of a word at which it has ended; less than a rest."""


@dataclass(frozen=True, slots=True)
class Row:
    """Errors in percent of the letters of the words after those that were kept, as decoded and as written."""

    collection: str
    knowledge: Knowledge
    kept: int
    way: str
    decoded: float
    written: float


@dataclass(frozen=True, slots=True)
class Plan:
    """How networks are trained, the folder that keeps them, and how many words are signed before and after."""

    recipe: Recipe
    folder: Path
    words: int
    after: int


def measure(recordings: Sequence[Recording], plan: Plan, names: Sequence[str]) -> Iterator[Row]:
    """Yield the rows of these collections."""
    source = DrawnWords("korean", offset=0)

    def find_language(_: str) -> LanguageModel:
        return source.model

    for name in names:
        case = Case(HoldOut(collections=(name,)), name, MIXED)
        model = load(trained(case.left_out, recordings, plan.recipe, plan.folder))
        hand = signed(case, recordings, model.contract.sample_rate_hz, source, plan.words + plan.after, USUAL)
        first = sum(len(letters(text_of(word))) for word in hand.words[: plan.words])
        before, rest = _parted(hand.stream, hand.stream.holds[first - 1].end_ms + _AFTER_MS)
        for knowledge in _KNOWLEDGE:
            shown = (
                [] if knowledge == "nothing" else _examples(model, drawn(case, recordings, knowledge, 0), hand.rests)
            )
            with tempfile.TemporaryDirectory() as home:
                wearer = WearerOfWords(Path(home), model)
                known = wearer.show(shown) if shown else None
                session = session_of(model, profile=known, find_language=find_language)
                for _ in said(session, frames_of(before)):
                    pass
                profile = wearer.keep(session.word_shapes, session.front_end)
                wearer.close()
            ways = {
                "the same stream": (hand.stream, known),
                "another, with what was kept": (rest, profile),
                "another, with nothing kept": (rest, known),
            }
            kept = 0 if profile.words is None else len(profile.words)
            for way, (stream, profile_then) in ways.items():
                read = recognise(model, stream, profile=profile_then, find_language=find_language)
                errors = _decoded(rest, read), _written(stream, read, len(rest.holds))
                yield Row(name, knowledge, kept, way, *errors)


class WearerOfWords:
    """A wearer in a database of their own."""

    def __init__(self, folder: Path, model: Model) -> None:
        self._model = model
        self._database = Database(f"sqlite:///{folder}/wearers.db")
        self._wearers, self._profiles = WearerStore(self._database), ProfileStore(self._database)
        self._wearers.create(_WEARER)

    def show(self, examples: Sequence[Example]) -> Profile:
        """Return the profile of these examples."""
        for example in examples:
            self._wearers.add_example(_WEARER, example)
        return self._calibrate(None)

    def keep(self, found: WordShapes, glove: FrontEnd | None) -> Profile:
        """Return the profile with what words have shown too."""
        WordKeeper(self._database).keep(_WEARER, "first", found)
        return self._calibrate(glove)

    def close(self) -> None:
        """Close the database."""
        self._database.close()

    def _calibrate(self, glove: FrontEnd | None) -> Profile:
        async def run() -> Profile:
            engine = Engine(Metrics())
            await Calibrator(engine, self._wearers, self._profiles).run(_WEARER, self._model, None, glove)
            return await ProfileLoader(self._profiles).load(_WEARER, self._model)

        return asyncio.run(run())


def _examples(model: Model, shown: Sequence[Recording], rests: Sequence[np.ndarray]) -> list[Example]:
    contract = model.contract
    labels = [contract.labels[recording.label] for recording in shown] + [REST_LABEL] * len(rests)
    windows = [*(recording.samples for recording in shown), *rests]
    return [
        Example(label, np.asarray(window, np.float32), contract.sample_rate_hz, "posted")
        for label, window in zip(labels, windows, strict=True)
    ]


def _parted(signed: SignedStream, t_ms: float) -> tuple[SignedStream, SignedStream]:
    """Return the parts of a stream before a time and from it on."""
    place = int(np.searchsorted(signed.t_ms, t_ms))
    return _part(signed, slice(0, place), -np.inf, t_ms), _part(signed, slice(place, None), t_ms, np.inf)


def _part(signed: SignedStream, frames: slice, begin_ms: float, end_ms: float) -> SignedStream:
    spans = tuple(span for span in signed.spans if begin_ms <= (span.start_ms + span.end_ms) / 2 < end_ms)
    return replace(signed, t_ms=signed.t_ms[frames], seq=signed.seq[frames], values=signed.values[frames], spans=spans)


def _decoded(signed: SignedStream, found: Recognised) -> float:
    held = [span.letter for span in signed.holds]
    read = [each.letter for each in found.letters if each.t_ms >= signed.t_ms[0]]
    return round(100 * edit_distance(read, held) / len(held), 1)


def _written(signed: SignedStream, found: Recognised, count: int) -> float:
    """Return the errors of the line in the last `count` letters of a stream, in percent."""
    held = [span.letter or "" for span in signed.holds]
    wrong = errors_by_letter(letters((found.text or "").replace(" ", "")), held)
    return round(100 * float(wrong[-count:].mean()), 1)


HEADING: Final = f"| signed by | known at first | kept | then | letter errors, % | as written, % |\n|{'---|' * 6}"
"""The first two lines of the table in Markdown."""


def line(row: Row) -> str:
    """Return a row as a line of the table."""
    return f"| {' | '.join(map(str, (row.collection, row.knowledge, row.kept, row.way, row.decoded, row.written)))} |"


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="folder of recordings")
    parser.add_argument("--networks", type=Path, required=True, help="folder in which trained networks are kept")
    parser.add_argument("--words", type=int, default=100, help="words that are kept")
    parser.add_argument("--after", type=int, default=40, help="words after them")
    parser.add_argument("--collections", nargs="+", help="those that sign; all by default")
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    given = parser.parse_args(arguments)
    recipe = make_recipe(DEFAULT_MODEL, given.epochs, seed=0)
    recordings = read_recordings(given.folder, recipe)
    names = given.collections or sorted({recording.collection for recording in recordings})
    print(HEADING)
    for row in measure(recordings, Plan(recipe, given.networks, given.words, given.after), names):
        print(line(row), flush=True)


if __name__ == "__main__":
    main()
