"""Sessions of ONNX Runtime on a GPU, whose every node runs there.

ONNX Runtime goes on without being asked: where a provider cannot be made, or lacks a node, the processor computes. So a
session is opened with `session.disable_cpu_ep_fallback`, and, where that fails, once more to say why
(`session.record_ep_graph_assignment_info` names the nodes).
https://onnxruntime.ai/docs/execution-providers/CUDA-ExecutionProvider.html
"""

from __future__ import annotations

import io
import logging
import os
from collections import Counter
from contextlib import redirect_stdout
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Final, Literal

import onnxruntime

from models.runtime.gpu import GpuCode, GpuError
from scaleglove.channels import CHANNELS

GpuAccelerator = Literal["cuda", "tensorrt"]

MAX_BATCH: Final = 1024
"""Windows of one run: a larger batch takes no less time for each, and memory for all of it at once."""
_USUAL_BATCH: Final = 64
"""Batch that TensorRT chooses its kernels for."""

_PROVIDERS: Final = {"cuda": "CUDAExecutionProvider", "tensorrt": "TensorrtExecutionProvider"}
_NAMED_NODES: Final = 5
_MAX_FAULT: Final = 500
"""Characters of a fault in the words of ONNX Runtime."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class GpuSession:
    """An open session, and the number of its nodes by provider."""

    session: Any
    nodes: dict[str, int]


def open_gpu_session(model: bytes, accelerator: GpuAccelerator, frames: int, runtime: Any = onnxruntime) -> GpuSession:
    """Open a session of which no node runs on the processor.

    Args:
        model: bytes of a graph with windows of `frames` frames (models/runtime/gpu/unrolled.py).
        accelerator: the provider.
        frames: in a window.
        runtime: the module `onnxruntime`.

    Raises:
        GpuError: the provider is not installed, finds no GPU or does not run the graph, or would leave nodes of it to
            the processor.
    """
    provider = _PROVIDERS[accelerator]
    if provider not in runtime.get_available_providers():
        raise GpuError(GpuCode.NO_PROVIDER, f"this ONNX Runtime has no {provider}; {_what_to_install()}")
    _prepare(runtime)
    providers = _with_options(accelerator, frames)
    try:
        session = _open(runtime, model, providers, falls_back=False)
    except Exception as error:  # noqa: BLE001 - ONNX Runtime raises many types
        raise _explain(runtime, model, providers, error) from None
    counts = Counter(dict.fromkeys([provider], 0))
    counts.update(_providers_of_nodes(session))
    if not counts[provider]:
        raise GpuError(GpuCode.NO_GPU, f"{provider} computes nothing of the graph; {_what_a_gpu_needs(accelerator)}")
    return GpuSession(session, dict(counts))


def _prepare(runtime: Any) -> None:
    """Load the libraries of CUDA that are installed as Python packages, and have float32 computed in float32."""
    # TensorRT reads it when it builds an engine; CUDA's option below says the same of its own products.
    os.environ.setdefault("NVIDIA_TF32_OVERRIDE", "0")
    said = io.StringIO()
    with redirect_stdout(said):  # it prints what it does not find, which a system may have elsewhere
        runtime.preload_dlls()
    if said.getvalue():
        _log.debug("libraries of CUDA: %s", said.getvalue().strip())


def _with_options(accelerator: GpuAccelerator, frames: int) -> list[tuple[str, dict[str, str]]]:
    """Return the providers in the order in which they take nodes. TensorRT may leave some to CUDA."""
    # The search for the fastest convolution would begin again with every size of a batch.
    cuda = (_PROVIDERS["cuda"], {"use_tf32": "0", "cudnn_conv_algo_search": "HEURISTIC"})
    if accelerator == "cuda":
        return [cuda]
    profiles = {
        f"trt_profile_{name}_shapes": f"frames:{batch}x{frames}x{len(CHANNELS)},lengths:{batch}"
        for name, batch in (("min", 1), ("opt", _USUAL_BATCH), ("max", MAX_BATCH))
    }
    return [(_PROVIDERS["tensorrt"], profiles), cuda]


def _open(runtime: Any, model: bytes, providers: list[tuple[str, dict[str, str]]], *, falls_back: bool) -> Any:
    options = runtime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3  # errors only; they are also raised
    options.add_session_config_entry("session.record_ep_graph_assignment_info", "1")
    if not falls_back:
        options.add_session_config_entry("session.disable_cpu_ep_fallback", "1")
    return runtime.InferenceSession(model, options, providers=providers, enable_fallback=0)


def _explain(runtime: Any, model: bytes, providers: list[tuple[str, dict[str, str]]], refused: Exception) -> GpuError:
    """Return why a session was refused: what it would have done with the processor to fall back to."""
    wanted = providers[0][0]
    needs = _what_a_gpu_needs("cuda" if wanted == _PROVIDERS["cuda"] else "tensorrt")
    try:
        session = _open(runtime, model, providers, falls_back=True)
    except Exception as error:  # noqa: BLE001 - ONNX Runtime raises many types
        return GpuError(GpuCode.FAILED, f"{wanted} cannot be opened ({needs}): {_first_line(error)}")
    if wanted not in session.get_providers():
        return GpuError(GpuCode.NO_GPU, f"{wanted} cannot be used here; {needs}")
    left = [
        f"{node.name} ({node.op_type})"
        for part in session.get_provider_graph_assignment_info()
        for node in part.get_nodes()
        if part.ep_name not in _PROVIDERS.values()
    ]
    if not left:
        return GpuError(GpuCode.FAILED, f"{wanted} does not take the graph: {_first_line(refused)}")
    named = ", ".join(left[:_NAMED_NODES]) + (", ..." if len(left) > _NAMED_NODES else "")
    return GpuError(GpuCode.ON_PROCESSOR, f"{wanted} leaves {len(left)} nodes to the processor: {named}")


def _providers_of_nodes(session: Any) -> Counter[str]:
    counts: Counter[str] = Counter()
    for part in session.get_provider_graph_assignment_info():
        counts[part.ep_name] += len(part.get_nodes())
    return counts


def _what_to_install() -> str:
    """Return what is missing, by what is installed: both packages have the same files, and the later one wins."""
    how = "pip install onnxruntime-gpu[cuda,cudnn] in place of onnxruntime (docs/reference/gpu.md)"
    installed = [name for name in ("onnxruntime", "onnxruntime-gpu") if _is_installed(name)]
    if len(installed) > 1:
        return (
            f"both onnxruntime and onnxruntime-gpu are installed, and one hides the other: uninstall both, then {how}"
        )
    return how


def _is_installed(distribution: str) -> bool:
    try:
        version(distribution)
    except PackageNotFoundError:
        return False
    return True


def _what_a_gpu_needs(accelerator: GpuAccelerator) -> str:
    needs = "it needs an NVIDIA GPU, its driver, and the libraries of CUDA and cuDNN that onnxruntime-gpu was built for"
    return needs if accelerator == "cuda" else f"{needs}, and those of TensorRT"


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0][:_MAX_FAULT] if lines else type(error).__name__
