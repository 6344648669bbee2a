"""A wearer calibrates with a glove of another maker, and is understood as with the recorded one."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import numpy as np
import pytest

from benchmarks.other_gloves import GLOVES, Frames
from scaleglove.letter_templates import load_templates
from scaleglove.letters import LETTERS
from tests.deadlines import EVENT_S
from tests.service.conftest import running
from tests.service.wearers.conftest import Show, Wearers


def held(letter: str, seed: int) -> Frames:
    """Return half a second of a hand, unlike the recorded ones, that holds a letter."""
    rng = np.random.default_rng(seed)
    figures = load_templates().letters[letter]
    shape = np.array(figures.mean) + np.random.default_rng(LETTERS.index(letter)).normal(0, [8.0] * 5 + [6.0] * 3)
    return (shape + rng.normal(0, figures.spread, (25, 8))).astype(np.float32)


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory, show: Show) -> Iterator[Wearers]:
    """Yield the wearers' API with a wearer for each glove, calibrated with one example of each letter."""
    database = tmp_path_factory.mktemp("gloves") / "wearers.db"
    with running(database_url=f"sqlite:///{database}") as service:
        wearers = Wearers(service, show)
        for index, glove in enumerate(GLOVES.values()):
            assert wearers.post("", {"wearer": f"wearer{index}"}).status_code == 201
            for letter in LETTERS:
                body = {"label": letter, "frames": glove(held(letter, 0)).tolist()}
                assert wearers.post(f"/wearer{index}/examples", body).status_code == 201
            assert wearers.post(f"/wearer{index}/calibrate").status_code == 200
        yield wearers


def test_calibrating_is_enough_on_any_glove_and_nothing_is_silenced(stored: Wearers) -> None:
    for index, (name, glove) in enumerate(GLOVES.items()):
        windows = [glove(held(letter, 7)).tolist() for letter in LETTERS]
        body = {"windows": windows, "wearer": f"wearer{index}"}
        answer = httpx.post(f"{stored.service.url}/v1/predict", json=body, timeout=EVENT_S).json()
        labels = [each["label"] for each in answer["predictions"]]
        assert labels == list(LETTERS), name
    without = httpx.post(f"{stored.service.url}/v1/predict", json=body | {"wearer": None}, timeout=EVENT_S).json()
    assert [each["label"] for each in without["predictions"]] != list(LETTERS)


def test_a_front_end_survives_export_and_import(stored: Wearers) -> None:
    reversed_at = list(GLOVES).index("reversed")
    file = stored.get(f"/wearer{reversed_at}/export")
    front_end = file["content"]["profiles"][0]["front_end"]
    assert all(gain < 0 for gain in front_end["gain"])
    assert stored.post("/import?replace=true", file).status_code == 201
    assert stored.get(f"/wearer{reversed_at}/export")["content"]["profiles"][0]["front_end"] == front_end
