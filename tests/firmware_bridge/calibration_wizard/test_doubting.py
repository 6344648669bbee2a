"""Command `calibrate --doubts` with a service and a glove that has signed something; and how answers are read."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator

import httpx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_bridge.calibration_wizard.answer_lines import AnswerLines
from firmware_bridge.calibration_wizard.doubting import DoubtAnswer
from firmware_bridge.calibration_wizard.prompts import JsonPrompt, TerminalPrompt
from scaleglove.client.wearers import Doubt
from scaleglove.letter_templates import load_templates, resting_shape
from scaleglove.protocol import Candidate
from scaleglove.vocabulary import load_vocabulary
from tests.deadlines import EVENT_S
from tests.firmware_bridge.calibration_wizard.streaming_hand import Glove, hold
from tests.firmware_bridge.calibration_wizard.test_cli import answer, calibrate, read_messages
from tests.live_service import live_service

SIGNED = "ㄱㅏㄴㅗㅎㅣ"

DOUBT = Doubt(
    shape=7,
    t_ms=80.0,
    letter="ㅋ",
    before=["ㅎ", "ㅏ"],
    after=["ㄴ"],
    frame=[800.0] * 5 + [0.0] * 3,
    candidates=[Candidate("ㄱ", 0.5), Candidate("ㅋ", 0.3)],
)


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with live_service() as server:
        yield server.url


def sign(url: str, glove: Glove, letters: str) -> None:
    for letter in letters:
        glove.label = letter
        hold(url)


def test_what_was_held_is_asked_about_and_the_answers_make_a_profile(url: str) -> None:
    glove = Glove(url)
    with glove.streaming():
        sign(url, glove, SIGNED)
        glove.label = "rest"
        with calibrate(url, "--wearer", "수아", "--doubts", "--json") as process:
            for message in read_messages(process):
                if message["type"] == "doubt":
                    assert len(message["candidates"]) > 1
                    answer(process, nearest_to(message["frame"]))
                elif message["type"] == "example":
                    assert message["kept"], message
                elif message["type"] == "nothing_doubtful":
                    assert message["held"] >= len(SIGNED)
                    answer(process, "c")
                else:
                    break
            assert process.wait(EVENT_S) == 0
    assert message["type"] == "calibrated"
    info = httpx.get(f"{url}/v1/wearers/수아").json()
    assert set(SIGNED) <= set(info["examples"]) <= {*SIGNED, "rest"}
    assert list(info["active"].values()) == [1]


def nearest_to(frame: list[float]) -> str:
    """Return which of the shapes that were held is drawn: a letter, or rest."""
    table = load_templates()
    shapes = {letter: np.array(table.letters[letter].mean) for letter in SIGNED} | {"rest": resting_shape(table)}
    return min(shapes, key=lambda label: float(np.abs(shapes[label][:7] - frame[:7]).sum()))


def test_a_question_is_left_out_taken_back_and_left(url: str) -> None:
    glove = Glove(url)
    with glove.streaming():
        sign(url, glove, "ㄱㅏㄴㅗ")
        with calibrate(url, "--wearer", "asked", "--doubts", "--json") as process:
            messages = read_messages(process)
            left_out = next(messages)["shape"]
            answer(process, "s")
            second = next(messages)
            answer(process, "what")
            refused = next(messages)
            assert (refused["type"], refused["code"]) == ("refused", "unknown_label")
            answer(process, "=" + "thumbs up" * 100)
            refused = next(messages)
            assert (refused["type"], refused["code"]) == ("refused", "invalid_request")
            asked = next(messages)
            assert (asked["type"], asked["shape"]) == ("doubt", second["shape"])
            answer(process, "=thumbs up")
            assert next(messages)["label"] == "thumbs up"
            assert next(messages)["type"] == "doubt"
            answer(process, "r")
            again = next(messages)
            assert again["shape"] == second["shape"] != left_out
            answer(process, "q")
            assert process.wait(EVENT_S) == 1
    assert httpx.get(f"{url}/v1/wearers/asked").json()["examples"] == {}


def test_without_an_example_there_is_nothing_to_calibrate_with(url: str) -> None:
    glove = Glove(url)
    with glove.streaming(), calibrate(url, "--wearer", "empty", "--doubts", "--json") as process:
        messages = read_messages(process)
        hold(url)
        assert next(messages)["type"] in {"doubt", "nothing_doubtful"}
        answer(process, "c")
        refused = next(messages)
        assert (refused["type"], refused["code"]) == ("refused", "no_examples")
        answer(process, "q")
        assert process.wait(EVENT_S) == 1


def test_doubts_are_about_all_letters(url: str) -> None:
    with calibrate(url, "--wearer", "w", "--doubts", "--letters", "ㄱ") as process:
        _, errors = process.communicate(timeout=EVENT_S)
    assert (process.returncode, "--letters" in errors) == (2, True)


LABELS = load_vocabulary("korean").names
CANDIDATES = ("ㅎ", "ㄱ", "ㅋ")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("\n", DoubtAnswer("label", "ㅎ")),
        ("2", DoubtAnswer("label", "ㄱ")),
        ("0", DoubtAnswer("label", "rest")),
        ("rest", DoubtAnswer("label", "rest")),
        ("ㅏ", DoubtAnswer("label", "ㅏ")),
        ("= 2", DoubtAnswer("label", "2")),
        ("s", DoubtAnswer("skip")),
        ("r", DoubtAnswer("redo")),
        ("c", DoubtAnswer("enough")),
        ("q", DoubtAnswer("quit")),
        ("4", None),
        ("=", None),
        ("x", None),
    ],
)
def test_how_an_answer_is_read(line: str, expected: DoubtAnswer | None) -> None:
    assert DoubtAnswer.parsed(line, CANDIDATES, LABELS) == expected


@given(st.text(min_size=1).filter(lambda text: text.strip() == text))
def test_any_label_can_be_answered(label: str) -> None:
    assert DoubtAnswer.parsed(f"={label}\n", CANDIDATES, LABELS) == DoubtAnswer("label", label)


def test_a_user_at_a_terminal_sees_what_was_written_around_it(capsys: pytest.CaptureFixture[str]) -> None:
    prompt = TerminalPrompt(AnswerLines(io.StringIO("r\nx\n\n")), countdown=0)
    assert prompt.what_was(DOUBT, LABELS, can_redo=False) == DoubtAnswer("label", "ㄱ")
    assert prompt.what_was(DOUBT, LABELS, can_redo=True) == DoubtAnswer("quit")  # the end of the input
    text = capsys.readouterr().err
    assert "ㅎ ㅏ [ㅋ] ㄴ: what was this?" in text
    assert "1 ㄱ  2 ㅋ  0 no letter" in text
    assert "write =NAME" in text


def test_nothing_doubtful_is_looked_at_again(capsys: pytest.CaptureFixture[str]) -> None:
    prompt = TerminalPrompt(AnswerLines(io.StringIO("3\n\nc\n")), countdown=0)
    assert prompt.nothing_doubtful(4) == DoubtAnswer("skip")
    assert prompt.nothing_doubtful(4) == DoubtAnswer("enough")
    assert prompt.nothing_doubtful(4) == DoubtAnswer("quit")
    assert "nothing to ask about in 4 shapes held" in capsys.readouterr().err


def test_a_program_gets_the_whole_question(capsys: pytest.CaptureFixture[str]) -> None:
    prompt = JsonPrompt(AnswerLines(io.StringIO("2\n")))
    assert prompt.what_was(DOUBT, LABELS, can_redo=False) == DoubtAnswer("label", "ㅋ")
    printed = json.loads(capsys.readouterr().out)
    assert (printed["type"], printed["shape"], printed["before"], printed["letter"]) == ("doubt", 7, ["ㅎ", "ㅏ"], "ㅋ")
    assert printed["candidates"] == [{"label": "ㄱ", "confidence": 0.5}, {"label": "ㅋ", "confidence": 0.3}]
