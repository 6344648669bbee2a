"""Reader of the graph in an `.onnx` file, without the `onnx` package.

An ONNX file is one protocol-buffers message; this reads only the fields that the artefacts of this project use.
https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from models.runtime.kernel import KernelError
from models.runtime.protobuf import Fields, fields_of, integers, only, texts

Attribute = int | float | str | tuple[int, ...] | tuple[float, ...] | tuple[str, ...]

# Field numbers of onnx.proto
_MODEL_GRAPH, _MODEL_METADATA = 7, 14
_ENTRY_KEY, _ENTRY_VALUE = 1, 2
_GRAPH_NODE, _GRAPH_INITIALIZER = 1, 5
_NODE_INPUT, _NODE_OUTPUT, _NODE_OPERATOR, _NODE_ATTRIBUTE, _NODE_DOMAIN = 1, 2, 4, 5, 7
_ATTRIBUTE_NAME, _ATTRIBUTE_TYPE = 1, 20
_TENSOR_DIMS, _TENSOR_TYPE, _TENSOR_NAME, _TENSOR_RAW = 1, 2, 8, 9

_DTYPES: Final = {1: np.float32, 3: np.int8, 6: np.int32, 7: np.int64, 9: np.bool_}
"""TensorProto.DataType"""


class OnnxFileError(KernelError):
    """Raised for bytes that are not an ONNX file, or use a part of ONNX that this reader does not support."""


@dataclass(frozen=True, slots=True)
class Node:
    """A node: its operator, the names of its tensors and its attributes."""

    operator: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: dict[str, Attribute]


@dataclass(frozen=True, slots=True)
class Graph:
    """A graph and the metadata of its file."""

    nodes: tuple[Node, ...]
    tensors: dict[str, NDArray[Any]]
    """The initializers, by name."""
    metadata: dict[str, str]


def read_graph(data: bytes) -> Graph:
    """Read the graph from the bytes of an ONNX file.

    Raises:
        OnnxFileError: they are not an ONNX file, or use an unsupported part of ONNX.
    """
    try:
        model = fields_of(data)
        graph = fields_of(only(model, _MODEL_GRAPH))
        tensors = dict(_read_tensor(part) for part in graph.get(_GRAPH_INITIALIZER, []))
        metadata = dict(_read_entry(part) for part in model.get(_MODEL_METADATA, []))
        return Graph(tuple(_read_node(part) for part in graph.get(_GRAPH_NODE, [])), tensors, metadata)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise OnnxFileError(f"not an ONNX file that can be read here: {error}") from None


def _read_entry(message: bytes) -> tuple[str, str]:
    fields = fields_of(message)
    return only(fields, _ENTRY_KEY).decode(), only(fields, _ENTRY_VALUE).decode()


def _read_tensor(message: bytes) -> tuple[str, NDArray[Any]]:
    fields = fields_of(message)
    name = only(fields, _TENSOR_NAME).decode()
    if _TENSOR_RAW not in fields:
        raise ValueError(f"tensor {name} has no raw data")
    data_type = only(fields, _TENSOR_TYPE)
    if data_type not in _DTYPES:
        raise ValueError(f"tensor {name} is of data type {data_type}")
    dtype = np.dtype(_DTYPES[data_type]).newbyteorder("<")
    array = np.frombuffer(only(fields, _TENSOR_RAW), dtype)
    return name, array.reshape(integers(fields.get(_TENSOR_DIMS, []))).astype(_DTYPES[data_type])


def _read_node(message: bytes) -> Node:
    fields = fields_of(message)
    operator = only(fields, _NODE_OPERATOR).decode()
    if any(fields.get(_NODE_DOMAIN, [])):
        raise ValueError(f"operator {operator} is not one of ONNX's own")
    inputs, outputs = (tuple(texts(fields, number)) for number in (_NODE_INPUT, _NODE_OUTPUT))
    attributes = dict(_read_attribute(part) for part in fields.get(_NODE_ATTRIBUTE, []))
    return Node(operator, inputs, outputs, attributes)


def _read_attribute(message: bytes) -> tuple[str, Attribute]:
    """Return name and value; the type (AttributeProto.AttributeType) determines the field of the value."""
    fields = fields_of(message)
    name = only(fields, _ATTRIBUTE_NAME).decode()
    match only(fields, _ATTRIBUTE_TYPE):
        case 1:
            return name, _floats(fields, 2)[0]
        case 2:
            return name, integers(fields.get(3, [0]))[0]
        case 3:
            return name, only(fields, 4).decode()
        case 6:
            return name, _floats(fields, 7)
        case 7:
            return name, tuple(integers(fields.get(8, [])))
        case 8:
            return name, tuple(texts(fields, 9))
        case other:
            raise ValueError(f"attribute {name} is of type {other}")


def _floats(fields: Fields, number: int) -> tuple[float, ...]:
    return tuple(np.frombuffer(b"".join(fields.get(number, [bytes(4)])), "<f4").tolist())
