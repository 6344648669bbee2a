"""Check of a glove's wiring by a few shapes that its user shows, and the profile that follows. Pure numpy.

The user holds an open hand, a fist, bends one finger after the other, and shows three poses. Each is judged by the
stillest half of its frames, so that the way into the shape does not count. All limits are shares of the converter's
scale or of the finger's own travel: the glove's unit is not known.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, Self, get_args

import numpy as np
from numpy.typing import NDArray

from models.adaptation.front_end import FINGERS, LEAN, Floats, gravity
from models.adaptation.glove_profile import POSES, FingerReadings, GloveProfile, Hand
from scaleglove.channels import CHANNELS, FLEX
from scaleglove.flex_scales import has_rails, scale_of
from scaleglove.vocabulary import Pose

Step = Literal["open", "fist", "thumb", "index", "middle", "ring", "little", "up", "sideways", "down"]
FingerCode = Literal["moves", "does_not_move", "reversed", "noisy", "at_rail", "follows_neighbour"]

STEPS: Final[tuple[Step, ...]] = get_args(Step)
"""In the order in which a guide asks for them."""

FINGER_NAMES: Final[tuple[Step, ...]] = STEPS[2 : 2 + FINGERS]

LEAST_FRAMES: Final = 10
"""A fifth of a second; of fewer no part is still."""

_MOST_BEGINS: Final = 128
"""Of the stillest half of a step, evenly spread: of all of them the time grows with the square of the frames, and 3,000
took three seconds."""

_LEAST_TRAVEL: Final = 0.008
"""Of the scale: the recorded glove's fingers travel 0.08, one with a gain of 0.4 travels 0.03."""
_NOISE_OF_TRAVEL: Final = 0.15
"""The recorded glove's is 0.05."""
_NOISE_OF_SCALE: Final = 0.004
"""Noise of less is never the fault."""
_RAIL: Final = 0.002
"""Of the scale: so near to an end of it a sensor is at the rail."""
_FOLLOWS: Final = 0.8
"""Of a finger's travel, when another finger is bent. Tendons take the ring finger half of the way with the little
one."""
_CONTACT: Final = 1.5
"""In travels of the finger: readings farther beyond its ends are of no hand."""
_STANDS: Final = 0.1
"""Distance between directions: if those of the poses differ by less, the motion sensor does not answer."""
_ROBUST_SD: Final = 1.4826
_LEAST_SPREAD: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Finding:
    """What is found of one channel. `follows` names the finger that moves it, if that is another one; `straight`,
    `bent` and `noise` are in raw units, None where nothing was read."""

    channel: str
    code: FingerCode
    straight: float | None = None
    bent: float | None = None
    noise: float | None = None
    follows: str | None = None

    @property
    def is_usable(self) -> bool:
        """Whether the channel says something about the hand."""
        return self.code not in {"does_not_move", "noisy", "follows_neighbour"} and (
            self.code != "at_rail" or self.straight != self.bent
        )

    @property
    def words(self) -> str:
        """What is found, as a sentence for a person."""
        if self.channel not in CHANNELS[FLEX]:
            return _MOTION_WORDS[self.code == "moves"]
        number = CHANNELS.index(self.channel)
        name = "thumb" if number == 0 else f"{FINGER_NAMES[number]} finger"
        ends = "" if self.straight is None or self.bent is None else f" ({self.straight:.4g} to {self.bent:.4g})"
        return _WORDS[self.code].format(channel=self.channel, finger=name, follows=self.follows) + ends


_WORDS: Final[Mapping[FingerCode, str]] = {
    "moves": "{channel} moves with the {finger}",
    "reversed": "{channel} moves with the {finger} and reads less when it is bent, which the profile turns round",
    "does_not_move": "{channel} does not move with the {finger}: check its wires and its resistor",
    "noisy": "{channel} reads noise: check whether a wire of the {finger} is loose",
    "at_rail": "{channel} is at an end of the converter's scale: check the resistor of the {finger}'s divider",
    "follows_neighbour": "{channel} follows the {follows} instead of the {finger}: check for swapped wires and bridges",
}

_MOTION_WORDS: Final = ("the motion sensor reads the same in all poses: check its wires", "the motion sensor turns")


@dataclass(frozen=True, slots=True)
class CheckSoFar:
    """Findings of the steps that were shown so far: none of a channel of which nothing is known yet. `needed` are the
    steps without which there is no profile; every finger by itself does instead of the `fist`."""

    findings: tuple[Finding, ...]
    needed: tuple[Step, ...]

    @classmethod
    def of(cls, steps: Mapping[Step, NDArray[np.float32]]) -> Self:
        """Judge the frames float32[n, 8] of each step, NaN where the glove has no such sensor.

        Raises:
            ValueError: a step has too few frames; the error names it.
        """
        return cls(_findings(_still_parts(steps)), _needed(steps))


@dataclass(frozen=True, slots=True)
class GloveCheck:
    """The findings, one for each finger and, where two poses were shown, one for the motion sensor (as `pitch`); and
    the profile. A finger that moves the wrong way is in the profile with its sign, one that says nothing is missing."""

    findings: tuple[Finding, ...]
    profile: GloveProfile

    @classmethod
    def of(cls, steps: Mapping[Step, NDArray[np.float32]], hand: Hand = "right") -> Self:
        """Judge the frames float32[n, 8] of each step that was shown, NaN where the glove has no such sensor.

        Raises:
            ValueError: an open hand, or a fist and some finger, was not shown, or a step has too few frames; the error
                names it.
        """
        for step in _needed(steps):
            raise ValueError(_NEEDED[step])
        stills = _still_parts(steps)
        findings, directions = _findings(stills), _directions(stills)
        missing = [finding.channel for finding in findings if not finding.is_usable]
        if "pitch" in missing:
            directions, missing = {}, [*missing, "roll"]
        missing += [name for name, lacks in zip(CHANNELS, _lacking(stills), strict=True) if lacks]
        full_scale = _full_scale(stills)
        profile = GloveProfile(
            hand,
            tuple(name for name in CHANNELS if name in missing),
            tuple(_readings_of(finding, full_scale) for finding in findings[:FINGERS]),
            directions,
            full_scale,
        )
        return cls(findings, profile)


_NEEDED: Final[Mapping[Step, str]] = {
    "open": "steps.open is missing: hold an open hand first",
    "fist": "steps.fist is missing: make a fist, or bend every finger by itself",
}


def _needed(steps: Mapping[Step, NDArray[np.float32]]) -> tuple[Step, ...]:
    """Return the steps that a profile still needs."""
    is_bent = "fist" in steps or all(name in steps for name in FINGER_NAMES)
    return tuple(step for step in _NEEDED if step not in steps and not (step == "fist" and is_bent))


def _still_parts(steps: Mapping[Step, NDArray[np.float32]]) -> dict[Step, Floats]:
    for step, frames in steps.items():
        if len(frames) < LEAST_FRAMES:
            raise ValueError(f"steps.{step} has {len(frames)} frames; at least {LEAST_FRAMES} are needed")
    return {step: _still_part(np.asarray(frames, np.float64)) for step, frames in steps.items()}


def _still_part(frames: Floats) -> Floats:
    """Return the stillest half of frames float64[n, 8], consecutive: that in which the readings spread least."""
    length = max(LEAST_FRAMES, len(frames) // 2)
    signals = np.nan_to_num(np.hstack([frames[:, FLEX], gravity(frames[:, LEAN])]))
    every = np.lib.stride_tricks.sliding_window_view(signals, length, axis=0)  # [start, signal, frame]
    step = -(-len(every) // _MOST_BEGINS)
    parts = every[::step]
    middle = np.median(parts, axis=2, keepdims=True)
    # In each signal's own spread, so that a wide one does not hide the others.
    spread = np.median(np.abs(parts - middle), axis=2) / (np.ptp(signals, axis=0) + _LEAST_SPREAD)
    begin = step * int(spread.sum(axis=1).argmin())
    return frames[begin : begin + length]


@dataclass(frozen=True, slots=True, eq=False)
class _Readings:
    """Medians float64[5] by step, the usual noise float64[5], the scale of each finger's readings float64[5], since a
    sensor may have an amplifier of its own, and the rails of the converter."""

    medians: dict[Step, Floats]
    noise: Floats
    scales: Floats
    rails: tuple[float, ...]

    @classmethod
    def of(cls, stills: Mapping[Step, Floats]) -> Self:
        """Make them of the still part of each step."""
        medians = {step: _median(frames[:, FLEX]) for step, frames in stills.items()}
        deviations = [_median(np.abs(frames[:, FLEX] - medians[step])) for step, frames in stills.items()]
        noise = _ROBUST_SD * np.nan_to_num(_median(np.stack(deviations)))
        flex = np.nan_to_num(np.vstack([frames[:, FLEX] for frames in stills.values()]))
        scales = np.array([scale_of(float(most)) for most in np.abs(flex).max(axis=0) / (1 + _RAIL)])
        scale = scale_of(float(flex.max()) / (1 + _RAIL))
        is_raw = has_rails(scale) and flex.min() >= -_RAIL * scale
        return cls(medians, noise, scales, (0.0, scale) if is_raw else ())

    def is_bent(self, finger: int) -> bool:
        """Return whether the finger was shown bent."""
        return "fist" in self.medians or FINGER_NAMES[finger] in self.medians

    def at(self, step: Step, finger: int) -> float:
        """Return the finger's median in a step."""
        return float(self.medians[step][finger])

    def ends(self, finger: int) -> tuple[float, float]:
        """Return the reading of the finger when straight, and when bent: in the fist or by itself, whichever is
        farther; without a fist in any finger's step, since the wires may be mixed up."""
        straight = self.at("open", finger)
        steps = ("fist", FINGER_NAMES[finger]) if "fist" in self.medians else FINGER_NAMES
        known = [self.at(step, finger) for step in steps if step in self.medians]
        known = [reading for reading in known if not np.isnan(reading)]
        return straight, max(known, key=lambda reading: abs(reading - straight), default=float("nan"))

    def is_at_rail(self, reading: float) -> bool:
        """Return whether a reading is at an end of the scale."""
        return any(abs(rail - reading) <= _RAIL * self.rails[-1] for rail in self.rails)


def _findings(stills: Mapping[Step, Floats]) -> tuple[Finding, ...]:
    """Return what is known of each channel."""
    if "open" not in stills:
        return ()
    readings = _Readings.of(stills)
    judged = (_judge(n, readings) if readings.is_bent(n) else _judge_straight(n, readings) for n in range(FINGERS))
    return tuple(finding for finding in (*judged, _judge_motion(stills)) if finding is not None)


def _judge_straight(finger: int, readings: _Readings) -> Finding | None:
    """Return what is known of a finger before it is bent: only what no travel would change."""
    channel, straight, noise = CHANNELS[finger], readings.at("open", finger), float(readings.noise[finger])
    if np.isnan(straight):
        return Finding(channel, "does_not_move")
    if noise > _NOISE_OF_TRAVEL * readings.scales[finger]:
        return Finding(channel, "noisy", straight, None, noise)
    return Finding(channel, "at_rail", straight, None, noise) if readings.is_at_rail(straight) else None


def _judge(finger: int, readings: _Readings) -> Finding:
    channel, noise = CHANNELS[finger], float(readings.noise[finger])
    straight, bent = readings.ends(finger)
    if np.isnan(straight) or np.isnan(bent):
        return Finding(channel, "does_not_move")
    follows = _followed(finger, straight, bent, readings)
    code = _code(finger, straight, bent, follows is not None, readings)
    return Finding(channel, code, straight, bent, noise, follows if code == "follows_neighbour" else None)


def _code(finger: int, straight: float, bent: float, follows: bool, readings: _Readings) -> FingerCode:
    travel, scale = abs(bent - straight), float(readings.scales[finger])
    is_at_rail = readings.is_at_rail(straight) or readings.is_at_rail(bent)
    if readings.noise[finger] > max(_NOISE_OF_TRAVEL * travel, _NOISE_OF_SCALE * float(readings.scales.max())):
        return "noisy"
    if travel < _LEAST_TRAVEL * scale:
        return "at_rail" if is_at_rail else "does_not_move"
    if follows:
        return "follows_neighbour"
    if is_at_rail:
        return "at_rail"
    return "moves" if bent > straight else "reversed"


def _followed(finger: int, straight: float, bent: float, readings: _Readings) -> str | None:
    """Return the other finger that moves this one's sensor most, if it moves it nearly as far as it goes."""
    shown = [name for name in FINGER_NAMES if name in readings.medians]
    others = [name for name in shown if name != FINGER_NAMES[finger]]
    if bent == straight or not others:
        return None
    shares = {name: (readings.at(name, finger) - straight) / (bent - straight) for name in others}
    strongest = max(others, key=lambda name: np.nan_to_num(shares[name]))
    return str(strongest) if shares[strongest] >= _FOLLOWS else None


def _readings_of(finding: Finding, full_scale: float | None) -> FingerReadings:
    """Return the readings of a finger; `full_scale` is the converter's, None where they are no converter's."""
    if not finding.is_usable or finding.straight is None or finding.bent is None:
        return FingerReadings()
    if finding.code == "at_rail":
        return FingerReadings(finding.straight, finding.bent)
    low, high = sorted((finding.straight, finding.bent))
    beyond = _CONTACT * (high - low)
    contact = low - beyond, high + beyond
    if full_scale is not None:  # this finger is not at a rail, so what is there has no contact
        rail = _RAIL * full_scale
        contact = max(contact[0], rail), min(contact[1], full_scale - rail)
    return FingerReadings(finding.straight, finding.bent, contact)


def _directions(stills: Mapping[Step, Floats]) -> dict[Pose, tuple[float, float, float]]:
    """Return the median direction of gravity in each pose that was shown, of length 1."""
    found: dict[Pose, tuple[float, float, float]] = {}
    for pose in POSES:
        if pose in stills:
            # Of directions, not of angles: a hand whose roll is near +-180 degrees reads both.
            median = _median(gravity(stills[pose][:, LEAN]))
            if not np.isnan(median).any():
                x, y, z = map(float, median / np.linalg.norm(median))
                found[pose] = (x, y, z)
    return found


def _full_scale(stills: Mapping[Step, Floats]) -> float | None:
    """Return the full scale of the converter, None where the readings are no converter's."""
    rails = _Readings.of(stills).rails
    return rails[-1] if rails else None


def _judge_motion(stills: Mapping[Step, Floats]) -> Finding | None:
    """Return what is known of the motion sensor: of a single pose nothing, unless it reads nothing at all."""
    shown = [pose for pose in POSES if pose in stills]
    known = np.array(list(_directions(stills).values()))
    if not shown or len(known) == 1:
        return None
    turns = len(known) > 0 and float(np.linalg.norm(known - known[0], axis=1).max()) > _STANDS
    return Finding("pitch", "moves" if turns else "does_not_move")


def _lacking(stills: Mapping[Step, Floats]) -> NDArray[np.bool_]:
    """Return which channels bool[8] are not read in any step."""
    lacking: NDArray[np.bool_] = np.all([np.isnan(frames).all(axis=0) for frames in stills.values()], axis=0)
    return lacking


def _median(values: Floats) -> Floats:
    """Return the median of each column without its NaNs, NaN where there is nothing else."""
    columns = [column[~np.isnan(column)] for column in values.T]
    return np.array([np.median(column) if len(column) else np.nan for column in columns])
