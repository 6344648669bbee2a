"""The kernel as a model that runs windows as `Artefact` does, and the choice between it and ONNX Runtime."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Final, Literal, Self

import numpy as np
from numpy.typing import NDArray

from models.adaptation.model_reference import ModelReference
from models.adaptation.training_readings import TrainingReadings
from models.runtime.artefact import Artefact, ArtefactError, Outputs, read_file
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
from scaleglove.channels import CHANNELS
from scaleglove.scales import SCALES

Accelerator = Literal["auto", "kernel", "onnx"]

_log = logging.getLogger(__name__)

TOLERANCES: Final = {"probabilities": 1e-5, "scale_importance": 1e-4, "embedding": 5e-5}
"""Largest differences from ONNX Runtime: 1.7 times and more of the largest in 30,000 random windows. Importance
divides the effects of the towers on the probabilities by their sum; where that is small, the seventh decimal of a
probability is the fifth of the importance. An embedding is the sum of up to 180 products (docs/reference/kernel.md)."""

_TRIED_LENGTHS: Final = (1, 2, 3, 6, 7, 10, 11, 31, 32, 33)
_TRIED_READINGS: Final = ((0, 1023, -180, 180), (700, 990, -30, 30), (0, 200, -2000, 2000))
"""Ranges of flex sensors and of angles, from and to. Far beyond what a sensor reads, rounding errors dominate."""


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
        weights = read_weights(read_graph(_read_again(artefact)))
        kernel = cls(weights, artefact.contract, Library(variant or fitting[0], folder), artefact.digest)
        kernel._try_out(artefact)
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

    def _try_out(self, artefact: Artefact) -> None:
        """Compare alone and in batches, on short and long windows, with steady, noisy and dropped sensors."""
        rng = np.random.default_rng(0)
        longest = self.contract.window_frames
        lengths = [min(length, longest) for length in (*_TRIED_LENGTHS, max(1, longest - 1), longest)]
        windows = [
            np.hstack([rng.uniform(*span[:2], (length, 5)), rng.uniform(*span[2:], (length, 3))]).astype(np.float32)
            for length in lengths
            for span in _TRIED_READINGS
        ]
        for batch in ([windows[0]], [windows[-1]], windows):
            self._compare(artefact, batch)

    def _compare(self, artefact: Artefact, windows: Sequence[NDArray[np.float32]]) -> None:
        mine, reference = self.run_windows(windows), artefact.run_windows(windows)
        for name, tolerance in TOLERANCES.items():
            one, other = getattr(mine, name), getattr(reference, name)
            with np.errstate(invalid="ignore"):  # of weights that are no numbers: NaN is no agreement
                difference = np.abs(one - other).max() if one.shape == other.shape else np.inf
            if not difference <= tolerance:
                raise KernelError(
                    f"{artefact.path}: kernel ({self.variant}) and ONNX Runtime differ by {difference:.1g} in {name}"
                )


def _read_again(artefact: Artefact) -> bytes:
    """Return the bytes that the artefact was loaded from, which are not kept: some are as large as its session.

    Raises:
        KernelError: the file is gone or has changed.
    """
    try:
        data = read_file(artefact.path)
    except ArtefactError as error:
        raise KernelError(str(error)) from None
    if sha256(data).hexdigest() != artefact.digest:
        raise KernelError(f"{artefact.path}: changed while it was loaded")
    return data


def accelerate(artefact: Artefact, wish: Accelerator) -> Artefact | Kernel:
    """Return the kernel with the artefact's weights, or the artefact itself; the log says which.

    Args:
        artefact: to accelerate.
        wish: `kernel`, `onnx`, or `auto`: the kernel where it can be used.

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
        _log.info("%s runs on ONNX Runtime: %s", artefact.contract.name, error)
        return artefact
    _log.info("%s runs on the kernel (%s)", artefact.contract.name, kernel.variant)
    return kernel
