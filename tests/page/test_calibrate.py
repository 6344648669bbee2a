"""Tests of the calibrate view with the keyboard alone and an emulated glove."""

from __future__ import annotations

import json
import re
import urllib.request
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.live_service import live_service
from tests.page.conftest import PHONE, TIMEOUT_S, Opened, OpenPage, Start, streams, wait_until


def ask(method: str, url: str, body: dict[str, Any] | None = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"}, method=method)
    with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:
        text = answer.read()
    return json.loads(text) if text else None


class Service:
    """The wearers of a service, and one of them."""

    def __init__(self, url: str, wearer: str) -> None:
        self.url = url
        self.wearers = f"{url}/v1/wearers"
        self.wearer = f"{self.wearers}/{wearer}"

    def examples(self) -> list[str]:
        return [each["label"] for each in ask("GET", f"{self.wearer}/examples")["examples"]]

    def add_examples(self, letters: str, turned: float = 0.0) -> None:
        """Add two examples of each letter from its typical reading, with `turned` degrees more roll."""
        shapes = {each["label"]: each["frame"] for each in ask("GET", f"{self.url}/v1/letters")["letters"]}
        noise = np.random.default_rng(0)
        for letter in [*letters, *letters]:
            frames = np.array(shapes[letter]) + noise.normal(0, 0.5, (80, 8)) + np.array([0, 0, 0, 0, 0, 0, turned, 0])
            ask("POST", f"{self.wearer}/examples", {"label": letter, "frames": frames.tolist()})


@pytest.fixture(scope="module")
def own_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Yield the address of a service whose wearers are those of this module."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        with live_service() as server:
            yield server.url


@pytest.fixture
def service(own_service: str) -> Service:
    """Return the service without the streams and wearers of earlier tests."""
    wait_until(lambda: not streams(own_service))
    service = Service(own_service, "ada")
    for each in ask("GET", service.wearers)["wearers"]:
        ask("DELETE", f"{service.wearers}/{each['wearer']}")
    return service


def wear(start: Start, service: Service, *emulated: str, wearer: str | None = None) -> None:
    """Start an emulated glove with these options and its bridge."""
    glove = start("emulate", *emulated)
    start("bridge", "--port", glove.line(), "--url", service.url, *(() if wearer is None else ("--wearer", wearer)))


@pytest.fixture
def still(start: Start, service: Service) -> Service:
    """Return the service with a glove that holds one letter."""
    wear(start, service, "--text", "ㄱ", "--hold-s", "3600")
    return service


def begin(opened: Opened, is_receiving: bool = True) -> Page:
    """Start a session for Ada by keyboard."""
    page = opened.page
    if is_receiving:
        opened.wait_for_state("Reading the glove")
    page.get_by_role("link", name="Calibrate").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("New name")).to_be_visible()  # a hidden field takes no focus
    page.get_by_label("New name").focus()
    page.keyboard.type("ada")
    page.keyboard.press("Enter")
    letter_by_letter(page)
    return page


def letter_by_letter(page: Page) -> None:
    """Wait until the session has begun, and go to the letters: a wearer who has shown none is offered words first."""
    expect(page.locator("#sitting-primary:focus, #calibrate-primary:focus")).to_be_attached()
    page.keyboard.press("l")
    expect(primary(page)).to_be_focused()


def primary(page: Page) -> Locator:
    """Return the primary button."""
    return page.locator("#calibrate-primary")


def target(page: Page) -> str:
    """Return the label to show."""
    return page.get_by_test_id("target").inner_text()


def record(page: Page) -> None:
    """Record one example."""
    page.keyboard.press("Enter")
    expect(primary(page)).to_contain_text("Stop")
    expect(primary(page)).to_contain_text("Record")


def wait_until_spoken(page: Page, text: str) -> None:
    """Wait until the announcement for screen readers contains a text."""
    expect(page.get_by_test_id("calibrate-spoken")).to_contain_text(text)


def test_letters_are_recorded_by_keyboard_alone(still: Service, open_page: OpenPage) -> None:
    opened = open_page(still.url)
    page = begin(opened)
    wait_until_spoken(page, "Show rest. As your hand rests between two words.")
    record(page)
    wait_until_spoken(page, "The last example is good. Show rest. Let your arm hang down.")
    record(page)
    first = target(page)
    assert len(first) == 1
    assert still.examples() == ["rest", "rest"]
    expect(page.get_by_role("img", name="Hand shape of")).to_be_visible()

    page.keyboard.press("s")
    expect(page.get_by_test_id("target")).not_to_have_text(first)
    second = target(page)
    record(page)
    assert still.examples() == ["rest", "rest", second]
    expect(page.get_by_test_id("calibrate-counts")).to_have_text("1 of 24 letters, 3 examples")
    expect(page.get_by_test_id("calibrate-latest").get_by_role("listitem").first).to_contain_text("100 %")

    page.keyboard.press("u")
    expect(page.get_by_test_id("target")).to_have_text(second)
    expect(page.get_by_test_id("calibrate-counts")).to_have_text("0 of 24 letters, 2 examples")
    assert still.examples() == ["rest", "rest"]
    expect(primary(page)).to_be_focused()
    assert opened.faults == []


def test_the_countdown_is_shown_and_can_be_stopped(still: Service, open_page: OpenPage) -> None:
    opened = open_page(still.url)
    page = begin(opened)
    wait_until_spoken(page, "Show rest")
    page.keyboard.press("Enter")
    wait_until_spoken(page, "Make the shape. Hold still.")
    for left in "321":
        expect(page.get_by_test_id("seconds")).to_have_text(left)
        if left != "3":
            expect(page.get_by_test_id("prompt")).to_have_text("Hold still")
    page.keyboard.press("Escape")
    wait_until_spoken(page, "Show rest")
    expect(page.get_by_test_id("seconds")).to_have_text("")
    opened.wait_for_messages(40, "prediction")  # ten a second: longer than the countdown
    assert still.examples() == []
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("seconds")).to_have_text("3")
    page.get_by_role("link", name="Live").click()
    page.get_by_role("link", name="Calibrate").click()
    expect(page.get_by_test_id("seconds")).to_have_text("")  # leaving the view stops it
    expect(primary(page)).to_contain_text("Record")
    assert still.examples() == []
    assert opened.faults == []


def test_an_example_of_a_moving_hand_is_recorded_again(start: Start, service: Service, open_page: OpenPage) -> None:
    wear(start, service, "--text", "ㄱㅏㅁㅣ" * 40, "--hold-s", "0.2")  # it rests at the end
    opened = open_page(service.url)
    page = begin(opened, is_receiving=False)
    expect(page.locator(".hands figure[data-known=true]")).to_be_visible()
    wait_until_spoken(page, "Show rest")
    page.keyboard.press("Enter")
    wait_until_spoken(page, "Please record it again: the hand moved")
    assert service.examples() == ["rest"]
    page.keyboard.press("Enter")
    wait_until_spoken(page, "Make the shape")
    assert service.examples() == []
    wait_until_spoken(page, "Please record it again")
    page.keyboard.press("k")
    wait_until_spoken(page, "Show rest. Let your arm hang down.")
    assert service.examples() == ["rest"]
    assert opened.faults == []


def test_the_improvement_is_shown_and_an_earlier_profile_can_be_used(
    start: Start, service: Service, open_page: OpenPage
) -> None:
    ask("POST", service.wearers, {"wearer": "ada"})
    service.add_examples("ㄱㄴㄷㄹㅁ", turned=40)
    ask("POST", f"{service.wearer}/calibrate")
    wear(start, service, "--text", "ㄱ", "--hold-s", "3600", wearer="ada")
    opened = open_page(service.url)
    page = begin(opened, is_receiving=False)
    wait_until_spoken(page, "Show rest")
    page.keyboard.press("c")
    wait_until_spoken(page, "examples")
    newest = ask("GET", f"{service.wearer}/profiles")["profiles"][-1]
    assert newest["version"] == 2
    comparison = newest["comparison"]
    figures = [int(text.split()[0]) for text in page.locator(".scores strong").all_inner_texts()]
    assert figures == [round(100 * comparison[when]["accuracy"]) for when in ("before", "after")]
    assert figures[1] > figures[0]
    correct = [round(comparison["held_back"] * comparison[when]["accuracy"]) for when in ("before", "after")]
    sentence = f"Of 10 examples, {correct[0]} were recognised before and {correct[1]} with your profile."
    expect(page.get_by_test_id("calibrate-improvement")).to_have_text(sentence)
    expect(page.get_by_text("already uses your profile")).to_be_visible()
    expect(primary(page)).to_be_focused()

    page.get_by_role("button", name="Use profile 1").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Use profile 2")).to_be_focused()
    active = {each["version"]: each["active"] for each in ask("GET", f"{service.wearer}/profiles")["profiles"]}
    assert active == {1: True, 2: False}

    page.get_by_role("button", name="Download my data").focus()
    with page.expect_download() as downloading:
        page.keyboard.press("Enter")
    assert downloading.value.suggested_filename == "ada.scaleglove.json"
    file = json.loads(downloading.value.path().read_text())
    assert ask("POST", f"{service.wearers}/import?replace=true", file)["examples"] == dict.fromkeys("ㄱㄴㄷㄹㅁ", 2)

    primary(page).focus()
    page.keyboard.press("Enter")
    wait_until_spoken(page, "Show rest")
    assert opened.faults == []


def test_a_refusal_of_the_service_is_shown_in_a_sentence(still: Service, open_page: OpenPage) -> None:
    opened = open_page(still.url, size=PHONE)
    page = begin(opened)
    wait_until_spoken(page, "Show rest")
    ask("DELETE", still.wearer)
    page.keyboard.press("Enter")
    failed = page.get_by_test_id("calibrate-failed")
    expect(failed).to_have_text("The service does not know this wearer.")
    expect(failed).to_be_in_viewport()
    expect(primary(page)).to_contain_text("Record")
    expect(primary(page)).to_be_focused()
    assert all("404" in fault for fault in opened.faults)  # the browser's own message


def test_without_a_glove_the_user_can_look_around(service: Service, open_page: OpenPage) -> None:
    opened = open_page(service.url)
    page = begin(opened, is_receiving=False)
    wait_until_spoken(page, "Show rest")
    expect(page.locator(".session-stage").get_by_text("No glove is connected")).to_be_visible()
    page.keyboard.press("Enter")
    wait_until_spoken(page, "No glove is connected")
    expect(primary(page)).to_contain_text("Record")
    page.get_by_role("button", name="Another wearer").click()
    expect(page.get_by_label("New name")).to_be_focused()
    expect(page.get_by_role("button", name="ada")).to_be_visible()
    assert opened.faults == []


@pytest.mark.parametrize("locale", ["en", "ko"])
def test_a_phone_needs_no_horizontal_scrolling(service: Service, open_page: OpenPage, locale: str) -> None:
    ask("POST", service.wearers, {"wearer": "ada"})
    service.add_examples("ㄱㄴㄷ")
    opened = open_page(f"{service.url}/#calibrate", size=PHONE, locale=locale)
    opened.page.get_by_role("button", name="ada").click()
    expect(primary(opened.page)).to_be_focused()
    opened.page.keyboard.press("c")
    expect(opened.page.get_by_test_id("calibrate-improvement")).to_have_text(re.compile("6"))
    assert opened.fits()
    assert [fault for fault in opened.faults if "another host" not in fault] == []
