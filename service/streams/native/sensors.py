"""The faults of a glove's sensors that C finds."""

from __future__ import annotations

from scaleglove.channels import CHANNELS
from scaleglove.protocol import SensorFault
from service.streams.native import structures
from service.streams.native.structures import KINDS
from service.streams.rail import rail_of, rounded


class NativeSensors:
    """The same as `SensorHealth`, in the structure in which C keeps it."""

    def __init__(self, intake: structures.Intake) -> None:
        self._state: structures.Sensors = intake.sensors
        self._stated = 0.0
        self.use_rail()

    @property
    def faults(self) -> tuple[SensorFault, ...]:
        """The present faults, in the order of channels."""
        state = self._state
        if not state.signs_present:
            return ()
        return tuple(
            SensorFault(channel, kind, sign.since_ms)
            for channel, signs in zip(CHANNELS, state.signs, strict=True)
            for kind, sign in zip(KINDS, signs, strict=True)
            if sign.is_fault
        )

    def state(self, most: float | None) -> None:
        """Take the highest reading of the converter as the glove states it, None where it states none."""
        stated = rounded(most or 0.0)
        if stated != self._stated:
            self._stated = stated
            self.use_rail()

    def use_rail(self) -> None:
        """Judge by the rail of the glove's converter, as it is known now."""
        state = self._state
        found = rail_of(self._stated, state.most)
        state.valid_to, state.rail, state.lost_below = found.valid_to, found.rail, found.lost_below
        state.judged_most = state.most
