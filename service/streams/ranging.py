"""Ranging of a stream's glove without a profile: what it reads is compared with what the model knows, and brought there
by the shapes that the hand holds. Pure.

docs/reference/any-glove.md says how each constant was chosen.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.adaptation.contact import without_drop_outs
from models.adaptation.divider import TRAINING_FULL_SCALE
from models.adaptation.front_end import ANY_READING, DROPPED, FINGERS, Floats, FrontEnd
from models.adaptation.sensor_fit import FAR_BETTER, Judge, Ranged, fit_range, range_shapes, seen_through
from models.adaptation.training_readings import TrainingReadings, front_end_by_readings, plain_front_end
from models.adaptation.training_readings import medians as medians_of
from scaleglove.channels import CHANNELS, FLEX
from scaleglove.protocol import GloveNotice, Ranging, ServerMessage

JUDGED_WINDOWS: Final = 15
"""Windows after which the readings are judged: 1.5 s of a stream, so that a reason comes within two."""

REFIT_AT: Final = (8, 12, 16, 24, 36, 48, 72, 100)
"""Numbers of held shapes after which the glove is ranged again; with the last it is settled."""

SURE_SHAPES: Final = 24
LATE_SHAPES: Final = 48
LATE_GAIN: Final = 0.05
"""Gain that is believed from LATE_SHAPES on; before, only FAR_BETTER is."""
DIFFERENT_SHAPES: Final = 5
"""Shapes that differ, without which there is no range: two letters, however often, show none."""

_BEYOND: Final = 1.0
"""In ranges of a finger: readings farther than this outside the training's are of another glove."""
_REMEMBERED: Final = 300
USUAL_NOISE: Final = 8.0
"""Counts of the training's glove: `stillness.BENT_COUNTS` is four times what is left of it after smoothing."""
_LEAST_NOISE: Final = 1e-6
_QUARTILE: Final = 25.0
_QUARTILE_OF_NOISE: Final = 0.451
"""Of the distance between two readings of the same, in standard deviations of one."""

_APART: Final = 0.25
"""In ranges of a finger: shapes of which no finger is farther apart are the same."""

_SCALES: Final = (
    (1.5, "scale_unit", 1023.0),
    (1023.5, "", 1.0),
    (4095.5, "scale_12_bit", 1 / 4),
    (65535.5, "scale_16_bit", 1 / 64),
    (np.inf, "scale_other", 0.0),
)
"""By the most that is read: the code, and the factor to 10-bit counts, 0 where none is likely."""
WORDS: Final = {
    "scale_unit": "the flex sensors read from 0 to 1; the model knows 10-bit counts",
    "scale_12_bit": "the flex sensors read more than 1023, as from a 12-bit converter; the model knows 10-bit counts",
    "scale_16_bit": "the flex sensors read more than 4095, as from a 16-bit converter; the model knows 10-bit counts",
    "scale_other": "the flex sensors read in another scale than the 10-bit counts that the model knows",
}
_REMEDY: Final = "letters come once about ten shapes were held; scaleglove glove check takes half a minute and is surer"
_SCALED: Final = "it is read in that scale"
_DEAD: Final = "{} reads the same whatever the hand holds: check its wires; letters are judged by the other sensors"


class GloveRanging:
    """The ranging of one stream; `front_end` is what to use for the windows from here on."""

    def __init__(self, training: TrainingReadings, judge: Judge | None = None, stated: float | None = None) -> None:
        """Make one for a model that knows shapes as `judge` tells; `stated` as for `state`."""
        self._training = training
        self._judge_shapes = judge
        self._stated = stated
        self._recent: deque[NDArray[np.float32]] = deque(maxlen=_REMEMBERED)
        self._windows = 0
        self._shapes: list[NDArray[np.float32]] = []
        self._told: list[GloveNotice] = []
        self._is_ranged = False
        self._is_like_models = False
        self._dead = np.zeros(FINGERS, bool)
        self._base = plain_front_end(training)
        """What brings the glove to the model's scale; the range is fitted to what is seen through it."""
        self.front_end = self._base

    def state(self, most: float | None) -> None:
        """Take the highest reading of the flex sensors' converter as the glove states it, None where it states none."""
        self._stated = most

    @property
    def is_ranged(self) -> bool:
        """Whether the front end is of the range of shapes that were held."""
        return self._is_ranged

    def watch(self, newest: NDArray[np.float32]) -> Iterator[ServerMessage]:
        """Take the newest frame float32[8] of each window; yield what is odd about the glove, once."""
        if self._is_ranged or (self._windows >= JUDGED_WINDOWS and not self._told):
            self._recent.clear()  # nothing is judged by them any more
            return
        self._recent.append(newest.copy())  # a view would keep its whole window
        self._windows += 1
        rounds, rest = divmod(self._windows, JUDGED_WINDOWS)
        if rounds == 1 and not rest:
            recent = np.stack(self._recent)
            self._told = list(self._judge(recent))
            yield from (*_missing(recent), *self._told)
        # Ever more rarely, as each other range begins the learning again.
        is_unknown = self._base.is_plain and not self._is_like_models
        if self._told and is_unknown and not rest and rounds.bit_count() == 1:
            self.front_end = self._provisional(np.stack(self._recent))

    def add(self, shape: NDArray[np.float32], t_ms: float) -> Iterator[ServerMessage]:
        """Take the next shape that was held, float32[8]; yield a report where the glove is ranged by it."""
        if len(self._shapes) >= REFIT_AT[-1]:
            return
        self._shapes.append(shape)
        if len(self._shapes) not in REFIT_AT:
            return
        seen = seen_through(self._base, np.stack(self._shapes))
        found = range_shapes(seen, self._training, self._judge_shapes, self._stated_scale())
        enough = LATE_GAIN if len(self._shapes) >= LATE_SHAPES else FAR_BETTER
        if self._is_ranged or (found.gained >= enough and self._differ(found.front_end.apply(seen))):
            self._is_ranged = True
            self.front_end = found.front_end.after(self._base)
        elif self._differ(seen):  # the glove is as the model's, but for what is dead
            self._is_like_models = True
            self.front_end = self._base.without(found.front_end.dead)
        if self._is_ranged or self._is_like_models:
            yield from self._tell_dead(self.front_end.dead)
        if not self._is_ranged:
            if self._base.is_plain:
                return
            found = Ranged(self._base, (), False, 0.0)
        if len(self._shapes) >= SURE_SHAPES:
            yield from self._end_notices()
        yield self._report(found, t_ms)

    def _tell_dead(self, dead: NDArray[np.bool_]) -> Iterator[GloveNotice]:
        """Yield a notice of each finger that has turned out to be dead, or not to be so."""
        for finger in np.flatnonzero(dead != self._dead):
            name, is_dead = CHANNELS[finger], bool(dead[finger])
            yield GloveNotice("does_not_move", _DEAD.format(name), name, present=is_dead)
        self._dead = dead

    def _stated_scale(self) -> float | None:
        """Return the full scale that the glove states, in the model's scale as the shapes are; None where that does not
        begin at the converter's 0."""
        if self._stated is None or self._base.offset.any():
            return None
        return self._stated * float(self._base.gain[0])

    def _differ(self, seen: NDArray[np.float32]) -> bool:
        """Tell whether enough of the shapes float32[n, 8], as the model sees them, differ from each other."""
        ranges = (self._training.high - self._training.low) * _APART
        kept: list[NDArray[np.float32]] = []
        for shape in seen[:, FLEX]:
            if all((np.abs(shape - other) > ranges).any() for other in kept):
                kept.append(shape)
        return len(kept) >= DIFFERENT_SHAPES

    def _report(self, found: Ranged, t_ms: float) -> Ranging:
        count = len(self._shapes)
        is_reversed = tuple(CHANNELS[finger] for finger in found.reversed_fingers)
        return Ranging(t_ms, count, SURE_SHAPES, count >= SURE_SHAPES, is_reversed, found.turned)

    def _end_notices(self) -> Iterator[GloveNotice]:
        for notice in self._told:
            yield GloveNotice(notice.code, notice.text, notice.channel, notice.values, present=False)
        self._told = []

    def _judge(self, recent: NDArray[np.float32]) -> Iterator[GloveNotice]:
        """Yield what is odd about these readings float32[n, 8]."""
        medians = medians_of(recent[:, FLEX].astype(np.float64))
        readings = medians[~np.isnan(medians)]
        if not len(readings):
            return
        own = front_end_by_readings([recent], self._training)
        if not own.is_plain and not self._beyond(medians_of(own.apply(recent)[:, FLEX].astype(np.float64))).any():
            self._base = self.front_end = own  # the training's own glove, in the unit that it gave
            return
        code, factor = self._scale(float(readings.max()))
        if factor != 1 and readings.min() >= 0:
            is_scaled = bool(factor) and not self._beyond(medians * factor).any()
            if is_scaled:
                self._base = self.front_end = _scaled(self._base, factor)
            if code:
                values = {"most": f"{readings.max():.4g}", "scaled": "yes" if is_scaled else "no"}
                yield GloveNotice(code, f"{WORDS[code]}: {_SCALED if is_scaled else _REMEDY}", values=values)
            if code or is_scaled:
                return
        beyond = self._beyond(medians)
        if beyond[~np.isnan(medians)].all():  # in another unit, or behind other resistors
            values = {"most": f"{readings.max():.4g}", "scaled": "no"}
            yield GloveNotice("scale_other", f"{WORDS['scale_other']}: {_REMEDY}", values=values)
            return
        for finger, median in enumerate(medians):
            low, high = self._training.low[finger], self._training.high[finger]
            if beyond[finger]:
                known = f"the model knows {low:.0f} to {high:.0f}"
                words = f"{CHANNELS[finger]} reads about {median:.0f}; {known}: {_REMEDY}"
                values = {"reading": f"{median:.0f}", "low": f"{low:.0f}", "high": f"{high:.0f}"}
                yield GloveNotice("level", words, CHANNELS[finger], values)

    def _scale(self, most: float) -> tuple[str, float]:
        """Return the code of the glove's scale and the factor to 10-bit counts, 0 where none is likely: by what the
        glove states, otherwise by the most that it reads."""
        stated = self._stated if self._stated is not None and most <= self._stated else None
        _, code, factor = next(scale for scale in _SCALES if (stated or most) <= scale[0])
        return code, factor if stated is None else TRAINING_FULL_SCALE / stated

    def _beyond(self, medians: Floats) -> NDArray[np.bool_]:
        """Return which medians float64[5] of the fingers are far outside the training's range; a finger that is missing
        or without contact is not."""
        return np.asarray((self._training.beyond(medians) > _BEYOND) & (np.abs(medians) > DROPPED))

    def _provisional(self, recent: NDArray[np.float32]) -> FrontEnd:
        """Range by the readings of all moments, held or not: good enough to see when the hand is still.

        A hand that has hardly moved yet does not show its range, but its noise: no gain makes more of it than the
        training's glove has.
        """
        flex, contact = without_drop_outs(recent[:, FLEX].astype(np.float64), self._training.ends)
        ranged, _ = fit_range(flex, self._training)
        gain = np.minimum(ranged, USUAL_NOISE / np.maximum(_noise(flex), _LEAST_NOISE))
        offset = (self._training.high + self._training.low) / 2 - gain * np.nan_to_num(medians_of(flex))
        return FrontEnd(gain, offset, np.eye(3), contact, self._training.neutral)


def _scaled(plain: FrontEnd, factor: float) -> FrontEnd:
    """Return the front end of a glove whose flex readings are 10-bit counts when multiplied by `factor`."""
    contact = np.where(np.abs(plain.contact) < ANY_READING, plain.contact / factor, plain.contact)
    return replace(plain, gain=plain.gain * factor, contact=contact)


def _missing(recent: NDArray[np.float32]) -> Iterator[GloveNotice]:
    """Yield a notice of the sensors that the glove does not have, by its readings float32[n, 8]."""
    missing = [name for name, column in zip(CHANNELS, recent.T, strict=True) if np.isnan(column).all()]
    if missing:
        words = f"the glove has no {', '.join(missing)}: letters that differ in nothing else look alike"
        yield GloveNotice("missing_sensors", words, values={"channels": " ".join(missing)})


def _noise(flex: Floats) -> Floats:
    """Return the standard deviation of each finger's noise, by the steps of float64[n, 5] that are least, not those of
    movements; 0 for a finger that is missing."""
    steps = np.nan_to_num(np.abs(np.diff(flex, axis=0)))
    noise: Floats = np.percentile(steps, _QUARTILE, axis=0) / _QUARTILE_OF_NOISE
    return noise
