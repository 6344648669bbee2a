"""Cases of the benchmark of signs that move: what each person signs, and the examples that are known of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Self

import numpy as np

from benchmarks.streams.cases import REST_FRAMES, generator
from benchmarks.streams.hand import Hand
from benchmarks.streams.sign_script import sign_script
from benchmarks.streams.signed_stream import SignedStream, sign
from models.adaptation.open_set import REST
from models.data.dataset import Recording
from scaleglove.channels import FLEX
from scaleglove.resampling import Frames
from scaleglove.vocabulary import Vocabulary

TUNED_ON: Final = ("006", "013", "018", "024")
"""People of the ASL glove's recordings on whose streams the constants of `service.streams.text.movement_decoder` were
chosen, with a network that had not seen them. The others are judged."""


@dataclass(frozen=True, slots=True)
class Person:
    """The recordings of one person by sign: half of each sign's are signed, of the others examples are drawn."""

    name: str
    to_sign: Mapping[str, Sequence[Recording]]
    to_show: Mapping[str, Sequence[Recording]]

    @classmethod
    def of(cls, name: str, recordings: Sequence[Recording], vocabulary: Vocabulary) -> Self:
        """Split the recordings of a person at random, always in the same way."""
        own = [recording for recording in recordings if recording.collection == name]
        order = generator(0, f"{name}/signs").permutation(len(own))
        to_sign: dict[str, list[Recording]] = {sign: [] for sign in vocabulary.names}
        to_show: dict[str, list[Recording]] = {sign: [] for sign in vocabulary.names}
        for index in order:
            label = vocabulary.names[own[index].label]
            fewer = min(to_sign[label], to_show[label], key=len)
            fewer.append(own[index])
        return cls(name, to_sign, to_show)

    @property
    def is_whole(self) -> bool:
        """Whether there are recordings of all signs to sign and to show."""
        return all(self.to_sign.values()) and all(self.to_show.values())


@dataclass(frozen=True, slots=True)
class Signing:
    """A stream of a person, and raw windows float32[n, 8] that they show before it with the label of each."""

    stream: SignedStream
    examples: list[Frames]
    labels: list[int]


def signing(
    person: Person, vocabulary: Vocabulary, sample_rate_hz: float, rate_hz: float, rounds: int, shots: int, draw: int
) -> Signing:
    """Return a stream at `rate_hz` in which every sign is made `rounds` times, and `shots` examples of each sign and of
    two kinds of rest, drawn at random for each person and draw."""
    rng = generator(draw, f"{person.name}/{rate_hz:g}")
    shown = [recording for each in person.to_show.values() for recording in each]
    hand = Hand(person.to_sign, sample_rate_hz, rng, flex_noise(shown))
    moving = dict(zip(vocabulary.names, vocabulary.moving, strict=True))
    durations = {
        sign: _duration_s(each, sample_rate_hz) if moving[sign] else None for sign, each in person.to_sign.items()
    }
    stream = sign("", sign_script(durations, rounds, rng), hand, rate_hz, rng)
    draws = generator(draw, f"{person.name}/examples")
    taken = [each[index] for each in person.to_show.values() for index in draws.permutation(len(each))[:shots]]
    rests = list(hand.rest_examples(REST_FRAMES))
    labels = [recording.label for recording in taken] + [REST] * len(rests)
    return Signing(stream, [*(recording.samples for recording in taken), *rests], labels)


def flex_noise(recordings: Sequence[Recording]) -> float:
    """Return the noise of the flex sensors from frame to frame, in the recordings' unit: its median."""
    noise = [np.diff(recording.samples[:, FLEX], axis=0).std(axis=0) / np.sqrt(2) for recording in recordings]
    return float(np.median(noise))


def _duration_s(recordings: Sequence[Recording], sample_rate_hz: float) -> float:
    """Return the duration of a moving sign: that of its shortest recording, since all are signed from the beginning."""
    return (min(len(recording.samples) for recording in recordings) - 1) / sample_rate_hz
