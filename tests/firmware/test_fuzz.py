"""Fuzzers with sanitizers of everything that takes bytes from outside: a bounded, seeded run of each."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.firmware.builds import CLIENT, FIRMWARE, needs
from tests.firmware.conftest import BuildImage

VECTORS = ROOT / "firmware_bridge" / "codec" / "vectors.json"

COMMANDS = [
    b"interval,20\n",
    b"interval,0.5\r\n",
    b"header\nrecal\nyawzero\n",
    b"format,text\nformat,binary\n",
    b"letters,on\nletters,only\nletters,off\nletters\n",
    b"x" * 70,
]


def seeds_of(target: str) -> list[bytes]:
    if target == "fuzz_command":
        return COMMANDS
    vectors = json.loads(VECTORS.read_text(encoding="utf-8"))
    streams = [bytes.fromhex(vector["bytes"]) for vector in vectors["decode"]]
    return streams if target == "fuzz_decoder" else [bytes(range(256)), *streams]


@pytest.mark.parametrize(
    ("source", "target", "runs"),
    [(FIRMWARE, "fuzz_command", 20_000), (CLIENT, "fuzz_decoder", 6_000), (FIRMWARE, "fuzz_glove", 5_000)],
    ids=lambda value: None if isinstance(value, Path) else str(value),
)
def test_nothing_is_found(build_image: BuildImage, tmp_path: Path, source: Path, target: str, runs: int) -> None:
    needs("clang", "clang")
    program = build_image("fuzz", source=source).path(target)
    seeds = tmp_path / "seeds"
    seeds.mkdir()
    for number, seed in enumerate(seeds_of(target)):
        (seeds / str(number)).write_bytes(seed)
    # A process inherits its parent's peak memory, so the fuzzer's own limit on it would count that of the tests.
    limits = ["-rss_limit_mb=0", "-malloc_limit_mb=64"]
    done = subprocess.run(
        [
            program,
            "-seed=1",
            f"-runs={runs}",
            "-max_len=1024",
            *limits,
            f"-artifact_prefix={tmp_path}/",
            seeds,
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    assert f"Done {runs} runs" in done.stderr
