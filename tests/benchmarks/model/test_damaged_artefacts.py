"""Damaged files are refused with a sentence or harmless; whatever else they cause fails the test."""

from __future__ import annotations

import random
from pathlib import Path

from benchmarks.model.damaged_artefacts import damaged, load_damaged

FILES = 40
"""Some 30 ms each; the command tries thousands."""


def test_any_damage_is_refused_or_harmless(artefact_path: Path, tmp_path: Path) -> None:
    draw, data = random.Random(21), artefact_path.with_stem("MSCSGRU_ScaleAware_Encoded_INT8").read_bytes()
    assert {load_damaged(damaged(data, draw), tmp_path) for _ in range(FILES)} == {"refused", "served"}
