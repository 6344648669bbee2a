"""Streams with a wearer's profile, over real sockets."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import numpy as np
import pytest

from models.adaptation.few_shot import softmax
from models.adaptation.user_reference import Examples, UserReference
from models.runtime.artefact import Artefact
from service.wearers.profile_loader import ProfileLoader
from tests.deadlines import wait_until
from tests.service.sockets import binary_frames, even, read, read_to_end
from tests.service.wearers.conftest import Show, Wearers, refusal

LETTERS = "ㄱㄴㄷㅏㅓ"


@pytest.fixture
def ada(wearers: Wearers) -> Wearers:
    """Return the wearers' API with one calibrated wearer."""
    wearers.create("ada", LETTERS)
    assert wearers.post("/ada/calibrate").status_code == 200
    return wearers


def start_refused(wearers: Wearers, started: Callable[..., Any], **start: Any) -> tuple[str, str]:
    with wearers.service.socket() as socket:
        socket.send(json.dumps(started(**start)))
        ((error,), code) = read_to_end(socket)
    assert (error["type"], code) == ("error", 1008)
    return error["code"], error["detail"]


def test_the_profile_applies_from_the_first_window(ada: Wearers, artefact: Artefact, show: Show) -> None:
    with ada.service.stream(wearer="ada") as (socket, started):
        assert (started["wearer"], started["profile"]) == ("ada", 1)
        socket.send(binary_frames(0, even(0, 60), show("ㄴ", take=7)))
        answers = [read(socket) for _ in range(6)]
        predictions = [answer for answer in answers if answer["type"] == "prediction" and answer["state"] != "warming"]
        assert {prediction["label"] for prediction in predictions} == {"ㄴ"}
    with ada.service.stream() as (_, started):
        assert (started["wearer"], started["profile"]) == (None, None)


def test_the_profile_is_computed_from_the_wearers_examples(ada: Wearers, artefact: Artefact, show: Show) -> None:
    """Streams and requests respond as the model with the wearer's reference does."""
    window = show("ㄷ", take=9)
    examples = artefact.run_windows([show(letter, take) for letter in LETTERS for take in range(2)])
    marks = [artefact.contract.labels.index(letter) for letter in LETTERS for _ in range(2)]
    outputs = artefact.run_windows([window])
    reference = UserReference.of(Examples(examples.embedding, marks), len(artefact.contract.labels))
    log_scores = reference.log_scores(outputs.probabilities, outputs.embedding)
    expected = softmax(log_scores)[0, : len(artefact.contract.labels)]
    body = {"windows": [window.tolist()], "wearer": "ada", "top_k": 24}
    response = httpx.post(f"{ada.service.url}/v1/predict", json=body)
    assert response.status_code == 200, response.text
    (answer,) = response.json()["predictions"]
    assert answer["label"] == artefact.contract.labels[expected.argmax()] == "ㄷ"
    confidences = {candidate["label"]: candidate["confidence"] for candidate in answer["top_k"]}
    np.testing.assert_allclose([confidences[label] for label in artefact.contract.labels], expected, atol=1e-4)


def test_other_streams_are_not_affected(ada: Wearers, show: Show) -> None:
    def ask(**more: Any) -> Any:
        body = {"windows": [show(letter, 5).tolist() for letter in LETTERS], **more}
        return httpx.post(f"{ada.service.url}/v1/predict", json=body).json()["predictions"]

    before = ask()
    ada.create("eve", "ㅗㅛㅜ")
    assert ada.post("/eve/calibrate").status_code == 200
    of_ada = ask(wearer="ada")
    assert ask() == before
    ada.add("eve", "ㅠ")
    ada.post("/eve/calibrate")
    assert (ask(), ask(wearer="ada")) == (before, of_ada)
    assert ask(wearer="eve") != of_ada


def test_a_start_without_a_profile_is_refused_with_the_next_step(ada: Wearers, started: Callable[..., Any]) -> None:
    assert start_refused(ada, started, wearer="eve") == ("unknown_wearer", "no wearer is called 'eve'")
    ada.create("eve")
    code, detail = start_refused(ada, started, wearer="eve")
    assert code == "no_profile"
    assert "POST /v1/wearers/eve/calibrate" in detail
    code, detail = start_refused(ada, started, wearer="ada", model="MSCSGRU")
    assert code == "no_profile"
    assert "MSCSGRU" in detail
    assert start_refused(ada, started, wearer="ada", model="GPT")[0] == "unknown_model"
    assert start_refused(ada, started, wearer="ada", channels=["flex1"])[0] == "bad_channels"
    body = {"windows": [[[1] * 8] * 20]}
    for wearer, code in (("nobody", "unknown_wearer"), ("eve", "no_profile")):
        response = httpx.post(f"{ada.service.url}/v1/predict", json=body | {"wearer": wearer})
        assert refusal(response) == (404 if code == "unknown_wearer" else 409, code, "wearer")


def test_a_profile_for_another_artefact_is_refused(ada: Wearers, started: Callable[..., Any]) -> None:
    """As after a model was replaced by another of the same name."""
    reload = ada.service.reload
    model = reload._registry.get()
    digest, model.digest = model.digest, "f" * 64
    try:
        code, detail = start_refused(ada, started, wearer="ada")
        assert code == "profile_mismatch"
        assert digest[:12] in detail
        assert "f" * 12 in detail
        assert "calibrate" in detail
        assert ada.post("/ada/calibrate").json()["version"] == 2  # from the windows that are kept
        with ada.service.stream(wearer="ada") as (_, started_again):
            assert started_again["profile"] == 2
    finally:
        model.digest = digest


def test_a_running_stream_takes_the_new_profile(ada: Wearers, show: Show) -> None:
    with ada.service.stream(wearer="ada") as (socket, started), ada.service.stream() as (other, _):
        with ada.service.socket(f"/v1/streams/{started['stream']}/watch") as viewer:
            assert read(viewer)["type"] == "started"
            ada.add("ada", "ㅗ", 0)
            assert ada.post("/ada/calibrate").json()["version"] == 2
            changed = read(socket)
            assert (changed["type"], changed["wearer"], changed["version"]) == ("profile", "ada", 2)
            assert changed["vocabulary"] == started["vocabulary"]
            assert read(viewer) == changed
            socket.send(binary_frames(0, even(0, 30), show("ㅗ", take=3, frames=30)))
            answers = [read(socket) for _ in range(3)]
            assert [answer["label"] for answer in answers if answer.get("state") == "ok"][:1] == ["ㅗ"]
            ada.post("/ada/profiles/1/activate")
            wait_until(lambda: any(message["type"] == "profile" for message in messages(socket)))
        with ada.service.socket(f"/v1/streams/{started['stream']}/watch") as late:
            assert read(late)["type"] == "started"
            wait_until(lambda: read(late) == {**changed, "version": 1})
        other.send('{"type": "stop"}')
        assert read(other)["type"] == "stopped"  # this stream was not notified of a profile


def test_a_wearer_who_is_deleted_leaves_the_model_alone(ada: Wearers) -> None:
    with ada.service.stream(wearer="ada") as (socket, _):
        httpx.delete(f"{ada.url}/ada")
        changed = read(socket)
        assert (changed["type"], changed["wearer"], changed["version"]) == ("profile", "ada", None)


def test_a_wearer_who_comes_back_is_known_again(ada: Wearers) -> None:
    """The stream continues with the model alone meanwhile."""
    file = httpx.get(f"{ada.url}/ada/export").content
    with ada.service.stream(wearer="ada") as (socket, _):
        httpx.delete(f"{ada.url}/ada")
        assert read(socket)["version"] is None
        assert httpx.post(f"{ada.url}/import?replace=true", content=file).status_code == 201
        assert read(socket)["version"] == 1


def test_a_profile_that_changes_while_a_stream_begins_reaches_it(ada: Wearers, monkeypatch: pytest.MonkeyPatch) -> None:
    """The profile was loaded before the change, and the stream was not listed yet to be notified."""
    ada.post("/ada/calibrate")
    load, old = ProfileLoader._load, []

    def late(self: ProfileLoader, wearer: str, model: Any) -> Any:
        found = load(self, wearer, model)
        if not old:
            old.append(found)
            assert ada.post("/ada/profiles/1/activate").status_code == 200
        return found

    monkeypatch.setattr(ProfileLoader, "_load", late)
    with ada.service.stream(wearer="ada") as (socket, started):
        assert started["profile"] == 2
        changed = read(socket)
        assert (changed["type"], changed["wearer"], changed["version"]) == ("profile", "ada", 1)


def test_a_stream_that_cannot_use_the_new_profile_keeps_its_own(ada: Wearers) -> None:
    model = ada.service.reload._registry.get()
    with ada.service.stream(wearer="ada") as (socket, _):
        digest, model.digest = model.digest, "e" * 64
        try:
            assert ada.post("/ada/calibrate").json()["version"] == 2
            assert refusal(ada.post("/ada/profiles/1/activate")) == (409, "profile_mismatch", "wearer")
        finally:
            model.digest = digest
        ada.post("/ada/profiles/1/activate")
        socket.send('{"type": "stop"}')
        messages = read_to_end(socket)[0]
        assert messages[-1]["type"] == "stopped"


def test_an_example_from_a_running_stream(wearers: Wearers, show: Show) -> None:
    wearers.create("ada")
    with wearers.service.stream() as (socket, started):

        def add() -> httpx.Response:
            return wearers.post("/ada/examples", {"label": "ㄱ", "stream": started["stream"]})

        assert refusal(add()) == (409, "no_window", "stream")
        socket.send(binary_frames(0, even(0, 5), show("ㄱ", frames=5)))
        assert "warming" in read(socket)["state"]
        assert refusal(add())[1] == "no_window"
        socket.send(binary_frames(5, even(5, 100), show("ㄱ", frames=100)))
        for _ in range(20):
            read(socket)
        added = add()
        assert added.status_code == 201, added.text
        assert (added.json()["source"], added.json()["frames"]) == ("stream", wearers.window_frames)
        socket.send(binary_frames(110, even(110, 10), show("ㄱ", frames=10)))  # five frames are lost
        wait_until(lambda: any(message["type"] == "gap" for message in messages(socket)))
        problem = add()
        assert refusal(problem) == (409, "no_window", "stream")
        assert "missing" in problem.json()["detail"]
    assert refusal(wearers.post("/ada/examples", {"label": "ㄱ", "stream": "none"})) == (
        404,
        "unknown_stream",
        "stream",
    )
    both = {"label": "ㄱ", "stream": "x", "frames": [[1] * 8]}
    assert refusal(wearers.post("/ada/examples", both)) == (422, "invalid_request", "frames")


def test_a_stale_stream_gives_no_example(start_service: Any, tmp_path: Any, show: Show) -> None:
    with start_service(stale_after_ms=50, database_url=f"sqlite:///{tmp_path}/wearers.db") as service:
        wearers = Wearers(service, show)
        wearers.create("ada")
        with service.stream() as (socket, started):
            socket.send(binary_frames(0, even(0, 60), show("ㄱ")))
            wait_until(lambda: any(message["type"] == "prediction" for message in messages(socket)))
            wait_until(lambda: any(message["type"] == "stale" for message in messages(socket)))
            answer = wearers.post("/ada/examples", {"label": "ㄱ", "stream": started["stream"]})
            assert refusal(answer) == (409, "no_window", "stream")


def messages(socket: Any) -> Iterator[dict[str, Any]]:
    """Yield the next message if it arrives in time."""
    try:
        yield json.loads(socket.recv(timeout=0.2))
    except TimeoutError:
        return
