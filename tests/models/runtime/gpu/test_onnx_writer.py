"""A graph that is written is read as it was, here and by ONNX."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from models.runtime.gpu.onnx_writer import OPSET, write_graph
from models.runtime.kernel.onnx_file import Graph, Node, read_graph

_name = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=12)
_int64 = st.integers(-(2**63), 2**63 - 1)
_float32 = st.floats(width=32, allow_nan=False)
_attribute = st.one_of(
    _int64,
    _float32,
    _name,
    st.lists(_int64, min_size=1, max_size=4).map(tuple),
    st.lists(_float32, min_size=1, max_size=4).map(tuple),
    st.lists(_name, min_size=1, max_size=4).map(tuple),
)
_node = st.builds(
    Node,
    _name,
    st.lists(_name, max_size=4).map(tuple),
    st.lists(_name, min_size=1, max_size=4).map(tuple),
    st.dictionaries(_name, _attribute, max_size=3),
)
_tensor = st.sampled_from([np.float32, np.int8, np.int32, np.int64, np.bool_]).flatmap(
    lambda dtype: hnp.arrays(dtype, hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4))
)
_graph = st.builds(
    Graph,
    st.lists(_node, max_size=5).map(tuple),
    st.dictionaries(_name, _tensor, max_size=4),
    st.dictionaries(_name, _name, max_size=3),
)


@given(graph=_graph)
def test_what_is_written_is_read_as_it_was(graph: Graph) -> None:
    found = read_graph(write_graph(graph, {}, {}))
    assert found.nodes == graph.nodes
    assert found.metadata == graph.metadata
    assert list(found.tensors) == list(graph.tensors)
    for name, array in graph.tensors.items():
        assert found.tensors[name].dtype == array.dtype
        np.testing.assert_array_equal(found.tensors[name], array)


def test_onnx_reads_it_too() -> None:
    onnx: Any = pytest.importorskip("onnx", reason="the train extra is not installed")
    nodes = (Node("Mul", ("x", "two"), ("doubled",), {}), Node("Softmax", ("doubled",), ("y",), {"axis": -1}))
    graph = Graph(nodes, {"two": np.array(2, np.float32)}, {"key": "value"})
    data = write_graph(graph, {"x": ("float32", ("batch", 3))}, {"y": ("float32", ("batch", 3))})
    model = onnx.load_model_from_string(data)
    onnx.checker.check_model(model, full_check=True)
    assert [(one.domain, one.version) for one in model.opset_import] == [("", OPSET)]
    shape = model.graph.input[0].type.tensor_type.shape.dim
    assert (shape[0].dim_param, shape[1].dim_value) == ("batch", 3)
