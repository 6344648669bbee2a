"""Where signs move, the whole window judges movements and its newest part what is held; elsewhere nothing changes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pytest

from models.adaptation.model_reference import ModelReference
from models.adaptation.training_readings import TrainingReadings
from models.runtime.artefact import Artefact, Outputs
from models.runtime.contract import ModelContract
from scaleglove.channels import CHANNELS
from scaleglove.protocol import Frames, Gesture, Prediction, ServerMessage, Start, Stop, Stopped
from service.inference.engine import Window
from service.streams.handshake import handshake
from service.streams.judgement import HELD_MS, held_frames
from service.streams.session import StreamRules, StreamSession

Glove = Callable[..., np.ndarray]

RULES = StreamRules(1000, 60_000, self_calibrates=False)


@dataclass(frozen=True)
class WithMoving:
    """A model in whose vocabulary the label with index 0 moves."""

    artefact: Artefact

    @property
    def contract(self) -> ModelContract:
        known = self.artefact.contract
        first, *others = known.vocabulary.labels
        labels = (first.model_copy(update={"moving": True}), *others)
        return known.model_copy(update={"vocabulary": known.vocabulary.model_copy(update={"labels": labels})})

    @property
    def reference(self) -> ModelReference | None:
        return self.artefact.reference

    @property
    def readings(self) -> TrainingReadings | None:
        return self.artefact.readings

    @property
    def digest(self) -> str:
        return self.artefact.digest

    def run_windows(self, windows: Sequence[Window]) -> Outputs:
        return self.artefact.run_windows(windows)


@pytest.fixture
def model(artefact: Artefact) -> WithMoving:
    return WithMoving(artefact)


def session_of(model: WithMoving) -> StreamSession:
    return handshake(Start(list(CHANNELS), sample_rate_hz=50.0), "here", RULES, lambda _: model)


def frames(values: np.ndarray) -> Frames:
    return Frames(0, np.arange(len(values)) * 20.0, values)


def test_no_sign_moves_and_windows_are_judged_whole(artefact: Artefact) -> None:
    assert held_frames(artefact.contract, artefact.contract.vocabulary) == 0


def test_the_newest_part_is_as_long_as_the_model_needs(model: WithMoving) -> None:
    contract = model.contract
    assert held_frames(contract, contract.vocabulary) * contract.period_ms == HELD_MS
    longer = contract.model_copy(update={"min_frames": 40})
    assert held_frames(longer, longer.vocabulary) == 40


def test_each_window_is_asked_for_after_its_newest_part_and_answered_once(model: WithMoving, glove: Glove) -> None:
    session, hand = session_of(model), np.repeat(glove(1), 60, axis=0)
    dues = list(session.receive(frames(hand), 0))
    parts, wholes = dues[::2], dues[1::2]
    assert [each.seq for each in parts] == [each.seq for each in wholes] == list(range(9, 60, 5))
    for part, whole in zip(parts, wholes, strict=True):
        assert np.array_equal(part.frames, whole.frames[-held_frames(model.contract, model.contract.vocabulary) :])
    answers: list[ServerMessage] = []
    for due in reversed(dues):  # whatever the order of the answers is
        session.answer(model.run_windows([due.frames]), 0, due)
        answers += session.drain()
    predictions = [each for each in answers if isinstance(each, Prediction)]
    assert [each.seq for each in predictions] == list(range(4, 60, 5))
    assert session.waiting == 0


def test_a_dropped_window_blocks_nothing(model: WithMoving, glove: Glove) -> None:
    session = session_of(model)
    dues = session.receive(frames(np.repeat(glove(1), 60, axis=0)), 0)
    part = next(dues)
    next(dues)
    session.drop_last()
    session.answer(model.run_windows([part.frames]), 0, part)
    for due in list(session.receive(Stop(), 0)):
        session.answer(model.run_windows([due.frames]), 0, due)
    assert isinstance(list(session.drain())[-1], Stopped)


def test_a_moving_label_does_not_begin_while_it_is_held(model: WithMoving, glove: Glove) -> None:
    for seed in range(100):
        session, hand = session_of(model), np.repeat(glove(1, seed), 60, axis=0)
        dues = list(session.receive(frames(hand), 0))
        for due in dues:
            session.answer(model.run_windows([due.frames]), 0, due)
        begun = [each.label for each in session.drain() if isinstance(each, Gesture)]
        assert model.contract.labels[0] not in begun
