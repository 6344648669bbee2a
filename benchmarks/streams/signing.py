"""Words signed continuously by a wearer, with rests between them or not, at some rate, by some glove. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

import numpy as np

from benchmarks.other_gloves import GLOVES
from benchmarks.streams.cases import REST_FRAMES, Case, by_letter, generator, to_sign
from benchmarks.streams.drawn_words import Drawn, DrawnWords
from benchmarks.streams.hand import Hand
from benchmarks.streams.script import HOLD_S, script
from benchmarks.streams.signed_stream import SignedStream, sign
from models.data.dataset import Recording
from scaleglove.channels import FLEX
from scaleglove.hangul.syllables import compose
from scaleglove.letters import LETTERS
from scaleglove.resampling import Frames

UNLISTED: Final = 0.15
"""Share of words that are in no list."""
SENTENCE: Final = (2, 6)
"""Words of a sentence, the most excluded, where no spaces are signed."""
AS_RECORDED: Final = "as recorded"


@dataclass(frozen=True, slots=True)
class Signing:
    """How words are signed: the glove's rate, its name in GLOVES, whether the hand rests after each word, or only after
    sentences of a few, and how long a letter is held, in seconds."""

    rate_hz: float = 50.0
    glove: str = AS_RECORDED
    spaces: bool = True
    hold_s: tuple[float, float] = HOLD_S


USUAL: Final = Signing()
SLOWLY: Final = (1.2, 2.6)
"""Seconds for which letters are held by those who sign slowly, as wearers do at first."""


@dataclass(frozen=True, slots=True)
class Signed:
    """The words that a wearer signs, the stream of their glove, and raw windows of their hand at rest."""

    words: tuple[Drawn, ...]
    stream: SignedStream
    rests: list[Frames]


def signed(
    case: Case, recordings: Sequence[Recording], sample_rate_hz: float, source: DrawnWords, count: int, how: Signing
) -> Signed:
    """Return `count` words as the wearer of a case signs them; with the same `count` always the same words.

    A known wearer signs other words in each style.
    """
    rng = generator(0, f"{case.collection if case.is_new_wearer else case.title}/words")
    words = tuple(source.draw(count, UNLISTED, rng))
    hand = Hand(by_letter(to_sign(case, recordings)), sample_rate_hz, rng)
    phrases = [" ".join(map(text_of, words))] if how.spaces else list(_sentences(words, rng))
    stream = sign(" ".join(phrases), script(phrases, rng, how.hold_s), hand, how.rate_hz, rng)
    rests = hand.rest_examples(REST_FRAMES)
    read = partial(_read_by, how.glove)
    return Signed(words, replace(stream, values=read(stream.values)), [read(rest) for rest in rests])


def text_of(word: Drawn) -> str:
    """Return a word of Korean as it is written."""
    return compose([LETTERS[label] for label in word.labels])


def _sentences(words: Sequence[Drawn], rng: np.random.Generator) -> Iterator[str]:
    """Yield a few words at a time as one, all of them."""
    begin = 0
    while begin < len(words):
        end = begin + int(rng.integers(*SENTENCE))
        yield "".join(map(text_of, words[begin:end]))
        begin = end


def _read_by(glove: str, frames: Frames) -> Frames:
    """Return frames of the recorded glove as another one reads them; what has lost contact reads 0 with any."""
    given = GLOVES[glove](frames)
    given[:, FLEX][frames[:, FLEX] == 0] = 0
    return given
