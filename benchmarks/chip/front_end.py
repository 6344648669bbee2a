"""The front end of a glove on microcontrollers in QEMU: what it makes of frames, and what it costs.

python -m benchmarks.chip.front_end
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import typer
from numpy.typing import NDArray
from rich.console import Console

from benchmarks.chip.emulated_chip import CHIPS, MachineError, Target, build_image, call
from benchmarks.report import as_table
from models.adaptation.front_end import FrontEnd
from models.export.c.glove import fields
from models.export.c.text import literal
from scaleglove.channels import CHANNELS

CORE: Final = Path(__file__).parents[2] / "firmware_bridge" / "firmware" / "core"

Glove = tuple[FrontEnd, tuple[str, ...]]
"""A front end, and the channels that the glove does not have."""


@dataclass(frozen=True, slots=True)
class Run:
    """What front ends made of frames, float32[gloves, frames, 8]; instructions of the most expensive frame; bytes of
    flash, with what is used of the C library and with the gloves' constants, and of the deepest stack."""

    seen: NDArray[np.float32]
    frame: int
    flash: int
    stack: int


def run(target: Target, gloves: Sequence[Glove], frames: NDArray[np.float32], folder: Path) -> Run:
    """Run front ends on frames float32[n, 8] on a chip.

    Raises:
        MachineError: it is not built, or does not run to its end.
    """
    (folder / "gloves.h").write_text(_as_text(gloves, frames), encoding="utf-8")
    image, flash = build_image(target, CORE / "front_end.c", "glove_harness.c", (CORE, folder), folder)
    facts: dict[str, list[list[int]]] = {}
    output = call(*target.qemu, str(image))
    for word, *numbers in (line.split() for line in output.splitlines() if line):
        facts.setdefault(word, []).append(list(map(int, numbers)))
    if "end" not in facts:
        raise MachineError(f"the chip stopped after {output[-200:]!r}")
    seen = np.array(facts["seen"], np.uint32).view(np.float32)
    return Run(seen.reshape(len(gloves), len(frames), -1), facts["frame"][0][0], flash, facts["stack"][0][0])


def _as_text(gloves: Sequence[Glove], frames: NDArray[np.float32]) -> str:
    rows = ["{" + ", ".join("NAN" if np.isnan(value) else literal(value) for value in frame) + "}" for frame in frames]
    return (
        f"#include <math.h>\n\nenum {{ GLOVES = {len(gloves)}, FRAMES = {len(frames)} }};\n"
        "static const struct sg_front_end gloves[GLOVES] = {\n"
        + ",\n".join(f"{{\n{fields(*glove)}}}" for glove in gloves)
        + "};\nstatic const float frames[FRAMES][SG_SAMPLE_VALUES] = {\n"
        + ",\n".join(rows)
        + "};\n"
    )


def glove(seed: int, is_bent: bool = False) -> Glove:
    """Return the front end of another glove, drawn at random; bent: with another resistor than the training's too."""
    rng = np.random.default_rng(seed)
    rotation = np.linalg.qr(rng.normal(size=(3, 3)))[0]
    gain, offset = rng.uniform(0.2, 1, 5) * rng.choice([-1, 1], 5), rng.uniform(0, 1000, 5)
    slope = np.full(5, 3 / 4095 if is_bent else 0.0)  # a quarter of the training's resistor
    return FrontEnd(gain, offset, rotation, np.tile([0.0, 4095.0], (5, 1)), np.array([10.0, -60.0, 0.0]), slope), ()


def frames_of(seed: int, count: int = 200) -> NDArray[np.float32]:
    """Return frames float32[count, 8] of a 12-bit glove in any pose."""
    rng = np.random.default_rng(seed)
    low, high = [100.0] * 5 + [-90.0, -180.0, -180.0], [4000.0] * 5 + [90.0, 180.0, 180.0]
    return rng.uniform(low, high, (count, len(CHANNELS))).astype(np.float32)


def main() -> None:
    """Measure instructions, flash and stack, by chip, of a glove that keeps its readings and of another one."""
    rows = [["chip", "glove", "instructions of a frame", "flash", "stack"]]
    for target in CHIPS:
        gloves = {"the training's": (FrontEnd(), ()), "another": glove(0), "another resistor": glove(0, is_bent=True)}
        for name, one in gloves.items():
            with tempfile.TemporaryDirectory() as folder:
                ran = run(target, [one], frames_of(0), Path(folder))
            rows.append([target.name, name, f"{ran.frame:,}", f"{ran.flash:,}", f"{ran.stack:,}"])
    Console().print(as_table(rows, "The front end of a glove on chips", text_columns=2))


if __name__ == "__main__":
    typer.run(main)
