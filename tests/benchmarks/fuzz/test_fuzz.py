"""Each fuzzer finds nothing in a few cases, and what it looks for it finds; the command tries cases for minutes."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.fuzz.command import _last_of, explore
from benchmarks.fuzz.mutation import changed, text_of
from benchmarks.fuzz.offline import OFFLINE
from benchmarks.fuzz.served import SERVED

CASES = 12
SEED = 21


@pytest.mark.parametrize("kind", OFFLINE)
def test_nothing_is_found_without_a_service(kind: str, tmp_path: Path) -> None:
    outcomes = {OFFLINE[kind](random.Random(f"{SEED} {number}"), tmp_path) for number in range(CASES)}
    assert outcomes <= {"events", "nothing", "read", "refused", "served"}


@pytest.mark.parametrize("kind", SERVED)
def test_nothing_is_found_in_a_service(kind: str, fuzzed: tuple[str, int]) -> None:
    case = SERVED[kind](fuzzed)
    for number in range(CASES):
        assert case(random.Random(f"{SEED} {number}"))


def test_findings_are_named_with_their_case_and_end_the_search() -> None:
    def case(draw: random.Random) -> str:
        raise ValueError("what was\nlooked for")

    found = explore("link", case, 60.0, SEED, lambda: 1 << 20)
    assert found.outcomes == {"found": 5}
    assert found.findings[0] == "case 1: ValueError: what was looked for"


def test_growth_of_memory_is_a_finding() -> None:
    sizes = iter([100 << 20])
    found = explore("link", lambda _: "read", 0.02, SEED, lambda: next(sizes, 200 << 20))
    assert found.warm_mib
    assert found.mib == 200


def test_a_traceback_is_named_by_its_last_places() -> None:
    log = 'x\nTraceback (most recent call last):\n  File "/a/b.py", line 7, in f\n    g()\nValueError: no\nmore\n'
    assert _last_of(log) == "ValueError: no (b.py:7)"


@given(st.integers(), st.recursive(st.integers() | st.text(max_size=3), st.lists))
def test_whatever_is_changed_can_be_sent(seed: int, value: Any) -> None:
    draw = random.Random(seed)
    json.dumps(changed(value, draw))
    assert isinstance(text_of({"a": value}, draw), bytes)
