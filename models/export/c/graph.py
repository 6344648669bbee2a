"""The network in an artefact as a chip computes it: its matrices, with biases folded where possible."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from models.adaptation.training_readings import TrainingReadings
from models.runtime.artefact import Artefact
from models.runtime.contract import ModelContract
from models.runtime.kernel import KernelError
from models.runtime.kernel.onnx_file import read_graph
from models.runtime.kernel.weights import (
    BINS,
    HIDDEN,
    TRACE,
    TURNING,
    Weights,
    dequantised,
    read_weights,
)
from scaleglove.channels import CHANNELS
from scaleglove.errors import ScaleGloveError
from scaleglove.scales import SCALES

Array = NDArray[np.float32]

TURNED: Final = 2 * TURNING
"""Sines and cosines of pitch and roll."""

_WIDEST: Final = max(SCALES)
_NORMALISER: Final = ("threshold", "fill", "turn", "gain", "offset", "turn_gain")


PANEL: Final = 8
"""Every matrix has a multiple of this number of rows and of columns: the least that a loop of the engine processes."""


class ExportError(ScaleGloveError):
    """Raised for an artefact that cannot be exported to C; the text says why."""


@dataclass(frozen=True, slots=True)
class Layer:
    """One GRU layer, gates in the order update, reset, candidate.

    `input` float32[3 * HIDDEN, n] and `state` float32[3 * HIDDEN, HIDDEN] are matrices. `bias` float32[3 * HIDDEN] is
    added to the gates. `candidate_bias` float32[HIDDEN] is multiplied by the reset gate if the reset is after the
    product, and None otherwise.
    """

    input: Array
    state: Array
    bias: Array
    candidate_bias: Array | None


@dataclass(frozen=True, slots=True)
class Encoding:
    """Encoding of the channels (models/networks/encoded.py), and its contributions to the sums of the towers."""

    low: Array
    """float32[channels, BINS], as `per_width`."""
    per_width: Array
    rate: Array
    """float32[2], as `phase`: from normalised pitch and roll to radians."""
    phase: Array
    angle_weight: float
    """Factor of sines and cosines."""
    knots: Array
    """float32[channels, BINS + 1, TRACE]: contributions at each edge of a bin; by tower its taps from the oldest frame
    on, for each its filters."""
    turned: Array
    """float32[4, TRACE]: contributions of the sines, then the cosines, of pitch and roll."""
    newest_frames: int
    """Frames of the mean in the skip connection."""


@dataclass(frozen=True, slots=True)
class Network:
    """The network in an artefact's graph."""

    contract: ModelContract
    digest: str
    hard: bool
    reset_after: bool
    normaliser: dict[str, Array]
    """By name, float32[8] each: models/networks/normaliser.py."""
    per_turn: float
    encoding: Encoding | None
    towers: tuple[Array, ...]
    """Without an encoding, by scale k: float32[FILTERS, k * channels], the taps from the oldest frame on, for each its
    channels."""
    tower_bias: Array
    norm_gain: Array
    norm_shift: Array
    """float32[scales * FILTERS] each."""
    tower_mean: Array
    """float32[scales * FILTERS]: mean output of the towers, which replaces one that is left out."""
    layers: tuple[Layer, ...]
    head: tuple[tuple[Array, Array], ...]
    """Weight [n, m] and bias [n] of each linear layer; n and m are multiples of PANEL, by zeros. Only as many of the
    last layer's outputs as there are labels count."""
    metric: Array
    """float32[n, n]: from the last state to the embedding; not in the package."""
    recent_steps: int
    least_effect: float
    readings: TrainingReadings | None
    """What the training's glove read, to which another glove is brought; None in artefacts without it."""


def read_network(path: Path) -> Network:
    """Read the network of the artefact at `path`.

    Raises:
        ArtefactError: the file is not an artefact.
        ExportError: the graph is not known.
    """
    artefact = Artefact.load(path)
    graph = read_graph(path.read_bytes())
    try:
        weights = read_weights(graph)
    except KernelError as error:
        raise ExportError(f"{path}: {error}") from None
    tensors = dequantised(graph).tensors
    graph_id = weights.graph_id
    return Network(
        contract=artefact.contract,
        digest=artefact.digest,
        hard=graph_id.hard,
        reset_after=graph_id.reset_after,
        normaliser={name: tensors[f"normaliser.{name}"] for name in _NORMALISER},
        per_turn=weights.per_turn,
        encoding=_encoding(weights) if graph_id.encoded else None,
        towers=() if graph_id.encoded else _towers(tensors["towers.kernel"]),
        tower_bias=tensors["towers.bias"],
        norm_gain=tensors["norm.gain"].ravel(),
        norm_shift=tensors["norm.shift"].ravel(),
        tower_mean=tensors["pooled_mean"],
        layers=tuple(_layer(tensors, number, graph_id.reset_after) for number in range(1, graph_id.layers + 1)),
        head=tuple(
            (_padded(tensors[f"head_{number}.weight"]), _padded(tensors[f"head_{number}.bias"]))
            for number in range(1, graph_id.head + 1)
        ),
        metric=tensors["metric"],
        recent_steps=weights.recent_steps,
        least_effect=weights.least_effect,
        readings=artefact.readings,
    )


def _encoding(weights: Weights) -> Encoding:
    vectors = {name: weights.vectors[name] for name in ("low", "per_width", "rate", "phase")}
    knots, turned = np.split(weights.trace, [len(CHANNELS) * (BINS + 1)])
    return Encoding(
        **vectors,
        angle_weight=weights.angle_weight,
        knots=knots.reshape(len(CHANNELS), BINS + 1, TRACE),
        turned=turned,
        newest_frames=weights.newest_frames,
    )


def _towers(kernel: Array) -> tuple[Array, ...]:
    """Return the kernels of the towers from that of all, [scales * FILTERS, channels, 7], without their margins."""
    found = []
    for scale, tower in zip(SCALES, np.split(kernel, len(SCALES)), strict=True):
        margin = (_WIDEST - scale) // 2
        taps = tower[:, :, margin : margin + scale]
        found.append(np.ascontiguousarray(taps.transpose(0, 2, 1)).reshape(len(tower), -1))
    return tuple(found)


def _padded(array: Array) -> Array:
    """Append zeros up to a multiple of PANEL in every direction."""
    return np.pad(array, [(0, -size % PANEL) for size in array.shape])


def _layer(tensors: dict[str, Any], number: int, reset_after: bool) -> Layer:
    inputs, state, biases = (tensors[f"gru_{number}.{name}"][0] for name in "WRB")
    bias, state_bias = np.split(biases, 2)
    candidate_bias = None
    if reset_after:
        state_bias, candidate_bias = state_bias.copy(), state_bias[2 * HIDDEN :].copy()
        state_bias[2 * HIDDEN :] = 0
    return Layer(inputs, state, bias + state_bias, candidate_bias)
