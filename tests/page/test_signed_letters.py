"""Which hand shape a letter of the line is of, after edits too, and whose example a correction is, in Node."""

from __future__ import annotations

from typing import Any

import pytest

from tests.page.node import PageInNode


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> PageInNode:
    return PageInNode(tmp_path_factory.mktemp("page") / "page")


_SIGNED = """
const { History } = await import("./history.js");
const { signedAs } = await import("./views/live/signed_letters.js");
const history = new History();
let letters = "";
for (const message of given) {
  history.push(message, 0);
  if (message.type === "text") letters = message.letters;
}
console.log(JSON.stringify(signedAs(letters, history.gestures)?.map(({ label, shape }) => [label, shape]) ?? null));
"""


def signed(label: str, shape: int, letters: str) -> list[dict[str, Any]]:
    """Return what the service sends where a letter is signed and the line has `letters` then."""
    begin = {"type": "gesture", "phase": "begin", "label": label, "t_ms": 500.0 * shape, "shape": shape}
    return [begin, text(letters), {**begin, "phase": "end", "t_ms": 500.0 * shape + 300}]


def text(letters: str, committed: str = "") -> dict[str, Any]:
    return {"type": "text", "letters": letters, "committed": committed}


def word(by: str, written: str) -> dict[str, Any]:
    return {"type": "word", "letters": "ㄱㅓ", "signed": "거", "written": written, "by": by}


def test_each_letter_is_of_its_shape(page: PageInNode) -> None:
    line = [*signed("ㄱ", 0, "ㄱ"), *signed("ㄱ", 1, "ㄱㄱ"), text("ㄱㄱ"), *signed("ㅏ", 2, "ㄱㄱㅏ")]
    assert page.run(_SIGNED, line) == [["ㄱ", 0], ["ㄱ", 1], ["ㅏ", 2]]
    assert page.run(_SIGNED, [*line, *signed("ㄴ", 3, "ㄴ")]) == [["ㄴ", 3]]  # a new word


def test_of_an_edited_line_only_what_is_signed_after_it_is_known(page: PageInNode) -> None:
    repeated = [*signed("ㄱ", 0, "ㄱ"), *signed("ㄱ", 1, "ㄱㄱ"), text("ㄱ")]
    assert page.run(_SIGNED, repeated) == [["ㄱ", None]]  # it is not of the newest shape
    assert page.run(_SIGNED, [*repeated, *signed("ㄱ", 2, "ㄱㄱ")]) == [["ㄱ", None], ["ㄱ", 2]]
    other = [*signed("ㄱ", 0, "ㄱ"), *signed("ㄴ", 1, "ㄱㄴ"), text("ㄱ"), *signed("ㄷ", 2, "ㄱㄷ")]
    assert page.run(_SIGNED, other) is None
    cleared = [*repeated, text(""), *signed("ㄱ", 2, "ㄱ")]
    assert page.run(_SIGNED, cleared) == [["ㄱ", 2]]


def test_a_word_that_its_language_changes_is_still_of_its_shapes(page: PageInNode) -> None:
    signed_word = [*signed("ㄱ", 0, "ㄱ"), *signed("ㅓ", 1, "ㄱㅓ")]
    changed = [text("ㄱㅓ", "가"), word("language", "가")]
    taken_back = [text("ㄱㅓ", "거"), word("wearer", "거")]
    assert page.run(_SIGNED, [*signed_word, *changed]) == [["ㄱ", 0], ["ㅓ", 1]]
    assert page.run(_SIGNED, [*signed_word, *changed, *taken_back]) == [["ㄱ", 0], ["ㅓ", 1]]
    next_word = [*signed_word, *changed, *signed("ㄴ", 2, "ㄴ"), text("ㄴ", "거 "), word("wearer", "거")]
    assert page.run(_SIGNED, next_word) == [["ㄴ", 2]]


@pytest.mark.parametrize(
    ("started", "opened", "expected"),
    [
        ({"wearer": "ada"}, "수아", "ada"),
        ({"wearer": None}, "수아", "수아"),
        (None, "수아", "수아"),
        ({"wearer": "ada"}, None, "ada"),
        (None, None, None),
    ],
)
def test_a_correction_is_an_example_of_the_wearer_of_the_glove_on_show(
    page: PageInNode, started: dict[str, Any] | None, opened: str | None, expected: str | None
) -> None:
    script = """
    const { wearerOf } = await import("./views/live/signed_letters.js");
    console.log(JSON.stringify(wearerOf(...given)));
    """
    assert page.run(script, [started, opened]) == expected
