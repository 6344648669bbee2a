"""A sitting of one minute, simulated: each letter held once or twice within some ten words.

The wearer spells the words of the sitting (`service/wearers/sitting_words.py`) one after another, a rest after each,
with letters of all ways of holding them. The shapes that the stream has held are aligned with each word as it ends, and
what is found becomes examples, beside one of the hand at rest; letters of which nothing is found are asked for once
more, in other words. Nobody answers what is left in doubt.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from benchmarks.streams.cases import REST_FRAMES, Case, by_letter, generator, to_show
from benchmarks.streams.hand import Hand
from benchmarks.streams.profiles import embeddings, profile_from
from benchmarks.streams.recognition import frames_of
from benchmarks.streams.script import script
from benchmarks.streams.signed_stream import SignedStream, sign
from benchmarks.streams.signing import USUAL
from models.adaptation.asked_letters import LetterState, align
from models.adaptation.example_selection import ExampleSelector
from models.adaptation.first_examples import log_scores
from models.adaptation.open_set import REST
from models.adaptation.user_reference import Examples
from models.data.dataset import Recording
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
        return profile_from(self.model, self._examples())

    def _examples(self) -> Examples:
        return Examples(np.concatenate([self.rest, *self.found]), [REST, *self.labels])


def _held_at(signed: SignedStream, t_ms: float) -> str | None:
    """Return the letter that was held at a time."""
    return next((span.letter for span in signed.spans if span.start_ms <= t_ms < span.end_ms), None)


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
    signed = sign(text, script([text], rng), hand, USUAL.rate_hz, rng)
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
