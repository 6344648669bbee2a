"""Constants of a network for the float32 engine (`engine/float32/`)."""

from __future__ import annotations

import numpy as np

from models.export.c.graph import PANEL, Array, Encoding, Network
from models.export.c.structures import Inputs, structures
from models.export.c.text import array, literal, record
from models.runtime.kernel.weights import TRACE


def constants(network: Network) -> str:
    """Return the constants as C, to follow the engine's structures."""
    scalars = {"PER_TURN": network.per_turn, "LEAST_EFFECT": network.least_effect}
    return "\n".join(
        [
            *(f"static const float {name} = {literal(np.float32(value))};\n" for name, value in scalars.items()),
            record("normaliser", {name: ("float", vector) for name, vector in network.normaliser.items()}),
            array("float", "norm_gain", network.norm_gain),
            array("float", "norm_shift", network.norm_shift),
            *(_encoding(network.encoding) if network.encoding else []),
            *structures(network, Float32()),
        ]
    )


def _encoding(encoding: Encoding) -> list[str]:
    vectors = {name: ("float", getattr(encoding, name)) for name in ("low", "per_width", "rate", "phase")}
    rows = np.concatenate([encoding.knots.reshape(-1, TRACE), encoding.turned])
    return [
        f"static const float ANGLE_WEIGHT = {literal(np.float32(encoding.angle_weight))};\n",
        record("encoding", vectors),
        array("float", "knots", rows),
    ]


class Float32:
    """Numbers as float32."""

    def matrix(self, name: str, matrix: Array, inputs: Inputs) -> tuple[str, str]:
        """Return the weights in panels."""
        outputs, width = matrix.shape
        return array("float", f"{name}_weights", in_panels(matrix)), f"{{{name}_weights, {outputs}, {width}}}"

    def vector(self, name: str, vector: Array, products: int = 0) -> str:
        """Return the vector."""
        return array("float", name, vector)


def in_panels(matrix: Array) -> Array:
    """Reorder a matrix [outputs, inputs] to [outputs / PANEL, inputs, PANEL]."""
    outputs, inputs = matrix.shape
    return matrix.reshape(outputs // PANEL, PANEL, inputs).transpose(0, 2, 1)
