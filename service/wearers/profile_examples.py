"""What a profile is made of: a wearer's examples, own signs that another wearer shares, and what a wearer who is one of
the training's people showed there. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from models.adaptation.few_shot import Embeddings
from models.adaptation.open_set import Reference
from models.adaptation.user_reference import Examples, UserReference
from models.adaptation.word_examples import WordExamples
from models.adaptation.yaw_frame import yaw_of
from scaleglove.vocabulary import Label
from service.streams.stillness import still_ms
from service.wearers.own_signs import OwnSigns, Recognised, reference_of
from service.wearers.records import Example

_HELD_SHARE: Final = 0.5
"""Share of an example for which the hand is still in the end with which the sign is a hand shape, not a movement."""


SESSION_PAUSE_S: Final = 1800.0
"""Seconds without an example after which the next one is of another session."""


@dataclass(frozen=True, slots=True)
class SharedSigns:
    """Own signs of another wearer: what each is, and the embeddings float32[n, m] and labels of their examples.

    An embedding is of readings as that wearer's front end shows them, so it holds for any hand and glove that has a
    front end of its own.
    """

    wearer: str
    signs: tuple[Label, ...]
    embeddings: Embeddings
    labels: tuple[str, ...]

    @classmethod
    def of(cls, wearer: str, own: OwnSigns, embeddings: Embeddings, labels: Sequence[str]) -> Self:
        """Take the signs that a wearer has shown from a profile's examples float32[n, m] with these labels: what others
        share with that wearer is theirs to share."""
        return cls(wearer, own.labels, embeddings, tuple(labels)).only(own.shown)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(each.label for each in self.signs)

    def only(self, names: Collection[str]) -> Self:
        """Return those with these names."""
        rows = [index for index, label in enumerate(self.labels) if label in names]
        return replace(
            self,
            signs=tuple(each for each in self.signs if each.label in names),
            embeddings=self.embeddings[rows],
            labels=tuple(self.labels[index] for index in rows),
        )


@dataclass(frozen=True, slots=True)
class HeldForWords:
    """Examples of words: the window float32[n_i, 8], the class and the weight of each."""

    windows: list[NDArray[np.float32]]
    classes: list[int]
    weights: list[float]

    @classmethod
    def of(
        cls, examples: Sequence[Example], windows: Sequence[NDArray[np.float32]], labels: Recognised, min_frames: int
    ) -> Self:
        """Take those examples, whose windows are at the model's rate, that a profile of these labels can use: none
        where it is of own signs alone, of which the model says nothing."""
        names = () if labels.is_alone else labels.names
        usable = [
            (window, names.index(each.label), each.weight or 0.0)
            for each, window in zip(examples, windows, strict=True)
            if each.label in names and len(window) >= min_frames
        ]
        return cls([each[0] for each in usable], [each[1] for each in usable], [each[2] for each in usable])


@dataclass(frozen=True, slots=True)
class ProfileExamples:
    """The examples of a profile: embeddings float32[n, m], the class of each among the labels, or REST, and its yaw
    float64[n] in degrees, NaN: unknown; first those of the wearer, then those of another, then those of training.
    `words`: what words have shown besides."""

    labels: Recognised
    embeddings: Embeddings
    classes: NDArray[np.int64]
    yaws: NDArray[np.float64]
    words: WordExamples

    @classmethod
    def of(
        cls, labels: Recognised, own: Examples, shared: SharedSigns | None = None, trained: Examples | None = None
    ) -> Self:
        """Join the wearer's examples with those that are shared, of which every label is among `labels`, and with what
        the wearer showed in training, which counts where the model's letters do. The yaw of both is from another
        zero."""
        parts = [own]
        if shared is not None:
            parts.append(Examples(shared.embeddings, [labels.names.index(label) for label in shared.labels]))
        if trained is not None and not labels.is_alone:
            parts.append(trained)
        yaws = [np.full(len(part.labels), np.nan) if part.yaws is None else part.yaws for part in parts]
        return cls(
            labels,
            np.concatenate([part.embeddings for part in parts]),
            np.concatenate([np.array(part.labels, np.int64) for part in parts]),
            np.concatenate(yaws),
            WordExamples.none(own.embeddings.shape[1]),
        )

    def without(self, held_back: NDArray[np.bool_]) -> Self:
        """Return these without some of the wearer's own, bool[k] of the first k."""
        kept = np.concatenate([~held_back, np.ones(len(self.classes) - len(held_back), bool)])
        return replace(self, embeddings=self.embeddings[kept], classes=self.classes[kept], yaws=self.yaws[kept])

    def reference(self, model: Reference | None) -> UserReference:
        """Return the reference by them beside the model's prototypes."""
        examples = Examples(self.embeddings, self.classes.tolist(), self.yaws)
        return reference_of(examples, self.labels.known, len(self.labels.names), model)


def yaws_of(examples: Sequence[Example], windows: Sequence[NDArray[np.float32]]) -> NDArray[np.float64]:
    """Return the yaw float64[n] in degrees of the hand in examples, whose windows are float32[n_i, 8]; NaN: unknown.

    All are unknown where one was not taken from a stream, so that nobody knows when, or where there is a pause of
    SESSION_PAUSE_S between two: the glove may have been switched off, after which yaw has another zero.
    """
    times = np.sort([example.created_at for example in examples])
    is_one_session = not len(times) or np.diff(times, prepend=times[0]).max() <= SESSION_PAUSE_S
    if not is_one_session or any(example.source != "stream" for example in examples):
        return np.full(len(windows), np.nan)
    return np.array([yaw_of(window) for window in windows])


def is_movement(windows: Sequence[NDArray[np.float32]], period_ms: float) -> bool:
    """Return whether most of these examples float32[n_i, 8], as the model sees them, are movements."""
    moved = [still_ms(window, period_ms) < _HELD_SHARE * period_ms * len(window) for window in windows]
    return sum(moved) * 2 > len(moved)


def signs_of(
    labels: Recognised,
    classes: Sequence[int],
    seen: Sequence[NDArray[np.float32]],
    period_ms: float,
    shared: SharedSigns | None,
) -> OwnSigns:
    """Return the own signs of a profile; one that the wearer has shown is moving if its examples are.

    Args:
        labels: of the profile.
        classes: index among them of each example of the wearer, negative for rest.
        seen: the examples float32[n_i, 8] as the model sees them, `period_ms` from frame to frame.
        shared: those of another wearer.
    """
    signs = []
    for index in range(labels.known, len(labels.shown)):
        shown = [window for window, label in zip(seen, classes, strict=True) if label == index]
        signs.append(Label(label=labels.names[index], moving=is_movement(shown, period_ms)))
    if shared is None:
        return OwnSigns(labels=tuple(signs), alone=labels.is_alone)
    labels_of_both = (*signs, *shared.signs)
    return OwnSigns(labels=labels_of_both, alone=labels.is_alone, signs_from=shared.wearer, shared=shared.names)
