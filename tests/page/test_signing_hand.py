"""The hand of the page's demo glove, in Node: what it spells, and how it makes signs that move."""

from __future__ import annotations

import numpy as np
import pytest

from scaleglove.hangul.spelling import letters
from scaleglove.letter_templates import load_templates
from tests.page.node import PageInNode


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> PageInNode:
    return PageInNode(tmp_path_factory.mktemp("page") / "page")


def test_syllables_are_spelled_with_the_letters_of_hangul(page: PageInNode) -> None:
    text = "안녕하세요꽃왜값없뷁"
    script = """console.log(JSON.stringify((await import("./korean.js")).lettersOf(given)));"""
    assert page.run(script, text) == letters(text)


def test_the_greeting_is_in_the_language_of_the_model(page: PageInNode) -> None:
    script = """
    const { greetingOf } = await import("./signing_hand.js");
    console.log(JSON.stringify(given.map(([language, labels]) => greetingOf(language, labels))));
    """
    names = {name: list(load_templates(name).letters) for name in ("korean", "american", "american_signs")}
    cases = [
        ("korean", names["korean"]),
        ("english", names["american"]),
        ("english", names["american_signs"]),
        ("english", ["up", "down"]),
        ("none", ["up", "down"]),
    ]
    hello = list("hello")
    assert page.run(script, cases) == [letters("안녕하세요"), hello, hello, ["up", "down"], ["up", "down"]]


def test_a_sign_that_moves_is_made_along_its_path_again_and_again(page: PageInNode) -> None:
    script = """
    const { SigningHand, shapeOf } = await import("./signing_hand.js");
    const signs = new Map([["wave", given], ["fist", { frame: Array(8).fill(100) }]]);
    const shown = new SigningHand(signs, ["fist"]).show(0, signs.get("fist").frame, "wave");
    const segments = Array.from({ length: 10 }, () => shown.next().value);
    const shapes = segments.map((each) => [each.begin, each.end, shapeOf(each, each.begin), shapeOf(each, each.end)]);
    console.log(JSON.stringify(shapes));
    """
    path = [[100.0] * 5 + [0, 0, 170], [200.0] * 5 + [10, 0, -170], [300.0] * 5 + [20, 0, -150]]
    shapes = page.run(script, {"frame": [200.0] * 5 + [10, 0, -170], "path": path, "seconds": 1.0})
    durations = [end - begin for begin, end, *_ in shapes]
    assert durations == pytest.approx([0.35, 0.5, 0.5, 0.7, 0.35, 0.5, 0.5, 0.7, 0.35, 0.5])
    starts, ends = (np.array([each[i] for each in shapes]) for i in (2, 3))
    change = ends - starts
    change[:, 5:] = (change[:, 5:] + 180) % 360 - 180
    assert change[1] == pytest.approx([100] * 5 + [10, 0, 20])  # from 170 by the shorter way
    assert change[2] == pytest.approx([100] * 5 + [10, 0, 20])
    assert change[3] == pytest.approx([0] * 8)
    assert starts[1:] == pytest.approx(ends[:-1])


@pytest.mark.parametrize(
    ("vocabulary", "asked", "language"),
    [
        ({"name": "american", "language": "english"}, ["american"], "english"),
        ({"name": "mine", "language": "none"}, ["mine", "korean"], "korean"),  # nobody has measured hands of it
    ],
)
def test_the_hand_is_one_that_the_services_own_model_reads(
    page: PageInNode, vocabulary: dict[str, str], asked: list[str], language: str
) -> None:
    script = """
    const { ServiceError } = await import("./client/wire.js");
    const { signsOf } = await import("./views/live/empty_state.js");
    const asked = [];
    const service = {
      peek: async (path) => (path === "/v1/models" ? { default: "m" } : { vocabulary: given }),
      get: async (path) => {
        asked.push(path.split("=")[1]);
        if (path.endsWith("mine")) throw new ServiceError({ code: "invalid_request", detail: "", status: 422 });
        return { letters: [{ label: "a", frame: [1] }] };
      },
    };
    const { signs, language } = await signsOf(service);
    console.log(JSON.stringify({ asked, language, labels: [...signs.keys()] }));
    """
    assert page.run(script, vocabulary) == {"asked": asked, "language": language, "labels": ["a"]}
