"""A network's constants for the float32 engine (`engine/float32/`)."""

from __future__ import annotations

from typing import Final

import numpy as np

from models.export_c.network import HIDDEN, Array, Layer, Network
from models.export_c.text import array, literal

PANEL: Final = 8


def constants(network: Network) -> str:
    """The text between the engine's structures and what computes with them."""
    scalars = {"PER_TURN": network.per_turn, "LEAST_EFFECT": network.least_effect}
    parts = [f"static const float {name} = {literal(np.float32(value))};\n" for name, value in scalars.items()]
    parts.append(_normaliser(network))
    vectors = ("tower_bias", "norm_gain", "norm_shift", "tower_mean")
    parts += [array("float", name, getattr(network, name)) for name in vectors]
    parts += _towers(network)
    parts += _layers(network)
    parts += _head(network)
    return "\n".join(parts)


def in_panels(matrix: Array) -> Array:
    """[outputs / PANEL, inputs, PANEL] of a matrix [outputs, inputs]."""
    outputs, inputs = matrix.shape
    return matrix.reshape(outputs // PANEL, PANEL, inputs).transpose(0, 2, 1)


def _normaliser(network: Network) -> str:
    fields = ", ".join(f"{name}[CHANNELS]" for name in network.normaliser)
    values = "".join(
        f"    .{name} = {{{', '.join(map(literal, vector))}}},\n" for name, vector in network.normaliser.items()
    )
    return f"static const struct {{\n    float {fields};\n}} normaliser = {{\n{values}}};\n"


def _matrix(name: str, matrix: Array) -> tuple[str, str]:
    """Its weights, and what stands for it in a structure."""
    outputs, inputs = matrix.shape
    return array("float", f"{name}_weights", in_panels(matrix)), f"{{{name}_weights, {outputs}, {inputs}}}"


def _towers(network: Network) -> list[str]:
    arrays, rows = zip(*(_matrix(f"tower_{number}", tower) for number, tower in enumerate(network.towers)), strict=True)
    return [*arrays, f"static const struct matrix towers[SCALES] = {{{', '.join(rows)}}};\n"]


def _layers(network: Network) -> list[str]:
    parts, rows = [], []
    for number, layer in enumerate(network.layers):
        texts, row = _layer(f"layer_{number}", layer)
        parts += texts
        rows.append(row)
    return [*parts, "static const struct layer layers[LAYERS] = {\n" + "".join(rows) + "};\n"]


def _layer(name: str, layer: Layer) -> tuple[list[str], str]:
    matrices = {"input": layer.input, "state": layer.state[: 2 * HIDDEN], "candidate": layer.state[2 * HIDDEN :]}
    arrays, values = zip(*(_matrix(f"{name}_{part}", matrix) for part, matrix in matrices.items()), strict=True)
    biases = {"bias": layer.bias, "candidate_bias": layer.candidate_bias}
    texts = [*arrays, *(array("float", f"{name}_{part}", vector) for part, vector in biases.items())]
    return texts, f"    {{{', '.join(values)}, {', '.join(f'{name}_{part}' for part in biases)}}},\n"


def _head(network: Network) -> list[str]:
    parts, rows = [], []
    for number, (weight, bias) in enumerate(network.head):
        text, matrix = _matrix(f"head_{number}", weight)
        parts += [text, array("float", f"head_{number}_bias", bias)]
        rows.append(f"{{{matrix}, head_{number}_bias}}")
    return [*parts, f"static const struct linear head[HEAD_LAYERS] = {{{', '.join(rows)}}};\n"]
