"""The kernel as a model that runs windows as `Artefact` does."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from models.adaptation.model_reference import ModelReference
from models.adaptation.training_readings import TrainingReadings
from models.runtime.artefact import Artefact, ArtefactError, Outputs
from models.runtime.contract import ModelContract
from models.runtime.kernel import KernelError
from models.runtime.kernel.build import FOLDER
from models.runtime.kernel.library import (
    Library,
    Model,
    aligned,
    supported,
)
from models.runtime.kernel.onnx_file import read_graph
from models.runtime.kernel.weights import Weights, read_weights
from models.runtime.parity import find_difference
from scaleglove.channels import CHANNELS
from scaleglove.scales import SCALES


class Kernel:
    """Runs windows by the compiled kernel, from any number of threads at once: each has its own scratch memory."""

    def __init__(self, weights: Weights, contract: ModelContract, library: Library, digest: str = "") -> None:
        self.contract = contract
        self.digest = digest
        """Digest of the artefact with these weights; empty if they are from elsewhere."""
        self.reference: ModelReference | None = None
        """As in its artefact."""
        self.readings: TrainingReadings | None = None
        """As in its artefact."""
        self.variant = library.variant
        self._library = library
        self._model = Model(weights)
        self._widths = (weights.labels, len(SCALES), weights.traits)
        self._local = threading.local()

    @classmethod
    def load(cls, artefact: Artefact, variant: str | None = None, folder: Path = FOLDER) -> Self:
        """Load the kernel with an artefact's weights, by default the fastest variant for this processor, and compare it
        with the artefact.

        Raises:
            KernelError: it is not built, does not run here, does not compute the artefact's graph, or does not agree.
        """
        fitting = supported(folder)
        if variant is not None and variant not in fitting:
            raise KernelError(
                f"this processor does not run the kernel's variant {variant}; it runs {', '.join(fitting)}"
            )
        try:
            data = artefact.read_again()
        except ArtefactError as error:
            raise KernelError(str(error)) from None
        weights = read_weights(read_graph(data))
        kernel = cls(weights, artefact.contract, Library(variant or fitting[0], folder), artefact.digest)
        difference = find_difference(kernel, artefact)
        if difference is not None:
            raise KernelError(f"{artefact.path}: kernel ({kernel.variant}) and ONNX Runtime differ by {difference}")
        kernel.reference = artefact.reference
        kernel.readings = artefact.readings
        return kernel

    def run_windows(self, windows: Sequence[NDArray[np.float32]]) -> Outputs:
        """Run the model on one or more windows float32[n_i, 8]; of one longer than `window_frames` on its newest
        frames.

        Raises:
            ValueError: there are no windows, or one is empty or not of eight channels.
        """
        if not windows:
            raise ValueError("a batch needs at least one window")
        longest = self.contract.window_frames
        kept = [window[-longest:] for window in windows]
        frames = np.ascontiguousarray(np.concatenate(kept, dtype=np.float32))  # concatenate keeps F order
        lengths = np.array([len(window) for window in kept], np.int32)
        if frames.ndim != 2 or frames.shape[1] != len(CHANNELS) or lengths.min() < 1:
            raise ValueError(f"windows must be [1 or more, {len(CHANNELS)}]; they are {[w.shape for w in windows]}")
        outputs = [np.empty((len(kept), width), np.float32) for width in self._widths]
        ran = self._library.run(
            self._model.pointer,
            len(kept),
            frames.ctypes.data,
            lengths.ctypes.data,
            longest,
            self._scratch().ctypes.data,
            *(output.ctypes.data for output in outputs),
        )
        if ran < 0:  # the memory of `outputs` has nothing
            raise KernelError("the kernel refuses the sizes of these weights and windows")
        return Outputs(*outputs)

    def _scratch(self) -> NDArray[np.float32]:
        """Return the scratch memory of this thread."""
        try:
            scratch: NDArray[np.float32] = self._local.scratch
        except AttributeError:
            floats = self._library.scratch_floats(self._model.pointer, self.contract.window_frames)
            if floats < 0:
                raise KernelError("the kernel refuses the sizes of these weights") from None
            scratch = aligned(floats)
            self._local.scratch = scratch
        return scratch
