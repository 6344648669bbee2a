"""Models on a GPU: graphs whose every node a provider of ONNX Runtime has, and the sessions that run them."""

from enum import StrEnum

from scaleglove.errors import ScaleGloveError


class GpuCode(StrEnum):
    """Why a GPU is not used; docs/reference/codes.md describes each."""

    NO_PROVIDER = "no_provider"
    NO_GPU = "no_gpu"
    ON_PROCESSOR = "on_processor"
    UNKNOWN_GRAPH = "unknown_graph"
    DISAGREES = "disagrees"
    FAILED = "failed"


class GpuError(ScaleGloveError):
    """Raised where a model cannot be computed on the GPU that was asked for; the text begins with the code."""

    def __init__(self, code: GpuCode, text: str) -> None:
        super().__init__(f"{code}: {text}")
        self.code = code
