"""Templates of the letters: mean sensor readings measured from recordings, which the emulator draws frames from."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Final, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from scaleglove.channels import ANGLES, CHANNELS, DROPPED_FLEX_BELOW, FLEX
from scaleglove.errors import ScaleGloveError
from scaleglove.letters import LETTERS
from scaleglove.recordings import Episode
from scaleglove.resampling import median_degrees, wrap_degrees

SOURCE: Final = (
    "Measured from the recordings of KNDG01001/SignGlove_HW (datasets/unified) and wodu2s/SignGlove-DataAnalysis "
    "(unified), MIT licence as stated by wodu2s/SignGlove-DataAnalysis; see NOTICE."
)
COMMAND: Final = "scaleglove measure-letters FOLDER"

_MAX_DROPPED: Final = 0.5
"""Largest share of a letter's readings in which a flex sensor lost contact; with more they say too little."""

_MIN_FRAMES: Final = 10

_LEAN: Final = slice(5, 7)
ARM_DOWN_DEG: Final = (-75.0, 100.0)
"""Pitch and roll of the hanging arm. No letter has them, while the neutral shape, amid all letters, resembles some."""

_Figures = Annotated[tuple[float, ...], Field(min_length=len(CHANNELS), max_length=len(CHANNELS))]
_Readings = NDArray[np.float64]


class LetterTemplatesError(ScaleGloveError):
    """Templates that cannot be read or measured; the message names the letter."""


class LetterTemplate(BaseModel):
    """Template of one letter: figures by channel, in the units of CHANNELS."""

    model_config = ConfigDict(frozen=True)

    measured: str = Field(description="COLLECTION/LETTER/BEND of the recordings")
    episodes: int = Field(ge=1)
    mean: _Figures = Field(description="mean over an episode; the median of the episodes")
    spread: _Figures = Field(description="standard deviation of the noise from frame to frame")
    drift: _Figures = Field(description="size of the slope within an episode, units per second")


class LetterTemplates(BaseModel):
    """Templates of all 24 letters in one style (bend type): an average over styles lies between hand shapes."""

    model_config = ConfigDict(frozen=True)

    source: str
    command: str = Field(description="command that makes this table")
    letters: dict[str, LetterTemplate]

    @model_validator(mode="after")
    def _complete(self) -> Self:
        missing = [letter for letter in LETTERS if letter not in self.letters]
        if missing:
            raise ValueError(f"letters are missing: {' '.join(missing)}")
        return self

    def to_json(self) -> str:
        """Return JSON with one line a letter, for readable diffs."""
        lines = (f"  {_json(letter)}: {_json(self.letters[letter].model_dump())}" for letter in LETTERS)
        head = f' "source": {_json(self.source)},\n "command": {_json(self.command)},\n "letters": {{\n'
        return "{\n" + head + ",\n".join(lines) + "\n }\n}\n"


def load_templates(path: Path | None = None) -> LetterTemplates:
    """Read the templates at `path`, or those of the package.

    Raises:
        LetterTemplatesError: the file has no such templates.
    """
    source = Path(__file__).with_name("letter_templates.json") if path is None else path
    try:
        return LetterTemplates.model_validate_json(source.read_text(encoding="utf-8"))
    except (OSError, ValidationError) as error:
        raise LetterTemplatesError(f"{source}: not a table of letter templates: {error}") from None


def measure(episodes: Iterable[Episode]) -> LetterTemplates:
    """Measure the 24 letters in the style that lost the fewest flex readings.

    A style is one bend type of one collection. A letter that lost a flex sensor there is measured in the same bend type
    of another collection, or else in any style that has it.

    Raises:
        LetterTemplatesError: a letter has no recording with all five flex sensors.
    """
    recorded = _by_style(episodes)
    if not recorded:
        raise LetterTemplatesError("no labelled recordings to measure letters from")
    styles = {style for letters in recorded.values() for style in letters}
    chosen = min(sorted(styles), key=lambda style: _fitness(style, recorded))
    letters = {}
    for letter in LETTERS:
        usable = [style for style in sorted(recorded[letter]) if _dropped(recorded[letter][style]) <= _MAX_DROPPED]
        if not usable:
            raise LetterTemplatesError(f"no recordings of {letter} with all five flex sensors")
        style = min(usable, key=lambda style: (style != chosen, style[1] != chosen[1], style))
        letters[letter] = _figures(f"{style[0]}/{letter}/{style[1]}", recorded[letter][style])
    return LetterTemplates(source=SOURCE, command=COMMAND, letters=letters)


_Style = tuple[str, str]  # collection, bend


def _by_style(episodes: Iterable[Episode]) -> dict[str, dict[_Style, list[Episode]]]:
    recorded: dict[str, dict[_Style, list[Episode]]] = defaultdict(lambda: defaultdict(list))
    for episode in episodes:
        if episode.letter and not episode.missing and len(episode.values) >= _MIN_FRAMES:
            recorded[episode.letter][episode.collection, episode.bend].append(episode)
    return recorded


def _fitness(style: _Style, recorded: dict[str, dict[_Style, list[Episode]]]) -> tuple[str, int, float]:
    """Return a rank, smaller is better: the first collection, then fewer letters lost, then fewer readings lost."""
    lost = [_dropped(recorded[letter][style]) if recorded[letter].get(style) else 1.0 for letter in LETTERS]
    return style[0], sum(share > _MAX_DROPPED for share in lost), sum(lost)


def _dropped(episodes: list[Episode]) -> float:
    """Return the share of readings lost by the letter's worst flex sensor."""
    flex = np.concatenate([episode.values[:, FLEX] for episode in episodes])
    return float((flex < DROPPED_FLEX_BELOW).mean(axis=0).max())


def _figures(measured: str, episodes: list[Episode]) -> LetterTemplate:
    # Medians over episodes: in some the hand was shifted or the yaw still settling, and a mean would lie in between.
    whole = [
        (episode.t_ms / 1000.0, values) for episode in episodes for values in [_clean(episode)] if not _lost(values)
    ]
    return LetterTemplate(
        measured=measured,
        episodes=len(whole),
        mean=_rounded(_middle(np.stack([np.nanmean(values, axis=0) for _, values in whole]))),
        spread=_rounded(np.median([_noise(values) for _, values in whole], axis=0)),
        drift=_rounded(np.median([np.abs(_slopes(t_s, values)) for t_s, values in whole], axis=0)),
    )


def _clean(episode: Episode) -> _Readings:
    """Return readings with lost flex values as NaN and continuous angles."""
    values = episode.values.astype(np.float64)
    values[:, FLEX][values[:, FLEX] < DROPPED_FLEX_BELOW] = np.nan
    values[:, ANGLES] = np.unwrap(values[:, ANGLES], period=360.0, axis=0)
    return values


def _lost(values: _Readings) -> bool:
    return bool((np.isfinite(values).sum(axis=0) < _MIN_FRAMES).any())


def _noise(values: _Readings) -> _Readings:
    """Estimate the noise from differences of neighbouring frames, so that drift does not count."""
    noise: _Readings = np.nanstd(np.diff(values, axis=0), axis=0) / np.sqrt(2.0)
    return noise


def _slopes(t_s: _Readings, values: _Readings) -> _Readings:
    return np.array([_slope(t_s[ok], column[ok]) for column in values.T for ok in [np.isfinite(column)]])


def _slope(t_s: _Readings, column: _Readings) -> float:
    centred = t_s - t_s.mean()
    return float(centred @ (column - column.mean()) / (centred @ centred))


def _middle(shapes: _Readings) -> _Readings:
    """Return the median of shapes float64[n, 8]; that of the angles is taken around their circular mean."""
    middle: _Readings = np.median(shapes, axis=0)
    middle[ANGLES] = wrap_degrees(median_degrees(shapes[:, ANGLES]))
    return middle


def neutral_shape(table: LetterTemplates) -> NDArray[np.float32]:
    """Return the hand between letters, float32[8]: the median of all letters."""
    return _middle(np.array([figures.mean for figures in table.letters.values()])).astype(np.float32)


def resting_shape(table: LetterTemplates) -> NDArray[np.float32]:
    """Return the hand between words, float32[8]: fingers as in the neutral shape, arm hanging, palm to the thigh."""
    shape = neutral_shape(table)
    shape[_LEAN] = ARM_DOWN_DEG
    return shape


def _rounded(figures: _Readings) -> tuple[float, ...]:
    return tuple(round(float(figure), 2) for figure in figures)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
