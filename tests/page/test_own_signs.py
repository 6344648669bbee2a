"""Own signs on the page, in Node: under which name a session keeps examples, what it lists and what it deletes."""

from __future__ import annotations

from typing import Any

import pytest

from tests.page.node import PageInNode


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> PageInNode:
    return PageInNode(tmp_path_factory.mktemp("page") / "page")


_RUN = """
const { SessionController } = await import("./views/calibrate/session_controller.js");
const { isPossible, labelsUndone, ownSigns, sharerOf } = await import("./views/calibrate/session.js");
const { ServiceError } = await import("./client/wire.js");

const { have, signs = [], alone = false, steps, poor = false, shared = 0, code = "too_few_signs" } = given;
const requests = [];
let profiles = [{ model: "m", active: true, signs, alone }];
let refusing = false;
const fail = (code) => { throw new ServiceError({ code, detail: "" }); };
const countOf = (label) => (Object.hasOwn(have, label) ? have[label] : 0);
const wearers = {
  open: async (wearer) => (requests.push("open"), { wearer, profiles }),
  read: async () => ({ profiles }),
  guide: async () => (refusing ? fail("cannot_connect") : { next: "ㄱ", again: false, have: { ...have } }),
  addExample: async (wearer, model, label) => {
    requests.push(`add ${label}`);
    have[label] = countOf(label) + 1;
    return { id: requests.length, label, quality: poor ? 0.2 : 1 };
  },
  removeExample: async (wearer, id) => {
    if (refusing) fail("cannot_connect");
    requests.push(`remove ${id}`);
    const label = requests[id - 1].slice("add ".length);
    if (--have[label] === 0) delete have[label];
  },
  removeLabel: async (wearer, label) => (requests.push(`removeLabel ${label}`), delete have[label]),
  remove: async () => (requests.push("removeWearer"), (profiles = [])),
  calibrate: async (wearer, model, { alone, signs_from: from }) => {
    requests.push(`calibrate ${alone ?? null}${from === undefined ? "" : ` from ${from || "nobody"}`}`);
    const own = Object.keys(have).filter((label) => label !== "ㄱ");
    if (alone && own.length + shared < 2) fail(code);
    const signs = own.map((label) => ({ label }));
    profiles = [{ model, active: true, signs, alone: alone ?? false, signs_from: from }];
    return { signs, alike: [], left_out: [] };
  },
};
const vocabulary = { name: "own", language: "korean", labels: [{ label: "ㄱ" }, { label: "ㄴ" }] };
const undone = [];
const changed = (session, before) => undone.push(...labelsUndone(session, before));
const readModel = async () => ({ model: "m", vocabulary, foreign: ["ㄱ", "ㄴ", "a", "b"] });
const controller = new SessionController(wearers, readModel, changed);
const waitFor = async (condition) => { while (!condition()) await new Promise((resolve) => setTimeout(resolve)); };
await controller.open("ada");
for (const [step, argument] of steps) {
  if (step === "refuse") refusing = true;
  else if (step === "show") {
    await controller.run("take");
    if (controller.session.phase !== "counting") continue;
    controller.tick("stream", controller.session.until);
    await waitFor(() => controller.session.phase !== "keeping");
  } else await controller.run(step, argument);
}
const { session } = controller;
const [listed, mayStandAlone] = [ownSigns(session), isPossible(session, "alone")];
const [sharer, asked] = [sharerOf(session), requests.slice(1)];
console.log(JSON.stringify({ session, signs: listed, alone: mayStandAlone, requests: asked, undone, sharer }));
"""


def after(page: PageInNode, *steps: list[str], **given: Any) -> dict[str, Any]:
    """Return the session after commands of the wearer ada, and the requests; after `refuse` no guide is given."""
    answer: dict[str, Any] = page.run(_RUN, {"have": {"ㄱ": 1}, "steps": steps} | given)
    return answer


TEACH = ["teach", "wave"]
SHOW, BACK, REFUSE, UNDO = ["show"], ["back"], ["refuse"], ["undo"]


def test_nothing_is_kept_under_the_previous_name_where_the_service_cannot_be_asked(page: PageInNode) -> None:
    taught = after(page, REFUSE, TEACH, SHOW)
    assert taught["session"]["failed"]["code"] == "cannot_connect"
    assert (taught["session"]["target"]["label"], taught["requests"]) == ("wave", ["add wave"])
    left = after(page, TEACH, REFUSE, BACK, SHOW)
    assert (left["session"]["target"]["label"], left["requests"]) == ("ㄱ", ["add ㄱ"])


def test_a_poor_example_is_removed_before_the_way_back(page: PageInNode) -> None:
    left = after(page, TEACH, SHOW, BACK, poor=True)
    assert left["requests"] == ["add wave", "remove 2"]
    assert (left["session"]["sign"], left["signs"]) == (None, [])
    kept = after(page, TEACH, SHOW, REFUSE, BACK, poor=True)  # it could not be removed
    assert (kept["session"]["phase"], kept["session"]["sign"]["label"]) == ("poor", "wave")


def test_the_last_example_is_taken_back_after_a_profile_was_made_too(page: PageInNode) -> None:
    calibrated = after(page, SHOW, ["calibrate"], UNDO)
    assert calibrated["requests"] == ["add ㄱ", "calibrate null", "remove 2"]
    assert (calibrated["session"]["phase"], calibrated["session"]["shown"]) == ("calibrated", [])
    taught = after(page, TEACH, SHOW, SHOW, SHOW, UNDO)
    assert (taught["session"]["phase"], taught["requests"][-1]) == ("taught", "remove 4")
    assert len(taught["session"]["shown"]) == 2


def test_a_sign_that_was_shown_and_not_taught_is_listed_in_the_next_session(page: PageInNode) -> None:
    wave = {"label": "wave", "count": 2, "moving": None}
    assert after(page, have={"ㄱ": 1, "rest": 2, "wave": 2, "a": 5})["signs"] == [wave]  # a is of another alphabet


def test_a_sign_may_have_any_name(page: PageInNode) -> None:
    listed = after(page, signs=[{"label": "constructor"}, {"label": "toString"}])["signs"]
    assert [(each["label"], each["count"]) for each in listed] == [("constructor", 0), ("toString", 0)]
    shown = after(page, ["teach", "constructor"], SHOW)
    assert shown["session"]["guide"]["have"]["constructor"] == 1
    script = """
    const { letterNameOf, messagesIn } = await import("./i18n/index.js");
    const { spokenLabel } = await import("./views/calibrate/labels.js");
    const texts = messagesIn("en");
    const named = given.map((label) => [letterNameOf(texts.live, label), spokenLabel(label, texts, null)]);
    console.log(JSON.stringify([named, texts.models.vocabulary({ name: "constructor", labels: [1, 2] })]));
    """
    assert page.run(script, ["ㄱ", "toString"]) == [
        [["giyeok", "giyeok"], [None, "toString"]],
        "constructor (2)",
    ]


OWN = [{"label": "wave"}, {"label": "thumb"}]


@pytest.mark.parametrize(
    ("given", "requests", "code"),
    [
        ({"have": {"ㄱ": 1, "wave": 3}, "signs": OWN[:1]}, ["removeLabel wave", "calibrate false"], None),
        ({"have": {"wave": 3}, "signs": OWN[:1]}, ["removeLabel wave", "removeWearer", "open"], None),
        # Of another alphabet's examples no profile can be made, and they are not the sign's: nothing is deleted.
        ({"have": {"a": 2, "wave": 3}, "signs": OWN[:1]}, [], "nothing_else_shown"),
        ({"have": {"a": 2, "wave": 3}}, ["removeLabel wave"], None),  # it is not recognised anyway
        ({"have": {"wave": 3, "thumb": 3}, "signs": OWN, "alone": True}, ["removeLabel wave", "calibrate false"], None),
        *(  # the other two are another wearer's, which alone are no profile of this one's
            (
                {"have": {"ㄱ": 1, "wave": 3}, "signs": [*OWN, {"label": "fist"}], "alone": True, "code": code},
                ["removeLabel wave", "calibrate true", "calibrate false"],
                None,
            )
            for code in ("too_few_signs", "unknown_label")
        ),
        (
            {"have": {"ㄱ": 1, "wave": 3}, "signs": [*OWN, {"label": "fist"}], "alone": True, "shared": 2},
            ["removeLabel wave", "calibrate true"],
            None,
        ),
    ],
)
def test_what_is_deleted_is_recognised_no_more(
    page: PageInNode, given: dict[str, Any], requests: list[str], code: str | None
) -> None:
    deleted = after(page, ["forget", "wave"], **given)
    assert deleted["requests"] == requests
    assert (deleted["session"]["failed"] or {}).get("code") == code
    assert ("wave" in [each["label"] for each in deleted["signs"]]) == (code is not None)


def test_own_signs_alone_can_always_be_ended(page: PageInNode) -> None:
    assert after(page, have={"ㄱ": 1, "wave": 1}, signs=OWN[:1], alone=True)["alone"]
    assert not after(page, have={"ㄱ": 1, "wave": 1}, signs=OWN[:1])["alone"]


def test_signs_of_another_wearer_are_added_and_taken_out(page: PageInNode) -> None:
    assert after(page, ["share", "bob"], ["share", ""])["requests"] == [
        "calibrate null from bob",
        "calibrate null from nobody",
    ]
    assert after(page, ["share", "bob"])["sharer"] == "bob"
    assert after(page)["sharer"] is None
    alone = after(page, ["share", "bob"], have={"wave": 1, "thumb": 1}, signs=OWN, alone=True)
    assert alone["requests"] == ["calibrate true from bob"]


def test_signs_that_are_not_to_be_had_any_more_are_said_to_be_left_out(page: PageInNode) -> None:
    script = """
    const { messagesIn } = await import("./i18n/index.js");
    const { lostText } = await import("./views/calibrate/labels.js");
    console.log(JSON.stringify(given.map((result) => lostText(result, messagesIn("en")))));
    """
    lost = "The signs of another wearer are left out. The service does not know this wearer."
    assert page.run(script, [{}, {"signs_lost": None}, {"signs_lost": "unknown_wearer"}]) == [[], [], [lost]]


def test_a_label_is_not_drawn_by_what_was_undone_or_deleted(page: PageInNode) -> None:
    assert after(page, TEACH, SHOW, ["undo"])["undone"] == ["wave"]
    assert after(page, TEACH, SHOW, BACK, ["forget", "wave"])["undone"] == ["wave"]
    assert after(page, TEACH, SHOW, BACK, poor=True)["undone"] == []  # a poor example is no picture
    script = """
    const { LetterPictures } = await import("./views/letter_pictures.js");
    const pictures = new LetterPictures();
    pictures.show("wave", given);
    pictures.show("fist", given);
    pictures.forget("wave");
    console.log(JSON.stringify([pictures.frameOf({ label: "wave" }), pictures.frameOf({ label: "fist" })]));
    """
    frame = [800, 800, 800, 800, 800, 10, 20, 0]
    assert page.run(script, frame) == [None, frame]


def test_the_pages_own_glove_remembers_the_model_of_a_profile(page: PageInNode) -> None:
    script = """
    const kept = {};
    globalThis.localStorage = {
      getItem: (key) => kept[key] ?? null,
      setItem: (key, value) => (kept[key] = value),
      removeItem: (key) => delete kept[key],
    };
    const { OwnGlove } = await import("./own_glove.js");
    const found = given.map(([name, model]) => (new OwnGlove(null, null).useWearer(name, model), { ...kept }));
    console.log(JSON.stringify(found));
    """
    ada = {"scaleglove.wearer": '"ada"'}
    uses = [["ada", "one"], ["ada", "two"], [None, None]]
    one, two = (ada | {"scaleglove.model": f'"{model}"'} for model in ("one", "two"))
    assert page.run(script, uses) == [one, two, {}]
