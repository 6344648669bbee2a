"""Constants of a network for the integer engine (`engine/integer/`): weights of 8 bits, with a scale for each row.

    integer = round(w / scale) in -127..127,  scale = max|w| / 127

as in models/export/quantise.py. No recordings are needed: the range of a normalised frame is known from the normaliser,
features are batch norm's and within 16 standard deviations, and states are between -1 and 1.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.export.c.graph import Array, Network
from models.export.c.integer_encoding import FRACTION_BITS, encoding_constants, with_angle_weight
from models.export.c.readings import PER_COUNT, PER_TURN
from models.export.c.structures import Inputs, structures
from models.export.c.text import (
    array,
    enumeration,
    hexadecimal,
    record,
)
from scaleglove.channels import ANGLES, DROPPED_FLEX_BELOW, FLEX
from scaleglove.scales import SCALES

PANEL, WORD = 4, 4
VALUE_BITS: Final = 11
STATE_BITS: Final = 15
ALL: Final = 65535
"""Probability 1."""

_LARGEST_WEIGHT: Final = 127
_LARGEST: Final = 2**15 - 1
_MOST_COUNTS: Final = 1023
_NORMALISER_SHIFT: Final = 24
_LOGISTIC_STEP_BITS: Final = 8
_POWER_STEPS: Final = 64


def constants(network: Network) -> str:
    """Return the constants as C, to follow the engine's structures."""
    folded = _with_norm(network)
    input_bits = _input_bits(network)
    encoding = []
    if network.encoding:
        encoding = encoding_constants(network, network.encoding, input_bits, VALUE_BITS)
        folded = with_angle_weight(folded, network.encoding)
    low, high = _bounds(network)
    numbers = Integers(input_bits)
    sizes = {"NORMALISER_SHIFT": _NORMALISER_SHIFT, "LEAST_EFFECT": round(network.least_effect * ALL)}
    sizes |= {"POWER_STEP_BITS": VALUE_BITS - _POWER_STEPS.bit_length() + 1}
    if not network.hard:
        sizes |= {"LOGISTIC_STEP_BITS": _LOGISTIC_STEP_BITS}
    return "\n".join(
        [
            enumeration(sizes),
            *([] if network.hard else [array("uint16_t", "logistic_table", _logistic_table())]),
            array("uint16_t", "power_table", _power_table()),
            record("normaliser", _normaliser(network, input_bits)),
            numbers.vector("feature_low", low),
            numbers.vector("feature_high", high),
            *encoding,
            *structures(folded, numbers),
        ]
    )


@dataclass(frozen=True, slots=True)
class Integers:
    """Numbers in fixed point, with `input_bits` fraction bits of a normalised frame."""

    input_bits: int

    def matrix(self, name: str, matrix: Array, inputs: Inputs) -> tuple[str, str]:
        """Return the quantised weights and their scales."""
        weights, scales = quantised(matrix)
        bits = {
            Inputs.FRAMES: self.input_bits,
            Inputs.VALUES: VALUE_BITS,
            Inputs.STATES: STATE_BITS,
            Inputs.SKIP: FRACTION_BITS,
        }[inputs]
        mantissas, exponent = _mantissas(scales * 2.0 ** (VALUE_BITS - bits))
        texts = [
            array("uint32_t", f"{name}_weights", packed(weights), hexadecimal),
            array("int16_t", f"{name}_scales", mantissas),
        ]
        outputs, width = matrix.shape
        return "\n".join(texts), f"{{{name}_weights, {name}_scales, {exponent}, {outputs}, {width}}}"

    def vector(self, name: str, vector: Array, products: int = 0) -> str:
        """Return the vector with half of the lowest bit for each product, which is rounded down."""
        values = np.round(vector.astype(np.float64) * 2**VALUE_BITS + products / 2)
        return array("int16_t", name, np.clip(values, -_LARGEST - 1, _LARGEST).astype(np.int16))


def quantised(matrix: Array) -> tuple[NDArray[np.int8], NDArray[np.float64]]:
    """Return integers [outputs, inputs], and the scale of each output."""
    scales = np.abs(matrix).max(axis=1).astype(np.float64) / _LARGEST_WEIGHT
    # A row of zeros: any scale gives zeros, and that of another row leaves the common exponent as it is.
    scales[scales == 0] = scales.max() or 1.0
    return np.round(matrix / scales[:, np.newaxis]).astype(np.int8), scales


def packed(weights: NDArray[np.int8]) -> NDArray[np.uint32]:
    """Return words in the order of `engine/integer/product.c`, with the second and third of four weights exchanged."""
    outputs, inputs = weights.shape
    words = weights.reshape(outputs // PANEL, PANEL, inputs // WORD, WORD)[..., [0, 2, 1, 3]]
    return np.ascontiguousarray(words.transpose(0, 2, 1, 3)).view("<u4").ravel()


def _mantissas(scales: NDArray[np.float64]) -> tuple[NDArray[np.int16], int]:
    """Return scales * 2^32 as mantissas of 16 bits with a common exponent."""
    wanted = scales * 2.0**32
    exponent = max(0, int(np.ceil(np.log2(wanted.max() / _LARGEST))))
    return np.round(wanted / 2**exponent).astype(np.int16), exponent


def _with_norm(network: Network) -> Network:
    """Fold the batch norm after the towers' ReLU into their weights and bias. gain * relu(x) + shift lies between shift
    and infinity, in the direction of the gain's sign; gain * x + shift is clipped to that (`_bounds`)."""
    gains = np.split(network.norm_gain, len(SCALES))
    towers = tuple(
        tower * gain[:, np.newaxis] for tower, gain in zip(network.towers, gains, strict=not network.encoding)
    )
    return replace(network, towers=towers, tower_bias=network.tower_bias * network.norm_gain + network.norm_shift)


def _bounds(network: Network) -> tuple[Array, Array]:
    """Return the lower and upper bounds of each feature."""
    shift = np.maximum(network.norm_shift, 0)
    rises = network.norm_gain >= 0
    return np.where(rises, shift, 0), np.where(rises, np.float32(np.inf), shift)


def _input_bits(network: Network) -> int:
    """Return the most fraction bits with which the extreme readings of a connected sensor do not overflow."""
    part = {name: vector.astype(np.float64) for name, vector in network.normaliser.items()}
    low, high = -360 * part["turn"], 360 * (1 - part["turn"])
    low[FLEX], high[FLEX] = DROPPED_FLEX_BELOW, _MOST_COUNTS
    farthest = max(float(np.abs(end * part["gain"] + part["offset"]).max()) for end in (low, high))
    return int(np.floor(np.log2(_LARGEST / farthest)))


def _normaliser(network: Network, input_bits: int) -> dict[str, tuple[str, NDArray[np.generic]]]:
    """Return the constants of normalised = (from_seam * gain + offset) / 2^shift, with from_seam in steps of a
    reading."""
    part = {name: vector.astype(np.float64) for name, vector in network.normaliser.items()}
    per_step = np.full(len(part["gain"]), 360 / PER_TURN)
    per_step[FLEX] = 1 / PER_COUNT
    turn = np.round(part["turn"] * PER_TURN).astype(np.int64) % PER_TURN
    turn[FLEX] = 0
    one = 2.0 ** (_NORMALISER_SHIFT + input_bits)
    gain = np.round(part["gain"] * per_step * one)
    seam = np.where(np.arange(len(turn)) < ANGLES.start, 0.0, -360 * part["turn"])
    offset = np.round((part["offset"] + seam * part["gain"]) * one + 2.0 ** (_NORMALISER_SHIFT - 1))
    threshold = np.clip(np.round(part["threshold"] * PER_COUNT), -_LARGEST - 1, _LARGEST)
    fill = np.round(part["fill"] * PER_COUNT)
    return {
        "threshold": ("int16_t", threshold.astype(np.int16)),
        "fill": ("int16_t", fill.astype(np.int16)),
        "turn": ("uint16_t", turn),
        "gain": ("int32_t", gain.astype(np.int64)),
        "offset": ("int64_t", offset.astype(np.int64)),
    }


def _logistic_table() -> NDArray[np.int64]:
    """Return 2^16 / (1 + exp(-x)) over all numbers of 16 bits, in steps."""
    steps = np.arange(-(2**15), 2**15 + 1, 2**_LOGISTIC_STEP_BITS) / 2**VALUE_BITS
    return np.minimum(np.round(2.0**16 / (1 + np.exp(-steps))), 2**16 - 1).astype(np.int64)


def _power_table() -> NDArray[np.int64]:
    """Return 2^-x for x from 0 to 1."""
    return np.round(2.0 ** (STATE_BITS - np.arange(_POWER_STEPS + 1) / _POWER_STEPS)).astype(np.int64)
