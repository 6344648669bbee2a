"""Profile of a wearer as inference uses it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from models.adaptation.few_shot import Embeddings, Probabilities
from models.adaptation.front_end import FrontEnd
from models.adaptation.online import OnlineCalibration
from models.adaptation.open_set import Reference
from models.adaptation.scored import Scored
from models.adaptation.user_reference import UserReference
from models.adaptation.word_examples import WordExamples
from scaleglove.protocol import DecoderOptions
from scaleglove.vocabulary import Vocabulary
from service.inference.engine import Model
from service.problems import ProblemError


@dataclass(frozen=True, slots=True, eq=False)
class Profile:
    """Version `version` of a wearer's profiles, valid for one model only."""

    wearer: str
    version: int
    reference: UserReference | None
    """Of the examples that the wearer has shown; None: they have shown none, and words alone tell of their hand."""
    decoder: DecoderOptions | None
    """Options of the letter decoder for this wearer; None: the defaults."""
    front_end: FrontEnd = field(default_factory=FrontEnd)
    """Of the glove with which the examples were made."""
    vocabulary: Vocabulary | None = None
    """What it recognises; None: what the model does."""
    alone: bool = False
    """It recognises own signs alone: the model's probabilities say nothing."""
    words: WordExamples | None = None
    """What words have shown; None: nothing that was kept."""

    @property
    def is_ranged(self) -> bool:
        """Whether the front end is of the range of this hand: of examples it always is."""
        return self.reference is not None or not self.front_end.is_plain

    def reference_with(self, model: Model) -> Reference | None:
        """Return the reference of the wearer's examples, without any what the model knows of a hand like it."""
        if self.reference is not None or model.reference is None:
            return self.reference
        return model.reference.ranged() if self.is_ranged else model.reference

    def with_words(self, model: Model, scores: Scored, embeddings: Embeddings) -> Scored:
        """Return scores by that reference, of n windows, with what words have shown."""
        reference = self.reference_with(model)
        if self.words is None or reference is None:
            return scores
        hand = OnlineCalibration(reference, of_others=self.reference is None, kept=self.words)
        return hand.score(scores, embeddings)

    def votes(self, probabilities: Probabilities) -> Probabilities:
        """Return those of the model's probabilities float32[n, labels] that count: all, or where own signs stand alone
        none, float32[n, 0]."""
        return probabilities[:, :0] if self.alone else probabilities


def vocabulary_of(model: Model, profile: Profile | None) -> Vocabulary:
    """Return what is recognised: what the wearer's profile does, by default the model's labels."""
    own = None if profile is None else profile.vocabulary
    return model.contract.vocabulary if own is None else own


LoadProfile = Callable[[str, Model], Awaitable[Profile]]
"""Loads the profile of a wearer, by name, for a model; accesses the database. Raises a ProblemError: 404
`unknown_wearer`, 409 `no_profile` or `profile_mismatch`, 503 or 507 if the database fails."""


def unknown_wearer(name: str) -> ProblemError:
    """Return the problem 404 `unknown_wearer`."""
    return ProblemError(404, "unknown_wearer", f"no wearer is called {name[:64]!r}", "wearer")
