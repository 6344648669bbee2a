"""The kernel with any sizes, under sanitizers: a bounded, seeded run."""

from __future__ import annotations

import subprocess
from itertools import product
from pathlib import Path

from models.runtime.kernel.build import FOLDER, SOURCES
from tests.deadlines import RUN_S
from tests.firmware.builds import needs

RUNS = 1000
FIELDS, SIZES = 21, 22
"""Of `mistreat` in fuzz_kernel.c."""

SOUND = bytes((1, 1, 0, 23, 0, 0, 15, 0))
"""An encoded model of two layers and 24 labels."""
TARGET = Path(__file__).with_name("fuzz_kernel.c")


def test_nothing_is_found(tmp_path: Path) -> None:
    needs("clang", "clang")
    program = tmp_path / "fuzz_kernel"
    flags = ("-std=gnu11", "-O1", "-g", "-fsanitize=fuzzer,address,undefined", "-fno-sanitize-recover=all", "-w")
    sources = [TARGET, *(FOLDER / f"{name}.c" for name in SOURCES)]
    build = ["clang", *flags, f"-I{FOLDER}", *map(str, sources), "-lm", "-o", str(program)]
    subprocess.run(build, check=True, capture_output=True, timeout=RUN_S)
    seeds = tmp_path / "seeds"
    seeds.mkdir()
    for field, size in product(range(FIELDS), range(SIZES)):
        (seeds / f"{field}-{size}").write_bytes(SOUND + bytes((1, field, size, 0, 30, 2, 0, 10, 0, 20)))
    # A process inherits its parent's peak memory, so the fuzzer's own limit on it would count that of the tests.
    limits = ["-rss_limit_mb=0", "-malloc_limit_mb=128"]
    command = [
        str(program),
        "-seed=1",
        f"-runs={RUNS}",
        "-max_len=96",
        "-len_control=0",
        *limits,
        f"-artifact_prefix={tmp_path}/",
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=RUN_S, check=False)
    assert done.returncode == 0, done.stderr[-4000:]
    assert f"Done {RUNS} runs" in done.stderr
