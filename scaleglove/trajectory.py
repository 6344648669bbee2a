"""How a hand moves from one shape to the next: what training windows and the emulated glove share."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

_Fraction = TypeVar("_Fraction", float, NDArray[np.float32])


def minimum_jerk(u: _Fraction) -> _Fraction:
    """How far a hand has come, 0 to 1, after the part `u` of a movement's time.

    Flash & Hogan, "The coordination of arm movements", J. Neurosci. 5 (1985): s = 10 u^3 - 15 u^4 + 6 u^5.
    """
    return 10 * u**3 - 15 * u**4 + 6 * u**5
