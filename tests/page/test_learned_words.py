"""What the words of a stream have shown is kept by a key, and taken away again, in both languages."""

from __future__ import annotations

import re

import httpx
from playwright.sync_api import expect

from scaleglove.hangul.spelling import letters
from tests.firmware_bridge.calibration_wizard.streaming_hand import Glove, hold
from tests.page.conftest import PHONE, OpenPage, wait_until
from tests.page.test_accessibility import Axe, faults
from tests.page.test_calibrate import begin
from tests.page.test_doubts import forget_wearers

WORD, HELD = "사람", 40
"""A word that leads clearly as the glove signs it, and frames of a letter."""


def test_what_words_have_shown_is_kept_and_forgotten(url: str, open_page: OpenPage) -> None:
    forget_wearers(url)
    glove = Glove(url)
    with glove.streaming():
        opened = open_page(url, size=PHONE)
        opened.wait_for_messages(1, "frames")
        page = begin(opened, is_receiving=False)
        learned, kept = page.get_by_test_id("words-learned"), page.get_by_test_id("words-kept")
        keep = page.locator("#words-keep")
        expect(learned).to_have_text("No word has shown a letter since the glove was connected.")
        expect(keep).to_have_attribute("aria-disabled", "true")
        for label in letters(WORD):
            glove.label = label
            hold(url, HELD)
        glove.label = "rest"
        expect(learned).to_have_text(re.compile("shown ([0-9]+ letters|one letter)"))
        expect(keep).to_have_attribute("aria-disabled", "false")
        assert faults(Axe(), opened, "learned") == []
        assert opened.fits()
        with page.expect_response(lambda response: response.url.endswith("/words")) as received:
            page.keyboard.press("w")
        count = received.value.json()["added"]
        expect(kept).to_have_text(re.compile("examples? of words (are|is) kept"))
        expect(page.get_by_test_id("calibrate-notes")).to_contain_text("of words.")
        expect(page.get_by_test_id("calibrate-profiles")).to_contain_text(f"{count} of words")
        ada = f"{url}/v1/wearers/ada"
        assert sum(httpx.get(ada).json()["words"].values()) == count

        page.locator("#language").select_option("ko")
        expect(kept).to_have_text(f"단어에서 얻은 예시 {count}개가 저장되어 있어요.")
        forget = page.get_by_role("button", name="지우기", exact=True)
        expect(forget).to_have_attribute("aria-disabled", "false")
        forget.focus()
        page.keyboard.press("Enter")
        expect(kept).to_be_empty()
        expect(forget).to_be_hidden()
        # There is nothing to make a profile of: the wearer begins from the start.
        empty = {"words": {}, "profiles": []}
        wait_until(
            lambda: empty.items() <= httpx.get(ada).json().items(), wait_s=lambda s: page.wait_for_timeout(1000 * s)
        )
        assert opened.faults == []
