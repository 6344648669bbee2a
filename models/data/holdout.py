"""What a training is told to leave out, so that the network can be tested on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from models.data.dataset import Recording
from scaleglove.errors import ScaleGloveError


class HoldOutError(ScaleGloveError):
    """Something to be left out that is not there, or nothing that is left."""


@dataclass(frozen=True, slots=True)
class HoldOut:
    """Recordings of these bend types, and those of these collections, stay out of a training."""

    bends: tuple[str, ...] = ()
    collections: tuple[str, ...] = ()

    def kept(self, recordings: Sequence[Recording]) -> list[Recording]:
        """What may be trained on.

        Raises:
            HoldOutError: a bend or collection is not among the recordings, or nothing remains.
        """
        _check("bend", self.bends, {recording.bend for recording in recordings})
        _check("collection", self.collections, {recording.collection for recording in recordings})
        kept = [r for r in recordings if r.bend not in self.bends and r.collection not in self.collections]
        if not kept:
            raise HoldOutError(f"nothing is left to train on without {self.names()}")
        return kept

    def names(self) -> str:
        """Empty when nothing is left out."""
        return ", ".join([*(f"bend {bend}" for bend in self.bends), *self.collections])


NOTHING_LEFT_OUT = HoldOut()


def _check(what: str, asked: Sequence[str], there: set[str]) -> None:
    for name in asked:
        if name not in there:
            raise HoldOutError(f"there is no {what} {name} to leave out; there are: {', '.join(sorted(there))}")
