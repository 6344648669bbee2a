"""Time scales of a movement, by which every prediction is explained."""

from __future__ import annotations

SCALES: tuple[int, ...] = (3, 5, 7)
"""Kernel sizes of the three convolution branches, in frames."""
