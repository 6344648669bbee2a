"""Wearers over HTTP, on a real service with a real database."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from models.runtime.artefact import Artefact
from tests.service.wearers.conftest import Wearers, refusal


def test_a_wearer_from_beginning_to_end(wearers: Wearers, artefact: Artefact) -> None:
    created = wearers.post("", {"wearer": "ada"})
    assert created.status_code == 201
    nothing = {"wearer": "ada", "examples": {}, "words": {}, "profiles": [], "active": {}}
    assert created.json() == {**nothing, "created_at": created.json()["created_at"]}
    for letter in "ㄱㄴㅏ":
        for take in range(2):
            assert wearers.add("ada", letter, take).status_code == 201
    assert wearers.add("ada", "rest").status_code == 201
    calibrated = wearers.post("/ada/calibrate")
    assert calibrated.status_code == 200, calibrated.text
    result = calibrated.json()
    assert (result["version"], result["model"], result["held_back"], result["single"]) == (
        1,
        artefact.contract.name,
        6,
        ["rest"],
    )
    assert result["before"]["accuracy"] < result["after"]["accuracy"] == 1.0
    assert result["seconds"] > 0
    ada = wearers.get("/ada")
    assert ada["examples"] == {"ㄱ": 2, "ㄴ": 2, "ㅏ": 2, "rest": 1}
    assert ada["active"] == {artefact.contract.name: 1}
    (profile,) = ada["profiles"]
    assert profile["artefact_sha256"] == artefact.digest
    assert profile["comparison"]["after"] == result["after"]
    assert [one["wearer"] for one in wearers.get()["wearers"]] == ["ada"]
    assert httpx.delete(f"{wearers.url}/ada").status_code == 204
    assert refusal(httpx.get(f"{wearers.url}/ada")) == (404, "unknown_wearer", "wearer")
    assert wearers.get() == {"wearers": []}


@pytest.mark.parametrize("name", ["김하나", "Ada_L-2.0", "é", "7"])
def test_names_of_any_script(wearers: Wearers, name: str) -> None:
    wearers.create(name)
    assert wearers.get(f"/{quote(name)}")["wearer"] == name
    assert refusal(wearers.post("", {"wearer": name})) == (409, "wearer_exists", "wearer")


def test_a_name_written_in_parts_is_the_same(wearers: Wearers) -> None:
    wearers.create("\u1112\u1161\u11ab")  # as macOS writes 한
    assert wearers.get("/한")["wearer"] == "한"


@pytest.mark.parametrize("name", ["", ".", "..", ".ada", "a/b", "a b", "x" * 65, "a\n", "a\u200db", 7, None])
def test_invalid_names_are_refused(wearers: Wearers, name: Any) -> None:
    assert refusal(wearers.post("", {"wearer": name})) == (422, "invalid_request", "wearer")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"label": "a/b"}, "label"),
        ({"label": None}, "label"),
        ({"frames": [[1] * 7]}, "frames.0"),
        ({"frames": [[1] * 9]}, "frames.0"),
        ({"frames": [[*[1] * 7, "x"]]}, "frames.0.7"),
        ({"frames": [[*[1] * 7, 1e9]]}, "frames.0.7"),
        ({"frames": []}, "frames"),
        ({"frames": [[1] * 8] * 3}, "frames"),
        ({"frames": [[1] * 8] * 30, "sample_rate_hz": 1000}, "frames"),
        ({"frames": None}, "frames"),
        ({"stream": "here"}, "frames"),
        ({"sample_rate_hz": 0}, "sample_rate_hz"),
        ({"quality": 1}, "quality"),
    ],
)
def test_a_bad_example_is_refused_by_its_field(wearers: Wearers, change: dict[str, Any], field: str) -> None:
    wearers.create("ada")
    good = {"label": "ㄱ", "frames": [[1] * 8] * 20}
    assert refusal(wearers.post("/ada/examples", good | change)) == (422, "invalid_request", field)
    assert wearers.get("/ada/examples") == {"examples": []}


def test_an_example_that_is_too_large_is_refused(wearers: Wearers) -> None:
    wearers.create("ada")
    body = {"label": "ㄱ", "frames": [[1] * 8] * 2001}
    assert refusal(wearers.post("/ada/examples", body)) == (413, "window_too_long", "frames")


def test_examples_are_listed_and_deleted(wearers: Wearers) -> None:
    wearers.create("ada", "ㄱㄴ")
    first, *others = wearers.get("/ada/examples")["examples"]
    assert (first["label"], first["frames"], first["source"], first["quality"]) == ("ㄱ", 60, "posted", 1.0)
    assert len(others) == 3
    address = f"{wearers.url}/ada/examples"
    assert httpx.delete(f"{address}/{first['id']}").status_code == 204
    assert refusal(httpx.delete(f"{address}/{first['id']}")) == (404, "unknown_example", "example")
    assert httpx.delete(address, params={"label": "ㄴ"}).json() == {"deleted": 2}
    assert refusal(httpx.delete(address, params={"label": "a/b"}))[:2] == (422, "invalid_request")
    assert wearers.get("/ada")["examples"] == {"ㄱ": 1}
    wearers.create("eve")
    last = wearers.get("/ada/examples")["examples"][0]["id"]
    assert refusal(httpx.delete(f"{wearers.url}/eve/examples/{last}"))[1] == "unknown_example"


def test_a_window_at_another_rate_becomes_the_models(wearers: Wearers, show: Any) -> None:
    wearers.create("ada")
    body = {"label": "ㄱ", "frames": show("ㄱ").tolist(), "sample_rate_hz": 100}
    result = wearers.post("/ada/examples", body).json()
    assert (result["frames"], result["sample_rate_hz"]) == (30, 50.0)


def test_what_a_calibration_needs(wearers: Wearers) -> None:
    wearers.create("ada")
    assert refusal(wearers.post("/ada/calibrate"))[:2] == (422, "no_examples")
    for label in ("rest", "ㄱ"):
        wearers.add("ada", label)
        assert wearers.post("/ada/calibrate").status_code == 200  # the model knows how far letters lie apart
    wearers.add("ada", "ㄴ")
    wearers.add("ada", "ㄷ")
    result = wearers.post("/ada/calibrate").json()
    assert (result["held_back"], result["single"], result["before"], result["after"]) == (
        0,
        ["ㄱ", "ㄴ", "ㄷ", "rest"],
        None,
        None,
    )
    assert refusal(wearers.post("/ada/calibrate", {"model": "GPT"})) == (404, "unknown_model", "model")
    assert refusal(wearers.post("/eve/calibrate")) == (404, "unknown_wearer", "wearer")


def test_versions_back_and_forth(wearers: Wearers, artefact: Artefact) -> None:
    wearers.create("ada", "ㄱㄴㄷ")
    name = artefact.contract.name
    assert wearers.post("/ada/calibrate").json()["version"] == 1
    wearers.add("ada", "ㄹ")
    assert wearers.post("/ada/calibrate").json()["version"] == 2
    assert wearers.post("/ada/calibrate", {"model": "MSCSGRU"}).json()["version"] == 3
    assert wearers.get("/ada")["active"] == {name: 2, "MSCSGRU": 3}
    back = wearers.post("/ada/profiles/1/activate").json()
    assert (back["version"], back["active"], back["examples"]) == (1, True, {"ㄱ": 2, "ㄴ": 2, "ㄷ": 2})
    assert wearers.get("/ada")["active"] == {name: 1, "MSCSGRU": 3}
    assert wearers.post("/ada/profiles/2/activate").status_code == 200
    assert [one["active"] for one in wearers.get("/ada/profiles")["profiles"]] == [False, True, True]
    assert refusal(wearers.post("/ada/profiles/4/activate")) == (404, "unknown_profile", "version")


def test_two_calibrations_at_once_make_one_profile_or_two_but_never_half(wearers: Wearers) -> None:
    wearers.create("ada", "ㄱㄴㄷㄹ", takes=5)
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: wearers.post("/ada/calibrate"), range(6)))
    done = [answer for answer in answers if answer.status_code == 200]
    assert done
    assert {refusal(answer)[:2] for answer in answers if answer not in done} <= {(409, "calibrating")}
    assert len(wearers.get("/ada")["profiles"]) == len(done)


def test_without_a_wearer_no_database_is_created(tmp_path: Any, monkeypatch: Any) -> None:
    from tests.service.conftest import running

    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    with running() as service:
        assert httpx.get(f"{service.url}/health/ready").status_code == 200
        assert not list(tmp_path.iterdir())
        assert httpx.get(f"{service.url}/v1/wearers").json() == {"wearers": []}
    (file,) = (tmp_path / "scaleglove").glob("wearers.db")
    assert file.stat().st_mode & 0o077 == 0
    assert time.time() - file.stat().st_mtime < 60
