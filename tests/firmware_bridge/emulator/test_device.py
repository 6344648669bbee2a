"""The emulated board: what it writes, how it obeys."""

from __future__ import annotations

import numpy as np
import pytest

from firmware_bridge.codec.decoder import GloveDecoder
from firmware_bridge.codec.events import FrameRead, HeaderRead, Remark
from firmware_bridge.codec.lines import NINE_FIELDS, TWELVE_FIELDS
from firmware_bridge.emulator.device import Device
from firmware_bridge.emulator.glove_model import GloveModel, Reading
from scaleglove.channels import CHANNELS, FLEX
from scaleglove.letter_templates import load_templates
from scaleglove.vocabulary import load_vocabulary


class Still:
    """A glove that reads the same for ever."""

    def __init__(self) -> None:
        self.t_ms = -20.0

    def read(self, interval_ms: float) -> Reading:
        self.t_ms += interval_ms
        return Reading(self.t_ms, np.array([801, 802, 803, 804, 805, 30.0, -60.0, 170.25], np.float32))


def next_frame(device: Device) -> FrameRead:
    line = device.next_message()
    assert line is not None
    (frame,) = GloveDecoder().feed(b"\n" + line[1])
    assert isinstance(frame, FrameRead)
    assert frame.t_ms == line[0]
    return frame


@pytest.mark.parametrize(("fields", "names"), [(9, NINE_FIELDS), (12, TWELVE_FIELDS)])
def test_writes_the_lines_of_existing_gloves(fields: int, names: tuple[str, ...]) -> None:
    device = Device(Still(), fields=fields)
    remark, header = GloveDecoder().feed(b"\n" + device.greeting())
    assert isinstance(remark, Remark)
    assert remark.text.startswith("scaleglove emulator")
    assert header == HeaderRead(names, dict.fromkeys(CHANNELS[FLEX], (0, 1023)))
    assert next_frame(device).values == (801, 802, 803, 804, 805, 30.0, -60.0, 170.25)


def test_twelve_fields_carry_the_gravity_of_a_still_hand() -> None:
    line = Device(Still(), fields=12).next_message()
    assert line is not None
    acceleration = np.array([float(part) for part in line[1].split(b",")[4:7]])
    assert np.linalg.norm(acceleration) == pytest.approx(1.0, abs=2e-3)
    assert acceleration[0] == pytest.approx(-0.5)


def test_tells_its_header_when_asked_even_in_pieces() -> None:
    device = Device(Still())
    assert device.receive(b"hea") == b""
    assert device.receive(b"der\r\n") == (
        b"timestamp[ms],pitch[deg],roll[deg],yaw[deg],"
        b"flex1[0..1023],flex2[0..1023],flex3[0..1023],flex4[0..1023],flex5[0..1023]\n"
    )


def test_interval_changes_the_pace() -> None:
    device = Device(GloveModel("ㄱ", load_templates()))
    assert [next_frame(device).t_ms for _ in range(3)] == [0, 20, 40]
    assert device.receive(b"interval,50\n").startswith(b"# interval_ms=50; 50 ms")
    assert [next_frame(device).t_ms for _ in range(3)] == [90, 140, 190]


@pytest.mark.parametrize("wrong", ["", "0", "nan", "fast", "-20", "1e9"])
def test_a_wrong_interval_is_answered_and_changes_nothing(wrong: str) -> None:
    device = Device(Still())
    assert device.receive(f"interval,{wrong}\n".encode()).startswith(b"# error=interval_out_of_range; interval takes")
    assert [next_frame(device).t_ms for _ in range(2)] == [0, 20]


def test_yawzero_makes_the_present_yaw_zero() -> None:
    device = Device(Still())
    assert next_frame(device).values[7] == 170.25
    assert device.receive(b"yawzero\n").startswith(b"#")
    assert next_frame(device).values[5:] == (30.0, -60.0, 0.0)


@pytest.mark.parametrize("command", [b"recal\n", b"dance\n", b"\xff\xfe\n"])
def test_every_command_is_answered_with_a_remark(command: bytes) -> None:
    (answer,) = GloveDecoder().feed(b"\n" + Device(Still()).receive(command))
    assert isinstance(answer, Remark)


def test_an_endless_command_takes_bounded_memory() -> None:
    device = Device(Still())
    for _ in range(100):
        assert device.receive(b"x" * 1000) == b""
    assert len(device._command) <= 128


def binary(fields: int = 9) -> tuple[Device, GloveDecoder]:
    device, decoder = Device(Still(), fields=fields, format_name="binary"), GloveDecoder()
    remark, _ = decoder.feed(device.greeting())
    assert isinstance(remark, Remark)
    return device, decoder


def test_writes_packets_numbered_on_with_device_microseconds() -> None:
    device, decoder = binary()
    events = [event for _ in range(3) for event in decoder.feed((device.next_message() or (0, b""))[1])]
    values = (801, 802, 803, 804, 805, 30.0, -60.0, 170.25)
    assert events == [FrameRead(n * 20.0, values, None, n) for n in range(3)]


def test_packets_carry_the_acceleration_too() -> None:
    device, decoder = binary(fields=12)
    (frame,) = decoder.feed((device.next_message() or (0, b""))[1])
    assert isinstance(frame, FrameRead)
    assert frame.acceleration is not None
    assert np.linalg.norm(frame.acceleration) == pytest.approx(1.0, abs=2e-3)


def test_answers_packets_with_packets() -> None:
    device, decoder = binary()
    assert decoder.feed(device.receive(b"interval,10\n")) == [Remark("10 ms between frames", {"interval_ms": "10"})]
    assert decoder.feed(device.receive(b"header\n")) == [Remark("flex sensors read 0 to 1023", {"flex_most": "1023"})]


def test_a_converter_that_is_not_known_is_not_stated() -> None:
    (header,) = GloveDecoder().feed(b"\n" + Device(Still(), flex_most=0).receive(b"header\n"))
    assert header == HeaderRead(NINE_FIELDS)
    assert Device(Still(), format_name="binary", flex_most=0).receive(b"header\n") == b""


def test_changes_its_format_in_mid_stream_and_loses_nothing() -> None:
    device, decoder = Device(Still()), GloveDecoder()
    events = decoder.feed(b"\n" + device.greeting())
    for command in (b"", b"format,binary\n", b"format,text\n", b"format,binary\n"):
        events += decoder.feed(device.receive(command))
        for _ in range(10):
            events += decoder.feed((device.next_message() or (0, b""))[1])
    frames = [event for event in events if isinstance(event, FrameRead)]
    assert [frame.t_ms for frame in frames] == [n * 20.0 for n in range(40)]
    assert [frame.seq for frame in frames] == [None] * 10 + list(range(10, 20)) + [None] * 10 + list(range(30, 40))
    assert decoder.counts.damaged.total() == 0


@pytest.mark.parametrize("wrong", [b"format\n", b"format,\n", b"format,hex\n"])
def test_an_unknown_format_is_answered_and_changes_nothing(wrong: bytes) -> None:
    assert Device(Still()).receive(wrong) == b"# error=unknown_format; format takes text or binary\n"


def test_a_command_longer_than_any_is_unknown() -> None:
    device = Device(Still())
    assert device.receive(b"yawzero" + b" " * 60 + b"\n").startswith(b"# error=unknown_command; unknown command")
    assert device.receive(b"yawzero" + b" " * 60) + device.receive(b"\nrecal\n") == (
        b"# error=unknown_command; unknown command; known: interval,MS header recal yawzero "
        b"format,text|binary letters,on|only|off\n"
        b"# done=recal; recalibrated\n"
    )


class Posed(Still):
    """A hand that notes what it is asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str | None] = []

    labels = load_vocabulary("korean").names

    def show(self, label: str | None) -> None:
        self.asked.append(label)


def test_the_hand_is_asked_for_letters_by_their_numbers() -> None:
    hand = Posed()
    device = Device(hand)
    assert device.receive(b"show,0\nshow,rest\nshow,off\n") == (
        b"# done=show; shown\n# done=show; shown\n# done=show; goes on\n"
    )
    for wrong in (b"show\n", b"show,24\n", b"show,-1\n", b"show,x\n"):
        assert device.receive(wrong) == b"# error=unknown_letter; show takes 0 to 23, rest or off\n"
    assert hand.asked == ["ㄱ", "rest", None]
    assert device.receive(b"labels\n") == b"# hand=korean\n"
    assert Device(Still()).receive(b"labels\n") == b"# error=no_network; this glove has no network\n"
    assert Device(Still()).receive(b"show,0\n") == b"# error=no_hand; this glove has no hand to show letters\n"
