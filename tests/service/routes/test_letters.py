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
