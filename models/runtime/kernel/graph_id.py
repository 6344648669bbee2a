"""The graphs that the kernel computes, node by node, as models/export/onnx_export.py writes them.

A graph with one node more, less or other is another network, and is left to ONNX Runtime.
"""

from __future__ import annotations

from dataclasses import dataclass

from models.runtime.kernel import KernelError
from models.runtime.kernel.onnx_file import Graph, Node
from scaleglove.channels import CHANNELS
from scaleglove.letters import SCALES

_NORMALISED = """
Shape(frames) -> time [end=2 start=1]
Squeeze(time) -> time_scalar
Range(zero, time_scalar, one) -> positions
Unsqueeze(lengths, axis_1) -> lengths_column
Less(positions, lengths_column) -> is_valid
Cast(is_valid) -> valid_flat [to=1]
Unsqueeze(valid_flat, axis_1) -> valid
Less(frames, normaliser.threshold) -> dropped
Where(dropped, normaliser.fill, frames) -> filled
Mul(filled, per_turn) -> in_turns
Add(in_turns, normaliser.turn) -> from_seam
Floor(from_seam) -> turns
Mul(turns, normaliser.turn_gain) -> unroll
Mul(filled, normaliser.gain) -> gained
Add(gained, normaliser.offset) -> shifted
Sub(shifted, unroll) -> normalised_by_time
"""

_ENCODED = """
Slice(normalised_by_time, turning_start, turning_end, channel_axis) -> turning
Mul(turning, encoding.rate) -> turned
Add(turned, encoding.phase) -> angle
Sin(angle) -> Sin_angle
Mul(Sin_angle, angle_weight) -> Sin_weighted
Cos(angle) -> Cos_angle
Mul(Cos_angle, angle_weight) -> Cos_weighted
Unsqueeze(normalised_by_time, last_axis) -> normalised_once
Sub(normalised_once, encoding.low) -> above
Mul(above, encoding.per_width) -> in_widths
Clip(in_widths, bin_start, bin_end) -> by_bin
Reshape(by_bin, by_feature) -> bins
Concat(Sin_weighted, Cos_weighted, bins) -> encoded_by_time [axis=2]
Sub(lengths_column, newest_count) -> newest_start
Less(positions, newest_start) -> is_older
Unsqueeze(is_older, axis_1) -> is_older_by_channel
Where(is_older_by_channel, nothing, inputs) -> newest_inputs
ReduceSum(newest_inputs, axis_2) -> newest_sum [keepdims=0]
Min(lengths_column, newest_count) -> newest_frames
Cast(newest_frames) -> newest_frames_float [to=1]
Div(newest_sum, newest_frames_float) -> beside
Slice(beside, axis_0, traits_end, axis_1) -> traits
MatMul(traits, metric) -> embedding
Tile(beside, beside_copies) -> occluded_beside
"""

_PLAIN = """
MatMul(state, metric) -> embedding
"""

_TOWERS = """
Transpose({by_time}) -> inputs_unmasked [perm=(0, 2, 1)]
Unsqueeze(is_valid, axis_1) -> is_valid_by_channel
Where(is_valid_by_channel, inputs_unmasked, nothing) -> inputs
Conv(inputs, towers.kernel, towers.bias) -> towers [kernel_shape=(7,) pads=(3, 3)]
Relu(towers) -> towers_positive
Mul(towers_positive, norm.gain) -> norm_gained
Add(norm_gained, norm.shift) -> norm_shifted
Relu(norm_shifted) -> features_unmasked
Mul(features_unmasked, valid) -> features
MaxPool(features) -> pooled [ceil_mode=1 kernel_shape=(2,) strides=(2,)]
Add(lengths, one) -> lengths_plus_one
Div(lengths_plus_one, two) -> steps
Cast(steps) -> steps_int32 [to=6]
Transpose(pooled) -> states_0 [perm=(2, 0, 1)]
"""

_IMPORTANCE = """
ReverseSequence(states_0, steps) -> newest_first [batch_axis=1 time_axis=0]
Slice(newest_first, axis_0, recent_end) -> newest_backwards
Min(steps, recent_steps) -> steps_kept
ReverseSequence(newest_backwards, steps_kept) -> newest [batch_axis=1 time_axis=0]
Unsqueeze(newest, axis_1) -> newest_once
Where(kept, newest_once, pooled_mean) -> occluded
Reshape(occluded, rows) -> occluded_states_0
Tile(steps_kept, copies) -> occluded_steps_int64
Cast(occluded_steps_int64) -> occluded_steps [to=6]
Reshape(occluded_probabilities, by_copy) -> answers
Split(answers, whole_and_others) -> whole, others [axis=0]
Sub(others, whole) -> moved_signed
ReduceL1(moved_signed) -> moved_twice [axes=(2,) keepdims=0]
Transpose(moved_twice) -> moved_by_window [perm=(1, 0)]
Add(moved_by_window, least_effect) -> moved
ReduceSum(moved, axis_1) -> moved_in_all [keepdims=1]
Div(moved, moved_in_all) -> scale_importance
"""

_GRU_SOFT = "hidden_size=64 linear_before_reset={reset_after}"
_GRU_HARD = (
    "activation_alpha=(0.5, 1.0) activation_beta=(0.5, 0.0) activations=('HardSigmoid', 'Affine') clip=1.0 "
    "hidden_size=64 linear_before_reset=0"
)


class UnknownGraphError(KernelError):
    """A graph that the kernel does not compute; the text says where it differs."""


@dataclass(frozen=True, slots=True)
class Structure:
    """Which of the known graphs."""

    encoded: bool
    layers: int
    head: int
    hard: bool
    reset_after: bool


def recognise(graph: Graph) -> Structure:
    """Which of the known graphs this is.

    Raises:
        UnknownGraphError: none of them.
    """
    found = {_as_text(node) for node in graph.nodes}
    first_gru = next((node for node in graph.nodes if node.operator == "GRU"), None)
    if first_gru is None:
        raise UnknownGraphError("the graph has no GRU node")
    structure = Structure(
        encoded="encoding.low" in graph.tensors,
        layers=sum(f"gru_{number}.W" in graph.tensors for number in (1, 2)),
        head=sum(f"head_{number}.weight" in graph.tensors for number in (1, 2, 3)),
        hard="clip" in first_gru.attributes,
        reset_after=first_gru.attributes.get("linear_before_reset", 0) == 1,
    )
    known = set(_known_nodes(structure))
    for what, nodes in (("has the unknown node", found - known), ("lacks the node", known - found)):
        if nodes:
            raise UnknownGraphError(f"the graph {what} {min(nodes)}")
    missing = {name for node in graph.nodes for name in node.inputs} - _made(graph)
    if missing:
        raise UnknownGraphError(f"the graph lacks the constant {min(missing)}")
    _check_constants(graph, structure)
    return structure


def _made(graph: Graph) -> set[str]:
    """All tensors: inputs, constants and what nodes give."""
    return {"frames", "lengths", *graph.tensors, *(name for node in graph.nodes for name in node.outputs)}


def _as_text(node: Node) -> str:
    attributes = " ".join(f"{name}={value!r}" for name, value in sorted(node.attributes.items()))
    text = f"{node.operator}({', '.join(node.inputs)}) -> {', '.join(node.outputs)}"
    return f"{text} [{attributes}]" if attributes else text


def _known_nodes(structure: Structure) -> list[str]:
    by_time = "encoded_by_time" if structure.encoded else "normalised_by_time"
    parts = [_NORMALISED, _ENCODED if structure.encoded else _PLAIN, _TOWERS.format(by_time=by_time), _IMPORTANCE]
    nodes = [line for part in parts for line in part.strip().splitlines()]
    for prefix, steps in (("", "steps_int32"), ("occluded_", "occluded_steps")):
        nodes += _known_answer(structure, prefix, steps)
    return nodes


def _known_answer(structure: Structure, prefix: str, steps: str) -> list[str]:
    """From `{prefix}states_0` to `{prefix}probabilities`."""
    nodes = []
    attributes = _GRU_HARD if structure.hard else _GRU_SOFT.format(reset_after=int(structure.reset_after))
    for number in range(1, structure.layers + 1):
        weights = ", ".join(f"gru_{number}.{name}" for name in "WRB")
        last = number == structure.layers
        outputs = f", {prefix}last_state" if last else f"{prefix}all_states_{number}, {prefix}state_{number}"
        nodes.append(f"GRU({prefix}states_{number - 1}, {weights}, {steps}) -> {outputs} [{attributes}]")
        if not last:
            nodes.append(f"Squeeze({prefix}all_states_{number}, axis_1) -> {prefix}states_{number}")
    nodes.append(f"Squeeze({prefix}last_state, axis_0) -> {prefix}state")
    value = f"{prefix}state"
    if structure.encoded:
        nodes.append(f"Concat({prefix}state, {prefix}beside) -> {prefix}state_and_beside [axis=1]")
        value = f"{prefix}state_and_beside"
    for number in range(1, structure.head + 1):
        output = f"{prefix}head_{number}" if number < structure.head else f"{prefix}logits"
        nodes.append(f"Gemm({value}, head_{number}.weight, head_{number}.bias) -> {output} [transB=1]")
        if number < structure.head:
            value = f"{output}_positive"
            nodes.append(f"Relu({output}) -> {value}")
    return [*nodes, f"Softmax({prefix}logits) -> {prefix}probabilities [axis=1]"]


def _check_constants(graph: Graph, structure: Structure) -> None:
    """Those that say how the nodes work rather than what the network has learnt."""
    pooled = len(graph.tensors["pooled_mean"])
    known: dict[str, list[float]] = {
        "zero": [0], "one": [1], "two": [2], "axis_0": [0], "axis_1": [1], "nothing": [0],
        "copies": [1 + len(SCALES)], "rows": [0, -1, pooled], "whole_and_others": [1, len(SCALES)],
        "recent_end": graph.tensors["recent_steps"].ravel().tolist(),
        "by_copy": [1 + len(SCALES), -1, len(graph.tensors[f"head_{structure.head}.bias"])],
    }  # fmt: skip
    if structure.encoded:
        pitch = CHANNELS.index("pitch")
        known |= {
            "turning_start": [pitch], "turning_end": [CHANNELS.index("yaw")], "channel_axis": [2], "last_axis": [-1],
            "bin_start": [0], "bin_end": [1], "by_feature": [0, 0, graph.tensors["encoding.low"].size], "axis_2": [2],
            "traits_end": [len(graph.tensors["metric"])], "beside_copies": [1 + len(SCALES), 1],
        }  # fmt: skip
    for name in ("recent_steps", *(["newest_count"] if structure.encoded else [])):
        if graph.tensors[name].size != 1 or graph.tensors[name].item() < 1:
            raise UnknownGraphError(f"the graph's constant {name} is {graph.tensors[name].tolist()}, not 1 or more")
    for name, expected in known.items():
        if graph.tensors[name].ravel().tolist() != expected:
            raise UnknownGraphError(f"the graph's constant {name} is {graph.tensors[name].tolist()}, not {expected}")
