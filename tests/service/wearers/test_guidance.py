"""Guided calibration, over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import numpy as np
import pytest

from models.adaptation.example_selection import RESTS
from scaleglove.letters import LETTERS

Glove = Callable[..., np.ndarray]


@pytest.fixture
def wearer(service: Any) -> str:
    name = f"guided-{np.random.default_rng().integers(2**40)}"
    httpx.post(f"{service.url}/v1/wearers", json={"wearer": name}).raise_for_status()
    return f"{service.url}/v1/wearers/{name}"


def show(wearer: str, label: str, frames: np.ndarray) -> dict[str, Any]:
    answer = httpx.post(f"{wearer}/examples", json={"label": label, "frames": frames.tolist()})
    assert answer.status_code == 201, answer.text
    return answer.json()  # type: ignore[no-any-return]


def resting(frames: int) -> np.ndarray:
    return np.tile(np.array([823, 800, 820, 840, 860, -75, 100, 0], np.float32), (frames, 1))


def test_examples_are_suggested_until_there_are_enough(wearer: str, glove: Glove) -> None:
    """Simulate a wearer who holds the letters as in training."""
    suggested: list[str] = []
    while (result := httpx.get(f"{wearer}/guide").json())["next"] is not None:
        label = result["next"]
        suggested.append(label)
        assert result["reason"]
        show(wearer, label, resting(40) if label == "rest" else glove(40, LETTERS.index(label)))
    assert suggested[:RESTS] == ["rest"] * RESTS
    assert sorted(suggested[RESTS : RESTS + 24]) == sorted(LETTERS)
    assert result["enough"]
    assert result["expected_accuracy"] > 0.9
    assert sum(result["have"].values()) == len(suggested)


def test_examples_are_judged_and_the_reason_is_returned(wearer: str, glove: Glove) -> None:
    result = show(wearer, "ㄱ", glove(40, 0))
    assert (result["quality"], result["code"], result["other"], result["reason"]) == (1.0, None, None, "")
    moving = glove(40, 1)
    moving[:, 5] += np.linspace(0, 30, 40)
    result = show(wearer, "ㄴ", moving)
    assert (result["quality"], result["reason"]) == (0.2, "the hand moved while it was taken")
    assert (result["code"], result["other"]) == ("hand_moved", None)
    for index, letter in enumerate(LETTERS[:4]):
        show(wearer, letter, glove(40, index))
    result = show(wearer, "ㅎ", glove(40, 0))
    assert result["quality"] < 0.5
    assert (result["code"], result["other"]) == ("close_to_other", "ㄱ")
    assert result["reason"] == "it is close to an example of ㄱ"
    kept = httpx.get(f"{wearer}/examples").json()["examples"]
    assert [example["quality"] for example in kept[:2]] == [1.0, 0.2]


def test_only_some_letters(wearer: str, glove: Glove) -> None:
    suggested = set()
    for _ in range(RESTS + 3):
        label = httpx.get(f"{wearer}/guide", params={"letters": "ㄱㄴㅏ"}).json()["next"]
        suggested.add(label)
        show(wearer, label, resting(40) if label == "rest" else glove(40, LETTERS.index(label)))
    assert suggested == {"rest", "ㄱ", "ㄴ", "ㅏ"}


@pytest.mark.parametrize(
    ("path", "status", "code", "field"),
    [
        ("nobody/guide", 404, "unknown_wearer", "wearer"),
        ("{}/guide?letters=ㄱx", 422, "invalid_request", "letters"),
        ("{}/guide?model=GPT", 404, "unknown_model", "model"),
    ],
    ids=["wearer", "letter", "model"],
)
def test_a_fault_in_a_request_is_named(
    service: Any, wearer: str, path: str, status: int, code: str, field: str
) -> None:
    answer = httpx.get(f"{service.url}/v1/wearers/{path.format(wearer.rpartition('/')[2])}")
    assert (answer.status_code, answer.json()["code"], answer.json()["field"]) == (status, code, field)
