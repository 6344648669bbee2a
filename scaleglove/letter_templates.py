"""Templates of signs: mean sensor readings measured from recordings, which the emulator draws frames from.

The package has tables for vocabularies of its own, in `scaleglove/templates`; any other is a file of the same form.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Final, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from scaleglove.channels import ANGLES, CHANNELS
from scaleglove.errors import ScaleGloveError
from scaleglove.resampling import median_degrees, wrap_degrees
from scaleglove.vocabulary import Vocabulary, VocabularyError, load_vocabulary, package_vocabularies

_FOLDER: Final = Path(__file__).with_name("templates")

_LEAN: Final = slice(5, 7)
ARM_DOWN_DEG: Final = (-75.0, 100.0)
"""Pitch and roll of the hanging arm. No letter has them, while the neutral shape, amid all letters, resembles some."""
_APART_DEG: Final = 45.0
"""Angle to the nearest letter above which the hanging arm is taken for none."""

Figures = Annotated[tuple[float, ...], Field(min_length=len(CHANNELS), max_length=len(CHANNELS))]
Readings = NDArray[np.float64]


class LetterTemplatesError(ScaleGloveError):
    """Templates that cannot be read or measured; the message names the letter."""


class LetterTemplate(BaseModel):
    """Template of one sign: figures by channel, in the units of CHANNELS."""

    model_config = ConfigDict(frozen=True)

    measured: str = Field(description="COLLECTION/LETTER/BEND of the recordings")
    episodes: int = Field(ge=1)
    mean: Figures = Field(description="mean over an episode; the median of the episodes")
    spread: Figures = Field(description="standard deviation of the noise from frame to frame")
    drift: Figures = Field(description="size of the slope within an episode, units per second")
    seconds: float = Field(default=0.0, ge=0, description="duration of a sign that moves; 0: it is held still")
    path: tuple[Figures, ...] = Field(default=(), description="its hand shapes at equal times: a mean of the episodes")


def _named(vocabulary: object) -> object:
    """Return the vocabulary of a name, for tables of the package's vocabularies."""
    return load_vocabulary(vocabulary) if isinstance(vocabulary, str) else vocabulary


class LetterTemplates(BaseModel):
    """Templates of a vocabulary's labels in one style (bend type): an average over styles lies between hand shapes."""

    model_config = ConfigDict(frozen=True)

    source: str
    command: str = Field(description="command that makes this table")
    vocabulary: Annotated[Vocabulary, BeforeValidator(_named)] = Field(
        default_factory=lambda: load_vocabulary("korean")
    )
    letters: dict[str, LetterTemplate]

    @model_validator(mode="after")
    def _complete(self) -> Self:
        missing = [label for label in self.vocabulary.names if label not in self.letters]
        if missing:
            raise ValueError(f"letters are missing: {' '.join(missing)}")
        still = [each.label for each in self.vocabulary.labels if each.moving and not self.letters[each.label].path]
        if still:
            raise ValueError(f"signs that move have no path: {' '.join(still)}")
        return self

    def to_json(self) -> str:
        """Return JSON with one line a letter, for readable diffs."""
        figures = ((label, self.letters[label].model_dump(exclude_defaults=True)) for label in self.vocabulary.names)
        lines = (f"  {_json(label)}: {_json(values)}" for label, values in figures)
        name = self.vocabulary.name
        is_known = name in package_vocabularies() and self.vocabulary == load_vocabulary(name)
        vocabulary = _json(name if is_known else self.vocabulary.model_dump(exclude_defaults=True))
        head = f' "source": {_json(self.source)},\n "command": {_json(self.command)},\n "vocabulary": {vocabulary},\n'
        return "{\n" + head + ' "letters": {\n' + ",\n".join(lines) + "\n }\n}\n"


def package_templates() -> tuple[str, ...]:
    """Return the names of the vocabularies that the package has templates of."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.json")))


def load_templates(name: str = "korean") -> LetterTemplates:
    """Read the templates of a vocabulary: its name where the package has them, else the path of a file.

    Raises:
        LetterTemplatesError: there are no such templates.
    """
    source = _FOLDER / f"{name}.json" if name in package_templates() else Path(name)
    if not source.suffix:
        known = ", ".join(package_templates())
        raise LetterTemplatesError(f"there are no templates of {name}; there are {known}, or name a file (.json)")
    try:
        return LetterTemplates.model_validate_json(source.read_text(encoding="utf-8"))
    except (OSError, ValidationError, VocabularyError) as error:
        raise LetterTemplatesError(f"{source}: not a table of letter templates: {error}") from None


def median_shape(shapes: Readings) -> Readings:
    """Return the median of shapes float64[n, 8]; that of the angles is taken around their circular mean."""
    middle: Readings = np.median(shapes, axis=0)
    middle[ANGLES] = wrap_degrees(median_degrees(shapes[:, ANGLES]))
    return middle


def neutral_shape(table: LetterTemplates) -> NDArray[np.float32]:
    """Return the hand between letters, float32[8]: the median of all that are held still, or of all."""
    return median_shape(_held_shapes(table)).astype(np.float32)


def resting_shape(table: LetterTemplates) -> NDArray[np.float32]:
    """Return the hand between words, float32[8]: fingers as in the neutral shape, arm hanging, palm to the thigh.

    A glove whose axes are other ones may read ARM_DOWN_DEG when the arm is raised: then the hand points where letters
    do not.
    """
    shape = neutral_shape(table)
    letters = _down(_held_shapes(table)[:, _LEAN])
    nearest = (letters @ _down(np.array([ARM_DOWN_DEG]))[0]).max()
    away = -letters.mean(axis=0) / np.linalg.norm(letters.mean(axis=0))
    is_apart = nearest < np.cos(np.deg2rad(_APART_DEG))
    shape[_LEAN] = ARM_DOWN_DEG if is_apart else np.rad2deg([np.arcsin(-away[0]), np.arctan2(away[1], away[2])])
    return shape


def _held_shapes(table: LetterTemplates) -> Readings:
    """Return the shapes of the signs that are held still, or of all if none is, float64[n, 8]."""
    figures = table.letters.values()
    return np.array([each.mean for each in figures if not each.path] or [each.mean for each in figures])


def _down(lean: Readings) -> Readings:
    """Return the direction of gravity on the hand, float64[n, 3], of pitch and roll float64[n, 2] in degrees."""
    pitch, roll = np.deg2rad(lean).T
    return np.stack([-np.sin(pitch), np.cos(pitch) * np.sin(roll), np.cos(pitch) * np.cos(roll)], axis=1)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
