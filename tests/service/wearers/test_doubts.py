"""Questions about shapes already held, and answers that become examples, over real sockets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from websockets.sync.client import ClientConnection

from models.adaptation.decision import log_scores, probabilities_of
from models.adaptation.front_end import FrontEnd
from models.runtime.artefact import Artefact
from scaleglove.letter_templates import load_templates
from scaleglove.trajectory import minimum_jerk
from service.inference.engine import Engine
from service.streams.shape_memory import REMEMBERED, HeldShape, StreamShapes
from service.telemetry.metrics import Metrics
from service.wearers.database import Database
from service.wearers.doubts import DoubtfulShapes
from service.wearers.profiles import ProfileStore
from service.wearers.seen_shapes import ShapeViewer
from service.wearers.store import WearerStore
from tests.deadlines import EVENT_S
from tests.service.sockets import binary_frames, even, read
from tests.service.wearers.conftest import Show, Wearers, refusal

HELD, MOVED = 40, 15
"""Frames of a letter, and from one letter to the next."""

HAND = np.array([10, -8, 12, -10, 8, 14, -12, 20], np.float32)
"""A hand that holds every letter otherwise than those in the training data."""

LINE = "ㄱㅏㄴㅗㄷㅣㄹㅜㅁㅓㅂㅡㅅㅑㅇㅛ"
"""No two neighbours are alike: one hold each."""


def signed(letters: Sequence[str], seed: int = 0) -> np.ndarray:
    """Return float32[n, 8] of the hand that holds one letter after the other, and then moves on."""
    rng = np.random.default_rng(seed)
    shapes = [load_templates().letters[letter].mean + HAND for letter in (*letters, letters[0])]
    part = minimum_jerk(np.linspace(0, 1, MOVED, dtype=np.float32))[:, np.newaxis]
    pieces = []
    for shape, after in pairwise(shapes):
        held = shape + rng.normal(0, [3] * 5 + [0.2] * 3)  # no letter is held twice alike
        pieces += [np.tile(held, (HELD, 1)), held + part * (after - held)]
    frames = np.concatenate(pieces)
    return (frames + rng.normal(0, [1.5] * 5 + [0.05] * 3, frames.shape)).astype(np.float32)


def truth_at(t_ms: float, letters: Sequence[str]) -> str:
    """Return the letter that was held from about `t_ms` on."""
    return letters[round(t_ms / 20 / (HELD + MOVED))]


@contextmanager
def signing(wearers: Wearers, letters: Sequence[str], seed: int = 0) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Stream the letters; yield the stream's name, and the messages once all windows are answered."""
    with wearers.service.stream() as (socket, started):
        yield started["stream"], send(socket, signed(letters, seed))


def send(socket: ClientConnection, frames: np.ndarray, first: int = 0) -> list[dict[str, Any]]:
    """Send frames numbered from `first` on; return the messages once all of their windows are answered."""
    for begin in range(0, len(frames), 100):
        part = frames[begin : begin + 100]
        socket.send(binary_frames(first + begin, even(first + begin, len(part)), part))
    messages: list[dict[str, Any]] = []
    last_window_ms = ((first + len(frames)) // 5 * 5 - 1) * 20.0
    while not messages or messages[-1].get("type") != "prediction" or messages[-1]["t_ms"] < last_window_ms:
        messages.append(read(socket))
    return messages


def doubts(wearers: Wearers, name: str, stream: str, **query: Any) -> dict[str, Any]:
    response = httpx.get(f"{wearers.url}/{name}/doubts", params={"stream": stream, **query}, timeout=EVENT_S)
    assert response.status_code == 200, response.text
    return response.json()  # type: ignore[no-any-return]


def answer(wearers: Wearers, name: str, stream: str, shape: int, label: str) -> httpx.Response:
    return wearers.post(f"/{name}/examples", {"label": label, "stream": stream, "shape": shape})


def test_every_shape_is_asked_about_once_and_the_answers_are_examples(wearers: Wearers) -> None:
    letters = LINE[:8]
    wearers.create("ada")
    with signing(wearers, letters) as (stream, _):
        answered: list[int] = []
        while asked := doubts(wearers, "ada", stream, count=3)["doubts"]:
            for doubt in asked:
                added = answer(wearers, "ada", stream, doubt["shape"], truth_at(doubt["t_ms"], letters))
                assert added.status_code == 201, added.text
                assert added.json()["source"] == "stream"
                answered.append(doubt["shape"])
        assert len(set(answered)) == len(answered) == 8
    assert wearers.get("/ada")["examples"] == dict.fromkeys(letters, 1)


def test_what_is_needed_to_remember_a_shape(wearers: Wearers) -> None:
    letters = LINE[:8]
    wearers.create("ada")
    with signing(wearers, letters) as (stream, messages):
        found = doubts(wearers, "ada", stream, count=REMEMBERED)
    assert found["held"] == len(found["doubts"]) == len(letters)
    written = {m["shape"]: m["label"] for m in messages if m["type"] == "gesture" and m["phase"] == "begin"}
    assert written
    in_order = sorted(found["doubts"], key=lambda each: each["shape"])
    line = [doubt["letter"] for doubt in in_order]
    for place, doubt in enumerate(in_order):
        assert doubt["letter"] == written.get(doubt["shape"])
        assert doubt["before"] == [letter for letter in line[:place] if letter][-3:]
        assert doubt["after"] == [letter for letter in line[place + 1 :] if letter][:3]
        shares = [candidate["confidence"] for candidate in doubt["candidates"]]
        assert shares == sorted(shares, reverse=True)
        expected = load_templates().letters[truth_at(doubt["t_ms"], letters)].mean + HAND
        np.testing.assert_allclose(doubt["frame"][:5], expected[:5], atol=15)


def test_answers_make_the_profile_better(wearers: Wearers) -> None:
    """Sixteen answers, asked for in two rounds, and the same text in another pass is read better than before."""
    letters = LINE
    wearers.create("ada")
    with signing(wearers, letters) as (stream, before):
        for _ in range(2):
            for doubt in doubts(wearers, "ada", stream, count=8)["doubts"]:
                answer(wearers, "ada", stream, doubt["shape"], truth_at(doubt["t_ms"], letters)).raise_for_status()
        calibrated = wearers.post("/ada/calibrate", {"stream": stream})
        assert calibrated.status_code == 200, calibrated.text
    with wearers.service.stream(wearer="ada") as (socket, _):
        after = send(socket, signed(letters, seed=1))
    assert right(before, letters) <= 8
    assert right(after, letters) >= 15


def right(messages: Sequence[dict[str, Any]], letters: Sequence[str]) -> int:
    """Return how many letters were begun while they were held."""
    begun = [m for m in messages if m["type"] == "gesture" and m["phase"] == "begin"]
    return sum(letters[int(m["t_ms"] // (20 * (HELD + MOVED)))] == m["label"] for m in begun)


def test_a_letter_of_the_text_is_corrected_by_the_shape_that_its_gesture_names(wearers: Wearers) -> None:
    wearers.create("ada")
    with signing(wearers, LINE[:4]) as (stream, messages):
        gesture = next(m for m in messages if m["type"] == "gesture")
        added = answer(wearers, "ada", stream, gesture["shape"], "thumbs up")
        assert added.status_code == 201, added.text
        later = doubts(wearers, "ada", stream, count=REMEMBERED)["doubts"]
    assert gesture["shape"] not in [doubt["shape"] for doubt in later]
    assert wearers.get("/ada")["examples"] == {"thumbs up": 1}
    (example,) = wearers.get("/ada/examples")["examples"]
    assert (example["frames"], example["sample_rate_hz"]) == (20, 50.0)


def test_an_own_sign_is_a_candidate_once_it_was_an_answer(wearers: Wearers) -> None:
    wearers.create("ada")
    with signing(wearers, ["ㄱ", "ㅏ", "ㄱ", "ㅗ"]) as (stream, _):
        shapes = {doubt["shape"]: doubt for doubt in doubts(wearers, "ada", stream)["doubts"]}
        first, again = (next(s for s in sorted(shapes) if s >= least) for least in (0, 2))
        answer(wearers, "ada", stream, first, "mine").raise_for_status()
        found = {doubt["shape"]: doubt for doubt in doubts(wearers, "ada", stream)["doubts"]}
    assert "mine" in [candidate["label"] for candidate in found[again]["candidates"]]


def test_an_answer_of_another_alphabet_is_an_example_and_a_candidate_once_it_is_an_own_sign(wearers: Wearers) -> None:
    wearers.create("ada")
    with signing(wearers, ["ㄱ", "ㅏ", "ㄱ", "ㅗ"]) as (stream, _):
        first, _, again, _ = sorted(each["shape"] for each in doubts(wearers, "ada", stream)["doubts"])
        answer(wearers, "ada", stream, first, "a").raise_for_status()

        def found() -> dict[int, list[str]]:
            listed = doubts(wearers, "ada", stream, count=REMEMBERED)["doubts"]
            return {each["shape"]: [candidate["label"] for candidate in each["candidates"]] for each in listed}

        assert first not in found()
        assert "a" not in found()[again]
        wearers.post("/ada/calibrate", {"signs": ["a"]}).raise_for_status()
        assert first not in found()
        assert "a" in found()[again]


def test_where_own_signs_stand_alone_nothing_else_is_a_candidate(wearers: Wearers) -> None:
    wearers.create("ada", "ㄱㄴ", takes=1)
    with signing(wearers, ["ㄱ", "ㅏ", "ㄱ", "ㅗ"]) as (stream, _):
        shapes = sorted(each["shape"] for each in doubts(wearers, "ada", stream)["doubts"])
        for shape, label in zip(shapes, ("fist", "point"), strict=False):
            answer(wearers, "ada", stream, shape, label).raise_for_status()
        wearers.post("/ada/calibrate", {"alone": True}).raise_for_status()
        asked = doubts(wearers, "ada", stream)["doubts"]
        assert asked
        for doubt in asked:
            assert {candidate["label"] for candidate in doubt["candidates"]} == {"fist", "point"}
        httpx.delete(f"{wearers.url}/ada/examples", params={"label": "fist"}).raise_for_status()
        httpx.delete(f"{wearers.url}/ada/examples", params={"label": "point"}).raise_for_status()
        assert doubts(wearers, "ada", stream)["doubts"]  # among letters, since there is no example of a sign


def test_a_hand_that_was_still_made_no_own_sign_that_moves(wearers: Wearers) -> None:
    """Though the sign moves around the very letter that is held."""
    wearers.create("ada")
    sway = 30 * np.sin(np.arange(60, dtype=np.float32) / 5)
    frames = np.tile(np.float32(load_templates().letters["ㄱ"].mean) + HAND, (60, 1))
    frames[:, 5] += sway
    with signing(wearers, ["ㄱ", "ㅏ"]) as (stream, _):
        for _ in range(2):
            wearers.post("/ada/examples", {"label": "wave", "frames": frames.tolist()}).raise_for_status()
        before = doubts(wearers, "ada", stream)["doubts"]
        assert any(each["label"] == "wave" and each["confidence"] for doubt in before for each in doubt["candidates"])
        made = wearers.post("/ada/calibrate", {}).json()
        assert [(each["label"], each["moving"]) for each in made["signs"]] == [("wave", True)]
        for doubt in doubts(wearers, "ada", stream)["doubts"]:
            assert not any(each["confidence"] for each in doubt["candidates"] if each["label"] == "wave")


@pytest.mark.parametrize("glove", [None, FrontEnd()])
async def test_of_a_glove_whose_range_is_known_the_model_knows_more(
    artefact_path: Path, database: Database, glove: FrontEnd | None
) -> None:
    model, store = Artefact.load(artefact_path), WearerStore(database)
    assert model.reference is not None
    store.create("ada")
    frames = [np.tile(np.float32(load_templates().letters[letter].mean) + HAND, (20, 1)) for letter in LINE[:4]]
    held = StreamShapes(50.0, [HeldShape(number, 0.0, None, each) for number, each in enumerate(frames)])
    asked = await DoubtfulShapes(ShapeViewer(Engine(Metrics()), store, ProfileStore(database))).find(
        "ada", model, held, glove, 4
    )
    outputs = model.run_windows(frames)
    unknown, known = (
        probabilities_of(each, log_scores(each, outputs.probabilities, outputs.embedding))
        for each in (model.reference, model.reference.ranged())
    )
    assert not np.allclose(unknown.max(axis=1), known.max(axis=1), atol=1e-2)
    expected = unknown if glove is None else known
    assert len(asked.doubts) == 4
    for doubt in asked.doubts:
        likely = expected[doubt.shape, :-1].max()
        assert doubt.candidates[0].confidence == pytest.approx(likely, abs=1e-3)


@pytest.mark.parametrize(
    ("wearer", "query", "expected"),
    [
        ("nobody", {}, (404, "unknown_wearer", "wearer")),
        ("ada", {"stream": "none"}, (404, "unknown_stream", "stream")),
        ("ada", {"model": "GPT"}, (404, "unknown_model", "model")),
        ("ada", {"count": 0}, (422, "invalid_request", "count")),
        ("ada", {"count": REMEMBERED + 1}, (422, "invalid_request", "count")),
    ],
)
def test_a_fault_in_a_question_is_named(
    wearers: Wearers, wearer: str, query: dict[str, Any], expected: tuple[int, str, str]
) -> None:
    wearers.create("ada")
    with wearers.service.stream() as (_, started):
        params = {"stream": started["stream"], **query}
        assert refusal(httpx.get(f"{wearers.url}/{wearer}/doubts", params=params, timeout=EVENT_S)) == expected


def test_a_stream_that_has_held_nothing_is_not_asked_about(wearers: Wearers) -> None:
    wearers.create("ada")
    with wearers.service.stream() as (_, started):
        assert doubts(wearers, "ada", started["stream"]) == {"held": 0, "doubts": []}


def test_a_fault_in_an_answer_is_named(wearers: Wearers, show: Show) -> None:
    wearers.create("ada")
    frames = show("ㄱ").tolist()
    with signing(wearers, LINE[:2]) as (stream, _):
        for body, expected in (
            ({"stream": stream, "shape": 99}, (404, "unknown_shape", "shape")),
            ({"stream": "none", "shape": 0}, (404, "unknown_stream", "stream")),
            ({"stream": stream, "shape": -1}, (422, "invalid_request", "shape")),
            ({"frames": frames, "shape": 0}, (422, "invalid_request", "shape")),
            ({"stream": stream, "shape": 0, "label": ""}, (422, "invalid_request", "label")),
        ):
            assert refusal(wearers.post("/ada/examples", {"label": "ㄱ", **body})) == expected
        assert refusal(answer(wearers, "nobody", stream, 0, "ㄱ")) == (404, "unknown_wearer", "wearer")
    assert wearers.get("/ada")["examples"] == {}
