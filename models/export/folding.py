"""Folding of a trained network's weights into the operators of ONNX.

A Scale-Aware layer is the ONNX operator GRU with `linear_before_reset=0`:
ONNX computes H = (1 - z) h~ + z H_prev, the mission h = (1 - z) h_prev + z h~, so z changes its sign: for both sigmoids
1 - s(x) = s(-x). W_3 t3 + W_5 t5 + W_7 t7 is [W_3 W_5 W_7] [t3; t5; t7]; all scales of the second layer get the same
states, so there the three matrices are added up.
Hard functions: with `clip=1` the operator clips the input of every activation to [-1, 1]; with the gates' weights
divided by 2.5, HardSigmoid(alpha=0.5) gives clamp(0.2x + 0.5, 0, 1), and Affine (identity) gives clamp(x, -1, 1).
`nn.GRU` of the baseline is the operator with `linear_before_reset=1`.
https://onnx.ai/onnx/operators/onnx__GRU.html
"""

from __future__ import annotations

from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from models.networks.scale_aware import (
    MSCSGRU,
    MSCSGRU_ScaleAware,
    Network,
    ScaleAwareGRU,
)
from scaleglove.scales import SCALES

Array = NDArray[np.float32]

GruLayer = tuple[Array, Array, Array, dict[str, Any]]
"""W, R, B and attributes of a GRU node."""


def tower_kernels(network: Network) -> tuple[Array, Array]:
    """Return kernel [scales * FILTERS, channels, 7] and bias of one convolution for all towers, with batch norms
    folded."""
    widest = max(SCALES)
    kernels, biases = [], []
    for k, tower in zip(SCALES, network.towers, strict=True):
        convolution, norm, _ = cast(nn.Sequential, tower)
        gain, shift = affine(cast(nn.BatchNorm1d, norm))
        kernel = to_numpy(cast(nn.Conv1d, convolution).weight) * gain[:, None, None]
        margin = (widest - k) // 2
        kernels.append(np.pad(kernel, ((0, 0), (0, 0), (margin, margin))))
        biases.append(to_numpy(cast(Tensor, convolution.bias)) * gain + shift)
    return np.concatenate(kernels), np.concatenate(biases)


def gru_layers(network: Network) -> list[GruLayer]:
    """Return the recurrent layers from the first to the last."""
    return _scale_aware_layers(network) if isinstance(network, MSCSGRU_ScaleAware) else _plain_layers(network)


def linear_layers(head: nn.Sequential) -> list[tuple[Array, Array]]:
    """Return weight [n, m] and bias [n] of each linear layer, with the batch norm after it folded."""
    layers: list[tuple[Array, Array]] = []
    for module in head:
        if isinstance(module, nn.Linear):
            layers.append((to_numpy(module.weight), to_numpy(module.bias)))
        elif isinstance(module, nn.BatchNorm1d):
            gain, shift = affine(module)
            weight, bias = layers.pop()
            layers.append((weight * gain[:, np.newaxis], bias * gain + shift))
    return layers


def _scale_aware_layers(network: MSCSGRU_ScaleAware) -> list[GruLayer]:
    return [
        _scale_aware_layer(cast(ScaleAwareGRU, layer), first=number == 0) for number, layer in enumerate(network.gru)
    ]


def _scale_aware_layer(layer: ScaleAwareGRU, first: bool) -> GruLayer:
    """Return W [3 * hidden, input], R [3 * hidden, hidden], B [6 * hidden] in ONNX's order z, r, h, and attributes."""
    W, R, b = to_numpy(layer.W), to_numpy(layer.U), to_numpy(layer.b)
    W = np.concatenate(list(W.transpose(1, 0, 2, 3)), axis=2) if first else W.sum(axis=1)
    soften = 2.5 if layer.use_hard_functions else 1.0
    factor = np.array([-1 / soften, 1 / soften, 1.0], np.float32)
    W, R, b = W * factor[:, None, None], R * factor[:, None, None], b * factor[:, None]
    attributes: dict[str, Any] = {"linear_before_reset": 0}
    if layer.use_hard_functions:
        attributes |= {
            "clip": 1.0,
            "activations": ["HardSigmoid", "Affine"],
            "activation_alpha": [0.5, 1.0],
            "activation_beta": [0.5, 0.0],
        }
    return _rows(W), _rows(R), np.concatenate([b.ravel(), np.zeros_like(b).ravel()]), attributes


def _plain_layers(network: MSCSGRU) -> list[GruLayer]:
    layers = []
    for gru in (network.gru_layer1, network.gru_layer2):
        W, R, b_input, b_hidden = (
            # torch orders the gates r, z, h; ONNX z, r, h.
            _rows(to_numpy(cast(Tensor, getattr(gru, name))).reshape(3, network.gru_layer1.hidden_size, -1)[[1, 0, 2]])
            for name in ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")
        )
        layers.append((W, R, np.concatenate([b_input.ravel(), b_hidden.ravel()]), {"linear_before_reset": 1}))
    return layers


def affine(norm: nn.BatchNorm1d) -> tuple[Array, Array]:
    """Return a batch norm in evaluation mode as gain and shift."""
    mean, variance = cast(Tensor, norm.running_mean), cast(Tensor, norm.running_var)
    gain = to_numpy(norm.weight) / np.sqrt(to_numpy(variance) + np.float32(norm.eps))
    return gain, to_numpy(norm.bias) - to_numpy(mean) * gain


def _rows(by_gate: Array) -> Array:
    """Reshape [gates, hidden, n] to [gates * hidden, n]."""
    return by_gate.reshape(-1, by_gate.shape[-1])


def to_numpy(tensor: Tensor) -> Array:
    """Return a tensor as an array on the CPU."""
    return cast(Array, tensor.detach().cpu().numpy())
