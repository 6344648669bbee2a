"""Another model for a stream that runs: who answers which window, and what is carried over."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.runtime.accelerate import accelerate
from models.runtime.artefact import Artefact
from scaleglove.channels import CHANNELS
from scaleglove.protocol import (
    Frames,
    ModelChanged,
    Prediction,
    ProfileChanged,
    ServerMessage,
    Start,
    described,
)
from service.inference.engine import Model
from service.inference.profile import Profile
from service.problems import ProblemError
from service.settings import shipped_models
from service.streams.handshake import find_replacement, handshake
from service.streams.session import StreamRules

Glove = Callable[..., np.ndarray]

BLOCKS = 12
BLOCK = 10


@pytest.fixture(scope="module")
def other(artefact_path: Path) -> Model:
    return accelerate(Artefact.load(artefact_path.with_stem("MSCSGRU_ScaleHard")), "auto")


@pytest.fixture(scope="module")
def first(artefact: Artefact) -> Model:
    return accelerate(artefact, "auto")


@pytest.fixture(scope="module")
def hand(glove: Glove) -> np.ndarray:
    return glove(BLOCKS * BLOCK)


@pytest.fixture(scope="module")
def unswitched(first: Model, other: Model, hand: np.ndarray) -> tuple[list[Prediction], list[Prediction]]:
    """Return what each of the models answers when it is the only one."""
    return signed(first, hand), signed(other, hand)


class Slow:
    """A session whose model answers only when `answer` is called."""

    def __init__(self, model: Model) -> None:
        rules = StreamRules(1000, 60_000, self_calibrates=False)
        start = Start(channels=list(CHANNELS), sample_rate_hz=50.0)
        self.session = handshake(start, "here", rules, lambda _: model)
        self.messages: list[ServerMessage] = []
        self._waiting: deque[tuple[Model, Any]] = deque()

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    def hear(self, block: int, values: np.ndarray) -> None:
        begin = block * BLOCK
        message = Frames(begin, (begin + np.arange(BLOCK)) * 20.0, values[begin : begin + BLOCK])
        for due in self.session.receive(message, 0):
            self._waiting.append((self.session.model, due.frames))

    def answer(self, count: int) -> None:
        for _ in range(min(count, self.waiting)):
            model, window = self._waiting.popleft()
            self.session.answer(model.run_windows([window]), 0)
        self.messages += self.session.drain()

    @property
    def predictions(self) -> list[Prediction]:
        return [message for message in self.messages if isinstance(message, Prediction)]


def signed(model: Model, values: np.ndarray) -> list[Prediction]:
    slow = Slow(model)
    for block in range(BLOCKS):
        slow.hear(block, values)
    slow.answer(slow.waiting)
    return slow.predictions


@given(switched=st.integers(0, BLOCKS - 1), answered=st.lists(st.integers(0, 3), min_size=BLOCKS, max_size=BLOCKS))
def test_each_window_is_answered_by_the_model_it_was_submitted_to(
    first: Model,
    other: Model,
    hand: np.ndarray,
    unswitched: tuple[list[Prediction], list[Prediction]],
    switched: int,
    answered: list[int],
) -> None:
    """However many windows wait at the switch: those due before it are the first model's, as if there had been no
    other, and those after it the other's, as if it had answered from the beginning."""
    slow = Slow(first)
    for block in range(BLOCKS):
        if block == switched:
            slow.session.switch(other, None)
        slow.hear(block, hand)
        slow.answer(answered[block])
    slow.answer(slow.waiting)

    index = next(i for i, message in enumerate(slow.messages) if isinstance(message, ModelChanged))
    before = sum(isinstance(message, Prediction) for message in slow.messages[:index])
    mine, others = unswitched
    assert before == sum(prediction.seq < switched * BLOCK for prediction in mine)
    assert slow.predictions == mine[:before] + others[before:]


def test_a_model_of_another_alphabet_goes_on_in_its_language(artefact: Artefact, glove: Glove) -> None:
    american = Artefact.load(shipped_models() / "American_INT8.onnx")
    values, slow = glove(BLOCKS * BLOCK), Slow(artefact)
    for block in range(BLOCKS):
        if block == BLOCKS // 2:
            said = slow.session.switch(american, None)
            assert said.vocabulary == described(american.contract.vocabulary)
        slow.hear(block, values)
    slow.answer(slow.waiting)
    index = slow.messages.index(said)
    for part, model in ((slow.messages[:index], artefact), (slow.messages[index:], american)):
        answers = [message for message in part if isinstance(message, Prediction)]
        assert {candidate.label for each in answers for candidate in each.top_k} <= set(model.contract.labels)
        assert len(answers) > 2


async def load_no_profile(wearer: str, model: Model) -> Profile:
    raise ProblemError(409, "no_profile", "the wearer has none for it", "wearer")


async def load_broken(wearer: str, model: Model) -> Profile:
    raise ProblemError(503, "database_busy", "ask again")


def test_a_missing_profile_is_announced(artefact: Artefact, other: Model) -> None:
    find = find_replacement("other", artefact, "ada", lambda _: other, load_no_profile)
    assert asyncio.run(find) == (other, None)
    slow = Slow(artefact)
    slow.session.wearer = "ada"
    slow.session.switch(other, None)
    vocabulary = described(other.contract.vocabulary)
    changed = [
        ModelChanged("MSCSGRU_ScaleHard", other.contract.version, vocabulary),
        ProfileChanged("ada", None, vocabulary),
    ]
    assert list(slow.session.drain()) == changed


def test_a_profile_that_cannot_be_read_stops_the_switch(artefact: Artefact, other: Model) -> None:
    with pytest.raises(ProblemError) as caught:
        asyncio.run(find_replacement("other", artefact, "ada", lambda _: other, load_broken))
    assert caught.value.code == "database_busy"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"window_frames": 60}, "its window_frames is 60, not 80"),
        ({"sample_rate_hz": 100.0}, "its sample_rate_hz is 100, not 50"),
    ],
)
def test_a_model_with_another_window_is_refused(artefact: Artefact, change: dict[str, Any], expected: str) -> None:
    contract = artefact.contract.model_copy(update=change)
    unlike = cast(Model, SimpleNamespace(contract=contract))
    with pytest.raises(ProblemError) as caught:
        asyncio.run(find_replacement("unlike", artefact, None, lambda _: unlike, load_broken))
    assert (caught.value.status, caught.value.code, caught.value.field) == (409, "other_window", "model")
    assert expected in caught.value.detail
