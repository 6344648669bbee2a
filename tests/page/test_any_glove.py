"""What the page shows of a glove that the model does not know."""

from __future__ import annotations

import math

import numpy as np
import pytest

from benchmarks.other_gloves import GLOVES
from scaleglove.client import GloveNotice, SyncGloveStream
from scaleglove.letter_templates import load_templates
from tests.page.conftest import OpenPage


@pytest.mark.parametrize(
    ("locale", "texts"),
    [
        ("en", ("The glove's time is read as us.", "12-bit converter", "Getting to know your glove: 8 of 24")),
        ("ko", ("장갑의 시간을 us(으)로 읽어요.", "12비트", "손 모양 24개 가운데 8개")),
    ],
)
def test_what_is_odd_and_how_far_it_is_ranged_is_said_in_the_users_language(
    service: str, open_page: OpenPage, locale: str, texts: tuple[str, ...]
) -> None:
    opened = open_page(service, locale=locale)
    with SyncGloveStream(service, sample_rate_hz=50) as stream:
        stream.tell(GloveNotice("time_unit", "the time is in us", values={"unit": "us"}))
        stream.tell(GloveNotice("something_new", "words of a newer bridge"))
        at = 0
        for letter in "ㄱㄴㄷㄹㅁㅂㅅㅇㅈㅏ":
            held = np.array(load_templates().letters[letter].mean) + np.random.default_rng(0).normal(0, 1, (60, 8))
            stream.send((20.0 * np.arange(at, at + 60)).tolist(), GLOVES["12 bits"](held))
            at += 60
        for text in (*texts, "words of a newer bridge"):
            opened.wait_for_text("notices", text)
    assert opened.faults == []


def test_a_glove_without_a_motion_sensor_is_shown_without_one(service: str, open_page: OpenPage) -> None:
    opened = open_page(service)
    with SyncGloveStream(service, sample_rate_hz=50) as stream:
        row = [*load_templates().letters["ㅏ"].mean[:5], math.nan, math.nan, math.nan]
        stream.send((20.0 * np.arange(200)).tolist(), np.tile(row, (200, 1)))
        opened.wait_for_text("notices", "The glove has no pitch roll yaw")
    assert opened.faults == []


def test_nothing_is_said_of_sensors_before_the_first_frame(service: str, open_page: OpenPage) -> None:
    opened = open_page(service)
    with SyncGloveStream(service) as stream:
        values = {"line": "hello", "fields": "1"}
        stream.tell(GloveNotice("unreadable", "cannot be read", values=values))
        opened.wait_for_text("notices", "“hello” cannot be read.")
        assert "OK" not in opened.page.inner_text("#fact-sensors")
