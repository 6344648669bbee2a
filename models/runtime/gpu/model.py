"""A model on a GPU, which runs windows as `Artefact` does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from models.adaptation.model_reference import ModelReference
from models.adaptation.training_readings import TrainingReadings
from models.runtime.artefact import Artefact, Outputs
from models.runtime.contract import ModelContract
from models.runtime.gpu import GpuCode, GpuError
from models.runtime.gpu.session import MAX_BATCH, GpuAccelerator, GpuSession, open_gpu_session
from models.runtime.gpu.unrolled import OUTPUTS, align, frames_of, unroll
from models.runtime.kernel import KernelError
from models.runtime.kernel.onnx_file import read_graph
from models.runtime.parity import find_difference
from scaleglove.channels import CHANNELS

OpenSession = Callable[[bytes, GpuAccelerator, int], GpuSession]


class GpuModel:
    """Runs windows on a GPU, from any number of threads."""

    def __init__(self, opened: GpuSession, contract: ModelContract, digest: str = "") -> None:
        self.contract = contract
        self.digest = digest
        """Digest of the artefact with these weights."""
        self.reference: ModelReference | None = None
        """As in its artefact."""
        self.readings: TrainingReadings | None = None
        """As in its artefact."""
        self.nodes = opened.nodes
        """Number of nodes by provider."""
        self._session = opened.session
        self._frames = frames_of(contract.window_frames)

    @classmethod
    def load(
        cls, artefact: Artefact, accelerator: GpuAccelerator, open_session: OpenSession = open_gpu_session
    ) -> Self:
        """Open an artefact's unrolled graph on a GPU, and compare it with the artefact on the processor.

        Raises:
            ArtefactError: the artefact's file is gone or has changed.
            GpuError: there is no such provider or GPU, it does not run the whole graph, or it does not agree.
        """
        try:
            model = unroll(read_graph(artefact.read_again()), artefact.contract.window_frames)
        except KernelError as error:
            raise GpuError(GpuCode.UNKNOWN_GRAPH, f"{artefact.path}: {error}") from None
        opened = open_session(model, accelerator, frames_of(artefact.contract.window_frames))
        loaded = cls(opened, artefact.contract, artefact.digest)
        try:
            difference = find_difference(loaded, artefact)
        except Exception as error:  # noqa: BLE001 - ONNX Runtime raises many types
            raise GpuError(GpuCode.FAILED, f"{artefact.path}: does not run on {accelerator}: {error}") from None
        if difference is not None:
            raise GpuError(
                GpuCode.DISAGREES, f"{artefact.path}: {accelerator} and the processor differ by {difference}"
            )
        loaded.reference = artefact.reference
        loaded.readings = artefact.readings
        return loaded

    def run_windows(self, windows: Sequence[NDArray[np.float32]]) -> Outputs:
        """Run the model on one or more windows float32[n_i, 8]; of one longer than `window_frames` on its newest
        frames.

        Raises:
            ValueError: there are no windows, or one is empty or not of eight channels.
        """
        if not windows:
            raise ValueError("a batch needs at least one window")
        kept = [window[-self.contract.window_frames :] for window in windows]
        if any(window.ndim != 2 or window.shape[1] != len(CHANNELS) or not len(window) for window in kept):
            raise ValueError(f"windows must be [1 or more, {len(CHANNELS)}]; they are {[w.shape for w in windows]}")
        return Outputs.join([self._run(kept[start : start + MAX_BATCH]) for start in range(0, len(kept), MAX_BATCH)])

    def _run(self, windows: Sequence[NDArray[np.float32]]) -> Outputs:
        frames, lengths = align(windows, self._frames)
        outputs: list[Any] = self._session.run(list(OUTPUTS), {"frames": frames, "lengths": lengths})
        return Outputs(*outputs)
