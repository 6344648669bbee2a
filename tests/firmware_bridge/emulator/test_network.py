"""A glove that runs a network itself: the shipped artefact, asked for the frames that go over the link."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pytest

from firmware_bridge.codec.commands import Format, Letters, set_letters
from firmware_bridge.codec.decoder import GloveDecoder
from firmware_bridge.codec.events import Event, FrameRead, LetterRead, Remark
from firmware_bridge.emulator.device import Device
from firmware_bridge.emulator.glove_model import GloveModel
from firmware_bridge.emulator.network import EmulatedNetwork
from models.runtime.artefact import Artefact
from scaleglove.letter_templates import load_templates
from tests.conftest import ROOT

ARTEFACT = ROOT / "models" / "artefacts" / "MSCSGRU_ScaleAware.onnx"


def device(format_name: Format = "text", interval_ms: float = 20.0) -> Device:
    glove = GloveModel("ㄱ", load_templates(), hold_s=10)
    return Device(glove, interval_ms=interval_ms, format_name=format_name, network=EmulatedNetwork(ARTEFACT))


def heard(device: Device, decoder: GloveDecoder, count: int) -> list[Event]:
    return [event for _ in range(count) for event in decoder.feed((device.next_message() or (0, b""))[1])]


@pytest.mark.parametrize("format_name", get_args(Format))
def test_the_letter_is_what_the_artefact_says_of_the_frames_that_came(format_name: Format) -> None:
    glove, decoder, artefact = device(format_name), GloveDecoder(), Artefact.load(ARTEFACT)
    decoder.feed(glove.greeting() + glove.receive(b"letters,on\n"))
    events = heard(glove, decoder, 200)
    frames = [event for event in events if isinstance(event, FrameRead)]
    letters = [event for event in events if isinstance(event, LetterRead)]
    assert len(frames) == 200
    assert [letter.t_ms for letter in letters] == [frame.t_ms for frame in frames[9::5]]
    for letter in letters:
        newest = next(place for place, frame in enumerate(frames) if frame.t_ms == letter.t_ms)
        window = np.array([frame.values for frame in frames[max(0, newest - 79) : newest + 1]], np.float32)
        outputs = artefact.run_windows([window])
        assert letter.place == outputs.probabilities[0].argmax()
        assert letter.confidence == pytest.approx(outputs.probabilities[0].max(), abs=1 / 255)
        assert letter.shares == pytest.approx(outputs.scale_importance[0], abs=1 / 255)
        assert letter.seq == (newest if format_name == "binary" else None)
    assert artefact.contract.labels[letters[-1].place] == "ㄱ"


def test_letters_alone_and_frames_again_without_a_loss() -> None:
    glove, decoder = device("binary"), GloveDecoder()
    decoder.feed(glove.greeting())
    wanted: list[tuple[Letters, type[object]]] = [("only", LetterRead), ("off", FrameRead), ("only", LetterRead)]
    for letters, kind in wanted:
        answer, *rest = decoder.feed(glove.receive(f"{set_letters(letters)}\n".encode()))
        assert (answer, rest) == (
            Remark(f"letters {letters}", {"letters": letters, "vocabulary": "korean", "labels": "24"}),
            [],
        )
        assert {type(event) for event in heard(glove, decoder, 100)} == {kind}
    assert (decoder.counts.missing, decoder.counts.letters) == (0, 39)  # the first of all needs ten frames


def test_a_glove_at_another_pace_says_as_many() -> None:
    glove, decoder = device(interval_ms=4.0), GloveDecoder()
    decoder.feed(glove.greeting() + glove.receive(b"letters,only\n"))
    times = [event.t_ms for event in heard(glove, decoder, 500) if isinstance(event, LetterRead)]
    assert np.diff(times).tolist() == [100.0] * (len(times) - 1)


@pytest.mark.parametrize("wrong", [b"letters\n", b"letters,\n", b"letters,ON\n"])
def test_an_unknown_wish_is_answered_and_changes_nothing(wrong: bytes) -> None:
    assert device().receive(wrong) == b"# error=unknown_letters_mode; letters takes on, only or off\n"


def test_a_glove_without_a_network_says_so() -> None:
    glove = Device(GloveModel("ㄱ", load_templates()))
    assert glove.receive(b"letters,on\n") == b"# error=no_network; this glove has no network\n"
