"""Command `calibrate --sitting` with a service and a hand that spells, and the steps of a sitting."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

import httpx
import pytest

from firmware_bridge.calibration_wizard.answer_lines import AnswerLines
from firmware_bridge.calibration_wizard.bridge_process import BridgeProcess
from firmware_bridge.calibration_wizard.prompts import TerminalPrompt
from firmware_bridge.calibration_wizard.running_glove import RunningGlove
from firmware_bridge.calibration_wizard.sitting import MOVING_S, RESTING_S, Sitting, Wish
from scaleglove.client.wearers import Shown, SittingWord, SittingWords, Spelled, SpelledLetter, Wearer
from scaleglove.hangul.spelling import letters as spell
from tests.deadlines import EVENT_S, wait_until
from tests.firmware_bridge.calibration_wizard.streaming_hand import Glove
from tests.firmware_bridge.calibration_wizard.test_cli import answer, calibrate, read_messages
from tests.live_service import live_service


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with live_service() as server:
        yield server.url


@dataclass(slots=True)
class Hand:
    """A prompt whose hand holds one letter of the word more at each look, but those that it misses, and what it was
    asked for and wishes for."""

    missed: str = ""
    wishes: list[Wish | None] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    steps: list[str] = field(default_factory=list)
    held: int = 0

    def step(self, name: Literal["moving", "resting"], seconds: float) -> None:
        self.steps.append(name)

    def word(self, number: int, of: int, word: SittingWord) -> None:
        self.asked.append(word.word)
        self.held = 0

    def spelled(self, spelled: Spelled, is_over: bool) -> None:
        pass

    def wish(self) -> Wish | None:
        self.held += 1
        return self.wishes.pop(0) if self.wishes else None


@dataclass(frozen=True, slots=True)
class SpellingWearer(Wearer):
    """A wearer whose hand is `hand`; the words of the sitting are those that have a label that is asked for."""

    hand: Hand = field(default_factory=Hand)
    words: tuple[str, ...] = ("나비", "모자", "소나기")

    def sitting(self, labels: Sequence[str] = ()) -> SittingWords:
        spelled = [SittingWord(word=word, labels=spell(word)) for word in self.words]
        wanted = [word for word in spelled if not labels or set(labels) & set(word.labels)]
        return SittingWords(words=wanted, at_risk=[], uncovered=[])

    def spell(self, stream: str, labels: Sequence[str], since: int = 0, *, keep: bool = False) -> Spelled:
        states = {label: "missed" if label in self.hand.missed else "found" for label in labels}
        letters = [
            SpelledLetter(label=label, state=states[label] if place < self.hand.held else "waiting", shape=None)
            for place, label in enumerate(labels)
        ]
        found = [each.label for each in letters if each.state == "found"]
        examples = [Shown(id=1, label=label, quality=1.0, reason="") for label in found if keep]
        return Spelled(letters=letters, text="", complete=len(found) == len(labels), next=0, examples=examples)

    def show(self, label: str, stream: str) -> Shown:
        return Shown(id=1, label=label, quality=1.0, reason="")


@dataclass(slots=True)
class Clock:
    """A clock that goes on where somebody waits."""

    s: float = 0.0

    def now_s(self) -> float:
        return self.s

    def wait(self, seconds: float) -> None:
        self.s += seconds


@dataclass(frozen=True, slots=True)
class StillGlove(RunningGlove):
    """A glove of a stream that no service has."""

    url: str = ""
    token: str | None = None
    name: str | None = None
    bridge: BridgeProcess | None = None

    def stream(self) -> str:
        return "s"

    def show(self, label: str | None) -> None:
        pass


def sit(hand: Hand) -> tuple[bool, float]:
    """Return whether a sitting came to its end, and the seconds that it took."""
    clock = Clock()
    sitting = Sitting(SpellingWearer("", "ada", hand=hand), StillGlove(), hand, clock.now_s, clock.wait)
    return sitting.run(), clock.s


def test_every_word_is_asked_for_once() -> None:
    hand = Hand()
    is_over, seconds = sit(hand)
    assert is_over
    assert hand.steps == ["moving", "resting"]
    assert hand.asked == ["나비", "모자", "소나기"]
    assert MOVING_S + RESTING_S < seconds < MOVING_S + RESTING_S + 5


def test_words_with_what_was_missed_are_asked_for_once_more() -> None:
    hand = Hand(missed="ㅈ")
    is_over, _ = sit(hand)
    assert is_over
    assert hand.asked == ["나비", "모자", "소나기", "모자"]


@pytest.mark.parametrize(
    ("wishes", "is_over", "asked"),
    [
        (["quit"], False, 0),
        (["next", "quit"], False, 0),
        (["next", "next", "quit"], False, 1),
        (["next", "next", "next", "again", "quit"], False, 2),
        (["next"] * 8, True, 6),
    ],
)
def test_the_user_goes_on_or_ends_it(wishes: list[Wish | None], is_over: bool, asked: int) -> None:
    hand = Hand(missed="ㄴㅂㅁㅈㅅㄱㅏㅣㅗ", wishes=wishes)
    assert sit(hand)[0] == is_over
    assert len(hand.asked) == asked


def test_a_sitting_is_ended_and_keeps_its_examples(url: str) -> None:
    glove = Glove(url)
    with glove.streaming(), calibrate(url, "--wearer", "ended", "--sitting", "--json") as process:
        messages = read_messages(process)
        for _ in range(2):
            assert next(messages)["type"] == "step"
            answer(process, "")
        word = next(messages)
        glove.label = word["labels"][0]
        message = next(messages)
        while message["letters"][0]["state"] != "found":
            message = next(messages)
        answer(process, "")  # go on without the rest
        while message["type"] != "word":
            message = next(messages)
        assert message["number"] == 2
        answer(process, "q")
        assert process.wait(EVENT_S) == 1
    have = httpx.get(f"{url}/v1/wearers/ended").json()["examples"]
    assert have.get(word["labels"][0]) == 1


def test_a_sitting_asks_for_all_letters(url: str) -> None:
    with Glove(url).streaming(), calibrate(url, "--wearer", "지우", "--sitting", "--letters", "ㄱ") as process:
        assert process.wait(EVENT_S) == 2


def test_a_terminal_shows_what_is_understood(capsys: pytest.CaptureFixture[str]) -> None:
    answers = AnswerLines(io.StringIO("\nr\nwhat\nq\n"))
    prompt = TerminalPrompt(answers, countdown=0)
    states = {"ㅇ": "found", "ㅏ": "waiting"}
    letters = [SpelledLetter(label=label, state=state, shape=None) for label, state in states.items()]
    prompt.step("moving", 10.0)
    prompt.word(1, 9, SittingWord(word="아", labels=["ㅇ", "ㅏ"]))
    prompt.spelled(Spelled(letters=letters, text="ㅇ", complete=False, next=1, examples=[]), is_over=False)
    shown = capsys.readouterr().err
    assert "10 s: move your hand" in shown
    assert "1 of 9: spell 아" in shown
    assert "ㅇ ㅏ  ㅇ" in shown
    wishes: list[str | None] = []

    def is_over() -> bool:
        wishes.append(prompt.wish())
        return wishes[-1] == "quit"

    wait_until(is_over)
    assert [wish for wish in wishes if wish] == ["next", "again", "quit"]
    assert prompt.wish() is None
