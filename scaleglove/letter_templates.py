"""How each letter reads on the glove: a small table measured from recordings, which the emulator draws frames from."""

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
"""A flex sensor that was lost in more of a letter's readings than this says too little about the letter."""

_MIN_FRAMES: Final = 10

_LEAN: Final = slice(5, 7)
ARM_DOWN_DEG: Final = (-75.0, 100.0)
"""Pitch and roll. No letter is signed like that; the neutral shape, in the midst of all letters, is one for some."""

_Figures = Annotated[tuple[float, ...], Field(min_length=len(CHANNELS), max_length=len(CHANNELS))]
_Readings = NDArray[np.float64]


class LetterTableError(ScaleGloveError):
    """A table that cannot be read or measured; the text names the letter."""


class LetterFigures(BaseModel):
    """One letter, each figure by channel in the units of `models.runtime.contract.CHANNELS`."""

    model_config = ConfigDict(frozen=True)

    measured: str = Field(description="COLLECTION/LETTER/BEND of the recordings")
    episodes: int = Field(ge=1)
    mean: _Figures = Field(description="mean over an episode; the median of the episodes")
    spread: _Figures = Field(description="standard deviation of the noise from frame to frame")
    drift: _Figures = Field(description="size of the slope within an episode, units per second")


class LetterTable(BaseModel):
    """All 24 letters, held in one way (one bend type): an average over bends lies between hand shapes."""

    model_config = ConfigDict(frozen=True)

    source: str
    command: str = Field(description="makes this table again")
    letters: dict[str, LetterFigures]

    @model_validator(mode="after")
    def _complete(self) -> Self:
        missing = [letter for letter in LETTERS if letter not in self.letters]
        if missing:
            raise ValueError(f"letters are missing: {' '.join(missing)}")
        return self

    def to_json(self) -> str:
        """One line a letter, so that a change of figures reads well in a diff."""
        lines = (f"  {_json(letter)}: {_json(self.letters[letter].model_dump())}" for letter in LETTERS)
        head = f' "source": {_json(self.source)},\n "command": {_json(self.command)},\n "letters": {{\n'
        return "{\n" + head + ",\n".join(lines) + "\n }\n}\n"


def load_table(path: Path | None = None) -> LetterTable:
    """The table at `path`, or the one that comes with the package.

    Raises:
        LetterTableError: the file is no such table.
    """
    source = Path(__file__).with_name("letter_templates.json") if path is None else path
    try:
        return LetterTable.model_validate_json(source.read_text(encoding="utf-8"))
    except (OSError, ValidationError) as error:
        raise LetterTableError(f"{source}: not a table of letters: {error}") from None


def measure(episodes: Iterable[Episode]) -> LetterTable:
    """Measure the 24 letters on the way of holding them that lost the fewest flex readings.

    That is one bend type of one collection. A letter whose flex sensor was lost there is taken whole from the same bend
    type of another collection, or else from any place that has it.

    Raises:
        LetterTableError: a letter was nowhere recorded with all five flex sensors.
    """
    recorded = _by_place(episodes)
    if not recorded:
        raise LetterTableError("no labelled recordings to measure letters from")
    places = {place for letters in recorded.values() for place in letters}
    chosen = min(sorted(places), key=lambda place: _fitness(place, recorded))
    letters = {}
    for letter in LETTERS:
        usable = [place for place in sorted(recorded[letter]) if _dropped(recorded[letter][place]) <= _MAX_DROPPED]
        if not usable:
            raise LetterTableError(f"no recordings of {letter} with all five flex sensors")
        place = min(usable, key=lambda place: (place != chosen, place[1] != chosen[1], place))
        letters[letter] = _figures(f"{place[0]}/{letter}/{place[1]}", recorded[letter][place])
    return LetterTable(source=SOURCE, command=COMMAND, letters=letters)


_Place = tuple[str, str]  # collection, bend


def _by_place(episodes: Iterable[Episode]) -> dict[str, dict[_Place, list[Episode]]]:
    recorded: dict[str, dict[_Place, list[Episode]]] = defaultdict(lambda: defaultdict(list))
    for episode in episodes:
        if episode.letter and len(episode.values) >= _MIN_FRAMES:
            recorded[episode.letter][episode.collection, episode.bend].append(episode)
    return recorded


def _fitness(place: _Place, recorded: dict[str, dict[_Place, list[Episode]]]) -> tuple[str, int, float]:
    """Smaller is better, among the bends of the first collection : letters lost, then readings lost."""
    lost = [_dropped(recorded[letter][place]) if recorded[letter].get(place) else 1.0 for letter in LETTERS]
    return place[0], sum(share > _MAX_DROPPED for share in lost), sum(lost)


def _dropped(episodes: list[Episode]) -> float:
    """Share of readings lost by the letter's worst flex sensor."""
    flex = np.concatenate([episode.values[:, FLEX] for episode in episodes])
    return float((flex < DROPPED_FLEX_BELOW).mean(axis=0).max())


def _figures(measured: str, episodes: list[Episode]) -> LetterFigures:
    # Medians over episodes: in some the hand was shifted or the yaw still settling, and a mean would lie in between.
    whole = [
        (episode.t_ms / 1000.0, values) for episode in episodes for values in [_clean(episode)] if not _lost(values)
    ]
    return LetterFigures(
        measured=measured,
        episodes=len(whole),
        mean=_rounded(_middle(np.stack([np.nanmean(values, axis=0) for _, values in whole]))),
        spread=_rounded(np.median([_noise(values) for _, values in whole], axis=0)),
        drift=_rounded(np.median([np.abs(_slopes(t_s, values)) for t_s, values in whole], axis=0)),
    )


def _clean(episode: Episode) -> _Readings:
    """Readings with lost flex values as NaN and angles made continuous."""
    values = episode.values.astype(np.float64)
    values[:, FLEX][values[:, FLEX] < DROPPED_FLEX_BELOW] = np.nan
    values[:, ANGLES] = np.unwrap(values[:, ANGLES], period=360.0, axis=0)
    return values


def _lost(values: _Readings) -> bool:
    return bool((np.isfinite(values).sum(axis=0) < _MIN_FRAMES).any())


def _noise(values: _Readings) -> _Readings:
    """Of neighbouring frames, so that drift does not count as noise."""
    noise: _Readings = np.nanstd(np.diff(values, axis=0), axis=0) / np.sqrt(2.0)
    return noise


def _slopes(t_s: _Readings, values: _Readings) -> _Readings:
    return np.array([_slope(t_s[ok], column[ok]) for column in values.T for ok in [np.isfinite(column)]])


def _slope(t_s: _Readings, column: _Readings) -> float:
    centred = t_s - t_s.mean()
    return float(centred @ (column - column.mean()) / (centred @ centred))


def _middle(shapes: _Readings) -> _Readings:
    """The median of shapes float64[n, 8]; that of the angles is taken around their circular mean."""
    middle: _Readings = np.median(shapes, axis=0)
    middle[ANGLES] = wrap_degrees(median_degrees(shapes[:, ANGLES]))
    return middle


def neutral_shape(table: LetterTable) -> NDArray[np.float32]:
    """The hand between letters, float32[8]: the middle of all letters."""
    return _middle(np.array([figures.mean for figures in table.letters.values()])).astype(np.float32)


def resting_shape(table: LetterTable) -> NDArray[np.float32]:
    """The hand between words, float32[8]: fingers as in the neutral shape, the arm hanging down, palm to the thigh."""
    shape = neutral_shape(table)
    shape[_LEAN] = ARM_DOWN_DEG
    return shape


def _rounded(figures: _Readings) -> tuple[float, ...]:
    return tuple(round(float(figure), 2) for figure in figures)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
