"""Command `calibrate` with a service, a streaming glove and a user who follows the prompts."""

from __future__ import annotations

import io
import json
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_bridge.calibration_wizard.answer_lines import AnswerLines
from firmware_bridge.calibration_wizard.prompts import JsonPrompt, TerminalPrompt
from firmware_bridge.calibration_wizard.wizard import CalibrationAnswer, Coverage
from scaleglove.client import StreamError
from scaleglove.client.gloves import Glove as NamedGlove
from scaleglove.client.wearers import Guidance
from scaleglove.vocabulary import load_vocabulary
from tests.deadlines import EVENT_S
from tests.firmware_bridge.calibration_wizard.streaming_hand import MOVING, Glove, hold
from tests.live_service import live_service
from tests.models.adaptation.test_glove_check import session
from tests.processes import started_command

ASKED = "ㄱㅏㅎ"


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with live_service() as server:
        yield server.url


def calibrate(url: str, *options: str) -> AbstractContextManager[subprocess.Popen[str]]:
    command = ["calibrate", "--url", url, *options]
    return started_command(*command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=1)


def answer(process: subprocess.Popen[str], line: str) -> None:
    assert process.stdin is not None
    process.stdin.write(f"{line}\n")
    process.stdin.flush()


def read_messages(process: subprocess.Popen[str]) -> Iterator[dict[str, Any]]:
    assert process.stdout is not None
    yield from map(json.loads, process.stdout)


def test_a_wearer_is_asked_shows_and_has_a_profile(url: str) -> None:
    glove = Glove(url)
    asked: list[str] = []
    with glove.streaming(), calibrate(url, "--wearer", "지우", "--letters", ASKED, "--json") as process:
        for message in read_messages(process):
            if message["type"] == "asked":
                asked.append(message["next"])
                glove.label = message["next"]
                hold(url)
                answer(process, "")
            elif message["type"] == "example":
                assert message["kept"], message
            else:
                break
        assert process.wait(EVENT_S) == 0
    assert message["type"] == "calibrated"
    assert message["version"] == 1
    assert set(asked) == {"rest", *ASKED}
    info = httpx.get(f"{url}/v1/wearers/지우").json()
    assert set(info["examples"]) == {"rest", *ASKED}
    assert list(info["active"].values()) == [1]


def test_what_is_shown_badly_is_asked_for_again_and_the_last_can_be_taken_back(url: str) -> None:
    glove = Glove(url)
    with glove.streaming(), calibrate(url, "--wearer", "moving", "--letters", ASKED, "--json") as process:
        messages = read_messages(process)
        assert next(messages)["next"] == "rest"
        hold(url)
        glove.label = MOVING
        hold(url)
        answer(process, "")
        example = next(messages)
        assert (example["kept"], example["code"], example["other"]) == (False, "hand_moved", None)
        assert example["reason"] == "the hand moved while it was taken"
        glove.label = "rest"
        assert next(messages)["have"] == {}
        hold(url)
        answer(process, "")
        assert next(messages)["kept"]
        assert next(messages)["have"] == {"rest": 1}
        answer(process, "r")
        assert next(messages)["have"] == {}
        answer(process, "q")
        assert process.wait(EVENT_S) == 1
        assert process.stderr is not None
        assert "is not calibrated; the examples are kept" in process.stderr.read()


def test_it_calibrates_with_what_there_is(url: str) -> None:
    glove = Glove(url)
    with glove.streaming(), calibrate(url, "--wearer", "brief", "--letters", ASKED, "--json") as process:
        messages = read_messages(process)
        shown: list[str] = []
        while (message := next(messages))["type"] == "asked":
            glove.label = message["next"]
            if message["next"] != "rest":
                if shown:
                    break
                answer(process, "enough")  # there is rest alone
                refused = next(messages)
                assert (refused["type"], refused["code"]) == ("refused", "no_examples")
                assert next(messages) == message
                shown.append(message["next"])
            hold(url)
            answer(process, "")
            assert next(messages)["kept"]
        answer(process, "c")
        without = [letter for letter in ASKED if letter not in shown]
        assert next(messages) == {"type": "enough", "examples": 3, "letters": shown, "without": without}
        assert next(messages)["type"] == "calibrated"
        assert process.wait(EVENT_S) == 0
    info = httpx.get(f"{url}/v1/wearers/brief").json()
    assert set(info["examples"]) == {"rest", *shown}
    assert list(info["active"].values()) == [1]


def test_few_letters_are_read_with_the_profile_of_the_streams_glove(url: str) -> None:
    blue = NamedGlove(url, "blue")
    blue.create()
    blue.calibrate(session())
    glove = Glove(url, "blue")
    with glove.streaming(), calibrate(url, "--wearer", "blues", "--letters", ASKED, "--json") as process:
        messages = read_messages(process)
        while (message := next(messages))["type"] == "asked":
            glove.label = message["next"]
            hold(url)
            answer(process, "")
            assert next(messages)["kept"]
            if message["next"] != "rest":
                answer(process, "c")
                break
        assert [each["type"] for each in messages][-1] == "calibrated"
        assert process.wait(EVENT_S) == 0
    exported = httpx.get(f"{url}/v1/wearers/blues/export").json()["content"]
    (profile,) = exported["profiles"]
    assert profile["front_end"] is not None  # of one letter none can be fitted


LETTERS = load_vocabulary("korean").names


@given(st.dictionaries(st.sampled_from([*LETTERS, "rest"]), st.integers(1, 9)), st.sampled_from([LETTERS, ASKED, "ㄴ"]))
def test_each_wanted_letter_has_examples_or_has_none(have: dict[str, int], wanted: Sequence[str]) -> None:
    coverage = Coverage.of(have, wanted)
    assert sorted(coverage.letters + coverage.without) == sorted(wanted)
    assert all(have[letter] for letter in coverage.letters)
    assert not set(coverage.without) & set(have)


def test_a_user_at_a_terminal_reads_what_it_is_calibrated_with(capsys: pytest.CaptureFixture[str]) -> None:
    prompt = TerminalPrompt(AnswerLines(io.StringIO("what\nc\n")), countdown=0)
    asked = Guidance(
        next="ㄱ", again=False, reason="", enough=False, expected_accuracy=None, have={"ㅏ": 2, "rest": 2}, confused=[]
    )
    assert prompt.ready(asked, can_redo=False) is CalibrationAnswer.ENOUGH
    prompt.enough(Coverage.of(asked.have, ASKED))
    text = capsys.readouterr().err
    assert text.count("c to calibrate now") == 2
    assert "calibrating with 4 examples of 1 of 3 letters: ㅏ" in text
    assert "judged by the model alone: ㄱ ㅎ" in text


def test_with_a_port_it_brings_its_own_bridge(url: str) -> None:
    emulate = ["emulate", "--text", "ㄱ", "--hold-s", "120", "--speed", "4"]
    with started_command(*emulate, stdout=subprocess.PIPE) as emulator:
        assert emulator.stdout is not None
        port = emulator.stdout.readline().strip()
        options = ["--wearer", "bridged", "--port", port, "--letters", ASKED, "--json"]
        with calibrate(url, *options) as process:
            messages = read_messages(process)
            assert next(messages)["next"] == "rest"
            hold(url)
            answer(process, "")
            assert next(messages)["type"] == "example"
            answer(process, "q")
            assert process.wait(EVENT_S) == 1
        emulator.terminate()


def test_without_a_glove_nobody_is_asked_for_anything(url: str) -> None:
    with calibrate(url, "--wearer", "gloveless") as process:
        _, errors = process.communicate(timeout=EVENT_S)
    assert process.returncode == 1
    assert "no glove streams to" in errors
    assert "Traceback" not in errors


def test_a_refused_example_is_reported_by_its_code(capsys: pytest.CaptureFixture[str]) -> None:
    JsonPrompt(AnswerLines(io.StringIO())).refused(
        StreamError("no_window", "no frame comes from this stream just now", "stream")
    )
    message = json.loads(capsys.readouterr().out)
    assert message == {"type": "refused", "code": "no_window", "reason": "no frame comes from this stream just now"}


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--letters", "ㄱx"], "'x' is no label of the model"),
        (["--port", "auto", "--stream", "abc"], "use either --port or --stream"),
    ],
    ids=["letter", "port and stream"],
)
def test_invalid_options_are_reported(url: str, options: list[str], expected: str) -> None:
    with calibrate(url, "--wearer", "w", *options) as process:
        _, errors = process.communicate(timeout=EVENT_S)
    assert (process.returncode, expected in errors) == (2, True), errors
