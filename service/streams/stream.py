"""A running stream: its session, its owner and viewers, and the requests to it."""

from __future__ import annotations

import asyncio
import unicodedata
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from functools import partial
from typing import Final, Protocol, get_args

import numpy as np

from scaleglove.protocol import (
    ClientMessage,
    Command,
    Commanded,
    CommandName,
    CommandRefusal,
    EditAction,
    Error,
    Frames,
    ModelChanged,
    ServerMessage,
    Text,
    ViewedFrames,
    WireError,
    encode_utf8,
)
from service.inference.glove import GloveChoice, GloveHint
from service.inference.profile import Profile
from service.problems import ProblemError
from service.streams.handshake import FindModel, find_replacement
from service.streams.profile_watcher import ProfileWatcher
from service.streams.requests import COMMANDS, EDITS, SWITCHES, Requests
from service.streams.session import StreamSession
from service.streams.stream_telemetry import StreamTelemetry
from service.streams.unread_frames import UnreadFrames
from service.streams.websocket.connection import close_code
from service.streams.websocket.send_queue import GATHERED_BYTES
from service.streams.websocket.text_frames import FrameBatch, text_frame
from service.streams.window import DueWindow

_VIEWED_DECIMALS: Final = 3

_MAX_RETAINED: Final = 64
"""A client may send notices of any code; a glove is odd in a few ways."""

_DELETED: Final = frozenset({"unknown_wearer", "no_profile"})
"""Codes for a wearer's profile that no longer exists."""

_KNOWN_REFUSALS: Final = frozenset(get_args(CommandRefusal))
"""A client may send any code; only these become the problem's, and with it a label of a metric."""


class Subscriber(Protocol):
    """A receiver of messages, such as a SendQueue."""

    def put_frames(self, batch: FrameBatch) -> None:
        """Send encoded messages, one or more."""

    def close(self, code: int) -> None:
        """Send nothing more, and close the socket with `code`."""


class Stream:
    """A stream from its handshake until its socket closes. `owner` receives what is sent to the glove's client."""

    def __init__(  # noqa: PLR0913, PLR0917 - what a connection gives its stream
        self,
        session: StreamSession,
        owner: Subscriber,
        telemetry: StreamTelemetry,
        find_model: FindModel,
        profiles: ProfileWatcher[str, Profile],
        gloves: ProfileWatcher[GloveHint, GloveChoice],
    ) -> None:
        self.session = session
        self.started_at = datetime.now(UTC)
        self.subscribers: set[Subscriber] = set()
        self.retained: dict[str, bytes] = {}
        """The frames of the latest messages that are retained: a new viewer receives them."""
        self._owner = owner
        self._to_owner, self._to_viewers = FrameBatch(), FrameBatch()  # gathered, and not sent yet
        self._telemetry = telemetry
        self._find_model = find_model
        self._profiles = profiles
        self._gloves = gloves
        self._commands = Requests(COMMANDS)
        self._edits = Requests(EDITS)
        self._switches = Requests(SWITCHES)
        self._switching: set[asyncio.Task[None]] = set()

    def begin(self) -> None:
        """Send `started`, and look whether the profiles have changed since they were loaded for the handshake."""
        self._send((self.session.started,))
        self._refresh_profile(only_newer=True)
        self.refresh_glove()

    def end(self) -> None:
        """Send the viewers the stream's counts, and fail the requests that wait."""
        for task in self._switching:
            task.cancel()
        for requests in (self._commands, self._edits, self._switches):
            requests.end()
        batch = FrameBatch.of(encode_utf8(self.session.stopped()), droppable=False)
        for subscriber in self.subscribers:
            subscriber.put_frames(batch)
            subscriber.close(1000)

    def subscribe(self, subscriber: Subscriber) -> None:
        """Add a viewer; it receives `started`, the retained messages, and from then on what the stream sends."""
        batch = FrameBatch()
        for frame in (text_frame(encode_utf8(self.session.started)), *self.retained.values()):
            batch.add(frame, droppable=False)
        subscriber.put_frames(batch)
        self.subscribers.add(subscriber)

    # What the connection of the owner calls.

    def receive(self, message: ClientMessage | UnreadFrames, now_ms: float) -> Iterator[DueWindow]:
        """Take a message of the client, as `StreamSession.receive` does.

        Raises:
            WireError: it is not allowed here.
        """
        if isinstance(message, UnreadFrames):
            if self.subscribers:
                self._show_frames(message.read())
        elif isinstance(message, Frames):
            if self.subscribers:
                self._show_frames(message)
        elif isinstance(message, Commanded):
            self._commands.resolve(message.id, message)
        return self.session.receive(message, now_ms)

    def publish(self) -> None:
        """Send what the session can send now."""
        self._send(self.session.drain())

    def tick(self, now_ms: float) -> None:
        """Send what the passing of time causes."""
        self._send(self.session.tick(now_ms))
        self._telemetry.count_frames(self.session.window)

    def refuse(self, fault: WireError) -> None:
        """End the stream with an error, behind its pending windows."""
        self.session.refuse(fault)
        self.publish()

    def fail(self, error: Exception) -> None:
        """End the stream at once, since its model raised an error."""
        self._telemetry.fail(error)
        self.session.fail(WireError("internal_error", "the model failed at this stream; the service's log says why"))
        self.publish()

    # Requests, of whatever connection.

    async def command(self, command: CommandName, interval_ms: float | None, letter: str | None = None) -> None:
        """Return when the client has written a command to the glove's port.

        Raises:
            ProblemError: 409 `no_commands`; 409 with the client's reason and code, `link_lost` where that is unknown;
                404 `unknown_stream` where the stream ends meanwhile; 429 `too_many_commands`; 504 `no_answer`.
        """
        obeyed = self.session.started.commands
        if command not in obeyed:
            there_are = f"it takes {', '.join(obeyed)}" if obeyed else "it takes none"
            detail = f"the glove of this stream does not take {command}: {there_are}"
            raise ProblemError(409, "no_commands", detail, "command")
        reply = await self._commands.ask(lambda number: self._send((Command(number, command, interval_ms, letter),)))
        if reply.refused is not None:
            code = reply.code if reply.code in _KNOWN_REFUSALS else None
            detail = reply.refused or "the glove's client could not write the command"
            raise ProblemError(409, code or "link_lost", detail)

    async def edit(self, action: EditAction) -> Text:
        """Edit the line being written; return it as it then is.

        Raises:
            ProblemError: 404 `unknown_stream` where the stream ends meanwhile, 429 `too_many_edits`, 504 `no_answer`.
        """
        return await self._edits.ask(partial(self._begin_edit, action))

    async def switch(self, model: str) -> ModelChanged:
        """Let the model of this name answer from the next window on.

        Raises:
            ProblemError: 404 `unknown_stream` where the stream ends meanwhile, 429 `too_many_switches`,
                504 `no_answer`, or one of `find_replacement`.
        """
        return await self._switches.ask(partial(self._begin_switch, model))

    def refresh_profile(self) -> None:
        """Load the wearer's profile again, since it has changed."""
        self._refresh_profile(only_newer=False)

    def refresh_glove(self) -> None:
        """Choose the glove and load its profile again, since either may have changed."""
        session, hint = self.session, self.session.glove_hint
        if not hint.is_empty and not session.is_ending:
            self._gloves.look(hint, session.model, partial(self._use_found_glove, hint, session.glove))

    def may_use_glove(self, name: str) -> bool:
        """Return whether a change of this glove may concern the stream: of the one it was named, or of any where a
        serial number decides."""
        hint = self.session.glove_hint
        named = None if hint.name is None else unicodedata.normalize("NFC", hint.name)  # as gloves are stored
        return named == name or hint.serial_number is not None

    def _begin_edit(self, action: EditAction, number: int) -> None:
        self.session.edit(action, partial(self._edits.resolve, number))
        self.publish()

    def _begin_switch(self, name: str, number: int) -> None:
        task = asyncio.create_task(self._switch(name, number))
        self._switching.add(task)
        task.add_done_callback(self._switching.discard)

    async def _switch(self, name: str, number: int) -> None:
        session = self.session
        try:
            found = find_replacement(name, session.model, session.wearer, self._find_model, self._profiles.load)
            model, profile = await found
            glove = session.glove.for_model(model)
        except Exception as error:  # noqa: BLE001 - whatever it is, the request fails with it
            self._switches.reject(number, error)
            return
        if not self._switches.is_waiting(number):
            return
        if session.is_ending:
            self._switches.reject(number, SWITCHES.ended())
            return
        self._switches.resolve(number, session.switch(model, profile, glove))
        self.publish()
        self._refresh_profile(only_newer=True)
        self.refresh_glove()

    def _refresh_profile(self, only_newer: bool) -> None:
        # A profile that changes is announced to the streams that run with its model: not to one that is about to begin
        # or to switch to it. Those look once more.
        session = self.session
        if session.wearer is not None and not session.is_ending:
            self._profiles.look(session.wearer, session.model, partial(self._use_found, session.wearer, only_newer))

    def _use_found(self, wearer: str, only_newer: bool) -> None:
        found: Profile | None = None
        try:
            found = self._profiles.find(wearer, self.session.model)
        except ProblemError as problem:
            if problem.code not in _DELETED:
                self._telemetry.keep_profile(problem)
                return
        if not only_newer or _version(found) != _version(self.session.profile):
            self.session.apply_profile(found)
            self.publish()

    def _use_found_glove(self, hint: GloveHint, present: GloveChoice) -> None:
        try:
            found = self._gloves.find(hint, self.session.model)
        except ProblemError as problem:  # a glove that was deleted is on the hand as before
            self._telemetry.keep_profile(problem)
            return
        if found.name is not None and not found.is_like(present):
            self.session.apply_glove(found)
            self.publish()

    # Sending.

    def _send(self, messages: Iterable[ServerMessage]) -> None:
        try:
            for message in messages:
                self._gather(message)
                self._telemetry.note(message)
        finally:  # a fault takes nothing back
            self._write()

    def _gather(self, message: ServerMessage) -> None:
        """Encode a message, once for all who receive it."""
        frame = text_frame(encode_utf8(message))
        if message.audience != "viewers":
            self._to_owner.add(frame, message.droppable)
        if message.ends_stream:  # `end` sends the viewers theirs
            self._write()
            self._owner.close(close_code(message.code) if isinstance(message, Error) else 1000)
        elif message.audience != "owner":
            if self.subscribers:
                self._to_viewers.add(frame, message.droppable)
            if message.retained and (message.retained_as in self.retained or len(self.retained) < _MAX_RETAINED):
                self.retained.pop(message.retained_as, None)  # the latest comes last, as it did
                self.retained[message.retained_as] = frame
        if max(self._to_owner.size, self._to_viewers.size) >= GATHERED_BYTES:
            self._write()

    def _write(self) -> None:
        """Give each reader what is gathered for it."""
        if self._to_owner.size:
            batch, self._to_owner = self._to_owner, FrameBatch()
            self._owner.put_frames(batch)
        if self._to_viewers.size:
            batch, self._to_viewers = self._to_viewers, FrameBatch()
            for subscriber in self.subscribers:
                subscriber.put_frames(batch)

    def _show_frames(self, frames: Frames) -> None:
        values = frames.values.astype(np.float64).round(_VIEWED_DECIMALS).tolist()
        viewed = ViewedFrames(frames.seq, list(frames.t_ms), values)
        batch = FrameBatch.of(encode_utf8(viewed), viewed.droppable)
        for subscriber in self.subscribers:
            subscriber.put_frames(batch)


def _version(profile: Profile | None) -> int | None:
    return None if profile is None else profile.version
