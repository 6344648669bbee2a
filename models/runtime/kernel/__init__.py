"""A hand-written kernel in C for the networks of this project: an accelerator, with ONNX Runtime as the reference."""

from scaleglove.errors import ScaleGloveError


class KernelError(ScaleGloveError):
    """Raised if the kernel is not built, cannot run here, does not compute this graph or does not agree with ONNX
    Runtime; the text says which."""
