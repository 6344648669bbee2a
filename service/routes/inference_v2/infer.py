"""Parsing of inference requests to windows, and encoding of a model's outputs as a response. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import msgspec
import numpy as np
import orjson
from numpy.typing import NDArray

from models.runtime.artefact import Outputs
from models.runtime.contract import ModelContract
from scaleglove.channels import CHANNELS
from service.http.bodies.binary_body import check_limits, pack, take_windows
from service.http.bodies.decode_faults import DECODE_ERRORS, describe_decode_error, fault_sentence
from service.http.bodies.request import Limits
from service.http.cooperative_runner import Slices
from service.routes.inference_v2.tensors import (
    classify,
    from_bytes,
    from_json,
    refuse,
    strings_to_bytes,
    to_bytes,
)

OUTPUTS: Final = ("probabilities", "scale_importance", "embedding")

_MAX_SMALL: Final = 4096
"""Bytes of each JSON value of a request that is not tensor data."""

_MAX_SENTENCE: Final = 200
"""Characters of what is said about a value: names in it are the client's."""

_DATATYPES: Final = {"frames": ("FP32",), "lengths": ("INT64", "INT32")}

_NULL: Final = msgspec.Raw(b"null")

_SLICE_ROWS: Final = 32
"""Rows of a classification made in one slice: some 2,000 strings."""

_T = TypeVar("_T")


class _Tensor(msgspec.Struct):
    name: str
    shape: msgspec.Raw
    datatype: str
    data: msgspec.Raw = _NULL
    parameters: msgspec.Raw = _NULL


class _Inputs(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    """At most two tensors. A list would be decoded to its end before its length is checked."""

    first: _Tensor | None = None
    second: _Tensor | None = None

    @property
    def tensors(self) -> list[_Tensor]:
        return [tensor for tensor in (self.first, self.second) if tensor is not None]


class _Request(msgspec.Struct):
    """Request whose small values are decoded later, once their size is checked. As many clients write them, null is
    the same as left out."""

    inputs: _Inputs
    id: str | None = None
    outputs: msgspec.Raw = _NULL
    parameters: msgspec.Raw = _NULL


class _OutputParameters(msgspec.Struct):
    binary_data: bool | None = None
    classification: int | None = None


class _Output(msgspec.Struct):
    name: str
    parameters: _OutputParameters | None = None


class _InputParameters(msgspec.Struct):
    binary_data_size: int | None = None


class _RequestParameters(msgspec.Struct):
    binary_data_output: bool | None = None


@dataclass(frozen=True, slots=True)
class OutputFormat:
    """Requested format of an output; `best` > 0: only this number of its largest values, with their labels."""

    name: str
    as_bytes: bool
    best: int


@dataclass(frozen=True, slots=True)
class InferRequest:
    """Windows float32[n_i, 8] in raw units and the requested outputs; `id` is of the caller's choice."""

    windows: Sequence[NDArray[np.float32]]
    outputs: Sequence[OutputFormat]
    id: str


def read_request(body: bytes, json_size: int | None, limits: Limits) -> Slices[InferRequest]:
    """Parse a body whose first `json_size` bytes are JSON and the rest tensors; None: all is JSON.

    Raises:
        ProblemError: 400 naming the invalid tensor, or 413.
    """
    if json_size is not None and json_size > len(body):
        raise refuse(f"Inference-Header-Content-Length: {json_size} exceeds the body of {len(body)} bytes")
    request = _decode(body[:json_size], _Request, "")
    inputs = request.inputs.tensors
    tensors = {tensor.name: tensor for tensor in inputs}
    if len(tensors) < len(inputs) or not {"frames"} <= set(tensors) <= {"frames", "lengths"}:
        raise refuse("inputs: give frames once and, if the windows differ in length, lengths once")
    arrays: dict[str, NDArray[Any]] = {}
    rest = memoryview(body)[len(body) if json_size is None else json_size :]
    for tensor in inputs:
        given = _decode_small(tensor.parameters, _InputParameters | None, f"{tensor.name}: parameters")
        size = None if given is None else given.binary_data_size
        data = None if size is None else bytes(rest[: max(0, size)])
        rest = rest[len(data or b"") :]
        arrays[tensor.name] = yield from _read_tensor(tensor, data)
    if rest:
        raise refuse(
            f"binary_data_size: {len(rest)} bytes of the body belong to no input; set it for each binary input"
        )
    windows = yield from _cut(arrays["frames"], arrays.get("lengths"), limits)
    return InferRequest(windows, _output_formats(request), request.id or "")


def write_response(
    contract: ModelContract, outputs: Outputs, request: InferRequest
) -> Slices[tuple[bytes, int | None]]:
    """Return the body of the response and, if tensors follow its JSON as bytes, the size of the JSON."""
    described: list[dict[str, Any]] = []
    blobs: list[bytes] = []
    for output in request.outputs:
        description, blob = yield from _write_tensor(contract, getattr(outputs, output.name), output)
        described.append(description)
        if blob is not None:
            blobs.append(blob)
    response: dict[str, Any] = {"model_name": contract.name, "model_version": contract.version, "outputs": described}
    if request.id:
        response["id"] = request.id
    head = orjson.dumps(response, option=orjson.OPT_SERIALIZE_NUMPY)
    return (b"".join([head, *blobs]), len(head)) if blobs else (head, None)


def _read_tensor(tensor: _Tensor, data: bytes | None) -> Slices[NDArray[Any]]:
    datatype, rank = tensor.datatype, 3 if tensor.name == "frames" else 1
    if datatype not in (known := _DATATYPES[tensor.name]):
        raise refuse(f"{tensor.name}: the datatype is {datatype[:20]}, not {' or '.join(known)}")
    shape = _decode_small(tensor.shape, list[int], f"{tensor.name}: shape")
    if len(shape) != rank or min(shape) < 1 or (rank == 3 and shape[2] != len(CHANNELS)):
        raise refuse(f"{tensor.name}: the shape is {shape[:8]}, not {'[N, T, 8]' if rank == 3 else '[N]'}")
    if data is not None:
        return from_bytes(tensor.name, datatype, shape, data)
    if (text := bytes(tensor.data)) == b"null":
        raise refuse(f"{tensor.name}: give data or binary_data_size")
    return (yield from from_json(tensor.name, datatype, shape, text))


def _cut(frames: NDArray[Any], lengths: NDArray[Any] | None, limits: Limits) -> Slices[list[NDArray[np.float32]]]:
    count, longest = frames.shape[:2]
    if lengths is None:
        lengths = np.full(count, longest)
    if len(lengths) != count:
        raise refuse(f"lengths: {len(lengths)} values for {count} windows; give one for each")
    if lengths.min() < 1 or lengths.max() > longest:
        raise refuse(f"lengths: must be 1 to {longest}, the number of frames given")
    each: list[int] = lengths.tolist()
    check_limits(each, limits, "frames")
    return (yield from take_windows(pack(frames, each), each, "frames"))


def _output_formats(request: _Request) -> list[OutputFormat]:
    wanted = _decode_small(request.parameters, _RequestParameters | None, "parameters")
    all_binary = bool(wanted and wanted.binary_data_output)
    outputs = _decode_small(request.outputs, list[_Output] | None, "outputs") or [_Output(name) for name in OUTPUTS]
    if len({output.name for output in outputs}) < len(outputs):
        raise refuse("outputs: an output is given twice; give each once")
    return [_output_format(output.name, output.parameters or _OutputParameters(), all_binary) for output in outputs]


def _output_format(name: str, parameters: _OutputParameters, all_binary: bool) -> OutputFormat:
    if name not in OUTPUTS:
        raise refuse(f"outputs: {name[:64]!r} is unknown; the outputs are {', '.join(OUTPUTS)}")
    best = parameters.classification or 0
    if best < 0:
        raise refuse(f"{name}: classification must not be negative")
    return OutputFormat(name, all_binary if parameters.binary_data is None else parameters.binary_data, best)


def _write_tensor(
    contract: ModelContract, array: NDArray[np.float32], output: OutputFormat
) -> Slices[tuple[dict[str, Any], bytes | None]]:
    description: dict[str, Any] = {"name": output.name, "datatype": "FP32", "shape": list(array.shape)}
    if output.best:
        labels = {"probabilities": contract.labels, "scale_importance": [str(scale) for scale in contract.scales]}
        rows: list[list[str]] = []
        for begin in range(0, len(array), _SLICE_ROWS):
            rows += classify(array[begin : begin + _SLICE_ROWS], output.best, labels.get(output.name, ()))
            yield
        strings = [string for row in rows for string in row]
        description |= {"datatype": "BYTES", "shape": [len(rows), len(rows[0])]}
        data: Any = strings
        blob = strings_to_bytes(strings)
    else:
        data = np.ascontiguousarray(array).reshape(-1)
        blob = to_bytes(array)
    if output.as_bytes:
        return description | {"parameters": {"binary_data_size": len(blob)}}, blob
    return description | {"data": data}, None


def _decode_small(raw: msgspec.Raw, kind: Any, name: str) -> Any:
    if len(text := bytes(raw)) > _MAX_SMALL:
        raise refuse(f"{name}: exceeds {_MAX_SMALL} bytes")
    return _decode(text, kind, name)


def _decode(text: bytes, kind: type[_T], name: str) -> _T:
    try:
        return msgspec.json.decode(text, type=kind)
    except DECODE_ERRORS as error:
        path, reason = describe_decode_error(error)
        raise refuse(fault_sentence([name, *path] if name else path, reason)[:_MAX_SENTENCE]) from None
