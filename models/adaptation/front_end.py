"""Front end of a glove: from its readings to those of the glove in the training data. Pure numpy.

Every glove has other sensors, dividers, converters and another mounting of its motion sensor. For the flex sensors five
gains and offsets take that away, and a slope where the divider bends the scale; for the angles one orthogonal matrix (a
rotation, or a reflection for the other hand) on the direction of gravity:

    flex'    = (gain * flex + offset) / (1 + slope * flex)
    gravity' = rotation gravity(pitch, roll);   pitch', roll' = the angles of gravity'

Yaw is the integral of a gyroscope and has no fixed zero: it stays. What a glove does not have is NaN in its readings;
it becomes what carries no information about the letter.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from scaleglove.channels import ANGLES, CHANNELS, DROPPED_FLEX_BELOW, FLEX
from scaleglove.resampling import median, median_degrees, wrap_degrees

Floats = NDArray[np.float64]

FINGERS: Final = FLEX.stop
PITCH: Final = CHANNELS.index("pitch")
ROLL: Final = CHANNELS.index("roll")
LEAN: Final = slice(PITCH, ROLL + 1)

DROPPED: Final = 0.0
"""Reading of a flex sensor without contact: the model's own front end fills it."""

ANY_READING: Final = 1e30
"""Beyond every reading, as its negative is."""

NO_CONTACT: Final = (ANY_READING, ANY_READING)
"""Bounds of contact of a sensor that is dead: whatever it reads is not used."""


def gravity(angles: NDArray[np.floating[Any]]) -> Floats:
    """Return the direction of gravity float64[..., 3] for pitch and roll float[..., 2] in degrees.

    As the firmware's orientation filter (firmware_bridge/firmware/core/orientation.c) defines the two.
    """
    pitch, roll = np.moveaxis(np.deg2rad(np.asarray(angles, np.float64)), -1, 0)
    return np.stack([-np.sin(pitch), np.cos(pitch) * np.sin(roll), np.cos(pitch) * np.cos(roll)], axis=-1)


def lean(directions: NDArray[np.floating[Any]]) -> Floats:
    """Return pitch and roll float64[..., 2] in degrees of directions of gravity float[..., 3] of any length."""
    x, y, z = np.moveaxis(np.asarray(directions, np.float64), -1, 0)
    angles: Floats = np.rad2deg(np.stack([np.arctan2(-x, np.hypot(y, z)), np.arctan2(y, z)], axis=-1))
    return angles


def median_frame(frames: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the median float32[8] of frames float32[n, 8] of one shape. A hand whose roll is near +-180 degrees reads
    both."""
    middle = median(frames)
    middle[ANGLES] = wrap_degrees(median_degrees(frames[:, ANGLES]))
    return middle


@dataclass(frozen=True, eq=False)
class FrontEnd:
    """Parameters of the equations above.

    `contact` float64[5, 2]: readings of the glove below the first or above the second are of a sensor without contact;
    between them 1 + slope * flex is positive. `neutral` float64[3]: pitch, roll and yaw where the glove has no motion
    sensor.
    """

    gain: Floats = field(default_factory=lambda: np.ones(FINGERS))
    offset: Floats = field(default_factory=lambda: np.zeros(FINGERS))
    rotation: Floats = field(default_factory=lambda: np.eye(3))
    contact: Floats = field(default_factory=lambda: np.tile([DROPPED_FLEX_BELOW, ANY_READING], (FINGERS, 1)))
    neutral: Floats = field(default_factory=lambda: np.zeros(3))
    slope: Floats = field(default_factory=lambda: np.zeros(FINGERS))

    @cached_property
    def is_plain(self) -> bool:
        """Whether the readings stay as they are."""
        return self.keeps_flex and self.keeps_lean

    @cached_property
    def dead(self) -> NDArray[np.bool_]:
        """Which flex sensors are dead, bool[5]: none of their readings is used."""
        return np.asarray(self.contact[:, 0] >= ANY_READING)

    @cached_property
    def has_dead(self) -> bool:
        """Whether any flex sensor is dead."""
        return bool(self.dead.any())

    @cached_property
    def keeps_flex(self) -> bool:
        """Whether the flex sensors stay as they are."""
        is_line = bool((self.gain == 1).all() and not self.offset.any() and not self.slope.any())
        return is_line and not self.has_dead

    @cached_property
    def keeps_lean(self) -> bool:
        """Whether pitch and roll stay as they are."""
        return bool((self.rotation == np.eye(3)).all())

    def apply(self, frames: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return frames float32[n, 8] of the glove as the training's glove would give them.

        Frames that need no change are returned as they are. A sensor without contact reads 0, another one at least
        DROPPED_FLEX_BELOW.
        """
        missing = np.isnan(frames)
        is_whole = not missing.any()
        if self.is_plain and is_whole:
            return frames
        out = frames.astype(np.float64)
        if not self.keeps_flex:
            flex = out[:, FLEX]
            dropped = (flex < self.contact[:, 0]) | (flex > self.contact[:, 1])
            flex = np.where(dropped, 0.0, flex)
            seen = (self.gain * flex + self.offset) / (1.0 + self.slope * flex)
            out[:, FLEX] = np.maximum(seen, DROPPED_FLEX_BELOW)
            out[:, FLEX][dropped] = DROPPED
        if not self.keeps_lean:
            out[:, LEAN] = lean(gravity(out[:, LEAN]) @ self.rotation.T)
        if not is_whole:
            out[:, FLEX][missing[:, FLEX]] = DROPPED
            # Pitch and roll belong together: without one the direction of gravity is not known.
            no_lean = missing[:, LEAN].any(axis=1)
            out[no_lean, LEAN] = self.neutral[:2]
            out[missing[:, ROLL + 1], ROLL + 1] = self.neutral[2]
        return out.astype(np.float32)

    def after(self, first: FrontEnd) -> FrontEnd:
        """Return the front end that does `first`, whose gains are positive and slopes 0, and then this one."""
        bounded = np.abs(self.contact) < ANY_READING
        own = (self.contact - first.offset[:, np.newaxis]) / first.gain[:, np.newaxis]
        contact = np.where(bounded, own, self.contact)
        if not first.keeps_flex:  # a front end that keeps the readings has no bounds
            contact = np.stack([
                np.maximum(contact[:, 0], first.contact[:, 0]), np.minimum(contact[:, 1], first.contact[:, 1])
            ], axis=1)  # fmt: skip
        unit = 1.0 + self.slope * first.offset
        return FrontEnd(
            self.gain * first.gain / unit,
            (self.gain * first.offset + self.offset) / unit,
            self.rotation @ first.rotation,
            contact,
            self.neutral,
            self.slope * first.gain / unit,
        )

    def without(self, dead: NDArray[np.bool_]) -> FrontEnd:
        """Return this front end without the readings of dead flex sensors bool[5]; itself where none is dead."""
        if not dead.any():
            return self
        return replace(self, contact=np.where(dead[:, np.newaxis], NO_CONTACT, self.contact))

    def as_dict(self) -> dict[str, Any]:
        """Return the parameters as JSON."""
        return {name: getattr(self, name).tolist() for name in _SHAPES}

    @classmethod
    def from_dict(cls, stored: dict[str, Any]) -> Self:
        """Read what `as_dict` returned.

        Raises:
            ValueError: a parameter is missing, has another shape, is not finite, the matrix is not orthogonal, or the
                scale turns over within the bounds of contact.
        """
        arrays: dict[str, Floats] = {}
        for name, shape in _SHAPES.items():
            if name == "slope" and name not in stored:  # stored before there was one
                continue
            try:
                arrays[name] = np.array(stored[name], np.float64)
            except (KeyError, TypeError, ValueError) as error:
                raise ValueError(f"{name} cannot be read: {error}") from None
            if arrays[name].shape != shape or not np.isfinite(arrays[name]).all():
                raise ValueError(f"{name} is not {shape} finite numbers")
        if not np.allclose(arrays["rotation"] @ arrays["rotation"].T, np.eye(3), atol=1e-6):
            raise ValueError("rotation is not orthogonal")
        if "slope" in arrays and not (1.0 + arrays["slope"][:, np.newaxis] * arrays["contact"] > 0).all():
            raise ValueError("slope times a reading within contact is less than -1")
        return cls(**arrays)


_SHAPES: Final[dict[str, tuple[int, ...]]] = {
    "gain": (FINGERS,),
    "offset": (FINGERS,),
    "rotation": (3, 3),
    "contact": (FINGERS, 2),
    "neutral": (3,),
    "slope": (FINGERS,),
}
