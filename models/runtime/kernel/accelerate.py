"""Which of the two answers: the kernel or ONNX Runtime."""

from __future__ import annotations

import logging
from typing import Literal

from models.runtime.artefact import Artefact
from models.runtime.kernel.errors import KernelError
from models.runtime.kernel.kernel import Kernel

Accelerator = Literal["auto", "kernel", "onnx"]

_log = logging.getLogger(__name__)


def accelerate(artefact: Artefact, wish: Accelerator) -> Artefact | Kernel:
    """The kernel with the artefact's weights, or the artefact itself. `auto` takes the kernel where it can be had, and
    the log says which it is.

    Raises:
        KernelError: the wish is `kernel`, and it is not built, does not compute the artefact or does not agree with it.
    """
    if wish == "onnx":
        return artefact
    try:
        kernel = Kernel.load(artefact)
    except KernelError as error:
        if wish == "kernel":
            raise
        _log.info("%s is answered by ONNX Runtime: %s", artefact.contract.name, error)
        return artefact
    _log.info("%s is answered by the kernel (%s)", artefact.contract.name, kernel.variant)
    return kernel
