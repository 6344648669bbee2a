"""An inference request becomes windows, a model's outputs become its response. Pure."""

from __future__ import annotations

import re
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
from service.http.bodies.request import Limits
from service.http.slices import Slices
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
"""Bytes of JSON for all in a request that is not tensor data."""

_T = TypeVar("_T")


class _Tensor(msgspec.Struct):
    name: str
    shape: msgspec.Raw
    datatype: str
    data: msgspec.Raw = msgspec.Raw(b"")
    parameters: msgspec.Raw = msgspec.Raw(b"{}")


class _Request(msgspec.Struct):
    """What is small is read in a second go, once it is known to be small."""

    inputs: list[_Tensor]
    id: str = ""
    outputs: msgspec.Raw = msgspec.Raw(b"[]")
    parameters: msgspec.Raw = msgspec.Raw(b"{}")


class _OutputParameters(msgspec.Struct):
    binary_data: bool | None = None
    classification: int = 0


class _Output(msgspec.Struct):
    name: str
    parameters: _OutputParameters = msgspec.field(default_factory=_OutputParameters)


class _InputParameters(msgspec.Struct):
    binary_data_size: int | None = None


class _RequestParameters(msgspec.Struct):
    binary_data_output: bool = False


@dataclass(frozen=True, slots=True)
class Wanted:
    """An output as it is to be answered; `best`: only so many of its largest values, with their labels."""

    name: str
    as_bytes: bool
    best: int


@dataclass(frozen=True, slots=True)
class InferAsked:
    """Windows float32[n_i, 8] in raw units and what is wanted of them; `id` is the caller's own."""

    windows: Sequence[NDArray[np.float32]]
    outputs: Sequence[Wanted]
    id: str


def read_request(body: bytes, json_size: int | None, limits: Limits) -> Slices[InferAsked]:
    """What a body asks, of which the first `json_size` bytes are JSON and the rest tensors; None: all is JSON.

    Raises:
        ProblemError: 400 naming the tensor at fault, or 413.
    """
    if json_size is not None and json_size > len(body):
        raise refuse(f"Inference-Header-Content-Length: {json_size} is more than the body of {len(body)} bytes")
    request = _decode(body[:json_size], _Request, "")
    tensors = {tensor.name: tensor for tensor in request.inputs}
    if len(tensors) < len(request.inputs) or not {"frames"} <= set(tensors) <= {"frames", "lengths"}:
        raise refuse("inputs: they are frames and, if windows differ in length, lengths; each once")
    arrays: dict[str, NDArray[Any]] = {}
    rest = memoryview(body)[len(body) if json_size is None else json_size :]
    for tensor in request.inputs:
        size = _decode_small(tensor.parameters, _InputParameters, f"{tensor.name}: parameters").binary_data_size
        data = None if size is None else bytes(rest[: max(0, size)])
        rest = rest[len(data or b"") :]
        arrays[tensor.name] = yield from _read_tensor(tensor, data)
    if rest:
        raise refuse(f"{len(rest)} bytes of the body belong to no input: binary_data_size says whose they are")
    windows = yield from _cut(arrays["frames"], arrays.get("lengths"), limits)
    return InferAsked(windows, _wanted(request), request.id)


def write_response(contract: ModelContract, outputs: Outputs, asked: InferAsked) -> tuple[bytes, int | None]:
    """The body of the response and, where tensors follow its JSON as bytes, the size of the JSON."""
    described: list[dict[str, Any]] = []
    blobs: list[bytes] = []
    for wanted in asked.outputs:
        description, blob = _write_tensor(contract, getattr(outputs, wanted.name), wanted)
        described.append(description)
        if blob is not None:
            blobs.append(blob)
    answer: dict[str, Any] = {"model_name": contract.name, "model_version": contract.version, "outputs": described}
    if asked.id:
        answer["id"] = asked.id
    head = orjson.dumps(answer, option=orjson.OPT_SERIALIZE_NUMPY)
    return (b"".join([head, *blobs]), len(head)) if blobs else (head, None)


def _read_tensor(tensor: _Tensor, data: bytes | None) -> Slices[NDArray[Any]]:
    datatype, rank = {"frames": ("FP32", 3), "lengths": ("INT64", 1)}[tensor.name]
    if tensor.datatype != datatype:
        raise refuse(f"{tensor.name}: the datatype is {tensor.datatype[:20]}, not {datatype}")
    shape = _decode_small(tensor.shape, list[int], f"{tensor.name}: shape")
    if len(shape) != rank or min(shape) < 1 or (rank == 3 and shape[2] != len(CHANNELS)):
        raise refuse(f"{tensor.name}: the shape is {shape[:8]}, not {'[N, T, 8]' if rank == 3 else '[N]'}")
    if data is not None:
        return from_bytes(tensor.name, datatype, shape, data)
    if not (text := bytes(tensor.data)):
        raise refuse(f"{tensor.name}: there is neither data nor binary_data_size")
    return (yield from from_json(tensor.name, datatype, shape, text))


def _cut(frames: NDArray[Any], lengths: NDArray[Any] | None, limits: Limits) -> Slices[list[NDArray[np.float32]]]:
    count, longest = frames.shape[:2]
    if lengths is None:
        lengths = np.full(count, longest)
    if len(lengths) != count:
        raise refuse(f"lengths: there are {len(lengths)} for {count} windows")
    if lengths.min() < 1 or lengths.max() > longest:
        raise refuse(f"lengths: they must be 1 to {longest}, the frames given")
    each: list[int] = lengths.tolist()
    check_limits(each, limits, "frames")
    return (yield from take_windows(pack(frames, each), each, "frames"))


def _wanted(request: _Request) -> list[Wanted]:
    all_as_bytes = _decode_small(request.parameters, _RequestParameters, "parameters").binary_data_output
    asked = _decode_small(request.outputs, list[_Output], "outputs") or [_Output(name) for name in OUTPUTS]
    for output in asked:
        if output.name not in OUTPUTS:
            raise refuse(f"outputs: none is called {output.name[:64]!r}; there are: {', '.join(OUTPUTS)}")
        if output.parameters.classification < 0:
            raise refuse(f"{output.name}: classification is less than 0")
    if len({output.name for output in asked}) < len(asked):
        raise refuse("outputs: one is named twice")
    return [
        Wanted(
            output.name,
            all_as_bytes if output.parameters.binary_data is None else output.parameters.binary_data,
            output.parameters.classification,
        )
        for output in asked
    ]


def _write_tensor(
    contract: ModelContract, array: NDArray[np.float32], wanted: Wanted
) -> tuple[dict[str, Any], bytes | None]:
    description: dict[str, Any] = {"name": wanted.name, "datatype": "FP32", "shape": list(array.shape)}
    if wanted.best:
        labels = {"probabilities": contract.labels, "scale_importance": [str(scale) for scale in contract.scales]}
        rows = classify(array, wanted.best, labels.get(wanted.name, ()))
        strings = [string for row in rows for string in row]
        description |= {"datatype": "BYTES", "shape": [len(rows), len(rows[0])]}
        data: Any = strings
        blob = strings_to_bytes(strings)
    else:
        data = np.ascontiguousarray(array).reshape(-1)
        blob = to_bytes(array)
    if wanted.as_bytes:
        return description | {"parameters": {"binary_data_size": len(blob)}}, blob
    return description | {"data": data}, None


def _decode_small(raw: msgspec.Raw, kind: type[_T], name: str) -> _T:
    if len(text := bytes(raw)) > _MAX_SMALL:
        raise refuse(f"{name}: larger than {_MAX_SMALL} bytes")
    return _decode(text, kind, name)


def _decode(text: bytes, kind: type[_T], name: str) -> _T:
    try:
        return msgspec.json.decode(text, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        sentence = re.sub(r" - at `\$\.?(.+)`$", r" (\1)", str(error))[:200]
        raise refuse(f"{name}: {sentence}" if name else sentence) from None
