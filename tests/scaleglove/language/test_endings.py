from __future__ import annotations

import math

import pytest

from scaleglove.hangul.spelling import letters
from scaleglove.language.endings import endings_of

KOREAN = {ending.text: ending for ending in endings_of("korean")}


def test_korean_has_particles_and_endings_and_english_none() -> None:
    assert {"에서", "는", "습니다", "ㄴ다"} <= set(KOREAN)
    assert endings_of("english") == endings_of("none") == ()


@pytest.mark.parametrize(
    ("text", "after"), [("을", "a consonant"), ("를", "a vowel"), ("에서", "any"), ("ㄴ다", "a vowel")]
)
def test_an_ending_follows_what_its_section_says(text: str, after: str) -> None:
    assert KOREAN[text].after == after


def test_shares_sum_to_one_and_letters_spell_all() -> None:
    assert math.isclose(sum(math.exp(ending.log_share) for ending in KOREAN.values()), 1.0)
    assert all(letters(text) for text in KOREAN)
