"""SyncGloveStream: a program without asyncio, and the same methods as GloveStream."""

from __future__ import annotations

import inspect
import re
import threading
from collections.abc import Iterator

import pytest

from scaleglove.client import GloveStream, Prediction, StreamError, SyncGloveStream
from tests.conftest import ROOT
from tests.live_service import live_service

FRAME = [788, 780, 861, 862, 885, -17.9, -64.5, -62.0]
JAVASCRIPT = ROOT / "clients" / "javascript" / "glove_stream.js"


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with live_service() as server:
        yield server.url


def test_a_synchronous_program(url: str) -> None:
    with SyncGloveStream(url, sample_rate_hz=50) as stream:
        for number in range(100):
            assert stream.send([number * 20.0], [FRAME])
        assert stream.stopped is None
        assert stream.stop().frames == 100
        assert stream.stopped is not None
        assert next(stream.texts()).composing == "ㄱ"
        stream.close()  # and once more at the end of the block


def test_a_synchronous_program_gets_a_refusal(url: str) -> None:
    with pytest.raises(StreamError, match="none"), SyncGloveStream(url, model="none"):
        pytest.fail("it was let in")


def test_one_thread_sends_while_another_iterates_until_close(url: str) -> None:
    seen: list[int] = []
    arrived = threading.Event()

    def iterate() -> None:
        for prediction in stream.predictions():
            seen.append(prediction.seq)
            arrived.set()

    with SyncGloveStream(url, sample_rate_hz=50) as stream:
        thread = threading.Thread(target=iterate)
        thread.start()
        stream.send([number * 20.0 for number in range(100)], [FRAME] * 100)
        assert arrived.wait(20)
    thread.join(20)
    assert not thread.is_alive()
    assert seen == sorted(seen)


def test_a_synchronous_program_edits_and_resets(url: str) -> None:
    stream = SyncGloveStream(url, sample_rate_hz=50)
    assert stream.started is None
    assert stream.open() == stream.started
    stream.send([number * 20.0 for number in range(100)], [FRAME] * 100)
    stream.reset()
    stream.edit("clear")
    assert (stream.frames_sent, stream.frames_lost, stream.unread) == (100, 0, 0)
    assert any(isinstance(message, Prediction) for message in stream)
    stream.close()


@pytest.mark.parametrize(("closed", "words"), [(False, "call open"), (True, "closed")])
def test_a_stream_that_is_not_open_raises(url: str, closed: bool, words: str) -> None:
    stream = SyncGloveStream(url)
    if closed:
        stream.open()
        stream.close()
    for call in (stream.stop, stream.reset, lambda: stream.send([0.0], [FRAME]), lambda: next(iter(stream))):
        with pytest.raises(StreamError, match=words) as raised:
            call()
        assert raised.value.code == "not_open"
    stream.close()


def members(kind: type) -> dict[str, object]:
    return {name: value for name, value in vars(kind).items() if not name.startswith("_")}


def test_both_streams_have_the_same_methods_and_properties() -> None:
    plain, synchronous = members(GloveStream), members(SyncGloveStream)
    assert plain.keys() == synchronous.keys()
    for name, value in plain.items():
        assert isinstance(value, property) == isinstance(synchronous[name], property), name
        if callable(value):
            ours, theirs = (inspect.signature(getattr(kind, name)) for kind in (GloveStream, SyncGloveStream))
            assert ours.parameters == theirs.parameters, name


def test_the_javascript_stream_has_the_same_names() -> None:
    source = JAVASCRIPT.read_text(encoding="utf-8")
    source = source[source.index("export class GloveStream") :]
    names = set(re.findall(r"^  (?:async |get )?(?!constructor)([a-z]\w*)(?:\(| =)", source, re.MULTILINE))
    in_python = {re.sub(r"[A-Z]", lambda letter: f"_{letter[0].lower()}", name) for name in names}
    ours = members(GloveStream).keys()
    assert in_python - {"text"} <= ours  # `text` is what `texts` was called before
    assert ours <= in_python
