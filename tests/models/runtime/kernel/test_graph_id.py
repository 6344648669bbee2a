"""What the kernel computes and what it leaves to ONNX Runtime, in words."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models.runtime.kernel.graph_id import UnknownGraphError
from models.runtime.kernel.onnx_file import Graph, read_graph
from models.runtime.kernel.weights import read_weights
from tests.models.runtime.kernel.conftest import ARTEFACTS


@pytest.fixture(scope="module")
def graph(artefact_path: Path) -> Graph:
    return read_graph(artefact_path.read_bytes())


@pytest.mark.parametrize("path", ARTEFACTS, ids=lambda path: path.stem)
def test_all_that_is_shipped_is_known(path: Path) -> None:
    structure = read_weights(read_graph(path.read_bytes())).structure
    assert structure.encoded is ("Encoded" in path.stem)
    assert structure.hard is path.stem.endswith("ScaleHard")
    assert structure.reset_after is (path.stem == "MSCSGRU")
    assert structure.layers == (1 if path.stem == "MSCGRU_ScaleAware" else 2)


def test_node_of_another_kind_is_named(graph: Graph) -> None:
    nodes = tuple(
        replace(node, operator="Elu") if node.outputs == ("towers_positive",) else node for node in graph.nodes
    )
    with pytest.raises(UnknownGraphError, match=r"unknown node Elu\(towers\) -> towers_positive"):
        read_weights(replace(graph, nodes=nodes))


def test_node_that_is_missing_is_named(graph: Graph) -> None:
    nodes = tuple(node for node in graph.nodes if node.operator != "MaxPool")
    with pytest.raises(UnknownGraphError, match=r"lacks the node MaxPool"):
        read_weights(replace(graph, nodes=nodes))


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("two", np.array([3]), "constant two is [3], not [2]"),
        ("towers.kernel", np.ones((96, 132, 5), np.float32), "towers.kernel has shape [96, 132, 5], not [96, 132, 7]"),
        ("towers.kernel", np.ones((96, 132, 7), np.float32), "tower 0 of the graph is wider than 3 frames"),
        ("gru_2.R", np.ones((1, 96, 32), np.float32), "gru_2.R has shape [1, 96, 32], not [1, 192, 64]"),
        ("head_2.weight", np.ones((192, 5), np.float32), "head_2.weight has shape [192, 5], not [192, 192]"),
        ("encoding.low", np.zeros((8, 16), np.float32), "the encoding's bins do not lie side by side"),
        ("kept", np.ones((4, 1, 96), bool), "kept does not leave out one tower after the other"),
        ("recent_steps", np.array([0]), "recent_steps is [0]"),
    ],
)
def test_constant_of_another_kind_is_named(graph: Graph, name: str, value: np.ndarray, said: str) -> None:
    with pytest.raises(UnknownGraphError) as raised:
        read_weights(replace(graph, tensors=graph.tensors | {name: value}))
    assert said in str(raised.value)


def test_constant_that_is_missing_is_named(graph: Graph) -> None:
    tensors = {name: array for name, array in graph.tensors.items() if name != "norm.shift"}
    with pytest.raises(UnknownGraphError, match=r"lacks the constant norm\.shift"):
        read_weights(replace(graph, tensors=tensors))
