"""Tests of vocabularies on the page: how labels read, and that the lists of them are those of the package."""

from __future__ import annotations

import re

import httpx
from playwright.sync_api import expect

from scaleglove.vocabulary import load_vocabulary
from tests.page.conftest import OpenPage

_READ = """async () => {
  const { Vocabularies, displayOf, languageOf } = await import("/vocabularies.js");
  const asked = [];
  const labels = [{ label: "a", display: "" }, { label: "thanks", display: "Thank you" }];
  const peek = async (path) => (asked.push(path), { vocabulary: { name: "own", language: "english", labels } });
  const vocabularies = new Vocabularies({ peek });
  const first = vocabularies.of("m");
  await new Promise((resolve) => setTimeout(resolve));
  const vocabulary = vocabularies.of("m");
  const texts = ["a", "thanks", "new"].map((label) => displayOf(vocabulary, label));
  return [first, asked, texts, languageOf(vocabulary), displayOf(null, "a"), vocabularies.of(null)];
}"""


def test_labels_read_as_their_vocabulary_says_once_it_is_known(service: str, open_page: OpenPage) -> None:
    read = open_page(service).page.evaluate(_READ)
    assert read == [None, ["/v1/models/m"], ["a", "Thank you", "new"], "en", "a", None]


def test_the_letters_of_recordings_are_those_of_the_package(service: str, open_page: OpenPage) -> None:
    letters = open_page(service).page.evaluate("""async () => (await import("/korean.js")).LETTERS""")
    assert tuple(letters) == load_vocabulary("korean").names
    answer = httpx.get(f"{service}/vocabularies/american.json")
    assert [each["label"] for each in answer.json()["labels"]] == list(load_vocabulary("american").names)
    assert httpx.get(f"{service}/vocabularies/none.json").status_code == 404


def test_a_model_is_chosen_by_the_letters_that_it_knows(service: str, open_page: OpenPage) -> None:
    page = open_page(service).page
    page.get_by_role("link", name="Models").click()
    row = page.locator("#view-models tr[data-model='MSCSGRU_ScaleHard']")
    expect(row).to_contain_text(re.compile(r"Korean letters \(24\)"))
    page.get_by_label("Language").select_option("한국어")
    expect(row).to_contain_text("한국 지문자 24개")


def test_the_live_view_says_which_language_the_letters_are(signing: str, open_page: OpenPage) -> None:
    opened = open_page(signing)
    opened.wait_for_state("Reading the glove")
    assert opened.page.get_by_test_id("letter").get_attribute("lang") == "ko"
