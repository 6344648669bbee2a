"""A sitting over real sockets: words that are asked for, what was held for them, and the profile that it makes."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import Any

import httpx
import pytest

from scaleglove.letter_templates import load_templates, resting_shape
from scaleglove.letters import LETTERS
from scaleglove.vocabulary import load_vocabulary
from service.wearers.sitting_words import sitting_words, uncovered
from tests.deadlines import EVENT_S
from tests.service.wearers.conftest import Wearers
from tests.service.wearers.test_doubts import HAND, LINE, right, send, signed


def words(wearers: Wearers, name: str, **query: Any) -> dict[str, Any]:
    response = httpx.get(f"{wearers.url}/{name}/sitting", params=query, timeout=EVENT_S)
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


def spell(
    wearers: Wearers, stream: str, labels: list[str] | str, since: int = 0, name: str = "ada", **body: Any
) -> dict[str, Any]:
    response = wearers.post(f"/{name}/sitting", {"stream": stream, "labels": list(labels), "since": since, **body})
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


def states(spelled: dict[str, Any]) -> str:
    """Return the first letter of each state."""
    return "".join(letter["state"][0] for letter in spelled["letters"])


def test_the_words_of_a_sitting_have_every_letter_and_those_at_risk_twice(wearers: Wearers) -> None:
    wearers.create("ada")
    asked = words(wearers, "ada")
    assert asked == words(wearers, "ada")
    assert asked["uncovered"] == []
    there = Counter(label for word in asked["words"] for label in word["labels"])
    assert set(there) == set(LETTERS)
    assert len(asked["at_risk"]) == 8
    assert all(there[label] >= 2 for label in asked["at_risk"])
    assert 6 <= len(asked["words"]) <= 12
    assert there.total() <= 48
    for one, other in pairwise(asked["words"]):
        assert one["labels"][-1] != other["labels"][0]
    few = words(wearers, "ada", labels=["ㅋ", "ㅛ"])
    assert {"ㅋ", "ㅛ"} <= {label for word in few["words"] for label in word["labels"]}
    assert len(few["words"]) <= 3


@pytest.mark.parametrize(("name", "most"), [("korean", 12), ("american", 12), ("american_signs", 12)])
def test_every_vocabulary_has_words_for_its_letters_that_are_held_still(name: str, most: int) -> None:
    vocabulary = load_vocabulary(name)
    found = sitting_words(vocabulary, vocabulary.names, vocabulary.names[:8])
    assert 0 < len(found) <= most
    assert sum(len(word.labels) for word in found) <= 50
    moving = {each.label for each in vocabulary.labels if each.moving}
    assert not moving & {label for word in found for label in word.labels}
    still = [each.label for each in vocabulary.labels if len(each.label) == 1 and not each.moving]
    assert uncovered(found, still) == []


def test_an_unknown_hand_is_known_after_a_sitting(wearers: Wearers) -> None:
    wearers.create("ada")
    asked = words(wearers, "ada")["words"]
    with wearers.service.stream() as (socket, started):
        stream, first, since = started["stream"], 0, 0
        rest = resting_shape(load_templates()) + HAND
        wearers.post("/ada/examples", {"label": "rest", "frames": [rest.tolist()] * 60}).raise_for_status()
        for seed, word in enumerate(asked):
            frames = signed(word["labels"], seed)
            send(socket, frames, first)
            first += len(frames)
            spelled = spell(wearers, stream, word["labels"], since)
            assert spelled["complete"], (word, spelled)
            assert spelled["text"] == word["word"]
            kept = spell(wearers, stream, word["labels"], since, keep=True)
            assert [each["label"] for each in kept["examples"]] == word["labels"]
            assert {each["source"] for each in kept["examples"]} == {"stream"}
            since = kept["next"]
        assert wearers.post("/ada/calibrate", {"stream": stream}).status_code == 200
    have = wearers.get("/ada")["examples"]
    assert have.pop("rest") == 1
    assert have == dict(Counter(label for word in asked for label in word["labels"]))
    with wearers.service.stream(wearer="ada") as (socket, _):
        assert right(send(socket, signed(LINE, seed=99)), LINE) >= len(LINE) - 1


def test_a_word_is_followed_letter_by_letter(wearers: Wearers) -> None:
    wearers.create("ada")
    labels = ["ㄴ", "ㅏ", "ㄱ", "ㅗ"]
    with wearers.service.stream() as (socket, started):
        stream = started["stream"]
        begun = spell(wearers, stream, [])
        assert (begun["letters"], begun["text"], begun["next"]) == ([], "", 0)
        nothing = spell(wearers, stream, labels)
        assert (states(nothing), nothing["text"], nothing["complete"]) == ("wwww", "", False)
        send(socket, signed(labels[:2]))
        half = spell(wearers, stream, labels)
        assert (states(half), half["text"], half["complete"]) == ("ffww", "나", False)
        assert [each["shape"] for each in half["letters"]] == [0, 1, None, None]
        assert half["next"] == 2
        after = spell(wearers, stream, labels, since=half["next"])
        assert states(after) == "wwww"
        kept = spell(wearers, stream, labels, keep=True)  # the wearer goes on without the rest
        assert [each["label"] for each in kept["examples"]] == labels[:2]
    assert wearers.get("/ada")["examples"] == {"ㄴ": 1, "ㅏ": 1}


def test_another_letter_than_the_one_that_was_asked_for_is_no_example(wearers: Wearers) -> None:
    wearers.create("ada")
    for label in "ㄴㅏㅂㄹㅗ":
        shape = load_templates().letters[label].mean + HAND
        wearers.post("/ada/examples", {"label": label, "frames": [shape.tolist()] * 60}).raise_for_status()
    with wearers.service.stream() as (socket, started):
        send(socket, signed(["ㄴ", "ㅏ", "ㅂ", "ㅗ"]))
        kept = spell(wearers, started["stream"], ["ㄴ", "ㅏ", "ㄹ", "ㅗ"], keep=True)
    assert [each["label"] for each in kept["examples"]] == ["ㄴ", "ㅏ", "ㅗ"]
    assert kept["letters"][2]["state"] in {"unsure", "missed"}
    assert not kept["complete"]


@pytest.mark.parametrize(
    ("body", "status", "code", "field"),
    [
        ({"labels": ["hello"]}, 422, "invalid_request", "labels"),
        ({"labels": ["ㄱ"] * 25}, 422, "invalid_request", "labels"),
        ({"labels": ["ㄱ"], "since": -1}, 422, "invalid_request", "since"),
        ({"labels": ["ㄱ"], "stream": "none"}, 404, "unknown_stream", "stream"),
        ({"labels": ["ㄱ"], "model": "none"}, 404, "unknown_model", "model"),
    ],
)
def test_refusals(wearers: Wearers, body: dict[str, Any], status: int, code: str, field: str) -> None:
    wearers.create("ada")
    with wearers.service.stream() as (_, started):
        response = wearers.post("/ada/sitting", {"stream": started["stream"], **body})
        assert (response.status_code, response.json()["code"]) == (status, code), response.text
        assert response.json().get("field", field) == field
        assert wearers.post("/nobody/sitting", {"stream": started["stream"], "labels": []}).status_code == 404
    unknown = httpx.get(f"{wearers.url}/nobody/sitting", timeout=EVENT_S)
    assert (unknown.status_code, unknown.json()["code"]) == (404, "unknown_wearer")
