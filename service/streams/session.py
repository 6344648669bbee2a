"""The protocol of one stream as a state machine: messages and times in, windows to answer and messages out. Pure.

waiting --start--> streaming --stop or a fault--> over

Whoever runs the model may take its time: what is to be said stands in line, in order, behind the answers it waits for.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import get_args

from models.runtime.artefact import Outputs
from scaleglove.channels import CHANNELS
from scaleglove.protocol import (
    ACCEPTS,
    ClientMessage,
    Commanded,
    CommandName,
    DeviceRemark,
    Edit,
    EditAction,
    Error,
    Frames,
    GloveLetter,
    LinkReport,
    ModelChanged,
    ProfileChanged,
    Sensors,
    ServerMessage,
    Start,
    Started,
    Stop,
    Stopped,
    Text,
    WireError,
)
from service.inference.engine import Model
from service.inference.profile import Profile, unknown_wearer
from service.problems import ProblemError
from service.streams.running import RunningStream, StreamRules
from service.streams.user_adaptation import UserAdaptation, WindowEvidence
from service.streams.window import DueWindow, Event, GapFound

FindProfile = Callable[[str, Model], Profile]

_Words = Callable[[], Iterable[ServerMessage]]
"""What is said when its turn has come."""


@dataclass(slots=True, eq=False)
class _Question:
    """A window in line, and what `hand` makes of it once that is there; a short window is not asked."""

    due: DueWindow
    hand: UserAdaptation
    asked: bool
    recognised: WindowEvidence | None = None


def _nobody(wearer: str, model: Model) -> Profile:
    raise unknown_wearer(wearer)


class StreamSession:
    """One stream. `find_model` gives the model of a name (None: the default) or raises a ProblemError; `find_profile`
    that of a wearer for a model, likewise; `dropped` tells how many messages a slow reader has lost. Times `now_ms` are
    a monotonic clock's milliseconds.

    For each message, `answer` the windows of `receive` in their order, whenever that is, and after each step send what
    `say` gives; when nothing is left, call `done`. `tick` may come at any time.
    """

    def __init__(
        self,
        stream: str,
        find_model: Callable[[str | None], Model],
        rules: StreamRules,
        dropped: Callable[[], int],
        find_profile: FindProfile = _nobody,
    ) -> None:
        self.stream = stream
        self.running: RunningStream | None = None
        self.over = False
        """The last word is said: `stopped`, or an error."""
        self._find_model = find_model
        self._rules = rules
        self._find_profile = find_profile
        self._dropped = dropped
        self._line: deque[_Question | _Words] = deque()
        self._unanswered: deque[_Question] = deque()

    def receive(self, message: ClientMessage, now_ms: float) -> Iterator[DueWindow]:
        """Take one message, lazily: the windows that a model has to answer.

        Raises:
            WireError: the message is not allowed here; `refuse` it.
        """
        if isinstance(message, Start):
            self._line.append(partial(iter, [self._start(message)]))
            return
        if self.running is None:
            raise WireError("not_started", "the first message of a stream must be start")
        if isinstance(message, Frames):
            yield from self._queue(self.running.take(message, now_ms))
            return
        if isinstance(message, Commanded):  # a matter between the client and whoever asked for it
            return
        if isinstance(message, LinkReport | DeviceRemark | GloveLetter):
            self._pass_on(message, now_ms)
            return
        if isinstance(message, Edit):
            self.edit(message.action)
            return
        if isinstance(message, Stop):
            yield from self._queue(self.running.window.finish())
        else:
            self.running.reset()
        self._line.append(partial(self.running.let_go, self.running.window.newest_ms))
        if isinstance(message, Stop):
            self._line.append(self._end)

    def edit(self, action: EditAction, done: Callable[[Text], None] | None = None) -> None:
        """Change the line being written, after the windows that wait have had their say in it; `done` is given the
        line as it then stands."""
        assert self.running is not None
        self._line.append(partial(self._edit, action, done))

    def refuse(self, fault: WireError) -> None:
        """End the stream; it is said when its turn comes."""
        self._line.append(partial(self._fail, fault))

    def withdraw(self) -> None:
        """The window that `receive` gave last will not be answered; whatever is said next does not wait for it."""
        self._unanswered.pop()
        self._line.pop()

    def wear(self, wearer: str, profile: Profile | None) -> None:
        """The windows that are answered from here on are answered by this profile; None: as by the model alone."""
        assert self.running is not None
        self.running.wear(profile)
        self._line.append(partial(iter, [_profile_changed(wearer, profile)]))

    def switch(self, model: Model, profile: Profile | None) -> None:
        """The windows that fall due from here on are answered by another model, alike in window and labels; those that
        wait, by the one of before. `profile` is the wearer's for it; None: she has none, or there is no wearer."""
        assert self.running is not None
        self.running.switch(model, profile)
        self._line.append(partial(iter, [ModelChanged(model.contract.name, model.contract.version)]))
        if (wearer := self.running.wearer) is not None:
            self._line.append(partial(iter, [_profile_changed(wearer, profile)]))

    def fail(self, fault: WireError) -> None:
        """End the stream at once: the windows that wait will not be answered."""
        self._line.clear()
        self._unanswered.clear()
        self.refuse(fault)

    def answer(self, outputs: Outputs, row: int, due: DueWindow | None = None) -> None:
        """A window that waits, by default the oldest, gets this row of a model's outputs. After a switch two models are
        at work, and either may be done first."""
        place = 0 if due is None else next(i for i, each in enumerate(self._unanswered) if each.due is due)
        question = self._unanswered[place]
        del self._unanswered[place]
        question.recognised = question.hand.recognise(question.due.frames, outputs.rows(slice(row, row + 1)))

    def say(self) -> Iterator[ServerMessage]:
        """What can be said now, in order, up to a window that waits for its answer."""
        while self._line and not self.over:
            item = self._line[0]
            if not isinstance(item, _Question):
                self._line.popleft()
                yield from item()
            elif (item.asked and item.recognised is None) or self.running is None:
                return
            else:
                self._line.popleft()
                yield from self.running.predict(item.due, item.hand, item.recognised)

    @property
    def waiting(self) -> int:
        """Windows without an answer."""
        return len(self._unanswered)

    def done(self, now_ms: float) -> None:
        """Every message is answered. Silence counts from here: answering may have taken a while."""
        if self.running is not None:
            self.running.done(now_ms)

    def tick(self, now_ms: float) -> Iterator[ServerMessage]:
        """What is to be said because time has passed; nothing while a message is being answered."""
        if self.running is None or self.over:
            return
        yield from self.running.tick(now_ms)
        if self.running.idle_ms(now_ms) >= self._rules.idle_after_ms:
            self.refuse(
                WireError("idle", f"no frame or letter for {self._rules.idle_after_ms / 1000:g} s; open another stream")
            )
            yield from self.say()

    def quiet_ms(self, now_ms: float) -> float:
        """How long until `tick` can have something to say."""
        if self.running is None:
            return self._rules.stale_after_ms
        idle_ms = self._rules.idle_after_ms - self.running.idle_ms(now_ms)
        return max(0.0, min(idle_ms, self.running.quiet_ms(now_ms)))

    def stopped(self) -> Stopped:
        """The account of the stream's frames."""
        assert self.running is not None
        return self.running.account(self.stream, self._dropped())

    def _queue(self, events: Iterable[Event | Sensors]) -> Iterator[DueWindow]:
        assert self.running is not None
        for event in events:
            if isinstance(event, Sensors):
                self._line.append(partial(iter, [event]))
                continue
            if isinstance(event, GapFound):
                self._line.append(partial(self.running.report, event))
                continue
            ready = len(event.frames) >= self.running.model.contract.min_frames
            question = _Question(event, self.running.hand, ready)
            self._line.append(question)
            if ready:
                self._unanswered.append(question)
                yield event

    def _pass_on(self, message: LinkReport | DeviceRemark | GloveLetter, now_ms: float) -> None:
        """What a client tells of its glove is said when its turn comes."""
        assert self.running is not None
        if isinstance(message, LinkReport):
            self.running.link = message
        elif isinstance(message, GloveLetter):
            self.running.letter_ms = now_ms
        self._line.append(partial(iter, [message]))

    def _edit(self, action: EditAction, done: Callable[[Text], None] | None) -> Iterator[ServerMessage]:
        assert self.running is not None
        text = self.running.edit(action)
        if done is not None:
            done(text)
        yield text

    def _end(self) -> Iterator[ServerMessage]:
        yield self.stopped()
        self.over = True

    def _fail(self, fault: WireError) -> Iterator[ServerMessage]:
        yield Error(fault.code, fault.detail, fault.field)
        self.over = True

    def _start(self, start: Start) -> Started:
        if self.running is not None:
            raise WireError("already_started", "the stream has started already; open another one for other settings")
        check_channels(start.channels)
        try:
            model = self._find_model(start.model)
            profile = None if start.wearer is None else self._find_profile(start.wearer, model)
        except ProblemError as problem:
            raise WireError(problem.code, problem.detail, problem.field) from None
        contract = model.contract
        self.running = RunningStream(model, start, self._rules, profile)
        return Started(
            self.stream,
            contract.name,
            contract.window_frames,
            contract.min_frames,
            contract.sample_rate_hz,
            contract.labels,
            tuple(name for name in get_args(CommandName) if name in start.commands),
            ACCEPTS,
            None if profile is None else profile.wearer,
            None if profile is None else profile.version,
        )


def _profile_changed(wearer: str, profile: Profile | None) -> ProfileChanged:
    return ProfileChanged(wearer, None if profile is None else profile.version)


def check_channels(channels: list[str]) -> None:
    """Refuse a channel list that is not the frame's, naming the first difference.

    Raises:
        WireError: `bad_channels`.
    """
    for place, (given, wanted) in enumerate(zip(channels, CHANNELS, strict=False)):
        if given != wanted:
            field = f"channels.{place}"
            raise WireError("bad_channels", f"{field} is {given[:64]!r}; it must be {wanted!r}", field)
    if len(channels) != len(CHANNELS):
        detail = f"channels has {len(channels)} names; it must have {len(CHANNELS)}: {', '.join(CHANNELS)}"
        raise WireError("bad_channels", detail, "channels")
