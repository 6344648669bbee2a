"""The intake in C against its reference, byte for byte."""

from __future__ import annotations

import ctypes
import re
from collections.abc import Callable
from pathlib import Path
from typing import get_args

import numpy as np
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.runtime.artefact import Artefact
from scaleglove.channels import MAX_MAGNITUDE
from scaleglove.protocol import Frames, Stop, WireError, encode_frames
from service.streams.intake import Intake, PythonIntake, make_intake
from service.streams.native import structures
from service.streams.native.build import LIBRARY
from service.streams.native.intake import NativeIntake
from service.streams.unread_frames import UnreadFrames
from service.streams.window import Reason
from tests.sanitized import FLAGS, address_sanitizer, run_sanitized
from tests.service.streams.native.journeys import journey, look, take

MakePair = Callable[[float | None, float, float, int], tuple[NativeIntake, PythonIntake]]
RATES = st.sampled_from([None, 50.0, 34.0])
MODEL_RATES = st.sampled_from([50.0, 60.0, 100.0, 1000.0, 1.0])
HOPS = st.sampled_from([1.0, 20.0, 100.0, 700.0])
SIZES = st.sampled_from([1, 5, 80])
PLACES = st.integers(0, 2)

SANITIZED = """
import json
import sys
from pathlib import Path
import numpy as np
from models.runtime.artefact import Artefact
from scaleglove.protocol import WireError, encode_frames
from service.streams.intake import PythonIntake
from service.streams.native.build import LIBRARY
from service.streams.native.intake import NativeIntake
from service.streams.native.text import TextReader
from service.streams.unread_frames import UnreadFrames
from tests.service.streams.native.journeys import journey, take

library, shipped = LIBRARY.load(Path(sys.argv[1])), Artefact.load(Path(sys.argv[2])).contract
rng = np.random.default_rng(0)
choose = lambda choices: choices[rng.integers(len(choices))]
for _ in range(16):
    changes = {"sample_rate_hz": choose([50.0, 60.0, 1000.0, 1.0]), "window_frames": choose([1, 5, 80])}
    contract, rate, hop_ms = shipped.model_copy(update=changes), choose([None, 50.0]), choose([1.0, 100.0])
    native, python = NativeIntake(library, contract, rate, hop_ms), PythonIntake(contract, rate, hop_ms)
    for message in journey(choose, 12):
        if message.t_ms[-1] < 2**32 - 1:
            data = encode_frames(message)
            message = UnreadFrames(data)
            cut = bytearray(data[: rng.integers(len(data) + 1)])
            if cut:
                cut[rng.integers(len(cut))] = rng.integers(256)
            try:
                take(NativeIntake(library, contract, rate, hop_ms), UnreadFrames(bytes(cut)))
            except WireError:
                pass
        assert take(native, message) == take(python, message)
reader, row = TextReader(library), b"[" + b",".join([b"-0.25", b"1e2", b"null", b"1.2345678901234567890"] * 2) + b"]"
text = b'{"type":"frames","seq":7,"t_ms":[1,20.5],"values":[' + row + b" ," + row + b"]}"
for _ in range(3000):
    changed = bytearray(text[: rng.integers(len(text) + 1)])
    if changed and rng.random() < 0.5:
        changed[rng.integers(len(changed))] = rng.integers(256)
    reader.read(bytes(changed))
rows = [[0.1] * 8] * 1025
for count in (1024, 1025):
    message = {"type": "frames", "seq": 0, "t_ms": [1] * count, "values": rows[:count]}
    assert (reader.read(json.dumps(message).encode()) is not None) == (count == 1024)
print("ran to its end")
"""


@pytest.fixture(scope="module")
def make_pair(library: ctypes.CDLL, artefact: Artefact) -> MakePair:
    def make(rate: float | None, model_rate: float, hop_ms: float, size: int) -> tuple[NativeIntake, PythonIntake]:
        contract = artefact.contract.model_copy(update={"sample_rate_hz": model_rate, "window_frames": size})
        return NativeIntake(library, contract, rate, hop_ms), PythonIntake(contract, rate, hop_ms)

    return make


@settings(max_examples=80)
@given(RATES, MODEL_RATES, HOPS, SIZES, st.data())
def test_events_are_those_of_the_reference(
    make_pair: MakePair, rate: float | None, model_rate: float, hop_ms: float, size: int, data: st.DataObject
) -> None:
    """Whatever the order of frames, what they read, and how they are cut into messages; after each event too."""
    native, python = make_pair(rate, model_rate, hop_ms, size)
    for message in journey(lambda choices: data.draw(st.sampled_from(choices)), data.draw(st.integers(1, 9))):
        action = data.draw(st.sampled_from([*[None] * 8, "reset", 1023.0, 3.3, 800.0, 100.0]))
        if action == "reset":
            native.window.reset()
            python.window.reset()
        elif action is not None:
            native.sensors.state(action)
            python.sensors.state(action)
        assert take(native, message) == take(python, message)


@settings(max_examples=60)
@given(RATES, HOPS, st.data())
def test_binary_messages_are_those_of_the_reference(
    make_pair: MakePair, rate: float | None, hop_ms: float, data: st.DataObject
) -> None:
    native, python = make_pair(rate, 50.0, hop_ms, 80)
    for message in journey(lambda choices: data.draw(st.sampled_from(choices)), data.draw(st.integers(1, 9))):
        packed = UnreadFrames(encode_frames(message))  # times are rounded, and wrap
        assert packed.count == message.count
        assert take(native, packed) == take(python, packed)


@pytest.mark.parametrize("is_text", [True, False])
def test_both_read_and_take_what_is_on_the_wire(make_pair: MakePair, is_text: bool) -> None:
    native, python = make_pair(None, 50.0, 100.0, 80)
    for seq in range(0, 60, 3):
        frames = Frames(seq, [20.0 * (seq + offset) for offset in range(3)], np.full((3, 8), seq, np.float32))
        text = {"type": "frames", "seq": seq, "t_ms": frames.t_ms, "values": frames.values.tolist()}
        data = orjson.dumps(text) if is_text else encode_frames(frames)
        first, second = native.read(data, is_text), python.read(data, is_text)
        assert isinstance(first, UnreadFrames)
        assert isinstance(second, Frames)
        assert take(native, first) == take(python, second)
    stop = b'{"type":"stop"}'
    assert native.read(stop, True) == python.read(stop, True) == Stop()


def refused(intake: Intake, data: bytes) -> tuple[str, str, str | None] | list[object]:
    try:
        return take(intake, UnreadFrames(data))
    except WireError as fault:
        return fault.code, fault.detail, fault.field


HEADERS = st.tuples(st.sampled_from([0, 1, 2]), st.sampled_from([0, 1]), st.integers(0, 3), st.integers(0, 255))


@given(HEADERS, st.sampled_from([0, 1, 7, 35, 36, 37, 72, 108]), st.integers(0, 2**32 - 1))
def test_bytes_that_are_no_message_have_the_same_fault(
    make_pair: MakePair, header: tuple[int, int, int, int], length: int, seed: int
) -> None:
    kind, version, count, high = header
    body = np.random.default_rng(seed).bytes(length)
    native, python = make_pair(None, 50.0, 100.0, 80)
    for data in (bytes((kind, version, count, high % 5)) + b"\1\0\0\0" + body, body, b""):
        assert refused(native, data) == refused(python, data)


@pytest.mark.parametrize("bad", [np.inf, -np.inf, 2 * MAX_MAGNITUDE, np.nextafter(np.float32(MAX_MAGNITUDE), np.inf)])
@pytest.mark.parametrize("place", [0, 7, 23])
def test_nothing_of_a_message_with_an_unreadable_number_is_taken(make_pair: MakePair, bad: float, place: int) -> None:
    values = np.full((3, 8), MAX_MAGNITUDE, np.float32)
    values[0, 1] = np.nan
    good = encode_frames(Frames(0, [0.0, 20.0, 40.0], values))
    values.flat[place] = bad
    data = encode_frames(Frames(0, [0.0, 20.0, 40.0], values))
    native, python = make_pair(None, 50.0, 20.0, 80)
    before = look(native)
    fault = refused(native, data)
    assert fault == refused(python, data)
    assert fault[0] == "bad_message"
    assert look(native) == look(python) == before
    assert refused(native, good) == refused(python, good)


@pytest.mark.parametrize("binary", [True, False])
@pytest.mark.parametrize("count", [240, 242, 1024])
def test_a_message_that_covers_too_much_has_the_same_fault(make_pair: MakePair, binary: bool, count: int) -> None:
    frames = Frames(0, (np.arange(count) * 250.0).tolist(), np.full((count, 8), 1.0, np.float32))
    message = UnreadFrames(encode_frames(frames)) if binary else frames
    faults = []
    for intake in make_pair(None, 50.0, 1000.0, 80):
        if count == 240:
            assert list(intake.take(message))
            continue
        with pytest.raises(WireError, match="may cover 60 s") as caught:
            list(intake.take(message))
        faults.append((caught.value.detail, caught.value.field))
    assert len(set(faults)) == (count != 240)


def test_frames_are_taken_as_their_events_are_consumed(make_pair: MakePair) -> None:
    """A message of many windows is neither held in memory nor answered in one breath."""
    frames = Frames(0, (np.arange(1000) * 20.0).tolist(), np.full((1000, 8), 1.0, np.float32))
    native, _ = make_pair(50.0, 50.0, 20.0, 80)
    events = iter(native.take(UnreadFrames(encode_frames(frames))))
    for taken in (1, 2, 3):
        next(events)
        assert native.window.frames == taken


def test_a_message_given_up_does_not_disturb_the_next(make_pair: MakePair) -> None:
    values = np.full((40, 8), 1.0, np.float32)
    messages = [Frames(seq, (np.arange(seq, seq + 40) * 20.0).tolist(), values) for seq in (0, 40)]
    native, python = make_pair(50.0, 50.0, 100.0, 80)
    for intake in (native, python):
        next(iter(intake.take(messages[0])))
    assert take(native, messages[1]) == take(python, messages[1])


def test_structures_are_those_of_c(library: ctypes.CDLL) -> None:
    structures.check(library)
    assert set(structures.REASONS[1:]) == set(get_args(Reason))
    header = (Path(structures.__file__).parent / "intake.h").read_text()
    for structure in (*(kind for _, kind in structures.Intake._fields_[3:]), structures.Rules, structures.Intake):
        assert structure.__doc__ is not None
        (name,) = [word.strip("`.,") for word in structure.__doc__.split() if word.startswith("sg_")]
        body = re.sub(r"/\*.*?\*/", "", header.partition(f"struct {name} {{")[2].partition("};")[0], flags=re.DOTALL)
        assert re.findall(r"(\w+)\)?(?:\[\w+\])*\s*[,;]", body) == [field for field, _ in structure._fields_]


def test_the_reference_runs_where_nothing_is_compiled(artefact: Artefact, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.streams.intake._library", lambda: None)
    assert isinstance(make_intake(artefact.contract, None, 100.0), PythonIntake)


def test_other_structures_are_refused(
    library: ctypes.CDLL, artefact: Artefact, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(structures, "Intake", structures.Window)
    with pytest.raises(RuntimeError, match="differ"):
        NativeIntake(library, artefact.contract, None, 100.0)


def test_clean_under_sanitizers(tmp_path: Path, artefact_path: Path) -> None:
    """Any order of frames, any split and any bytes: nothing is touched out of bounds."""
    address_sanitizer()
    LIBRARY.build(FLAGS, into=tmp_path)
    done = run_sanitized(SANITIZED, str(tmp_path), str(artefact_path))
    assert done.stdout == "ran to its end\n", done.stderr
