"""Movement of a hand from one shape to the next, shared by training windows and the emulated glove."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

_Fraction = TypeVar("_Fraction", float, NDArray[np.float32])


def minimum_jerk(u: _Fraction) -> _Fraction:
    """Return the share of the way, 0 to 1, that a hand has covered after the share `u` of a movement's time.

    Flash & Hogan, "The coordination of arm movements", J. Neurosci. 5 (1985): s = 10 u^3 - 15 u^4 + 6 u^5.
    """
    return 10 * u**3 - 15 * u**4 + 6 * u**5
