"""Which episode is next."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from firmware_bridge.recorder.plan import Slot, plan, recorded


def test_it_goes_round_the_letters_and_not_back_to_back() -> None:
    slots = list(plan(["ㄱ", "ㄴ"], ["1", "2"], 2, {}))
    assert [(slot.letter, slot.bend, slot.number) for slot in slots] == [
        ("ㄱ", "1", 1), ("ㄴ", "1", 1), ("ㄱ", "2", 1), ("ㄴ", "2", 1),
        ("ㄱ", "1", 2), ("ㄴ", "1", 2), ("ㄱ", "2", 2), ("ㄴ", "2", 2),
    ]  # fmt: skip


def test_what_is_there_is_not_asked_for_again(tmp_path: Path) -> None:
    folder = tmp_path / "ㄱ" / "1"
    folder.mkdir(parents=True)
    (folder / "episode_20250101_000000_ㄱ_1.csv").touch()
    (folder / "notes.txt").touch()
    have = recorded(tmp_path)
    assert have == Counter({("ㄱ", "1"): 1})
    assert list(plan(["ㄱ", "ㄴ"], ["1"], 2, have)) == [
        Slot("ㄴ", "1", 1, 2),
        Slot("ㄱ", "1", 2, 2),
        Slot("ㄴ", "1", 2, 2),
    ]
    assert recorded(tmp_path / "none") == Counter()
