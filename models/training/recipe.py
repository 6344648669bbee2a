"""Recipe of a training: everything that determines it, besides the data."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Self

from models.data.dataset import Augmentation
from scaleglove.errors import ScaleGloveError
from scaleglove.vocabulary import Vocabulary, load_vocabulary


class TrainingError(ScaleGloveError):
    """Raised for a training that cannot be completed."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that determines a training, besides the data."""

    model: str = "MSCSGRU_ScaleAware"
    sample_rate_hz: float = 50.0
    window_frames: int = 80
    min_frames: int = 10
    epochs: int = 30
    batch_size: int = 128
    learning_rate: float = 3e-3
    weight_decay: float = 1e-2
    label_smoothing: float = 0.05
    seed: int = 0
    augmentation: Augmentation = field(default_factory=Augmentation)
    sequence_frames: int | None = None
    """Length of the training sequences, with a loss after every step; None: the network is trained on windows."""

    vocabulary: Vocabulary = field(default_factory=lambda: load_vocabulary("korean"))
    """The labels that are recognised; those of the recordings are indices into it."""

    def as_dict(self) -> dict[str, Any]:
        """Return the recipe as JSON; as in older recipes, `sequence_frames` is omitted where it is None, the
        augmentation's `other_range` where it is 0, and the vocabulary where it is the Korean letters."""
        recipe = {name: value for name, value in asdict(self).items() if (name, value) != ("sequence_frames", None)}
        if not self.augmentation.other_range:
            del recipe["augmentation"]["other_range"]
        del recipe["vocabulary"]
        if self.vocabulary != load_vocabulary("korean"):
            recipe["vocabulary"] = self.vocabulary.model_dump(mode="json")
        return recipe

    @classmethod
    def of(cls, stored: dict[str, Any]) -> Self:
        """Read what `as_dict` returned.

        Raises:
            TypeError: a setting is missing, or is none of a recipe.
            pydantic.ValidationError: the vocabulary is not one.
        """
        read = stored | {"augmentation": Augmentation(**stored["augmentation"])}
        if "vocabulary" in stored:
            read["vocabulary"] = Vocabulary.model_validate(stored["vocabulary"])
        return cls(**read)
