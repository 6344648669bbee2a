"""Fuzzers with sanitizers over what takes bytes from outside: a bounded, seeded run of each."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.firmware.core import compiled

VECTORS = ROOT / "firmware_bridge" / "codec" / "vectors.json"

COMMANDS = [
    b"interval,20\n",
    b"interval,0.5\r\n",
    b"header\nrecal\nyawzero\n",
    b"format,text\nformat,binary\n",
    b"letters,on\nletters,only\nletters,off\nletters\n",
    b"x" * 70,
]


@pytest.fixture(scope="module")
def fuzzers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the compiled targets."""
    if shutil.which("clang") is None or shutil.which("make") is None:
        pytest.skip("clang or make is missing")
    build = tmp_path_factory.mktemp("fuzz")
    compiled("fuzz", build)
    return build


def seeds_of(target: str) -> list[bytes]:
    if target == "fuzz_command":
        return COMMANDS
    vectors = json.loads(VECTORS.read_text(encoding="utf-8"))
    streams = [bytes.fromhex(vector["bytes"]) for vector in vectors["decode"]]
    return streams if target == "fuzz_decoder" else [bytes(range(256)), *streams]


@pytest.mark.parametrize(
    ("target", "runs"), [("fuzz_command", 200_000), ("fuzz_decoder", 60_000), ("fuzz_glove", 50_000)]
)
def test_nothing_is_found(fuzzers: Path, tmp_path: Path, target: str, runs: int) -> None:
    seeds = tmp_path / "seeds"
    seeds.mkdir()
    for number, seed in enumerate(seeds_of(target)):
        (seeds / str(number)).write_bytes(seed)
    # What a process weighed most is inherited by whom it starts: the tests' own weight is not the fuzzer's.
    limits = ["-rss_limit_mb=0", "-malloc_limit_mb=64"]
    done = subprocess.run(
        [
            fuzzers / target,
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
