"""Model artefact: one self-contained `.onnx` file, read and run with ONNX Runtime, without torch.

A file that breaks the contract is refused at load, with a sentence that says why, whatever it holds.
"""

from __future__ import annotations

import stat
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Final, Protocol, Self, TypeVar

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from pydantic import ValidationError

from models.adaptation.letter_gaussians import LetterGaussians
from models.adaptation.model_reference import ModelReference
from models.adaptation.training_readings import TrainingReadings
from models.runtime.additive import ADDITIVE_KEY
from models.runtime.additive import decode as decode_additive
from models.runtime.contract import METADATA_KEY, READINGS_SINCE, VOCABULARY_SINCE, ModelContract, pad
from models.runtime.onnx_outline import read_metadata
from models.runtime.prototypes import PROTOTYPES_KEY
from models.runtime.prototypes import decode as decode_prototypes
from models.runtime.readings import READINGS_KEY
from models.runtime.readings import decode as decode_readings
from scaleglove.channels import CHANNELS
from scaleglove.errors import ScaleGloveError
from scaleglove.validation_faults import describe_fault

_FLOAT = "tensor(float)"
_INPUTS = {"frames": _FLOAT, "lengths": "tensor(int64)"}
_OUTPUTS = ("probabilities", "scale_importance", "embedding")
_TOLERANCE = 1e-5
_PARITY_BATCH = 256

MAX_FILE_BYTES: Final = 64 * 1024 * 1024
"""Sixty times the largest artefact of this project. It also bounds what is read of a file that never ends."""

_SHOWN: Final = 200
"""Characters of a fault that may quote the file."""

_MAX_FAULT: Final = 500
"""Characters of a fault in the words of ONNX Runtime, which name its own source first."""

_MAX_METADATA: Final = 1024 * 1024
"""Characters of the contract; those of shipped artefacts have some 12,000, most of them the report."""

_Read = TypeVar("_Read")


class ArtefactError(ScaleGloveError):
    """Raised for a file that is not a usable artefact; the text names the file and the fault."""


@dataclass(frozen=True, slots=True)
class Outputs:
    """Outputs of a model for a batch of N windows."""

    probabilities: NDArray[np.float32]
    """float32[N, labels], each row sums to 1."""
    scale_importance: NDArray[np.float32]
    """float32[N, scales], not negative, each row sums to 1."""
    embedding: NDArray[np.float32]
    """float32[N, n]; distances are comparable (models/training/metric.py)."""

    def __len__(self) -> int:
        return len(self.probabilities)

    def rows(self, rows: slice) -> Outputs:
        """Return the outputs for some of the windows."""
        return Outputs(self.probabilities[rows], self.scale_importance[rows], self.embedding[rows])

    @classmethod
    def join(cls, parts: Sequence[Outputs]) -> Self:
        """Concatenate the outputs of batches, one or more."""
        return cls(
            np.concatenate([part.probabilities for part in parts]),
            np.concatenate([part.scale_importance for part in parts]),
            np.concatenate([part.embedding for part in parts]),
        )


class Artefact:
    """A loaded model with its `contract`."""

    def __init__(self, session: onnxruntime.InferenceSession, contract: ModelContract, path: Path, data: bytes) -> None:
        self._session = session
        self.contract = contract
        self.path = path
        self.file_bytes = len(data)
        self.digest = sha256(data).hexdigest()
        """SHA-256 of the file's bytes, in hexadecimal; identifies what was made with this artefact."""
        self.reference: ModelReference | None = None
        """Prototypes of the letters and the additive classifier; None: the artefact has no prototypes, and no window is
        rejected."""
        self.readings: TrainingReadings | None = None
        """What the glove of the training data read; None: the artefact has none."""

    @classmethod
    def load(cls, path: Path) -> Self:
        """Load an artefact, check it against the contract and run it once.

        Raises:
            ArtefactError: the file cannot be used.
        """
        return cls.of(read_file(path), path)

    @classmethod
    def of(cls, data: bytes, path: Path) -> Self:
        """Make an artefact of the bytes of the file at `path`, as `load` does.

        Raises:
            ArtefactError: the bytes are not an artefact.
        """
        try:
            return cls._of(data, path)
        except ArtefactError:
            raise
        except Exception as error:  # noqa: BLE001 - no exception of a library may pass for one of this program
            raise ArtefactError(f"{path}: cannot be used: {_first_line(error)}") from None

    @classmethod
    def _of(cls, data: bytes, path: Path) -> Self:
        metadata, contract = read_contract(data, path)
        session = _open_session(data, path)
        _check_interface(session, contract, path)
        artefact = cls(session, contract, path, data)
        artefact.reference = _read_reference(metadata, artefact._try_out(), contract, path)
        artefact.readings = _read_readings(metadata, contract, path)
        artefact._add_gaussians()
        return artefact

    def run(self, frames: NDArray[np.float32], lengths: NDArray[np.int64]) -> Outputs:
        """Run the model on `frames` float32[N, time, 8] in raw units, of which `lengths` int64[N] (1 to time) are
        valid.

        Values beyond a window's length have no effect.

        Raises:
            ValueError: a length is not 1 to time.
        """
        if lengths.min() < 1 or lengths.max() > frames.shape[1]:
            raise ValueError(f"lengths must be 1 to {frames.shape[1]}, the frames given; they are {lengths.tolist()}")
        return Outputs(*self._session.run(list(_OUTPUTS), {"frames": frames, "lengths": lengths}))

    def run_windows(self, windows: Sequence[NDArray[np.float32]]) -> Outputs:
        """Run the model on one or more windows float32[n_i, 8] of different lengths, padded into one batch.

        Of a window longer than `window_frames` the newest frames are used, as in a stream.
        """
        return self.run(*pad([window[-self.contract.window_frames :] for window in windows]))

    def read_again(self) -> bytes:
        """Return the bytes that the artefact was loaded from, which are not kept: some are as large as its session.

        Raises:
            ArtefactError: the file is gone or has changed.
        """
        data = read_file(self.path)
        if sha256(data).hexdigest() != self.digest:
            raise ArtefactError(f"{self.path}: changed while it was loaded")
        return data

    def _add_gaussians(self) -> None:
        """Fit the letters' Gaussians to the training's shapes, where they are asked."""
        contract, readings, reference = self.contract, self.readings, self.reference
        if readings is None or reference is None or not reference.asks_gaussians or any(contract.vocabulary.moving):
            return
        windows = [np.tile(shape, (contract.min_frames, 1)) for shape in readings.shapes]
        fitted = LetterGaussians.of(self.run_windows(windows).embedding, readings, reference.classes)
        self.reference = replace(reference, gaussians=fitted)

    def _try_out(self) -> int:
        """Check the outputs of a window alone and in a batch; return the length of an embedding."""
        rng = np.random.default_rng(0)
        long = rng.uniform(0, 900, (self.contract.window_frames, len(CHANNELS))).astype(np.float32)
        short = long[: max(1, len(long) // 3)]
        try:
            alone, together = self.run_windows([short]), self.run_windows([short, long, short])
        except Exception as error:  # noqa: BLE001 - ONNX Runtime raises many types
            raise ArtefactError(f"{self.path}: does not run: {_first_line(error)}") from None
        for name, width in zip(_OUTPUTS, (len(self.contract.labels), len(self.contract.scales), None), strict=True):
            fault = _find_fault(getattr(alone, name), getattr(together, name), width)
            if fault:
                raise ArtefactError(f"{self.path}: {name} {fault}")
        return int(alone.embedding.shape[1])


def _find_fault(alone: NDArray[np.float32], together: NDArray[np.float32], width: int | None) -> str | None:
    """Return the fault of an output for one window, and for three of which it is the first. `width` None: any width,
    and not a distribution."""
    rows = len(together) if together.ndim else 0
    if together.ndim != 2 or rows != 3 or (width is not None and together.shape[1] != width):
        return f"has shape {list(together.shape)} for 3 windows; not [3, {width or 'hidden'}]"
    if not np.isfinite(together).all():
        return "is not finite"
    if width is not None and ((together < 0).any() or not np.allclose(together.sum(axis=1), 1, atol=1e-4)):
        return "is not a distribution (not negative, sum 1)"
    if alone.shape[1:] != together.shape[1:] or not np.allclose(alone[0], together[0], atol=_TOLERANCE):
        return "differs between a window alone and the same window inside a batch"
    return None


def read_file(path: Path) -> bytes:
    """Read the bytes of an artefact.

    Raises:
        ArtefactError: there is no such file, it is none, it cannot be read, or it is too large.
    """
    try:
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode):  # to open a pipe would wait for its writer
            raise ArtefactError(f"{path}: is a {'folder' if stat.S_ISDIR(mode) else 'pipe or a device'}, not a file")
        with path.open("rb") as file:
            data = file.read(MAX_FILE_BYTES + 1)
    except FileNotFoundError:
        raise ArtefactError(f"{path}: no such file") from None
    except (OSError, ValueError) as error:  # ValueError: a zero byte in its name
        raise ArtefactError(f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}") from None
    if len(data) > MAX_FILE_BYTES:
        raise ArtefactError(f"{path}: larger than {MAX_FILE_BYTES // 1024**2} MiB, which no artefact is")
    return data


def open_session(model: Path | bytes) -> onnxruntime.InferenceSession:
    """Open a silent session that runs on the caller's thread: a second thread costs more than it gives for tiny models.

    Raises:
        Exception: one of ONNX Runtime's many types; the model cannot be read.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    # Weights stored as INT8 are converted to float32 once, at load, not before every run.
    options.add_session_config_entry("session.disable_quant_qdq", "1")
    options.log_severity_level = 3  # errors only; they are also raised
    source = model if isinstance(model, bytes) else str(model)
    # Without a fallback: it prints what failed, and tries the same provider again.
    return onnxruntime.InferenceSession(source, options, providers=["CPUExecutionProvider"], enable_fallback=0)


class WindowModel(Protocol):
    """A model that runs windows: an artefact, the kernel, or a package for a chip."""

    def run_windows(self, windows: Sequence[NDArray[np.float32]]) -> Outputs:
        """Run windows as `Artefact.run_windows` does."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """Agreement of two models on the same windows."""

    windows: int
    same_letter_percent: float
    """Windows in which both rank the same letter first."""
    largest_difference: float
    """Largest difference of any probability in any window."""


def agreement(one: WindowModel, other: WindowModel, windows: Sequence[NDArray[np.float32]]) -> Agreement:
    """Compare two models on windows float32[n_i, 8] in raw units, at least one."""
    first, second = _probabilities(one, windows), _probabilities(other, windows)
    same = first.argmax(axis=1) == second.argmax(axis=1)
    return Agreement(len(windows), 100 * float(same.mean()), float(np.abs(first - second).max()))


def _probabilities(model: WindowModel, windows: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
    batches = [windows[start : start + _PARITY_BATCH] for start in range(0, len(windows), _PARITY_BATCH)]
    return np.concatenate([model.run_windows(batch).probabilities for batch in batches])


def _open_session(data: bytes, path: Path) -> onnxruntime.InferenceSession:
    try:
        return open_session(data)
    except Exception as error:  # noqa: BLE001 - ONNX Runtime raises many types
        raise ArtefactError(f"{path}: not a readable ONNX model: {_first_line(error)}") from None


def read_contract(data: bytes, path: Path) -> tuple[dict[str, str], ModelContract]:
    """Return the metadata and the contract in the bytes of the file at `path`, which ONNX Runtime has not seen yet.

    Raises:
        ArtefactError: they are not those of an artefact.
    """
    try:
        metadata = read_metadata(data)
    except ValueError as error:
        raise ArtefactError(f"{path}: not a readable ONNX model: {error}") from None
    if METADATA_KEY not in metadata:
        raise ArtefactError(
            f'{path}: the metadata "{METADATA_KEY}" is missing; this ONNX file is not a scaleglove artefact'
        )
    if len(metadata[METADATA_KEY]) > _MAX_METADATA:
        raise ArtefactError(f'{path}: metadata "{METADATA_KEY}": more than {_MAX_METADATA} characters')
    try:
        return metadata, ModelContract.model_validate_json(metadata[METADATA_KEY])
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        where = ".".join(map(str, fault["loc"])) or "the whole"
        detail = describe_fault(fault)[:_SHOWN]
        raise ArtefactError(f'{path}: metadata "{METADATA_KEY}": {where[:_SHOWN]}: {detail}') from None


def _read_reference(
    metadata: Mapping[str, str], width: int, contract: ModelContract, path: Path
) -> ModelReference | None:
    classes = len(contract.labels)
    found = _read_if_there(metadata, path, PROTOTYPES_KEY, lambda text: decode_prototypes(text, width, classes))
    additive = _read_if_there(metadata, path, ADDITIVE_KEY, lambda text: decode_additive(text, width, classes))
    if found is None and additive is not None:
        raise ArtefactError(
            f'{path}: the metadata "{ADDITIVE_KEY}" goes with "{PROTOTYPES_KEY}", which is missing; '
            "scaleglove prototypes writes both"
        )
    if found is None:
        return None
    prototypes, ways = found
    return ModelReference(prototypes, additive, contract.provenance.is_of_many_people, ways=ways)


def _read_readings(metadata: Mapping[str, str], contract: ModelContract, path: Path) -> TrainingReadings | None:
    if contract.schema_version < READINGS_SINCE:
        return None
    readings = _read_if_there(metadata, path, READINGS_KEY, lambda text: decode_readings(text, contract.vocabulary))
    if readings is None and contract.schema_version < VOCABULARY_SINCE:
        raise ArtefactError(
            f'{path}: the metadata "{READINGS_KEY}" is missing, which schema version {READINGS_SINCE} requires; '
            "scaleglove prototypes writes it"
        )
    return readings and replace(readings, of_many=contract.provenance.is_of_many_people)


def _read_if_there(metadata: Mapping[str, str], path: Path, key: str, decode: Callable[[str], _Read]) -> _Read | None:
    """Decode an entry of the metadata; None: there is none.

    Raises:
        ArtefactError: `decode` refuses it with a ValueError.
    """
    if key not in metadata:
        return None
    try:
        return decode(metadata[key])
    except ValueError as error:
        raise ArtefactError(f'{path}: metadata "{key}": {error}') from None


def _check_interface(session: onnxruntime.InferenceSession, contract: ModelContract, path: Path) -> None:
    inputs = {value.name: value for value in session.get_inputs()}
    outputs = {value.name: value for value in session.get_outputs()}
    for name, tensor_type in _INPUTS.items():
        if name not in inputs:
            raise ArtefactError(f"{path}: input {name} is missing; it has {', '.join(inputs)[:_SHOWN]}")
        if inputs[name].type != tensor_type:
            raise ArtefactError(f"{path}: input {name} is {inputs[name].type}, not {tensor_type}")
    for name in _OUTPUTS:
        if name not in outputs:
            raise ArtefactError(f"{path}: output {name} is missing; it has {', '.join(outputs)[:_SHOWN]}")
        if outputs[name].type != _FLOAT:
            raise ArtefactError(f"{path}: output {name} is {outputs[name].type}, not {_FLOAT}")
    shape = inputs["frames"].shape
    if len(shape) != 3 or isinstance(shape[0], int) or isinstance(shape[1], int) or shape[2] != len(CHANNELS):
        raise ArtefactError(
            f"{path}: input frames has shape {shape}; batch and time must be dynamic, channels {len(CHANNELS)}"
        )
    width = outputs["probabilities"].shape[-1]
    if isinstance(width, int) and width != len(contract.labels):
        raise ArtefactError(f"{path}: {width} probabilities for {len(contract.labels)} labels")


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0][:_MAX_FAULT] if lines else type(error).__name__
