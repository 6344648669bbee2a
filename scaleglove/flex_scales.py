"""Scales of flex readings: the converter or the unit that a glove's readings are of. Pure."""

from __future__ import annotations

from typing import Final

SCALES: Final = (1.0, 3.3, 5.0, 180.0, 255.0, 1023.0, 4095.0, 16383.0, 65535.0)
"""Greatest readings: a share of the supply, volts, percent and degrees, then converters of 8 to 16 bits."""

_COMPUTED: Final = (5.0, 180.0)
"""A scale between these, such as percent and degrees, is computed on the glove."""

_ROUNDING: Final = 1e-6
"""Share by which a reading in float32 may exceed its scale."""


def scale_of(most: float) -> float:
    """Return the scale of a glove whose greatest reading so far is `most`: the least that is not below it."""
    return next((scale for scale in SCALES if most <= scale * (1 + _ROUNDING)), most)


def has_rails(scale: float) -> bool:
    """Return whether 0 and the scale are the rails of a converter. In computed readings 0 is a straight finger."""
    return not _COMPUTED[0] < scale <= _COMPUTED[1]
