"""The network on the firmware: letters of an STM32F405 in QEMU equal the package's here and match the service's."""

from __future__ import annotations

import asyncio
import ctypes
import math
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from firmware_bridge.codec.events import Event, FrameRead, LetterRead
from firmware_bridge.codec.letters import from_numbers
from firmware_bridge.emulator.glove_model import HOLD_S, MOVE_S, REST_S
from firmware_bridge.emulator.qemu import machine
from models.adaptation.front_end import LEAN, gravity, lean
from models.adaptation.glove_profile import profile_of
from models.export.c.host import Package
from models.export.c.package import export_package
from models.runtime.artefact import Artefact
from scaleglove.channels import FLEX
from scaleglove.resampling import Resampler
from scaleglove.vocabulary import load_vocabulary
from tests.conftest import ROOT
from tests.firmware.builds import needs_qemu
from tests.firmware.conftest import BuildImage
from tests.firmware.core import Frame, LetterMessage, Network, floats, load, size_of
from tests.firmware.terminal import Terminal
from tests.models.export.c.test_glove import OTHER, exported

ARTEFACT = ROOT / "models" / "artefacts" / "MSCSGRU_ScaleAware.onnx"
NET_RAM_BYTES = 32 * 1024
HOP_MS, FRAME_MS = 100.0, 20.0
RECENT_STEPS = 16
"""The steps of the shares, each a piece of work."""
MOVE_MS, HOLD_MS, REST_MS = 1000 * MOVE_S, 1000 * HOLD_S, 1000 * REST_S
LETTERS = load_vocabulary("korean").names[::2]
"""Those that the hand spells: half of them, since the emulated chip computes ten times for each second of a letter."""
PASS_MS = len(LETTERS) * (MOVE_MS + HOLD_MS)
SETTLED_MS = 2500.0
"""More than the window of the network."""
NAMES = re.findall(r"SG_([A-Z]+), /\*", (ROOT / "firmware_bridge/firmware/boards/simulated/letters.h").read_text())
SPELLED = ",".join(f"SG_{name}" for name in NAMES[::2])


@pytest.fixture(scope="module")
def heard(build_image: BuildImage, package: Path) -> list[Event]:
    """Return the events of every second letter, spelled to the network on the chip."""
    needs_qemu()
    build = build_image("stm32f405-qemu", package, SG_SPELLED=f"'{SPELLED}'", SG_FORMAT="SG_FORMAT_BINARY")
    return asyncio.run(spelled(build.path("stm32f405-qemu.elf"), SETTLED_MS + PASS_MS))


async def spelled(image: Path, lasting_ms: float) -> list[Event]:
    """Return the events of a board that has begun to send letters, for this long."""
    async with machine(image, paced=False) as board:
        with Terminal(board.path) as terminal:
            board.switch_on()
            await terminal.frames(1)
            terminal.command("letters,on")
            await terminal.remark("letters on", letters="on", vocabulary="korean", labels="24")
            events = await terminal.until(lambda event: isinstance(event, FrameRead))
            end_ms = events[-1].t_ms + lasting_ms
            events += await terminal.until(lambda event: isinstance(event, FrameRead) and event.t_ms > end_ms)
            assert not terminal.decoder.counts.damaged
            assert terminal.decoder.counts.missing == 0
            return events


def frames_of(events: Sequence[Event]) -> list[FrameRead]:
    return [event for event in events if isinstance(event, FrameRead)]


def letters_of(events: Sequence[Event]) -> list[LetterRead]:
    return [event for event in events if isinstance(event, LetterRead)]


def holds(begin_ms: float) -> Iterator[tuple[str, float]]:
    """Yield each letter that the hand spells, and the time of one second into its first hold SETTLED_MS after begin_ms.

    The hand spells the letters over and over; on a busy computer it is far along when the network is switched on.
    """
    for index, letter in enumerate(LETTERS):
        at_ms = REST_MS + index * (MOVE_MS + HOLD_MS) + MOVE_MS + 1000.0
        yield letter, at_ms + PASS_MS * max(0, math.ceil((begin_ms + SETTLED_MS - at_ms) / PASS_MS))


def recognised_here(core: ctypes.CDLL, frames: Sequence[FrameRead]) -> list[LetterRead]:
    """Return the letters that the same C recognises on this computer."""
    state, message = ctypes.create_string_buffer(size_of(core, "recogniser")), LetterMessage()
    core.sg_recogniser_start(state, ctypes.POINTER(Network).in_dll(core, "sg_network_of_board"))
    letters = []
    for frame in frames:
        assert not core.sg_recogniser_take(state, as_c(frame), message)
        for _ in range(RECENT_STEPS + 1):
            if core.sg_recogniser_work(state, message):
                numbers = [message.place, message.confidence, *message.shares]
                letter = from_numbers(frame.t_ms, numbers, message.sequence)
                assert letter is not None
                letters.append(letter)
    return letters


def as_c(frame: FrameRead) -> Frame:
    assert frame.seq is not None
    flex, angles = floats(*frame.values[:5]), floats(*frame.values[5:])
    return Frame(round(frame.t_ms * 1000), frame.seq, flex, angles, floats(0, 0, 0), False)


def samples(frames: Sequence[FrameRead]) -> Iterator[tuple[float, NDArray[np.float32]]]:
    """Yield the time of each frame, and the samples float32[n, 8] that it completes in the service's resampler."""
    timeline = Resampler(50.0)
    for frame in frames:
        timeline.push(frame.t_ms, frame.values)
        yield frame.t_ms, timeline.draw()


def test_ten_letters_a_second_come_soon_behind_their_frames(heard: list[Event]) -> None:
    letters = letters_of(heard)
    steps = np.diff([letter.t_ms for letter in letters])
    assert steps.mean() == pytest.approx(HOP_MS, rel=0.01)
    # A frame that is a microsecond early completes its sample with the next one.
    assert all(FRAME_MS * 3.9 < step < FRAME_MS * 6.1 for step in steps)
    numbers = {frame.seq: frame.t_ms for frame in frames_of(heard)}
    assert [numbers[letter.seq] for letter in letters] == [letter.t_ms for letter in letters]
    newest_ms = 0.0
    for event in heard:
        newest_ms = event.t_ms if isinstance(event, FrameRead) else newest_ms
        assert not isinstance(event, LetterRead) or 0 <= newest_ms - event.t_ms <= 3.1 * FRAME_MS


def test_they_are_those_of_this_computer_to_the_bit(heard: list[Event], package: Path, build_image: BuildImage) -> None:
    letters = letters_of(heard)
    here = recognised_here(load(build_image("lib", package)), frames_of(heard))
    assert letters == here[: len(letters)]  # that of the last frame was not waited for
    assert len(letters) > 200


@pytest.fixture(scope="module")
def package_for_a_glove(build_image: BuildImage) -> Path:
    """Export the shipped network, in integers, for another glove."""
    return build_image.once("package for a glove", _export_for_a_glove)


def _export_for_a_glove(folder: Path) -> None:
    readings = Artefact.load(ARTEFACT).readings
    assert readings is not None
    export_package(ARTEFACT, folder, "integer", exported(folder / "blue.json", profile_of(OTHER, readings)))


def as_read_by_the_other(frames: Sequence[FrameRead]) -> list[FrameRead]:
    """Return what the other glove reads where the training's glove reads these frames."""
    values = np.array([frame.values for frame in frames], np.float64)
    values[:, FLEX] = (values[:, FLEX] - OTHER.offset) / OTHER.gain
    values[:, LEAN] = lean(gravity(values[:, LEAN]) @ OTHER.rotation)
    return [frame._replace(values=tuple(map(float, row))) for frame, row in zip(frames, values, strict=True)]


def test_another_glove_with_its_front_end_gives_the_same_letters(
    heard: list[Event], package: Path, package_for_a_glove: Path, build_image: BuildImage
) -> None:
    """Resampling before or after a turn differs while the hand moves, as in the service."""
    frames = frames_of(heard)
    expected = recognised_here(load(build_image("lib", package)), frames)
    library = load(build_image("lib", package_for_a_glove))
    found = recognised_here(library, as_read_by_the_other(frames))
    assert [letter.t_ms for letter in found] == [letter.t_ms for letter in expected]
    alike = [mine.place == theirs.place for mine, theirs in zip(found, expected, strict=True)]
    assert np.mean(alike) > 0.99
    wrong = recognised_here(load(build_image("lib", package)), as_read_by_the_other(frames))
    assert np.mean([mine.place == theirs.place for mine, theirs in zip(wrong, expected, strict=True)]) < 0.5


async def test_a_chip_with_a_front_end_gives_the_letters_of_this_computer_to_the_bit(
    package_for_a_glove: Path, build_image: BuildImage
) -> None:
    needs_qemu()
    build = build_image("stm32f405-qemu", package_for_a_glove, SG_FORMAT="SG_FORMAT_BINARY")
    events = await spelled(build.path("stm32f405-qemu.elf"), 5000)
    letters = letters_of(events)
    here = recognised_here(load(build_image("lib", package_for_a_glove)), frames_of(events))
    assert letters == here[: len(letters)]
    assert len(letters) > 30


def newest_result(stream: Package) -> tuple[int, NDArray[Any]]:
    """Return the result with the newest frames included; the stream continues from its state before."""
    kept = stream._state.raw
    stream.finish()
    found = stream.result()
    ctypes.memmove(stream._state, kept, len(kept))
    return found


def test_they_are_those_of_the_package_over_the_service_s_samples(heard: list[Event], package: Path) -> None:
    """Allow a confidence to be one step off, for another resampler and another rounding."""
    stream, letters = Package.compiled(package, "integer"), {letter.t_ms: letter for letter in letters_of(heard)}
    stream.start()
    for t_ms, completed in samples(frames_of(heard)):
        for sample in completed:
            stream.step(sample)
        if (letter := letters.pop(t_ms, None)) is not None:
            index, probabilities = newest_result(stream)
            assert letter.place == index
            assert letter.confidence == pytest.approx(probabilities[index] / 65535, abs=1.01 / 255)
            assert sum(letter.shares or ()) == pytest.approx(1, abs=3 / 255)
    assert not letters


def test_every_letter_that_the_hand_holds_is_named_as_the_service_names_it(heard: list[Event]) -> None:
    artefact, letters = Artefact.load(ARTEFACT), letters_of(heard)
    times, all_samples = zip(*samples(frames_of(heard)), strict=True)
    for held, at_ms in holds(times[0]):
        nearest = min(letters, key=lambda letter: abs(letter.t_ms - at_ms))
        window = np.concatenate(all_samples[: times.index(nearest.t_ms) + 1])
        probabilities = artefact.run_windows([window]).probabilities[0]
        assert nearest.place == probabilities.argmax(), held


def test_with_a_network_it_builds_without_a_warning_and_keeps_its_bounds(
    build_image: BuildImage, package: Path
) -> None:
    def used(network: Path | None) -> tuple[int, int]:
        build = build_image("stm32f405", network)
        assert build.errors == ""
        flash, ram = re.findall(r"(?:FLASH|RAM): +(\d+) B", build.output)
        return int(flash), int(ram)

    without, with_network = used(None), used(package)
    assert with_network[1] - without[1] <= NET_RAM_BYTES
    assert with_network[0] <= 128 * 1024
