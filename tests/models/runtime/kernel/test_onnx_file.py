"""The reader against the `onnx` package, and on files that are not ONNX."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.runtime.kernel.onnx_file import Graph, OnnxFileError, read_graph
from tests.models.runtime.kernel.conftest import ARTEFACTS


@pytest.mark.parametrize("path", ARTEFACTS, ids=lambda path: path.stem)
def test_reads_what_onnx_reads(path: Path) -> None:
    onnx = pytest.importorskip("onnx")
    expected = onnx.load(path).graph
    graph = read_graph(path.read_bytes())
    assert set(graph.tensors) == {tensor.name for tensor in expected.initializer}
    for tensor in expected.initializer:
        array = onnx.numpy_helper.to_array(tensor)
        assert graph.tensors[tensor.name].dtype == array.dtype
        np.testing.assert_array_equal(graph.tensors[tensor.name], array)
    assert len(graph.nodes) == len(expected.node)
    for mine, node in zip(graph.nodes, expected.node, strict=True):
        assert (mine.operator, mine.inputs, mine.outputs) == (node.op_type, tuple(node.input), tuple(node.output))
        assert mine.attributes == {attribute.name: _value(onnx, attribute) for attribute in node.attribute}


def _value(onnx: object, attribute: object) -> object:
    value = onnx.helper.get_attribute_value(attribute)
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, int | float):
        return value
    return tuple(part.decode() if isinstance(part, bytes) else part for part in value)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with suppress(OnnxFileError):
        assert isinstance(read_graph(data), Graph)


def test_half_a_file_is_refused(artefact_path: Path) -> None:
    data = artefact_path.read_bytes()
    for end in (0, 1, 100, len(data) // 2, len(data) - 1):
        with pytest.raises(OnnxFileError, match="not an ONNX file"):
            read_graph(data[:end])
