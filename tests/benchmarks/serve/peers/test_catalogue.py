"""Every server of the benchmark, as a process, under the load of two gloves."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from benchmarks.machine import assign_cores
from benchmarks.serve.load.gloves import Gloves
from benchmarks.serve.load.messages import Rhythm
from benchmarks.serve.peers.catalogue import ECHO, GRANIAN, NO_C, ONNX, OURS, PICOWS, PLAIN, PLAIN_ONE, Peers, peers
from models.runtime.kernel.library import built
from tests.benchmarks.serve.small_bench import ARTEFACT, contract
from tests.deadlines import EVENT_S

NAMES = (PLAIN, PLAIN_ONE, GRANIAN, ECHO, PICOWS, OURS, ONNX, NO_C)


@pytest.fixture
def servers() -> Iterator[Peers]:
    cores = assign_cores(sorted(os.sched_getaffinity(0)))
    found, _ = peers(ARTEFACT, contract(), cores.server, None)
    with ExitStack() as stack:
        yield Peers(found, stack)


@pytest.mark.parametrize("name", NAMES)
def test_server_answers_every_prediction_that_is_due(servers: Peers, name: str) -> None:
    if name not in servers:
        pytest.skip(f"the package of {name} is not installed (the extra bench has it)")
    server = servers[name]
    assert servers[name] is server, "started a second time"
    for binary in (False, True):
        if servers.takes(name, binary=binary):
            rhythm = Rhythm(binary, frames_per_message=5)
            before_s = server.cpu_s()
            with Gloves(server.address, 2, rhythm, 8, gives_up=False) as gloves:
                gloves.run(8)
                gloves.drain(EVENT_S)
                assert len(gloves.tally.delays_s) == gloves.tally.due == 8
            assert server.cpu_s() > before_s
            assert server.resident_bytes() > 0
    if name == NO_C:
        assert not compiled(server.pid)
    if name == OURS and built():
        assert "_kernel_" in compiled(server.pid)


def test_a_server_whose_package_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.serve.peers.catalogue.find_spec", lambda _: None)
    found, notes = peers(ARTEFACT, contract(), frozenset({0}), None)
    assert not {GRANIAN, PICOWS} & set(found)
    assert len(notes) == 2
    assert all("not installed" in note for note in notes)


def compiled(pid: int) -> str:
    """Return the names of this project's compiled libraries in a process."""
    mapped = {line.rpartition("/")[2] for line in Path(f"/proc/{pid}/maps").read_text().splitlines()}
    return " ".join(name for name in mapped if name.startswith(("_kernel_", "_native_")))
