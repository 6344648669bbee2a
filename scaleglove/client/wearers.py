"""Wearers of the service: their examples and profiles, for a program that calibrates (docs/guide/calibration.md)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote, urlencode

import orjson
from pydantic import BaseModel

from scaleglove.client.http import request
from scaleglove.client.websocket import StreamError
from scaleglove.protocol import Candidate


class Guidance(BaseModel):
    """Suggestion of the next letter to show; `next` None: the examples suffice."""

    next: str | None
    again: bool
    reason: str
    enough: bool
    expected_accuracy: float | None
    have: dict[str, int]
    confused: list[tuple[str, str]]


class Shown(BaseModel):
    """Stored example with its quality, 0 to 1, and what lowers it: `code` and `other` for programs, `reason` for users.

    A service before 0.2 sends the reason alone.
    """

    id: int
    label: str
    quality: float | None
    code: str | None = None
    other: str | None = None
    reason: str


class Doubt(BaseModel):
    """A shape that a stream has held and that the service is in doubt about: its number, what was written for it, the
    letters around it, and what it may have been, the most probable first.

    `frame` are the readings of a glove as the model knows it, to draw the hand.
    """

    shape: int
    t_ms: float
    letter: str | None
    before: list[str]
    after: list[str]
    frame: list[float]
    candidates: list[Candidate]


class Doubts(BaseModel):
    """The shapes to ask about, the most doubtful first, and how many the stream keeps."""

    held: int
    doubts: list[Doubt]


class SittingWord(BaseModel):
    """A word to spell, and the labels that sign it one after another."""

    word: str
    labels: list[str]


class SittingWords(BaseModel):
    """The words of a sitting; no word has the labels `uncovered`, and those `at_risk` occur twice."""

    words: list[SittingWord]
    at_risk: list[str]
    uncovered: list[str]


class SpelledLetter(BaseModel):
    """A letter that was asked for: its `state` (`found`, `unsure`, `missed` or `waiting`), and the number of the shape
    in its place."""

    label: str
    state: str
    shape: int | None


class Spelled(BaseModel):
    """What is understood of a word that was asked for: each letter, what they read, and whether it is complete.

    `next` is the number of the next shape, from which on another word is held; `examples` are those that were kept.
    """

    letters: list[SpelledLetter]
    text: str
    complete: bool
    next: int
    examples: list[Shown]


class KeptWords(BaseModel):
    """Examples that words have shown and that are kept: how many of the stream that was named, and of all by label."""

    added: int
    words: dict[str, int]


class Score(BaseModel):
    accuracy: float
    mean_confidence: float


class Calibrated(BaseModel):
    """New profile, with the scores of held-out examples without it and with it."""

    version: int
    model: str
    before: Score | None
    after: Score | None
    held_back: int
    seconds: float
    signs_lost: str | None = None
    """The code for which the own signs of another wearer are not recognised any more."""
    alike: list[tuple[str, str]] = []
    """Own signs, each with the label that it is too close to."""
    words: int = 0
    """Examples of words that it has."""


@dataclass(frozen=True, slots=True)
class Wearer:
    """One wearer at the service at `url`. `token` is as for StreamConnection; `model` None: the service's default.

    Every method raises a StreamError where the service cannot be reached or refuses.
    """

    url: str
    name: str
    token: str | None = None
    model: str | None = None

    def create(self) -> bool:
        """Create the wearer; False if the service has one of this name."""
        try:
            request(self.url, "/v1/wearers", self.token, orjson.dumps({"wearer": self.name}))
        except StreamError as error:
            if error.code != "wearer_exists":
                raise
            return False
        return True

    def labels(self) -> tuple[str, ...]:
        """Return the labels of the model, in the order of its probabilities."""
        model = self.model or orjson.loads(request(self.url, "/v1/models", self.token))["default"]
        contract = orjson.loads(request(self.url, f"/v1/models/{quote(model, safe='')}", self.token))
        return tuple(contract["labels"])

    def guidance(self, letters: str = "") -> Guidance:
        """Return what to show next, among `letters`; empty: all letters."""
        return Guidance.model_validate_json(self._read("guide", {"model": self.model, "letters": letters or None}))

    def doubts(self, stream: str, count: int | None = None) -> Doubts:
        """Return the shapes that a running stream has held and of which an answer would help most; `count` at most,
        None: as many as the service asks at once."""
        fields = {"stream": stream, "model": self.model, "count": count}
        return Doubts.model_validate_json(self._read("doubts", fields))

    def sitting(self, labels: Sequence[str] = ()) -> SittingWords:
        """Return some ten words to spell, in which all `labels` occur; none: all of the model."""
        return SittingWords.model_validate_json(self._read("sitting", {"model": self.model, "labels": list(labels)}))

    def spell(self, stream: str, labels: Sequence[str], since: int = 0, *, keep: bool = False) -> Spelled:
        """Return what a running stream has understood of a word with these labels, of the shapes from number `since`
        on; without labels `next` alone is known. `keep`: the word is over, and what was found becomes examples."""
        fields = {"model": self.model, "stream": stream, "labels": list(labels), "since": since, "keep": keep}
        body = orjson.dumps({name: value for name, value in fields.items() if value is not None})
        return Spelled.model_validate_json(request(self.url, f"{self._path}/sitting", self.token, body))

    def show(self, label: str, stream: str) -> Shown:
        """Store the newest window of a running stream as an example."""
        return self._add({"label": label, "stream": stream})

    def answer(self, shape: int, label: str, stream: str) -> Shown:
        """Store a shape that a running stream has held as an example: what a doubtful one was, or a letter corrected.

        Raises:
            StreamError: also `unknown_shape` where the stream keeps no shape of this number any more.
        """
        return self._add({"label": label, "stream": stream, "shape": shape})

    def keep_words(self, stream: str) -> KeptWords:
        """Keep what words have shown of the hand in a running stream as examples; the next profile has them.

        Raises:
            StreamError: also `no_word_examples` where no word has shown a letter so far.
        """
        body = orjson.dumps({"stream": stream})
        return KeptWords.model_validate_json(request(self.url, f"{self._path}/words", self.token, body))

    def forget_words(self) -> int:
        """Delete all examples of words, and return how many there were; profiles made of them do not change."""
        answer = request(self.url, f"{self._path}/words", self.token, method="DELETE")
        deleted: int = orjson.loads(answer)["deleted"]
        return deleted

    def take_back(self, example: int) -> None:
        """Delete one example."""
        request(self.url, f"{self._path}/examples/{example}", self.token, method="DELETE")

    def calibrate(
        self,
        glove: str | None = None,
        signs: Sequence[str] = (),
        alone: bool | None = None,
        signs_from: str | None = None,
        stream: str | None = None,
    ) -> Calibrated:
        """Make a profile of the examples, shown with a glove of this name; it applies from now on.

        `signs` are own signs that it recognises though another vocabulary has them too; `alone`: own signs and no label
        of the model (None: as before); `signs_from`: the own signs of another wearer too (empty: of nobody; None: as
        before); `stream`: a running stream of the glove, which says how it reads where neither the examples nor a
        profile do.
        """
        named = {
            "model": self.model,
            "glove": glove,
            "signs": list(signs) or None,
            "alone": alone,
            "signs_from": signs_from,
            "stream": stream,
        }
        body = orjson.dumps({name: value for name, value in named.items() if value is not None})
        return Calibrated.model_validate_json(request(self.url, f"{self._path}/calibrate", self.token, body))

    def _read(self, what: str, fields: Mapping[str, str | int | list[str] | None]) -> bytes:
        query = urlencode({name: value for name, value in fields.items() if value is not None}, doseq=True)
        return request(self.url, f"{self._path}/{what}?{query}", self.token)

    def _add(self, fields: dict[str, str | int]) -> Shown:
        body = orjson.dumps(fields if self.model is None else fields | {"model": self.model})
        return Shown.model_validate_json(request(self.url, f"{self._path}/examples", self.token, body))

    @property
    def _path(self) -> str:
        return f"/v1/wearers/{quote(self.name, safe='')}"
