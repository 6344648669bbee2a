"""Unrolled steps compute what ONNX's GRU does."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from models.runtime.artefact import open_session
from models.runtime.gpu.graph_editor import GraphEditor
from models.runtime.gpu.onnx_writer import write_graph
from models.runtime.gpu.recurrence import Layer, Part
from models.runtime.kernel.graph_id import GraphId
from models.runtime.kernel.onnx_file import Attribute, Graph, Node

Tensors = dict[str, NDArray[Any]]

HARD: dict[str, Attribute] = {
    "activations": ("HardSigmoid", "Affine"),
    "activation_alpha": (0.5, 1.0),
    "activation_beta": (0.5, 0.0),
    "clip": 1.0,
}


def weights(rng: np.random.Generator, inputs: int, hidden: int) -> Tensors:
    shapes = {"W": (1, 3 * hidden, inputs), "R": (1, 3 * hidden, hidden), "B": (1, 6 * hidden)}
    return {f"gru_1.{name}": rng.normal(0, 1, shape).astype(np.float32) for name, shape in shapes.items()}


def gru(tensors: Tensors, x: NDArray[np.float32], *, hard: bool, reset_after: bool) -> NDArray[np.float32]:
    """Return the states [steps, rows, hidden] of ONNX's own GRU, which begins with zeros."""
    hidden = tensors["gru_1.R"].shape[-1]
    attributes: dict[str, Attribute] = {"hidden_size": hidden, "linear_before_reset": int(reset_after)}
    attributes |= HARD if hard else {}
    node = Node("GRU", ("x", "gru_1.W", "gru_1.R", "gru_1.B"), ("y",), attributes)
    inputs = {"x": ("float32", x.shape)}
    session = open_session(write_graph(Graph((node,), tensors, {}), inputs, {"y": ("float32", ("s", "d", "r", "h"))}))
    states: NDArray[np.float32] = session.run(["y"], {"x": x})[0][:, 0]
    return states


def unrolled(
    tensors: Tensors, x: NDArray[np.float32], padding: NDArray[np.bool_], lengths: list[int], **form: bool
) -> NDArray[np.float32]:
    """Return the states of the unrolled layer, which runs parts of these lengths one after the other."""
    editor = GraphEditor(Graph((), tensors, {}))
    layer = Layer.of(editor, 1, GraphId(encoded=False, layers=1, head=1, **form))
    states: list[str] = []
    start = 0
    for number, length in enumerate(lengths):
        part = slice(start, start + length)
        inputs = editor.constant(f"x{number}", x[part, np.newaxis])
        hides = editor.constant(f"padding{number}", padding[part, np.newaxis, :, np.newaxis])
        states += layer.run(editor, Part(f"part{number}", length, hides), inputs, states[-1] if states else "")
        start += length
    editor.node("Concat", states, "y", axis=0)
    session = open_session(write_graph(editor.graph(["y"]), {}, {"y": ("float32", ("s", "c", "r", "h"))}))
    found: NDArray[np.float32] = session.run(["y"], {})[0][:, 0]
    return found


@settings(max_examples=30)
@given(
    seed=st.integers(0, 2**32 - 1),
    hidden=st.integers(1, 5),
    rows=st.integers(1, 3),
    lengths=st.lists(st.integers(1, 4), min_size=1, max_size=3),
    hard=st.booleans(),
    reset_after=st.booleans(),
)
def test_any_split_of_a_sequence(
    seed: int, hidden: int, rows: int, lengths: list[int], hard: bool, reset_after: bool
) -> None:
    rng = np.random.default_rng(seed)
    tensors = weights(rng, 3, hidden)
    x = rng.normal(0, 2, (sum(lengths), rows, 3)).astype(np.float32)
    form = {"hard": hard, "reset_after": reset_after}
    found = unrolled(tensors, x, np.zeros(x.shape[:2], bool), lengths, **form)
    np.testing.assert_allclose(found, gru(tensors, x, **form), rtol=0, atol=2e-6)


@pytest.mark.parametrize("hard", [False, True])
@pytest.mark.parametrize("reset_after", [False, True])
def test_a_sequence_begins_after_its_padding_whatever_that_holds(hard: bool, reset_after: bool) -> None:
    rng = np.random.default_rng(1)
    tensors = weights(rng, 3, 4)
    x = rng.normal(0, 2, (7, 3, 3)).astype(np.float32)
    begins = np.array([0, 3, 6])
    padding = np.arange(7)[:, np.newaxis] < begins
    x[padding] = np.nan
    form = {"hard": hard, "reset_after": reset_after}
    found = unrolled(tensors, x, padding, [2, 5], **form)
    for row, begin in enumerate(begins):
        assert not found[:begin, row].any()
        alone = gru(tensors, x[begin:, row : row + 1], **form)
        np.testing.assert_allclose(found[begin:, row], alone[:, 0], rtol=0, atol=2e-6)
