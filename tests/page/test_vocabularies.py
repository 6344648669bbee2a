"""Tests of vocabularies on the page: how labels read, and that the lists of them are those of the package."""

from __future__ import annotations

import re

import httpx
from playwright.sync_api import expect

from scaleglove.vocabulary import load_vocabulary
from tests.page.conftest import OpenPage, Start, streams

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


_PICTURES = """async () => {
  const { LetterPictures } = await import("/views/letter_pictures.js");
  const pictures = new LetterPictures();
  const vocabulary = { name: "american_signs", language: "english", labels: [] };
  const get = async (path) => (await fetch(path)).json();
  const service = { get, peek: async (path) => (path === "/v1/models" ? { default: "m" } : { vocabulary }) };
  const { model } = await pictures.read(service);
  const same = (label, one, other) => `${pictures.frameOf({ label }, one)}` === `${pictures.frameOf({ label }, other)}`;
  const unknown = pictures.frameOf({ label: "thumbs up" });
  pictures.show("thumbs up", [800, 800, 800, 800, 800, 10, 170, 5]);
  pictures.show("thumbs up", [820, 800, 800, 800, 800, 10, -170, 5]);
  return [model, same("a", 0, 0.5), same("thankyou", 0, 0.5), unknown, pictures.frameOf({ label: "thumbs up" })];
}"""


def test_labels_are_drawn_by_their_vocabulary_or_by_what_was_shown_of_them(service: str, open_page: OpenPage) -> None:
    model, is_still, is_still_moving, unknown, shown = open_page(service).page.evaluate(_PICTURES)
    assert model == "m"
    assert is_still
    assert not is_still_moving
    assert unknown is None
    assert shown == [810, 800, 800, 800, 800, 10, -180, 0]  # the mean; the roll by the shorter way


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
    letter = opened.page.get_by_test_id("letter")
    assert letter.get_attribute("lang") == "ko"
    (stream,) = streams(signing)
    httpx.put(f"{signing}/v1/streams/{stream['stream']}/model", json={"model": "American_INT8"}).raise_for_status()
    expect(letter).to_have_attribute("lang", "en")


def test_an_american_glove_is_read_as_hello_world(service: str, start: Start, open_page: OpenPage) -> None:
    opened = open_page(service)
    glove = start(
        "emulate", "--vocabulary", "american", "--text", "HELLO WORLD", "--hold-s", "1", "--speed", "2", "--wait"
    )
    start("bridge", "--port", glove.line(), "--url", service, "--model", "American_INT8")
    opened.wait_for_text("transcript", "Hello world")
    assert opened.page.get_by_test_id("letter").get_attribute("lang") == "en"
    assert opened.faults == []
