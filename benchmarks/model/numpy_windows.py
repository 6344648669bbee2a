"""Scale-Aware network in numpy, from an artefact's tensors: shows what batching gains without a compiled kernel.

The recurrences of all windows, and of the four rows of each for the importance, are one matrix product per step.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.runtime.kernel.weights import HIDDEN


def numpy_windows(
    tensors: dict[str, Any], windows: Sequence[NDArray[np.float32]]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return probabilities [N, labels] and importance [N, scales] of windows of one length."""
    inputs, skip = _inputs(tensors, np.stack(windows))
    frames, margin = inputs.shape[1], tensors["towers.kernel"].shape[2] // 2
    padded = np.pad(inputs, ((0, 0), (margin, margin), (0, 0)))
    kernel = tensors["towers.kernel"]
    branches = sum(padded[:, tap : tap + frames] @ kernel[:, :, tap].T for tap in range(kernel.shape[2]))
    branches = np.maximum(branches + tensors["towers.bias"], 0) * tensors["norm.gain"].T + tensors["norm.shift"].T
    features = np.pad(np.maximum(branches, 0), ((0, 0), (0, frames % 2), (0, 0)))
    pooled = features.reshape(len(windows), -1, 2, features.shape[2]).max(axis=2)
    recent = pooled[:, -int(tensors["recent_steps"].item()) :]
    occluded = np.concatenate([np.where(keep, recent, tensors["pooled_mean"]) for keep in tensors["kept"]])
    answers = _classify(tensors, occluded, np.tile(skip, (len(tensors["kept"]), 1)))
    whole, *others = answers.reshape(len(tensors["kept"]), len(windows), -1)
    moved = np.stack([np.abs(other - whole).sum(axis=1) for other in others], axis=1) + tensors["least_effect"]
    return _classify(tensors, pooled, skip), moved / moved.sum(axis=1, keepdims=True)


def _inputs(tensors: dict[str, Any], frames: NDArray[np.float32]) -> tuple[Any, Any]:
    """Return the normalised and, by network, encoded frames, and the features of the skip connection."""
    normaliser = {name.split(".")[1]: array for name, array in tensors.items() if name.startswith("normaliser.")}
    filled = np.where(frames < normaliser["threshold"], normaliser["fill"], frames)
    turns = np.floor(filled * tensors["per_turn"] + normaliser["turn"])
    x = filled * normaliser["gain"] + normaliser["offset"] - turns * normaliser["turn_gain"]
    if "encoding.low" not in tensors:
        return x, np.zeros((len(x), 0), np.float32)
    turning = slice(*(int(tensors[f"turning_{end}"].item()) for end in ("start", "end")))
    angle = x[..., turning] * tensors["encoding.rate"] + tensors["encoding.phase"]
    bins = np.clip((x[..., np.newaxis] - tensors["encoding.low"]) * tensors["encoding.per_width"], 0, 1)
    weight = tensors["angle_weight"]
    x = np.concatenate([weight * np.sin(angle), weight * np.cos(angle), bins.reshape(*x.shape[:2], -1)], axis=2)
    return x, x[:, -int(tensors["newest_count"].item()) :].mean(axis=1)


def _classify(tensors: dict[str, Any], steps: Any, skip: Any) -> Any:
    """Return probabilities [rows, labels] of pooled steps [rows, time, features]."""
    for number in range(1, 1 + sum(f"gru_{n}.W" in tensors for n in (1, 2))):
        w, r, b = (tensors[f"gru_{number}.{name}"][0] for name in "WRB")
        projected = steps @ w.T + b[: len(w)]
        r_gates, r_candidate = r[: 2 * HIDDEN].T, r[2 * HIDDEN :].T
        state = np.zeros((len(steps), HIDDEN), np.float32)
        states = []
        for time in range(steps.shape[1]):
            gates = 1 / (1 + np.exp(-projected[:, time, : 2 * HIDDEN] - state @ r_gates))
            z, reset = gates[:, :HIDDEN], gates[:, HIDDEN:]
            candidate = np.tanh(projected[:, time, 2 * HIDDEN :] + (reset * state) @ r_candidate)
            state = candidate + z * (state - candidate)
            states.append(state)
        steps = np.stack(states, axis=1)
    value = np.concatenate([state, skip], axis=1)
    head = sum(f"head_{n}.weight" in tensors for n in (1, 2, 3))
    for number in range(1, head + 1):
        value = value @ tensors[f"head_{number}.weight"].T + tensors[f"head_{number}.bias"]
        value = np.maximum(value, 0) if number < head else value
    powers = np.exp(value - value.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)
