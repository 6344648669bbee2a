"""Outline of an ONNX file, read before ONNX Runtime opens it: its metadata, and that it holds all that it needs.

An artefact is one file, complete in itself, whose time and memory are those of its nodes. So a file is refused that
names other files, has graphs within its graph (`Loop` has no bound), or text that is none.

https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
"""

from __future__ import annotations

from collections.abc import Iterator

from models.runtime.protobuf import Fields, fields_of, only, texts

# Field numbers of onnx.proto
_MODEL_GRAPH, _MODEL_METADATA, _MODEL_FUNCTION = 7, 14, 25
_ENTRY_KEY, _ENTRY_VALUE = 1, 2
_GRAPH_NODE, _GRAPH_NAME, _GRAPH_INITIALIZER, _GRAPH_INPUT, _GRAPH_OUTPUT, _GRAPH_SPARSE = 1, 2, 5, 11, 12, 15
_NODE_INPUT, _NODE_OUTPUT, _NODE_NAME, _NODE_OPERATOR, _NODE_ATTRIBUTE, _NODE_DOMAIN = 1, 2, 3, 4, 5, 7
_ATTRIBUTE_NAME, _ATTRIBUTE_TENSOR, _ATTRIBUTE_GRAPH, _ATTRIBUTE_TENSORS, _ATTRIBUTE_GRAPHS = 1, 5, 6, 10, 11
_ATTRIBUTE_SPARSE, _ATTRIBUTE_SPARSES = 22, 23
_TENSOR_NAME, _TENSOR_EXTERNAL, _TENSOR_LOCATION = 8, 13, 14
_VALUE_NAME = 1


def read_metadata(data: bytes) -> dict[str, str]:
    """Return the metadata of an ONNX file.

    Raises:
        ValueError: it is not an ONNX file, or not one that is complete in itself; the text says why.
    """
    try:
        model = fields_of(data)
        graph = fields_of(only(model, _MODEL_GRAPH))
        metadata = _metadata(model)
        _check_graph(model, graph)
    except UnicodeDecodeError:
        raise ValueError("a name or an entry of its metadata is not text (UTF-8)") from None
    except (AttributeError, TypeError):
        raise ValueError("a number stands where it has to have text or a part") from None
    return metadata


def _metadata(model: Fields) -> dict[str, str]:
    metadata: dict[str, str] = {}
    for part in model.get(_MODEL_METADATA, []):
        entry = fields_of(part)
        (key,), (value,) = (texts(entry, number)[-1:] or [""] for number in (_ENTRY_KEY, _ENTRY_VALUE))
        if key in metadata:
            raise ValueError(f'its metadata has "{key[:64]}" twice')
        metadata[key] = value
    return metadata


def _check_graph(model: Fields, graph: Fields) -> None:
    if len(model[_MODEL_GRAPH]) > 1:  # readers differ in whether they join them
        raise ValueError("it has several graphs")
    if model.get(_MODEL_FUNCTION):
        raise ValueError("it has functions of its own, which are not supported")
    if graph.get(_GRAPH_SPARSE):
        raise ValueError("it has sparse tensors, which are not supported")
    texts(graph, _GRAPH_NAME)
    for value in (*graph.get(_GRAPH_INPUT, []), *graph.get(_GRAPH_OUTPUT, [])):
        texts(fields_of(value), _VALUE_NAME)
    for tensor in (*graph.get(_GRAPH_INITIALIZER, []), *_tensors_of_nodes(graph)):
        _check_tensor(fields_of(tensor))


def _tensors_of_nodes(graph: Fields) -> Iterator[bytes]:
    """Yield the tensors in attributes, and check the text of the nodes."""
    for part in graph.get(_GRAPH_NODE, []):
        node = fields_of(part)
        for number in (_NODE_INPUT, _NODE_OUTPUT, _NODE_NAME, _NODE_OPERATOR, _NODE_DOMAIN):
            texts(node, number)
        for stored in node.get(_NODE_ATTRIBUTE, []):
            attribute = fields_of(stored)
            texts(attribute, _ATTRIBUTE_NAME)
            if any(attribute.get(number) for number in (_ATTRIBUTE_GRAPH, _ATTRIBUTE_GRAPHS)):
                operator = "".join(texts(node, _NODE_OPERATOR))[:64]
                raise ValueError(f"its operator {operator} has a graph of its own, whose time has no bound")
            if any(attribute.get(number) for number in (_ATTRIBUTE_SPARSE, _ATTRIBUTE_SPARSES)):
                raise ValueError("it has sparse tensors, which are not supported")
            for number in (_ATTRIBUTE_TENSOR, _ATTRIBUTE_TENSORS):
                yield from attribute.get(number, [])


def _check_tensor(tensor: Fields) -> None:
    (name,) = texts(tensor, _TENSOR_NAME)[-1:] or [""]
    if tensor.get(_TENSOR_EXTERNAL) or any(tensor.get(_TENSOR_LOCATION, [])):
        raise ValueError(f"its tensor {name[:64]} lies in another file; an artefact is one file, complete in itself")
