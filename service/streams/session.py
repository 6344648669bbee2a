"""The protocol of one stream as a state machine. Pure: messages, model outputs and times in; windows and messages out.

Inference is asynchronous; output messages queue behind the windows they depend on, so order is preserved. A session
begins with the handshake, so it always runs: until it has sent `stopped` or an error.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial

from models.adaptation.front_end import FrontEnd
from models.runtime.artefact import Outputs
from scaleglove.device_clock import DeviceClock
from scaleglove.protocol import (
    ClientMessage,
    DecoderOptions,
    DeviceRemark,
    Edit,
    EditAction,
    Error,
    Frames,
    Gap,
    GloveChanged,
    GloveLetter,
    GloveNotice,
    LinkReport,
    ModelChanged,
    Prediction,
    ProfileChanged,
    Reset,
    Sensors,
    ServerMessage,
    Stale,
    Start,
    State,
    Stop,
    Stopped,
    Text,
    TextOptions,
    WireError,
    described,
)
from scaleglove.vocabulary import Vocabulary
from service.inference.engine import Model
from service.inference.glove import UNKNOWN_GLOVE, GloveChoice, GloveHint
from service.inference.predictor import WARMING, Answer, to_answer
from service.inference.profile import Profile, vocabulary_of
from service.streams.fit_watch import FitWatch
from service.streams.intake import make_intake
from service.streams.judgement import held_frames, judge
from service.streams.output_queue import OutputQueue, PendingWindow
from service.streams.shape_memory import ShapeMemory
from service.streams.started import known_of, started_message
from service.streams.text.decoder import LetterDecoder
from service.streams.text.transcript import Transcript
from service.streams.unread_frames import UnreadFrames
from service.streams.user_adaptation import UserAdaptation
from service.streams.window import DueWindow, GapFound
from service.streams.words.options import USUAL, WordRules
from service.streams.words.word_shapes import WordShapes


@dataclass(frozen=True, slots=True)
class StreamRules:
    """Settings of all streams of a service; milliseconds."""

    stale_after_ms: float
    idle_after_ms: float
    self_calibrates: bool
    """The default for streams that do not say."""
    words: WordRules = USUAL


class StreamSession:
    """A stream from its handshake to its end. Times `now_ms` are milliseconds of a monotonic clock.

    For each message, `answer` the windows of `receive` in their order, whenever that is, and after each step send what
    `drain` yields; when nothing is left, call `finish_message`. `tick` may be called at any time.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - what a handshake has agreed on
        self,
        stream: str,
        start: Start,
        rules: StreamRules,
        model: Model,
        profile: Profile | None,
        glove: GloveChoice,
        count_dropped: Callable[[], int],
        ignored: tuple[str, ...] = (),
    ) -> None:
        self.stream = stream
        self.model = model
        self.wearer = None if profile is None else profile.wearer
        """The wearer that `start` named."""
        self.profile = profile
        """The wearer's profile; None: `start` named no wearer, or the profile is deleted."""
        self.glove = glove
        self.glove_hint = GloveHint.of(start)
        self.copy_of = start.copy_of
        self.started = replace(started_message(stream, start, model, profile, glove), ignored=ignored)
        self.intake = make_intake(model.contract, start.sample_rate_hz, start.hop_ms)
        self.window = self.intake.window
        self.sensors = self.intake.sensors
        self.shapes = ShapeMemory(model.contract)
        self.clock = DeviceClock()
        self.link: LinkReport | None = None
        """The client's last report."""
        self.state: State = "warming"
        self.predictions = 0
        self.is_ending = False
        """The end is queued; only the windows before it are still answered."""
        self._rules = rules
        self._count_dropped = count_dropped
        self._top_k = start.top_k
        self._learns = rules.self_calibrates if start.self_calibration is None else start.self_calibration
        self._adaptation = UserAdaptation(model, self._learns, known_of(model, profile, glove.known))
        self._decoder_options = start.decoder or (profile and profile.decoder) or DecoderOptions()
        vocabulary = vocabulary_of(model, profile)
        self._vocabulary = vocabulary
        """Of the windows that fall due from here on."""
        self._held_frames = held_frames(model.contract, vocabulary)
        self._labels = vocabulary.names
        """Of the windows that are answered now."""
        text, each = start.text or TextOptions(), self._adaptation.examples_each
        self._transcript = Transcript(self._decoder(vocabulary), text, vocabulary, each, rules.words)
        self._output = OutputQueue()
        self._fit = FitWatch()
        self._heard_ms: float | None = None  # None while a message is being answered
        self._letter_ms = -math.inf  # when the glove last sent a letter of its own
        self._is_stale = False

    @property
    def front_end(self) -> FrontEnd | None:
        """With which the model sees the glove now; None: the glove's readings stay as they are."""
        return self._adaptation.front_end

    @property
    def word_shapes(self) -> WordShapes:
        """What words have shown of the hand in this stream."""
        return self._adaptation.word_shapes(self._vocabulary.names)

    # Messages of the client.

    def receive(self, message: ClientMessage | UnreadFrames, now_ms: float) -> Iterator[DueWindow]:
        """Take one message; yield, lazily, the windows that a model has to answer.

        Raises:
            WireError: the message is not allowed here; `refuse` it.
        """
        if isinstance(message, UnreadFrames | Frames):
            return self._take_frames(message, now_ms)
        match message:
            case Start():
                detail = "the stream has started already; open another one for other settings"
                raise WireError("already_started", detail)
            case Edit():
                self.edit(message.action)
            case Reset():
                self.window.reset()
                self.state = "warming"
                self._output.put(partial(self._end_word, self.window.newest_ms))
            case Stop():
                return self._take_stop()
            case LinkReport():
                self.link = message
                self.sensors.state(message.flex_most)
                self._adaptation.state(message.flex_most)
                self._output.put_message(message)
            case GloveLetter():
                self._letter_ms = now_ms
                self._output.put_message(message)
            case DeviceRemark() | GloveNotice():
                self._output.put_message(message)
            case _:  # `commanded` replies to the sender of a command, outside the session
                pass
        return iter(())

    def finish_message(self, now_ms: float) -> None:
        """Note that every message is answered: silence counts from here, since answering may have taken a while."""
        if self._heard_ms is None:
            self._heard_ms = now_ms

    def _take_frames(self, message: Frames | UnreadFrames, now_ms: float) -> Iterator[DueWindow]:
        self._heard_ms, self._is_stale = None, False
        for event in self.intake.take(message):
            if isinstance(event, DueWindow):
                yield from self._enqueue(event)
            elif isinstance(event, Sensors):
                self._output.put_message(event)
            else:
                if event.reason == "clock":
                    self.clock.reset()
                self._output.put(partial(self._report_gap, event))
        self.clock.observe(self.window.newest_ms, now_ms)

    def _take_stop(self) -> Iterator[DueWindow]:
        for raw in self.window.finish():
            yield from self._enqueue(raw)
        self.is_ending = True
        self._output.put(partial(self._end_word, self.window.newest_ms))
        self._output.put(self._stop)

    def _enqueue(self, raw: DueWindow) -> Iterator[DueWindow]:
        """Queue a window; yield it as the model sees it if a model has to answer it, and before it its newest part
        where some signs move."""
        seen = self._adaptation.see(raw.frames)
        due = raw if seen is raw.frames else replace(raw, frames=seen)
        is_asked = len(seen) >= self.model.contract.min_frames
        held = None
        if is_asked and self._held_frames:
            newest = replace(due, frames=seen[-self._held_frames :])
            held = PendingWindow(newest, raw.frames, self._adaptation, is_asked, is_part=True)
            self._output.put_window(held)
            yield newest
        self._output.put_window(PendingWindow(due, raw.frames, self._adaptation, is_asked, held))
        if is_asked:
            yield due

    # Changes from outside, each in its turn behind the windows that are pending.

    def edit(self, action: EditAction, done: Callable[[Text], None] | None = None) -> None:
        """Edit the line being written, behind the pending windows; `done` is called with the line after it."""
        self._output.put(partial(self._edit, action, done))

    def apply_profile(self, profile: Profile | None) -> None:
        """Use this profile for the windows answered from here on; None: no profile. The decoder keeps its options."""
        self.profile = profile
        if vocabulary_of(self.model, profile) == self._vocabulary:
            self._adaptation.use(known_of(self.model, profile, self.glove.known))
            self._output.put(self._know_hand)
        else:
            self._adapt_again()
        self._announce_profile()

    def apply_glove(self, glove: GloveChoice) -> None:
        """Use this glove, whose name is known, for the windows that fall due from here on."""
        before, self.glove = self.glove, glove
        if self.profile is None and glove.known is not before.known:
            self._adaptation.use(known_of(self.model, None, glove.known))
        self._announce_glove()

    def switch(self, model: Model, profile: Profile | None, glove: GloveChoice = UNKNOWN_GLOVE) -> ModelChanged:
        """Use another model, alike in its window, for the windows that fall due from here on; return what it says.

        Pending windows keep their model. Self-calibration starts again, since embeddings of two models do not compare.
        `profile` is the wearer's for the new model; None: the wearer has none for it, or `start` named no wearer.
        `glove` is the stream's glove for the new model.
        """
        self.model = model
        self.profile = profile
        before, self.glove = self.glove, glove
        self._adapt_again()
        changed = ModelChanged(model.contract.name, model.contract.version, described(self._vocabulary))
        self._output.put_message(changed)
        self._announce_profile()
        if glove.version != before.version:  # this model cannot use it, or can again
            self._announce_glove()
        return changed

    def _adapt_again(self) -> None:
        """Adapt from here on to what is known now; what the pending windows say goes by what was known before."""
        self._adaptation = UserAdaptation(
            self.model, self._learns, known_of(self.model, self.profile, self.glove.known)
        )
        self._adaptation.state(None if self.link is None else self.link.flex_most)
        self._output.put(self._know_hand)
        vocabulary = vocabulary_of(self.model, self.profile)
        if vocabulary != self._vocabulary:
            self._vocabulary = vocabulary
            self._held_frames = held_frames(self.model.contract, vocabulary)
            self._output.put(partial(self._use_vocabulary, vocabulary))

    def _know_hand(self) -> Iterator[ServerMessage]:
        self._transcript.know_hand(self._adaptation.examples_each)
        return iter(())

    def _use_vocabulary(self, vocabulary: Vocabulary) -> Iterator[ServerMessage]:
        self._labels = vocabulary.names
        yield from self._transcript.use(self._decoder(vocabulary), vocabulary, self.window.newest_ms)

    def _decoder(self, vocabulary: Vocabulary) -> LetterDecoder:
        return LetterDecoder(vocabulary.names, self._decoder_options, vocabulary.moving)

    def refuse(self, fault: WireError) -> None:
        """End the stream with an error, behind the pending windows."""
        self.is_ending = True
        self._output.put(partial(self._fail, fault))

    def fail(self, fault: WireError) -> None:
        """End the stream with an error at once; pending windows are not answered."""
        self._output.clear()
        self.refuse(fault)

    # Answers and output.

    @property
    def waiting(self) -> int:
        """Windows without an answer."""
        return len(self._output)

    @property
    def is_over(self) -> bool:
        """The last message, `stopped` or an error, is drained."""
        return self._output.is_closed

    def answer(self, outputs: Outputs, row: int, due: DueWindow | None = None) -> None:
        """Attach a model output to a pending window (the oldest by default).

        After a switch two models are at work, and either may finish first.
        """
        window = self._output.take(due)
        window.evidence = window.adaptation.weigh(window.due.frames, outputs.rows(slice(row, row + 1)), window.raw)

    def drop_last(self) -> None:
        """Forget the window that `receive` yielded last; it will not be answered."""
        self._output.drop_last()

    def drain(self) -> Iterator[ServerMessage]:
        """Yield the messages that can be sent now, in order, up to a window without an answer."""
        return self._output.drain(self._predict)

    def tick(self, now_ms: float) -> Iterator[ServerMessage]:
        """Yield what the passing of time causes; nothing while a message is being answered."""
        if self.is_over:
            return
        yield from self._check_stale(now_ms)
        if self._idle_ms(now_ms) >= self._rules.idle_after_ms:
            detail = f"no frame or letter for {self._rules.idle_after_ms / 1000:g} s; open another stream"
            self.refuse(WireError("idle", detail))
            yield from self.drain()

    def quiet_ms(self, now_ms: float) -> float:
        """Return how long until `tick` can have something to send."""
        stale_ms = self._rules.stale_after_ms
        if not self._is_stale and self._heard_ms is not None:
            stale_ms += self._heard_ms - now_ms
        return max(0.0, min(self._rules.idle_after_ms - self._idle_ms(now_ms), stale_ms))

    def stopped(self) -> Stopped:
        """Return the stream's counts."""
        window = self.window
        return Stopped(
            self.stream,
            window.frames,
            self.predictions,
            window.late_frames,
            window.missing_frames,
            self._count_dropped(),
            window.duplicate_frames,
        )

    def _idle_ms(self, now_ms: float) -> float:
        """Return how long neither a frame nor a letter of the glove's own has arrived."""
        silent_ms = 0.0 if self._heard_ms is None else now_ms - self._heard_ms
        return min(silent_ms, now_ms - self._letter_ms)

    def _check_stale(self, now_ms: float) -> Iterator[ServerMessage]:
        if self._is_stale or self._heard_ms is None or now_ms - self._heard_ms < self._rules.stale_after_ms:
            return
        self._is_stale, self.state = True, "stale"
        self._break_off()
        yield from self._transcript.break_off(self.window.newest_ms)
        yield Stale(round(now_ms - self._heard_ms, 3))

    def _announce_glove(self) -> None:
        if self.glove.name is not None and self.glove.source is not None:
            self._output.put_message(GloveChanged(self.glove.name, self.glove.version, self.glove.source))

    def _announce_profile(self) -> None:
        if self.wearer is not None:
            version = None if self.profile is None else self.profile.version
            vocabulary = described(self._vocabulary)
            self._output.put_message(ProfileChanged(self.wearer, version, vocabulary))

    def _predict(self, pending: PendingWindow) -> Iterator[ServerMessage]:
        due, evidence = pending.due, pending.evidence
        if pending.is_part:
            return
        self.predictions += 1
        if evidence is None:
            yield self._prediction(due, WARMING)
            return
        judged = judge(pending, evidence)
        state: State = "gap" if due.gap else "ok"
        answer = to_answer(self._labels, judged.shown, evidence.importance, self._top_k, state)
        yield self._prediction(due, answer)
        self.shapes.push(due.t_ms, pending.raw, evidence.still_ms)
        yield from map(self.shapes.named, self._transcript.push(judged.scored))
        if lessons := self._transcript.take_lessons():
            yield from pending.adaptation.teach(lessons, due.t_ms)
        if (notice := self._fit.push(due.t_ms, answer.state, evidence.still_ms)) is not None:
            yield notice
        yield from judged.learned

    def _prediction(self, due: DueWindow, answer: Answer) -> Prediction:
        self.state = answer.state
        label, confidence = answer.label, answer.confidence
        return Prediction(due.seq, due.t_ms, answer.state, label, confidence, answer.top_k, answer.scale_importance)

    def _report_gap(self, gap: GapFound) -> Iterator[ServerMessage]:
        if gap.restarted:
            self.state = "warming"
            self._break_off()
            yield from self._transcript.break_off(gap.before_t_ms)
        if gap.reason == "clock":
            self._adaptation.forget_turn()
            yield from self._transcript.finish(gap.before_t_ms)
        yield Gap(gap.seq, gap.t_ms, gap.missing, gap.reason)

    def _end_word(self, t_ms: float) -> Iterator[ServerMessage]:
        self._break_off()
        yield from self._transcript.end_word(t_ms)

    def _break_off(self) -> None:
        """End the shape that is held, since frames are missing or none arrive."""
        self._adaptation.break_off()
        self.shapes.finish()

    def _edit(self, action: EditAction, done: Callable[[Text], None] | None) -> Iterator[ServerMessage]:
        text, words = self._transcript.edit(action, self.window.newest_ms)
        if done is not None:
            done(text)
        yield text
        yield from words
        yield from self._adaptation.teach(self._transcript.take_lessons(), self.window.newest_ms)

    def _stop(self) -> Iterator[ServerMessage]:
        self._output.close()
        yield self.stopped()

    def _fail(self, fault: WireError) -> Iterator[ServerMessage]:
        self._output.close()
        yield Error(fault.code, fault.detail, fault.field)
