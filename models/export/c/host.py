"""A package compiled for this computer, to run it before it is on a chip."""

from __future__ import annotations

import ctypes
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from models.export.c.graph import ExportError
from models.export.c.package import HEADER, SOURCE
from models.export.c.readings import Arithmetic, to_readings
from models.runtime.artefact import Outputs
from models.runtime.kernel.weights import HIDDEN
from scaleglove.channels import CHANNELS
from scaleglove.native.compiler import find_compiler
from scaleglove.scales import SCALES

FLAGS: Final = ("-std=c99", "-Wall", "-Wextra", "-Wconversion", "-pedantic", "-ffp-contract=off")
"""Contraction (fused multiply-add) is off, so that all processors give the same results."""

LIBRARY: Final = "sg_net.so"
"""Name of the compiled library in the folder of its package."""

_PROBABILITIES: Final[dict[Arithmetic, Any]] = {"float32": ctypes.c_float, "integer": ctypes.c_uint16}
_ONE: Final[dict[Arithmetic, np.float32]] = {"float32": np.float32(1), "integer": np.float32(65535)}
"""Probability 1 in C."""
_VALUES: Final[dict[Arithmetic, Any]] = {"float32": ctypes.c_float, "integer": ctypes.c_int16}
_ONE_IN_STATE: Final[dict[Arithmetic, np.float32]] = {"float32": np.float32(1), "integer": np.float32(2**15)}

_SIZES: Final = f"""#include <stddef.h>
#include "{HEADER}"

extern const int sg_net_label_count;
const int sg_net_label_count = SG_NET_LABELS;
size_t sg_net_bytes(void);
size_t sg_net_bytes(void) {{ return sizeof(struct sg_net); }}
const sg_net_value *sg_net_newest(const struct sg_net *net);
const sg_net_value *sg_net_newest(const struct sg_net *net) {{ return net->state[SG_NET_LAYERS - 1]; }}
"""


class Package:
    """A compiled package, by the functions of `sg_net.h`; one stream at a time. `labels` are those of its table."""

    def __init__(self, library: ctypes.CDLL, arithmetic: Arithmetic) -> None:
        self._arithmetic = arithmetic
        names = ctypes.c_char_p * ctypes.c_int.in_dll(library, "sg_net_label_count").value
        self.labels = tuple((name or b"").decode() for name in names.in_dll(library, "sg_net_labels"))
        probability = _PROBABILITIES[arithmetic]
        self._probability = probability
        self._value = _VALUES[arithmetic]
        self._library = library
        self._newest = library.sg_net_newest
        self._newest.restype = ctypes.c_void_p
        self._answer = _answer_type(probability, len(self.labels))()
        self._state = ctypes.create_string_buffer(self.state_bytes)
        self._importance = (probability * len(SCALES))()

    @classmethod
    def compiled(cls, folder: Path, arithmetic: Arithmetic, extra: tuple[str, ...] = ()) -> Self:
        """Compile the package in `folder`.

        Raises:
            ExportError: there is no compiler, or it failed or warned.
        """
        compiler = find_compiler()
        if compiler is None:
            raise ExportError("no C compiler (cc, gcc or clang; CC may name another)")
        (folder / "sizes.c").write_text(_SIZES, encoding="utf-8")
        library = folder / LIBRARY
        sources = [str(folder / name) for name in (SOURCE, "sizes.c")]
        command = [compiler, *FLAGS, "-Werror", "-O2", *extra, "-fPIC", "-shared", *sources, "-lm", "-o", str(library)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise ExportError(f"{folder}: {done.stderr.strip()}")
        return cls(ctypes.CDLL(str(library)), arithmetic)

    @property
    def state_bytes(self) -> int:
        """Size of the state of one glove."""
        size: int = self._library.sg_net_bytes()
        return size

    def start(self) -> None:
        """Start a stream."""
        self._library.sg_net_start(self._state)

    def step(self, frame: NDArray[np.float32]) -> None:
        """Process the next frame, raw float32[8]."""
        self._library.sg_net_step(self._state, _pointer(to_readings(frame, self._arithmetic)))

    def finish(self) -> None:
        """Process the frames that wait for a step of two, and for the lookahead of the towers."""
        self._library.sg_net_finish(self._state)

    def result(self) -> tuple[int, NDArray[Any]]:
        """Return the index of the letter, and the probabilities as they are in C."""
        self._library.sg_net_result(self._state, ctypes.byref(self._answer))
        return self._copied()

    def window(self, frames: NDArray[np.float32]) -> tuple[int, NDArray[Any]]:
        """Return the result of a whole window, raw float32[n, 8]."""
        if frames.ndim != 2 or frames.shape[1] != len(CHANNELS) or not len(frames):
            raise ValueError(f"a window is [1 or more, {len(CHANNELS)}], not {list(frames.shape)}")
        readings = to_readings(frames, self._arithmetic)
        self._library.sg_net_window(
            self._state, _pointer(readings), ctypes.c_uint32(len(readings)), ctypes.byref(self._answer)
        )
        return self._copied()

    def run_windows(self, windows: Sequence[NDArray[np.float32]]) -> Outputs:
        """Run windows as `Artefact.run_windows` does, one by one; the embedding is the last state, without a metric."""
        found = [(self.window(window)[1], self.importance(), self.newest_state()) for window in windows]
        probabilities, importance, states = (np.array(part, np.float32) for part in zip(*found, strict=True))
        one = _ONE[self._arithmetic]
        return Outputs(probabilities / one, importance / one, states)

    def newest_state(self) -> NDArray[np.float32]:
        """Return the last state float32[hidden] of the last recurrent layer, -1 to 1."""
        values = ctypes.cast(self._newest(self._state), ctypes.POINTER(self._value * HIDDEN)).contents
        return np.array(values, np.float32) / _ONE_IN_STATE[self._arithmetic]

    def importance(self) -> NDArray[Any]:
        """Return the importance of the last result, as it is in C."""
        self._library.sg_net_importance(self._state, self._importance)
        return np.array(self._importance, np.dtype(self._probability))

    def _copied(self) -> tuple[int, NDArray[Any]]:
        return self._answer.letter, np.array(self._answer.probabilities, np.dtype(self._probability))


def _pointer(array: NDArray[Any]) -> ctypes.c_void_p:
    return ctypes.c_void_p(array.ctypes.data)


def _answer_type(probability: Any, labels: int) -> Any:
    fields = [("letter", ctypes.c_uint8), ("probabilities", probability * labels)]
    return type("Answer", (ctypes.Structure,), {"_fields_": fields})
