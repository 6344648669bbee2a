"""Profile of a glove: what each of its sensors reads of known hand shapes, and the front end that follows. Pure numpy.

How the glove is turned follows from the poses that are held as labels of the model are, as its vocabulary says. Of a
model with fewer than two such labels it does not: the readings of the motion sensor are then used as they are, those of
a left hand mirrored.

A profile is of the glove alone: no model is in it, so that it fits every model that carries its training's readings.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isfinite
from types import MappingProxyType
from typing import Any, Final, Literal, Self, cast, get_args

import numpy as np
from numpy.typing import NDArray

from models.adaptation.divider import straightened
from models.adaptation.front_end import ANY_READING, FINGERS, Floats, FrontEnd
from models.adaptation.sensor_fit import fit_rotation
from models.adaptation.training_readings import TrainingReadings
from scaleglove.channels import CHANNELS, MAX_MAGNITUDE
from scaleglove.vocabulary import Pose

Hand = Literal["right", "left"]

POSES: Final[tuple[Pose, ...]] = get_args(Pose)

MIRRORED: Final = np.diag([1.0, -1.0, 1.0])
"""A left hand is a right one in a mirror: what is to its left is to its right."""

_LEAST_POSES: Final = 2
_LEAST_VOLUME: Final = 0.1
"""Of the parallelepiped of three directions; with less they lie in a plane, and do not tell a glove from its mirror
image. Those of the poses have 0.5."""


@dataclass(frozen=True, slots=True)
class FingerReadings:
    """Raw readings of one flex sensor, straight and bent; None: unknown. A reading outside of `contact`, the least and
    the most, is of a sensor that has lost contact."""

    straight: float | None = None
    bent: float | None = None
    contact: tuple[float, float] = (-ANY_READING, ANY_READING)

    @property
    def ends(self) -> tuple[float, float] | None:
        """The two readings, where both are known."""
        return None if self.straight is None or self.bent is None else (self.straight, self.bent)

    def as_dict(self) -> dict[str, Any]:
        """Return the readings as JSON."""
        return {"straight": self.straight, "bent": self.bent, "contact": list(self.contact)}

    @classmethod
    def from_dict(cls, stored: object, path: str) -> Self:
        """Read what `as_dict` returned; `path` is where it stands, for an error.

        Raises:
            ValueError: a field is missing, no number, or the two readings are the same.
        """
        known = _fields(stored, path, ("straight", "bent", "contact"))
        straight, bent = (
            None if known[name] is None else _number(known[name], f"{path}.{name}") for name in ("straight", "bent")
        )
        if straight is not None and straight == bent:
            raise ValueError(f"{path}.bent is the same as {path}.straight")
        low, high = _numbers(known["contact"], f"{path}.contact", 2, ANY_READING)
        if low >= high:
            raise ValueError(f"{path}.contact has no reading between {low:g} and {high:g}")
        return cls(straight, bent, (low, high))


@dataclass(frozen=True, slots=True)
class GloveProfile:
    """What is known of one glove.

    `missing` names channels that it does not have or that say nothing; `directions` are of gravity, of length 1, in
    each pose that was shown. `full_scale` is the converter's greatest reading, None where the readings are no
    converter's or it is not known.
    """

    hand: Hand = "right"
    missing: tuple[str, ...] = ()
    fingers: tuple[FingerReadings, ...] = (FingerReadings(),) * FINGERS
    directions: Mapping[Pose, tuple[float, float, float]] = field(default_factory=dict)
    full_scale: float | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return the profile as JSON."""
        return {
            "hand": self.hand,
            "missing": list(self.missing),
            "fingers": [finger.as_dict() for finger in self.fingers],
            "directions": {pose: list(direction) for pose, direction in self.directions.items()},
            "full_scale": self.full_scale,
        }

    @classmethod
    def from_dict(cls, stored: object) -> Self:
        """Read what `as_dict` returned.

        Raises:
            ValueError: a field is missing or wrong; the error names it.
        """
        known = _fields(stored, "profile", ("hand", "missing", "fingers", "directions"), {"full_scale": None})
        if known["hand"] not in get_args(Hand):
            raise ValueError("hand must be right or left")
        missing, fingers, directions = known["missing"], known["fingers"], known["directions"]
        if not isinstance(missing, list) or not all(name in CHANNELS for name in missing):
            raise ValueError(f"missing must be a list of channels: {', '.join(CHANNELS)}")
        if not isinstance(fingers, list) or len(fingers) != FINGERS:
            raise ValueError(f"fingers must be a list of {FINGERS}")
        if not isinstance(directions, dict) or not set(directions) <= set(POSES):
            raise ValueError(f"directions must be an object with some of the fields {', '.join(POSES)}")
        return cls(
            cast(Hand, known["hand"]),
            tuple(name for name in CHANNELS if name in missing),
            tuple(FingerReadings.from_dict(finger, f"fingers.{number}") for number, finger in enumerate(fingers)),
            {pose: _direction(directions[pose], pose) for pose in POSES if pose in directions},
            _full_scale(known["full_scale"]),
        )


def front_end_of(profile: GloveProfile, training: TrainingReadings) -> FrontEnd:
    """Return the front end with which this glove reads as the training's glove does.

    Straight becomes the low end of the training's range and bent the high end: the sign comes out by itself. Between
    them the scale is straight, or that of the divider where the converter's readings tell it and the training's glove
    read counts. A finger of which either
    is unknown keeps gain 1 and offset 0.
    """
    gain, offset = np.ones(FINGERS), np.zeros(FINGERS)
    known = np.array([finger.ends is not None for finger in profile.fingers])
    contact = np.array([finger.contact for finger in profile.fingers])
    for number, finger in enumerate(profile.fingers):
        if finger.ends is not None:
            straight, bent = finger.ends
            gain[number] = (training.high[number] - training.low[number]) / (bent - straight)
            offset[number] = training.low[number] - gain[number] * straight
    front_end = FrontEnd(gain, offset, _rotation_of(profile, training), contact, training.neutral)
    if profile.full_scale is None or not training.is_in_counts:
        return front_end
    return straightened(front_end, known, profile.full_scale, training.low, training.high)


def profile_of(
    front_end: FrontEnd,
    training: TrainingReadings,
    missing: tuple[str, ...] = (),
    full_scale: float | None = None,
) -> GloveProfile:
    """Return the profile of which `front_end_of` makes this front end, for one that was fitted otherwise. `full_scale`
    is the converter's for which it was straightened.

    A finger that is missing, or of which the gain is 0, is unknown.
    """
    fingers = []
    for number, gain in enumerate(front_end.gain):
        if CHANNELS[number] in missing or not gain:
            fingers.append(FingerReadings())
            continue
        offset, slope = front_end.offset[number], front_end.slope[number]
        straight, bent = (
            (end[number] - offset) / (gain - slope * end[number]) for end in (training.low, training.high)
        )
        low, high = front_end.contact[number]
        fingers.append(FingerReadings(float(straight), float(bent), (float(low), float(high))))
    directions: dict[Pose, tuple[float, float, float]] = {}
    for pose, direction in zip(POSES, training.directions_of(POSES), strict=True):
        if not np.isnan(direction).any() and "pitch" not in missing and "roll" not in missing:
            x, y, z = map(float, front_end.rotation.T @ direction / np.linalg.norm(direction))
            directions[pose] = (x, y, z)
    return GloveProfile("right", missing, tuple(fingers), directions, full_scale)


def without_missing(profile: GloveProfile, frames: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return frames float32[n, 8] with NaN in the channels that say nothing; the same array where there is none."""
    if not profile.missing:
        return frames
    kept = frames.copy()
    kept[:, [CHANNELS.index(name) for name in profile.missing]] = np.nan
    return kept


def _rotation_of(profile: GloveProfile, training: TrainingReadings) -> Floats:
    """Return the orthogonal matrix from the poses' directions to those of their labels in the training."""
    poses = list(profile.directions)
    wanted = training.directions_of(poses)
    own = np.array([profile.directions[pose] for pose in poses]).reshape(-1, 3)
    known = ~np.isnan(wanted).any(axis=1)
    own, wanted = own[known], wanted[known] / np.linalg.norm(wanted[known], axis=1, keepdims=True)
    if len(own) < _LEAST_POSES:
        return np.eye(3) if profile.hand == "right" else MIRRORED
    if len(own) < len(POSES) or abs(np.linalg.det(own)) < _LEAST_VOLUME:
        # In a plane: what is perpendicular to it follows from the hand.
        sign = 1.0 if profile.hand == "right" else -1.0
        own = np.vstack([own, np.cross(own[0], own[1])])
        wanted = np.vstack([wanted, sign * np.cross(wanted[0], wanted[1])])
    return fit_rotation(own, wanted)


def _full_scale(stored: object) -> float | None:
    if stored is None:
        return None
    value = _number(stored, "full_scale")
    if value <= 0:
        raise ValueError("full_scale must be more than 0")
    return value


def _fields(
    stored: object, path: str, names: tuple[str, ...], later: Mapping[str, object] = MappingProxyType({})
) -> dict[str, Any]:
    """Return the fields of an object: all of `names`, and those that were added `later`, with what stands for them in
    an older one."""
    if not isinstance(stored, dict):
        raise ValueError(f"{path} is not an object")
    for name in names:
        if name not in stored:
            raise ValueError(f"{name} is missing in {path}")
    for name in stored:
        if name not in names and name not in later:
            raise ValueError(f"{str(name)[:32]} is no field of {path}")
    return {**later, **stored}


def _number(value: object, path: str, most: float = MAX_MAGNITUDE) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value) or abs(value) > most:
        raise ValueError(f"{path} is not a number within +-{most:g}")
    return float(value)


def _numbers(value: object, path: str, count: int, most: float) -> list[float]:
    if not isinstance(value, list) or len(value) != count:
        raise ValueError(f"{path} is not a list of {count} numbers")
    return [_number(each, path, most) for each in value]


def _direction(value: object, pose: Pose) -> tuple[float, float, float]:
    x, y, z = _numbers(value, f"directions.{pose}", 3, 1.0 + _ROUNDED)
    if abs(float(np.hypot(np.hypot(x, y), z)) - 1) > _ROUNDED:
        raise ValueError(f"directions.{pose} is not of length 1")
    return x, y, z


_ROUNDED: Final = 1e-3
"""By which a direction that was rounded may differ from length 1."""
