"""Test that the page has a text for every code of docs/reference/codes.md that its users can meet."""

from __future__ import annotations

import re

import pytest

from tests.conftest import ROOT
from tests.page.conftest import OpenPage

NOT_MET = {
    "already_started", "bad_channels", "bad_message", "bad_request", "head_too_large", "http_error", "invalid_request",
    "method_not_allowed", "models_refused", "no_serial_number", "not_found", "not_started", "read_only",
    "start_timeout", "unknown_person", "unsupported_media_type", "usb_taken",
    # Of folders and of Python; in what the page reads they are shown by its charts, or by its fields.
    "angle_wrapped", "channel_missing", "continuous", "flex_dropped", "gap", "label_differs", "quotes",
    "repetition_twice", "repetitions", "short", "unreadable",
}  # fmt: skip
"""Codes of requests and messages that the page does not send; it would show the service's own words."""

SECTIONS = {
    "Errors of the service": "problems",
    "Refused commands": "problems",
    "The link to the glove": "live.linkReasons",
    "Findings of a glove's check": "gloves.findings",
    "Steps of a glove's check": "gloves.steps",
    "Examples of a wearer": "calibrate.reasons",
    "What is odd about a glove": "live.notices",
    "Recordings that are refused": "recordings.readErrors",
    "Repairs of recordings": "recordings.repairs",
}

_TEXTS = """async path => {
  const { LANGUAGES, messagesIn } = await import("/i18n/index.js");
  const textsIn = language => path.split(".").reduce((texts, key) => texts[key], messagesIn(language));
  return LANGUAGES.map(language => Object.keys(textsIn(language)));
}"""


@pytest.mark.parametrize(("section", "texts"), SECTIONS.items())
def test_every_documented_code_has_a_text(service: str, open_page: OpenPage, section: str, texts: str) -> None:
    page = (ROOT / "docs" / "reference" / "codes.md").read_text("utf-8")
    (listed,) = re.findall(rf"^## {section}\n(.*?)(?=^## |\Z)", page, re.MULTILINE | re.DOTALL)
    codes = set(re.findall(r"^\| `(\w+)`", listed, re.MULTILINE))
    assert codes
    for translated in open_page(service).page.evaluate(_TEXTS, texts):
        assert codes - NOT_MET <= set(translated)
