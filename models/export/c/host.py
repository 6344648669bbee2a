"""A package compiled for this computer: to look at its answers before any chip gives them."""

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
from models.runtime.kernel.build import find_compiler
from models.runtime.kernel.weights import HIDDEN
from scaleglove.channels import CHANNELS
from scaleglove.letters import LETTERS, SCALES

FLAGS: Final = ("-std=c99", "-Wall", "-Wextra", "-Wconversion", "-pedantic", "-ffp-contract=off")
"""Without contraction of its own the compiler keeps to what the source says, so that all processors answer the same."""

_SHARES: Final[dict[Arithmetic, Any]] = {"float32": ctypes.c_float, "integer": ctypes.c_uint16}
_ONE: Final[dict[Arithmetic, np.float32]] = {"float32": np.float32(1), "integer": np.float32(65535)}
"""What a share of all is in C."""
_VALUES: Final[dict[Arithmetic, Any]] = {"float32": ctypes.c_float, "integer": ctypes.c_int16}
_ONE_IN_STATE: Final[dict[Arithmetic, np.float32]] = {"float32": np.float32(1), "integer": np.float32(2**15)}

_SIZES: Final = f"""#include <stddef.h>
#include "{HEADER}"

size_t sg_net_bytes(void);
size_t sg_net_bytes(void) {{ return sizeof(struct sg_net); }}
const sg_net_value *sg_net_newest(const struct sg_net *net);
const sg_net_value *sg_net_newest(const struct sg_net *net) {{ return net->state[SG_NET_LAYERS - 1]; }}
"""


class Package:
    """`sg_net.h` by its functions; one stream at a time."""

    def __init__(self, library: ctypes.CDLL, arithmetic: Arithmetic) -> None:
        self._arithmetic = arithmetic
        share = _SHARES[arithmetic]
        self._share = share
        self._value = _VALUES[arithmetic]
        self._library = library
        self._newest = library.sg_net_newest
        self._newest.restype = ctypes.c_void_p
        self._answer = _answer_type(share)()
        self._state = ctypes.create_string_buffer(self.state_bytes)
        self._importance = (share * len(SCALES))()

    @classmethod
    def compiled(cls, folder: Path, arithmetic: Arithmetic, extra: tuple[str, ...] = ()) -> Self:
        """The package in `folder`, compiled there.

        Raises:
            ExportError: there is no compiler, or it refused or warned.
        """
        compiler = find_compiler()
        if compiler is None:
            raise ExportError("no C compiler (cc, gcc or clang; CC may name another)")
        (folder / "sizes.c").write_text(_SIZES, encoding="utf-8")
        library = folder / "sg_net.so"
        sources = [str(folder / name) for name in (SOURCE, "sizes.c")]
        command = [compiler, *FLAGS, "-Werror", "-O2", *extra, "-fPIC", "-shared", *sources, "-lm", "-o", str(library)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise ExportError(f"{folder}: {done.stderr.strip()}")
        return cls(ctypes.CDLL(str(library)), arithmetic)

    @property
    def state_bytes(self) -> int:
        """What one glove's state takes."""
        size: int = self._library.sg_net_bytes()
        return size

    def start(self) -> None:
        self._library.sg_net_start(self._state)

    def step(self, frame: NDArray[np.float32]) -> None:
        """One frame more, raw float32[8]."""
        self._library.sg_net_step(self._state, _pointer(to_readings(frame, self._arithmetic)))

    def finish(self) -> None:
        self._library.sg_net_finish(self._state)

    def result(self) -> tuple[int, NDArray[Any]]:
        """The letter's place, and probabilities as C has them."""
        self._library.sg_net_result(self._state, ctypes.byref(self._answer))
        return self._said()

    def newest_result(self) -> tuple[int, NDArray[Any]]:
        """As `result`, the newest frames included; the stream goes on from where it was."""
        kept = self._state.raw
        self.finish()
        found = self.result()
        ctypes.memmove(self._state, kept, len(kept))
        return found

    def window(self, frames: NDArray[np.float32]) -> tuple[int, NDArray[Any]]:
        """As `result`, of a whole window, raw float32[n, 8]."""
        if frames.ndim != 2 or frames.shape[1] != len(CHANNELS) or not len(frames):
            raise ValueError(f"a window is [1 or more, {len(CHANNELS)}], not {list(frames.shape)}")
        readings = to_readings(frames, self._arithmetic)
        self._library.sg_net_window(
            self._state, _pointer(readings), ctypes.c_uint32(len(readings)), ctypes.byref(self._answer)
        )
        return self._said()

    def run_windows(self, windows: Sequence[NDArray[np.float32]]) -> Outputs:
        """As `Artefact.run_windows`, one after the other; the embedding is the newest state, without a metric."""
        found = [(self.window(window)[1], self.importance(), self.newest_state()) for window in windows]
        probabilities, importance, states = (np.array(part, np.float32) for part in zip(*found, strict=True))
        one = _ONE[self._arithmetic]
        return Outputs(probabilities / one, importance / one, states)

    def newest_state(self) -> NDArray[np.float32]:
        """float32[hidden] of the last recurrent layer, -1 to 1."""
        values = ctypes.cast(self._newest(self._state), ctypes.POINTER(self._value * HIDDEN)).contents
        return np.array(values, np.float32) / _ONE_IN_STATE[self._arithmetic]

    def importance(self) -> NDArray[Any]:
        """As C has it, of what was seen last."""
        self._library.sg_net_importance(self._state, self._importance)
        return np.array(self._importance, np.dtype(self._share))

    def _said(self) -> tuple[int, NDArray[Any]]:
        return self._answer.letter, np.array(self._answer.probabilities, np.dtype(self._share))


def _pointer(array: NDArray[Any]) -> ctypes.c_void_p:
    return ctypes.c_void_p(array.ctypes.data)


def _answer_type(share: Any) -> Any:
    fields = [("letter", ctypes.c_uint8), ("probabilities", share * len(LETTERS))]
    return type("Answer", (ctypes.Structure,), {"_fields_": fields})
