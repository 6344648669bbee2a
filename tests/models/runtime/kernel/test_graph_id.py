"""Identifiers of graphs, and the graphs that the kernel refuses."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models.runtime.artefact import Artefact
from models.runtime.kernel import KernelError
from models.runtime.kernel.graph_id import GRAPH_KEY, UnknownGraphError, identify
from models.runtime.kernel.kernel import Kernel
from models.runtime.kernel.onnx_file import Graph, read_graph
from models.runtime.kernel.weights import dequantised, read_weights
from tests.conftest import ROOT
from tests.models.runtime.kernel.conftest import ARTEFACTS


@pytest.fixture(scope="module")
def graph(artefact_path: Path) -> Graph:
    return read_graph(artefact_path.read_bytes())


@pytest.mark.parametrize("path", ARTEFACTS, ids=lambda path: path.stem)
def test_all_that_is_shipped_is_known(path: Path) -> None:
    graph_id = read_weights(read_graph(path.read_bytes())).graph_id
    network = Artefact.load(path).contract.provenance.recipe["model"]
    assert graph_id.encoded is (network in {"MSCSGRU_ScaleAware_Encoded", "MSCSGRU_ScaleAware_Moving"})
    assert graph_id.hard is (network == "MSCSGRU_ScaleHard")
    assert graph_id.reset_after is (network == "MSCSGRU")
    assert graph_id.layers == (1 if network == "MSCGRU_ScaleAware" else 2)


@pytest.mark.parametrize("name", ["MSCSGRU_ScaleAware_Encoded", "MSCSGRU_ScaleHard", "MSCGRU_ScaleAware", "MSCSGRU"])
def test_the_exported_identifier_says_what_older_artefacts_are_known_for(name: str) -> None:
    pytest.importorskip("torch", reason="the train extra is not installed")
    from models.export.onnx_export import fold
    from models.export.quantise import quantise
    from models.networks.catalogue import NETWORKS
    from models.networks.normaliser import Normaliser

    ones = np.ones(8, np.float32)
    model = fold(NETWORKS[name](classes=24).eval(), Normaliser(*[ones] * 6))
    shipped = read_weights(read_graph((ROOT / "models" / "artefacts" / f"{name}.onnx").read_bytes())).graph_id
    for exported in (model, quantise(model)):
        graph = read_graph(exported.SerializeToString())
        assert json.loads(graph.metadata[GRAPH_KEY])["family"] == "multi-scale-gru"
        assert identify(dequantised(graph)) == shipped


@pytest.fixture(scope="module")
def marked(graph: Graph) -> Graph:
    """Return the graph with an identifier."""
    return replace(graph, metadata={GRAPH_KEY: identify(graph).as_json(graph)})


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"family": "transformer"}, "does not compute the graph"),
        ({"layers": 3}, "does not compute the graph"),
        ({"head": 0}, "does not compute the graph"),
        ({"encoded": False}, "towers.kernel has shape [96, 132, 7], not [96, 8, 7]"),
        ({"nodes": "0"}, "edited after its export"),
        ({"dilated": True}, "identifier is not readable"),
        ({"layers": "two"}, "does not compute the graph"),
        ({"layers": 2.0}, "does not compute the graph"),
        ({"embeds_state": True}, "metric has shape [116, 116], not [180, 180]"),
        ({"encoded": False, "embeds_state": True}, "does not compute the graph"),
    ],
)
def test_identifier_that_is_not_of_the_graph_is_refused(
    marked: Graph, changed: dict[str, object], expected: str
) -> None:
    assert identify(marked) == identify(replace(marked, metadata={}))
    stored = json.loads(marked.metadata[GRAPH_KEY]) | changed
    with pytest.raises(UnknownGraphError) as raised:
        read_weights(replace(marked, metadata={GRAPH_KEY: json.dumps(stored)}))
    assert expected in str(raised.value)


@pytest.mark.parametrize("text", ["", "[]", "null", "{}", '{"family": "multi-scale-gru"}'])
def test_identifier_that_is_none_is_refused(marked: Graph, text: str) -> None:
    with pytest.raises(UnknownGraphError, match="identifier is not readable"):
        identify(replace(marked, metadata={GRAPH_KEY: text}))


def test_graph_with_other_nodes_is_refused(graph: Graph, marked: Graph) -> None:
    elu = tuple(replace(node, operator="Elu") if node.outputs == ("towers_positive",) else node for node in graph.nodes)
    unpooled = tuple(node for node in graph.nodes if node.operator != "MaxPool")
    for nodes in (elu, unpooled):
        with pytest.raises(UnknownGraphError, match="has no identifier"):
            read_weights(replace(graph, nodes=nodes))
        with pytest.raises(UnknownGraphError, match="edited after its export"):
            read_weights(replace(marked, nodes=nodes))


def test_graph_with_another_constant_is_refused_when_it_is_compared(
    built: Path, artefact_path: Path, tmp_path: Path
) -> None:
    onnx = pytest.importorskip("onnx", reason="the train extra is not installed")
    model = onnx.load(artefact_path)
    two = next(tensor for tensor in model.graph.initializer if tensor.name == "two")
    two.CopyFrom(onnx.numpy_helper.from_array(np.array(3, np.int64), "two"))
    onnx.save(model, tmp_path / "other.onnx")
    with pytest.raises(KernelError, match="differ"):
        Kernel.load(Artefact.load(tmp_path / "other.onnx"))


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("towers.kernel", np.ones((96, 132, 5), np.float32), "towers.kernel has shape [96, 132, 5], not [96, 132, 7]"),
        ("towers.kernel", np.ones((96, 132, 7), np.float32), "tower 0 of the graph is wider than 3 frames"),
        ("gru_2.R", np.ones((1, 96, 32), np.float32), "gru_2.R has shape [1, 96, 32], not [1, 192, 64]"),
        ("head_2.weight", np.ones((192, 5), np.float32), "head_2.weight has shape [192, 5], not [192, 192]"),
        ("encoding.low", np.zeros((8, 16), np.float32), "the encoding's bins are not contiguous"),
        ("kept", np.ones((4, 1, 96), bool), "kept does not leave out one tower after the other"),
        ("recent_steps", np.array([0]), "recent_steps is [0]"),
    ],
)
def test_constant_of_another_kind_is_named(graph: Graph, name: str, value: np.ndarray, expected: str) -> None:
    with pytest.raises(UnknownGraphError) as raised:
        read_weights(replace(graph, tensors=graph.tensors | {name: value}))
    assert expected in str(raised.value)


def test_constant_that_is_missing_is_named(graph: Graph) -> None:
    tensors = {name: array for name, array in graph.tensors.items() if name != "norm.shift"}
    with pytest.raises(UnknownGraphError, match=r"lacks the constant norm\.shift"):
        read_weights(replace(graph, tensors=tensors))
