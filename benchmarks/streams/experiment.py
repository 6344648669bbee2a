"""Experiment: every wearer signs words, and they are recognised by what is known of the hand, with each part of the
recognition on and off, at several rates and by other gloves, in parallel."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from benchmarks.streams.cases import Case, Knowledge, drawn
from benchmarks.streams.drawn_words import DrawnWords
from benchmarks.streams.guided import guided
from benchmarks.streams.parts import ALL_ON, ALONE_OFF, Parts
from benchmarks.streams.profiles import embeddings, profile_of
from benchmarks.streams.recognition import NetworkAlone, Recognised, recognise, recognise_by_majority
from benchmarks.streams.scoring import Score
from benchmarks.streams.signing import SLOWLY, USUAL, Signed, Signing, signed
from benchmarks.streams.sitting import Sitting, sit
from benchmarks.streams.word_errors import WordErrors, word_errors
from benchmarks.trained_networks import load, trained
from models.adaptation.example_selection import ExampleSelector
from models.data.dataset import Recording
from models.training.recipe import Recipe
from scaleglove.language.language_model import LanguageModel, language_model
from service.inference.engine import Model
from service.inference.profile import Profile

EVERYTHING, WORDS_OFF, MAJORITY = "everything on", "words off", "majority of 5 windows"
UNTAUGHT, FIXED, ALONE = "words teach nothing", "self-calibration off", "a letter alone like any other"
RULES: Final = "spelling by the rules alone"
PARTS: Final = {
    EVERYTHING: ALL_ON,
    WORDS_OFF: Parts(words=False),
    UNTAUGHT: Parts(words_teach=False),
    FIXED: Parts(self_calibration=False),
    ALONE: ALONE_OFF,
    RULES: Parts(lexicon=False),
}
"""Ways to recognise a stream with the service's own session; MAJORITY is another one."""

_OFF: Final = (EVERYTHING, WORDS_OFF)


@dataclass(frozen=True, slots=True)
class Trial:
    """What is known of a wearer, new or known, how they sign, and the ways in which that is recognised."""

    knowledge: Knowledge
    ways: tuple[str, ...] = _OFF
    signing: Signing = USUAL
    is_new_wearer: bool = True

    def words(self, most: int) -> int:
        """Return how many words are signed: of a hand that has shown its letters half as many, since words teach it
        little."""
        return most if self.knowledge == "nothing" else (most + 1) // 2


TRIALS: Final = {
    "known wearer, own profile": Trial("profile", is_new_wearer=False),
    "nothing known": Trial("nothing", (*_OFF, UNTAUGHT, FIXED)),
    "1 example of each letter": Trial("one"),
    "3 examples of each letter": Trial("three", (*_OFF, UNTAUGHT, ALONE, RULES, MAJORITY)),
    "guided examples": Trial("guided", (EVERYTHING,)),
    "a sitting of one minute": Trial("sitting"),
    "nothing known, no spaces signed": Trial("nothing", _OFF, Signing(spaces=False)),
    "nothing known, letters held for 1.2 to 2.6 s": Trial("nothing", _OFF, Signing(hold_s=SLOWLY)),
    "3 examples, no spaces signed": Trial("three", _OFF, Signing(spaces=False)),
    "nothing known, flex offsets of 30 to 50 counts": Trial("nothing", _OFF, Signing(glove="offsets")),
    "nothing known, 12 bits": Trial("nothing", (EVERYTHING,), Signing(glove="12 bits")),
    "3 examples, 30 Hz": Trial("three", (EVERYTHING,), Signing(rate_hz=30.0)),
    "3 examples, 100 Hz": Trial("three", (EVERYTHING,), Signing(rate_hz=100.0)),
}
"""The rows of the report, by their titles."""
ALL_ROWS: Final = frozenset(TRIALS)


@dataclass(frozen=True, slots=True)
class Plan:
    """The words that a wearer signs at most, the training of the networks, and the rows of TRIALS to measure."""

    words: int
    recipe: Recipe
    folder: Path
    rows: frozenset[str] = ALL_ROWS

    @property
    def trials(self) -> dict[str, Trial]:
        return {title: trial for title, trial in TRIALS.items() if title in self.rows}

    def asks_for(self, case: Case) -> bool:
        """Tell whether a row is about a case."""
        return any(trial.is_new_wearer == case.is_new_wearer for trial in self.trials.values())


@dataclass(frozen=True, slots=True)
class Spelled:
    """What a sitting of a wearer was: words and letters asked for, seconds of signing, examples and how many of these
    are right, and letters that have any."""

    words: int
    asked: int
    seconds: float
    examples: int
    right: int
    letters: int

    @classmethod
    def of(cls, sitting: Sitting) -> Spelled:
        """Return what a sitting has found."""
        labels = sitting.labels
        return cls(sitting.words, sitting.asked, sitting.seconds, len(labels), sitting.right, len(set(labels)))


@dataclass(frozen=True, slots=True)
class Measured:
    """One stream by one way: its score, and the errors in its words."""

    case: Case
    trial: str
    way: str
    examples: int
    """Number of examples of letters that the wearer gave."""
    score: Score
    words: list[WordErrors]
    used_up: bool = False
    """Whether a guided session ended because all recordings of a letter were used up."""
    spelled: Spelled | None = None


def measure(
    cases: Sequence[Case], recordings: Sequence[Recording], plan: Plan, workers: int
) -> Iterator[list[Measured]]:
    """Yield the measurements of each case, in order."""
    for case in cases:  # trained one after another, before processes need them at once
        trained(case.left_out, recordings, plan.recipe, plan.folder)
    if workers == 1:
        yield from (measure_case(case, recordings, plan) for case in cases)
        return
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    with ProcessPoolExecutor(workers) as pool:
        waiting = [pool.submit(measure_case, case, recordings, plan) for case in cases]
        yield from (each.result() for each in waiting)


def measure_case(case: Case, recordings: Sequence[Recording], plan: Plan) -> list[Measured]:
    """Return all measurements of one case."""
    model = load(trained(case.left_out, recordings, plan.recipe, plan.folder))
    return [
        measured
        for title, trial in plan.trials.items()
        if trial.is_new_wearer == case.is_new_wearer
        for measured in _measure_trial(case, recordings, model, title, trial, plan.words)
    ]


def _measure_trial(
    case: Case, recordings: Sequence[Recording], model: Model, title: str, trial: Trial, count: int
) -> Iterator[Measured]:
    wearer = signed(case, recordings, model.contract.sample_rate_hz, drawn_words(), trial.words(count), trial.signing)
    known = _known(case, recordings, model, wearer, trial.knowledge)
    for way in trial.ways:
        found = _recognised(model, known.profile, wearer, way)
        score, words = Score.of(wearer.stream, found), word_errors(wearer.words, found)
        yield Measured(case, title, way, known.examples, score, words, known.used_up, known.spelled)


@cache
def drawn_words() -> DrawnWords:
    """Return the words that all wearers draw from, once for a process."""
    return DrawnWords("korean", offset=0)


def language_without(language: str) -> LanguageModel | None:
    """Return the model of a language that lacks the words which are signed as words in no list."""
    return drawn_words().model if language == "korean" else language_model(language)


@dataclass(frozen=True, slots=True)
class _Known:
    """Profile of a wearer, None: nothing is known; and the number of examples of letters that it is made of."""

    examples: int
    profile: Profile | None
    used_up: bool = False
    spelled: Spelled | None = None


def _known(case: Case, recordings: Sequence[Recording], model: Model, wearer: Signed, knowledge: Knowledge) -> _Known:
    if knowledge == "nothing":
        return _Known(0, None)
    if knowledge == "sitting":
        sitting = sit(model, case, recordings)
        return _Known(len(sitting.labels), sitting.profile(), spelled=Spelled.of(sitting))
    shown, used_up = drawn(case, recordings, knowledge, 0), False
    if knowledge == "guided":
        assert model.reference is not None
        seen = embeddings(model, [recording.samples for recording in shown])
        session = guided(shown, seen, embeddings(model, wearer.rests), ExampleSelector(model.reference))
        shown, used_up = [shown[index] for index in session.taken], session.used_up
    return _Known(len(shown), profile_of(model, shown, wearer.rests), used_up)


def _recognised(model: Model, profile: Profile | None, wearer: Signed, way: str) -> Recognised:
    if way == MAJORITY:
        # A user without examples has only the network's own probabilities.
        by_vote = NetworkAlone(model) if profile is None else model
        return recognise_by_majority(by_vote, wearer.stream, profile)
    return recognise(model, wearer.stream, PARTS[way], profile, language_without)
