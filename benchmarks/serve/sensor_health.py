"""Longest time without a change in sensors of real recordings, and the cost of monitoring sensors.

    python -m benchmarks.serve.sensor_health FOLDER

Printed by collection and channel: the longest time in an episode in which a healthy sensor did not change (median,
99.9th percentile, maximum); the faults that `service.streams.sensors` reports; and its time per frame, in messages of
one frame and of 80. The figures are in the documentation of the sensors.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np

from scaleglove.channels import ANGLES, CHANNELS, DROPPED_FLEX_BELOW, FLEX
from scaleglove.recordings import Episode, load_folder
from service.streams.sensors import SensorHealth

ROUNDS: Final = 5


def longest_unchanged_ms(episode: Episode, channels: Sequence[int]) -> float:
    """Return the longest time in which none of the channels changed."""
    values = episode.values[:, channels]
    changes = np.flatnonzero((values[1:] != values[:-1]).any(axis=1)) + 1
    edges = [0, *changes, len(values)]
    return max(float(episode.t_ms[end - 1] - episode.t_ms[begin]) for begin, end in pairwise(edges))


def is_dropped(episode: Episode, channel: int) -> bool:
    """Return whether a flex sensor reads next to nothing somewhere in the episode."""
    return bool((episode.values[:, channel] < DROPPED_FLEX_BELOW).any())


def has_dropped(episode: Episode) -> bool:
    return any(is_dropped(episode, channel) for channel in range(FLEX.start, FLEX.stop))


def show_unchanged(title: str, longest: Sequence[float]) -> None:
    median, high = np.percentile(longest, [50, 99.9])
    print(f"{title:24} {len(longest):5} episodes {median:6.0f} {high:6.0f} {max(longest):6.0f} ms")


def show_collection(name: str, episodes: Sequence[Episode]) -> None:
    for index, channel in enumerate(CHANNELS):
        healthy = [episode for episode in episodes if index >= FLEX.stop or not is_dropped(episode, index)]
        show_unchanged(f"{name} {channel}", [longest_unchanged_ms(episode, [index]) for episode in healthy])
    angles = list(range(ANGLES.start, ANGLES.stop))
    show_unchanged(f"{name} all angles", [longest_unchanged_ms(episode, angles) for episode in episodes])
    flex = np.concatenate([episode.values[:, FLEX] for episode in episodes])
    healthy_flex = flex[flex >= DROPPED_FLEX_BELOW]
    print(f"{name} healthy flex sensors read {healthy_flex.min():.0f} to {healthy_flex.max():.0f}")


def show_faults(name: str, episodes: Iterable[Episode]) -> None:
    counts: Counter[str] = Counter()
    for episode in episodes:
        reports = SensorHealth().push(0, episode.t_ms.tolist(), episode.values)
        counts.update({f"{fault.channel} {fault.fault}" for report in reports for fault in report.faults})
        counts["episodes with a reading below the limit"] += has_dropped(episode)
        counts["reports"] += len(reports)
    print(f"{name}: {dict(counts)}")


def microseconds(episodes: Sequence[Episode], frames: int) -> float:
    """Return the time per frame in messages of `frames`, the best of some rounds."""
    messages = [
        [
            (episode.t_ms[begin : begin + frames].tolist(), episode.values[begin : begin + frames])
            for begin in range(0, len(episode.t_ms), frames)
        ]
        for episode in episodes
    ]
    taken = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        for episode_messages in messages:
            health = SensorHealth()
            for t_ms, values in episode_messages:
                health.push(0, t_ms, values)
        taken.append(time.perf_counter() - begun)
    return min(taken) * 1e6 / sum(len(episode.t_ms) for episode in episodes)


def main() -> None:
    episodes, _ = load_folder(Path(sys.argv[1]))
    print("longest time without a change in an episode: median, 99.9th percentile, maximum")
    for name in sorted({episode.collection for episode in episodes}):
        collection = [episode for episode in episodes if episode.collection == name]
        show_collection(name, collection)
        show_faults(name, collection)
    for title, fault in (("healthy", False), ("a sensor dropped", True)):
        chosen = [episode for episode in episodes if has_dropped(episode) == fault][:150]
        if chosen:
            costs = ", ".join(f"{microseconds(chosen, frames):.2f} in messages of {frames}" for frames in (1, 80))
            print(f"microseconds a frame, {title}: {costs}")


if __name__ == "__main__":
    main()
