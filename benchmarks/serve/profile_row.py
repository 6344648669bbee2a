"""Row `profile`: where the service spends its time, beside the reference revision."""

from __future__ import annotations

from typing import Final

from benchmarks.serve.bench import Bench
from benchmarks.serve.load.messages import Rhythm
from benchmarks.serve.peers.catalogue import OURS, REFERENCE
from benchmarks.serve.sampling import SamplingError, Shares, sample

_SECONDS: Final = 8
"""About a thousand samples where a server is half busy: a share of 10 % is known to one percentage point."""


def profile(bench: Bench) -> None:
    """Sample the service, and the reference revision where there is one, under the load of messages of 5 frames."""
    rhythm = Rhythm(binary=True, frames_per_message=5)
    for name in bench.peers.of(OURS, REFERENCE):
        bench.progress(f"profile: {name}")
        seconds = max(1, min(_SECONDS, round(4 * bench.seconds)))
        try:
            samples = sample(bench.peers[name], bench.gloves, rhythm, bench.warm_up_s, seconds)
        except SamplingError as error:
            bench.results.remark(f"profile of {name}: not measured, {error}")
            continue
        bench.shares.append(Shares(name, f"{bench.gloves} gloves, {rhythm.title}", samples))
