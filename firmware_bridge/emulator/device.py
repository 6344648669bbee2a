"""The emulated board: it writes readings and answers commands as a glove does.

Pure: no clock, no port.
"""

from __future__ import annotations

import math
from typing import Final, Protocol, get_args, runtime_checkable

import numpy as np

from firmware_bridge.codec import remarks
from firmware_bridge.codec.commands import (
    LABELS,
    MAX_INTERVAL_MS,
    MIN_INTERVAL_MS,
    OFF,
    REST,
    SHOW,
    Format,
    Letters,
    milliseconds,
)
from firmware_bridge.codec.events import LetterRead
from firmware_bridge.emulator.formats import Numbers, WireFormat, wire_format
from firmware_bridge.emulator.glove_model import Reading
from scaleglove.channels import ANGLES, CHANNELS
from scaleglove.resampling import Frame, wrap_degrees
from scaleglove.vocabulary import package_vocabulary_of

_YAW: Final = CHANNELS.index("yaw")
_MAX_COMMAND_BYTES: Final = 64
FLEX_MOST: Final = 1023
"""The highest reading of the recorded glove, whose hand shapes the emulated one shows."""

_KNOWN: Final = "interval,MS header recal yawzero format,text|binary letters,on|only|off"


class Glove(Protocol):
    """The source of the board's readings."""

    def read(self, interval_ms: float) -> Reading | None:
        """Return the reading `interval_ms` after the last one; None when there are no more."""
        ...


@runtime_checkable
class Hand(Protocol):
    """A glove's hand that can be asked for a letter."""

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels that the hand knows, in the order of `show`."""
        ...

    def show(self, label: str | None) -> None:
        """Hold a letter, or `rest`, from now on; None: go on as before."""
        ...


class Network(Protocol):
    """The recogniser of letters on the board."""

    @property
    def labels(self) -> tuple[str, ...]:
        """Its labels: a letter's `place` is the index of one."""
        ...

    def push(self, t_ms: float, values: Frame) -> LetterRead | None:
        """Take the next frame, float32[8] in raw units; return a letter ten times a second."""
        ...


class Device:
    """A board that writes `glove`'s readings as lines or packets of `fields` numbers (9, or 12 with acceleration).

    On command it writes the letters that its `network` recognises. `flex_most` is the highest reading of its flex
    sensors' converter, which its header states; 0: it states none.
    """

    def __init__(  # noqa: PLR0913 - what the command line gives, by name
        self,
        glove: Glove,
        *,
        interval_ms: float = 20.0,
        fields: int = 9,
        format_name: Format = "text",
        network: Network | None = None,
        flex_most: int = FLEX_MOST,
    ) -> None:
        self._flex_most = flex_most
        self._glove = glove
        self._interval_ms = interval_ms
        self._fields = fields
        self._format: WireFormat = wire_format(format_name, fields, flex_most)
        self._network = network
        self._letters: Letters = "off"
        self._seq = 0  # of the next frame
        self._t_ms = 0.0
        self._yaw_zero = np.float32(0.0)
        self._yaw = np.float32(0.0)
        self._command = b""

    def greeting(self) -> bytes:
        """Return the bytes that the board writes when it starts."""
        hello = self._remark(f"scaleglove emulator, {self._interval_ms:g} ms between frames")
        return self._format.begin() + hello + self._header()

    def next_message(self) -> tuple[float, bytes] | None:
        """Return the device time (ms) of the next frame and the bytes that the board writes; None after the last."""
        reading = self._glove.read(self._interval_ms)
        if reading is None:
            return None
        self._yaw = reading.values[_YAW]
        values = reading.values.copy()
        if self._yaw_zero:
            values[_YAW:] = np.round(wrap_degrees(values[_YAW:] - self._yaw_zero), 2)
        seq = self._seq + reading.missing
        self._seq, self._t_ms = seq + 1, reading.t_ms
        frame = b"" if self._letters == "only" else self._format.frame(seq, reading.t_ms, _numbers(values))
        return reading.t_ms, frame + self._letter(seq, reading.t_ms, values)

    def _letter(self, seq: int, t_ms: float, values: Frame) -> bytes:
        if self._network is None or (letter := self._network.push(t_ms, values)) is None or self._letters == "off":
            return b""
        return self._format.letter(seq, letter)

    def receive(self, data: bytes) -> bytes:
        """Take bytes from the computer, in pieces of any size; return the answers to the commands they complete."""
        *ended, rest = (self._command + data).split(b"\n")
        self._command = rest[: _MAX_COMMAND_BYTES + 1]
        return b"".join(self._execute(line) for line in ended if line.strip())

    def _execute(self, line: bytes) -> bytes:
        command = line.decode("ascii", errors="replace").strip() if len(line) <= _MAX_COMMAND_BYTES else ""
        name, _, argument = command.partition(",")
        if command == "header":
            return self._header()
        if command == LABELS:
            return self._say_labels()
        settings = {
            "interval": self._set_interval,
            "format": self._set_format,
            "letters": self._set_letters,
            SHOW: self._show,
        }
        if name in settings:
            return settings[name](argument)
        if command == "yawzero":
            self._yaw_zero = self._yaw
            return self._remark("yaw is 0 here", done=command)
        if command == "recal":
            return self._remark("recalibrated", done=command)
        return self._remark(f"unknown command; known: {_KNOWN}", error="unknown_command")

    def _set_interval(self, argument: str) -> bytes:
        try:
            interval_ms = float(argument)
        except ValueError:
            interval_ms = math.nan
        if not MIN_INTERVAL_MS <= interval_ms <= MAX_INTERVAL_MS:
            words = f"interval takes {MIN_INTERVAL_MS:g} to {MAX_INTERVAL_MS:g} milliseconds"
            return self._remark(words, error="interval_out_of_range")
        self._interval_ms = interval_ms
        shown = milliseconds(interval_ms)
        return self._remark(f"{shown} ms between frames", interval_ms=shown)

    def _set_format(self, argument: str) -> bytes:
        if argument not in {"text", "binary"}:
            return self._remark("format takes text or binary", error="unknown_format")
        self._format = wire_format("binary" if argument == "binary" else "text", self._fields, self._flex_most)
        return self._format.begin() + self._remark(f"format {argument}", format=argument) + self._header()

    def _set_letters(self, argument: str) -> bytes:
        wanted = next((known for known in get_args(Letters) if known == argument), None)
        if wanted is None:
            return self._remark("letters takes on, only or off", error="unknown_letters_mode")
        if self._network is None:
            return self._remark("this glove has no network", error="no_network")
        self._letters = wanted
        said = self._remark(f"letters {wanted}", letters=wanted, **_vocabulary(self._network))
        return said + self._own_labels(self._network)

    def _say_labels(self) -> bytes:
        hand = package_vocabulary_of(self._glove.labels) if isinstance(self._glove, Hand) else None
        shown = {} if hand is None else {"hand": hand}
        if self._network is not None:
            return self._remark("", **_vocabulary(self._network), **shown) + self._own_labels(self._network)
        return self._remark("", **shown) if shown else self._remark("this glove has no network", error="no_network")

    def _own_labels(self, network: Network) -> bytes:
        """Return a remark for each label of a network whose vocabulary is none of the package."""
        if package_vocabulary_of(network.labels) is not None:
            return b""
        return b"".join(self._remark(label, label=str(place)) for place, label in enumerate(network.labels))

    def _header(self) -> bytes:
        return self._format.header(self._seq, self._t_ms)

    def _show(self, argument: str) -> bytes:
        if not isinstance(self._glove, Hand):
            return self._remark("this glove has no hand to show letters", error="no_hand")
        labels = self._glove.labels
        known: dict[str, str | None] = {str(place): label for place, label in enumerate(labels)}
        known |= {REST: REST, OFF: None}
        if argument not in known:
            return self._remark(f"show takes 0 to {len(labels) - 1}, rest or off", error="unknown_letter")
        self._glove.show(known[argument])
        return self._remark("goes on" if argument == OFF else "shown", done=SHOW)

    def _remark(self, words: str, **values: str) -> bytes:
        return self._format.remark(self._seq, self._t_ms, remarks.to_text(words, **values))


def _vocabulary(network: Network) -> dict[str, str]:
    """Return the values that say which labels a network has: those of a vocabulary of the package by its name."""
    name = package_vocabulary_of(network.labels)
    return ({} if name is None else {"vocabulary": name}) | {"labels": str(len(network.labels))}


def _numbers(values: Frame) -> Numbers:
    return dict(zip(CHANNELS, values, strict=True)) | _gravity(*values[ANGLES][:2])


def _gravity(pitch: np.float32, roll: np.float32) -> dict[str, np.floating]:
    """Return the acceleration in g of a still hand at these angles in degrees."""
    pitched, rolled = math.radians(pitch), math.radians(roll)
    acceleration = {
        "accel_x": -math.sin(pitched),
        "accel_y": math.sin(rolled) * math.cos(pitched),
        "accel_z": math.cos(rolled) * math.cos(pitched),
    }
    return {name: np.float32(round(value, 3)) for name, value in acceleration.items()}
