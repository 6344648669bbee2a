"""A stream of any glove, without a profile and without examples: what is odd is said, it is ranged and understood."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import copy
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TypeVar

import numpy as np
import pytest

from benchmarks.other_gloves import GLOVES, Glove
from firmware_bridge.emulator.glove_model import GloveModel, Reading
from models.runtime.accelerate import accelerate
from models.runtime.artefact import Artefact
from scaleglove.channels import CHANNELS
from scaleglove.letter_templates import load_templates
from scaleglove.protocol import Frames, Gesture, GloveNotice, LinkReport, Prediction, Ranging, ServerMessage, Start
from service.inference.engine import Model
from service.settings import shipped_models
from service.streams.handshake import handshake
from service.streams.ranging import SURE_SHAPES
from service.streams.session import StreamRules

HALF_A_PANGRAM = "다람쥐 헌 쳇바퀴에 타고파 그 여자는"
PANGRAM = f"{HALF_A_PANGRAM} 새로 산 구두를 신고 학교 요리 우유 표"
SHORT = f"{HALF_A_PANGRAM} 새로 산 구두를"
"""More shapes than a glove needs to be ranged for sure, and as many letters after them."""
RULES = StreamRules(1e9, 1e9, self_calibrates=True)
Kind = TypeVar("Kind")
LATE_MS = 1300.0
"""A letter is held for 900 ms or longer."""


@dataclass
class Spelled:
    """A pass through a text: which letters were held, and what the service sent."""

    wanted: list[tuple[float, str]] = field(default_factory=list)
    messages: list[ServerMessage] = field(default_factory=list)

    def of(self, kind: type[Kind]) -> list[Kind]:
        return [message for message in self.messages if isinstance(message, kind)]

    def share_right(self, begin: int) -> float:
        """Return the share of the letters from the `begin`th on that were named while they were held."""
        begun = [(each.t_ms, each.label) for each in self.of(Gesture) if each.phase == "begin"]
        named = [
            any(at <= t_ms <= at + LATE_MS and letter == label for t_ms, label in begun)
            for at, letter in self.wanted[begin:]
        ]
        return sum(named) / len(named)


@pytest.fixture(scope="module")
def model() -> Model:
    return accelerate(Artefact.load(shipped_models() / "MSCSGRU_ScaleAware_Encoded.onnx"), "auto")


@cache
def signed(text: str, hold_s: float) -> tuple[list[tuple[float, str]], list[float], np.ndarray]:
    """Sign a text at 50 Hz: return the letters held and since when, the times of the frames, and float32[n, 8].

    One hand for all gloves: what it senses takes as long as what the service makes of it.
    """
    hand = GloveModel(text, load_templates(), once=True, hold_s=hold_s)
    held, last, readings = list[tuple[float, str]](), None, list[Reading]()
    while (reading := hand.read(20.0)) is not None:
        if hand.segment is not last and (last := hand.segment) is not None and last.letter:
            held.append((1000 * last.start_s, last.letter))
        readings.append(reading)
    return held, [reading.t_ms for reading in readings], np.array([reading.values for reading in readings])


def spell(
    model: Model, glove: Glove, text: str, learns: bool = True, hold_s: float = 0.9, stated: float | None = None
) -> Spelled:
    """Sign a text with a glove at 50 Hz, which states the highest reading of its converter or none."""
    held, times, frames = signed(text, hold_s)
    session = handshake(Start(list(CHANNELS), self_calibration=learns), "here", RULES, lambda name: model)
    spelled = Spelled(held)
    link = LinkReport("streaming", None, "", None, None, None, 0, 0, 0, 0, 0, 0, flex_most=stated)
    assert not list(session.receive(link, 0.0))
    for seq, (t_ms, values) in enumerate(zip(times, glove(frames), strict=True)):
        for due in session.receive(Frames(seq, [t_ms], values[np.newaxis]), t_ms):
            session.answer(model.run_windows([due.frames]), 0, due)
        spelled.messages += session.drain()
    return spelled


@pytest.mark.parametrize("name", GLOVES)
def test_any_glove_is_understood_after_the_shapes_it_needs(model: Model, name: str) -> None:
    spelled = spell(model, GLOVES[name], PANGRAM)
    assert spelled.share_right(begin=SURE_SHAPES) > 0.97
    ranged = spelled.of(Ranging)
    assert bool(ranged) is (name != "as recorded")
    if ranged:
        assert [report.sure for report in ranged] == [report.shapes >= report.needed for report in ranged]
        assert ranged[-1].reversed == (CHANNELS[:5] if name == "reversed" else ())
        assert ranged[-1].turned is (name in {"left hand", "turned sensor"})
    told = spelled.of(GloveNotice)
    assert {notice.code for notice in told if notice.present} == {
        notice.code for notice in told if not notice.present
    }  # whatever was odd is over when the glove is ranged


@pytest.mark.parametrize(
    ("name", "codes"),
    [
        ("as recorded", set()),
        ("12 bits", {"scale_12_bit"}),
        ("0 to 1", {"scale_unit"}),
        ("other dividers", {"scale_16_bit"}),
        ("a tenth of the resistor", {"scale_other"}),
    ],
)
def test_a_reason_is_given_within_two_seconds(model: Model, name: str, codes: set[str]) -> None:
    spelled = spell(model, GLOVES[name], "가")
    told = list(_until_first_notice(spelled.messages))
    assert {notice.code for notice in spelled.of(GloveNotice)} == codes
    if codes:
        assert max(message.t_ms for message in told if isinstance(message, Prediction)) < 2000


def _until_first_notice(messages: list[ServerMessage]) -> Iterator[ServerMessage]:
    for message in messages:
        yield message
        if isinstance(message, GloveNotice):
            return


def test_a_finger_at_another_level_is_named_and_then_understood(model: Model) -> None:
    def give(frames: np.ndarray) -> np.ndarray:
        out = frames.astype(np.float32)
        out[:, 3] -= 450
        return out

    spelled = spell(model, give, SHORT)
    first = spelled.of(GloveNotice)[0]
    assert (first.code, first.channel) == ("level", "flex4")
    assert spelled.share_right(begin=SURE_SHAPES) > 0.97


def _flex(change: Callable[[np.ndarray], np.ndarray]) -> Glove:
    def give(frames: np.ndarray) -> np.ndarray:
        out = frames.astype(np.float32)
        out[:, :5] = change(out[:, :5])
        return out

    return give


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda counts: counts / 10.23, id="percent"),
        pytest.param(lambda counts: 3.3 * counts / 1023, id="volts"),
        pytest.param(lambda counts: 10 * counts / (1023 - counts), id="kiloohms"),
        pytest.param(lambda counts: -counts, id="negative"),
        pytest.param(lambda counts: np.where(np.arange(5) == 2, 1700 - counts, counts), id="one reversed"),
    ],
)
def test_any_unit_of_the_flex_sensors_is_understood_after_the_shapes_it_needs(
    model: Model, change: Callable[[np.ndarray], np.ndarray]
) -> None:
    spelled = spell(model, _flex(change), SHORT)
    told = [(each.code, each.channel) for each in spelled.of(GloveNotice) if each.present]
    assert told in ([("scale_other", None)], [])
    assert spelled.share_right(begin=SURE_SHAPES) > 0.97


@pytest.mark.parametrize(("name", "level"), [("as recorded", 500), ("12 bits", 0), ("reversed", 1020)])
def test_a_dead_finger_is_reported_and_the_others_name_the_letters(model: Model, name: str, level: float) -> None:
    noise = np.random.default_rng(1)

    def give(frames: np.ndarray) -> np.ndarray:
        out = GLOVES[name](frames)
        out[:, 2] = level + noise.normal(0, 2, len(out))
        return out

    spelled = spell(model, give, PANGRAM)
    assert [each.channel for each in spelled.of(GloveNotice) if each.code == "does_not_move"] == ["flex3"]
    assert spelled.share_right(begin=SURE_SHAPES) > 0.85  # words teach a hand without a finger some that were not meant


def test_a_glove_is_not_ranged_where_nothing_is_to_be_learned(model: Model) -> None:
    spelled = spell(model, GLOVES["reversed"], SHORT, learns=False)
    assert not spelled.of(Ranging)


@pytest.mark.parametrize("missing", [[2], [5, 6, 7]], ids=["a finger", "the motion sensor"])
def test_a_glove_without_a_sensor_says_so_and_names_the_letters_that_the_others_tell(
    model: Model, missing: list[int]
) -> None:
    def give(frames: np.ndarray) -> np.ndarray:
        out = frames.astype(np.float32)
        out[:, missing] = np.nan
        return out

    spelled = spell(model, give, PANGRAM)
    (notice,) = spelled.of(GloveNotice)
    assert (notice.code, notice.values["channels"].split()) == ("missing_sensors", [CHANNELS[one] for one in missing])
    assert all(np.isfinite(each.confidence) for each in spelled.of(Prediction) if each.confidence is not None)
    assert spelled.share_right(begin=0) > (0.95 if missing == [2] else 0.8)


def test_a_hand_that_takes_its_time_is_ranged_too(model: Model) -> None:
    """Half a minute with fewer shapes than it takes, and then they come."""
    slow = spell(model, GLOVES["12 bits"], f"가 {HALF_A_PANGRAM}", learns=True, hold_s=4.0)
    assert slow.of(Ranging)[-1].sure
    assert slow.share_right(begin=SURE_SHAPES) > 0.97


def test_a_missing_sensor_stays_missing_when_the_glove_is_ranged(model: Model) -> None:
    def give(frames: np.ndarray) -> np.ndarray:
        out = GLOVES["12 bits"](frames)
        out[:, 2] = np.nan
        return out

    told = spell(model, give, SHORT).of(GloveNotice)
    assert [(notice.code, notice.present) for notice in told] == [
        ("missing_sensors", True),
        ("scale_12_bit", True),
        ("scale_12_bit", False),
    ]


FOURTEEN_BITS = 16383.0


@pytest.mark.parametrize(("stated", "scaled"), [(FOURTEEN_BITS, "yes"), (None, "no"), (255.0, "no")])
def test_the_scale_that_a_glove_states_counts_before_that_of_its_readings(
    model: Model, stated: float | None, scaled: str
) -> None:
    """Of 14 bits the readings say only that they are more than 12; a statement that they exceed is none."""
    told = spell(model, _flex(lambda counts: 16 * counts), "가", stated=stated).of(GloveNotice)
    assert [(notice.code, notice.values["scaled"]) for notice in told] == [("scale_16_bit", scaled)]


def test_a_scale_of_fewer_bits_is_used_without_a_word(model: Model) -> None:
    spelled = spell(model, _flex(lambda counts: counts / 4), "가나다", stated=255.0)
    assert not spelled.of(GloveNotice)
    assert spelled.share_right(begin=1) == 1  # it is judged within two seconds


OWN_UNITS = {"volts": (2.0, 800.0), "12 bits": (0.125, 500.0), "0 to 1": (512.0, 500.0)}


def in_unit(gain: float, offset: float) -> Glove:
    return _flex(lambda counts: (counts - offset) / gain)


def trained_in(model: Model, unit: tuple[float, float]) -> Model:
    trained = copy(model)
    assert model.readings is not None
    trained.readings = replace(model.readings, unit=unit)
    return trained


@pytest.mark.parametrize(("unit", "learns"), [*((unit, True) for unit in OWN_UNITS), ("12 bits", False)])
def test_the_training_s_own_glove_is_understood_in_its_own_unit_from_the_first_second_on(
    model: Model, unit: str, learns: bool
) -> None:
    spelled = spell(trained_in(model, OWN_UNITS[unit]), in_unit(*OWN_UNITS[unit]), "다람쥐 헌", learns)
    assert spelled.share_right(begin=2) > 0.9
    assert not spelled.of(GloveNotice)


def test_another_s_glove_in_the_unit_of_a_training_is_odd(model: Model) -> None:
    assert spell(model, in_unit(*OWN_UNITS["volts"]), "다람쥐 헌").of(GloveNotice)


def test_counts_stay_counts_whatever_the_training_s_own_glove_gave(model: Model) -> None:
    spelled = spell(trained_in(model, OWN_UNITS["12 bits"]), in_unit(1.0, 0.0), "다람쥐 헌")
    assert spelled.share_right(begin=0) > 0.9
    assert not spelled.of(GloveNotice)
