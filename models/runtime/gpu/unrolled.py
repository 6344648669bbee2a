"""Graph of an artefact for a GPU: windows of one length, aligned at their newest frames, and the recurrence unrolled.

Every node of it runs on the GPU. A folded graph (models/export/onnx_export.py) has nodes that CUDA or TensorRT lack:
the GRU with the reset gate before the product, sequences of different lengths, and shapes, which are computed on the
processor.

    [pairs of frames that are padding | pairs of the window]   -> newest step last, whatever the window's length
    all steps of the window                                    -> one row of the recurrence
    from the newest steps of the importance on, in addition    -> one row whole, and one without each tower

A step that is padding leaves the state at zero, where the recurrence begins.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.runtime.gpu.graph_editor import GraphEditor
from models.runtime.gpu.onnx_writer import write_graph
from models.runtime.gpu.recurrence import Layer, Part
from models.runtime.kernel import KernelError
from models.runtime.kernel.graph_id import GraphId
from models.runtime.kernel.onnx_file import Graph
from models.runtime.kernel.weights import dequantised, read_weights
from scaleglove.channels import CHANNELS
from scaleglove.scales import SCALES

OUTPUTS: Final = ("probabilities", "scale_importance", "embedding")
MAX_FRAMES: Final = 512
"""Of a window, six times that of the package's models: 22 nodes for each pair of frames take some milliseconds each to
prepare, and the time of a run grows with them."""

_POOL: Final = 2
"""Frames in a step."""
_OCCLUDED: Final = 1 + len(SCALES)
"""Rows for the importance: whole, and without each tower."""


def frames_of(window_frames: int) -> int:
    """Return the frames of the graph's windows: whole steps."""
    return -(-window_frames // _POOL) * _POOL


def align(windows: Sequence[NDArray[np.float32]], frames: int) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Align windows float32[n_i, 8] of at most `frames` frames as the graph takes them: `frames` float32[N, frames, 8]
    with zeros around each window, and `lengths` int64[N]."""
    lengths = np.array([len(window) for window in windows], np.int64)
    aligned = np.zeros((len(windows), frames, len(CHANNELS)), np.float32)
    for row, window in zip(aligned, windows, strict=True):
        start = frames - frames_of(len(window))
        row[start : start + len(window)] = window
    return aligned, lengths


def unroll(graph: Graph, window_frames: int) -> bytes:
    """Return the file of the graph for a GPU that answers as an artefact's graph does.

    Raises:
        KernelError: the graph is not one of this project's networks, or has longer windows.
    """
    if window_frames > MAX_FRAMES:
        raise KernelError(f"windows of {window_frames} frames are too long for a GPU; give at most {MAX_FRAMES}")
    graph_id = read_weights(graph).graph_id
    editor = GraphEditor(dequantised(graph))
    frames = frames_of(window_frames)
    steps = frames // _POOL
    recent = min(int(editor.tensors["recent_steps"].item()), steps)
    _positions(editor, frames)
    _padding(editor, steps)
    with np.errstate(all="ignore"):  # numbers that are none are found when the answers are compared
        _recurrence(editor, graph_id, steps, recent)
    inputs = {"frames": ("float32", ("batch", frames, len(CHANNELS))), "lengths": ("int64", ("batch",))}
    outputs = {name: ("float32", ("batch", name)) for name in OUTPUTS}
    return write_graph(editor.graph(OUTPUTS), inputs, outputs)


def _positions(editor: GraphEditor, frames: int) -> None:
    """Add `positions` [batch, time] of frames in their window, negative before it, and `is_valid` in the window."""
    editor.constant("all_frames", np.array(frames))
    editor.constant("frame_numbers", np.arange(frames))
    editor.constant("pool", np.array(_POOL))
    editor.node("Mul", ["steps", "pool"], "frames_with_pair")
    editor.node("Sub", ["all_frames", "frames_with_pair"], "first_frame")
    editor.node("Unsqueeze", ["first_frame", "axis_1"], "first_frame_column")
    editor.node("Sub", ["frame_numbers", "first_frame_column"], "positions")
    editor.node("Less", ["positions", editor.constant("first_position", np.array(0))], "is_before")
    editor.node("Not", ["is_before"], "has_begun")
    editor.node("Less", ["positions", "lengths_column"], "has_not_ended")
    editor.node("And", ["has_begun", "has_not_ended"], "is_valid")


def _padding(editor: GraphEditor, steps: int) -> None:
    """Add `step_is_padding` bool [steps, 1, batch, 1]."""
    editor.constant("step_numbers", np.arange(steps).reshape(-1, 1, 1, 1))
    editor.node("Sub", [editor.constant("all_steps", np.array(steps)), "steps"], "first_step")
    editor.node("Unsqueeze", ["first_step", "axis_1"], "first_step_column")
    editor.node("Less", ["step_numbers", "first_step_column"], "step_is_padding")


def _recurrence(editor: GraphEditor, graph_id: GraphId, steps: int, recent: int) -> None:
    """Add `state` [batch, hidden] and `occluded_state` [_OCCLUDED * batch, hidden]."""
    parts = _parts(editor, steps - recent, recent)
    inputs = [f"{part.name}_inputs" for part in parts]
    state = ""
    for number in range(1, graph_id.layers + 1):
        layer = Layer.of(editor, number, graph_id)
        state = ""
        for place, part in enumerate(parts):
            if state:  # the rows without a tower begin here, with nothing
                state = editor.node("Where", ["runs_on", state, "no_state"], f"{layer.name}.begun")
            states = layer.run(editor, part, inputs[place], state)
            inputs[place] = editor.node("Concat", states, f"{part.name}.{layer.name}.states", axis=0)
            state = states[-1]
    editor.split(state, ["whole_row", "occluded_rows"], 1, [1, _OCCLUDED])
    hidden = editor.constant("by_hidden", [-1, int(editor.tensors["gru_1.R"].shape[-1])])
    editor.node("Reshape", ["whole_row", hidden], "state")
    editor.node("Reshape", ["occluded_rows", hidden], "occluded_state")


def _parts(editor: GraphEditor, early: int, recent: int) -> list[Part]:
    """Add the inputs of the first layer, `{part}_inputs` [steps, copies, batch, features], and return the parts: the
    steps before those of the importance, if there are any, and these, in which the rows without a tower run along."""
    editor.node("Unsqueeze", ["states_0", "axis_1"], "inputs_by_step")
    newest, padding = "inputs_by_step", "step_is_padding"
    parts = []
    if early:
        newest = "newest_inputs_by_step"
        editor.split("inputs_by_step", ["early_inputs", newest], 0, [early, recent])
        editor.split("step_is_padding", ["early_padding", "late_padding"], 0, [early, recent])
        padding = "late_padding"
        parts.append(Part("early", early, "early_padding"))
    kept = editor.tensors["kept"]
    editor.constant("kept_by_row", np.concatenate([np.ones_like(kept[:1]), kept]))
    editor.node("Where", ["kept_by_row", newest, "pooled_mean"], "late_inputs")
    runs_on = np.zeros((1 + _OCCLUDED, 1, 1), bool)
    runs_on[0] = True
    editor.constant("runs_on", runs_on)
    editor.constant("no_state", np.array(0.0))
    return [*parts, Part("late", recent, padding)]
