"""The graph for a GPU answers as the artefact does, and has no node that a GPU lacks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pytest
from numpy.typing import NDArray

from models.runtime.artefact import Artefact, Outputs, open_session
from models.runtime.gpu.unrolled import MAX_FRAMES, OUTPUTS, align, frames_of, unroll
from models.runtime.kernel import KernelError
from models.runtime.kernel.onnx_file import Graph, read_graph
from models.runtime.parity import TOLERANCES, tried_windows

Windows = Sequence[NDArray[np.float32]]

ON_CUDA: Final = {
    "Add": "float int64", "And": "bool", "Cast": "bool int64", "Clip": "float", "Concat": "float", "Conv": "float",
    "Cos": "float", "Div": "float int64", "Floor": "float", "Gemm": "float", "Less": "float int64", "MatMul": "float",
    "MaxPool": "float", "Min": "int64", "Mul": "float int64", "Not": "bool", "ReduceL1": "float", "ReduceSum": "float",
    "Relu": "float", "Reshape": "float", "Sigmoid": "float", "Sin": "float", "Slice": "float", "Softmax": "float",
    "Split": "float bool", "Sub": "float int64", "Tanh": "float", "Tile": "float", "Transpose": "float",
    "Squeeze": "float", "Unsqueeze": "bool float int64", "Where": "float",
}  # fmt: skip
"""Operators of the graph's opset that ONNX Runtime's CUDA provider has, and the types of their first float, integer or
boolean input (docs/OperatorKernels.md of microsoft/onnxruntime, read for 1.2x). TensorRT's parser has all of them
(docs/operators.md of onnx/onnx-tensorrt)."""


def run(data: bytes, windows: Windows, frames: int) -> Outputs:
    aligned, lengths = align(windows, frames_of(frames))
    return Outputs(*open_session(data).run(list(OUTPUTS), {"frames": aligned, "lengths": lengths}))


def graph_of(artefact: Artefact) -> Graph:
    return read_graph(artefact.read_again())


def assert_same(one: Outputs, other: Outputs) -> None:
    for name, tolerance in TOLERANCES.items():
        np.testing.assert_allclose(getattr(one, name), getattr(other, name), rtol=0, atol=tolerance, err_msg=name)


def test_windows_of_every_length_in_one_batch(artefact: Artefact) -> None:
    longest = artefact.contract.window_frames
    rng = np.random.default_rng(2)
    every = [rng.uniform(0, 900, (length, 8)).astype(np.float32) for length in range(1, longest + 1)]
    windows = [*every, *tried_windows(longest)]
    assert_same(run(unroll(graph_of(artefact), longest), windows, longest), artefact.run_windows(windows))


@pytest.mark.parametrize("frames", [1, 2, 7, 31, 32, 33, 34, 87])
def test_any_length_of_windows(frames: int, artefact_path: Any) -> None:
    """The importance is of the newest 32 frames; shorter windows have no steps before them."""
    artefact = Artefact.load(artefact_path)
    windows = tried_windows(min(frames, artefact.contract.window_frames))
    assert_same(run(unroll(graph_of(artefact), frames), windows, frames), artefact.run_windows(windows))


def test_every_node_is_one_that_a_gpu_has(artefact: Artefact) -> None:
    onnx: Any = pytest.importorskip("onnx", reason="the train extra is not installed")
    model = onnx.load_model_from_string(unroll(graph_of(artefact), artefact.contract.window_frames))
    onnx.checker.check_model(model, full_check=True)
    inferred = onnx.shape_inference.infer_shapes(model, strict_mode=True, data_prop=True).graph
    elements = {one.name: one.type.tensor_type.elem_type for one in (*inferred.value_info, *inferred.input)}
    elements |= {one.name: one.data_type for one in inferred.initializer}
    names = {onnx.TensorProto.FLOAT: "float", onnx.TensorProto.INT64: "int64", onnx.TensorProto.BOOL: "bool"}
    for node in inferred.node:
        values = [name for name in node.input if name in elements]
        first = values[1] if node.op_type == "Where" else values[0]
        assert names[elements[first]] in ON_CUDA[node.op_type].split(), node.name


def test_only_the_batch_is_of_any_size(artefact: Artefact) -> None:
    session = open_session(unroll(graph_of(artefact), artefact.contract.window_frames))
    assert {value.name: value.shape for value in session.get_inputs()} == {
        "frames": ["batch", frames_of(artefact.contract.window_frames), 8],
        "lengths": ["batch"],
    }


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 3e38])
def test_what_is_no_reading_harms_no_other_window(value: float, artefact_path: Any) -> None:
    artefact = Artefact.load(artefact_path)
    data = unroll(graph_of(artefact), 80)
    windows = tried_windows(80)[-6:]
    broken = windows[2].copy()
    broken[-20:-10] = value
    with_it = run(data, [*windows[:2], broken, *windows[3:]], 80)
    for name in OUTPUTS:
        found, expected = getattr(with_it, name), getattr(run(data, windows, 80), name)
        np.testing.assert_array_equal(np.delete(found, 2, axis=0), np.delete(expected, 2, axis=0))


def test_a_graph_of_another_kind_is_refused() -> None:
    with pytest.raises(KernelError, match="has no identifier"):
        unroll(Graph((), {}, {}), 80)


@pytest.mark.parametrize("value", [np.nan, np.inf, -3e38])
def test_weights_that_are_no_numbers_are_left_for_the_comparison(value: float, artefact_path: Any) -> None:
    graph = read_graph(artefact_path.read_bytes())
    for name in ("gru_1.W", "gru_1.R", "gru_1.B"):
        graph.tensors[name][0, 0] = value
    assert unroll(graph, 80)


def test_windows_that_would_unroll_to_thousands_of_nodes_are_refused(artefact_path: Any) -> None:
    graph = read_graph(artefact_path.read_bytes())
    with pytest.raises(KernelError, match=f"windows of {MAX_FRAMES + 1} frames are too long"):
        unroll(graph, MAX_FRAMES + 1)


def test_windows_are_aligned_at_their_newest_step() -> None:
    aligned, lengths = align([np.full((length, 8), length, np.float32) for length in (1, 2, 3, 4)], 4)
    assert lengths.tolist() == [1, 2, 3, 4]
    assert aligned[:, :, 0].tolist() == [[0, 0, 1, 0], [0, 0, 2, 2], [3, 3, 3, 0], [4, 4, 4, 4]]
