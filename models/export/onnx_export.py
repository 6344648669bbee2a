"""Export to ONNX: one `GRU` node for each recurrent layer, everything else folded into as few nodes as possible.

    raw frames -> normalise, mask -> one convolution (kernels 3 and 5 zero-padded to 7; tower batch norms folded in)
    -> ReLU -> scale, shift (batch norm) -> ReLU, mask -> max pool 2 -> GRU (-> GRU) -> linear, ReLU, linear -> softmax

and, for the importance of the scales, the newest pooled steps once more through the same layers, whole and without each
tower, as four rows in place of one. models/export/folding.py folds the weights.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from models.export.folding import (
    GruLayer,
    affine,
    gru_layers,
    linear_layers,
    to_numpy,
    tower_kernels,
)
from models.networks.encoded import (
    ANGLE_WEIGHT,
    NEWEST_FRAMES,
    PITCH,
    YAW,
    Encoding,
    MSCSGRU_ScaleAware_Encoded,
    MSCSGRU_ScaleAware_Moving,
)
from models.networks.normaliser import Normaliser
from models.networks.scale_aware import (
    LEAST_EFFECT,
    RECENT_STEPS,
    Network,
    others_kept,
)
from models.runtime.artefact import Artefact
from models.runtime.contract import METADATA_KEY, ModelContract
from models.runtime.kernel.graph_id import GRAPH_KEY, GraphId
from models.runtime.kernel.onnx_file import read_graph
from scaleglove.atomic_file import atomic_write
from scaleglove.channels import CHANNELS
from scaleglove.scales import SCALES

OPSET = 17
IR_VERSION = 8

_COPIES = 1 + len(SCALES)
"""Copies of each window in the pass for the importance: whole, and without each tower."""


def export_network(network: Network, normaliser: Normaliser, contract: ModelContract, path: Path) -> None:
    """Write the artefact of a trained network; the same input writes the same bytes.

    A file at `path` is replaced only by one that `Artefact.load` accepts.

    Raises:
        ArtefactError: the network is not usable, for example because a weight is not finite.
        OSError: the file cannot be written.
    """
    model = fold(network, normaliser)
    model.metadata_props.append(onnx.StringStringEntryProto(key=METADATA_KEY, value=contract.model_dump_json()))
    onnx.checker.check_model(model, full_check=True)
    with atomic_write(path) as draft:
        draft.write_bytes(model.SerializeToString(deterministic=True))
        Artefact.load(draft)


def fold(network: Network, normaliser: Normaliser) -> onnx.ModelProto:
    """Fold a network in evaluation mode and its normaliser into one graph; docs/reference/artefact.md names inputs and
    outputs."""
    graph = _Graph()
    _normalise(graph, normaliser)
    _inputs(graph, network)
    _towers(graph, network)
    _recurrence(graph, network)
    model = graph.model()
    known = read_graph(model.SerializeToString(deterministic=True))
    model.metadata_props.append(onnx.StringStringEntryProto(key=GRAPH_KEY, value=_graph_id(network).as_json(known)))
    return model


def _graph_id(network: Network) -> GraphId:
    first = gru_layers(network)[0][-1]
    return GraphId(
        encoded=isinstance(network, MSCSGRU_ScaleAware_Encoded),
        layers=len(gru_layers(network)),
        head=len(linear_layers(network.head)),
        hard="clip" in first,
        reset_after=first["linear_before_reset"] == 1,
        embeds_state=isinstance(network, MSCSGRU_ScaleAware_Moving),
    )


class _Graph:
    """Collects nodes and constants. The names of tensors document the graph."""

    def __init__(self) -> None:
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []

    def node(self, operator: str, inputs: list[str], output: str | list[str], **attributes: Any) -> None:
        """Add a node."""
        outputs = [output] if isinstance(output, str) else output
        self._nodes.append(helper.make_node(operator, inputs, outputs, name=outputs[-1], **attributes))

    def constant(self, name: str, value: NDArray[Any] | float | list[int]) -> str:
        """Add a constant, integers from a list and float32 otherwise, and return its name."""
        array = np.array(value, np.int64) if isinstance(value, list) else np.asarray(value)
        if array.dtype.kind == "f":
            array = array.astype(np.float32)
        self._constants.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def model(self) -> onnx.ModelProto:
        """Return all of it as a model."""
        float32, int64 = TensorProto.FLOAT, TensorProto.INT64
        graph = helper.make_graph(
            self._nodes,
            "scaleglove",
            [
                helper.make_tensor_value_info("frames", float32, ["batch", "time", len(CHANNELS)]),
                helper.make_tensor_value_info("lengths", int64, ["batch"]),
            ],
            [
                helper.make_tensor_value_info("probabilities", float32, ["batch", "labels"]),
                helper.make_tensor_value_info("scale_importance", float32, ["batch", len(SCALES)]),
                helper.make_tensor_value_info("embedding", float32, ["batch", "hidden"]),
            ],
            self._constants,
        )
        opset = helper.make_opsetid("", OPSET)
        return helper.make_model(graph, opset_imports=[opset], ir_version=IR_VERSION, producer_name="scaleglove")


def _normalise(graph: _Graph, normaliser: Normaliser) -> None:
    """Add `Normaliser.apply`: `normalised_by_time` [batch, time, channels]; `valid` [batch, 1, time], zero beyond
    lengths."""
    for name in Normaliser.__slots__:
        graph.constant(f"normaliser.{name}", getattr(normaliser, name))
    graph.constant("zero", np.array(0, np.int64))
    graph.constant("one", np.array(1, np.int64))
    graph.constant("axis_1", [1])
    graph.node("Shape", ["frames"], "time", start=1, end=2)
    graph.node("Squeeze", ["time"], "time_scalar")
    graph.node("Range", ["zero", "time_scalar", "one"], "positions")
    graph.node("Unsqueeze", ["lengths", "axis_1"], "lengths_column")
    graph.node("Less", ["positions", "lengths_column"], "is_valid")
    graph.node("Cast", ["is_valid"], "valid_flat", to=TensorProto.FLOAT)
    graph.node("Unsqueeze", ["valid_flat", "axis_1"], "valid")

    graph.node("Less", ["frames", "normaliser.threshold"], "dropped")
    graph.node("Where", ["dropped", "normaliser.fill", "frames"], "filled")
    graph.node("Mul", ["filled", graph.constant("per_turn", 1 / 360)], "in_turns")
    graph.node("Add", ["in_turns", "normaliser.turn"], "from_seam")
    graph.node("Floor", ["from_seam"], "turns")
    graph.node("Mul", ["turns", "normaliser.turn_gain"], "unroll")
    graph.node("Mul", ["filled", "normaliser.gain"], "gained")
    graph.node("Add", ["gained", "normaliser.offset"], "shifted")
    graph.node("Sub", ["shifted", "unroll"], "normalised_by_time")


def _inputs(graph: _Graph, network: Network) -> None:
    """Add `inputs` [batch, features, time], zero beyond lengths: the normalised channels, or their encoding."""
    by_time = "normalised_by_time"
    if isinstance(network, MSCSGRU_ScaleAware_Encoded):
        _encode(graph, network.encoding)
        by_time = "encoded_by_time"
    graph.node("Transpose", [by_time], "inputs_unmasked", perm=[0, 2, 1])
    # The padding may contain infinities, so it is replaced, not multiplied by zero.
    graph.node("Unsqueeze", ["is_valid", "axis_1"], "is_valid_by_channel")
    graph.node("Where", ["is_valid_by_channel", "inputs_unmasked", graph.constant("nothing", 0.0)], "inputs")
    if isinstance(network, MSCSGRU_ScaleAware_Encoded):
        _newest_mean(graph)


def _encode(graph: _Graph, encoding: Encoding) -> None:
    """Add `Encoding.forward`: `encoded_by_time` [batch, time, features]."""
    turning = [graph.constant(f"turning_{end}", [channel]) for end, channel in (("start", PITCH), ("end", YAW))]
    graph.node("Slice", ["normalised_by_time", *turning, graph.constant("channel_axis", [2])], "turning")
    graph.node("Mul", ["turning", graph.constant("encoding.rate", to_numpy(encoding.rate))], "turned")
    graph.node("Add", ["turned", graph.constant("encoding.phase", to_numpy(encoding.phase))], "angle")
    graph.constant("angle_weight", ANGLE_WEIGHT)
    for function in ("Sin", "Cos"):
        graph.node(function, ["angle"], f"{function}_angle")
        graph.node("Mul", [f"{function}_angle", "angle_weight"], f"{function}_weighted")
    graph.node("Unsqueeze", ["normalised_by_time", graph.constant("last_axis", [-1])], "normalised_once")
    low, per_width = to_numpy(encoding.low), to_numpy(encoding.per_width)
    graph.node("Sub", ["normalised_once", graph.constant("encoding.low", low)], "above")
    graph.node("Mul", ["above", graph.constant("encoding.per_width", per_width)], "in_widths")
    graph.node("Clip", ["in_widths", graph.constant("bin_start", 0.0), graph.constant("bin_end", 1.0)], "by_bin")
    graph.node("Reshape", ["by_bin", graph.constant("by_feature", [0, 0, low.size])], "bins")
    graph.node("Concat", ["Sin_weighted", "Cos_weighted", "bins"], "encoded_by_time", axis=2)


def _newest_mean(graph: _Graph) -> None:
    """Add `skip` [batch, features]: the mean of the newest valid frames of `inputs`."""
    count = graph.constant("newest_count", np.array(NEWEST_FRAMES, np.int64))
    graph.node("Sub", ["lengths_column", count], "newest_start")
    graph.node("Less", ["positions", "newest_start"], "is_older")
    graph.node("Unsqueeze", ["is_older", "axis_1"], "is_older_by_channel")
    graph.node("Where", ["is_older_by_channel", "nothing", "inputs"], "newest_inputs")
    graph.node("ReduceSum", ["newest_inputs", graph.constant("axis_2", [2])], "newest_sum", keepdims=0)
    graph.node("Min", ["lengths_column", count], "newest_frames")
    graph.node("Cast", ["newest_frames"], "newest_frames_float", to=TensorProto.FLOAT)
    graph.node("Div", ["newest_sum", "newest_frames_float"], "skip")


def _towers(graph: _Graph, network: Network) -> None:
    """Add `pooled` [batch, scales * FILTERS, ceil(time / 2)], zero beyond the lengths."""
    kernel, bias = tower_kernels(network)
    graph.constant("towers.kernel", kernel)
    graph.constant("towers.bias", bias)
    margins = [max(SCALES) // 2] * 2
    graph.node("Conv", ["inputs", "towers.kernel", "towers.bias"], "towers", kernel_shape=[max(SCALES)], pads=margins)
    graph.node("Relu", ["towers"], "towers_positive")
    gain, shift = affine(network.norm)
    graph.node("Mul", ["towers_positive", graph.constant("norm.gain", gain[:, None])], "norm_gained")
    graph.node("Add", ["norm_gained", graph.constant("norm.shift", shift[:, None])], "norm_shifted")
    graph.node("Relu", ["norm_shifted"], "features_unmasked")
    graph.node("Mul", ["features_unmasked", "valid"], "features")
    graph.node("MaxPool", ["features"], "pooled", kernel_shape=[2], strides=[2], ceil_mode=1)
    # ceil(lengths / 2) steps are valid after pooling.
    graph.node("Add", ["lengths", "one"], "lengths_plus_one")
    graph.node("Div", ["lengths_plus_one", graph.constant("two", np.array(2, np.int64))], "steps")
    graph.node("Cast", ["steps"], "steps_int32", to=TensorProto.INT32)


def _recurrence(graph: _Graph, network: Network) -> None:
    """Add the constants of the recurrent layers and the head, then all that uses them."""
    layers = gru_layers(network)
    for number, (W, R, B, _) in enumerate(layers, start=1):
        for name, part in (("W", W), ("R", R), ("B", B)):
            graph.constant(f"gru_{number}.{name}", part[np.newaxis])
    head = linear_layers(network.head)
    for number, (weight, bias) in enumerate(head, start=1):
        graph.constant(f"head_{number}.weight", weight)
        graph.constant(f"head_{number}.bias", bias)
    graph.constant("axis_0", [0])
    graph.node("Transpose", ["pooled"], "states_0", perm=[2, 0, 1])
    skip = "skip" if isinstance(network, MSCSGRU_ScaleAware_Encoded) else None
    _answer(graph, layers, len(head), "", "steps_int32", skip)
    _embedding(graph, network)
    if skip:
        graph.node("Tile", [skip, graph.constant("skip_copies", [_COPIES, 1])], "occluded_skip")
        skip = "occluded_skip"
    _importance(graph, network)
    _answer(graph, layers, len(head), "occluded_", "occluded_steps", skip)
    _effects(graph, labels=len(head[-1][1]))


def _answer(  # noqa: PLR0913, PLR0917
    graph: _Graph, layers: list[GruLayer], head: int, prefix: str, steps: str, skip: str | None
) -> None:
    """Add `{prefix}state` [rows, hidden], the last valid state of the last layer, and `{prefix}probabilities` [rows,
    labels], from `{prefix}states_0` [time, rows, scales * FILTERS]; `head` is the number of its layers."""
    hidden = int(layers[0][1].shape[-1])
    for number, (*_, attributes) in enumerate(layers, start=1):
        inputs = [f"{prefix}states_{number - 1}", *(f"gru_{number}.{name}" for name in "WRB"), steps]
        last = number == len(layers)
        outputs = ["", f"{prefix}last_state"] if last else [f"{prefix}all_states_{number}", f"{prefix}state_{number}"]
        graph.node("GRU", inputs, outputs, hidden_size=hidden, **attributes)
        if not last:
            graph.node("Squeeze", [f"{prefix}all_states_{number}", "axis_1"], f"{prefix}states_{number}")
    graph.node("Squeeze", [f"{prefix}last_state", "axis_0"], f"{prefix}state")
    value = f"{prefix}state"
    if skip:
        value = f"{prefix}state_and_skip"
        graph.node("Concat", [f"{prefix}state", skip], value, axis=1)
    for number in range(1, head + 1):
        output = f"{prefix}head_{number}" if number < head else f"{prefix}logits"
        graph.node("Gemm", [value, f"head_{number}.weight", f"head_{number}.bias"], output, transB=1)
        if number < head:
            value = f"{output}_positive"
            graph.node("Relu", [output], value)
    graph.node("Softmax", [f"{prefix}logits"], f"{prefix}probabilities", axis=1)


def _embedding(graph: _Graph, network: Network) -> None:
    """Add `embedding` [batch, n]: the features in the metric."""
    metric = to_numpy(network.metric)
    features = "state"
    if isinstance(network, MSCSGRU_ScaleAware_Encoded):
        features = "embedding_features"
        graph.constant("embedding_end", [len(metric)])
        source = "state_and_skip" if isinstance(network, MSCSGRU_ScaleAware_Moving) else "skip"
        graph.node("Slice", [source, "axis_0", "embedding_end", "axis_1"], features)
    graph.node("MatMul", [features, graph.constant("metric", metric)], "embedding")


def _importance(graph: _Graph, network: Network) -> None:
    """Add `occluded_states_0`: the newest steps, whole and without each tower, as four times the batch."""
    mean = to_numpy(network.pooled_mean)
    recent_steps = graph.constant("recent_steps", np.array(RECENT_STEPS, np.int64))
    # Reversed, the newest steps are at the front of every row, whatever its length; they are cut and reversed again.
    graph.node("ReverseSequence", ["states_0", "steps"], "newest_first", time_axis=0, batch_axis=1)
    graph.node("Slice", ["newest_first", "axis_0", graph.constant("recent_end", [RECENT_STEPS])], "newest_backwards")
    graph.node("Min", ["steps", recent_steps], "steps_kept")
    graph.node("ReverseSequence", ["newest_backwards", "steps_kept"], "newest", time_axis=0, batch_axis=1)

    keep = np.concatenate([np.ones((1, mean.size), bool), others_kept().numpy()])[:, np.newaxis]
    graph.node("Unsqueeze", ["newest", "axis_1"], "newest_once")
    graph.node("Where", [graph.constant("kept", keep), "newest_once", graph.constant("pooled_mean", mean)], "occluded")
    rows = graph.constant("rows", [0, -1, mean.size])
    graph.node("Reshape", ["occluded", rows], "occluded_states_0")
    graph.node("Tile", ["steps_kept", graph.constant("copies", [_COPIES])], "occluded_steps_int64")
    graph.node("Cast", ["occluded_steps_int64"], "occluded_steps", to=TensorProto.INT32)


def _effects(graph: _Graph, labels: int) -> None:
    """Add `scale_importance` as in `explain`, from `occluded_probabilities`."""
    copies = graph.constant("by_copy", [_COPIES, -1, labels])
    graph.node("Reshape", ["occluded_probabilities", copies], "answers")
    graph.node("Split", ["answers", graph.constant("whole_and_others", [1, len(SCALES)])], ["whole", "others"], axis=0)
    graph.node("Sub", ["others", "whole"], "moved_signed")
    graph.node("ReduceL1", ["moved_signed"], "moved_twice", axes=[2], keepdims=0)
    graph.node("Transpose", ["moved_twice"], "moved_by_window", perm=[1, 0])
    graph.node("Add", ["moved_by_window", graph.constant("least_effect", 2 * LEAST_EFFECT)], "moved")
    graph.node("ReduceSum", ["moved", "axis_1"], "moved_in_all", keepdims=1)
    graph.node("Div", ["moved", "moved_in_all"], "scale_importance")
