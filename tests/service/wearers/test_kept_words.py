"""What words have shown in a stream, kept as examples of its wearer on request, and taken away again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any, Final

import httpx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaleglove.hangul.spelling import letters
from scaleglove.letter_templates import load_templates, resting_shape
from scaleglove.trajectory import minimum_jerk
from service.problems import ProblemError
from service.streams.words.word_shapes import WordShape, WordShapes
from service.wearers.archive import FILE, WearerArchive
from service.wearers.database import Database
from service.wearers.kept_words import MOST_EACH, WordKeeper, surplus_of
from service.wearers.limits import MAX_WORDS
from service.wearers.records import Example
from service.wearers.store import WearerStore
from tests.deadlines import EVENT_S
from tests.service.slices import run_slices
from tests.service.wearers.conftest import Show, Wearers, refusal
from tests.service.wearers.test_doubts import HAND, HELD, MOVED, send

WORDS: Final = ("사람", "나라")
"""Words that lead clearly as this hand signs them."""
RESTED: Final = 110
"""Frames of a rest after a word."""
FRAMES: Final = np.tile(np.arange(8, dtype=np.float32), (20, 1))


def signed(words: Sequence[str], seed: int = 0) -> np.ndarray:
    """Return float32[n, 8] of the hand of `test_doubts` that signs words, with a rest after each."""
    rng, templates = np.random.default_rng(seed), load_templates()
    steps: list[tuple[np.ndarray, int]] = []
    for word in words:
        steps += [(templates.letters[letter].mean + HAND, HELD) for letter in letters(word)]
        steps.append((resting_shape(templates) + HAND, RESTED))
    part = minimum_jerk(np.linspace(0, 1, MOVED, dtype=np.float32))[:, np.newaxis]
    pieces = []
    for (shape, count), (after, _) in pairwise([*steps, steps[0]]):
        held = shape + rng.normal(0, [3] * 5 + [0.2] * 3)
        pieces += [np.tile(held, (count, 1)), held + part * (after - held)]
    frames = np.concatenate(pieces)
    return (frames + rng.normal(0, [1.5] * 5 + [0.05] * 3, frames.shape)).astype(np.float32)


def shapes(since_ms: float | None, *shown: tuple[str, float, float]) -> WordShapes:
    """Return shapes (label, time, weight)."""
    return WordShapes(50.0, since_ms, [WordShape(label, t_ms, weight, FRAMES) for label, t_ms, weight in shown])


def read(messages: Sequence[dict[str, Any]]) -> list[tuple[float, str | None]]:
    """Return the time and the label of each prediction."""
    return [(each["t_ms"], each["label"]) for each in messages if each["type"] == "prediction"]


def confidence(wearers: Wearers, label: str, **body: Any) -> float:
    """Return how sure `POST /v1/predict` is that the first hold of the words is this label."""
    window = signed(WORDS, seed=3)[:HELD].tolist()
    url = f"{wearers.service.url}/v1/predict"
    answer = httpx.post(url, json={"windows": [window], "top_k": 24, **body}, timeout=EVENT_S).json()
    return float({each["label"]: each["confidence"] for each in answer["predictions"][0]["top_k"]}[label])


def test_the_next_stream_begins_with_what_the_words_of_the_last_one_have_shown(wearers: Wearers) -> None:
    wearers.create("ada")
    taught, asked = signed(WORDS), signed(WORDS[:1], seed=9)
    with wearers.service.stream() as (socket, started):
        stream = started["stream"]
        assert refusal(wearers.post("/ada/words", {"stream": stream})) == (409, "no_word_examples", "stream")
        reports = [each for each in send(socket, taught) if each["type"] == "self_calibration" and each.get("words")]
        kept = wearers.post("/ada/words", {"stream": stream})
        assert kept.status_code == 200, kept.text
        again = wearers.post("/ada/words", {"stream": stream}).json()
        made = wearers.post("/ada/calibrate", {"stream": stream})
        assert made.status_code == 200, made.text
        before = read(send(socket, asked, first=len(taught)))
    assert kept.json() == again
    assert kept.json()["words"] == dict(sorted(Counter(letters("".join(WORDS))).items()))
    assert kept.json()["added"] == made.json()["words"] == len(letters("".join(WORDS)))
    assert (made.json()["words_left_out"], made.json()["held_back"]) == (0, 0)
    info = wearers.get("/ada")
    assert (info["examples"], info["words"]) == ({}, kept.json()["words"])
    assert [(each["examples"], each["words"]) for each in info["profiles"]] == [({}, made.json()["words"])]
    stored = wearers.get("/ada/examples")["examples"]
    assert {each["source"] for each in stored} == {"words"}
    assert all(0 < each["weight"] <= 1 for each in stored)
    assert wearers.get("/ada/guide")["have"] == {}  # what is still to be shown is as it was

    def later(**start: Any) -> tuple[list[str | None], list[dict[str, Any]]]:
        with wearers.service.stream(**start) as (socket, _):
            messages = send(socket, asked)
        return [label for _, label in read(messages)], messages

    count = len(later()[0])
    with_words, messages = later(wearer="ada")
    same = [one == other for one, (_, other) in zip(with_words, before[-count:], strict=True)]
    assert sum(same) >= 0.9 * count
    known = {each["label"] for each in reports[-1]["known"]}
    later_known = [each["known"] for each in messages if each["type"] == "self_calibration"]
    assert not later_known or {each["label"] for each in later_known[-1]} >= known
    assert confidence(wearers, "ㅅ", wearer="ada") > confidence(wearers, "ㅅ")  # no stream is needed

    forgotten = httpx.delete(f"{wearers.url}/ada/words", timeout=EVENT_S)
    assert forgotten.json() == {"deleted": kept.json()["added"]}
    assert wearers.get("/ada")["words"] == {}


def test_words_beside_shown_examples_are_kept_apart_and_dropped_where_these_say_something_else(
    wearers: Wearers,
) -> None:
    wearers.create("ada")
    with wearers.service.stream() as (socket, started):
        send(socket, signed(WORDS[:1]))
        wearers.post("/ada/words", {"stream": started["stream"]}).raise_for_status()
    held = load_templates().letters["ㅅ"].mean + HAND  # what the word took for ㅅ is another letter
    for label in ("ㅈ", "ㅁ", "ㄹ"):
        shape = held if label == "ㅈ" else load_templates().letters[label].mean + HAND
        wearers.post("/ada/examples", {"label": label, "frames": [shape.tolist()] * 60}).raise_for_status()
    made = wearers.post("/ada/calibrate", {}).json()
    assert (made["words"], made["words_left_out"]) == (4, 1)
    assert wearers.get("/ada/profiles")["profiles"][0]["examples"] == {"ㄹ": 1, "ㅁ": 1, "ㅈ": 1}
    assert made["single"] == ["ㄹ", "ㅁ", "ㅈ"]


@pytest.mark.parametrize(
    ("body", "status", "code", "field"),
    [
        ({}, 422, "invalid_request", "stream"),
        ({"stream": "none"}, 404, "unknown_stream", "stream"),
        ({"stream": "s", "label": "ㄱ"}, 422, "invalid_request", "label"),
    ],
)
def test_what_is_refused(wearers: Wearers, body: dict[str, Any], status: int, code: str, field: str) -> None:
    wearers.create("ada")
    assert refusal(wearers.post("/ada/words", body)) == (status, code, field)


def test_what_a_later_word_has_contradicted_is_kept_no_longer(database: Database) -> None:
    store, keeper = WearerStore(database), WordKeeper(database)
    store.create("ada")
    assert keeper.keep("ada", "one", shapes(100, ("ㄱ", 100, 0.5), ("ㄴ", 200, 0.6))).words == {"ㄱ": 1, "ㄴ": 1}
    assert keeper.keep("ada", "two", shapes(100, ("ㄱ", 100, 0.5))).added == 1
    # The stream has forgotten the first shape, and says something else of the second one.
    kept = keeper.keep("ada", "one", shapes(150, ("ㄷ", 200, 0.9), ("ㄹ", 300, 1.0)))
    assert (kept.added, kept.words) == (3, {"ㄱ": 2, "ㄷ": 1, "ㄹ": 1})
    assert keeper.keep("ada", "one", shapes(None)).words == kept.words
    with pytest.raises(ProblemError, match="no wearer is called"):
        keeper.keep("eve", "one", shapes(None))


def test_words_take_no_place_of_shown_examples_and_are_exported(
    database: Database, example: Callable[..., Example], show: Show
) -> None:
    store, keeper, archive = WearerStore(database), WordKeeper(database), WearerArchive(database)
    store.create("ada")
    store.add_example("ada", example("ㄱ"))
    many = [("ㄱ", 10.0 * number, 0.1 + 0.01 * number) for number in range(MOST_EACH + 5)]
    assert keeper.keep("ada", "one", shapes(0, *many)).words == {"ㄱ": MOST_EACH}
    assert [each.source for each in store.windows("ada")] == ["posted"]
    weights = [each.weight for each in store.all_windows("ada")]
    assert weights == [None, *(weight for _, _, weight in many[5:])]
    file = run_slices(FILE.pack(archive.read_wearer("ada")))
    store.delete("ada")
    imported = archive.import_wearer(run_slices(FILE.unpack(file)), replace=False)
    assert (imported.examples, imported.words) == ({"ㄱ": 1}, {"ㄱ": MOST_EACH})
    assert run_slices(FILE.pack(archive.read_wearer("ada"))) == file
    assert store.delete_words("ada") == MOST_EACH
    assert store.delete_words("ada") == 0


@given(
    st.lists(
        st.tuples(st.sampled_from([chr(ord("A") + index) for index in range(40)]), st.floats(0.1, 1)), max_size=900
    )
)
def test_rare_letters_keep_their_examples_and_the_surest_stay(shown: list[tuple[str, float]]) -> None:
    numbered = [(number, label, weight) for number, (label, weight) in enumerate(shown)]
    surplus = set(surplus_of(numbered))
    kept = [each for each in numbered if each[0] not in surplus]
    assert len(kept) <= MAX_WORDS
    counts = Counter(label for _, label, _ in kept)
    assert set(counts) == {label for _, label, _ in numbered}
    assert max(counts.values(), default=0) <= MOST_EACH
    for number, label, weight in numbered:
        if number in surplus:
            assert weight <= min(each[2] for each in kept if each[1] == label)
