from __future__ import annotations

from typing import Any

import httpx
import numpy as np

from scaleglove.channels import CHANNELS
from scaleglove.letter_templates import load_templates
from scaleglove.letters import LETTERS


def test_every_letter_has_a_reading(service: Any) -> None:
    result = httpx.get(f"{service.url}/v1/letters").json()
    assert result["channels"] == list(CHANNELS)
    assert [each["label"] for each in result["letters"]] == list(LETTERS)
    means = [load_templates().letters[letter].mean for letter in LETTERS]
    np.testing.assert_allclose([each["frame"] for each in result["letters"]], means)
    assert "licence" in result["source"]


def test_the_signs_of_another_vocabulary_have_readings_and_movements(service: Any) -> None:
    result = httpx.get(f"{service.url}/v1/letters", params={"vocabulary": "american_signs"}).json()
    table = load_templates("american_signs")
    assert tuple(each["label"] for each in result["letters"]) == table.vocabulary.names
    assert tuple(bool(each["path"]) for each in result["letters"]) == table.vocabulary.moving
    assert tuple(each["seconds"] > 0 for each in result["letters"]) == table.vocabulary.moving


def test_a_vocabulary_without_readings_is_refused(service: Any) -> None:
    answer = httpx.get(f"{service.url}/v1/letters", params={"vocabulary": "dutch"})
    assert (answer.status_code, answer.json()["field"]) == (422, "vocabulary")
