"""Nodes may be added in any order; what nothing needs is left out."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from models.runtime.gpu.graph_editor import GraphEditor
from models.runtime.kernel.onnx_file import Graph, Node

EMPTY = Graph((), {}, {})


@given(order=st.permutations(range(8)), needs=st.lists(st.integers(0, 7), min_size=8, max_size=8))
def test_nodes_run_after_what_they_need(order: list[int], needs: list[int]) -> None:
    editor = GraphEditor(EMPTY)
    for number in order:
        earlier = [f"t{number - 1}", f"t{min(needs[number], number - 1)}"] if number else ["x"]
        editor.node("Add", earlier, f"t{number}")
    made = {"x"}
    for node in editor.graph(["t7"]).nodes:
        assert set(node.inputs) <= made
        made |= set(node.outputs)
    assert "t7" in made


def test_another_producer_replaces_the_former_one_and_what_only_that_needed() -> None:
    shape = Node("Shape", ("x",), ("shape",), {})
    old, last = Node("Range", ("shape", "step"), ("positions",), {}), Node("Add", ("positions", "one"), ("y",), {})
    tensors = {"step": np.array(1), "one": np.array(1), "unused": np.array(2)}
    editor = GraphEditor(Graph((shape, old, last), tensors, {"key": "value"}))
    editor.node("Sub", ["x", editor.constant("first", [3])], "positions")
    found = editor.graph(["y"])
    assert [node.operator for node in found.nodes] == ["Sub", "Add"]
    assert set(found.tensors) == {"first", "one"}
    assert found.metadata == {}


def test_a_long_sequence_is_no_recursion() -> None:
    editor = GraphEditor(EMPTY)
    for number in range(5000):
        editor.node("Identity", [f"t{number}"], f"t{number + 1}")
    assert len(editor.graph(["t5000"]).nodes) == 5000


def test_constants_are_float32_int64_or_bool() -> None:
    editor = GraphEditor(EMPTY)
    for name, value in (("float", np.array(0.5)), ("int", [1, 2]), ("bool", np.array([True]))):
        editor.constant(name, value)
    assert [array.dtype.name for array in editor.tensors.values()] == ["float32", "int64", "bool"]
