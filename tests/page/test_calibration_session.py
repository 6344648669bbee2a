"""Tests of a calibration session on the page: its phases, its requests, and the parts that show what it knows."""

from __future__ import annotations

from typing import Any

import pytest

from tests.page.conftest import Opened, OpenPage


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


def test_a_session_changes_its_phase(service: str, open_page: OpenPage) -> None:
    opened = open_page(service)
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


def test_an_own_sign_is_shown_three_times(service: str, open_page: OpenPage) -> None:
    opened = open_page(service)
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


def test_skipped_letters_are_not_shown_again(service: str, open_page: OpenPage) -> None:
    opened = open_page(service)
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
    service: str, open_page: OpenPage, code: str
) -> None:
    """The requests are answered here: the stream hears of a deletion before anybody could press the key."""
    asked = ask_with_a_glove_that_is_refused(open_page(service), code)
    assert asked["gloves"] == ["blue", None]
    assert (asked["session"]["improvement"], asked["session"]["failed"]) == (CALIBRATED, None)
    assert asked["session"]["goneGlove"] == "blue"
    assert "blue was deleted" in asked["notes"]


def test_another_refusal_is_not_tried_again(service: str, open_page: OpenPage) -> None:
    asked = ask_with_a_glove_that_is_refused(open_page(service), "storage_full")
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
    service: str, open_page: OpenPage, left: dict[str, int], requests: list[str]
) -> None:
    asked = open_page(service).page.evaluate(
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


def test_whose_signs_are_recognised_too_is_shown_and_chosen(service: str, open_page: OpenPage) -> None:
    shown = open_page(service).page.evaluate("""async () => {
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


def test_the_examples_of_a_word_are_counted_at_once(service: str, open_page: OpenPage) -> None:
    examples = [{"id": 1, "label": "ㄱ", "quality": 1.0}, {"id": 2, "label": "ㄴ", "quality": 0.2}]
    spelled = session(
        open_page(service), OPENED, suggested("ㄱ", **{"ㄱ": 1}), {"kind": "spelled", "examples": examples}
    )
    assert spelled["guide"]["have"] == {"ㄱ": 2, "ㄴ": 1}
    assert [each["id"] for each in spelled["shown"]] == [1, 2]
