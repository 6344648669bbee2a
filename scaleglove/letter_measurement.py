"""Measurement of templates from labelled recordings: how each sign of a vocabulary reads on a glove."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from scaleglove.channels import ANGLES, DROPPED_FLEX_BELOW, FLEX
from scaleglove.letter_templates import (
    Figures,
    LetterTemplate,
    LetterTemplates,
    LetterTemplatesError,
    Readings,
    median_shape,
)
from scaleglove.recordings import Episode
from scaleglove.resampling import wrap_degrees
from scaleglove.vocabulary import Vocabulary, load_vocabulary

SOURCE: Final = (
    "Measured from the recordings of KNDG01001/SignGlove_HW (datasets/unified) and wodu2s/SignGlove-DataAnalysis "
    "(unified), MIT licence as stated by wodu2s/SignGlove-DataAnalysis; see NOTICE."
)
COMMAND: Final = "scaleglove measure-letters FOLDER"

_MAX_DROPPED: Final = 0.5
"""Largest share of a letter's readings in which a flex sensor lost contact; with more they say too little."""

_MIN_FRAMES: Final = 10

_PATH_SHAPES: Final = 25
"""Hand shapes along a movement: 16 a second of a sign that lasts 1.5 s, faster than a hand turns."""


def measure(
    episodes: Iterable[Episode],
    vocabulary: Vocabulary | None = None,
    *,
    source: str = SOURCE,
    command: str = COMMAND,
    median: bool = False,
) -> LetterTemplates:
    """Measure the labels of a vocabulary, by default Korean, in the style that lost the fewest flex readings.

    A style is one bend type of one collection. A letter that lost a flex sensor there is measured in the same bend type
    of another collection, or else in any style that has it. With `median` it is measured in each style, and the table
    has the medians: for people who hold a sign alike, where a style is a person.

    Raises:
        LetterTemplatesError: a label has no recording with all five flex sensors.
    """
    vocabulary = vocabulary or load_vocabulary("korean")
    recorded = _by_style(episodes, vocabulary)
    if not recorded:
        raise LetterTemplatesError("no labelled recordings to measure letters from")
    styles = {style for letters in recorded.values() for style in letters}
    chosen = min(sorted(styles), key=lambda style: _fitness(style, recorded, vocabulary))
    letters = {}
    for letter, moving in zip(vocabulary.names, vocabulary.moving, strict=True):
        usable = [style for style in sorted(recorded[letter]) if _dropped(recorded[letter][style]) <= _MAX_DROPPED]
        if not usable:
            raise LetterTemplatesError(f"no recordings of {letter} with all five flex sensors")
        one = min(usable, key=lambda style: (style != chosen, style[1] != chosen[1], style))
        figures = [_figures(style, letter, recorded[letter][style], moving) for style in (usable if median else [one])]
        letters[letter] = figures[0] if len(figures) == 1 else _median(letter, figures)
    return LetterTemplates(source=source, command=command, vocabulary=vocabulary, letters=letters)


def in_counts(episodes: Sequence[Episode], gain: float, offset: float) -> list[Episode]:
    """Return recordings whose flex readings are `gain` times those of `episodes` and `offset`."""
    counted = []
    for episode in episodes:
        values = episode.values.copy()
        values[:, FLEX] = gain * values[:, FLEX] + offset
        counted.append(replace(episode, values=values))
    return counted


_Style = tuple[str, str]  # collection, bend


def _by_style(episodes: Iterable[Episode], vocabulary: Vocabulary) -> dict[str, dict[_Style, list[Episode]]]:
    recorded: dict[str, dict[_Style, list[Episode]]] = defaultdict(lambda: defaultdict(list))
    for episode in episodes:
        if episode.label in vocabulary.names and not episode.missing and len(episode.values) >= _MIN_FRAMES:
            recorded[episode.label][episode.collection, episode.bend].append(episode)
    return recorded


def _fitness(
    style: _Style, recorded: dict[str, dict[_Style, list[Episode]]], vocabulary: Vocabulary
) -> tuple[str, int, float]:
    """Return a rank, smaller is better: the first collection, then fewer letters lost, then fewer readings lost."""
    lost = [_dropped(recorded[letter][style]) if recorded[letter].get(style) else 1.0 for letter in vocabulary.names]
    return style[0], sum(share > _MAX_DROPPED for share in lost), sum(lost)


def _dropped(episodes: list[Episode]) -> float:
    """Return the share of readings lost by the letter's worst flex sensor."""
    flex = np.concatenate([episode.values[:, FLEX] for episode in episodes])
    return float((flex < DROPPED_FLEX_BELOW).mean(axis=0).max())


def _figures(style: _Style, letter: str, episodes: list[Episode], moving: bool) -> LetterTemplate:
    # Medians over episodes: in some the hand was shifted or the yaw still settling, and a mean would lie in between.
    whole = [
        (episode.t_ms / 1000.0, values) for episode in episodes for values in [_clean(episode)] if not _lost(values)
    ]
    return LetterTemplate(
        measured="/".join(part for part in (style[0], letter, style[1]) if part),
        episodes=len(whole),
        mean=_rounded(median_shape(np.stack([np.nanmean(values, axis=0) for _, values in whole]))),
        spread=_rounded(np.median([_noise(values) for _, values in whole], axis=0)),
        drift=_rounded(np.median([np.abs(_slopes(t_s, values)) for t_s, values in whole], axis=0)),
        seconds=round(float(np.median([t_s[-1] - t_s[0] for t_s, _ in whole])), 2) if moving else 0.0,
        path=tuple(_rounded(shape) for shape in _path(whole)) if moving else (),
    )


def _median(letter: str, styles: list[LetterTemplate]) -> LetterTemplate:
    """Return the medians of a letter's templates in several styles."""
    paths = np.array([style.path for style in styles])  # [styles, shapes, 8], or without shapes
    return LetterTemplate(
        measured=f"{len(styles)} styles of {letter}",
        episodes=sum(style.episodes for style in styles),
        mean=_rounded(median_shape(np.array([style.mean for style in styles]))),
        spread=_rounded(np.median([style.spread for style in styles], axis=0)),
        drift=_rounded(np.median([style.drift for style in styles], axis=0)),
        seconds=round(float(np.median([style.seconds for style in styles])), 2),
        path=tuple(_rounded(median_shape(paths[:, index])) for index in range(len(styles[0].path))),
    )


def _path(whole: list[tuple[Readings, Readings]]) -> Readings:
    """Return the mean movement of recordings, float64[_PATH_SHAPES, 8]; angles are averaged around the first one's."""
    share = np.linspace(0.0, 1.0, _PATH_SHAPES)
    paths = np.stack([_resampled(t_s, values, share) for t_s, values in whole])
    angles = paths[:, :, ANGLES]
    paths[:, :, ANGLES] = angles[0] + wrap_degrees(angles - angles[0])
    mean: Readings = paths.mean(axis=0)
    mean[:, ANGLES] = wrap_degrees(mean[:, ANGLES])
    return mean


def _resampled(t_s: Readings, values: Readings, share: Readings) -> Readings:
    """Return the readings at shares of the recording's time, without those that were lost."""
    t = t_s[0] + share * (t_s[-1] - t_s[0])
    return np.stack([np.interp(t, t_s[ok], column[ok]) for column in values.T for ok in [np.isfinite(column)]], axis=1)


def _clean(episode: Episode) -> Readings:
    """Return readings with lost flex values as NaN and continuous angles."""
    values = episode.values.astype(np.float64)
    values[:, FLEX][values[:, FLEX] < DROPPED_FLEX_BELOW] = np.nan
    values[:, ANGLES] = np.unwrap(values[:, ANGLES], period=360.0, axis=0)
    return values


def _lost(values: Readings) -> bool:
    return bool((np.isfinite(values).sum(axis=0) < _MIN_FRAMES).any())


def _noise(values: Readings) -> Readings:
    """Estimate the noise from differences of neighbouring frames, so that drift does not count."""
    noise: Readings = np.nanstd(np.diff(values, axis=0), axis=0) / np.sqrt(2.0)
    return noise


def _slopes(t_s: Readings, values: Readings) -> Readings:
    return np.array([_slope(t_s[ok], column[ok]) for column in values.T for ok in [np.isfinite(column)]])


def _slope(t_s: Readings, column: Readings) -> float:
    centred = t_s - t_s.mean()
    return float(centred @ (column - column.mean()) / (centred @ centred))


def _rounded(figures: Readings) -> Figures:
    return tuple(round(float(figure), 2) for figure in figures)
