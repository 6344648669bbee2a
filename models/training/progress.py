"""Progress of a training: what is known after each epoch. It is for people to watch; nothing is chosen by it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class EpochProgress:
    """State of a training after an epoch."""

    epoch: int
    """From 1."""
    epochs: int
    loss: float
    """Mean over the epoch's windows."""
    accuracy: float
    """Percent of the windows trained on in this epoch that were recognised, each before the step that learned from it.
    They are cut, shifted and disturbed at random, so this is lower than on the recordings themselves."""
    left_out_accuracy: float | None
    """Percent of the left-out recordings that are recognised; None: nothing was left out. It chooses no weights."""
    seconds: float
    """Since the training was started or resumed."""
    seconds_left: float

    def as_dict(self) -> dict[str, Any]:
        """Return the progress as JSON, rounded for people."""
        digits = {"loss": 4, "accuracy": 2, "left_out_accuracy": 2, "seconds": 1, "seconds_left": 1}
        return {
            name: round(value, digits[name]) if name in digits and value is not None else value
            for name, value in asdict(self).items()
        }

    def __str__(self) -> str:
        """Return a line for the terminal."""
        left_out = "" if self.left_out_accuracy is None else f", of what is left out {self.left_out_accuracy:.1f} %"
        epoch = f"epoch {self.epoch:{len(str(self.epochs))}} of {self.epochs}"
        return (
            f"{epoch}: loss {self.loss:.3f}, accuracy {self.accuracy:.1f} %{left_out}, {self.seconds_left:.0f} s left"
        )


OnEpoch = Callable[[EpochProgress], None]
