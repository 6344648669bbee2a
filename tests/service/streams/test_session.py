from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import copy

import numpy as np
import pytest

from models.runtime.artefact import Artefact
from scaleglove.channels import CHANNELS
from scaleglove.protocol import (
    ClientMessage,
    Error,
    Frames,
    Gap,
    Gesture,
    GloveLetter,
    Prediction,
    Reset,
    ServerMessage,
    Stale,
    Start,
    Started,
    Stop,
    Stopped,
    Text,
    WireError,
    described,
)
from scaleglove.vocabulary import Vocabulary, load_vocabulary
from service.problems import ProblemError
from service.streams.handshake import handshake
from service.streams.session import StreamRules, StreamSession
from tests.service.inference.answers import answer_windows

Glove = Callable[..., np.ndarray]


RULES = StreamRules(1000, 60_000, self_calibrates=True)
Begin = Callable[[ClientMessage], StreamSession]


def start(**changes: object) -> Start:
    return Start(**{"channels": list(CHANNELS), "sample_rate_hz": 50.0, **changes})


@pytest.fixture
def begin(artefact: Artefact) -> Begin:
    """Shake hands at time 0."""

    def find(name: str | None) -> Artefact:
        if name is not None:
            raise ProblemError(404, "unknown_model", "there is only one")
        return artefact

    def begin(first: ClientMessage) -> StreamSession:
        session = handshake(first, "here", RULES, find, count_dropped=lambda: 4)
        session.finish_message(0)
        return session

    return begin


@pytest.fixture
def session(begin: Begin) -> StreamSession:
    return begin(start())


def frames(values: np.ndarray, begin: int = 0) -> Frames:
    return Frames(begin, (begin + np.arange(len(values))) * 20.0, values)


def receive(session: StreamSession, message: ClientMessage, now_ms: float = 0) -> list[ServerMessage]:
    answers = list(answers_of(session, message, now_ms))
    session.finish_message(now_ms)
    return answers


def answers_of(session: StreamSession, message: ClientMessage, now_ms: float = 0) -> Iterator[ServerMessage]:
    """Yield the messages with a model that answers every window at once."""
    for due in session.receive(message, now_ms):
        session.answer(session.model.run_windows([due.frames]), 0)
        yield from session.drain()
    yield from session.drain()


def test_a_whole_stream(begin: Begin, artefact: Artefact, glove: Glove) -> None:
    session = begin(start(top_k=2))
    assert session.started == Started(
        "here",
        artefact.contract.name,
        artefact.contract.window_frames,
        artefact.contract.min_frames,
        artefact.contract.sample_rate_hz,
        artefact.contract.labels,
        (),
        (
            "edit",
            "link",
            "remark",
            "glove",
            "glove_letter",
            "commanded",
            "commands",
            "usb",
            "commanded.code",
            "text.words",
            "edit.as_signed",
        ),
        vocabulary=described(artefact.contract.vocabulary),
    )
    still = np.repeat(glove(1), 62, axis=0)
    answers = receive(session, frames(still))
    predictions = [answer for answer in answers if isinstance(answer, Prediction)]
    assert [(answer.seq, answer.state) for answer in predictions[:3]] == [(4, "warming"), (9, "ok"), (14, "ok")]
    assert len(predictions) == 12
    (expected,) = answer_windows(artefact, [still[:60]], 1)
    assert predictions[-1].confidence == pytest.approx(expected.confidence, abs=1e-6)
    assert len(predictions[-1].top_k) == 2

    last, *ends, stopped = receive(session, Stop())
    assert stopped == Stopped("here", 62, 13, 0, 0, 4, 0)
    assert session.is_over
    assert isinstance(last, Prediction)
    assert last.seq == 61
    end, text = ends
    assert isinstance(end, Gesture)
    assert end.phase == "end"
    assert isinstance(text, Text)
    assert (text.committed, text.composing) == (end.label, "")


def test_start_once(session: StreamSession) -> None:
    with pytest.raises(WireError) as caught:
        receive(session, start())
    assert caught.value.code == "already_started"
    assert caught.value.detail


def test_stale_once_and_again_only_after_frames(session: StreamSession, glove: Glove) -> None:
    receive(session, frames(glove(20)), now_ms=100)
    assert session.quiet_ms(100) == 1000
    assert list(session.tick(1099)) == []
    assert list(session.tick(1100))[-1] == Stale(1000)
    assert session.state == "stale"
    assert list(session.tick(5000)) == []
    receive(session, frames(glove(20), begin=20), now_ms=6000)
    assert session.state == "ok"
    assert list(session.tick(7000))[-1] == Stale(1000)


def test_a_gap_ends_the_letter_where_it_began(session: StreamSession, glove: Glove) -> None:
    """While a hand is still, a letter that the model is sure of begins, and a gap ends it."""
    for seed in range(200):
        receive(session, Reset())
        still = np.repeat(glove(1, seed), 60, axis=0)
        answers = receive(session, frames(still, begin=seed * 1000))
        if any(isinstance(answer, Gesture) for answer in answers):
            break
    else:
        pytest.fail("the model is sure of no still hand at all")
    first = seed * 1000
    answers = receive(session, Frames(first + 60, np.array([(first + 59) * 20.0 + 300]), glove(1)))
    end, gap = answers
    assert isinstance(end, Gesture)
    assert (end.phase, end.t_ms) == ("end", (first + 59) * 20.0)
    assert gap == Gap(first + 60, (first + 59) * 20.0 + 300, None, "time")


def test_reset_starts_a_new_window(session: StreamSession, glove: Glove) -> None:
    receive(session, frames(glove(40)))
    receive(session, Reset())
    answers = receive(session, frames(glove(5)))
    assert [answer.state for answer in answers if isinstance(answer, Prediction)] == ["warming"]
    assert not any(isinstance(answer, Gap) for answer in answers)


def sure_hand(session: StreamSession, glove: Glove) -> np.ndarray:
    """Return float32[1, 8]: a hand that the model is sure of when it is held still."""
    for seed in range(200):
        receive(session, Reset())
        if any(
            isinstance(answer, Gesture) for answer in receive(session, frames(np.repeat(glove(1, seed), 60, axis=0)))
        ):
            receive(session, Reset())
            return glove(1, seed)
    pytest.fail("the model is sure of no still hand at all")


def test_the_begin_of_a_letter_names_the_shape_that_a_correction_needs(session: StreamSession, glove: Glove) -> None:
    still = np.repeat(sure_hand(session, glove), 60, axis=0)
    answers = receive(session, frames(still))
    (begin,) = [answer for answer in answers if isinstance(answer, Gesture)]
    receive(session, Reset())
    shape = session.shapes.now.numbered(begin.shape)  # type: ignore[arg-type]
    assert shape.letter == begin.label
    np.testing.assert_allclose(shape.frames, still[: len(shape.frames)], rtol=1e-6)
    numbers = [each.number for each in session.shapes.now.shapes]
    receive(session, frames(still, begin=100))
    list(session.tick(5000))  # stale: nothing more belongs to that hold
    receive(session, frames(still, begin=160), now_ms=5000)
    assert len(session.shapes.now.shapes) == len(numbers) + 2


@pytest.mark.parametrize("vocabulary", [load_vocabulary("american"), Vocabulary.of([f"sign {n}" for n in range(24)])])
def test_the_models_vocabulary_says_how_labels_become_text(
    session: StreamSession, artefact: Artefact, glove: Glove, vocabulary: Vocabulary
) -> None:
    model = copy(artefact)
    model.contract = artefact.contract.model_copy(update={"vocabulary": vocabulary, "labels": vocabulary.names})
    other = handshake(start(), "there", RULES, lambda _: model, count_dropped=lambda: 0)
    answers = receive(other, frames(np.repeat(sure_hand(session, glove), 60, axis=0)))
    begun, line = (next(each for each in answers if isinstance(each, kind)) for kind in (Gesture, Text))
    assert begun.label in vocabulary.names
    assert line.composing == (begun.label.upper() if vocabulary.language == "english" else begun.label)


def test_tick_yields_nothing_while_a_message_is_answered(session: StreamSession, glove: Glove) -> None:
    """However long the answer takes. The silence after it is reported, and the letter ends where the frames end."""
    hand = sure_hand(session, glove)
    answers = answers_of(session, frames(np.repeat(hand, 200, axis=0)))
    taken: list[ServerMessage] = []
    while not any(isinstance(answer, Gesture) for answer in taken):
        taken.append(next(answers))
    assert list(session.tick(5000)) == []
    assert session.quiet_ms(5000) == 1000
    taken += answers
    assert not any(isinstance(answer, Gesture) and answer.phase == "end" for answer in taken)
    session.finish_message(6000)
    assert list(session.tick(6999)) == []
    end, stale = session.tick(60_000)
    assert isinstance(end, Gesture)
    assert (end.phase, end.t_ms) == ("end", 199 * 20.0)
    assert stale == Stale(54_000)


def test_slow_answers_keep_the_order(session: StreamSession, artefact: Artefact, glove: Glove) -> None:
    """A gap, a reset and the end wait for the windows before them; what needs no model waits as well."""
    values = glove(34)
    waiting = [*session.receive(frames(values[:20]), 0), *session.receive(frames(values[20:30], begin=22), 0)]
    waiting += [*session.receive(Reset(), 0), *session.receive(frames(values[30:], begin=40), 0)]
    waiting += session.receive(Stop(), 0)
    assert [message.type for message in session.drain()] == ["prediction"]  # warming: five frames
    assert session.waiting == len(waiting) == 5
    drained: list[ServerMessage] = []
    for due in waiting:
        assert list(session.drain()) == []
        session.answer(artefact.run_windows([due.frames]), 0)
        drained += list(session.drain())
    kinds = [message.type for message in drained if not isinstance(message, Gesture | Text)]
    assert kinds == ["prediction"] * 3 + ["gap"] + ["prediction"] * 3 + ["stopped"]
    seqs = [message.seq for message in drained if isinstance(message, Prediction | Gap)]
    assert seqs == sorted(seqs)
    assert session.is_over


def test_an_error_is_sent_after_the_windows_due_before_it(
    session: StreamSession, artefact: Artefact, glove: Glove
) -> None:
    (due,) = list(session.receive(frames(glove(10)), 0))
    list(session.drain())
    session.refuse(WireError("bad_message", "no"))
    assert list(session.drain()) == []
    session.answer(artefact.run_windows([due.frames]), 0)
    prediction, *_, error = session.drain()
    assert isinstance(prediction, Prediction)
    assert error == Error("bad_message", "no")
    assert session.is_over


def test_a_dropped_window_blocks_nothing(session: StreamSession, artefact: Artefact, glove: Glove) -> None:
    dues = session.receive(frames(glove(20)), 0)
    answered = next(dues)
    next(dues)  # lazily, as it can only be dropped before the next one
    session.drop_last()
    session.refuse(WireError("rate_limited", "enough"))
    assert session.waiting == 1
    session.answer(artefact.run_windows([answered.frames]), 0)
    drained = [message for message in session.drain() if not isinstance(message, Gesture)]
    assert [getattr(message, "seq", None) for message in drained] == [4, answered.seq, None]
    assert drained[-1] == Error("rate_limited", "enough")
    assert session.is_over


def test_a_model_that_fails_ends_the_stream_at_once(session: StreamSession, glove: Glove) -> None:
    assert list(session.receive(frames(glove(10)), 0))
    list(session.drain())
    session.fail(WireError("internal_error", "it failed"))
    assert list(session.drain()) == [Error("internal_error", "it failed")]


def test_a_stream_without_frames_is_closed_in_the_end(session: StreamSession, glove: Glove) -> None:
    receive(session, frames(glove(5)), now_ms=1000)
    assert list(session.tick(2000))[-1] == Stale(1000)
    assert session.quiet_ms(60_900) == 100
    assert list(session.tick(60_900)) == []
    (error,) = session.tick(61_000)
    assert isinstance(error, Error)
    assert (error.code, session.is_over) == ("idle", True)


def test_a_glove_that_only_sends_letters_keeps_its_stream(session: StreamSession) -> None:
    letter = GloveLetter(None, 100.0, "ㄷ", 0.9, {})
    assert receive(session, letter, now_ms=50_000) == [letter]
    assert list(session.tick(100_000)) == [Stale(100_000)]
    assert session.quiet_ms(109_900) == 100
    (error,) = session.tick(110_000)
    assert isinstance(error, Error)
    assert error.code == "idle"


def test_device_time_zero_is_a_time(session: StreamSession, glove: Glove) -> None:
    receive(session, frames(glove(10), begin=3000))
    receive(session, Frames(0, np.array([0.0]), glove(1)))
    assert session.window.newest_ms == 0.0


def test_reset_is_no_frame(session: StreamSession, glove: Glove) -> None:
    receive(session, frames(glove(20)), now_ms=100)
    receive(session, Reset(), now_ms=900)
    assert list(session.tick(1100)) == [Stale(1000)]


def test_nothing_after_stop(session: StreamSession, glove: Glove) -> None:
    receive(session, frames(glove(20)))
    receive(session, Stop())
    assert list(session.tick(1e6)) == []


@pytest.mark.parametrize(
    ("times", "fits"),
    [
        (np.arange(1024) * 31.0, True),
        (np.arange(1024) * 58.0, True),
        (np.arange(1024) * 60.0, False),
        (np.arange(1024) * 249.0, False),
        (np.arange(200) * 3600e3, True),  # pauses: nothing is drawn across them
        (np.where(np.arange(1024) % 2, np.arange(1024) * 120.0, 0), False),  # frames out of order hide no span
        (3e6 - np.arange(1024) * 2000.0, True),
    ],
)
def test_span_of_a_message_is_bounded(begin: Begin, glove: Glove, times: np.ndarray, fits: bool) -> None:
    session = begin(start(sample_rate_hz=None, hop_ms=10_000))
    message = Frames(0, times, glove(len(times)))
    if fits:
        receive(session, message)
    else:
        with pytest.raises(WireError, match=r"^t_ms covers \d+ s; one message may cover 60 s$") as caught:
            receive(session, message)
        assert caught.value.code == "bad_message"
