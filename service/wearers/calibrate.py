"""Makes a profile of a wearer's examples, for one model: her windows through the model, and what that is worth."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Sequence
from typing import Final

import numpy as np
from pydantic import BaseModel, Field

from models.adaptation.open_set import FEWEST_LETTERS, REST
from models.runtime.artefact import Outputs
from models.runtime.contract import ModelContract
from scaleglove.protocol import DecoderOptions
from scaleglove.resampling import resample_evenly
from service.inference.engine import Engine, Model, Window
from service.problems import ProblemError
from service.wearers import names
from service.wearers.comparison import compare
from service.wearers.profiles import ProfileStore
from service.wearers.records import Comparison, Example, NewProfile, ProfileInfo, Score
from service.wearers.store import WearerStore

_LOG: Final = logging.getLogger(__name__)


class Calibrated(BaseModel):
    """A new profile, which holds from now on."""

    version: int
    model: str
    model_version: str
    before: Score | None = Field(description="what anybody is answered on those held back; null where there are none")
    after: Score | None = Field(description="the same with a profile that was made without them")
    held_back: int
    single: list[str] = Field(description="labels with a single example, which cannot be held back")
    seconds: float


class Calibrator:
    """Calibrates one wearer at a time, as many wearers as ask. The database is asked in threads, the model through the
    engine: nobody waits for it but who asked."""

    def __init__(self, engine: Engine, wearers: WearerStore, profiles: ProfileStore) -> None:
        self._engine = engine
        self._wearers = wearers
        self._profiles = profiles

    async def run(self, wearer: str, model: Model, decoder: DecoderOptions | None) -> Calibrated:
        """Make the next version of a wearer's profile for a model, and let it hold. `decoder` None: as before.

        Raises:
            ProblemError: 404 `unknown_wearer`, 409 `calibrating` or `calibration_overtaken`, 422 `no_examples`,
                `too_few_letters` or `unknown_label`, 503 or 507 where the database fails: what held before holds on.
        """
        begin = time.perf_counter()
        ticket = await asyncio.to_thread(self._profiles.begin_calibration, wearer)
        try:
            profile, info = await self._make(wearer, model, decoder, ticket)
        except BaseException:
            await self._give_up(ticket)
            raise
        seconds = round(time.perf_counter() - begin, 3)
        return _tell(profile.comparison, info, seconds)

    async def _give_up(self, ticket: str) -> None:
        try:
            await asyncio.to_thread(self._profiles.end_calibration, ticket)
        except ProblemError as problem:  # of the database; the ticket runs out by itself
            _LOG.warning("a calibration that failed could not be ended either: %s", problem.detail)

    async def _make(
        self, wearer: str, model: Model, decoder: DecoderOptions | None, ticket: str
    ) -> tuple[NewProfile, ProfileInfo]:
        examples = await asyncio.to_thread(self._wearers.windows, wearer)
        if not examples:
            raise ProblemError(422, "no_examples", f"{wearer} has no examples yet; post some of each letter", "wearer")
        marks = [mark_of(example.label, model.contract) for example in examples]
        check_letters(marks, model)
        windows = await asyncio.to_thread(windows_for, examples, model.contract)
        outputs = await self._engine.run(model, windows)
        profile = await asyncio.to_thread(_profile_of, examples, marks, outputs, model, decoder)
        return profile, await asyncio.to_thread(self._profiles.save, wearer, profile, ticket)


def mark_of(label: str, contract: ModelContract) -> int:
    """The place of a label among those of a model, or REST.

    Raises:
        ProblemError: 422 `unknown_label`.
    """
    if label == names.REST:
        return REST
    if label not in contract.labels:
        detail = f"the model {contract.name} knows no {label}; it knows {', '.join(contract.labels)}"
        raise ProblemError(422, "unknown_label", detail, "model")
    return contract.labels.index(label)


def check_letters(marks: Sequence[int], model: Model) -> None:
    """Refuse examples of so few letters that nobody knows how far letters lie apart on this hand.

    Raises:
        ProblemError: 422 `too_few_letters`.
    """
    shown = len(set(marks) - {REST})
    if shown < FEWEST_LETTERS and model.reference is None:
        detail = f"there are examples of {shown} letters; with {model.contract.name} it takes {FEWEST_LETTERS}"
        raise ProblemError(422, "too_few_letters", detail, "wearer")


def reach_of(model: Model) -> float | None:
    """How far letters lie apart for this model, where examples are too few to tell."""
    return None if model.reference is None else model.reference.class_spacing


def windows_for(examples: Sequence[Example], contract: ModelContract) -> list[Window]:
    """The windows of examples at a model's rate."""
    return [
        example.window
        if example.sample_rate_hz == contract.sample_rate_hz
        else resample_evenly(example.window, example.sample_rate_hz, contract.sample_rate_hz, contract.window_frames)
        for example in examples
    ]


def _profile_of(
    examples: Sequence[Example], marks: Sequence[int], outputs: Outputs, model: Model, decoder: DecoderOptions | None
) -> NewProfile:
    contract = model.contract
    comparison = compare(outputs, marks, contract.labels, model.reference)
    labels = [example.label for example in examples]
    embeddings = outputs.embedding.astype(np.float32)
    return NewProfile(contract.name, contract.version, model.digest, embeddings, labels, comparison, decoder)


def _tell(comparison: Comparison, info: ProfileInfo, seconds: float) -> Calibrated:
    return Calibrated(
        version=info.version,
        model=info.model,
        model_version=info.model_version,
        before=comparison.before,
        after=comparison.after,
        held_back=comparison.held_back,
        single=comparison.single,
        seconds=seconds,
    )
