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
    expect(primary(page)).to_be_focused()
    return page


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


def session(opened: Opened, *events: dict[str, Any]) -> dict[str, Any]:
    """Return the session after events 1 s apart, and what is possible then."""
    answer: dict[str, Any] = opened.page.evaluate(
        """async events => {
          const session = await import("/views/calibrate/session.js");
          const { INITIAL, countdownOf, isPossible, reduce, wantedLetters } = session;
          const state = events.reduce((before, event, i) => reduce(before, event, 1000 * i), INITIAL);
          const commands = ["take", "stop", "keep", "undo", "skip", "unskip", "calibrate", "resume", "back", "leave"];
          const now = 1000 * events.length;
          const possible = commands.filter(command => isPossible(state, command));
          return { ...state, possible, wanted: wantedLetters(state),
                   countdown: [now, now + 2500, now + 9000].map(at => countdownOf(state, at)) };
        }""",
        list(events),
    )
    return answer


def suggested(label: str | None, again: bool = False, **have: int) -> dict[str, Any]:
    return {"kind": "suggested", "guide": {"next": label, "again": again, "have": have}}


def kept(example: int, quality: float) -> dict[str, Any]:
    return {"kind": "kept", "example": {"id": example, "label": "ㄱ", "quality": quality, "reason": ""}}


OPENED = {
    "kind": "opened",
    "wearer": "ada",
    "model": "m",
    "vocabulary": {"name": "own", "language": "korean", "labels": [{"label": "ㄱ"}, {"label": "ㄴ"}, {"label": "ㄷ"}]},
    "profiles": [],
}
SETTLED = {"kind": "settled"}
SKIP = {"kind": "skip"}
BUSY = {"kind": "busy", "phase": "waiting"}


def test_a_session_changes_its_phase(service: Service, open_page: OpenPage) -> None:
    opened = open_page(service.url)
    begun = (OPENED, suggested("ㄱ", rest=2), SETTLED)
    assert session(opened)["phase"] == "choosing"
    assert session(opened)["possible"] == []
    assert (
        session(opened, OPENED, {"kind": "failed", "problem": {"code": "storage_full", "detail": ""}})["phase"]
        == "choosing"
    )
    assert session(opened, *begun)["possible"] == ["take", "skip", "leave"]  # rest alone is nothing to calibrate with
    shown = session(opened, *begun, suggested("ㄴ", **{"ㄱ": 1}), SETTLED)
    assert shown["possible"] == ["take", "skip", "calibrate", "leave"]
    counting = session(opened, *begun, {"kind": "start"})
    assert counting["possible"] == ["stop"]
    assert counting["countdown"] == ["running", "over", "late"]
    assert session(opened, *begun, {"kind": "start"}, {"kind": "stop"})["phase"] == "asking"
    assert session(opened, *begun, BUSY)["possible"] == []
    poor = session(opened, *begun, BUSY, kept(1, 0.2), SETTLED)
    assert (poor["phase"], poor["possible"]) == ("poor", ["take", "keep", "undo", "leave"])
    good = session(opened, *begun, BUSY, kept(1, 0.5), suggested("ㄴ", **{"ㄱ": 1}), SETTLED)
    assert (good["phase"], good["target"]["label"], good["possible"][2]) == ("asking", "ㄴ", "skip")
    undone = session(opened, *begun, BUSY, kept(1, 1), {"kind": "removed", "id": 1}, SETTLED)
    assert undone["shown"] == []
    assert session(opened, *begun, suggested(None), SETTLED)["phase"] == "enough"
    calibrated = session(opened, *begun, {"kind": "calibrated", "improvement": {}}, SETTLED)
    assert (calibrated["phase"], calibrated["possible"]) == ("calibrated", ["resume", "leave"])
    assert (
        session(opened, *begun, {"kind": "failed", "problem": {"code": "storage_full", "detail": ""}})["failed"]["code"]
        == "storage_full"
    )
    assert session(opened, *begun, {"kind": "leave"})["phase"] == "choosing"


SIGN = {"kind": "teach", "label": "thumbs up"}


def shown(example: int, code: str | None = None) -> dict[str, Any]:
    quality = 1.0 if code is None else 0.3
    return {"kind": "kept", "example": {"id": example, "label": "thumbs up", "quality": quality, "code": code}}


def test_an_own_sign_is_shown_three_times(service: Service, open_page: OpenPage) -> None:
    opened = open_page(service.url)
    begun = (OPENED, suggested("ㄱ", rest=2), SETTLED, SIGN, suggested("ㄱ", rest=2), SETTLED)
    teaching = session(opened, *begun)
    assert teaching["target"] == {"label": "thumbs up", "again": False, "moves": False, "isOwn": True}
    assert teaching["possible"] == ["take", "back"]
    once = session(opened, *begun, shown(1), suggested("ㄱ"), SETTLED)
    assert (once["target"]["again"], once["possible"]) == (True, ["take", "undo", "calibrate", "back"])
    close = session(opened, *begun, shown(1, "close_to_other"), SETTLED)
    assert (close["phase"], close["possible"]) == ("poor", ["take", "keep", "undo", "back"])
    useless = session(opened, *begun, shown(1, "sensor_dropped"), SETTLED)
    assert useless["possible"] == ["take", "undo", "back"]  # no contact is nothing to learn from
    assert session(opened, *begun, shown(1), {"kind": "removed", "id": 1}, SETTLED)["sign"]["ids"] == []
    thrice = session(opened, *begun, shown(1), shown(2), shown(3), suggested("ㄱ"), SETTLED)
    assert (thrice["target"], thrice["phase"]) == (None, "enough")
    left = session(opened, *begun, shown(1), {"kind": "back"}, suggested("ㄱ"), SETTLED)
    assert (left["sign"], left["target"]["label"]) == (None, "ㄱ")


def test_skipped_letters_are_not_shown_again(service: Service, open_page: OpenPage) -> None:
    opened = open_page(service.url)
    rest = suggested("rest", **{"ㄱ": 1, "ㄷ": 1})
    skipped = session(opened, OPENED, rest, SKIP, rest, SETTLED)  # the service still suggests rest
    assert skipped["target"] == {"label": "ㄴ", "again": False, "moves": False, "isOwn": False}
    assert skipped["wanted"] == ["ㄱ", "ㄴ", "ㄷ"]
    all_skipped = [each for letter in "ㄱㄴㄷ" for each in (suggested(letter), SKIP)]
    nothing = session(opened, OPENED, *all_skipped, suggested("ㄱ"), SETTLED)
    assert (nothing["phase"], nothing["possible"]) == ("enough", ["unskip", "leave"])
    assert session(opened, OPENED, *all_skipped, {"kind": "unskip"}, suggested("ㄱ"), SETTLED)["phase"] == "asking"


CALIBRATED = {"held_back": 0, "single": ["ㄱ"], "before": None, "after": None}


@pytest.mark.parametrize("code", ["unknown_glove", "no_glove_profile"])
def test_a_glove_that_was_deleted_meanwhile_is_done_without_and_named(
    service: Service, open_page: OpenPage, code: str
) -> None:
    """The requests are answered here: the stream hears of a deletion before anybody could press the key."""
    asked = ask_with_a_glove_that_is_refused(open_page(service.url), code)
    assert asked["gloves"] == ["blue", None]
    assert (asked["session"]["improvement"], asked["session"]["failed"]) == (CALIBRATED, None)
    assert asked["session"]["goneGlove"] == "blue"
    assert "blue was deleted" in asked["notes"]


def test_another_refusal_is_not_tried_again(service: Service, open_page: OpenPage) -> None:
    asked = ask_with_a_glove_that_is_refused(open_page(service.url), "storage_full")
    assert asked["gloves"] == ["blue"]
    assert asked["session"]["failed"]["code"] == "storage_full"


def ask_with_a_glove_that_is_refused(opened: Opened, code: str) -> dict[str, Any]:
    """Calibrate with the glove blue, which the service refuses; return the gloves of the requests, and the outcome."""
    answer: dict[str, Any] = opened.page.evaluate(
        """async ([code, calibrated]) => {
          const { SessionController } = await import("/views/calibrate/session_controller.js");
          const { Improvement } = await import("/views/calibrate/improvement.js");
          const { ServiceError } = await import("/client/wire.js");
          const { en } = await import("/i18n/en.js");
          const gloves = [];
          const wearers = {
            open: async wearer => ({ wearer, profiles: [] }),
            read: async () => ({ profiles: [] }),
            guide: async () => ({ next: "ㄴ", again: false, have: { "ㄱ": 1 } }),
            calibrate: async (wearer, model, { glove }) => {
              gloves.push(glove);
              if (glove !== null) throw new ServiceError({ code, detail: "" });
              return calibrated;
            },
          };
          const vocabulary = { name: "own", language: "korean", labels: [{ label: "ㄱ" }, { label: "ㄴ" }] };
          const controller = new SessionController(wearers, async () => ({ model: "m", vocabulary }), () => {});
          controller.glove = "blue";
          await controller.open("ada");
          await controller.run("calibrate");
          const shown = new Improvement(() => {});
          shown.setMessages(en);
          shown.setSession(controller.session);
          return { gloves, session: controller.session, notes: shown.element.textContent };
        }""",
        [code, CALIBRATED],
    )
    return answer


@pytest.mark.parametrize(
    ("left", "requests"),
    [
        ({"ㄱ": 1}, ["removeLabel wave", "calibrate {}"]),
        ({}, ["removeLabel wave", "remove", "open"]),  # a profile cannot be made of nothing
    ],
)
def test_a_deleted_sign_is_recognised_no_more(
    service: Service, open_page: OpenPage, left: dict[str, int], requests: list[str]
) -> None:
    asked = open_page(service.url).page.evaluate(
        """async left => {
          const { SessionController } = await import("/views/calibrate/session_controller.js");
          const { ownSigns } = await import("/views/calibrate/session.js");
          const asked = [];
          const profile = signs => ({ model: "m", active: true, signs, alone: false });
          let [have, profiles] = [{ ...left, wave: 3 }, [profile([{ label: "wave" }])]];
          const wearers = {
            open: async wearer => (asked.push("open"), { wearer, profiles }),
            read: async () => ({ profiles }),
            guide: async () => ({ next: "ㄱ", again: false, have }),
            removeLabel: async (wearer, label) => (asked.push(`removeLabel ${label}`), have = left),
            remove: async () => (asked.push("remove"), profiles = []),
            calibrate: async (wearer, model, { alone, glove }) => {
              asked.push(`calibrate ${JSON.stringify({ ...(alone && { alone }), ...(glove && { glove }) })}`);
              profiles = [profile([])];
              return {};
            },
          };
          const vocabulary = { name: "own", language: "korean", labels: [{ label: "ㄱ" }, { label: "ㄴ" }] };
          const controller = new SessionController(wearers, async () => ({ model: "m", vocabulary }), () => {});
          await controller.open("ada");
          const before = ownSigns(controller.session);
          await controller.run("forget", "wave");
          return [asked.slice(1), before, ownSigns(controller.session), controller.session.failed];
        }""",
        left,
    )
    assert asked == [requests, [{"label": "wave", "count": 3, "moving": False}], [], None]


def test_whose_signs_are_recognised_too_is_shown_and_chosen(service: Service, open_page: OpenPage) -> None:
    shown = open_page(service.url).page.evaluate("""async () => {
      const { SharedSigns } = await import("/views/calibrate/shared_signs.js");
      const { en } = await import("/i18n/en.js");
      const asked = [];
      const shared = new SharedSigns((command, wearer) => asked.push([command, wearer]));
      const [choice, submit] = ["select", "button"].map(each => shared.element.querySelector(each));
      const session = { phase: "asking", sign: null, poor: null, wearer: "ada", model: "m", profiles: [] };
      const profiles = [{ active: true, model: "m", signs_from: "bob" }];
      shared.setMessages(en);
      shared.setSession(session);
      shared.offer(["ada"]);
      const withoutOthers = shared.element.hidden;
      shared.offer(["ada", "bob", "eve"]);
      const before = choice.value;
      choice.value = "bob";
      document.body.append(shared.element); // a form submits in a document alone
      submit.click();
      shared.setSession({ ...session, profiles });
      const names = [...choice.options].map(({ value }) => value);
      return { withoutOthers, before, names, after: choice.value, isHidden: shared.element.hidden, asked };
    }""")
    assert shown == {
        "withoutOthers": True,
        "before": "",
        "names": ["", "bob", "eve"],
        "after": "bob",
        "isHidden": False,
        "asked": [["share", "bob"]],
    }
