"""Settings of a serial line: its baud rate, and what opening does to the lines DTR and RTS. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

BAUDS: Final = (
    *(115_200, 9_600, 57_600, 230_400, 460_800, 921_600),
    *(38_400, 19_200, 1_000_000, 500_000, 2_000_000),
)
"""Usual baud rates, in the order in which they are tried."""


class Signal(StrEnum):
    """What opening a port does to its DTR or RTS line; boards use them as a reset or a boot pin."""

    ON = "on"
    OFF = "off"
    PULSE = "pulse"
    """Cleared for 0.1 s and then set, which restarts most boards."""
    KEEP = "keep"
    """Left as it is, also when the port is closed. Windows always sets it."""


@dataclass(frozen=True, slots=True)
class SerialLine:
    """Settings of a serial line; `baud` None means that the usual rates are tried."""

    baud: int | None = None
    dtr: Signal = Signal.ON
    rts: Signal = Signal.ON

    def rates(self, known: int | None = None) -> tuple[int, ...]:
        """Return the baud rates to try, first the one that was `known` to work at the last opening."""
        if self.baud is not None:
            return (self.baud,)
        return BAUDS if known is None else (known, *(baud for baud in BAUDS if baud != known))
