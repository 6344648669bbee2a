"""What all of the kernel raises."""

from __future__ import annotations

from scaleglove.errors import ScaleGloveError


class KernelError(ScaleGloveError):
    """The kernel is not there, cannot run here, does not compute this graph or does not agree with ONNX Runtime; the
    text says which."""
