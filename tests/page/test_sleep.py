"""Tests of a page that slept, with its computer or as a tab in the background: old data is never shown as live."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.page.conftest import OpenPage

HOUR_MS = 3_600_000

# The time of day goes on while the computer sleeps; the page's own clock does not.
_SLEEPING_CLOCK = """
window.sleptMs = 0;
const timeOfDay = Date.now;
Date.now = () => timeOfDay() + window.sleptMs;
"""

# Records each status on show.
_RECORD_STATES = """() => {
  const state = document.getElementById("state");
  window.states = [];
  new MutationObserver(() => window.states.push(state.dataset.key)).observe(state, { attributes: true });
}"""

_HIDDEN = """
Object.defineProperty(Document.prototype, "hidden", { get: () => true });
window.requestAnimationFrame = () => 0; // as in a tab in the background
"""


def test_after_sleep_the_page_connects_again(service: str, open_page: OpenPage) -> None:
    opened = open_page(service, script=_SLEEPING_CLOCK)
    page = opened.page
    page.get_by_role("button", name="Start a demo glove").click()
    opened.wait_for_state("Reading the glove")
    sockets = []
    page.on("websocket", lambda socket: sockets.append(socket.url))
    page.evaluate(_RECORD_STATES)
    page.evaluate("ms => { window.sleptMs = ms; }", HOUR_MS)
    page.wait_for_function("() => window.states.includes('ok')")
    assert page.evaluate("window.states[0]") == "connecting"  # nothing from before is called live
    assert [url for url in sockets if url.endswith("/watch")] != []
    page.evaluate("ms => { window.sleptMs = ms; }", HOUR_MS + 5000)  # a pause of a busy computer is no sleep
    before = len(sockets)
    opened.wait_for_messages(10, "prediction")
    assert len(sockets) == before
    assert opened.faults == []


def test_a_tab_in_the_background_says_that_data_is_old(service: str, open_page: OpenPage) -> None:
    sender = open_page(service)
    sender.page.get_by_role("button", name="Start a demo glove").click()
    sender.wait_for_state("Reading the glove")
    opened = open_page(service, script=_HIDDEN)
    opened.wait_for_state("Reading the glove")
    sender.page.close()
    opened.wait_for_state(re.compile("No data for|Glove disconnected|No glove"))
    expect(opened.page.get_by_test_id("letter")).to_have_text("·")
