"""Packages on microcontrollers in QEMU, which counts every instruction: the same count on every run.

QEMU counts instructions, not cycles: wait states of the flash, pipelines and multi-cycle instructions are not included.
"""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from numpy.typing import NDArray

from models.export.c.host import FLAGS as PACKAGE_FLAGS
from models.export.c.package import SOURCE
from models.export.c.text import literal
from scaleglove.channels import CHANNELS
from scaleglove.errors import ScaleGloveError

_FOLDER: Final = Path(__file__).parent / "board"
_OPTIONS: Final = ("-O2", "-ffunction-sections", "-fdata-sections", "-Werror")
_BOARD_FLAGS: Final = ("-std=gnu11", "-Wall", "-Wextra")
_TIMEOUT_S: Final = 600


class MachineError(ScaleGloveError):
    """A package that is not built or does not run; the text is the output of the compiler or QEMU."""


@dataclass(frozen=True, slots=True)
class Target:
    """Target of a package: its compiler, and its machine in QEMU."""

    name: str
    compiler: str
    size: str
    flags: tuple[str, ...]
    sources: tuple[str, ...]
    link: tuple[str, ...]
    qemu: tuple[str, ...]
    """Command without the image's name at its end; empty where the image runs by itself."""
    packages: str
    """Debian packages of the compiler, the C library and QEMU."""


_COUNTED: Final = (
    *("-icount", "shift=0,sleep=off", "-display", "none", "-monitor", "none", "-serial", "stdio", "-kernel"),
)


@dataclass(frozen=True, slots=True)
class _Toolchain:
    prefix: str
    flags: tuple[str, ...]
    packages: str
    """Debian packages, with the QEMU that runs its programs."""


def _chip(name: str, sources: tuple[str, ...], tools: _Toolchain, qemu: tuple[str, ...]) -> Target:
    link = ("-nostartfiles", "-T", str(_FOLDER / f"{name}.ld"), "-Wl,--gc-sections")
    compiler, size = f"{tools.prefix}gcc", f"{tools.prefix}size"
    return Target(name, compiler, size, tools.flags, sources, link, (*qemu, *_COUNTED), tools.packages)


CORTEX_M4F: Final = _chip(
    "stm32f405",
    ("stm32f405.c", "stack.c"),
    _Toolchain(
        "arm-none-eabi-",
        ("-mcpu=cortex-m4", "-mthumb", "-mfloat-abi=hard", "-mfpu=fpv4-sp-d16", "--specs=nano.specs"),
        "gcc-arm-none-eabi libnewlib-arm-none-eabi qemu-system-arm",
    ),
    ("qemu-system-arm", "-M", "netduinoplus2", "-semihosting"),
)
RV32IMC: Final = _chip(
    "rv32imc",
    ("rv32imc.c", "rv32_start.c", "stack.c"),
    _Toolchain(
        "riscv64-unknown-elf-",
        ("-march=rv32imc", "-mabi=ilp32", "--specs=picolibc.specs"),
        "gcc-riscv64-unknown-elf picolibc-riscv64-unknown-elf qemu-system-misc",
    ),
    ("qemu-system-riscv32", "-M", "virt", "-bios", "none"),
)
CHIPS: Final = (CORTEX_M4F, RV32IMC)
ESP32C3: Final = replace(
    RV32IMC,
    name="esp32c3",
    sources=("esp32c3.c", "rv32_start.c", "stack.c"),
    link=("-nostartfiles", "-T", str(_FOLDER / "esp32c3.ld"), "-Wl,--gc-sections"),
    qemu=(),
)
"""A target that is built and cannot be run: Debian's QEMU does not have this chip."""
HOST: Final = Target(
    "host",
    "gcc",
    "size",
    ("-O1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"),
    ("host.c",),
    (),
    (),
    "gcc libc6-dev",
)
"""This computer, with sanitizers; instructions are not counted."""


_FIGURES: Final = ("window", "importance", "piece", "steps", "result", "finish")


@dataclass(frozen=True, slots=True)
class WindowRun:
    """One window on a chip: instructions and answers, with probabilities and shares as their bits."""

    window: int
    importance: int
    piece: int
    """Most expensive piece of the importance."""
    dearest_step: int
    steps: int
    """Sum of all steps."""
    result: int
    finish: int
    answer: tuple[int, ...]
    """Letter and probabilities of the window, and of its frames step by step."""
    answer_by_steps: tuple[int, ...]
    shares: tuple[int, ...]
    """Importance of the scales, computed at once, and below in pieces."""
    shares_by_pieces: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Run:
    """Windows on a chip, and bytes: flash of package and C library, RAM of state and result, and deepest stack."""

    windows: tuple[WindowRun, ...]
    flash: int
    state: int
    stack: int


def run(target: Target, package: Path, windows: Sequence[NDArray[Any]], folder: Path) -> Run:
    """Build the package in the folder `package`, and run it on a chip for `windows` of its type of readings.

    Raises:
        MachineError: it is not built, or does not run to its end.
    """
    image, flash = build(target, package, windows, folder)
    return _read(call(*target.qemu, str(image)), flash)


def build(target: Target, package: Path, windows: Sequence[NDArray[Any]], folder: Path) -> tuple[Path, int]:
    """Return the image that `run` runs, and the bytes of flash that the package takes.

    Raises:
        MachineError: it is not built.
    """
    (folder / "windows.h").write_text(_as_text(windows), encoding="utf-8")
    return build_image(target, package / SOURCE, "harness.c", (package, folder), folder)


def build_image(
    target: Target, measured: Path, harness: str, includes: Sequence[Path], folder: Path
) -> tuple[Path, int]:
    """Return the image of a source and the harness that runs it, and the bytes of flash that the source takes.

    Raises:
        MachineError: it is not built.
    """
    sources = [measured, *(_FOLDER / name for name in (harness, *target.sources))]
    objects = []
    for source in sources:
        objects.append(folder / f"{target.name}_{source.stem}.o")
        flags = PACKAGE_FLAGS if source == measured else _BOARD_FLAGS
        options = (*_OPTIONS, *target.flags, *flags, *(f"-I{include}" for include in includes))
        call(target.compiler, *options, "-c", str(source), "-o", str(objects[-1]))
    image = folder / f"{target.name}.elf"
    call(target.compiler, *target.flags, *target.link, *map(str, objects), "-lm", "-o", str(image))
    return image, _flash(target, image) - sum(_flash(target, made) for made in objects[1:])


def _flash(target: Target, made: Path) -> int:
    """Return the bytes of code, constants and initial values."""
    text, data, *_ = call(target.size, str(made)).splitlines()[1].split()
    return int(text) + int(data)


def _as_text(windows: Sequence[NDArray[Any]]) -> str:
    rows = ["{" + ",".join("{" + ",".join(map(literal, frame)) + "}" for frame in window) + "}" for window in windows]
    return (
        f"enum {{ WINDOWS = {len(windows)} }};\n"
        f"static const sg_net_reading windows[WINDOWS][{max(map(len, windows))}][{len(CHANNELS)}] = {{\n"
        + ",\n".join(rows)
        + f"}};\nstatic const uint32_t lengths[WINDOWS] = {{{', '.join(str(len(window)) for window in windows)}}};\n"
    )


def _read(output: str, flash: int) -> Run:
    lines = [line.split() for line in output.splitlines() if line]
    if not lines or lines[-1] != ["end"]:
        raise MachineError(f"the chip stopped after {output[-200:]!r}")
    found: list[WindowRun] = []
    facts: dict[str, list[tuple[int, ...]]] = {}
    for word, *numbers in lines:
        facts.setdefault(word, []).append(tuple(map(int, numbers)))
    answers = facts["answer"]
    for number in range(len(facts["window"])):
        figures = {name: facts[name][number][0] for name in _FIGURES}
        found.append(
            WindowRun(
                dearest_step=facts["step"][number][0],
                answer=answers[2 * number],
                answer_by_steps=answers[2 * number + 1],
                shares=facts["shares"][number],
                shares_by_pieces=facts["pieces"][number],
                **figures,
            )
        )
    return Run(tuple(found), flash, facts["state"][0][0], facts["stack"][0][0])


def call(*command: str) -> str:
    """Run a command and return its output.

    Raises:
        MachineError: it is missing, fails, or takes too long.
    """
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=_TIMEOUT_S, check=False, stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise MachineError(f"{command[0]} does not run: {error}") from None
    if done.returncode:
        raise MachineError(f"{' '.join(command)}: {(done.stderr or done.stdout).strip()[-2000:]}")
    return done.stdout
