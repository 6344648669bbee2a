"""The profile of a stream's wearer takes its time, and the stream waits for it alone."""

from __future__ import annotations

import asyncio
import json
from typing import Any, cast

import numpy as np
import pytest

from models.adaptation.glove_profile import GloveProfile
from models.adaptation.user_reference import Examples, UserReference
from models.runtime.artefact import Artefact
from scaleglove.letters import LETTERS
from service.inference.engine import Model
from service.inference.glove import GloveChoice, GloveHint, KnownGlove
from service.inference.profile import Profile, unknown_wearer
from service.problems import ProblemError
from service.streams.profile_watcher import ProfileWatcher
from tests.service.inference.test_engine import iterations
from tests.service.sockets import binary_frames, even
from tests.service.streams.test_glove_connection import Shell

REFERENCE = UserReference.of(Examples(np.eye(4, dtype=np.float32), [0, 1, 2, -1]), len(LETTERS))


class Slow:
    """Profiles that come when they are let go."""

    def __init__(self) -> None:
        self.waiting: list[asyncio.Future[Profile]] = []

    async def load(self, wearer: str, model: Model) -> Profile:
        self.waiting.append(asyncio.get_running_loop().create_future())
        return await self.waiting[-1]

    def give(self, version: int) -> None:
        self.waiting.pop(0).set_result(Profile("ada", version, REFERENCE, None))

    def refuse(self, error: Exception) -> None:
        self.waiting.pop(0).set_exception(error)


def model() -> Model:
    return cast(Model, object())


def code_of(watcher: ProfileWatcher, sought: Model) -> str:
    with pytest.raises(ProblemError) as caught:
        watcher.find("ada", sought)
    return caught.value.code


async def test_what_is_found_and_what_is_not() -> None:
    slow, sought, done = Slow(), model(), asyncio.Event()
    watcher = ProfileWatcher(slow.load)
    assert code_of(watcher, sought) == "profile_mismatch"  # nobody has looked for it
    watcher.look("ada", sought, done.set)
    await iterations()
    assert watcher.is_looking
    slow.give(3)
    await done.wait()
    assert watcher.find("ada", sought).version == 3
    assert not watcher.is_looking
    assert code_of(watcher, model()) == "profile_mismatch"  # the models were loaded again meanwhile


@pytest.mark.parametrize(
    ("fault", "code"), [(unknown_wearer("ada"), "unknown_wearer"), (RuntimeError("a bug"), "internal_error")]
)
async def test_the_search_ends_on_every_fault(fault: Exception, code: str) -> None:
    slow, sought, done = Slow(), model(), asyncio.Event()
    watcher = ProfileWatcher(slow.load)
    watcher.look("ada", sought, done.set)
    await iterations()
    slow.refuse(fault)
    await done.wait()
    assert code_of(watcher, sought) == code


async def test_a_newer_search_replaces_an_older_one() -> None:
    slow, sought, done = Slow(), model(), []
    watcher = ProfileWatcher(slow.load)
    watcher.look("ada", sought, lambda: done.append("first"))
    await iterations()
    watcher.look("ada", sought, lambda: done.append("second"))
    await iterations()
    assert slow.waiting.pop(0).cancelled()
    slow.give(2)
    await iterations()
    assert done == ["second"]
    watcher.look("ada", sought, lambda: done.append("third"))
    await iterations()
    watcher.give_up()
    await iterations()
    assert (done, watcher.is_looking) == (["second"], False)


async def test_the_start_waits_and_what_comes_after_it_waits_too(artefact: Artefact, started: Any, glove: Any) -> None:
    slow = Slow()
    shell = Shell(artefact, started(wearer="ada"), slow.load)
    shell.connection.take(binary_frames(0, even(0, 20), glove(20)), False)
    other = Shell(artefact, started())
    other.connection.take(binary_frames(0, even(0, 20), glove(20)), False)
    await iterations()
    assert (shell.channel.sent, shell.channel.is_read) == ([], False)  # nor is more of it read
    assert [message["type"] for message in other.channel.sent][:3] == ["started", "prediction", "prediction"]
    width = artefact.run_windows([glove(20)]).embedding.shape[1]
    reference = UserReference.of(Examples(np.eye(width, dtype=np.float32)[:3], [0, 1, 2]), len(LETTERS))
    slow.waiting.pop(0).set_result(Profile("ada", 3, reference, None))
    await iterations()
    first, *others = shell.channel.sent
    assert (first["type"], first["profile"]) == ("started", 3)
    assert [message["type"] for message in others][:2] == ["prediction", "prediction"]
    assert shell.channel.is_read


async def test_the_start_waits_for_the_wearer_and_the_glove(artefact: Artefact, started: Any) -> None:
    slow = Slow()
    loaded: asyncio.Future[KnownGlove] = asyncio.get_running_loop().create_future()

    async def choose_glove(hint: GloveHint, model: Model) -> GloveChoice:
        return GloveChoice(hint.name, "name", await loaded)

    shell = Shell(artefact, started(wearer="ada", glove="blue"), slow.load, choose_glove=choose_glove)
    await iterations()
    slow.give(1)
    await iterations()
    assert shell.channel.sent == []
    loaded.set_result(KnownGlove.of("blue", 2, GloveProfile(), artefact))
    await iterations()
    first = shell.channel.sent[0]
    assert (first["type"], first["profile"], first["glove"], first["glove_profile"]) == ("started", 1, "blue", 2)


async def test_a_client_that_leaves_before_the_profile_is_found(artefact: Artefact, started: Any) -> None:
    slow = Slow()
    shell = Shell(artefact, started(wearer="ada"), slow.load)
    await iterations()
    shell.connection._end()
    await iterations()
    assert slow.waiting.pop(0).cancelled()
    assert (shell.channel.sent, shell.hub.streams) == ([], {})


async def test_a_second_start_is_refused_when_its_turn_comes(artefact: Artefact, started: Any) -> None:
    slow = Slow()
    shell = Shell(artefact, started(wearer="ada"), slow.load)
    shell.connection.take(json.dumps(started(wearer="eve")).encode(), True)
    await iterations()
    slow.give(1)
    await iterations()
    assert [message["type"] for message in shell.channel.sent] == ["started", "error"]
    assert shell.channel.sent[1]["code"] == "already_started"


async def test_a_model_that_cannot_use_the_glove_of_a_stream_says_so(artefact: Artefact, started: Any) -> None:
    async def choose_glove(hint: GloveHint, model: Model) -> GloveChoice:
        return GloveChoice("blue", "usb", KnownGlove.of("blue", 2, GloveProfile(), artefact))

    shell = Shell(artefact, started(usb="10c4:ea60:0F3A21"), Slow().load, choose_glove=choose_glove)
    await iterations()
    stream = shell.connection._stream
    assert stream is not None
    without = GloveChoice("blue", "usb")
    for glove, told in ((without, True), (without, False), (stream.session.glove, True)):
        begin = len(shell.channel.sent)
        stream.session.switch(artefact, None, glove)
        stream.publish()
        await iterations()
        changed = [each["glove_profile"] for each in shell.channel.sent[begin:] if each["type"] == "glove_profile"]
        assert changed == ([glove.version] if told else [])
