"""Calibration: a profile of a wearer's examples for one model, and its comparison with the model alone."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from models.adaptation.decision import log_scores, probabilities_of
from models.adaptation.example_selection import too_alike
from models.adaptation.front_end import FrontEnd
from models.adaptation.online import SPREAD
from models.adaptation.open_set import FEWEST_LETTERS, REST, Reference
from models.adaptation.sensor_fit import front_end_for
from models.adaptation.training_readings import front_end_by_readings
from models.adaptation.user_reference import Examples
from models.adaptation.word_examples import WordExamples
from models.runtime.artefact import Outputs
from models.runtime.contract import ModelContract
from models.runtime.held_shapes import mean_embeddings, parts_of
from scaleglove.protocol import DecoderOptions
from scaleglove.resampling import resample_evenly
from service.inference.engine import Engine, Model, Window
from service.problems import ProblemError
from service.wearers.active_profile import active_profile
from service.wearers.limits import MAX_EXAMPLES, MAX_PROFILE_BYTES
from service.wearers.own_signs import AS_BEFORE, NO_OWN_SIGNS, OwnSigns, Recognised, Wanted, labels_of
from service.wearers.profile_examples import HeldForWords, ProfileExamples, SharedSigns, signs_of, yaws_of
from service.wearers.profiles import ProfileStore
from service.wearers.records import REST_LABEL, Calibrated, Comparison, Example, Score, as_composed
from service.wearers.store import OF_WORDS, WearerStore
from service.wearers.tables import ProfileRow
from service.wearers.trained_people import TrainedPerson, trained_person

_MOST_FOLDS: Final = 10
"""Each fold is a profile. One per example would be too many: 72 took a second on a busy machine."""

_WEIGHT_DECIMALS: Final = 4

_LOG: Final = logging.getLogger(__name__)


class Calibrator:
    """Calibrates any number of wearers concurrently, each one at a time. The database is used in threads, the model
    through the engine, so that the event loop is not blocked."""

    def __init__(self, engine: Engine, wearers: WearerStore, profiles: ProfileStore) -> None:
        self._engine = engine
        self._wearers = wearers
        self._profiles = profiles

    async def run(
        self,
        wearer: str,
        model: Model,
        decoder: DecoderOptions | None,
        glove: FrontEnd | None = None,
        wanted: Wanted = AS_BEFORE,
    ) -> Calibrated:
        """Make the next version of a wearer's profile for a model and activate it.

        Args:
            wearer: whose examples are used.
            model: that the profile is for.
            decoder: options of the letter decoder; None: those of the previous profile.
            glove: the front end of the glove of the examples, for those of too few letters to fit one; None: unknown.
            wanted: the own signs that the profile recognises, and who of the training's people the wearer is.

        Raises:
            ProblemError: 404 `unknown_wearer`, 409 `calibrating` or `calibration_overtaken`, 422 `no_examples`,
                `too_few_letters`, `too_few_signs`, `too_many_labels`, `unknown_label` or `unknown_person`, 503 or 507;
                of others' examples 409 `too_many_examples`; for the other wearer whose signs are wanted 404
                `unknown_wearer`, 409 `no_profile` or `profile_mismatch`, 422 `invalid_request`. The previous profile
                stays active.
        """
        begin = time.perf_counter()
        ticket = await asyncio.to_thread(self._profiles.begin_calibration, wearer)
        try:
            profile, findings = await self._make_profile(wearer, model, decoder, glove, wanted)
            info = await asyncio.to_thread(self._profiles.save, wearer, profile, ticket)
        except BaseException:
            await self._abandon(ticket)
            raise
        return Calibrated(
            **dict(info.comparison),
            version=info.version,
            model=info.model,
            model_version=info.model_version,
            signs=info.signs,
            alone=info.alone,
            signs_from=info.signs_from,
            signs_lost=findings.lost,
            trained_as=info.trained_as,
            trained_as_lost=findings.gone,
            left_out=list(findings.left_out),
            words=findings.words,
            words_left_out=findings.words_left_out,
            alike=list(findings.alike),
            seconds=round(time.perf_counter() - begin, 3),
        )

    async def _abandon(self, ticket: str) -> None:
        try:
            await asyncio.to_thread(self._profiles.end_calibration, ticket)
        except ProblemError as problem:  # of the database; the ticket expires by itself
            _LOG.warning("a failed calibration could not be ended: %s", problem.detail)

    async def _make_profile(
        self,
        wearer: str,
        model: Model,
        decoder: DecoderOptions | None,
        glove: FrontEnd | None,
        wanted: Wanted,
    ) -> tuple[ProfileRow, _Findings]:
        every = await asyncio.to_thread(self._wearers.all_windows, wearer)
        stored = [each for each in every if each.source != OF_WORDS]
        of_words = [each for each in every if each.source == OF_WORDS]
        previous = await asyncio.to_thread(self._profiles.active, wearer, model.contract.name)
        trained, gone = trained_person(model, wanted.trained_as, None if previous is None else previous.trained_as)
        if not every and trained is None:
            raise ProblemError(422, "no_examples", f"{wearer} has no examples; add some of each letter", "wearer")
        before = OwnSigns.of(None if previous is None else previous.signs)
        shared, lost = await self._shared(wearer, before, wanted, model)
        offered = () if shared is None else shared.names
        shown = [each.label for each in stored] + _labels_of(trained, model)
        shown = shown or [each.label for each in of_words]
        labels = labels_of(shown, model.contract, wanted, before, offered)
        shared = None if shared is None else shared.only(labels.names[len(labels.shown) :])
        examples = [example for example in stored if example.label in (*labels.shown, REST_LABEL)]
        check_examples(len(examples), shared, trained)
        classes = [class_of(example.label, labels.names, model.contract.name) for example in examples]
        check_letters(classes, model)
        letters = [index if index < labels.known else REST for index in classes]
        windows = await asyncio.to_thread(windows_for, examples, model.contract)
        of_words_at_rate = await asyncio.to_thread(windows_for, of_words, model.contract)
        held = HeldForWords.of(of_words, of_words_at_rate, labels, model.contract.min_frames)
        front_end = await asyncio.to_thread(_front_end, windows, letters, held, model, glove)
        plain = front_end_by_readings(windows, model.readings)
        as_they_are = await self._run(model, await asyncio.to_thread(_seen_by, plain, windows))
        seen = await asyncio.to_thread(_seen_by, front_end, windows)
        outputs = await self._run(model, seen)

        def judge() -> tuple[ProfileExamples, Comparison, OwnSigns]:
            own = Examples(outputs.embedding, classes, yaws_of(examples, windows))
            known = ProfileExamples.of(labels, own, shared, None if trained is None else trained.examples)
            comparison = compare(as_they_are, outputs, known, model.reference)
            return known, comparison, signs_of(labels, classes, seen, model.contract.period_ms, shared)

        known, comparison, signs = await asyncio.to_thread(judge)
        known = replace(known, words=await self._words(held, known, front_end, model))
        check_size(known, model)
        profile = _profile_of(known, comparison, front_end, model, decoder)
        profile.signs = None if signs == NO_OWN_SIGNS else signs.model_dump()
        profile.trained_as = None if trained is None else trained.person
        alike = await asyncio.to_thread(_alike, known, model)
        left_out = dict.fromkeys(each.label for each in stored if each.label not in (*labels.shown, REST_LABEL))
        named = tuple((labels.names[one], labels.names[other]) for one, other in alike)
        used = len(known.words)
        return profile, _Findings(tuple(left_out), named, lost, gone, used, len(of_words) - used)

    async def _words(
        self, held: HeldForWords, known: ProfileExamples, front_end: FrontEnd, model: Model
    ) -> WordExamples:
        """Return what words have shown, as the model sees it, where the wearer has not shown something else."""
        parts = [parts_of(front_end.apply(window)) for window in held.windows]
        outputs = await self._run(model, [part for each in parts for part in each])
        embeddings = mean_embeddings(outputs.embedding, [len(each) for each in parts])
        words = WordExamples(embeddings, np.array(held.classes, np.int64), np.array(held.weights))
        if model.reference is None:
            return words.newest(0)
        apart = SPREAD * model.reference.class_spacing
        return words.at(~words.contradicted(known.embeddings, known.classes, apart))

    async def _run(self, model: Model, windows: Sequence[Window]) -> Outputs:
        """Run the windows of a wearer, who may have none: then a person of the training is all that is known."""
        if windows or model.reference is None:
            return await self._engine.run(model, windows)
        widths = len(model.contract.labels), len(model.contract.scales), model.reference.embeddings.shape[1]
        return Outputs(*(np.zeros((0, width), np.float32) for width in widths))

    async def _shared(
        self, wearer: str, before: OwnSigns, wanted: Wanted, model: Model
    ) -> tuple[SharedSigns | None, str | None]:
        """Return the own signs of another wearer's active profile, or none; and why those that the profile before had
        are not to be had any more: a code.

        Raises:
            ProblemError: of the field `signs_from`, where another wearer is asked for: 404 `unknown_wearer`, 409
                `no_profile` or `profile_mismatch`, 422 `invalid_request`: it is the same one.
        """
        other = before.signs_from if wanted.signs_from is None else wanted.signs_from
        if not other:
            return None, None
        if as_composed(other) == wearer:
            raise ProblemError(422, "invalid_request", "signs_from: name another wearer, or nobody", "signs_from")
        try:
            return await asyncio.to_thread(shared_signs, self._profiles, other, model), None
        except ProblemError as problem:
            if wanted.signs_from is None and problem.code in _GONE:
                return None, problem.code
            raise ProblemError(problem.status, problem.code, f"signs_from: {problem.detail}", "signs_from") from None


_GONE: Final = frozenset({"unknown_wearer", "no_profile", "profile_mismatch"})
"""Why another wearer has no signs to share any more; a profile is made without them then."""


@dataclass(frozen=True, slots=True)
class _Findings:
    """Labels whose examples were not used, own signs with the label that each is too close to, the code for which the
    signs of another wearer are lost, the person of the training whom the model does not know any more, and how many
    examples of words are in the profile, and how many are not."""

    left_out: tuple[str, ...]
    alike: tuple[tuple[str, str], ...]
    lost: str | None
    gone: str | None
    words: int
    words_left_out: int


def _labels_of(trained: TrainedPerson | None, model: Model) -> list[str]:
    return [] if trained is None else [model.contract.labels[index] for index in trained.examples.labels]


def shared_signs(profiles: ProfileStore, wearer: str, model: Model) -> SharedSigns:
    """Read the own signs of another wearer's active profile. It blocks.

    Raises:
        ProblemError: 404 `unknown_wearer`, 409 `no_profile` or `profile_mismatch`, 503 or 507.
    """
    name = as_composed(wearer)
    row = active_profile(profiles, name, model)
    return SharedSigns.of(name, OwnSigns.of(row.signs), row.vectors[: row.shown], row.labels[: row.shown])


def class_of(label: str, names: Sequence[str], model: str) -> int:
    """Return the index of a label among `names`, those of a model and own signs, or REST.

    Raises:
        ProblemError: 422 `unknown_label`.
    """
    if label == REST_LABEL:
        return REST
    if label not in names:
        detail = f"the model {model} has no label {label}; it has {', '.join(names)}"
        raise ProblemError(422, "unknown_label", detail, "model")
    return names.index(label)


def check_letters(classes: Sequence[int], model: Model) -> None:
    """Raise if the examples have too few letters to estimate the distance between letters of this wearer.

    Raises:
        ProblemError: 422 `too_few_letters`.
    """
    letters = len(set(classes) - {REST})
    if letters < FEWEST_LETTERS and model.reference is None:
        detail = f"there are examples of {letters} letters; {model.contract.name} requires {FEWEST_LETTERS}"
        raise ProblemError(422, "too_few_letters", detail, "wearer")


def check_examples(own: int, shared: SharedSigns | None, trained: TrainedPerson | None) -> None:
    """Raise if a profile would be of more examples than one may have: a wearer's `own`, and those of others.

    Raises:
        ProblemError: 409 `too_many_examples`.
    """
    total, field = own, "wearer"
    if trained is not None:
        total, field = total + len(trained.examples.labels), "trained_as"
    if shared is not None:
        total, field = total + len(shared.labels), "signs_from"
    if total > MAX_EXAMPLES:
        detail = f"{field}: {total} examples, of the wearer and others, exceed the limit of {MAX_EXAMPLES}"
        raise ProblemError(409, "too_many_examples", detail, field)


def check_size(known: ProfileExamples, model: Model) -> None:
    """Raise if the embeddings of a profile are larger than an export may have them.

    Raises:
        ProblemError: 409 `too_many_examples`.
    """
    size = known.embeddings.nbytes + known.words.embeddings.nbytes
    if size > MAX_PROFILE_BYTES:
        each = MAX_PROFILE_BYTES // (size // (len(known.embeddings) + len(known.words)))
        detail = f"wearer: of examples for {model.contract.name} a profile has at most {each}; delete some of them"
        raise ProblemError(409, "too_many_examples", detail, "wearer")


def windows_for(examples: Sequence[Example], contract: ModelContract) -> list[Window]:
    """Return the windows of examples at the rate of a model."""
    return [
        example.window
        if example.sample_rate_hz == contract.sample_rate_hz
        else resample_evenly(example.window, example.sample_rate_hz, contract.sample_rate_hz, contract.window_frames)
        for example in examples
    ]


def _seen_by(front_end: FrontEnd, windows: Sequence[Window]) -> list[Window]:
    return [front_end.apply(window) for window in windows]


def _alike(known: ProfileExamples, model: Model) -> list[tuple[int, int]]:
    """Return own signs that are too close to another label, with that label."""
    own_signs = range(known.labels.known, len(known.labels.names))
    return too_alike(known.reference(model.reference), own_signs) if own_signs else []


def compare(
    as_they_are: Outputs,
    outputs: Outputs,
    known: ProfileExamples,
    own: Reference | None,
) -> Comparison:
    """Evaluate the model without and with a profile by cross-validation. An example of rest is correct if no letter is
    predicted. The front end is that of all examples: a single one hardly changes it.

    Args:
        as_they_are: of the model for the examples without a front end.
        outputs: of the model for the wearer's examples.
        known: all that the profile is made of: first these examples, then others.
        own: the model's reference.
    """
    labels, recognised = known.classes[: len(outputs)], known.labels
    rejection = len(recognised.names)
    wanted = np.where(labels == REST, rejection, labels)
    counts = np.bincount(wanted, minlength=rejection + 1)
    evaluated = counts[wanted] > 1
    single = [name for name, count in zip((*recognised.names, REST_LABEL), counts, strict=True) if count == 1]
    if not evaluated.any():
        return Comparison(held_back=0, single=single, before=None, after=None)
    after = np.zeros((len(labels), rejection + 1))
    for fold in _folds(wanted, evaluated):
        reference = known.without(fold).reference(own)
        votes = outputs.probabilities[fold][:, : recognised.known]
        embedding = outputs.embedding[fold]
        after[fold] = probabilities_of(reference, reference.log_scores(votes, embedding))
    return Comparison(
        held_back=int(evaluated.sum()),
        single=single,
        before=_score(_without_profile(as_they_are, recognised, own)[evaluated], wanted[evaluated]),
        after=_score(after[evaluated], wanted[evaluated]),
    )


def _without_profile(outputs: Outputs, recognised: Recognised, own: Reference | None) -> NDArray[np.floating[Any]]:
    """Return probabilities float64[n, labels + 1] of the model alone, which never names an own sign."""
    scores = log_scores(own, outputs.probabilities, outputs.embedding)
    found = probabilities_of(own, scores)
    probabilities = np.zeros((len(outputs), len(recognised.names) + 1))
    probabilities[:, : recognised.known] = found[:, : recognised.known]
    probabilities[:, -1] = found[:, -1] if recognised.known else 1.0
    return probabilities


def _folds(wanted: NDArray[np.int64], evaluated: NDArray[np.bool_]) -> Iterator[NDArray[np.bool_]]:
    """Yield the examples that are held back together: one of each label, unless a label has more than _MOST_FOLDS."""
    indices = np.flatnonzero(evaluated)
    earlier = np.array([(wanted[:index] == wanted[index]).sum() for index in indices])
    for number in range(min(_MOST_FOLDS, int(earlier.max()) + 1)):
        fold = np.zeros(len(wanted), bool)
        fold[indices[earlier % _MOST_FOLDS == number]] = True
        yield fold


def _score(probabilities: NDArray[np.floating[Any]], wanted: NDArray[np.int64]) -> Score:
    accuracy = float((probabilities.argmax(axis=1) == wanted).mean())
    return Score(accuracy=round(accuracy, 4), mean_confidence=round(float(probabilities.max(axis=1).mean()), 4))


def _front_end(
    windows: Sequence[Window], letters: Sequence[int], held: HeldForWords, model: Model, glove: FrontEnd | None
) -> FrontEnd:
    """Return the front end for the examples that a wearer has shown.

    Where they have shown no letter and nothing else tells how the glove reads, it is by the range of what words have
    shown, as in the stream. A fit to their labels, of which some are wrong, read worse (docs/reports/words.md).
    """
    if glove is None and not set(letters) - {REST}:
        windows, letters = [*windows, *held.windows], [*letters, *(0 for _ in held.windows)]
    return front_end_for(windows, letters, model.readings, glove)


def _profile_of(
    known: ProfileExamples,
    comparison: Comparison,
    front_end: FrontEnd,
    model: Model,
    decoder: DecoderOptions | None,
) -> ProfileRow:
    contract, words = model.contract, known.words
    classes = [*known.classes.tolist(), *words.letters.tolist()]
    has_yaws = len(known.yaws) and np.isfinite(known.yaws).all()
    return ProfileRow(
        model=contract.name,
        model_version=contract.version,
        artefact_sha256=model.digest,
        embeddings=np.concatenate([known.embeddings, words.embeddings]).astype("<f4").tobytes(),
        labels=[REST_LABEL if index == REST else known.labels.names[index] for index in classes],
        weights=words.weights.round(_WEIGHT_DECIMALS).tolist() if len(words) else None,
        comparison=comparison,
        front_end=None if front_end.is_plain else front_end.as_dict(),
        yaws=known.yaws.round(2).tolist() if has_yaws else None,
        decoder=decoder,
    )
