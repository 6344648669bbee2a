"""Tests of the page's texts: every language has all of them, and codes are translated."""

from __future__ import annotations

from typing import Any

import pytest

from tests.page.conftest import Opened, OpenPage

_KEYS = """async () => {
  const { LANGUAGES, messagesIn } = await import("/i18n/index.js");
  const keys = (texts, at) => Object.entries(texts).flatMap(([key, text]) =>
    typeof text === "object" && !Array.isArray(text) ? keys(text, `${at}${key}.`) : [`${at}${key}`]);
  return LANGUAGES.map(language => keys(messagesIn(language), "").sort());
}"""

_PROBLEM = """async ([language, problem]) => {
  const { describeProblem, messagesIn } = await import("/i18n/index.js");
  return describeProblem(messagesIn(language), problem);
}"""

_REASON = """async ([language, example]) => {
  const { messagesIn } = await import("/i18n/index.js");
  const { reasonFor } = await import("/views/calibrate/labels.js");
  return reasonFor(example, messagesIn(language));
}"""

_STATUS = """async ([language, message]) => {
  const { INITIAL } = await import("/state.js");
  const { Header } = await import("/header.js");
  const { messagesIn } = await import("/i18n/index.js");
  const header = new Header([], { choose: () => {}, prefer: () => {} });
  header.setMessages(messagesIn(language), { language, theme: "light" });
  header.render({ ...INITIAL, service: "reachable", ...message }, 0);
  return document.getElementById("state-text").textContent;
}"""


@pytest.fixture
def opened(service: str, open_page: OpenPage) -> Opened:
    """Return a page without a glove."""
    return open_page(service)


def test_every_text_exists_in_every_language(opened: Opened) -> None:
    english, *others = opened.page.evaluate(_KEYS)
    assert len(english) > 100
    assert others
    for keys in others:
        assert keys == english


@pytest.mark.parametrize(
    ("language", "problem", "text"),
    [
        (
            "en",
            {"code": "unknown_wearer", "detail": "no wearer is called 'ada'"},
            "The service does not know this wearer.",
        ),
        ("ko", {"code": "unknown_wearer", "detail": "no wearer is called 'ada'"}, "서비스가 모르는 사용자예요."),
        (
            "en",
            {"code": "new_code", "detail": "the words of the service"},
            "The service answered: the words of the service",
        ),
        ("ko", {"code": "new_code", "detail": "the words of the service"}, "서비스의 응답: the words of the service"),
        ("en", {"code": "cannot_connect", "detail": ""}, "The service did not answer."),
        ("en", {"code": "toString", "detail": ""}, "The service did not answer."),
    ],
)
def test_a_problem_is_described_by_its_code(opened: Opened, language: str, problem: dict[str, str], text: str) -> None:
    assert opened.page.evaluate(_PROBLEM, [language, problem]) == text


@pytest.mark.parametrize(
    ("language", "example", "text"),
    [
        ("en", {"code": "hand_moved", "other": None, "reason": "it moved"}, "the hand moved"),
        ("ko", {"code": "sensor_dropped", "other": None, "reason": "no contact"}, "굽힘 센서가 닿지 않았어요"),
        ("en", {"code": "close_to_other", "other": "ㄴ", "reason": "close"}, "similar to your ㄴ"),
        ("ko", {"code": "close_to_other", "other": "ㄴ", "reason": "close"}, "내 ㄴ 예시와 비슷해요"),
        ("ko", {"code": "new_code", "other": None, "reason": "the words of the service"}, "the words of the service"),
        ("ko", {"reason": "an older service has no codes"}, "an older service has no codes"),
        ("en", {"code": None, "other": None, "reason": ""}, ""),
    ],
)
def test_an_example_is_described_by_the_code_of_its_quality(
    opened: Opened, language: str, example: dict[str, Any], text: str
) -> None:
    assert opened.page.evaluate(_REASON, [language, example]) == text


@pytest.mark.parametrize(
    ("language", "link", "text"),
    [
        (
            "en",
            {"code": "unplugged", "detail": "/dev/x has gone"},
            "Glove not connected, trying again: the glove is unplugged",
        ),
        (
            "ko",
            {"code": "unplugged", "detail": "/dev/x has gone"},
            "장갑 연결이 끊겨 다시 시도하고 있어요: 장갑이 빠져 있어요",
        ),
        ("en", {"code": "new_code", "detail": "its words"}, "Glove not connected, trying again: its words"),
        ("en", {"detail": ""}, "Glove not connected, trying again"),
    ],
)
def test_a_link_is_described_by_its_code(opened: Opened, language: str, link: dict[str, str], text: str) -> None:
    state = {"following": "a", "started": {}, "link": {"state": "lost", **link}}
    assert opened.page.evaluate(_STATUS, [language, state]) == text


def test_a_refused_stream_is_described_by_its_code(opened: Opened) -> None:
    state = {"refused": {"type": "error", "code": "too_many_viewers", "detail": "64 viewers are connected"}}
    text = "The service has no room for another viewer. Try again later."
    assert opened.page.evaluate(_STATUS, ["en", state]) == text
