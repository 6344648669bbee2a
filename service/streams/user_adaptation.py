"""Adaptation of one stream to its user: a reference of letters and self-calibration on top of it. Pure."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from models.adaptation import decision
from models.adaptation.few_shot import softmax
from models.adaptation.front_end import FrontEnd, median_frame
from models.adaptation.glove_profile import GloveProfile, without_missing
from models.adaptation.online import REMEMBERED, Hold, OnlineCalibration, bigrams_of
from models.adaptation.open_set import Reference
from models.adaptation.scored import Scored
from models.adaptation.taught import Taught, first_forgotten
from models.adaptation.training_readings import front_end_by_readings, plain_front_end
from models.adaptation.user_reference import UserReference
from models.adaptation.word_examples import WordExamples
from models.adaptation.yaw_frame import YawFrame, yaw_of
from models.runtime.artefact import Outputs
from models.runtime.held_shapes import SHAPE_FRAMES, judge_of, run_shapes
from scaleglove.channels import FLEX
from scaleglove.protocol import KnownLetter, SelfCalibrated, ServerMessage
from scaleglove.resampling import Frame
from service.inference.engine import Model
from service.inference.missing_sensors import reference_without
from service.streams.channel_ranges import channel_ranges
from service.streams.hold_tracker import CHANGED_WINDOWS, SETTLE_MS, log
from service.streams.native.holds import AnyHoldTracker, make_hold_tracker
from service.streams.packed_frames import pack, unpack
from service.streams.ranging import GloveRanging
from service.streams.shape_memory import KEPT_FRAMES
from service.streams.stillness import still_ms
from service.streams.words.lesson import Lesson
from service.streams.words.word_shapes import WordShape, WordShapes

STILLNESS_MS: Final = 1280
"""The newest part of a window, in which stillness is measured: more than the longest `hold_s`, which is a second."""

ANOTHER_SHAPE: Final = 1.0
"""In units of `class_spacing`: a hand that is not known holds another letter where it is farther from what it held."""


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """What is known of a stream's wearer and glove: the reference of the wearer's letters, the front end of the
    glove, and its profile, which says what it lacks; None: unknown."""

    reference: UserReference | None = None
    front_end: FrontEnd | None = None
    glove: GloveProfile | None = None
    alone: bool = False
    """The reference is of signs that the model does not know: its probabilities say nothing."""
    moves: bool = False
    """Some of the signs that the reference is of move."""
    is_ranged: bool = True
    """The front end is of the range of this hand."""
    words: WordExamples | None = None
    """What words have shown of the wearer's letters before; None: nothing."""


NOTHING_KNOWN: Final = Known()


class WindowEvidence(NamedTuple):
    """Evidence of one window by itself."""

    scored: Scored
    """By the reference alone."""
    embedding: NDArray[np.float32]
    """float32[1, m]."""
    importance: NDArray[np.float32]
    """float32[3]."""
    still_ms: float
    raw: NDArray[np.float32]
    """The newest frames of the window as the glove read them, float32[n, 8]: of a hand that is still only of the shape
    that it holds, but at least SHAPE_FRAMES."""


@dataclass(frozen=True, slots=True, eq=False)
class _Shape:
    """A shape that was held until device time `end_ms`: the median float32[8] of its newest frames as the glove read
    them, and more of them, packed."""

    end_ms: float
    frame: Frame
    packed: bytes

    @classmethod
    def of(cls, end_ms: float, frames: NDArray[np.float32]) -> Self:
        """Make it of the newest frames float32[n, 8]."""
        return cls(end_ms, median_frame(frames[-SHAPE_FRAMES:]), pack(frames))


class UserAdaptation:
    """The adaptation of one stream and model. `learns`: without labels, by ranging the glove and by self-calibration.
    `known`: what is known of the wearer and the glove, which is then not learned."""

    def __init__(self, model: Model, learns: bool, known: Known = NOTHING_KNOWN) -> None:
        self._model = model
        self._learns = learns
        self._in_own_unit = model.readings is not None and not model.readings.is_in_counts
        self._stated: float | None = None
        self._period_ms = model.contract.period_ms
        self._newest_frames = slice(-round(STILLNESS_MS / self._period_ms), None)
        self.use(known)

    def use(self, known: Known) -> None:
        """Use what is known of the wearer and the glove from here on; learning starts again."""
        readings = self._model.readings
        self._personal, self._kept = known.reference, known.words
        self._is_checked = known.front_end is not None and known.is_ranged
        self._alone = known.alone
        # Halts within a movement are no letters: what was learned from them made a hand with examples worse on the
        # streams of all four people on whom the decoder of movements was tuned (benchmarks/streams/sign_cases.py).
        self._self_calibrates = self._learns and not known.moves
        self._glove = known.glove
        ranges = self._learns and known is NOTHING_KNOWN
        self._ranging = None
        if ranges and readings is not None:
            self._ranging = GloveRanging(readings, judge_of(self._model), self._stated)
        ranged = None if self._ranging is None else self._ranging.front_end
        self._front_end = known.front_end or ranged or plain_front_end(readings)
        self._is_unknown = known.front_end is None and ranged is None
        """Whether nothing but each window says in which unit the glove reads."""
        self._missing: tuple[bool, ...] = ()
        self._reference = self._reference_now()
        self._shapes: list[_Shape] = []
        self._taught: dict[float, Taught] = {}
        """By the end of its hold, what a word says of a shape."""
        self._words = 0
        """Words that have taught anything."""
        self.let_go_ms: float | None = None
        """The newest window's time, if the hand has let go of a shape before it."""
        self.forget_turn()
        self._start_learning()

    def _reference_now(self) -> Reference | None:
        """Return the reference of the wearer, or what the model knows of a hand with the sensors and the range that
        this one has."""
        readings = self._model.readings
        if self._personal is not None or readings is None:
            return self._personal or self._model.reference
        reference = reference_without(self._model, readings, self._missing)
        is_ranged = self._is_checked or (self._ranging is not None and self._ranging.is_ranged)
        return reference.ranged() if reference is not None and is_ranged else reference

    def state(self, most: float | None) -> None:
        """Take the highest reading of the flex sensors' converter as the glove states it, None where it states none."""
        self._stated = most
        if self._ranging is not None:
            self._ranging.state(most)

    def forget_turn(self) -> None:
        """Forget the turn of yaw, which the glove lost when it was switched off."""
        reference, self._yaw_frame = self._personal, None
        if self._learns and reference is not None and reference.yaws is not None:
            self._yaw_frame = YawFrame(reference.yaws, reference.labels)

    def _start_learning(self) -> None:
        self._hand = None
        """What has been learned of the hand, in earlier streams and in this one."""
        if self._reference is not None and (self._self_calibrates or self._kept is not None):
            vocabulary = self._model.contract.vocabulary
            following = None if self._alone else bigrams_of(vocabulary, self._reference.classes)
            self._hand = OnlineCalibration(
                self._reference, following, self._taught, of_others=self._personal is None, kept=self._kept
            )
        self._learning = self._hand if self._self_calibrates else None
        self._holds = self._hold_tracker()
        self._newest: deque[NDArray[np.float32]] = deque(maxlen=CHANGED_WINDOWS)
        """The newest frames float32[n, 8] in each of the last windows of the shape that is held, or was held last."""

    def _hold_tracker(self) -> AnyHoldTracker | None:
        """Return what tracks the shape that is held; None: nothing is learned from it."""
        reference = self._reference
        if reference is None or (self._learning is None and self._yaw_frame is None):
            return None
        apart = ANOTHER_SHAPE * reference.class_spacing if self._personal is None else math.inf
        return make_hold_tracker(apart, reference.embeddings.shape[1], reference.classes + 1)

    @property
    def examples_each(self) -> float:
        """How many examples of each of the model's letters the wearer has shown, in the mean."""
        return 0.0 if self._personal is None or self._alone else self._personal.each

    @property
    def front_end(self) -> FrontEnd | None:
        """With what the model sees the glove, as far as that is known by now; None: its readings stay as they are."""
        return None if self._front_end.is_plain else self._front_end

    def see(self, frames: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return a window float32[n, 8] of the glove as the model's glove would read it."""
        raw = self._read(frames)
        if self._is_unknown and self._in_own_unit:
            self._front_end = front_end_by_readings([raw], self._model.readings)
        return self._front_end.apply(raw)

    def _read(self, frames: NDArray[np.float32]) -> NDArray[np.float32]:
        return frames if self._glove is None else without_missing(self._glove, frames)

    def weigh(self, frames: NDArray[np.float32], outputs: Outputs, raw: NDArray[np.float32]) -> WindowEvidence:
        """Return the evidence of the window `frames` float32[n, 8], as seen of the glove's `raw` ones, with the model's
        `outputs` for it."""
        raw = self._read(raw)
        self._notice_missing(raw[-1])
        period_ms, newest = self._period_ms, self._newest_frames
        still = still_ms(frames[newest], period_ms, None if frames is raw else raw[-len(frames) :][newest])
        votes = outputs.probabilities[:, :0] if self._alone else outputs.probabilities
        scored = decision.score(self._reference, votes, outputs.embedding, self._yaws_of(raw))
        held = max(SHAPE_FRAMES, min(KEPT_FRAMES, int(still / period_ms)))
        return WindowEvidence(scored, outputs.embedding, outputs.scale_importance[0], still, raw[-held:])

    def _yaws_of(self, raw: NDArray[np.float32]) -> NDArray[np.float64] | None:
        """Return the yaw float64[1] of a window from the zero of the wearer's examples; None: unknown."""
        turn = None if self._yaw_frame is None else self._yaw_frame.turn
        if turn is None:
            return None
        yaw = yaw_of(raw) - turn
        return None if math.isnan(yaw) else np.array([yaw])

    def learn(self, evidence: WindowEvidence, t_ms: float) -> Iterator[ServerMessage]:
        """Take the windows in their order; yield what is found out about the glove, and a report when more has been
        learned."""
        if self._ranging is not None:
            yield from self._ranging.watch(evidence.raw[-1])
            if self._ranging.front_end is not self._front_end:
                self._use_range(self._ranging)
        if self._holds is None:
            return
        held = self._holds.push(evidence.embedding[0], evidence.scored.probabilities[0], evidence.still_ms)
        self.let_go_ms = None if held is None else t_ms
        is_still = evidence.still_ms >= SETTLE_MS
        newest = None
        if held is not None and self._newest:  # the last one before the hand moved on, or before it held another shape
            newest = self._newest[0 if is_still else -1]
        if is_still:
            self._newest.append(evidence.raw.copy())
        if held is None:
            return
        if newest is not None and self._yaw_frame is not None:
            self._yaw_frame.add(yaw_of(newest), np.exp(held.log_scores))
        if self._learning is None:
            return
        if newest is not None:
            shape = _Shape.of(t_ms, newest)
            self._remember(shape)
            if self._ranging is not None:
                yield from self._ranging.add(shape.frame, t_ms)
                if self._ranging.front_end is not self._front_end:
                    self._use_range(self._ranging)
                    return
        if self._learning.add(replace(held, end_ms=t_ms)):
            yield self._report(self._learning, t_ms)

    def _remember(self, shape: _Shape) -> None:
        """Remember a shape in step with the learning, which remembers its hold."""
        if len(self._shapes) == REMEMBERED:
            del self._shapes[first_forgotten([each.end_ms for each in self._shapes], self._taught)]
        self._shapes.append(shape)

    def teach(self, lessons: Sequence[Lesson], t_ms: float) -> Iterator[ServerMessage]:
        """Learn what shapes were, as a word says, and yield a report; what another word said of them is forgotten."""
        held = {shape.end_ms for shape in self._shapes}
        about = {lesson.end_ms: Taught.by_margin(lesson.label, lesson.margin) for lesson in lessons}
        if self._learning is None or not held & about.keys():
            return
        known = {**self._taught, **about}
        self._taught = {end_ms: taught for end_ms, taught in known.items() if taught is not None and end_ms in held}
        self._learning.teach(self._taught)
        self._words += any(math.isfinite(lesson.margin) for lesson in lessons)
        yield self._report(self._learning, t_ms)

    def word_shapes(self, labels: Sequence[str]) -> WordShapes:
        """Return the shapes of which words have shown the label, among `labels`, as examples."""
        shapes = [
            WordShape(labels[taught.letter], shape.end_ms, taught.weight, unpack(shape.packed))
            for shape in self._shapes
            if (taught := self._taught.get(shape.end_ms)) is not None
        ]
        since_ms = self._shapes[0].end_ms if self._shapes else None
        return WordShapes(self._model.contract.sample_rate_hz, since_ms, shapes)

    def _use_range(self, ranging: GloveRanging) -> None:
        """See the glove by its range from here on, and learn again from the shapes so far."""
        self._front_end = ranging.front_end
        self._reference = self._reference_now()
        shapes = self._shapes
        if shapes:
            self._notice_missing(shapes[-1].frame)
        self._start_learning()
        if self._learning is None or not shapes:
            return
        seen = self._front_end.apply(np.stack([shape.frame for shape in shapes]))
        outputs = run_shapes(self._model, seen)
        log_scores = decision.log_scores(self._reference, outputs.probabilities, outputs.embedding)
        each = zip(outputs.embedding, softmax(log_scores), shapes, strict=True)
        self._learning.add_all(
            [Hold(embedding, log(probabilities), shape.end_ms) for embedding, probabilities, shape in each]
        )

    def _notice_missing(self, raw: Frame) -> None:
        """Judge by what a glove with the sensors of this frame, but for dead ones, could show of each letter."""
        if not self._missing and not self._front_end.has_dead and math.isfinite(sum(raw.tolist())):
            return  # as most frames are
        readings = self._model.readings
        lacks = np.isnan(raw)
        lacks[FLEX] |= self._front_end.dead
        missing = tuple(lacks.tolist())
        if missing == self._missing or (not any(missing) and not self._missing):
            return
        self._missing = missing
        if self._personal is None and readings is not None:
            self._reference = self._reference_now()
            self._start_learning()

    def score(self, evidence: WindowEvidence) -> Scored:
        """Return what the evidence of a window says with what has been learned of the hand."""
        return evidence.scored if self._hand is None else self._hand.score(evidence.scored, evidence.embedding)

    def break_off(self) -> None:
        """Discard the shape being held, since frames are missing."""
        if self._holds is not None:
            self._holds.finish()

    def _report(self, learning: OnlineCalibration, t_ms: float) -> SelfCalibrated:
        channels = channel_ranges(np.stack([shape.frame for shape in self._shapes]))
        names = self._model.contract.labels
        known = tuple(
            KnownLetter(names[letter], round(sure, 3)) for letter, sure in learning.sure.items() if letter < len(names)
        )
        return SelfCalibrated(t_ms, learning.count, learning.letters, channels, self._words, known)
