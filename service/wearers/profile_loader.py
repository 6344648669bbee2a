"""Loading of a wearer's active profile for a model, as inference uses it."""

from __future__ import annotations

import asyncio

import numpy as np

from models.adaptation.front_end import FrontEnd
from models.adaptation.open_set import REST
from models.adaptation.training_readings import plain_front_end
from models.adaptation.user_reference import Examples
from models.adaptation.word_examples import WordExamples
from service.inference.engine import Model
from service.inference.profile import Profile
from service.wearers.active_profile import active_profile
from service.wearers.calibration import class_of
from service.wearers.own_signs import OwnSigns, reference_of
from service.wearers.profiles import ProfileStore
from service.wearers.records import as_composed


class ProfileLoader:
    """Loader of profiles; `load` is a `service.inference.profile.LoadProfile`."""

    def __init__(self, profiles: ProfileStore) -> None:
        self._profiles = profiles

    async def load(self, wearer: str, model: Model) -> Profile:
        """Load the active profile of a wearer for a model, in a thread.

        Raises:
            ProblemError: 404 `unknown_wearer`, 409 `no_profile` or `profile_mismatch`, 503 or 507.
        """
        return await asyncio.to_thread(self._load, as_composed(wearer), model)

    def _load(self, wearer: str, model: Model) -> Profile:
        row = active_profile(self._profiles, wearer, model)
        own = OwnSigns.of(row.signs)
        vocabulary = own.vocabulary(model.contract)
        names = vocabulary.names
        known = len(names) - len(own.labels)
        classes = [class_of(label, names, model.contract.name) for label in row.labels]
        vectors, shown = row.vectors, row.shown
        words = None
        if row.weights:
            words = WordExamples(vectors[shown:], np.array(classes[shown:], np.int64), np.array(row.weights))
        yaws = None if row.yaws is None else np.array(row.yaws, np.float64)
        reference = None
        if words is None or any(index != REST for index in classes[:shown]):
            examples = Examples(vectors[:shown], classes[:shown], yaws)
            reference = reference_of(examples, known, len(names), model.reference)
        stored = row.front_end
        # A profile without one was made of readings as they are, whatever the training's unit is.
        front_end = plain_front_end(model.readings) if stored is None else FrontEnd.from_dict(stored)
        return Profile(wearer, row.version, reference, row.decoder, front_end, vocabulary, own.alone, words)
