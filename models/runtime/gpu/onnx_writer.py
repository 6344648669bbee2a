"""Writer of a graph as the bytes of an `.onnx` file, without the `onnx` package; `onnx_file.py` reads them.

https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from models.runtime.kernel.onnx_file import Attribute, Graph, Node

OPSET: Final = 17
"""As in models/export/onnx_export.py."""
_IR_VERSION: Final = 8

# Wire types
_VARINT, _BYTES, _FIXED32 = 0, 2, 5

_ELEMENT_TYPES: Final = {"float32": 1, "int8": 3, "int32": 6, "int64": 7, "bool": 9}
"""TensorProto.DataType"""

_ATTRIBUTE_TYPES: Final = {float: 1, int: 2, str: 3}
_LIST_TYPES: Final = {float: 6, int: 7, str: 8}
"""AttributeProto.AttributeType"""

Shape = Sequence[int | str]
"""Lengths of axes; a name where the length is that of the batch."""
Values = Mapping[str, tuple[str, Shape]]
"""Names of inputs or outputs, with their element type and shape."""


def write_graph(graph: Graph, inputs: Values, outputs: Values) -> bytes:
    """Return the file of a graph whose nodes are in the order in which they run."""
    body = b"".join(_field(1, _node(node)) for node in graph.nodes)
    body += _field(2, b"scaleglove")
    body += b"".join(_field(5, _tensor(name, array)) for name, array in graph.tensors.items())
    body += b"".join(_field(11, _value(name, *value)) for name, value in inputs.items())
    body += b"".join(_field(12, _value(name, *value)) for name, value in outputs.items())
    entries = (_field(1, key.encode()) + _field(2, value.encode()) for key, value in graph.metadata.items())
    opset = _field(1, b"") + _number(2, OPSET)
    model = _number(1, _IR_VERSION) + _field(2, b"scaleglove") + _field(7, body) + _field(8, opset)
    return model + b"".join(_field(14, entry) for entry in entries)


def _node(node: Node) -> bytes:
    body = b"".join(_field(1, name.encode()) for name in node.inputs)
    body += b"".join(_field(2, name.encode()) for name in node.outputs)
    body += _field(3, node.outputs[-1].encode()) + _field(4, node.operator.encode())
    return body + b"".join(_field(5, _attribute(name, value)) for name, value in node.attributes.items())


def _attribute(name: str, value: Attribute) -> bytes:
    body = _field(1, name.encode())
    if isinstance(value, float):
        body += _float(2, value)
    elif isinstance(value, int):
        body += _number(3, value)
    elif isinstance(value, str):
        body += _field(4, value.encode())
    else:
        return body + _list(value)
    return body + _number(20, _ATTRIBUTE_TYPES[type(value)])


def _list(values: Iterable[Any]) -> bytes:
    numbers = list(values)
    kind = type(numbers[0]) if numbers else int
    if kind is float:
        body = b"".join(_float(7, value) for value in numbers)
    elif kind is int:
        body = b"".join(_number(8, value) for value in numbers)
    else:
        body = b"".join(_field(9, value.encode()) for value in numbers)
    return body + _number(20, _LIST_TYPES[kind])


def _tensor(name: str, array: NDArray[Any]) -> bytes:
    body = b"".join(_number(1, length) for length in array.shape)
    body += _number(2, _ELEMENT_TYPES[array.dtype.name]) + _field(8, name.encode())
    return body + _field(9, np.ascontiguousarray(array).astype(array.dtype.newbyteorder("<")).tobytes())


def _value(name: str, element: str, shape: Shape) -> bytes:
    lengths = (_number(1, one) if isinstance(one, int) else _field(2, one.encode()) for one in shape)
    dimensions = b"".join(_field(1, length) for length in lengths)
    tensor = _number(1, _ELEMENT_TYPES[element]) + _field(2, dimensions)
    return _field(1, name.encode()) + _field(2, _field(1, tensor))


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3 | _VARINT) + _varint(value & (1 << 64) - 1)  # two's complement of 64 bits


def _float(field: int, value: float) -> bytes:
    return _varint(field << 3 | _FIXED32) + struct.pack("<f", value)


def _field(field: int, message: bytes) -> bytes:
    return _varint(field << 3 | _BYTES) + _varint(len(message)) + message


def _varint(value: int) -> bytes:
    """Write a number as seven bits per byte, lowest first."""
    encoded = bytearray()
    while value > 0x7F:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)
