"""The front end in C against the one in Python, over random gloves and frames."""

from __future__ import annotations

import ctypes
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from numpy.typing import NDArray

from benchmarks.chip import front_end as chips
from benchmarks.chip.emulated_chip import CORTEX_M4F, HOST, RV32IMC, Target
from models.adaptation.front_end import ANY_READING, FINGERS, LEAN, FrontEnd, gravity
from models.adaptation.glove_profile import GloveProfile, without_missing
from scaleglove.channels import CHANNELS, FLEX
from tests.firmware.builds import needs
from tests.firmware.core import FrontEnd as FrontEndInC
from tests.firmware.core import floats
from tests.models.adaptation.test_front_end import turn

APART = 1e-6
"""Of directions of gravity, of length 1: float32 in C, float64 in Python."""

Frames = NDArray[np.float32]
_Value = TypeVar("_Value")

_GAINS = st.floats(-6, 6).filter(lambda gain: abs(gain) > 1e-3) | st.just(1.0)
_OFFSETS = st.floats(-3000, 3000) | st.just(0.0)
_SLOPES = st.floats(-1e-5, 0.009) | st.just(0.0)  # with any of the readings 1 + slope * reading is positive
_ENDS = st.floats(-500, 5000) | st.sampled_from([-ANY_READING, ANY_READING])


def _each(values: st.SearchStrategy[_Value]) -> st.SearchStrategy[list[_Value]]:
    """Return a strategy of one value for each finger."""
    return st.lists(values, min_size=FINGERS, max_size=FINGERS)


@st.composite
def front_ends(draw: st.DrawFn) -> FrontEnd:
    """Draw the front end of any glove, at times one that keeps the flex sensors or the angles as they are."""
    kinds = draw(st.tuples(st.booleans(), st.booleans(), st.booleans()))
    return FrontEnd(
        np.array(draw(_each(_GAINS))) if kinds[0] else np.ones(FINGERS),
        np.array(draw(_each(_OFFSETS))) if kinds[0] else np.zeros(FINGERS),
        turn(draw(st.integers(0, 1000)), kinds[2]) if kinds[1] else np.eye(3),
        np.array(draw(_each(st.tuples(_ENDS, _ENDS).map(sorted)))),
        np.array([*draw(st.tuples(st.floats(-80, 80), st.floats(-170, 170))), 0.0]),
        np.array(draw(_each(_SLOPES))) if kinds[0] else np.zeros(FINGERS),
    )


_ANGLES = st.floats(-180, 180, width=32) | st.sampled_from([0.0, -0.0, 45.0, 90.0, -90.0, 180.0, -180.0, 361.5, 1e6])
_READINGS = st.floats(-100, 65535, width=32)
FRAMES = st.lists(
    st.tuples(*[_READINGS | st.just(float("nan"))] * FINGERS, *[_ANGLES | st.just(float("nan"))] * 3),
    min_size=1,
    max_size=8,
).map(lambda rows: np.array(rows, np.float32))
MISSING = st.lists(st.sampled_from(CHANNELS), unique=True).map(tuple)


def in_c(front_end: FrontEnd, missing: tuple[str, ...] = ()) -> FrontEndInC:
    """Return the structure, as the export writes it."""
    made = FrontEndInC(
        keeps_flex=front_end.keeps_flex,
        keeps_lean=front_end.keeps_lean,
        missing=sum(1 << CHANNELS.index(name) for name in missing),
    )
    for field in ("gain", "offset", "slope", "contact", "rotation", "neutral"):
        place = np.ctypeslib.as_array(getattr(made, field))
        place[...] = getattr(front_end, field)
    return made


def applied(core: ctypes.CDLL, front_end: FrontEndInC, frames: Frames) -> Frames:
    """Return what the C makes of frames float32[n, 8]."""
    seen: list[list[float]] = []
    for frame in frames.tolist():
        sample: Any = floats(*frame)
        core.sg_front_end_apply(front_end, sample)
        seen.append(list(sample))
    return np.array(seen, np.float32)


@given(front_end=front_ends(), frames=FRAMES, missing=MISSING)
@example(FrontEnd(rotation=np.diag([-1.0, 1.0, 1.0])), np.zeros((1, 8), np.float32), ())
def test_it_is_the_front_end_of_the_service(
    core: ctypes.CDLL, front_end: FrontEnd, frames: Frames, missing: tuple[str, ...]
) -> None:
    expected = front_end.apply(without_missing(GloveProfile(missing=missing), frames))
    seen = applied(core, in_c(front_end, missing), frames)
    assert np.array_equal(seen[:, FLEX], expected[:, FLEX])  # to the bit
    assert np.array_equal(seen[:, 7], expected[:, 7])
    assert np.abs(gravity(seen[:, LEAN]) - gravity(expected[:, LEAN])).max() < APART
    assert (np.abs(seen[:, LEAN]) <= 180).all() or front_end.keeps_lean


@given(frames=FRAMES)
def test_one_that_changes_nothing_changes_no_bit(core: ctypes.CDLL, frames: Frames) -> None:
    whole = np.nan_to_num(frames)
    assert applied(core, in_c(FrontEnd()), whole).tobytes() == whole.tobytes()


@given(front_end=front_ends(), frames=FRAMES)
def test_whatever_the_glove_is_the_network_gets_numbers(core: ctypes.CDLL, front_end: FrontEnd, frames: Frames) -> None:
    assert np.isfinite(applied(core, in_c(front_end), frames)).all()


MOST_INSTRUCTIONS = {CORTEX_M4F.name: 7_000, RV32IMC.name: 20_000}
"""Of a frame behind another resistor: a fifteenth of a network's step on the first."""


@pytest.mark.parametrize("target", [HOST, CORTEX_M4F, RV32IMC], ids=lambda target: target.name)
def test_chips_make_the_same_bits_of_a_frame(core: ctypes.CDLL, target: Target, tmp_path: Path) -> None:
    needs(target.compiler, target.packages)
    if target.qemu:
        needs(target.qemu[0], target.packages)
    frames = chips.frames_of(1, 60)
    frames[::7, 5:] = [[90.0, -180.0, 0.0]] * len(frames[::7])
    frames[np.random.default_rng(2).random(frames.shape) < 0.05] = np.nan
    gloves: list[chips.Glove] = [(FrontEnd(), ()), (FrontEnd(rotation=np.diag([1.0, -1.0, 1.0])), ("flex2", "roll"))]
    gloves += [chips.glove(seed, is_bent=seed % 2 == 1) for seed in range(6)]
    ran = chips.run(target, gloves, frames, tmp_path)
    for (front_end, missing), seen in zip(gloves, ran.seen, strict=True):
        assert seen.tobytes() == applied(core, in_c(front_end, missing), frames).tobytes()
    assert ran.frame <= MOST_INSTRUCTIONS.get(target.name, 0)
