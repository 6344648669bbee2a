"""What a stream computes for every window gives the same in C as in Python."""

from __future__ import annotations

from ctypes import CDLL, c_double, sizeof
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.adaptation.online import Hold
from scaleglove.native.compiler import find_compiler
from service.streams.hold_tracker import HoldTracker
from service.streams.native.build import LIBRARY
from service.streams.native.holds import Holds, NativeHoldTracker
from service.streams.stillness import MOST_FRAMES, still_frames, still_ms
from service.streams.text.pooled_windows import pool
from tests.c_header import constants_of
from tests.sanitized import FLAGS, run_sanitized
from tests.service.streams.native.held_hands import window

SEEDS = st.integers(0, 2**32 - 1)

SCRIPT = """
import sys
from ctypes import c_double
from pathlib import Path
import numpy as np
from service.streams.native.build import LIBRARY
from service.streams.native.holds import NativeHoldTracker
from tests.service.streams.native.held_hands import window

library = LIBRARY.load(Path(sys.argv[1]))
for seed in range(60):
    rng = np.random.default_rng(seed)
    frames = 1024 if seed == 59 else int(rng.integers(1, 90))
    library.scaleglove_still_frames(window(rng, frames).tobytes(), window(rng, frames).tobytes(), frames)
    width, size = (int(each) for each in rng.integers(1, 140, 2))
    tracker = NativeHoldTracker(rng.choice([1.0, np.inf]), width, size, library)
    for _ in range(30):
        tracker.push(rng.normal(0, 1, width).astype(np.float32), rng.uniform(0, 1, size), 100 * (rng.random() < 0.9))
    size = 1024 if seed == 59 else size
    rows = rng.uniform(0, 1, (frames, size)).tobytes()
    library.scaleglove_pool(rows, frames, size, c_double())
print("ran to its end")
"""


def test_struct_is_that_of_the_source(library: CDLL) -> None:
    assert library.scaleglove_holds_bytes() == sizeof(Holds)


def test_as_many_frames_fit_as_in_c() -> None:
    assert constants_of(LIBRARY.folder / "stillness.h")["MOST_FRAMES"] == MOST_FRAMES


@given(SEEDS, st.integers(1, 90), st.booleans())
def test_a_hand_is_still_for_as_long(library: CDLL, seed: int, frames: int, is_turned: bool) -> None:
    rng = np.random.default_rng(seed)
    seen = window(rng, frames)
    raw = window(rng, frames) if is_turned else None
    own = None if raw is None else raw.tobytes()
    assert library.scaleglove_still_frames(seen.tobytes(), own, frames) == still_frames(seen, raw)


def test_a_window_too_long_for_it_is_judged_in_python() -> None:
    held = np.tile(np.float32([800, 820, 840, 860, 880, 10, 20, 40]), (MOST_FRAMES + 6, 1))
    assert still_ms(held, 20.0) == 20.0 * (MOST_FRAMES + 1)


def assert_same(one: Hold | None, other: Hold | None) -> None:
    assert (one is None) == (other is None)
    if one is not None and other is not None:
        np.testing.assert_array_equal(one.embedding, other.embedding)
        np.testing.assert_allclose(one.log_scores, other.log_scores, rtol=1e-9, atol=1e-9)


@given(SEEDS, st.sampled_from([0.5, 2.0, np.inf]))
def test_the_same_holds_end(library: CDLL, seed: int, apart: float) -> None:
    rng = np.random.default_rng(seed)
    width, size = 6, 4
    compiled, plain = NativeHoldTracker(apart, width, size, library), HoldTracker(apart)
    shape = rng.normal(0, 1, width)
    for _ in range(60):
        if rng.random() < 0.15:
            shape = rng.normal(0, 1, width)
        seen = (shape + rng.normal(0, 0.1, width)).astype(np.float32)
        given = (seen, rng.dirichlet(np.full(size, 0.3)), 20.0 if rng.random() < 0.06 else 100.0)
        assert_same(compiled.push(*given), plain.push(*given))
        if rng.random() < 0.02:
            assert_same(compiled.finish(), plain.finish())


def test_a_window_of_another_model_is_refused(library: CDLL) -> None:
    tracker = NativeHoldTracker(1.0, 4, 3, library)
    with pytest.raises(ValueError, match="not of the shape"):
        tracker.push(np.zeros(3, np.float32), np.zeros(3), 100.0)


@given(SEEDS, st.integers(1, 13), st.integers(2, 40))
def test_windows_agree_on_the_same(library: CDLL, seed: int, count: int, size: int) -> None:
    rng = np.random.default_rng(seed)
    probabilities = rng.dirichlet(np.full(size, rng.choice([0.01, 1, 30])), count)
    rows = [row.tobytes() for row in probabilities]
    share = c_double()
    place, expected = pool(rows)
    assert library.scaleglove_pool(b"".join(rows), count, size, share) == place
    assert share.value == pytest.approx(expected, rel=1e-9)


def test_clean_under_sanitizers(tmp_path: Path) -> None:
    if find_compiler() is None:
        pytest.skip("there is no C compiler")
    LIBRARY.build(FLAGS, tmp_path)
    done = run_sanitized(SCRIPT, str(tmp_path))
    assert done.stdout == "ran to its end\n", done.stderr
