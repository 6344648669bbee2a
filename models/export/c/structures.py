"""C text of a network's towers, layers and head, in the structures of `engine/layers.c` for any kind of numbers."""

from __future__ import annotations

from enum import Enum
from typing import Protocol

from models.export.c.graph import Array, Layer, Network
from models.runtime.kernel.weights import HIDDEN


class Inputs(Enum):
    """Factor of a matrix."""

    FRAMES = "normalised frames"
    VALUES = "features, or outputs of a layer of the head"
    STATES = "states of the recurrence"
    SKIP = "states and the skip connection"


class Numbers(Protocol):
    """Representation of numbers in C."""

    def matrix(self, name: str, matrix: Array, inputs: Inputs) -> tuple[str, str]:
        """Return the constants of a matrix [outputs, inputs], and its initialiser in a structure."""

    def vector(self, name: str, vector: Array, products: int = 0) -> str:
        """Return the constants of a vector to which `products` products of matrices are added."""


def structures(network: Network, numbers: Numbers) -> list[str]:
    """Return towers, layers and head, and the mean that replaces a tower."""
    return [
        numbers.vector("tower_bias", network.tower_bias, products=1),
        numbers.vector("tower_mean", network.tower_mean),
        *([] if network.encoding else _towers(network, numbers)),
        *_layers(network, numbers),
        *_head(network, numbers),
    ]


def _towers(network: Network, numbers: Numbers) -> list[str]:
    found = [numbers.matrix(f"tower_{k}", tower, Inputs.FRAMES) for k, tower in enumerate(network.towers)]
    arrays, matrices = zip(*found, strict=True)
    return [*arrays, f"static const struct matrix towers[SCALES] = {{\n{_rows(matrices)}}};\n"]


def _layers(network: Network, numbers: Numbers) -> list[str]:
    parts, rows = [], []
    for number, layer in enumerate(network.layers):
        inputs = Inputs.STATES if number else Inputs.VALUES
        texts, row = _layer(f"layer_{number}", layer, inputs, numbers)
        parts += texts
        rows.append(row)
    return [*parts, f"static const struct layer layers[LAYERS] = {{\n{_rows(rows)}}};\n"]


def _layer(name: str, layer: Layer, inputs: Inputs, numbers: Numbers) -> tuple[list[str], str]:
    found = [
        numbers.matrix(f"{name}_input", layer.input, inputs),
        numbers.matrix(f"{name}_state", layer.state[: 2 * HIDDEN], Inputs.STATES),
        numbers.matrix(f"{name}_candidate", layer.state[2 * HIDDEN :], Inputs.STATES),
    ]
    arrays, matrices = zip(*found, strict=True)
    texts = [*arrays, numbers.vector(f"{name}_bias", layer.bias, products=2)]
    candidate_bias = "NULL"
    if layer.candidate_bias is not None:
        candidate_bias = f"{name}_candidate_bias"
        texts.append(numbers.vector(candidate_bias, layer.candidate_bias, products=1))
    return texts, f"{{{', '.join(matrices)}, {name}_bias, {candidate_bias}}}"


def _head(network: Network, numbers: Numbers) -> list[str]:
    parts, rows = [], []
    for number, (weight, bias) in enumerate(network.head):
        inputs = Inputs.VALUES if number else Inputs.SKIP if network.encoding else Inputs.STATES
        text, matrix = numbers.matrix(f"head_{number}", weight, inputs)
        parts += [text, numbers.vector(f"head_{number}_bias", bias, products=1)]
        rows.append(f"{{{matrix}, head_{number}_bias}}")
    return [*parts, f"static const struct linear head[HEAD_LAYERS] = {{\n{_rows(rows)}}};\n"]


def _rows(items: list[str] | tuple[str, ...]) -> str:
    return "".join(f"    {item},\n" for item in items)
