"""The counters of a link since its start."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from firmware_bridge.codec.events import Fault


@dataclass(slots=True)
class LinkCounts:
    """The counts of events; `partial` counts messages that opening the link cut off, which are no damage."""

    frames: int = 0
    missing_by_sequence: int = 0
    missing_by_time: int = 0
    repeated: int = 0
    restarts: int = 0
    remarks: int = 0
    partial: int = 0
    letters: int = 0
    damaged: Counter[Fault] = field(default_factory=Counter)

    @property
    def missing(self) -> int:
        """The number of frames that the glove sent, or should have, and that did not arrive."""
        return self.missing_by_sequence + self.missing_by_time

    def as_dict(self) -> dict[str, object]:
        """Return the counts for JSON."""
        return {
            "frames": self.frames,
            "letters": self.letters,
            "missing": {"sequence": self.missing_by_sequence, "time": self.missing_by_time},
            "repeated": self.repeated,
            "restarts": self.restarts,
            "remarks": self.remarks,
            "partial": self.partial,
            "damaged": {str(reason): count for reason, count in self.damaged.items()},
        }
