"""The choice of what computes an artefact: ONNX Runtime, the compiled kernel, or a GPU."""

from __future__ import annotations

import logging
from typing import Literal

from models.runtime.artefact import Artefact
from models.runtime.gpu.model import GpuModel
from models.runtime.kernel import KernelError
from models.runtime.kernel.kernel import Kernel

Accelerator = Literal["auto", "kernel", "onnx", "cuda", "tensorrt"]

_log = logging.getLogger(__name__)


def accelerate(artefact: Artefact, wish: Accelerator) -> Artefact | Kernel | GpuModel:
    """Return a faster form of an artefact, or the artefact itself; the log says which.

    Args:
        artefact: to accelerate.
        wish: `kernel`, `onnx`, `cuda`, `tensorrt`, or `auto`: the kernel where it can be used.

    Raises:
        GpuError: the wish is a GPU, and it cannot be used, does not run the whole artefact or does not agree with it.
        KernelError: the wish is `kernel`, and it is not built, does not compute the artefact or does not agree with it.
    """
    name = artefact.contract.name
    if wish == "onnx":
        return artefact
    if wish in {"cuda", "tensorrt"}:
        model = GpuModel.load(artefact, wish)
        nodes = ", ".join(f"{count} nodes on {provider}" for provider, count in model.nodes.items())
        _log.info("%s runs on %s (%s)", name, wish, nodes)
        return model
    try:
        kernel = Kernel.load(artefact)
    except KernelError as error:
        if wish == "kernel":
            raise
        _log.info("%s runs on ONNX Runtime: %s", name, error)
        return artefact
    _log.info("%s runs on the kernel (%s)", name, kernel.variant)
    return kernel
