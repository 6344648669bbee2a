"""The decoder of gloves of any make: binary and remarks as in the link protocol, lines as any sketch writes them."""

from __future__ import annotations

from firmware_bridge.codec.decoder import GloveDecoder
from firmware_bridge.codec.sketch.frame_times import ClockChoice
from firmware_bridge.codec.sketch.reader import SketchReader


class GloveReader(GloveDecoder):
    """A decoder that also reads what makers' sketches write: docs/reference/link.md, "Text from any sketch".

    `unit` (`us`, `ms`, `s`) and `clock` (`arrival`, `device`) are what the user knows of the glove's time.
    """

    def __init__(self, unit: str | None = None, clock: ClockChoice = "auto") -> None:
        super().__init__(SketchReader(unit, clock))
