"""Weights of an artefact's graph as the arrays of kernel.h."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from models.runtime.kernel.graph_id import GraphId, UnknownGraphError, identify
from models.runtime.kernel.onnx_file import Graph, Node
from scaleglove.channels import CHANNELS
from scaleglove.scales import SCALES

Array = NDArray[np.float32]

BINS: Final = 16
FILTERS: Final = 32
HIDDEN: Final = 64
PANEL: Final = HIDDEN
TURNING: Final = 2
TRACE: Final = sum(SCALES) * FILTERS
"""Columns of a frame's trace: every filter of every tap of every tower."""

_NORMALISER: Final = ("threshold", "fill", "turn", "gain", "offset", "turn_gain")
_ENCODING: Final = {
    "low": (len(CHANNELS), BINS), "per_width": (len(CHANNELS), BINS), "rate": (TURNING,), "phase": (TURNING,),
}  # fmt: skip
MAX_FRAMES: Final = 4096
MAX_WIDTH: Final = 4096
"""As in kernel.h: sizes up to which the kernel computes places in its memory without overflow."""

_WIDEST: Final = max(SCALES)
_POOLED: Final = FILTERS * len(SCALES)
_EDGE_TOLERANCE: Final = 1e-4
"""Largest gap between the end of a bin and the start of the next, due to rounding, in units of the bin's width."""


@dataclass(frozen=True, slots=True)
class Linear:
    """Layer y = W x + b: `weight` float32[panels, inputs, PANEL], `bias` float32[outputs], padded with zeros."""

    weight: Array
    bias: Array
    inputs: int
    outputs: int


@dataclass(frozen=True, slots=True)
class Recurrent:
    """Recurrent layer."""

    state: Linear
    inputs: tuple[Linear, ...]
    """By tower in the first layer; one in later layers."""


@dataclass(frozen=True, slots=True)
class Weights:
    """Weights of `struct model` in kernel.h."""

    graph_id: GraphId
    features: int
    traits: int
    labels: int
    newest_frames: int
    recent_steps: int
    per_turn: float
    angle_weight: float
    least_effect: float
    trace: Array
    """float32[rows, TRACE]: contribution of a feature, or knot, of one frame to all towers around it."""
    left_out: Array
    """float32[towers, gates]: input of the first layer from a tower's mean."""
    layers: tuple[Recurrent, ...]
    head: tuple[Linear, ...]
    metric: Linear
    vectors: dict[str, Array]
    """By name in kernel.h: the normaliser, the encoding, and bias and batch norm of the towers."""


class _Tensors(dict[str, Any]):
    """Constants by name; a missing one is named."""

    def __missing__(self, name: str) -> Any:
        raise UnknownGraphError(f"the graph lacks the constant {name}")


def read_weights(graph: Graph) -> Weights:
    """Read the weights from a graph.

    Raises:
        UnknownGraphError: the kernel does not compute the graph.
    """
    try:
        with np.errstate(all="ignore"):  # numbers that are none are found when the kernel is compared
            return _read_weights(graph)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise UnknownGraphError(f"the graph's constants are not those of this family: {error}") from None


def _read_weights(graph: Graph) -> Weights:
    graph = dequantised(graph)
    graph_id = identify(graph)
    tensors = _Tensors(graph.tensors)
    _check_constants(tensors, graph_id)
    layers = tuple(_recurrent(tensors, number, graph_id) for number in range(1, graph_id.layers + 1))
    head = tuple(
        linear(tensors[f"head_{number}.weight"], tensors[f"head_{number}.bias"])
        for number in range(1, graph_id.head + 1)
    )
    return Weights(
        graph_id=graph_id,
        features=tensors["towers.kernel"].shape[1],
        traits=len(tensors["metric"]),
        labels=len(tensors[f"head_{graph_id.head}.bias"]),
        newest_frames=int(_scalar(tensors, "newest_count")),
        recent_steps=int(_scalar(tensors, "recent_steps")),
        per_turn=_scalar(tensors, "per_turn"),
        angle_weight=_scalar(tensors, "angle_weight"),
        least_effect=_scalar(tensors, "least_effect"),
        trace=_knots(tensors) if graph_id.encoded else trace_rows(tensors["towers.kernel"]),
        left_out=_left_out(tensors, layers[0]),
        layers=layers,
        head=head,
        metric=linear(tensors["metric"].T, np.zeros(len(tensors["metric"]), np.float32)),
        vectors=_vectors(tensors, graph_id),
    )


def dequantised(graph: Graph) -> Graph:
    """Return the graph with float32 weights in place of `DequantizeLinear` nodes and their INT8 weights."""
    tensors = dict(graph.tensors)
    kept: list[Node] = []
    for node in graph.nodes:
        if node.operator != "DequantizeLinear":
            kept.append(node)
            continue
        integers, scale = (tensors[name] for name in node.inputs)
        axis = node.attributes["axis"]
        shape = [-1 if place == axis else 1 for place in range(integers.ndim)]
        tensors[node.outputs[0]] = integers.astype(np.float32) * scale.reshape(shape)
    return replace(graph, nodes=tuple(kept), tensors=tensors)


def linear(weight: Array, bias: Array) -> Linear:
    """Make a layer of weight [outputs, inputs] and bias [outputs]."""
    outputs, inputs = weight.shape
    panels = -(-outputs // PANEL)
    padded = np.zeros((panels * PANEL, inputs), np.float32)
    padded[:outputs] = weight
    padded_bias = np.zeros(panels * PANEL, np.float32)
    padded_bias[:outputs] = bias
    return Linear(padded.reshape(panels, PANEL, inputs).transpose(0, 2, 1), padded_bias, inputs, panels * PANEL)


def trace_rows(kernel: Array) -> Array:
    """Return the rows [features, TRACE] of the kernel [towers * FILTERS, features, 7] of all towers: by tower its taps
    from the oldest frame on, for each its filters."""
    columns = []
    for number, (scale, tower) in enumerate(zip(SCALES, np.split(kernel, len(SCALES)), strict=True)):
        margin = (_WIDEST - scale) // 2
        if margin and (tower[:, :, :margin].any() or tower[:, :, -margin:].any()):
            raise UnknownGraphError(f"tower {number} of the graph is wider than {scale} frames")
        columns += [tower[:, :, tap].T for tap in range(margin, margin + scale)]
    return np.concatenate(columns, axis=1)


def _knots(tensors: dict[str, Any]) -> Array:
    """Return the 17 knots of each channel, from all bins 0 to all bins 1; then the rows of sines and cosines."""
    low, width = tensors["encoding.low"], 1 / tensors["encoding.per_width"]
    if (np.abs(low[:, :-1] + width[:, :-1] - low[:, 1:]) > _EDGE_TOLERANCE * width[:, :-1]).any():
        raise UnknownGraphError("the encoding's bins are not contiguous")
    rows = trace_rows(tensors["towers.kernel"]).astype(np.float64)
    turning, bins = rows[: 2 * TURNING], rows[2 * TURNING :].reshape(len(CHANNELS), BINS, -1)
    sums = np.concatenate([np.zeros_like(bins[:, :1]), bins.cumsum(axis=1)], axis=1)
    return np.concatenate([sums.reshape(-1, sums.shape[-1]), turning]).astype(np.float32)


def _recurrent(tensors: dict[str, Any], number: int, graph_id: GraphId) -> Recurrent:
    W, R, B = (tensors[f"gru_{number}.{name}"][0] for name in "WRB")
    bias, state_bias = np.split(B, 2)
    added = state_bias.copy()
    if graph_id.reset_after:
        added[2 * HIDDEN :] = 0  # the candidate's is inside the reset gate
    inputs = np.split(W, len(SCALES), axis=1) if number == 1 else [W]
    biases = [bias + added, *[np.zeros_like(bias)] * (len(inputs) - 1)]
    return Recurrent(linear(R, state_bias), tuple(map(linear, inputs, biases)))


def _left_out(tensors: dict[str, Any], first: Recurrent) -> Array:
    """Return the output of each tower's part of the first layer for the tower's mean."""
    parts = np.split(tensors["gru_1.W"][0].astype(np.float64), len(SCALES), axis=1)
    means = np.split(tensors["pooled_mean"], len(SCALES))
    given = [W @ mean + one.bias for W, mean, one in zip(parts, means, first.inputs, strict=True)]
    return np.stack(given).astype(np.float32)


def _vectors(tensors: dict[str, Any], graph_id: GraphId) -> dict[str, Array]:
    normaliser = {name: tensors[f"normaliser.{name}"] for name in _NORMALISER}
    encoding = {name: tensors[f"encoding.{name}"] for name in _ENCODING} if graph_id.encoded else {}
    towers = {
        "tower_bias": tensors["towers.bias"], "norm_gain": tensors["norm.gain"], "norm_shift": tensors["norm.shift"],
    }  # fmt: skip
    return normaliser | encoding | towers


def _scalar(tensors: dict[str, Any], name: str) -> float:
    """Return a scalar; zero if it is missing, as those of the encoding are in other graphs."""
    if name not in tensors:
        return 0.0
    if tensors[name].size != 1:
        raise UnknownGraphError(f"the graph's {name} has shape {list(tensors[name].shape)}; it is one number")
    return float(tensors[name].item())


def _check_constants(tensors: dict[str, Any], graph_id: GraphId) -> None:
    """Check all that C reads, so that it never reads beyond an array."""
    channels = len(CHANNELS)
    features = 2 * TURNING + channels * BINS if graph_id.encoded else channels
    labels = tensors[f"head_{graph_id.head}.bias"].size
    gates = 3 * HIDDEN
    shapes: dict[str, tuple[int, ...]] = {
        "towers.kernel": (_POOLED, features, _WIDEST), "towers.bias": (_POOLED,), "norm.gain": (_POOLED, 1),
        "norm.shift": (_POOLED, 1), "pooled_mean": (_POOLED,), "kept": (1 + len(SCALES), 1, _POOLED),
        **{f"normaliser.{name}": (channels,) for name in _NORMALISER},
    }  # fmt: skip
    if labels < 1:
        raise UnknownGraphError("the graph names no label")
    if graph_id.encoded:
        shapes |= {f"encoding.{name}": shape for name, shape in _ENCODING.items()}
    for number in range(1, graph_id.layers + 1):
        inputs = _POOLED if number == 1 else HIDDEN
        shapes |= {f"gru_{number}.W": (1, gates, inputs), f"gru_{number}.R": (1, gates, HIDDEN)}
        shapes |= {f"gru_{number}.B": (1, 2 * gates)}
    inputs = HIDDEN + (features if graph_id.encoded else 0)
    for number in range(1, graph_id.head + 1):
        outputs = labels if number == graph_id.head else tensors[f"head_{number}.bias"].size
        shapes |= {f"head_{number}.weight": (outputs, inputs), f"head_{number}.bias": (outputs,)}
        inputs = outputs
    traits = features - BINS if graph_id.encoded else HIDDEN
    traits += HIDDEN if graph_id.embeds_state else 0
    shapes |= {"metric": (traits, traits)}
    for name, shape in shapes.items():
        if max(shape) > MAX_WIDTH:
            raise UnknownGraphError(f"the graph's {name} is wider than {MAX_WIDTH}")
        if tensors[name].shape != shape:
            raise UnknownGraphError(f"the graph's {name} has shape {list(tensors[name].shape)}, not {list(shape)}")
    for name in ("recent_steps", *(["newest_count"] if graph_id.encoded else [])):
        if not 1 <= _scalar(tensors, name) <= MAX_FRAMES:
            raise UnknownGraphError(f"the graph's {name} is {tensors[name].tolist()}, not 1 to {MAX_FRAMES}")
    for name, array in tensors.items():
        if array.dtype.kind == "i" and array.size and not -MAX_FRAMES <= array.min() <= array.max() <= MAX_FRAMES:
            raise UnknownGraphError(f"the graph's {name} has a number beyond {MAX_FRAMES}")
    others_kept = 1 - np.repeat(np.eye(len(SCALES)), FILTERS, axis=1)
    if not np.array_equal(tensors["kept"][:, 0], np.concatenate([np.ones((1, _POOLED)), others_kept])):
        raise UnknownGraphError("the graph's kept does not leave out one tower after the other")
