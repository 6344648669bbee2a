"""The calibrate view: by keyboard alone, with the emulator as glove."""

from __future__ import annotations

import json
import re
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.end_to_end.conftest import Part
from tests.page.conftest import PHONE, Opened

Start = Callable[..., Part]
OpenPage = Callable[..., Opened]

TAKEN_S = 20
"""A countdown of 3 s, and a busy machine."""


def ask(method: str, url: str, body: dict[str, Any] | None = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"}, method=method)
    with urllib.request.urlopen(request, timeout=30) as answer:
        text = answer.read()
    return json.loads(text) if text else None


class Service:
    """What the service keeps of one wearer."""

    def __init__(self, url: str, wearer: str) -> None:
        self.url = url
        self.wearers = f"{url}/v1/wearers"
        self.her = f"{self.wearers}/{wearer}"

    def examples(self) -> list[str]:
        return [each["label"] for each in ask("GET", f"{self.her}/examples")["examples"]]

    def shows(self, letters: str, turned: float = 0.0) -> None:
        """Two examples of each letter, from the typical reading; `turned`: with so much more roll."""
        shapes = {each["label"]: each["frame"] for each in ask("GET", f"{self.url}/v1/letters")["letters"]}
        noise = np.random.default_rng(0)
        for letter in [*letters, *letters]:
            frames = np.array(shapes[letter]) + noise.normal(0, 0.5, (80, 8)) + np.array([0, 0, 0, 0, 0, 0, turned, 0])
            ask("POST", f"{self.her}/examples", {"label": letter, "frames": frames.tolist()})


@pytest.fixture(autouse=True)
def _nobody_yet(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Wearers of this test's own: before `start` takes the environment."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))


@pytest.fixture
def service(start: Start) -> Service:
    return Service(start("serve", "--port", "0").line().rpartition(" ")[2], "ada")


def wear(start: Start, service: Service, *emulated: str, wearer: str | None = None) -> None:
    glove = start("emulate", *emulated)
    start("bridge", "--port", glove.line(), "--url", service.url, *(() if wearer is None else ("--wearer", wearer)))


@pytest.fixture
def still(start: Start, service: Service) -> Service:
    """With a glove that holds one letter."""
    wear(start, service, "--text", "ㄱ", "--hold-s", "3600")
    return service


def begins(opened: Opened, heard: bool = True) -> Page:
    """Ada, by keyboard."""
    page = opened.page
    if heard:
        opened.waits_for_state("Reading the glove")
    page.get_by_role("link", name="Calibrate").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("New name")).to_be_visible()  # what is hidden takes no focus
    page.get_by_label("New name").focus()
    page.keyboard.type("ada")
    page.keyboard.press("Enter")
    expect(chief(page)).to_be_focused()
    return page


def chief(page: Page) -> Locator:
    return page.locator("#calibrate-chief")


def asked(page: Page) -> str:
    return page.get_by_test_id("asked").inner_text()


def takes(page: Page) -> None:
    """One example, from Enter to what is said of it."""
    page.keyboard.press("Enter")
    expect(chief(page)).to_contain_text("Stop")
    expect(chief(page)).to_contain_text("Take it", timeout=TAKEN_S * 1000)


def says(page: Page, what: str) -> None:
    expect(page.get_by_test_id("calibrate-spoken")).to_contain_text(what, timeout=TAKEN_S * 1000)


def test_letters_are_shown_by_keyboard_alone(still: Service, open_page: OpenPage) -> None:
    opened = open_page(still.url)
    page = begins(opened)
    says(page, "Show rest. As it rests between two words.")
    takes(page)
    says(page, "That one is good. Show rest. With the arm hanging down.")
    takes(page)
    first = asked(page)
    assert len(first) == 1
    assert still.examples() == ["rest", "rest"]
    expect(page.get_by_role("img", name="A hand that shows")).to_be_visible()

    page.keyboard.press("s")
    expect(page.get_by_test_id("asked")).not_to_have_text(first)
    second = asked(page)
    takes(page)
    assert still.examples() == ["rest", "rest", second]
    expect(page.get_by_test_id("calibrate-counts")).to_have_text("1 of 24 letters, 3 examples")
    expect(page.get_by_test_id("calibrate-last").get_by_role("listitem").first).to_contain_text("100 %")

    page.keyboard.press("u")
    expect(page.get_by_test_id("asked")).to_have_text(second)
    expect(page.get_by_test_id("calibrate-counts")).to_have_text("0 of 24 letters, 2 examples")
    assert still.examples() == ["rest", "rest"]
    expect(chief(page)).to_be_focused()
    assert opened.faults == []


def test_the_countdown_is_seen_and_stops(still: Service, open_page: OpenPage) -> None:
    opened = open_page(still.url)
    page = begins(opened)
    says(page, "Show rest")
    page.keyboard.press("Enter")
    says(page, "Make the shape. Hold still.")
    for left in "321":
        expect(page.get_by_test_id("seconds")).to_have_text(left)
        if left != "3":
            expect(page.get_by_test_id("say")).to_have_text("Hold still")
    page.keyboard.press("Escape")
    says(page, "Show rest")
    expect(page.get_by_test_id("seconds")).to_have_text("")
    page.wait_for_timeout(2000)  # longer than it would have gone on
    assert still.examples() == []
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("seconds")).to_have_text("3")
    page.get_by_role("link", name="Live").click()
    page.get_by_role("link", name="Calibrate").click()
    expect(page.get_by_test_id("seconds")).to_have_text("", timeout=500)  # nobody looked
    expect(chief(page)).to_contain_text("Take it")
    assert still.examples() == []
    assert opened.faults == []


def test_a_hand_that_moved_is_told_and_taken_again(start: Start, service: Service, open_page: OpenPage) -> None:
    wear(start, service, "--text", "ㄱㅏㅁㅣ" * 40, "--hold-s", "0.2")  # it rests when all is signed
    opened = open_page(service.url)
    page = begins(opened, heard=False)
    expect(page.locator(".hands figure[data-known=true]")).to_be_visible()
    says(page, "Show rest")
    page.keyboard.press("Enter")
    says(page, "Better take it again: the hand moved.")
    assert service.examples() == ["rest"]
    page.keyboard.press("Enter")
    says(page, "Make the shape")
    assert service.examples() == []
    says(page, "Better take it again")
    page.keyboard.press("k")
    says(page, "Show rest. With the arm hanging down.")
    assert service.examples() == ["rest"]
    assert opened.faults == []


def test_before_and_after_are_told_in_numbers_and_an_earlier_profile_comes_back(
    start: Start, service: Service, open_page: OpenPage
) -> None:
    ask("POST", service.wearers, {"wearer": "ada"})
    service.shows("ㄱㄴㄷㄹㅁ", turned=40)
    ask("POST", f"{service.her}/calibrate")
    wear(start, service, "--text", "ㄱ", "--hold-s", "3600", wearer="ada")
    opened = open_page(service.url)
    page = begins(opened, heard=False)
    says(page, "Show rest")
    page.keyboard.press("c")
    says(page, "examples")
    newest = ask("GET", f"{service.her}/profiles")["profiles"][-1]
    assert newest["version"] == 2
    comparison = newest["comparison"]
    figures = [int(text.split()[0]) for text in page.locator(".scores strong").all_inner_texts()]
    assert figures == [round(100 * comparison[when]["accuracy"]) for when in ("before", "after")]
    assert figures[1] > figures[0]
    right = [round(comparison["held_back"] * comparison[when]["accuracy"]) for when in ("before", "after")]
    sentence = f"Of 10 examples, {right[0]} were read right before, and {right[1]} are now."
    expect(page.get_by_test_id("calibrate-outcome")).to_have_text(sentence)
    expect(page.get_by_text("uses your profile already")).to_be_visible()
    expect(chief(page)).to_be_focused()

    page.get_by_role("button", name="Use profile 1").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Use profile 2")).to_be_focused()
    active = {each["version"]: each["active"] for each in ask("GET", f"{service.her}/profiles")["profiles"]}
    assert active == {1: True, 2: False}

    page.get_by_role("button", name="Download my data").focus()
    with page.expect_download() as downloading:
        page.keyboard.press("Enter")
    assert downloading.value.suggested_filename == "ada.scaleglove.json"
    file = json.loads(downloading.value.path().read_text())
    assert ask("POST", f"{service.wearers}/import?replace=true", file)["examples"] == dict.fromkeys("ㄱㄴㄷㄹㅁ", 2)

    chief(page).focus()
    page.keyboard.press("Enter")
    says(page, "Show rest")
    assert opened.faults == []


def test_what_the_service_refuses_is_told_in_its_words(still: Service, open_page: OpenPage) -> None:
    opened = open_page(still.url, size=PHONE)
    page = begins(opened)
    says(page, "Show rest")
    ask("DELETE", still.her)
    page.keyboard.press("Enter")
    failed = page.get_by_test_id("calibrate-failed")
    expect(failed).to_contain_text("The service says: ", timeout=TAKEN_S * 1000)
    expect(failed).to_contain_text("ada")
    expect(failed).to_be_in_viewport()
    expect(chief(page)).to_contain_text("Take it")
    expect(chief(page)).to_be_focused()
    assert all("404" in fault for fault in opened.faults)  # the browser's own remark


def test_without_a_glove_one_may_look_round(service: Service, open_page: OpenPage) -> None:
    opened = open_page(service.url)
    page = begins(opened, heard=False)
    says(page, "Show rest")
    expect(page.locator(".stage-of-letters").get_by_text("No glove is heard just now")).to_be_visible()
    page.keyboard.press("Enter")
    says(page, "No glove is heard just now")
    expect(chief(page)).to_contain_text("Take it")
    page.get_by_role("button", name="Another wearer").click()
    expect(page.get_by_label("New name")).to_be_focused()
    expect(page.get_by_role("button", name="ada")).to_be_visible()
    assert opened.faults == []


@pytest.mark.parametrize("locale", ["en", "ko"])
def test_a_phone_shows_it_without_scrolling_sideways(service: Service, open_page: OpenPage, locale: str) -> None:
    ask("POST", service.wearers, {"wearer": "ada"})
    service.shows("ㄱㄴㄷ")
    opened = open_page(f"{service.url}/#calibrate", size=PHONE, locale=locale)
    opened.page.get_by_role("button", name="ada").click()
    expect(chief(opened.page)).to_be_focused()
    opened.page.keyboard.press("c")
    expect(opened.page.get_by_test_id("calibrate-outcome")).to_have_text(re.compile("6"))
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
    assert [fault for fault in opened.faults if "another host" not in fault] == []


def sitting(opened: Opened, *events: dict[str, Any]) -> dict[str, Any]:
    """What calibrating.js makes of events 1 s apart."""
    told: dict[str, Any] = opened.page.evaluate(
        """async events => {
          const { INITIAL, countdown, may, reduce, wantedOf } = await import("/views/calibrate/calibrating.js");
          const state = events.reduce((sitting, event, i) => reduce(sitting, event, 1000 * i), INITIAL);
          const commands = ["take", "stop", "keep", "undo", "skip", "unskip", "calibrate", "goOn", "leave"];
          const now = 1000 * events.length;
          return { ...state, may: commands.filter(command => may(state, command)), wanted: wantedOf(state),
                   countdown: [now, now + 2500, now + 9000].map(at => countdown(state, at)) };
        }""",
        list(events),
    )
    return told


def advised(label: str | None, again: bool = False, **have: int) -> dict[str, Any]:
    return {"kind": "advised", "guide": {"next": label, "again": again, "have": have}}


def kept(example: int, quality: float) -> dict[str, Any]:
    return {"kind": "kept", "example": {"id": example, "label": "ㄱ", "quality": quality, "reason": ""}}


OPENED = {"kind": "opened", "wearer": "ada", "letters": ["ㄱ", "ㄴ", "ㄷ"], "profiles": []}
SETTLED = {"kind": "settled"}
SKIP = {"kind": "skip"}
BUSY = {"kind": "busy", "phase": "waiting"}


def test_a_sitting_goes_from_phase_to_phase(service: Service, open_page: OpenPage) -> None:
    opened = open_page(service.url)
    begun = (OPENED, advised("ㄱ", rest=2), SETTLED)
    assert sitting(opened)["phase"] == "choosing"
    assert sitting(opened)["may"] == []
    assert sitting(opened, OPENED, {"kind": "failed", "detail": "full"})["phase"] == "choosing"
    assert sitting(opened, *begun)["may"] == ["take", "skip", "calibrate", "leave"]
    counting = sitting(opened, *begun, {"kind": "start"})
    assert counting["may"] == ["stop"]
    assert counting["countdown"] == ["runs", "over", "late"]
    assert sitting(opened, *begun, {"kind": "start"}, {"kind": "stop"})["phase"] == "asking"
    assert sitting(opened, *begun, BUSY)["may"] == []
    poor = sitting(opened, *begun, BUSY, kept(1, 0.2), SETTLED)
    assert (poor["phase"], poor["may"]) == ("judged", ["take", "keep", "undo", "leave"])
    good = sitting(opened, *begun, BUSY, kept(1, 0.5), advised("ㄴ", **{"ㄱ": 1}), SETTLED)
    assert (good["phase"], good["asked"]["label"], good["may"][2]) == ("asking", "ㄴ", "skip")
    undone = sitting(opened, *begun, BUSY, kept(1, 1), {"kind": "takenBack", "id": 1}, SETTLED)
    assert undone["shown"] == []
    assert sitting(opened, *begun, advised(None), SETTLED)["phase"] == "enough"
    worth = sitting(opened, *begun, {"kind": "calibrated", "worth": {}}, SETTLED)
    assert (worth["phase"], worth["may"]) == ("worth", ["goOn", "leave"])
    assert sitting(opened, *begun, {"kind": "failed", "detail": "full"})["failed"] == "full"
    assert sitting(opened, *begun, {"kind": "leave"})["phase"] == "choosing"


def test_who_skips_is_asked_for_what_is_left(service: Service, open_page: OpenPage) -> None:
    opened = open_page(service.url)
    rest = advised("rest", **{"ㄱ": 1, "ㄷ": 1})
    skipped = sitting(opened, OPENED, rest, SKIP, rest, SETTLED)  # the service goes on asking for rest first
    assert skipped["asked"] == {"label": "ㄴ", "again": False}
    assert skipped["wanted"] == ["ㄱ", "ㄴ", "ㄷ"]
    all_skipped = [each for letter in "ㄱㄴㄷ" for each in (advised(letter), SKIP)]
    nothing = sitting(opened, OPENED, *all_skipped, advised("ㄱ"), SETTLED)
    assert (nothing["phase"], nothing["may"]) == ("enough", ["unskip", "leave"])
    assert sitting(opened, OPENED, *all_skipped, {"kind": "unskip"}, advised("ㄱ"), SETTLED)["phase"] == "asking"
