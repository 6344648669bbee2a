"""The check of a glove: gloves whose fingers are wired wrongly, each fault found at its finger and nowhere else."""

from __future__ import annotations

import tracemalloc
from typing import Final

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from models.adaptation.front_end import LEAN, gravity, lean
from models.adaptation.glove_check import (
    FINGER_NAMES,
    LEAST_FRAMES,
    STEPS,
    CheckSoFar,
    FingerCode,
    GloveCheck,
    Step,
)
from models.adaptation.glove_profile import POSES, front_end_of
from scaleglove.channels import CHANNELS, FLEX
from tests.models.adaptation.test_front_end import turn
from tests.models.adaptation.test_sensor_fit import TRAINING

Frames = NDArray[np.float32]

NOISE: Final = 3.0

MOST_BYTES: Final = 64 * 1024 * 1024
"""For a step of the most frames, whose parts took 144 MB before they were bounded."""
DIRECTIONS: Final = TRAINING.directions_of(POSES)


def shown(step: Step, seed: int = 0, frames: int = 60) -> Frames:
    """Return what the training's glove reads of a step: a movement into the shape, then the shape."""
    rng = np.random.default_rng([STEPS.index(step), seed])
    bends = np.zeros(5)
    if step in FINGER_NAMES:
        bends[FINGER_NAMES.index(step)] = 1
        bends[3] = max(bends[3], 0.5 * bends[4])  # the tendons'
    elif step == "fist":
        bends[:] = 1
    elif step != "open":
        bends[2:] = 1
    flex = TRAINING.low + bends * (TRAINING.high - TRAINING.low)
    way = np.clip(np.arange(frames) / (frames / 3), 0, 1)[:, np.newaxis]
    poses = dict(zip(POSES, DIRECTIONS, strict=True))
    angles = np.append(lean(poses.get(step, poses["up"])), 0.0)  # type: ignore[arg-type]
    out = np.hstack([TRAINING.low + way * (flex - TRAINING.low), way * angles])
    return (out + rng.normal(0, [NOISE] * 5 + [0.5] * 3, (frames, 8))).astype(np.float32)


def session(seed: int = 0) -> dict[Step, Frames]:
    return {step: shown(step, seed) for step in STEPS}


def codes(check: GloveCheck | CheckSoFar) -> dict[str, FingerCode]:
    return {finding.channel: finding.code for finding in check.findings if finding.code != "moves"}


def wired(change: dict[int, Frames | float], seed: int = 0) -> dict[Step, Frames]:
    """Return a session in which some channels read something else in each step."""
    steps = session(seed)
    for frames in steps.values():
        for channel, reading in change.items():
            frames[:, channel] = reading
    return steps


def test_of_a_whole_glove_every_finger_moves() -> None:
    check = GloveCheck.of(session())
    assert codes(check) == {}
    assert [finding.channel for finding in check.findings] == [*CHANNELS[:5], "pitch"]
    assert check.profile.missing == ()
    for number, finger in enumerate(check.profile.fingers):
        assert finger.straight == pytest.approx(TRAINING.low[number], abs=NOISE)
        assert finger.bent == pytest.approx(TRAINING.high[number], abs=NOISE)


CONVERTERS = {
    "12": (np.full(5, 4.0), 4095),
    "16": (np.full(5, 64.0), 65535),
    "unit": (np.full(5, 1 / 1023), 1),
    "amplified": (np.array([0.4, 6.0, 1.7, 2.9, 0.9]), 1023 * np.array([0.4, 6.0, 1.7, 2.9, 0.9])),
    "percent": (np.full(5, 1 / 10.23), 100),
    "volts": (np.full(5, 3.3 / 1023), 3.3),
    "negative": (np.full(5, -1.0), -1023),
}


@given(st.integers(1, 1000), st.sampled_from(["10", *CONVERTERS]), st.booleans())
@settings(max_examples=40, deadline=None)
def test_any_converter_sign_and_mounting_gives_the_same_hand(seed: int, converter: str, mirrored: bool) -> None:
    rng = np.random.default_rng(seed)
    gain, full = CONVERTERS.get(converter, (rng.uniform(0.4, 1, 5), 1023))
    is_turned = rng.random(5) < 0.5
    is_reversed = is_turned != (gain < 0)
    axes = turn(seed, mirrored)

    def read(frames: Frames) -> Frames:
        out = frames.astype(np.float64)
        flex = out[:, FLEX] * gain
        out[:, FLEX] = np.where(is_turned, full - flex, flex)
        out[:, LEAN] = lean(gravity(out[:, LEAN]) @ axes)
        return out.astype(np.float32)

    steps = session(seed)
    check = GloveCheck.of({step: read(frames) for step, frames in steps.items()}, "left" if mirrored else "right")
    assert codes(check) == {CHANNELS[finger]: "reversed" for finger in np.flatnonzero(is_reversed)}
    front_end = front_end_of(check.profile, TRAINING)
    for step in ("open", "middle", "sideways"):
        held = steps[step][-20:]
        seen = front_end.apply(read(held))
        assert np.abs(np.median(seen, axis=0) - np.median(held, axis=0))[FLEX].max() < 2 * NOISE
        # Of directions, since angles near +-180 degrees have no median.
        turned = np.median(gravity(seen[:, LEAN]), axis=0) - np.median(gravity(held[:, LEAN]), axis=0)
        assert np.linalg.norm(turned) < 0.1


@pytest.mark.parametrize("finger", range(5))
def test_a_dead_finger_is_found_and_missing(finger: int) -> None:
    rng = np.random.default_rng(finger)
    steps = wired({finger: rng.normal(840, 1, 60).astype(np.float32)})
    check = GloveCheck.of(steps)
    assert codes(check) == {CHANNELS[finger]: "does_not_move"}
    assert check.profile.missing == (CHANNELS[finger],)
    assert check.profile.fingers[finger].ends is None


@pytest.mark.parametrize("rail", [0.0, 1023.0])
def test_a_finger_at_its_rail_is_found_and_missing(rail: float) -> None:
    check = GloveCheck.of(wired({2: rail}))
    assert codes(check) == {"flex3": "at_rail"}
    assert check.profile.missing == ("flex3",)


def test_a_finger_that_saturates_is_found_and_used() -> None:
    steps = session()
    for frames in steps.values():
        frames[:, FLEX] *= 4.7
        np.minimum(frames, 4095, out=frames)
    check = GloveCheck.of(steps)
    assert set(codes(check).values()) == {"at_rail"}
    assert check.profile.missing == ()
    assert check.profile.fingers[4].ends is not None


def test_what_is_at_a_rail_has_no_contact_unless_the_hand_is_there() -> None:
    check = GloveCheck.of(session())
    assert check.profile.full_scale == 1023
    assert all(low > 0 and high < 1023 for low, high in (finger.contact for finger in check.profile.fingers))


def test_of_readings_that_are_no_converters_no_full_scale_is_known() -> None:
    percent = {step: frames.copy() for step, frames in session().items()}
    for frames in percent.values():
        frames[:, :5] = (frames[:, :5] - 700) / 3
    assert GloveCheck.of(percent).profile.full_scale is None


def test_a_loose_pin_is_noisy_and_missing() -> None:
    check = GloveCheck.of(wired({1: np.random.default_rng(0).normal(500, 80, 60).astype(np.float32)}))
    assert codes(check) == {"flex2": "noisy"}
    assert check.profile.missing == ("flex2",)


def test_swapped_neighbours_name_each_other() -> None:
    steps = session()
    for frames in steps.values():
        frames[:, [1, 2]] = frames[:, [2, 1]]
    check = GloveCheck.of(steps)
    assert codes(check) == {"flex2": "follows_neighbour", "flex3": "follows_neighbour"}
    assert check.findings[1].words.startswith("flex2 follows the middle instead of the index finger")
    assert [finding.follows for finding in check.findings[:5]] == [None, "middle", "index", None, None]
    without_fist = {step: frames for step, frames in steps.items() if step != "fist"}
    assert codes(GloveCheck.of(without_fist)) == codes(check)


def test_a_bridge_of_solder_is_found_at_the_finger_that_does_not_read_itself() -> None:
    steps = session()
    for frames in steps.values():
        frames[:, 3] = frames[:, 4] - 30
    check = GloveCheck.of(steps)
    assert codes(check) == {"flex4": "follows_neighbour"}
    assert check.findings[3].follows == "little"


def test_a_glove_without_some_sensors_is_checked_by_the_others() -> None:
    check = GloveCheck.of(wired({0: np.nan, 5: np.nan, 6: np.nan, 7: np.nan}))
    assert codes(check) == {"flex1": "does_not_move", "pitch": "does_not_move"}
    assert check.findings[0].straight is None
    assert check.profile.missing == ("flex1", "pitch", "roll", "yaw")
    assert check.profile.directions == {}


def test_a_motion_sensor_that_stands_still_is_missing() -> None:
    check = GloveCheck.of(wired({5: 0.0, 6: 0.0}))
    assert codes(check) == {"pitch": "does_not_move"}
    assert check.profile.missing == ("pitch", "roll")


def test_without_poses_nothing_is_said_of_the_motion_sensor() -> None:
    steps = {step: frames for step, frames in session().items() if step in {"open", "fist"}}
    check = GloveCheck.of(steps)
    assert [finding.channel for finding in check.findings] == list(CHANNELS[:5])
    assert codes(check) == {}
    assert check.profile.directions == {}


def test_a_step_that_is_needed_is_named() -> None:
    steps = session()
    with pytest.raises(ValueError, match=r"steps\.open"):
        GloveCheck.of({"fist": steps["fist"]})
    with pytest.raises(ValueError, match=r"steps\.fist"):
        GloveCheck.of({"open": steps["open"], "thumb": steps["thumb"]})
    with pytest.raises(ValueError, match=rf"steps\.fist has {LEAST_FRAMES - 1}"):
        GloveCheck.of({"open": steps["open"], "fist": steps["fist"][: LEAST_FRAMES - 1]})


SOME_STEPS: Final = st.sets(st.sampled_from(STEPS))


@given(SOME_STEPS, st.integers(0, 3), st.booleans())
@settings(max_examples=60, deadline=None)
def test_what_is_known_so_far_is_what_the_check_says_in_the_end(
    some: set[Step], seed: int, is_wired_wrongly: bool
) -> None:
    """Of any steps, in a whole glove and in one with a dead, two swapped and no motion sensor."""
    rewired: dict[int, Frames | float] = {0: 840.0, 5: np.nan, 6: np.nan} if is_wired_wrongly else {}
    steps = {step: frames for step, frames in wired(rewired, seed).items() if step in some}
    if is_wired_wrongly:
        for frames in steps.values():
            frames[:, [1, 2]] = frames[:, [2, 1]]
    so_far = CheckSoFar.of(steps)
    if not so_far.needed:
        assert so_far.findings == GloveCheck.of(steps).findings
        return
    with pytest.raises(ValueError, match=rf"steps\.{so_far.needed[0]} is missing"):
        GloveCheck.of(steps)


@given(SOME_STEPS)
@settings(max_examples=60, deadline=None)
def test_nothing_is_said_of_what_was_not_shown(some: set[Step]) -> None:
    so_far = CheckSoFar.of({step: frames for step, frames in session().items() if step in some})
    bent = [name for name in FINGER_NAMES if "open" in some and ("fist" in some or name in some)]
    turned = ["pitch"] if "open" in some and len(some & set(POSES)) > 1 else []
    assert [finding.channel for finding in so_far.findings] == [
        *(CHANNELS[FINGER_NAMES.index(name)] for name in bent), *turned
    ]  # fmt: skip
    assert codes(so_far) == {}


def test_each_fault_is_found_with_the_first_step_that_shows_it() -> None:
    """Of a thumb at its rail, swapped index and middle, a dead ring finger and no sensor of the little finger."""
    steps = wired({0: 0.0, 3: 840.0, 4: np.nan})
    for frames in steps.values():
        frames[:, [1, 2]] = frames[:, [2, 1]]
    found, shown_so_far = [], {}
    for step in STEPS[:5]:
        shown_so_far[step] = steps[step]
        found.append(codes(CheckSoFar.of(shown_so_far)))
    straight = {"flex1": "at_rail", "flex5": "does_not_move"}
    bent = straight | {"flex4": "does_not_move"}
    one_is_clear = bent | {"flex3": "follows_neighbour"}
    both_are_clear = one_is_clear | {"flex2": "follows_neighbour"}
    assert found == [straight, bent, bent, one_is_clear, both_are_clear]


def test_what_no_travel_could_explain_is_noise_before_a_finger_is_bent() -> None:
    rng = np.random.default_rng(0)
    steps = wired({1: rng.uniform(0, 1023, 60).astype(np.float32), 2: rng.normal(500, 40, 60).astype(np.float32)})
    assert codes(CheckSoFar.of({"open": steps["open"]})) == {"flex2": "noisy"}
    assert codes(CheckSoFar.of(steps)) == {"flex2": "noisy", "flex3": "noisy"}


def test_a_step_of_too_few_frames_is_named() -> None:
    with pytest.raises(ValueError, match=rf"steps\.thumb has {LEAST_FRAMES - 1}"):
        CheckSoFar.of({"thumb": session()["thumb"][: LEAST_FRAMES - 1]})


def test_a_long_step_is_judged_in_bounded_memory() -> None:
    """Its stillest half is found among some of them, wherever it is."""
    rng = np.random.default_rng(0)
    moving = rng.uniform(0, 900, (3000, len(CHANNELS))).astype(np.float32)
    moving[1000:2600] = 500 + rng.normal(0, NOISE, (1600, len(CHANNELS)))
    tracemalloc.start()
    try:
        found = CheckSoFar.of({"open": moving})
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < MOST_BYTES
    assert found.findings == (), "nothing is wrong with fingers that are still"
