from __future__ import annotations

import json

import pytest

from tests.commands import Run

pytest.importorskip("torch", reason="the train extra is not installed")

from benchmarks.model import accelerators
from models.networks.catalogue import NETWORKS
from models.runtime.kernel.library import built


def test_bench_prints_one_table_of_all_networks_and_ways(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accelerators, "BATCHES", (1, 2))
    done = run("bench", "model", "--rounds", 5, "--frames", 20, "--seconds", 0, "--json")
    found = json.loads(done.stdout)
    timings = found["networks"]
    assert [one["way"] for one in found["batches"] if one["reason"] is None] == ["kernel", "onnx"][-1 - built() :]
    assert len({(timing["network"], timing["way"]) for timing in timings}) == (4 + built()) * len(NETWORKS)
    nodes = {timing["network"]: timing["nodes"] for timing in timings if timing["way"] == "folded export"}
    assert max(nodes.values()) < 100
    assert max(count for network, count in nodes.items() if not network.endswith(("_Encoded", "_Moving"))) < 70
    traced = [t["nodes"] for t in timings if t["way"] == "plain tracing export" and t["network"] != "MSCSGRU"]
    assert min(traced) > 300  # the time steps unrolled
    assert all(timing["milliseconds"] > 0 for timing in timings)
