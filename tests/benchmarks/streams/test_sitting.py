"""A sitting, simulated: what is held for its words becomes examples of the letters that were asked for."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("torch", reason="the train extra is not installed")

from benchmarks.streams.cases import MIXED, Case
from benchmarks.streams.experiment import Spelled
from benchmarks.streams.sitting import sit
from models.data.dataset import HoldOut
from models.runtime.artefact import Artefact
from scaleglove.letters import LETTERS
from tests.made_letters import made_letters


def test_a_hand_spells_what_it_is_shown(artefact_path: Path) -> None:
    sitting = sit(Artefact.load(artefact_path), Case(HoldOut(collections=("a",)), "a", MIXED), made_letters(episodes=4))
    spelled = Spelled.of(sitting)
    assert spelled.words >= 8
    assert spelled.asked >= len(LETTERS)
    assert spelled.seconds > spelled.asked * 0.4
    assert len(sitting.found) == len(sitting.labels) == spelled.examples >= spelled.right
    assert spelled.letters == len(set(sitting.labels))
    if spelled.examples:
        assert sitting.profile().reference.each > 0
