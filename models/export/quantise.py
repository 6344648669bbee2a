"""INT8 storage of an artefact's weights: a quarter of their bytes, with float32 arithmetic.

Each matrix of a convolution, a GRU or a linear layer becomes 8-bit integers with a scale for every row (output), and a
`DequantizeLinear` node that computes the row as `scale * integer`:

    integer = round(w / scale) in -127..127,  scale = max|w| / 127

(A smaller scale that clips the largest weights reduces the mean square error by less than 1 %.) The rest stays float32:
biases, thresholds and normaliser are few and sensitive. ONNX Runtime has no GRU on integers, so only weights are
integers, and `models.runtime.artefact.open_session` has them converted to float32 once, at load. No recordings are
needed.
https://onnx.ai/onnx/operators/onnx__DequantizeLinear.html
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

from models.runtime.artefact import Artefact
from models.runtime.contract import METADATA_KEY, ModelContract
from scaleglove.atomic_file import atomic_write
from scaleglove.errors import ScaleGloveError

SUFFIX = "_INT8"

_LARGEST = 127
"""-128 is not used, so that both signs are treated alike."""

_FEWEST_WEIGHTS = 512
"""Smaller matrices save less than the additional node costs."""


class QuantiseError(ScaleGloveError):
    """Raised for an artefact that is INT8 already."""


def quantise_artefact(source: Path, out: Path) -> None:
    """Write the artefact at `source` with INT8 weights, under its name with `_INT8`.

    Raises:
        ArtefactError: `source` is not an artefact.
        QuantiseError: its weights are INT8 already.
    """
    contract = Artefact.load(source).contract
    if contract.weights == "int8":
        raise QuantiseError(f"{source}: its weights are INT8 already")
    content = source.read_bytes()
    model = quantise(onnx.load_model_from_string(content))
    described = _describe(contract, hashlib.sha256(content).hexdigest())
    # The prototypes stay: embeddings hardly change.
    metadata = {entry.key: entry.value for entry in model.metadata_props}
    helper.set_model_props(model, metadata | {METADATA_KEY: described.model_dump_json()})
    onnx.checker.check_model(model, full_check=True)
    with atomic_write(out) as draft:
        draft.write_bytes(model.SerializeToString(deterministic=True))
        Artefact.load(draft)


def quantise(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return a copy in which every large weight matrix is stored as INT8."""
    small = onnx.ModelProto()
    small.CopyFrom(model)
    graph = small.graph
    axes = _weight_axes(graph)
    kept: list[onnx.TensorProto] = []
    nodes: list[onnx.NodeProto] = []
    for tensor in graph.initializer:
        if tensor.name not in axes:
            kept.append(tensor)
            continue
        axis = axes[tensor.name]
        integers, scale = quantise_rows(numpy_helper.to_array(tensor), axis)
        names = [f"{tensor.name}.int8", f"{tensor.name}.scale"]
        kept += [numpy_helper.from_array(integers, names[0]), numpy_helper.from_array(scale, names[1])]
        nodes.append(helper.make_node("DequantizeLinear", names, [tensor.name], name=tensor.name, axis=axis))
    del graph.initializer[:]
    graph.initializer.extend(kept)
    nodes += graph.node
    del graph.node[:]
    graph.node.extend(nodes)
    return small


def quantise_rows(weights: NDArray[np.float32], axis: int) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Return integers of the shape of `weights`, and float32 scales along `axis`."""
    others = tuple(other for other in range(weights.ndim) if other != axis)
    scale = np.abs(weights).max(axis=others, keepdims=True) / np.float32(_LARGEST)
    scale[scale == 0] = 1.0  # a row of zeros: any scale gives zeros
    integers = np.clip(np.round(weights / scale), -_LARGEST, _LARGEST).astype(np.int8)
    return integers, scale.reshape(-1)


def _weight_axes(graph: onnx.GraphProto) -> dict[str, int]:
    """Return the axis of the outputs of each initialiser that is a large weight matrix and nothing else."""
    sizes = {t.name: int(np.prod(t.dims)) for t in graph.initializer if t.data_type == onnx.TensorProto.FLOAT}
    ranks = {t.name: len(t.dims) for t in graph.initializer}
    found: dict[str, set[int | None]] = {}
    for node in graph.node:
        weights = dict(_weight_inputs(node))
        for number, name in enumerate(node.input):
            if sizes.get(name, 0) >= _FEWEST_WEIGHTS:
                axis = weights.get(number)
                found.setdefault(name, set()).add(None if axis is None else axis % ranks[name])
    return {name: axis for name, (axis, *others) in found.items() if axis is not None and not others}


def _weight_inputs(node: onnx.NodeProto) -> Iterator[tuple[int, int]]:
    """Yield the inputs of a node that are weights, and the axis of its outputs in them."""
    match node.op_type:
        case "Conv":
            yield 1, 0
        case "GRU":
            yield 1, 1
            yield 2, 1
        case "Gemm":
            transposed = any(attribute.name == "transB" and attribute.i for attribute in node.attribute)
            yield 1, 0 if transposed else 1
        case "MatMul":
            yield 1, -1


def _describe(contract: ModelContract, sha256: str) -> ModelContract:
    made_from = f"{contract.name} {contract.version}, sha256 {sha256}; the report is that artefact's"
    provenance = contract.provenance.model_copy(update={"made_from": made_from})
    name = contract.name + SUFFIX
    return contract.model_copy(update={"name": name, "weights": "int8", "provenance": provenance})
