"""Own signs: which labels they are, and how streams and requests recognise them beside a model's or alone."""

from __future__ import annotations

import httpx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.other_gloves import GLOVES
from models.adaptation.open_set import REST as NO_LETTER
from models.adaptation.open_set import OpenSetReference
from models.adaptation.user_reference import Examples
from scaleglove.letter_templates import load_templates
from scaleglove.vocabulary import REST, load_vocabulary
from service.wearers.own_signs import own_labels, reference_of
from service.wearers.profile_examples import is_movement
from tests.service.sockets import binary_frames, even, read
from tests.service.wearers.conftest import Show, Wearers, refusal

KOREAN = load_vocabulary("korean")
FRAMES = 60


def sign(seed: int, take: int = 0) -> np.ndarray:
    """Return float32[60, 8] of a hand shape that is no letter."""
    shape = np.random.default_rng([9, seed]).uniform([400] * 5 + [-90] * 3, [950] * 5 + [90] * 3)
    noise = np.random.default_rng([9, seed, take]).normal(0, [4] * 5 + [1] * 3, (FRAMES, 8))
    return (shape + noise).astype(np.float32)


def wave(take: int = 0) -> np.ndarray:
    """Return float32[60, 8] of a hand that waves to the end."""
    moved = sign(7, take)
    moved[:, 5:7] += (60 * np.sin(np.arange(FRAMES) / 5)).astype(np.float32)[:, np.newaxis]
    return moved


def teach(wearers: Wearers, name: str, label: str, windows: list[np.ndarray]) -> list[dict[str, object]]:
    answers = []
    for window in windows:
        answer = wearers.post(f"/{name}/examples", {"label": label, "frames": window.tolist()})
        assert answer.status_code == 201, answer.text
        answers.append(answer.json())
    return answers


def named(wearers: Wearers, windows: list[np.ndarray], wearer: str) -> list[str | None]:
    body = {"windows": [window.tolist() for window in windows], "wearer": wearer}
    answer = httpx.post(f"{wearers.service.url}/v1/predict", json=body)
    assert answer.status_code == 200, answer.text
    return [each["label"] for each in answer.json()["predictions"]]


@given(st.lists(st.sampled_from([*"ㄱㄴab", "wave", REST])), st.sets(st.sampled_from(["a", "wave", "ㄱ"])))
def test_own_signs_are_what_neither_the_model_nor_the_package_has(labels: list[str], asked: set[str]) -> None:
    class Contract:
        labels = KOREAN.names

    own = own_labels(labels, Contract, asked)  # type: ignore[arg-type]
    assert own == list(dict.fromkeys(own))
    assert set(own) == (set(labels) & ({"wave"} | asked)) - set(KOREAN.names)


def test_a_movement_differs_from_a_hand_shape() -> None:
    assert not is_movement([sign(1, take) for take in range(3)], 20.0)
    assert is_movement([wave(take) for take in range(3)], 20.0)
    assert is_movement([wave(0), sign(1), wave(1)], 20.0)


def test_letters_that_nobody_showed_are_known_by_the_models_prototypes() -> None:
    model = OpenSetReference.of(np.eye(6, dtype=np.float32) * 3, range(6), 6)
    taught = np.full((1, 6), 9.0, np.float32)
    beside = reference_of(Examples(taught, [6]), 6, 7, model)
    assert sorted(beside.labels) == list(range(7))
    alone = reference_of(Examples(np.vstack([taught, -taught]), [0, 1]), 0, 2, model)
    assert sorted(alone.labels) == [0, 1]
    assert reference_of(Examples(taught, [NO_LETTER]), 6, 6, model).labels.tolist() == [
        NO_LETTER
    ]  # no own sign: as it was


def test_signs_are_recognised_beside_the_letters_of_the_model(wearers: Wearers, show: Show) -> None:
    wearers.create("ada", "ㄱㄴㄷㅏㅓ")
    teach(wearers, "ada", "thumbs up", [sign(1, take) for take in range(3)])
    teach(wearers, "ada", "wave", [wave(take) for take in range(3)])
    made = wearers.post("/ada/calibrate").json()
    assert [(each["label"], each["moving"]) for each in made["signs"]] == [("thumbs up", False), ("wave", True)]
    assert (made["alone"], made["left_out"], made["alike"]) == (False, [], [])
    asked = [sign(1, 7), wave(7), show("ㄴ", 7), show("ㅓ", 7)]
    assert named(wearers, asked, "ada") == ["thumbs up", "wave", "ㄴ", "ㅓ"]
    with wearers.service.stream(wearer="ada") as (socket, started):
        assert started["labels"] == [*KOREAN.names, "thumbs up", "wave"]
        labels = started["vocabulary"]["labels"]
        assert [each["label"] for each in labels if each["moving"]] == ["wave"]
        socket.send(binary_frames(0, even(0, FRAMES), sign(1, 8)))
        messages = [read(socket) for _ in range(9)]
    assert {each["label"] for each in messages if each.get("state") == "ok"} == {"thumbs up"}
    assert [each["label"] for each in messages if each["type"] == "gesture"] == ["thumbs up"]


def test_a_running_stream_learns_a_sign(wearers: Wearers, show: Show) -> None:
    wearers.create("ada", "ㄱㄴㄷㅏㅓ")
    wearers.post("/ada/calibrate")
    with wearers.service.stream(wearer="ada") as (socket, started):
        assert started["labels"] == list(KOREAN.names)
        teach(wearers, "ada", "thumbs up", [sign(1, take) for take in range(3)])
        wearers.post("/ada/calibrate")
        changed = read(socket)
        assert changed["type"] == "profile"
        assert changed["vocabulary"]["labels"][-1] == {"label": "thumbs up", "moving": False, "display": "thumbs up"}
        socket.send(binary_frames(0, even(0, FRAMES), sign(1, 9)))
        messages = [read(socket) for _ in range(6)]
    assert {each["label"] for each in messages if each.get("state") == "ok"} == {"thumbs up"}


def test_a_sign_alone_leaves_the_letters_to_the_model(wearers: Wearers, show: Show) -> None:
    """Three examples of one sign, and none of any letter: letters are recognised as without a profile."""
    wearers.create("ada")
    teach(wearers, "ada", "thumbs up", [sign(1, take) for take in range(3)])
    assert wearers.post("/ada/calibrate").status_code == 200
    windows = [show(letter) for letter in KOREAN.names]
    body = {"windows": [window.tolist() for window in windows]}
    answer = httpx.post(f"{wearers.service.url}/v1/predict", json=body).json()
    without = [each["label"] for each in answer["predictions"]]
    same = [one == other for one, other in zip(named(wearers, windows, "ada"), without, strict=True)]
    assert sum(same) >= len(same) - 1
    assert named(wearers, [sign(1, 5)], "ada") == ["thumbs up"]


def test_a_vocabulary_of_own_signs_alone(wearers: Wearers, show: Show) -> None:
    wearers.create("ada", "ㄱㄴㄷ")
    teach(wearers, "ada", "one", [sign(1, take) for take in range(3)])
    assert refusal(wearers.post("/ada/calibrate", {"alone": True})) == (422, "too_few_signs", "alone")
    teach(wearers, "ada", "two", [sign(2, take) for take in range(3)])
    made = wearers.post("/ada/calibrate", {"alone": True}).json()
    assert (made["alone"], made["left_out"]) == (True, ["ㄱ", "ㄴ", "ㄷ"])
    assert named(wearers, [sign(1, 7), sign(2, 7)], "ada") == ["one", "two"]
    with wearers.service.stream(wearer="ada") as (socket, started):
        assert started["labels"] == ["one", "two"]
        socket.send(binary_frames(0, even(0, FRAMES), sign(2, 8)))
        messages = [read(socket) for _ in range(6)]
    assert {each["label"] for each in messages if each.get("state") == "ok"} == {"two"}


def test_signs_that_are_too_alike_are_said_to_be(wearers: Wearers) -> None:
    wearers.create("ada")
    teach(wearers, "ada", "one", [sign(1, take) for take in range(3)])
    (answer,) = teach(wearers, "ada", "uno", [sign(1, 4)])
    assert (answer["code"], answer["other"]) == ("close_to_other", "one")
    alike = wearers.post("/ada/calibrate").json()["alike"]
    assert ["one", "uno"] in alike


def test_a_few_signs_are_read_as_the_stream_reads_the_glove(wearers: Wearers, show: Show) -> None:
    """Three examples of a sign do not tell how a glove reads; a stream may know it."""
    reads = GLOVES["12 bits"]
    wearers.create("known")
    templates = load_templates().letters
    for letter in "ㄱㄴㄷㄹㅁㅂㅅㅇㅈㅊ":
        held = np.repeat(np.array([templates[letter].mean], np.float32), FRAMES, axis=0)
        teach(wearers, "known", letter, [reads(held)])
    wearers.post("/known/calibrate")
    wearers.create("ada")
    teach(wearers, "ada", "thumbs up", [reads(sign(1, take)) for take in range(3)])
    assert refusal(wearers.post("/ada/calibrate", {"stream": "gone"})) == (404, "unknown_stream", "stream")
    with wearers.service.stream(wearer="known") as (_, started):
        wearers.post("/ada/calibrate", {"stream": started["stream"]})
    (fitted,), (used,) = ([each["front_end"] for each in stored(wearers, name)] for name in ("known", "ada"))
    assert used == fitted
    wearers.post("/ada/calibrate")
    assert stored(wearers, "ada")[-1]["front_end"] is None


def stored(wearers: Wearers, name: str) -> list[dict[str, object]]:
    return wearers.get(f"/{name}/export")["content"]["profiles"]


def test_labels_of_another_alphabet_are_signs_only_where_they_are_asked_for(wearers: Wearers) -> None:
    wearers.create("ada", "ㄱㄴㄷ")
    teach(wearers, "ada", "y", [sign(1, take) for take in range(3)])
    made = wearers.post("/ada/calibrate").json()
    assert (made["signs"], made["left_out"]) == ([], ["y"])
    made = wearers.post("/ada/calibrate", {"signs": ["y"]}).json()
    assert [each["label"] for each in made["signs"]] == ["y"]
    again = wearers.post("/ada/calibrate").json()  # as in the profile before
    assert [each["label"] for each in again["signs"]] == ["y"]
    assert refusal(wearers.post("/ada/calibrate", {"signs": ["z"]})) == (422, "unknown_label", "signs")


def test_signs_are_exported_and_imported_with_their_wearer(wearers: Wearers) -> None:
    wearers.create("ada", "ㄱㄴㄷ")
    teach(wearers, "ada", "thumbs up", [sign(1, take) for take in range(3)])
    wearers.post("/ada/calibrate")
    file = httpx.get(f"{wearers.url}/ada/export").content
    httpx.delete(f"{wearers.url}/ada").raise_for_status()
    assert httpx.post(f"{wearers.url}/import", content=file).status_code == 201
    assert named(wearers, [sign(1, 7)], "ada") == ["thumbs up"]
    (profile,) = wearers.get("/ada/profiles")["profiles"]
    assert [each["label"] for each in profile["signs"]] == ["thumbs up"]


def test_signs_of_one_wearer_are_for_others_too(wearers: Wearers, show: Show) -> None:
    wearers.create("everyone", "ㄱㄴㄷㅏㅓ")  # which tell how the glove reads
    for label, seed in (("thumbs up", 1), ("halt", 2)):
        teach(wearers, "everyone", label, [sign(seed, take) for take in range(3)])
    wearers.create("ada", "ㄱㄴㄷㅏㅓ")
    teach(wearers, "ada", "halt", [sign(3, take) for take in range(3)])
    assert refusal(wearers.post("/ada/calibrate", {"signs_from": "nobody"})) == (404, "unknown_wearer", "signs_from")
    assert refusal(wearers.post("/ada/calibrate", {"signs_from": "everyone"})) == (409, "no_profile", "signs_from")
    wearers.post("/everyone/calibrate")
    made = wearers.post("/ada/calibrate", {"signs_from": "everyone"}).json()
    assert [each["label"] for each in made["signs"]] == ["halt", "thumbs up"]
    asked = [sign(1, 7), sign(3, 7), show("ㄴ", 7)]
    assert named(wearers, asked, "ada") == ["thumbs up", "halt", "ㄴ"]  # ada's own halt, not everyone's

    # They stay with every later profile, and travel with the wearer, until they are not wanted any more.
    assert [each["label"] for each in wearers.post("/ada/calibrate").json()["signs"]] == ["halt", "thumbs up"]
    file = httpx.get(f"{wearers.url}/ada/export").content
    assert httpx.post(f"{wearers.url}/import?replace=true", content=file).status_code == 201
    assert named(wearers, asked, "ada") == ["thumbs up", "halt", "ㄴ"]
    (*_, newest) = wearers.get("/ada/profiles")["profiles"]
    assert (newest["signs_from"], newest["shared"]) == ("everyone", ["thumbs up"])
    without = wearers.post("/ada/calibrate", {"signs_from": ""}).json()
    assert [each["label"] for each in without["signs"]] == ["halt"]
    assert [each["label"] for each in wearers.post("/ada/calibrate").json()["signs"]] == ["halt"]


def test_who_shares_keeps_what_others_cannot(wearers: Wearers, show: Show) -> None:
    """Signs go on to nobody else, and a wearer who is gone takes them along, while the others stay calibrated."""
    for name, label, seed in (("ada", "halt", 3), ("bea", "thumbs up", 1)):
        wearers.create(name, "ㄱㄴㄷㅏㅓ")
        teach(wearers, name, label, [sign(seed, take) for take in range(3)])
        wearers.post(f"/{name}/calibrate")
    assert refusal(wearers.post("/ada/calibrate", {"signs_from": "ada"})) == (422, "invalid_request", "signs_from")
    for one, other in (("ada", "bea"), ("bea", "ada"), ("ada", "bea")):
        made = wearers.post(f"/{one}/calibrate", {"signs_from": other}).json()
        assert sorted(each["label"] for each in made["signs"]) == ["halt", "thumbs up"]
    httpx.delete(f"{wearers.url}/ada/examples", params={"label": "halt"}).raise_for_status()
    made = wearers.post("/ada/calibrate").json()
    assert [each["label"] for each in made["signs"]] == ["thumbs up"]  # bea has halt from ada alone

    httpx.delete(f"{wearers.url}/bea").raise_for_status()
    made = wearers.post("/ada/calibrate").json()
    assert (made["signs"], made["signs_from"], made["signs_lost"]) == ([], None, "unknown_wearer")
    assert wearers.post("/ada/calibrate").json()["signs_lost"] is None


def test_signs_of_two_wearers_are_a_vocabulary_that_stays_alone(wearers: Wearers) -> None:
    for name, label, seed in (("ada", "halt", 3), ("bea", "thumbs up", 1)):
        wearers.create(name)
        teach(wearers, name, label, [sign(seed, take) for take in range(3)])
        wearers.post(f"/{name}/calibrate")
    assert refusal(wearers.post("/ada/calibrate", {"alone": True})) == (422, "too_few_signs", "alone")
    wearers.post("/ada/calibrate", {"alone": True, "signs_from": "bea"}).raise_for_status()
    assert named(wearers, [sign(1, 7), sign(3, 7)], "ada") == ["thumbs up", "halt"]
    again = wearers.post("/ada/calibrate").json()
    assert (again["alone"], len(again["signs"])) == (True, 2)
    assert wearers.post("/ada/calibrate", {"alone": False}).json()["alone"] is False


@pytest.mark.parametrize("label", ["", "a/b", "x" * 65, "\u200b"])
def test_labels_that_cannot_be_are_refused(wearers: Wearers, label: str) -> None:
    wearers.create("ada")
    answer = wearers.post("/ada/examples", {"label": label, "frames": sign(1).tolist()})
    assert refusal(answer) == (422, "invalid_request", "label")
