"""Constants of the encoding for the integer engine (`engine/integer/encoding.c`).

Knots have 8 bits. A channel's contribution is interpolated between two knots, so a constant may be subtracted from all
knots of a channel and added once: their middle, which halves their range. Each filter has a scale, and each channel
another, by which its weights of interpolation are multiplied.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.export.c.graph import (
    TURNED,
    Array,
    Encoding,
    ExportError,
    Network,
)
from models.export.c.readings import PER_TURN
from models.export.c.text import (
    array,
    enumeration,
    hexadecimal,
    record,
)
from models.runtime.kernel.weights import FILTERS
from scaleglove.channels import CHANNELS
from scaleglove.scales import SCALES

FRACTION_BITS: Final = 14

_LARGEST_WEIGHT: Final = 127
_PER_WIDTH_BITS: Final = 8
_SINE_STEPS: Final = 64
_OF_FILTER: Final = np.concatenate([np.tile(np.arange(FILTERS) + k * FILTERS, scale) for k, scale in enumerate(SCALES)])
"""Sum that each column of a trace is added to."""


def encoding_constants(network: Network, encoding: Encoding, input_bits: int, value_bits: int) -> list[str]:
    """Return the constants as C. The batch norm is folded into `network`, not into `encoding`.

    Raises:
        ExportError: the encoded angles are not those of pitch and roll.
    """
    _check_angles(network, encoding)
    words, middles, weights, scales = _knots(encoding, network.norm_gain, value_bits)
    low = np.clip(np.round(encoding.low * 2.0**input_bits), -(2**15), 2**15 - 1)
    per_width = np.round(encoding.per_width.astype(np.float64) * 2.0 ** (FRACTION_BITS + _PER_WIDTH_BITS - input_bits))
    # One entry beyond a right angle, which is read for interpolation with weight zero.
    sine = np.round(np.sin(np.arange(_SINE_STEPS + 2) / _SINE_STEPS * np.pi / 2) * 2**FRACTION_BITS)
    return [
        enumeration(
            {"PER_WIDTH_BITS": _PER_WIDTH_BITS, "SINE_STEP_BITS": (PER_TURN // 4 // _SINE_STEPS).bit_length() - 1}
        ),
        array("int16_t", "sine_table", sine.astype(np.int16)),
        record("encoding", {"low": ("int16_t", low.astype(np.int16)), "per_width": ("int32_t", per_width.astype(int))}),
        array("uint32_t", "knots", words, hexadecimal),
        array("int32_t", "knot_middles", middles),
        array("int16_t", "knot_weights", weights),
        array("int32_t", "knot_scales", scales),
    ]


def with_angle_weight(network: Network, encoding: Encoding) -> Network:
    """Return the network with the factor of sines and cosines folded into its head."""
    (weight, bias), *others = network.head
    weighted = weight.copy()
    state = network.layers[-1].state.shape[1]
    weighted[:, state : state + TURNED] *= encoding.angle_weight
    return replace(network, head=((weighted, bias), *others))


def _check_angles(network: Network, encoding: Encoding) -> None:
    """Check that rate * (degrees * gain + offset) + phase are the radians, modulo whole turns."""
    pitch = CHANNELS.index("pitch")
    channels = slice(pitch, pitch + len(encoding.rate))
    per_degree = encoding.rate * network.normaliser["gain"][channels]
    at_zero = encoding.rate * network.normaliser["offset"][channels] + encoding.phase
    if not np.allclose(np.degrees(per_degree), 1, atol=1e-4) or np.abs(np.sin(at_zero)).max() > 1e-3:
        raise ExportError("the sines and cosines are not those of pitch and roll")


def _knots(
    encoding: Encoding, gain: Array, value_bits: int
) -> tuple[NDArray[np.uint32], NDArray[np.int64], NDArray[np.int16], NDArray[np.int64]]:
    """Return words of knots, the middles, the weight of each channel and of the angles, and the scale of each sum."""
    knots = encoding.knots.astype(np.float64) * gain[_OF_FILTER]
    turned = encoding.turned.astype(np.float64) * gain[_OF_FILTER] * encoding.angle_weight
    middle = (knots.max(axis=1) + knots.min(axis=1)) / 2
    centred = [*(knots - middle[:, np.newaxis]), turned]
    of_channel = np.array([np.abs(rows).max() for rows in centred])
    shares = of_channel / of_channel.max()
    relative = np.concatenate([rows / share for rows, share in zip(centred, shares, strict=True)])
    of_column = np.zeros(FILTERS * len(SCALES))
    np.maximum.at(of_column, _OF_FILTER, np.abs(relative).max(axis=0))
    step = np.where(of_column > 0, of_column, 1.0) / _LARGEST_WEIGHT
    integers = np.round(relative / step[_OF_FILTER]).astype(np.int8)
    unit = step / 2**FRACTION_BITS
    middles = np.round(middle.sum(axis=0) / unit[_OF_FILTER]).astype(np.int64)
    scales = np.round(unit * 2.0 ** (value_bits + 32)).astype(np.int64)
    weights = np.round(shares * 2**FRACTION_BITS).astype(np.int16)
    return np.ascontiguousarray(integers).view("<u4").ravel(), middles, weights, scales
