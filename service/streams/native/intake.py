"""The intake of a stream in C: from the bytes of a message to events in one call where nothing happens. Pure."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterable, Iterator
from functools import partial

from models.runtime.contract import ModelContract
from scaleglove.protocol import ClientMessage, Frames, Sensors, decode_text
from service.streams.native import structures
from service.streams.native.sensors import NativeSensors
from service.streams.native.structures import END, FRAME, RAIL, REASONS, REPORT
from service.streams.native.text import texts_of
from service.streams.native.window import NativeWindow
from service.streams.unread_frames import UnreadFrames, WideFrames
from service.streams.window import SHORT_MESSAGE, DueWindow, GapFound, check_span

_Take = Callable[[int, bytes, int], int]


class NativeIntake:
    """The same as `PythonIntake`, whose arguments it has.

    Raises:
        RuntimeError: `library` was compiled with other structures.
    """

    def __init__(
        self, library: ctypes.CDLL, contract: ModelContract, sample_rate_hz: float | None, hop_ms: float
    ) -> None:
        structures.check(library)
        self._state = structures.Intake()
        self._texts = texts_of(library)
        self._address = ctypes.addressof(self._state)
        self._take: _Take = library.scaleglove_take
        self._take_wide: _Take = library.scaleglove_take_wide
        self._go_on: _Take = library.scaleglove_go_on
        reset = partial(library.scaleglove_reset, self._address)
        self.window = NativeWindow(self._state, reset, contract, sample_rate_hz, hop_ms)
        self.sensors = NativeSensors(self._state)

    def read(self, data: bytes, is_text: bool) -> ClientMessage | UnreadFrames:
        if not is_text:
            return UnreadFrames(data)
        return self._texts.read(data) or decode_text(data)

    def take(self, message: Frames | UnreadFrames) -> Iterable[DueWindow | GapFound | Sensors]:
        if isinstance(message, Frames):
            message = WideFrames.of(message)
        if message.count > SHORT_MESSAGE:
            check_span(message.read().t_ms)
        data = message.data
        take = self._take_wide if isinstance(message, WideFrames) else self._take
        outcome = take(self._address, data, len(data))
        return () if outcome == END else self._handle(message, data, outcome)

    def _handle(self, message: UnreadFrames, data: bytes, outcome: int) -> Iterator[DueWindow | GapFound | Sensors]:
        """Yield what has happened, and take the rest of the message."""
        while outcome == FRAME:
            yield from self._events()
            outcome = self._go_on(self._address, data, len(data))
        yield from self._reports(message, data, outcome)

    def _reports(self, message: UnreadFrames, data: bytes, outcome: int) -> list[Sensors]:
        """Return the reports of the sensors, when the window has all frames."""
        reports = []
        while outcome != END:
            if outcome == RAIL:
                self.sensors.use_rail()
            elif outcome == REPORT:
                reports.append(Sensors(self._state.event.seq, self._state.event.t_ms, self.sensors.faults))
            else:
                message.read()
                raise ValueError("a message that the protocol allows is not taken")
            outcome = self._go_on(self._address, data, len(data))
        return reports

    def _events(self) -> list[DueWindow | GapFound]:
        """Return the gap before the newest frame, if there is one, and the windows that it made due."""
        event: structures.Event = self._state.event
        seq, t_ms, reason = event.seq, event.t_ms, REASONS[event.reason]
        events: list[DueWindow | GapFound] = []
        if reason is not None:
            missing = None if event.missing < 0 else event.missing
            events.append(GapFound(seq, t_ms, event.before_t_ms, missing, reason, bool(event.restarted)))
        if event.dues:
            events += self.window.due(seq, t_ms, event.dues)
        return events
